using System.Net;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>What auditors and witnesses pull: checkpoints, tiles, bundles; and what is closed to them.</summary>
public sealed class PublicFiles(PostgresServer postgres, SharedWorld shared)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_checkpoint_never_goes_back_and_each_goes_on_from_the_one_before_while_two_nodes_write()
    {
        var world = await shared.GetAsync(postgres);
        var miner = await world.AnAsync(Role.Miner);
        var writing = Task.WhenAll(Enumerable.Range(0, 2).Select(async node =>
        {
            for (var round = 0; round < 40; round++)
            {
                await world.AdmitAsync([.. Enumerable.Range(0, 5).Select(_ => world.Says.Extracts(miner, Author.Uuid()))], node);
            }
        }));

        var seen = (await Task.WhenAll(Enumerable.Range(0, 4).Select(async poller =>
        {
            var mine = new List<(ulong Size, Digest Root, string Note)>();
            for (var ask = poller; !writing.IsCompleted || ask < 8; ask++)
            {
                var checkpoint = await world.CheckpointAsync(0, ask % 2);
                Assert.True(mine.Count == 0 || mine[^1].Size <= checkpoint.Size, "The checkpoint went back.");
                mine.Add(checkpoint);
            }

            return mine;
        }))).SelectMany(c => c).Distinct().OrderBy(c => c.Size).ToArray();
        await writing;

        var size = await world.AskAsync<long>("select size from ledger.state");
        seen = [.. seen, await world.CheckpointAsync(size)];
        Assert.True(seen.Length > 1);
        var tiles = world.Tiles(seen[^1].Size);
        foreach (var (before, after) in seen.Zip(seen.Skip(1)))
        {
            var (proof, fault) = await tiles.ConsistencyAsync(before.Size, after.Size, Cancel);
            Assert.True(proof is not null, fault?.Detail);
            Assert.Null(proof.Verify(before.Root, after.Root));
        }
    }

    [Fact]
    public async Task Proofs_made_from_the_served_tiles_verify_around_the_edges_of_full_tiles()
    {
        var world = await shared.GetAsync(postgres);
        var miner = await world.AnAsync(Role.Miner);
        ulong[] sizes = World.IsFullSize ? [1, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_000] : [1, 255, 256, 257, 511, 512, 513, 520];
        while (await world.AskAsync<long>("select size from ledger.state") < (long)sizes[^1])
        {
            await world.AdmitAsync([.. Enumerable.Range(0, 500).Select(_ => world.Says.Extracts(miner, Author.Uuid()))]);
        }

        var (published, root, _) = await world.CheckpointAsync((long)sizes[^1]);
        var whole = world.Tiles(published, node: 1);
        foreach (var size in sizes)
        {
            // Partial tiles of an older size are served as well as the full ones of today.
            var tiles = world.Tiles(size);
            var (edge, _) = await tiles.EdgeAsync(size, Cancel);
            var leaves = await LeavesAsync(world, size);
            Assert.Equal(MerkleTree.Root(leaves), edge!.Root());
            foreach (var index in new[] { 0UL, size / 2, size - 1 })
            {
                var (proof, _) = await tiles.InclusionAsync(index, size, Cancel);
                Assert.Null(proof!.Verify(leaves[(int)index], edge.Root()));
            }

            var (consistency, _) = await whole.ConsistencyAsync(size, published, Cancel);
            Assert.Null(consistency!.Verify(edge.Root(), root));
        }
    }

    [Theory]
    [InlineData("tile/0")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/0000")]
    [InlineData("tile/00/000")]
    [InlineData("tile/8/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/x000/000")]
    [InlineData("tile/0/999")]
    [InlineData("tile/0/x999/x999/999")]
    [InlineData("tile/7/000")]
    [InlineData("tile/entries/999")]
    [InlineData("tile/entries/000.p/0")]
    [InlineData("tile/entries/..%2F..%2Fpin")]
    public async Task A_path_of_no_tile_is_404(string path)
    {
        var world = await shared.GetAsync(postgres);
        using var response = await world.Http().GetAsync("/" + path, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Without_public_entries_bundles_and_closed_chains_are_closed_and_everything_else_is_open()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false);
        var lot = await world.ALotAsync();
        var battery = await world.ABatteryOnTheMarketAsync();
        var size = await world.AskAsync<long>("select size from ledger.state");
        await world.CheckpointAsync(size);

        Assert.Equal("403 entries-closed", await AskAsync(world, $"/tile/entries/000.p/{size}"));
        Assert.Equal("404 not-found", await AskAsync(world, $"/entries/{lot.Entry.LeafHash}"));
        Assert.Equal("404 not-found", await AskAsync(world, $"/entries/{lot.Entry.LeafHash}/receipt"));
        Assert.Equal("404 not-found", await AskAsync(world, $"/head?sub={lot.Entry.Subject}"));
        Assert.Equal("404 not-found", await AskAsync(world, $"/head?sub={Author.Uuid()}"));
        Assert.Equal("404 not-found", await AskAsync(world, $"/entries/{Digest.Zero}"));
        Assert.Equal("404 not-found", await AskAsync(world, "/entries/nothing"));
        Assert.Equal("200", await AskAsync(world, $"/tile/0/000.p/{size}"));
        Assert.Equal("200", await AskAsync(world, $"/entries/{battery.Entry.LeafHash}"));
        Assert.Equal("200", await AskAsync(world, $"/entries/{battery.Entry.LeafHash}/receipt"));
        Assert.Equal("200", await AskAsync(world, $"/head?sub={battery.Entry.Subject}"));
        Assert.Equal("200", await AskAsync(world, $"/head?sub={Uri.EscapeDataString(world.Says.LogChain)}"));

        // A retry by the signer is answered all the same.
        Assert.Equal(200, (await world.PostAsync(lot)).Status);
    }

    private static async Task<string> AskAsync(World world, string path)
    {
        using var response = await world.Http().GetAsync(path, Cancel);
        if (response.IsSuccessStatusCode)
        {
            return ((int)response.StatusCode).ToString();
        }

        using var json = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
        return $"{(int)response.StatusCode} {json.RootElement.GetProperty("code").GetString()}";
    }

    /// <summary>Leaf hashes from the served entries, not from the served hashes.</summary>
    private static async Task<Digest[]> LeavesAsync(World world, ulong size)
    {
        var leaves = new List<Digest>();
        for (ulong n = 0; Tile.At(0, n, size) is { } tile; n++)
        {
            var bundle = await world.Http(1).GetByteArrayAsync("/" + tile.EntriesPath, Cancel);
            for (var at = 0; at < bundle.Length;)
            {
                var length = (bundle[at] << 8) + bundle[at + 1];
                leaves.Add(Digest.OfLeaf(bundle.AsSpan(at + 2, length)));
                at += 2 + length;
            }
        }

        return [.. leaves];
    }
}
