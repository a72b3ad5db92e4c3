using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Opening;
using Npgsql;

namespace CriticalMinerals.Service.Log;

/// <summary>
/// The Merkle tree as it lies in the database: full tiles in <c>tile</c>, the rest in <c>leaf</c>. Partial tiles are put together on reading. What comes
/// back is checked by whoever uses it, against a root.
/// </summary>
public sealed class TreeStore(NpgsqlDataSource database)
{
    private IReadOnlyList<EndedTree>? _ended;

    /// <summary>The committed tree: one row, the same for every node.</summary>
    public async Task<CommittedTree?> CommittedAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select origin, pin_id, size, root, committed_at from ledger.state");
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel)
            ? new CommittedTree(row.GetString(0), row.GetGuid(1), row.GetInt64(2), new Digest(row.GetFieldValue<byte[]>(3)), row.GetFieldValue<DateTimeOffset>(4))
            : null;
    }

    /// <summary>Whether entries stand in the database, of whatever log.</summary>
    public async Task<bool> HoldsEntriesAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select exists (select from ledger.leaf)");
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>The last signed checkpoint of an ended log; null when it is not kept.</summary>
    public async Task<SignedNote?> NoteAsync(EndedTree ended, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select note from ledger.checkpoint where size = $1");
        command.Parameters.Add(new() { Value = ended.Last });
        return await command.ExecuteScalarAsync(cancel) is string note ? SignedNote.Parse(note, out _) : null;
    }

    /// <summary>Writes the row of an empty log; nothing when another node was first.</summary>
    public async Task CreateAsync(string origin, Guid pinId, DateTimeOffset now, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await CreateAsync(connection, origin, pinId, now, cancel);
    }

    /// <summary>The same in a transaction of the caller's.</summary>
    public static async Task CreateAsync(NpgsqlConnection connection, string origin, Guid pinId, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "insert into ledger.state (one, origin, pin_id, size, root, edge, committed_at) values (true, $1, $2, 0, $3, $4, $5) on conflict do nothing", connection);
        command.Parameters.Add(new() { Value = origin });
        command.Parameters.Add(new() { Value = pinId });
        command.Parameters.Add(new() { Value = MerkleTree.EmptyRoot.ToArray() });
        command.Parameters.Add(new() { Value = RightEdge.Empty.ToArray() });
        command.Parameters.Add(new() { Value = now.ToUniversalTime() });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// The ended logs whose entries stand below index 0, the oldest first: each begins with its opening and ends where the next begins. Empty for a log that
    /// began by itself.
    /// </summary>
    public async Task<IReadOnlyList<EndedTree>> EndedAsync(CancellationToken cancel)
    {
        // What is below 0 was written before the first start and never changes.
        if (_ended is null)
        {
            await using var command = database.CreateCommand($"select sub, opened from ledger.chain where kind = {(short)ChainKind.Log} and opened < 0 order by opened");
            var found = new List<(string Origin, long First)>();
            await using var row = await command.ExecuteReaderAsync(cancel);
            while (await row.ReadAsync(cancel))
            {
                found.Add((row.GetString(0)[Names.LogChain("").Length..], row.GetInt64(1)));
            }

            _ended = [.. found.Select((log, i) => new EndedTree(log.Origin, log.First, (i + 1 < found.Count ? found[i + 1].First : 0) - log.First, found.Count - 1 - i))];
        }

        return _ended;
    }

    /// <summary>Index of the oldest entry: 0, or below it where the log goes on from others.</summary>
    public async Task<long> FirstAsync(CancellationToken cancel) => await EndedAsync(cancel) is [var oldest, ..] ? oldest.First : 0;

    /// <summary>The log that this one's opening has to name; null for a log that begins by itself.</summary>
    public async Task<Predecessor?> PredecessorAsync(CancellationToken cancel)
    {
        if (await EndedAsync(cancel) is not [.., var last])
        {
            return null;
        }

        var (edge, fault) = await Reader(last).EdgeAsync((ulong)last.Size, cancel);
        return edge is null ? throw new InvalidDataException(fault!.Detail) : new Predecessor { Origin = last.Origin, Size = last.Size, Root = edge.Root().ToString() };
    }

    /// <summary>The hashes of a tile; shorter than the tile when the log has not come so far.</summary>
    public ValueTask<ReadOnlyMemory<byte>> TileAsync(Tile tile, CancellationToken cancel) => TileAsync(tile, null, cancel);

    /// <summary>Makes proofs for the tree of an ended log.</summary>
    public TileReader Reader(EndedTree ended) => new((ulong)ended.Size, (tile, cancel) => TileAsync(tile, ended, cancel));

    /// <summary>Makes proofs for trees up to a size that is committed.</summary>
    public TileReader Reader(long size) => new((ulong)size, TileAsync);

    private async ValueTask<ReadOnlyMemory<byte>> TileAsync(Tile tile, EndedTree? ended, CancellationToken cancel)
    {
        short Level(int level) => ended?.LevelOf(level) ?? (short)level;
        if (tile.IsFull)
        {
            await using var full = database.CreateCommand("select hashes from ledger.tile where level = $1 and n = $2");
            full.Parameters.Add(new() { Value = Level(tile.Level) });
            full.Parameters.Add(new() { Value = (long)tile.Index });
            if (await full.ExecuteScalarAsync(cancel) is byte[] hashes)
            {
                return hashes;
            }
        }

        var first = (long)(tile.Index * Tile.FullWidth) + (tile.Level == 0 ? ended?.First ?? 0 : 0);
        await using var parts = tile.Level == 0
            ? database.CreateCommand("select hash from ledger.leaf where index >= $1 and index < $2 order by index")
            : database.CreateCommand("select hashes from ledger.tile where level = $3 and n >= $1 and n < $2 order by n");
        parts.Parameters.Add(new() { Value = first });
        parts.Parameters.Add(new() { Value = first + tile.Width });
        if (tile.Level > 0)
        {
            parts.Parameters.Add(new() { Value = Level(tile.Level - 1) });
        }

        var content = new List<Digest>(tile.Width);
        await using var rows = await parts.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            var bytes = rows.GetFieldValue<byte[]>(0);
            content.Add(tile.Level == 0 ? new Digest(bytes) : MerkleTree.Root(new Tile(tile.Level - 1, 0, Tile.FullWidth).Read(bytes) ?? throw new InvalidDataException($"A stored tile of level {tile.Level - 1} has {bytes.Length} bytes.")));
        }

        return Tile.Join([.. content]);
    }
}

/// <summary>The tree of an ended log that this one goes on from: its entry i has the index First + i, below 0.</summary>
/// <param name="Origin">The log's name.</param>
/// <param name="First">Index of its first entry.</param>
/// <param name="Size">Its entries.</param>
/// <param name="Number">0 for the log that this one follows, 1 for the one before, ...</param>
public sealed record EndedTree(string Origin, long First, long Size, int Number)
{
    /// <summary>Index of its last entry; its checkpoint is kept under this, where those of the log itself stand under their sizes.</summary>
    public long Last => First + Size - 1;

    /// <summary>Where its tiles of a level are kept: below 0.</summary>
    public short LevelOf(int level) => (short)(-1 - ((Tile.MaxLevel + 1) * Number) - level);
}

/// <summary>How far the log is in the database.</summary>
/// <param name="Origin">Its name.</param>
/// <param name="PinId">The id that the pin carries too.</param>
/// <param name="Size">Entries committed.</param>
/// <param name="Root">Their root as the writer computed it.</param>
/// <param name="At">Commit time of the last batch; never goes back.</param>
public sealed record CommittedTree(string Origin, Guid PinId, long Size, Digest Root, DateTimeOffset At);
