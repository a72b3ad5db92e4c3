using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Callers;

/// <summary>With a cache for all between the service and its readers, nobody gets what was made for somebody else, also when the cache knows nothing of tokens.</summary>
public sealed class SharedCache(PostgresServer postgres, ClosedWorld closed)
{
    [Theory]
    [InlineData("careful", 1), InlineData("careful", 2), InlineData("naive", 1), InlineData("naive", 2), InlineData("naive", 3), InlineData("naive", 4)]
    public async Task In_whatever_order_readers_come_each_gets_what_is_for_him(string kind, int seed)
    {
        var world = await closed.GetAsync(postgres);
        await using var cache = kind == "naive" ? await CacheInFront.NaiveAsync(world.Node().Address) : await CacheInFront.CarefulAsync(world.Node().Address);
        var (wrong, asked) = await ReadAllAsync(world, cache, seed);
        Assert.Empty(wrong);

        // It did keep something, so that there was something to mix up.
        Assert.True(cache.Asked < asked || cache.Renewed > 0, $"All {asked} went through.");
    }

    [Fact]
    public async Task A_cache_that_does_not_get_the_services_headers_shows_restricted_data_to_the_public_so_this_test_would_see_it()
    {
        var world = await closed.GetAsync(postgres);
        await using var cache = await CacheInFront.NaiveAsync(world.Node().Address, isDeaf: true);
        var (wrong, _) = await ReadAllAsync(world, cache, seed: 1);
        Assert.Contains(wrong, w => w.StartsWith("public ", StringComparison.Ordinal) && w.Contains("RU", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Everybody_who_asks_without_a_token_gets_the_same_bytes_from_every_node_and_through_every_cache()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        await using var careful = await CacheInFront.CarefulAsync(world.Node(1).Address);
        await using var naive = await CacheInFront.NaiveAsync(world.Node(0).Address);
        var at = $"?at={(await world.CheckpointAsync(await world.AskAsync<long>("select size from ledger.state"))).Size}";
        await world.CheckpointAsync(await world.AskAsync<long>("select size from ledger.state"), node: 1);
        var answers = new List<Heard>();
        foreach (var http in (HttpClient[])[world.Http(), world.Http(1), careful.Http, naive.Http, naive.Http])
        {
            answers.Add(await http.SendAsync(battery.Path + at, HttpMethod.Get, ("Accept", "application/json")));
            answers.Add(await http.SendAsync(battery.Path + at, HttpMethod.Get, ("Accept", "application/json"), (Service.Callers.PurposeHeader, "repairer")));
            answers.Add(await http.SendAsync(battery.Path + at, HttpMethod.Get, ("Accept", "application/json"), ("Cookie", "session=1"), ("Accept-Language", "de")));
        }

        Assert.All(answers, answer => Assert.Equal(("200", answers[0].Text, answers[0].Header("ETag")), (answer.ToString(), answer.Text, answer.Header("ETag"))));
        Assert.All(answers, answer => Assert.Equal(Digest.Sha256(answer.Body).ToString(), answer.Header("Battery-Passport-Version")));
    }

    [Fact]
    public async Task Whoever_has_the_public_answer_is_spared_it_through_the_cache_and_a_token_spares_nothing()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        await using var cache = await CacheInFront.NaiveAsync(world.Node().Address);
        var first = await cache.Http.SendAsync(battery.Path, HttpMethod.Get, ("Accept", "application/json"));
        var again = await cache.Http.SendAsync(battery.Path, HttpMethod.Get, ("Accept", "application/json"), ("If-None-Match", first.Header("ETag")!));
        Assert.Equal(("304", 1), (again.ToString(), cache.Renewed));

        // What was for somebody has no tag, and the public's tag does not stand for it.
        var repairer = await world.AnAsync(Role.Repairer);
        var restricted = await cache.Http.SendAsync(
            battery.Path, HttpMethod.Get, ("Accept", "application/json"), ("If-None-Match", first.Header("ETag")!),
            ("Authorization", $"Bearer {world.Token(repairer, battery.Path, purpose: "repairer")}"));
        Assert.Equal(("200", "RU", (string?)null), (restricted.ToString(), battery.Shown(restricted), restricted.Header("ETag")));

        // A change of the battery is seen by the next who asks.
        await world.AdmitAsync(world.Says.Sign(battery.Maker, "put-into-service.v1", battery.Name, new JsonObject { ["application"] = "vehicle" }));
        var changed = await cache.Http.SendAsync(battery.Path, HttpMethod.Get, ("Accept", "application/json"), ("If-None-Match", first.Header("ETag")!));
        Assert.Equal("200", changed.ToString());
        Assert.NotEqual(first.Text, changed.Text);
    }

    [Fact]
    public async Task Readers_of_several_languages_share_one_kept_answer()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        await using var cache = await CacheInFront.NaiveAsync(world.Node().Address);
        foreach (var language in (string[])["de", "fr-BE, nl;q=0.5", "en"])
        {
            Assert.Equal("200", (await cache.Http.SendAsync(battery.Path, HttpMethod.Get, ("Accept", "text/html"), ("Accept-Language", language))).ToString());
        }

        Assert.Equal(2, cache.Renewed);
    }

    /// <summary>Every reader asks for everything, twice, in an order of its own: what was not as it should be, and how often was asked.</summary>
    private async Task<(IReadOnlyList<string> Wrong, int Asked)> ReadAllAsync(World world, CacheInFront cache, int seed)
    {
        var battery = await MarkedBattery.MakeAsync(world);
        var lot = await world.ALotAsync();
        var (miner, repairer, authority, auditor) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.Repairer), await world.AnAsync(Role.PublicAuthority), await world.AnAsync(Role.Auditor));
        var person = await closed.Issuer.TokenAsync(("sub", "anna"), ("right", "repairer"), ("right", "market-surveillance"));
        var entry = $"/entries/{lot.Entry.LeafHash}";
        var open = $"/entries/{battery.Made.Entry.LeafHash}";
        var index = world.Acknowledged.Single(a => a.Signed.Entry.LeafHash == lot.Entry.LeafHash).Index;
        var (size, _, _) = await world.CheckpointAsync(index + 1);
        var tile = "/" + Tile.At(0, (ulong)index / 256, size)!.Value.EntriesPath;

        // Who asks, what is to be seen of the battery, and the status of the document, of the closed entry and of the bundle of entries.
        (string Who, Func<string, (string, string)[]> Headers, string Sees, string Document, string Entry, string Bundle)[] readers =
        [
            ("public", _ => [], "", "403 attachment-restricted", "404 not-found", "403 entries-closed"),
            ("repairer", path => By(repairer, path, "repairer"), "RU", "200", "404 not-found", "403 entries-closed"),
            ("responsible", path => By(battery.Maker, path, null), "CRU", "200", "404 not-found", "403 entries-closed"),
            ("authority", path => By(authority, path, "market-surveillance"), "CR", "200", "404 not-found", "403 entries-closed"),
            ("auditor", path => By(auditor, path, "auditor"), "", "403 attachment-restricted", "200", "200"),
            ("miner", path => By(miner, path, null), "", "403 attachment-restricted", "200", "403 entries-closed"),
            ("person", _ => [("Authorization", $"Bearer {person}")], "", "403 attachment-restricted", "404 not-found", "403 entries-closed"),
            ("person repairing", _ => [("Authorization", $"Bearer {person}"), (Service.Callers.PurposeHeader, "repairer")], "RU", "200", "404 not-found", "403 entries-closed"),
            ("person of an authority", _ => [("Authorization", $"Bearer {person}"), (Service.Callers.PurposeHeader, "market-surveillance")], "CR", "200", "404 not-found", "403 entries-closed"),
        ];
        (string, string)[] By(Party party, string path, string? purpose) => [("Authorization", $"Bearer {world.Token(party, path, purpose: purpose)}")];
        (string Path, string Accept)[] things =
        [
            (battery.Path, "application/json"), (battery.Path, "text/html"), (battery.Evidence, "application/json"), (battery.Attachment, "*/*"), (entry, "*/*"), (open, "*/*"), (tile, "*/*"),
        ];
        var asks = (from reader in readers from thing in things from time in Enumerable.Range(0, 2) select (reader, thing)).ToArray();
        new Random(seed).Shuffle(asks);
        var wrong = new List<string>();
        foreach (var (reader, thing) in asks)
        {
            var answer = await cache.Http.SendAsync(thing.Path, HttpMethod.Get, [("Accept", thing.Accept), .. reader.Headers(thing.Path)]);
            var (status, sees) =
                thing.Path == battery.Attachment ? (reader.Document, "") :
                thing.Path == entry ? (reader.Entry, "") :
                thing.Path == tile ? (reader.Bundle, "") :
                thing.Path == open ? ("200", "") : ("200", reader.Sees);
            if (answer.ToString() != status || battery.Shown(answer) != sees)
            {
                wrong.Add($"{reader.Who} {thing}: {answer} {battery.Shown(answer)}, not {status} {sees}");
            }
        }

        return (wrong, asks.Length);
    }
}
