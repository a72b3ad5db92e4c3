using CriticalMinerals.Ledger;
using Npgsql;

namespace CriticalMinerals.Service.Log;

/// <summary>
/// The Merkle tree as it lies in the database: full tiles in <c>tile</c>, the rest in <c>leaf</c>. Partial tiles are put together on reading. What comes
/// back is checked by whoever uses it, against a root.
/// </summary>
public sealed class TreeStore(NpgsqlDataSource database)
{
    /// <summary>The committed tree: one row, the same for every node.</summary>
    public async Task<CommittedTree?> CommittedAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select origin, pin_id, size, root, committed_at from ledger.state");
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel)
            ? new CommittedTree(row.GetString(0), row.GetGuid(1), row.GetInt64(2), new Digest(row.GetFieldValue<byte[]>(3)), row.GetFieldValue<DateTimeOffset>(4))
            : null;
    }

    /// <summary>Writes the row of an empty log; nothing when another node was first.</summary>
    public async Task CreateAsync(string origin, Guid pinId, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            "insert into ledger.state (one, origin, pin_id, size, root, edge, committed_at) values (true, $1, $2, 0, $3, $4, $5) on conflict do nothing");
        command.Parameters.Add(new() { Value = origin });
        command.Parameters.Add(new() { Value = pinId });
        command.Parameters.Add(new() { Value = MerkleTree.EmptyRoot.ToArray() });
        command.Parameters.Add(new() { Value = RightEdge.Empty.ToArray() });
        command.Parameters.Add(new() { Value = now.ToUniversalTime() });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The hashes of a tile; shorter than the tile when the log has not come so far.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> TileAsync(Tile tile, CancellationToken cancel)
    {
        if (tile.IsFull)
        {
            await using var full = database.CreateCommand("select hashes from ledger.tile where level = $1 and n = $2");
            full.Parameters.Add(new() { Value = (short)tile.Level });
            full.Parameters.Add(new() { Value = (long)tile.Index });
            if (await full.ExecuteScalarAsync(cancel) is byte[] hashes)
            {
                return hashes;
            }
        }

        var first = (long)(tile.Index * Tile.FullWidth);
        await using var parts = tile.Level == 0
            ? database.CreateCommand("select hash from ledger.leaf where index >= $1 and index < $2 order by index")
            : database.CreateCommand("select hashes from ledger.tile where level = $3 and n >= $1 and n < $2 order by n");
        parts.Parameters.Add(new() { Value = first });
        parts.Parameters.Add(new() { Value = first + tile.Width });
        if (tile.Level > 0)
        {
            parts.Parameters.Add(new() { Value = (short)(tile.Level - 1) });
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

    /// <summary>Makes proofs for trees up to a size that is committed.</summary>
    public TileReader Reader(long size) => new((ulong)size, TileAsync);
}

/// <summary>How far the log is in the database.</summary>
/// <param name="Origin">Its name.</param>
/// <param name="PinId">The id that the pin carries too.</param>
/// <param name="Size">Entries committed.</param>
/// <param name="Root">Their root as the writer computed it.</param>
/// <param name="At">Commit time of the last batch; never goes back.</param>
public sealed record CommittedTree(string Origin, Guid PinId, long Size, Digest Root, DateTimeOffset At);
