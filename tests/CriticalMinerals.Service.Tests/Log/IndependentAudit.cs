using System.Data;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>
/// Derives a whole log again from its stored bytes and holds everything beside them against it: rows, states, checkpoints, receipts, tiles, bundles. The tree
/// is RFC 6962 section 2.1 written down once more, by its recursive definition; the rules are those of <see cref="LedgerReplay"/>.
/// </summary>
public static class IndependentAudit
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private sealed record Row(long Index, byte[] Hash, string Chain, long Sequence, DateTime At, byte[] Leaf, string[] Disclosures);

    /// <summary>Audits everything acknowledged so far; returns the number of entries.</summary>
    public static async Task<long> AcceptsAsync(World world, int node = 0)
    {
        // First, because the log may go on growing meanwhile: what was acknowledged by now must be in what is read next.
        var acknowledged = world.Acknowledged.ToArray();
        await using var connection = new NpgsqlConnection(world.OwnerConnection);
        await connection.OpenAsync(Cancel);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, Cancel);
        var rows = await RowsAsync(connection);
        var tree = new NaiveTree([.. rows.Select(r => r.Hash)]);

        var jsonOfLeaf = CheckLeaves(rows, world.Says.Origin);
        CheckChains(rows, jsonOfLeaf);
        await CheckTablesAsync(connection, rows, tree);
        CheckReceipts(world, acknowledged, rows, tree);
        await CheckCheckpointsAsync(connection, world, tree);
        Replay(world, rows, tree, withDisclosures: true);
        Replay(world, rows, tree, withDisclosures: false);
        await snapshot.CommitAsync(Cancel);
        await CheckPublicFilesAsync(world, node, rows, tree);
        return rows.Count;
    }

    private static async Task<List<Row>> RowsAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            """
            select l.index, l.hash, l.chain, l.seq, l.committed_at, e.bdata,
              array(select d.text from ledger.disclosure d where d.leaf_index = l.index order by d.ordinal)
            from ledger.leaf l left join ledger.mt_events e on e.stream_id = l.chain and e.version = l.seq + 1 order by l.index
            """,
            connection) { CommandTimeout = 600 };
        var rows = new List<Row>();
        await using var read = await command.ExecuteReaderAsync(Cancel);
        while (await read.ReadAsync(Cancel))
        {
            Assert.False(read.IsDBNull(5), $"Entry {read.GetInt64(0)} has no bytes.");
            rows.Add(new Row(
                read.GetInt64(0), read.GetFieldValue<byte[]>(1), read.GetString(2), read.GetInt64(3), read.GetDateTime(4), read.GetFieldValue<byte[]>(5), read.GetFieldValue<string[]>(6)));
        }

        return rows;
    }

    private static List<JsonElement> CheckLeaves(List<Row> rows, string origin)
    {
        var payloads = new List<JsonElement>(rows.Count);
        var (hashes, ids) = (new HashSet<string>(), new HashSet<string>());
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            Assert.Equal(i, row.Index);
            Assert.Equal(NaiveTree.LeafHash(row.Leaf), row.Hash);
            Assert.True(hashes.Add(Convert.ToHexString(row.Hash)), $"Entry {i} stands twice.");
            Assert.True(i == 0 || rows[i - 1].At <= row.At, $"Entry {i} was committed before the one under it.");
            var parts = Encoding.ASCII.GetString(row.Leaf).Split('.');
            using var header = JsonDocument.Parse(Bytes(parts[0]));
            using var payload = JsonDocument.Parse(Bytes(parts[1]));
            var said = payload.RootElement.Clone();
            Assert.True(ids.Add($"{header.RootElement.GetProperty("kid").GetString()} {said.GetProperty("jti").GetString()}"), $"Entry {i} uses an id again.");
            Assert.Equal(origin, said.GetProperty("aud").GetString());
            Assert.Equal((row.Chain, row.Sequence), (said.GetProperty("sub").GetString(), said.GetProperty("seq").GetInt64()));
            payloads.Add(said);
        }

        return payloads;
    }

    private static void CheckChains(List<Row> rows, List<JsonElement> payloads)
    {
        var heads = new Dictionary<string, (long Sequence, byte[] Hash)>();
        foreach (var row in rows)
        {
            var previous = Bytes(payloads[(int)row.Index].GetProperty("prv").GetString()!);
            var (sequence, hash) = heads.TryGetValue(row.Chain, out var head) ? (head.Sequence + 1, head.Hash) : (0, new byte[32]);
            Assert.Equal(sequence, row.Sequence);
            Assert.Equal(hash, previous);
            heads[row.Chain] = (row.Sequence, row.Hash);
        }
    }

    private static async Task CheckTablesAsync(NpgsqlConnection connection, List<Row> rows, NaiveTree tree)
    {
        await using var ask = new NpgsqlCommand("select size, root from ledger.state; select count(*) from ledger.mt_events where stream_id <> 'mt_tombstone'; select sub, seq, head from ledger.chain; select level, n, hashes from ledger.tile", connection);
        await using var read = await ask.ExecuteReaderAsync(Cancel);
        Assert.True(await read.ReadAsync(Cancel));
        Assert.Equal(rows.Count, read.GetInt64(0));
        Assert.Equal(tree.Root(rows.Count), read.GetFieldValue<byte[]>(1));

        // Each leaf has its event; as many events as leaves, and none stands without a leaf. Marten fills the numbers of a rolled back append with empty events
        // of a stream of their own.
        await read.NextResultAsync(Cancel);
        await read.ReadAsync(Cancel);
        Assert.Equal(rows.Count, read.GetInt64(0));

        var last = rows.GroupBy(r => r.Chain).ToDictionary(g => g.Key, g => g.MaxBy(r => r.Sequence)!);
        await read.NextResultAsync(Cancel);
        var chains = 0;
        for (; await read.ReadAsync(Cancel); chains++)
        {
            var head = last[read.GetString(0)];
            Assert.Equal(head.Sequence, read.GetInt64(1));
            Assert.Equal(head.Hash, read.GetFieldValue<byte[]>(2));
        }

        Assert.Equal(last.Count, chains);
        await read.NextResultAsync(Cancel);
        var tiles = 0;
        for (; await read.ReadAsync(Cancel); tiles++)
        {
            Assert.Equal(tree.Tile(read.GetInt16(0), read.GetInt64(1), 256), read.GetFieldValue<byte[]>(2));
        }

        Assert.Equal((rows.Count / 256) + (rows.Count / 65_536), tiles);
    }

    private static void CheckReceipts(World world, IEnumerable<(SignedEntry Signed, long Index, string? Receipt)> acknowledged, List<Row> rows, NaiveTree tree)
    {
        foreach (var (signed, index, receipt) in acknowledged)
        {
            Assert.True(index < rows.Count, $"Entry {index} was acknowledged and is lost.");
            Assert.Equal(signed.Entry.Leaf.ToArray(), rows[(int)index].Leaf);
            if (receipt is not null)
            {
                // C2SP tlog-proof: header, index, hashes, an empty line, the checkpoint.
                var gap = receipt.IndexOf("\n\n", StringComparison.Ordinal);
                var lines = receipt[..gap].Split('\n');
                Assert.Equal("c2sp.org/tlog-proof@v1", lines[0]);
                Assert.Equal($"index {index}", lines[1]);
                var size = CheckNote(world, receipt[(gap + 2)..], tree);
                Assert.Equal(tree.Path((int)index, size), lines[2..].Select(Convert.FromBase64String));
            }
        }
    }

    private static async Task CheckCheckpointsAsync(NpgsqlConnection connection, World world, NaiveTree tree)
    {
        await using var ask = new NpgsqlCommand("select size, note from ledger.checkpoint", connection);
        await using var read = await ask.ExecuteReaderAsync(Cancel);
        while (await read.ReadAsync(Cancel))
        {
            Assert.Equal(read.GetInt64(0), CheckNote(world, read.GetString(1), tree));
        }
    }

    // C2SP signed-note with one Ed25519 line: origin, size, root; an empty line; em dash, name, base64 of 4 bytes of key id and 64 of signature.
    private static int CheckNote(World world, string note, NaiveTree tree)
    {
        var gap = note.IndexOf("\n\n", StringComparison.Ordinal);
        var text = note[..(gap + 1)];
        var lines = text.Split('\n');
        Assert.Equal(world.Says.Origin, lines[0]);
        var size = int.Parse(lines[1]);
        Assert.True(size <= tree.Size, $"Size {size} was signed, {tree.Size} entries are stored.");
        Assert.Equal(tree.Root(size), Convert.FromBase64String(lines[2]));
        var signature = Convert.FromBase64String(note[(gap + 2)..].TrimEnd('\n').Split(' ')[2]);
        Assert.True(world.Says.LogKey.Key.VerifyingKey.Verify(Encoding.UTF8.GetBytes(text), signature.AsSpan(4)), $"The checkpoint of size {size} is not signed by the log.");
        return size;
    }

    private static void Replay(World world, List<Row> rows, NaiveTree tree, bool withDisclosures)
    {
        var replay = new LedgerReplay(world.Says.Origin);
        foreach (var row in rows)
        {
            var rejection = replay.Add(row.Leaf, withDisclosures ? row.Disclosures : null);
            Assert.True(rejection is null, $"Entry {row.Index}: {rejection}");
        }

        Assert.Equal(tree.Root(rows.Count), replay.Root.ToArray());
        Assert.True(!withDisclosures || replay.WithheldDisclosures == 0, "Disclosures are lost.");
    }

    private static async Task CheckPublicFilesAsync(World world, int node, List<Row> rows, NaiveTree tree)
    {
        // Published by now, but perhaps not yet up to the last row: files of the published tree, held against the rows.
        var (published, root, _) = await world.CheckpointAsync(0, node);
        var size = (int)Math.Min(published, (ulong)rows.Count);
        if (published <= (ulong)rows.Count)
        {
            Assert.Equal(tree.Root(size), root.ToArray());
        }

        foreach (var tile in Ledger.Tile.AllOf((ulong)size))
        {
            Assert.Equal(tree.Tile(tile.Level, (long)tile.Index, tile.Width), await world.Http(node).GetByteArrayAsync("/" + tile.Path, Cancel));
            if (tile.Level == 0)
            {
                var bundle = await world.Http(node).GetByteArrayAsync("/" + tile.EntriesPath, Cancel);
                var expected = rows.Skip((int)tile.Index * 256).Take(tile.Width).SelectMany(r => (byte[])[(byte)(r.Leaf.Length >> 8), (byte)(r.Leaf.Length & 0xFF), .. r.Leaf]);
                Assert.Equal(expected, bundle);
            }
        }
    }

    private static byte[] Bytes(string base64Url) =>
        Convert.FromBase64String(base64Url.Replace('-', '+').Replace('_', '/').PadRight((base64Url.Length + 3) / 4 * 4, '='));

    /// <summary>MTH and PATH of RFC 6962 sections 2.1 and 2.1.1, word for word; whole subtrees are remembered.</summary>
    private sealed class NaiveTree(byte[][] leaves)
    {
        private readonly Dictionary<(int From, int To), byte[]> _known = [];

        public int Size => leaves.Length;

        public static byte[] LeafHash(byte[] leaf) => SHA256.HashData([0, .. leaf]);

        public byte[] Root(int size) => Hash(0, size);

        public List<byte[]> Path(int leaf, int size) => Path(leaf, 0, size);

        public byte[] Tile(int level, long n, int width) =>
            [.. Enumerable.Range(0, width).SelectMany(i => Hash(checked((int)((n * 256) + i) << (8 * level)), checked((int)((n * 256) + i + 1) << (8 * level))))];

        private byte[] Hash(int from, int to)
        {
            if (to - from < 2)
            {
                return to == from ? SHA256.HashData([]) : leaves[from];
            }

            if (!_known.TryGetValue((from, to), out var hash))
            {
                var split = from + Split(to - from);
                hash = SHA256.HashData([1, .. Hash(from, split), .. Hash(split, to)]);
                _known[(from, to)] = hash;
            }

            return hash;
        }

        private List<byte[]> Path(int leaf, int from, int to)
        {
            if (to - from == 1)
            {
                return [];
            }

            var split = from + Split(to - from);
            return leaf < split ? [.. Path(leaf, from, split), Hash(split, to)] : [.. Path(leaf, split, to), Hash(from, split)];
        }

        // The largest power of two smaller than n.
        private static int Split(int n)
        {
            var k = 1;
            while (k * 2 < n)
            {
                k *= 2;
            }

            return k;
        }
    }
}
