using System.Globalization;
using System.Net;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Genealogy;
using CriticalMinerals.Service.Tests.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static CriticalMinerals.Service.Tests.Passports.GenealogyQuestions;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>Where chains are from and where they went: asked of the ledger, and worked out again from the entries alone.</summary>
public sealed class Genealogy(PlayedDemo demo, PostgresServer postgres) : IClassFixture<PlayedDemo>
{
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
        var first = await GenealogyQuestions.AskAsync(own, Query(DemoLot.CobaltHydroxide, Uses) + "&limit=1");
        using var refiner = await FirmAsync(own, "kokkola-refining", "did:web:kokkola-refining.example#k1");
        await refiner.SayAsync(DemoLot.CobaltSulphate, new Recalled { Reason = "Too wet.", Action = "Dry it.", Risk = RecallRisk.Low }, PlayedDemo.Today, null, Cancel);
        Assert.Equal(first.GetProperty("at").GetInt64(), (await GenealogyQuestions.AskAsync(own, Text(first, "next"))).GetProperty("at").GetInt64());
        Assert.Equal(first.GetProperty("at").GetInt64() + 1, (await GenealogyQuestions.AskAsync(own, Query(DemoLot.CobaltHydroxide, Uses))).GetProperty("at").GetInt64());
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
        Assert.NotEmpty(Chains(await GenealogyQuestions.AskAsync(own, Query(DemoLife.Battery, Origins))));
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

    private async Task<Entry> EntryAsync(string hash)
    {
        using var answer = await GetAsync(demo, "/entries/" + hash);
        return Entry.Parse(await answer.Content.ReadAsByteArrayAsync(Cancel), out _)!;
    }

    private Task<JsonElement> AskAsync(string path) => GenealogyQuestions.AskAsync(demo, path);
}
