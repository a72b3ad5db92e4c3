using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Genealogy;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>Where chains are from and where they went: asked of the ledger, and worked out again from the entries alone.</summary>
public sealed class Genealogy(PlayedDemo demo, PostgresServer postgres) : IClassFixture<PlayedDemo>
{
    private const string Origins = "origins";
    private const string Uses = "uses";

    private static readonly string[] Mines = [DemoLot.LithiumCarbonate, DemoLot.NickelConcentrate, DemoLot.CobaltHydroxide, DemoLot.FlakeGraphite];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_last_battery_leads_to_its_mines_and_to_the_battery_whose_cobalt_it_holds()
    {
        var chains = Chains(await AskAsync(Query(DemoLife.NewBattery, Origins)));
        Assert.Superset(new HashSet<string>([.. Mines, DemoLife.FloodedBattery, DemoLot.RecoveredCobalt]), Subjects(chains));
        Assert.DoesNotContain(DemoLife.Battery, Subjects(chains));
        Assert.DoesNotContain(DemoLife.NewBattery, Subjects(chains));

        var modules = chains.Single(c => Text(c, "sub") == DemoLot.SecondModules);
        Assert.Equal(("component", "component-manufactured.v1", 1), (Text(modules, "kind"), Text(modules, "event"), modules.GetProperty("depth").GetInt32()));
        var flooded = chains.Single(c => Text(c, "sub") == DemoLife.FloodedBattery);
        Assert.Equal("https://passport.example.com/01/09506000134352/21/AU75-000007", Text(flooded, "href"));
        Assert.False(modules.TryGetProperty("href", out _));
        Assert.Equal("battery-manufactured.v1", (await EntryAsync(Text(flooded, "entry"))).Event);
    }

    [Theory]
    [InlineData(DemoLot.CobaltHydroxide)]
    [InlineData(DemoLot.FlakeGraphite)]
    public async Task A_lot_of_a_mine_leads_to_every_battery_that_it_went_into(string lot)
    {
        var batteries = Chains(await AskAsync(Query(lot, Uses) + "&kind=battery"));
        Assert.Equal(
            new[] { DemoLife.Battery, DemoLife.FamilyBattery, DemoLife.FloodedBattery, DemoLife.StorageBattery, DemoLife.NewBattery }.Order(StringComparer.Ordinal),
            batteries.Select(b => Text(b, "sub")).Order(StringComparer.Ordinal));
        Assert.All(batteries, b => Assert.Equal("battery", Text(b, "kind")));
    }

    [Fact]
    public async Task From_every_chain_either_way_the_answer_is_what_a_walk_over_the_entries_finds()
    {
        var log = await LogAsync(demo);
        var size = log.Count;
        foreach (var subject in log.Select(e => e.Subject).Distinct())
        {
            foreach (var towards in (string[])[Origins, Uses])
            {
                var answer = await AskAsync(Query(subject, towards) + $"&limit=1000&at={size}");
                Assert.Equal(Walked(log, subject, towards), Chains(answer).Select(Reached));
                Assert.False(answer.GetProperty("isCut").GetBoolean());
                Assert.False(answer.TryGetProperty("next", out _));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("&kind=battery")]
    public async Task One_by_one_the_chains_are_the_same_in_the_same_order_as_all_at_once(string kind)
    {
        var whole = await AskAsync(Query(DemoLot.NickelConcentrate, Uses) + kind);
        var singly = new List<JsonElement>();
        for (var next = Query(DemoLot.NickelConcentrate, Uses) + kind + "&limit=1"; next is not null;)
        {
            using var answer = await GetAsync(demo, next);
            var part = await JsonAsync(answer);
            singly.Add(Assert.Single(Chains(part)));
            next = part.TryGetProperty("next", out var link) ? link.GetString() : null;
            Assert.Equal(next is null ? [] : [$"<{next}>; rel=\"next\""], answer.Headers.TryGetValues("Link", out var links) ? links : []);
        }

        Assert.True(singly.Count > 3);
        Assert.Equal(Chains(whole).Select(c => c.GetRawText()), singly.Select(c => c.GetRawText()));
        Assert.Equal(singly.Select(c => c.GetProperty("index").GetInt64()).Order(), singly.Select(c => c.GetProperty("index").GetInt64()));
    }

    [Fact]
    public async Task A_next_part_is_of_the_moment_of_the_first_however_the_log_has_grown()
    {
        await using var own = new PlayedDemo(postgres);
        await own.InitializeAsync();
        var first = await AskAsync(Query(DemoLot.CobaltHydroxide, Uses) + "&limit=1", own);
        using var refiner = await FirmAsync(own, "kokkola-refining", "did:web:kokkola-refining.example#k1");
        await refiner.SayAsync(DemoLot.CobaltSulphate, new Recalled { Reason = "Too wet.", Action = "Dry it.", Risk = RecallRisk.Low }, PlayedDemo.Today, null, Cancel);
        Assert.Equal(first.GetProperty("at").GetInt64(), (await AskAsync(Text(first, "next"), own)).GetProperty("at").GetInt64());
        Assert.Equal(first.GetProperty("at").GetInt64() + 1, (await AskAsync(Query(DemoLot.CobaltHydroxide, Uses), own)).GetProperty("at").GetInt64());
    }

    [Fact]
    public async Task As_of_an_earlier_size_only_what_was_taken_by_then_counts()
    {
        var log = await LogAsync(demo);
        foreach (var size in Enumerable.Range(0, log.Count).Where(i => log[i].Taken.Count > 0).SelectMany(i => (int[])[i, i + 1]))
        {
            foreach (var (subject, towards) in ((string, string)[])[(DemoLot.CobaltHydroxide, Uses), (DemoLife.StorageBattery, Origins)])
            {
                using var answer = await GetAsync(demo, Query(subject, towards) + $"&at={size}&limit=1000");
                if (log.Take(size).All(e => e.Subject != subject))
                {
                    Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
                    continue;
                }

                Assert.Equal(Walked(log.Take(size).ToList(), subject, towards), Chains(await JsonAsync(answer)).Select(Reached));
            }
        }
    }

    [Fact]
    public async Task The_same_answer_is_not_sent_twice()
    {
        using var first = await GetAsync(demo, Query(DemoLife.Battery, Origins));
        Assert.True(first.Headers.CacheControl!.NoCache);
        using var request = new HttpRequestMessage(HttpMethod.Get, Query(DemoLife.Battery, Origins));
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var again = await demo.Client().SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Theory]
    [InlineData("/genealogy", 400, "chain-malformed")]
    [InlineData("/genealogy?sub=&towards=uses", 400, "chain-malformed")]
    [InlineData("/genealogy?sub=a%00b&towards=uses", 400, "chain-malformed")]
    [InlineData("/genealogy?sub=a%20b&towards=uses", 400, "chain-malformed")]
    [InlineData("/genealogy?sub=%C3%A9&towards=uses", 400, "chain-malformed")]
    [InlineData("/genealogy?sub={0}", 400, "direction-unknown")]
    [InlineData("/genealogy?sub={0}&towards=Uses", 400, "direction-unknown")]
    [InlineData("/genealogy?sub={0}&towards=uses&towards=origins", 400, "direction-unknown")]
    [InlineData("/genealogy?sub={0}&towards=uses&kind=operator", 400, "kind-unknown")]
    [InlineData("/genealogy?sub={0}&towards=uses&kind=7", 400, "kind-unknown")]
    [InlineData("/genealogy?sub={0}&towards=uses&at=yesterday", 400, "moment-malformed")]
    [InlineData("/genealogy?sub={0}&towards=uses&at=-1", 400, "moment-malformed")]
    [InlineData("/genealogy?sub={0}&towards=uses&after=-1", 400, "page-malformed")]
    [InlineData("/genealogy?sub={0}&towards=uses&after=99999999999999999999", 400, "page-malformed")]
    [InlineData("/genealogy?sub={0}&towards=uses&after=1'%20or%20'1", 400, "page-malformed")]
    [InlineData("/genealogy?sub={0}&towards=uses&limit=0", 400, "page-malformed")]
    [InlineData("/genealogy?sub={0}&towards=uses&limit=1001", 400, "page-malformed")]
    [InlineData("/genealogy?sub={0}&towards=uses&limit=1e2", 400, "page-malformed")]
    [InlineData("/genealogy?sub=urn:uuid:00000000-0000-4000-8000-000000000000&towards=uses", 404, "not-found")]
    [InlineData("/genealogy?sub={0}&towards=uses&at=0", 404, "not-found")]
    public async Task What_is_asked_wrongly_is_refused_by_a_code(string path, int status, string code)
    {
        using var answer = await GetAsync(demo, string.Format(CultureInfo.InvariantCulture, path, Uri.EscapeDataString(DemoLife.Battery)));
        Assert.Equal((status, "application/problem+json", code), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType, Text(await JsonAsync(answer), "code")));
    }

    [Fact]
    public async Task A_name_of_any_length_is_answered()
    {
        using var answer = await GetAsync(demo, $"/genealogy?sub={new string('a', 5000)}&towards=uses");
        Assert.Equal((HttpStatusCode.BadRequest, "chain-malformed"), (answer.StatusCode, Text(await JsonAsync(answer), "code")));
    }

    [Fact]
    public async Task A_walk_that_finds_too_much_keeps_the_nearest_and_says_that_it_is_cut()
    {
        var size = (await LogAsync(demo)).Count;
        var reader = demo.Host.Services.GetRequiredService<GenealogyReader>();
        var whole = (await reader.WalkAsync(DemoLife.NewBattery, Towards.Origins, size, null, -1, 1000, seesAll: false, Cancel))!;
        var nearestFirst = whole.Chains.OrderBy(c => c.Depth).ThenBy(c => c.Index).Select(c => (c.Index, c.Depth)).ToList();
        for (var most = 0; most <= whole.Chains.Count; most++)
        {
            var cut = (await reader.WalkAsync(DemoLife.NewBattery, Towards.Origins, size, null, -1, 1000, seesAll: false, Cancel, most))!;
            Assert.Equal(most < whole.Chains.Count, cut.IsCut);
            Assert.Equal(nearestFirst.Take(most).Order(), cut.Chains.Select(c => (c.Index, c.Depth)));
        }
    }

    [Fact]
    public async Task A_walk_that_takes_too_long_is_given_up_and_says_so()
    {
        await using var own = new PlayedDemo(postgres);
        await own.InitializeAsync();
        await using var owner = NpgsqlDataSource.Create(own.OwnerConnection);
        await using var connection = await owner.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using (var hold = new NpgsqlCommand("lock table ledger.redemption in access exclusive mode", connection, transaction))
        {
            await hold.ExecuteNonQueryAsync(Cancel);
        }

        using var answer = await GetAsync(own, Query(DemoLife.Battery, Origins));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "genealogy-timeout"), (answer.StatusCode, Text(await JsonAsync(answer), "code")));
        await transaction.RollbackAsync(Cancel);
        Assert.NotEmpty(Chains(await AskAsync(Query(DemoLife.Battery, Origins), own)));
    }

    [Fact]
    public async Task A_recalled_lot_finds_its_batteries_and_each_of_them_shows_it_until_the_recall_ends()
    {
        await using var own = new PlayedDemo(postgres);
        await own.InitializeAsync();
        using var recycler = await FirmAsync(own, "oder-recycling", "did:web:oder-recycling.example#k1");
        using var refiner = await FirmAsync(own, "kokkola-refining", "did:web:kokkola-refining.example#k1");
        var recall = await recycler.SayAsync(
            DemoLot.RecoveredCobalt, new Recalled { Reason = "Holds <iron>.", Action = "Do not charge.", Risk = RecallRisk.Serious, Number = "A12/7/26" }, PlayedDemo.Today, null, Cancel);
        var log = await LogAsync(own);
        var batteries = log.Where(e => e.Sequence == 0 && EventCatalog.Find(e.Event)!.Chains is [ChainKind.Battery]).Select(e => e.Subject).ToList();

        var expected = Walked(log, DemoLot.RecoveredCobalt, Uses).Select(w => w.Subject).Intersect(batteries).ToList();
        Assert.Equal([DemoLife.NewBattery], expected);
        Assert.Equal(expected, Chains(await AskAsync(Query(DemoLot.RecoveredCobalt, Uses) + "&kind=battery", own)).Select(c => Text(c, "sub")));
        foreach (var battery in batteries)
        {
            var recalls = (await PassportAsync(own, battery)).GetProperty("recalls").EnumerateArray();
            Assert.Equal(expected.Contains(battery) ? [(DemoLot.RecoveredCobalt, recall.LeafHash.ToString())] : [], recalls.Select(r => (Text(r, "chain"), Text(r.GetProperty("provenance"), "entry"))));
            var page = await PageAsync(own, battery);
            Assert.Equal(expected.Contains(battery), page.Contains("Recall in force", StringComparison.Ordinal));
            Assert.Equal(expected.Contains(battery), page.Contains($"Recall of the lot {Gs1.Path(DemoLot.RecoveredCobalt)} that went into this battery", StringComparison.Ordinal));
            Assert.DoesNotContain("<iron>", page, StringComparison.Ordinal);
        }

        Assert.Empty((await PassportAsync(own, DemoLife.NewBattery, $"?at={log.Count - 1}")).GetProperty("recalls").EnumerateArray());
        await recycler.SayAsync(DemoLot.RecoveredCobalt, new RecallEnded { Remedy = "None needed." }, PlayedDemo.Today, new EntryLinks { References = [new Reference(recall.LeafHash, DemoLot.RecoveredCobalt)] }, Cancel);
        Assert.Empty((await PassportAsync(own, DemoLife.NewBattery)).GetProperty("recalls").EnumerateArray());

        // What every battery was made of reaches every battery.
        await refiner.SayAsync(DemoLot.CobaltSulphate, new Recalled { Reason = "Too wet.", Action = "Dry it.", Risk = RecallRisk.Low }, PlayedDemo.Today, null, Cancel);
        Assert.Equal(batteries, Chains(await AskAsync(Query(DemoLot.CobaltSulphate, Uses) + "&kind=battery", own)).Select(c => Text(c, "sub")));
        foreach (var battery in batteries)
        {
            Assert.Equal(DemoLot.CobaltSulphate, Text(Assert.Single((await PassportAsync(own, battery)).GetProperty("recalls").EnumerateArray()), "chain"));
        }
    }

    [Fact]
    public async Task The_page_leads_both_ways_and_keeps_the_moment_that_it_shows()
    {
        var sub = Uri.EscapeDataString(DemoLife.NewBattery);
        var page = await PageAsync(demo, DemoLife.NewBattery);
        var past = await PageAsync(demo, DemoLife.NewBattery, "?at=100000");
        var size = (await LogAsync(demo)).Count;
        foreach (var towards in (string[])[Origins, Uses])
        {
            Assert.Contains($"href=\"/genealogy?sub={sub}&amp;towards={towards}\"", page, StringComparison.Ordinal);
            Assert.Contains($"href=\"/genealogy?sub={sub}&amp;towards={towards}&amp;at={size}\"", past, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Closed_chains_are_neither_shown_nor_passed_and_only_their_lines_are_counted_towards_origins()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false);
        var trade = await Trade.PlayAsync(world);

        var origins = await world.Http().GetStringAsync(Query(trade.Battery, Origins), Cancel);
        Assert.Equal([trade.OpenBatch, trade.OpenMine], Subjects(Chains(Parse(origins))).OrderBy(s => s == trade.OpenBatch ? 0 : 1));
        Assert.Equal(2, Parse(origins).GetProperty("notShown").GetInt64());
        var ofClosedMaker = await world.Http().GetStringAsync(Query(trade.OpenMine, Uses), Cancel);
        Assert.Equal([trade.OpenBatch, trade.Battery], Subjects(Chains(Parse(ofClosedMaker))).OrderBy(s => s == trade.OpenBatch ? 0 : 1));
        Assert.False(Parse(ofClosedMaker).TryGetProperty("notShown", out _));
        foreach (var body in (string[])[origins, ofClosedMaker])
        {
            Assert.All(trade.Closed, name => Assert.DoesNotContain(name, body, StringComparison.Ordinal));
            Assert.DoesNotContain(trade.BehindClosed, body, StringComparison.Ordinal);
        }

        // An open mine that only a closed lot took from leads nowhere, and does not say that somebody took.
        var behind = Parse(await world.Http().GetStringAsync(Query(trade.BehindClosed, Uses), Cancel));
        Assert.Empty(Chains(behind));

        foreach (var closed in trade.Closed)
        {
            foreach (var at in (string[])["", "&at=1"])
            {
                using var refused = await world.Http().GetAsync(Query(closed, Uses) + at, Cancel);
                Assert.Equal((HttpStatusCode.NotFound, "not-found"), (refused.StatusCode, Text(await JsonAsync(refused), "code")));
            }
        }
    }

    [Fact]
    public async Task What_a_chain_had_taken_that_was_undone_counts_before_and_not_after()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false);
        var (miner, refiner) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.Refiner));
        var (mine, salt) = (Author.Uuid(), Author.Uuid());
        await world.AdmitAsync(Trade.Extracts(world, miner, mine, open: true));
        var line = new GivenTo(salt, refiner, "10");
        var giving = await world.AdmitAsync(world.Says.Allocates(miner, mine, line));
        await world.AdmitAsync(Trade.Refines(world, refiner, salt, open: true, Author.Take(giving, 0, line)));
        var before = await world.AskAsync<long>("select size from ledger.state");
        await world.AdmitAsync(world.Says.Sign(refiner, "voided.v1", salt, new JsonObject
        {
            ["reason"] = "Entered twice.",
            ["lines"] = new JsonArray(new JsonObject { ["entry"] = giving.Entry.LeafHash.ToString(), ["line"] = 0 }),
        }));
        await world.AdmitAsync(world.Says.Sign(refiner, "recalled.v1", salt, new JsonObject { ["reason"] = "Later entries change nothing.", ["action"] = "None.", ["risk"] = "low" }));

        foreach (var (subject, towards, other) in ((string, string, string)[])[(mine, Uses, salt), (salt, Origins, mine)])
        {
            Assert.Equal([other], Subjects(Chains(Parse(await world.Http().GetStringAsync(Query(subject, towards) + $"&at={before}", Cancel)))));
            Assert.Empty(Chains(Parse(await world.Http().GetStringAsync(Query(subject, towards), Cancel))));
        }

        Assert.Equal(1, await world.AskAsync<long>("select count(*) from ledger.redemption"));
    }

    private static string Query(string subject, string towards) => $"/genealogy?sub={Uri.EscapeDataString(subject)}&towards={towards}";

    private static HashSet<string> Subjects(IEnumerable<JsonElement> chains) => [.. chains.Select(c => Text(c, "sub"))];

    private static (string Subject, long Index, int Depth) Reached(JsonElement chain) => (Text(chain, "sub"), chain.GetProperty("index").GetInt64(), chain.GetProperty("depth").GetInt32());

    /// <summary>The same, from nothing but what the entries say that they took.</summary>
    private static List<(string Subject, long Index, int Depth)> Walked(IReadOnlyList<Entry> log, string subject, string towards)
    {
        var (giver, opening, next) = (new Dictionary<Digest, string>(), new Dictionary<string, long>(), new Dictionary<string, HashSet<string>>());
        var undone = log.Where(e => e.Event == "voided.v1").Select(e => e.Subject).ToHashSet();
        for (var index = 0; index < log.Count; index++)
        {
            var entry = log[index];
            giver[entry.LeafHash] = entry.Subject;
            opening.TryAdd(entry.Subject, index);
            foreach (var gave in entry.Taken.Select(t => giver[t.Entry]).Where(g => g != entry.Subject && !undone.Contains(entry.Subject)))
            {
                var (from, to) = towards == Origins ? (entry.Subject, gave) : (gave, entry.Subject);
                (next.TryGetValue(from, out var set) ? set : next[from] = []).Add(to);
            }
        }

        var depths = new Dictionary<string, int> { [subject] = 0 };
        var waiting = new Queue<string>([subject]);
        while (waiting.TryDequeue(out var here))
        {
            foreach (var there in (next.GetValueOrDefault(here) ?? []).Where(t => depths.TryAdd(t, depths[here] + 1)))
            {
                waiting.Enqueue(there);
            }
        }

        return [.. depths.Where(d => d.Key != subject).Select(d => (d.Key, opening[d.Key], d.Value)).OrderBy(d => d.Item2)];
    }

    // Every entry, from the bytes that auditors pull.
    private static async Task<IReadOnlyList<Entry>> LogAsync(PlayedDemo demo)
    {
        var size = demo.Host.Services.GetRequiredService<SignedLog>().Latest().Size;
        var leaves = await demo.Host.Services.GetRequiredService<EntryReader>().LeavesAsync(0, (int)size, Cancel);
        return [.. leaves.Select(leaf => Entry.Parse(leaf, out _)!)];
    }

    private async Task<Entry> EntryAsync(string hash)
    {
        using var answer = await GetAsync(demo, "/entries/" + hash);
        return Entry.Parse(await answer.Content.ReadAsByteArrayAsync(Cancel), out _)!;
    }

    private static Task<DemoFirm> FirmAsync(PlayedDemo demo, string name, string keyId) =>
        DemoFirm.OpenAsync(demo.Folder, name, keyId, new LedgerApi(demo.Client()), PlayedDemo.Origin, demo.LogKeys, Cancel);

    private async Task<JsonElement> AskAsync(string path, PlayedDemo? of = null)
    {
        using var answer = await GetAsync(of ?? demo, path);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        return await JsonAsync(answer);
    }

    private static async Task<JsonElement> PassportAsync(PlayedDemo of, string battery, string query = "")
    {
        using var answer = await GetAsync(of, $"/{Gs1.Path(battery)}{query}");
        return await JsonAsync(answer);
    }

    private static async Task<string> PageAsync(PlayedDemo of, string battery, string query = "")
    {
        using var answer = await GetAsync(of, $"/{Gs1.Path(battery)}{query}", "text/html");
        return await answer.Content.ReadAsStringAsync(Cancel);
    }

    private static async Task<HttpResponseMessage> GetAsync(PlayedDemo of, string path, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accept);
        return await of.Client().SendAsync(request, Cancel);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => Parse(await answer.Content.ReadAsStringAsync(Cancel));

    private static JsonElement Parse(string text) => JsonDocument.Parse(text).RootElement;

    private static List<JsonElement> Chains(JsonElement answer) => [.. answer.GetProperty("chains").EnumerateArray()];

    private static string Text(JsonElement from, string name) => from.GetProperty(name).GetString()!;

    /// <summary>A battery made of an open batch of parts, which is of an open mine and of two lines of a closed lot, which is of a mine that nobody can know of.</summary>
    private sealed record Trade(string Battery, string OpenBatch, string OpenMine, string BehindClosed, IReadOnlyList<string> Closed)
    {
        public static async Task<Trade> PlayAsync(World world)
        {
            var (miner, refiner, parts, maker) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.Refiner), await world.AnAsync(Role.CellMaker), await world.AnAsync(Role.BatteryMaker));
            var (open, behind, closed, batch, battery, taker) = (Author.Uuid(), Author.Uuid(), Author.Uuid(), Author.Uuid(), Author.Uuid(), Author.Uuid());
            await world.AdmitAsync(Extracts(world, miner, open, open: true));
            await world.AdmitAsync(Extracts(world, miner, behind, open: true));

            var ore = new GivenTo(closed, refiner, "100");
            var oreGiven = await world.AdmitAsync(world.Says.Allocates(miner, behind, ore));
            await world.AdmitAsync(Refines(world, refiner, closed, open: false, Author.Take(oreGiven, 0, ore)));

            var salts = new[] { new GivenTo(batch, parts, "10"), new GivenTo(batch, parts, "20") };
            var saltsGiven = await world.AdmitAsync(world.Says.Allocates(refiner, closed, salts));
            var metal = new[] { new GivenTo(batch, parts, "5"), new GivenTo(taker, refiner, "5") };
            var metalGiven = await world.AdmitAsync(world.Says.Allocates(miner, open, metal));
            await world.AdmitAsync(world.Says.Sign(
                parts, "component-manufactured.v1", batch,
                new JsonObject
                {
                    ["component"] = "cells",
                    ["open"] = true,
                    ["partNumber"] = "C-1",
                    ["chemistry"] = "NMC 811",
                    ["plant"] = new JsonObject { ["country"] = "HU" },
                    ["in"] = new JsonArray(Author.Take(saltsGiven, 0, salts[0]), Author.Take(saltsGiven, 1, salts[1]), Author.Take(metalGiven, 0, metal[0])),
                },
                new JsonObject { ["count"] = "4" }));
            await world.AdmitAsync(Refines(world, refiner, taker, open: false, Author.Take(metalGiven, 1, metal[1])));

            var cells = new GivenTo(battery, maker, "4");
            var cellsGiven = await world.AdmitAsync(world.Says.Allocates(parts, batch, cells));
            var model = await world.AdmitAsync(world.Says.DeclaresModel(maker, Author.Uuid()));
            await world.AdmitAsync(world.Says.Sign(maker, "battery-manufactured.v1", battery, new JsonObject
            {
                ["manufacturedOn"] = "2026-11",
                ["in"] = new JsonArray(Author.Take(cellsGiven, 0, cells)),
                ["ref"] = new JsonArray(new JsonObject { ["h"] = model.Entry.LeafHash.ToString(), ["sub"] = model.Entry.Subject }),
            }));
            return new Trade(battery, batch, open, behind, [closed, taker]);
        }

        public static SignedEntry Extracts(World world, Party by, string lot, bool open) => world.Says.Sign(
            by, "lot-extracted.v1", lot,
            new JsonObject { ["open"] = open, ["mineral"] = "cobalt", ["product"] = "cobalt hydroxide", ["site"] = new JsonObject { ["country"] = "CD" } },
            new JsonObject { ["mass"] = "1000", ["content"] = Author.Holding("1000") });

        public static SignedEntry Refines(World world, Party by, string lot, bool open, JsonObject taken) => world.Says.Sign(
            by, "lot-refined.v1", lot,
            new JsonObject
            {
                ["open"] = open,
                ["mineral"] = "cobalt",
                ["product"] = "cobalt sulphate",
                ["site"] = new JsonObject { ["country"] = "FI" },
                ["in"] = new JsonArray(taken),
            },
            new JsonObject { ["mass"] = "100", ["content"] = Author.Holding("0") });
    }
}
