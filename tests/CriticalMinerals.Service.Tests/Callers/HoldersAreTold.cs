using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Callers;

/// <summary>Who holds a closed lot is told when somebody looked at it by way of a battery that it went into.</summary>
public sealed class HoldersAreTold(PostgresServer postgres, ClosedWorld closed)
{
    [Fact]
    public async Task Whatever_shows_an_auditor_a_closed_lot_is_recorded_on_the_lot_and_what_does_not_is_not()
    {
        var world = await closed.GetAsync(postgres);
        var (miner, maker, auditor) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.BatteryMaker), Party.Of($"did:web:{Guid.NewGuid():N}.example"));
        await world.AdmitAsync(world.Says.Enrols(auditor, Role.Auditor));
        var lot = (await world.AdmitAsync(world.Says.Extracts(miner, Author.Uuid(), "731.25"))).Entry.Subject;
        var line = new GivenTo(Author.Uuid(), maker, "31.25");
        var giving = await world.AdmitAsync(world.Says.Allocates(miner, lot, line));
        var model = await world.AdmitAsync(world.Says.DeclaresModel(maker, Author.Uuid()));
        await world.AdmitAsync(world.Says.Sign(maker, "battery-manufactured.v1", line.Subject, new JsonObject
        {
            ["manufacturedOn"] = "2026-11", ["ref"] = PeopleAndGrants.Reference(model), ["in"] = new JsonArray(Author.Take(giving, 0, line)),
        }));
        var (battery, evidence, genealogy) = ($"/id/{line.Subject["urn:uuid:".Length..]}", $"/evidence?sub={line.Subject}", $"/genealogy?sub={line.Subject}&towards=origins");

        // Neither a repairer nor the maker sees the lot by these ways.
        foreach (var path in (string[])[battery, genealogy])
        {
            foreach (var (party, purpose) in ((Party, string?)[])[(await world.AnAsync(Role.Repairer), "repairer"), (maker, null)])
            {
                Assert.Equal("200", (await world.AskAsync(path, party, purpose)).ToString());
            }
        }

        Assert.Empty(await ToldAsync(world, miner, lot));
        await world.AdmitAsync(world.Says.Sign(
            world.Says.Authority, "audit-access-granted.v1", Names.GrantsChain(auditor.Did), new JsonObject { ["until"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds() }));
        foreach (var (path, accept) in ((string, string)[])[(battery, "application/json"), (battery, "text/html"), (evidence, "*/*"), (evidence + "&with=lots", "*/*"), (evidence + "&with=predecessors,lots&disclose=none", "*/*"), (genealogy, "*/*")])
        {
            var answer = await world.AskAsync(path, auditor, "auditor", accept: accept);
            Assert.Equal("200", answer.ToString());
            Assert.Contains(accept == "text/html" ? "cobalt hydroxide" : lot, path.StartsWith("/evidence", StringComparison.Ordinal) ? Subjects(answer) : answer.Text, StringComparison.Ordinal);
        }

        string[] seen = ["passport", "page", "evidence", "evidence with lots", "evidence of none with predecessors,lots", "genealogy origins"];
        Assert.Equal(seen.Select(what => (what, "auditor", auditor.Did)), await ToldAsync(world, miner, lot));
        Assert.Equal(seen, (await ToldAsync(world, maker, line.Subject)).Where(r => r.Who == auditor.Did).Select(r => r.What));

        // The statement beside the answer is about the chain that was asked for.
        var last = await world.AskAsync(battery, auditor, "auditor");
        Assert.Equal(line.Subject, ReadingStatement.Parse(last.Header("Battery-Passport-Readings")!, out _)!.Subject);
    }

    [Fact]
    public async Task Whoever_asks_what_changed_since_a_moment_is_recorded_with_what_only_the_earlier_passport_shows()
    {
        var world = await closed.GetAsync(postgres);
        var (maker, recycler, auditor) = (await world.AnAsync(Role.BatteryMaker), await world.AnAsync(Role.Recycler), Party.Of($"did:web:{Guid.NewGuid():N}.example"));
        await world.AdmitAsync(world.Says.Enrols(auditor, Role.Auditor));
        var battery = (await world.ABatteryOnTheMarketAsync()).Entry.Subject;
        var line = new GivenTo(Author.Uuid(), recycler, "1");
        var giving = await world.AdmitAsync(world.Says.Sign(
            maker, "part-replaced.v1", battery,
            new JsonObject { ["part"] = "module", ["reason"] = "Out of balance.", ["out"] = new JsonArray(Commitment.To(line.Subject, recycler.Did, line.Opening).ToString()) },
            new JsonObject { ["removed"] = "1", ["q0"] = "1" }));
        var received = await world.AdmitAsync(world.Says.Sign(recycler, "received.v1", line.Subject, new JsonObject { ["open"] = false, ["in"] = new JsonArray(Author.Take(giving, 0, line)) }));
        var size = await world.AskAsync<long>($"select index + 1 from ledger.leaf where chain = '{received.Entry.Subject}'");
        await world.AdmitAsync(world.Says.Sign(recycler, "voided.v1", line.Subject, new JsonObject
        {
            ["reason"] = "Received twice.", ["lines"] = new JsonArray(new JsonObject { ["entry"] = giving.Entry.LeafHash.ToString(), ["line"] = 0 }),
        }));
        var passport = $"/id/{battery["urn:uuid:".Length..]}";

        // As it is now it rests on the consignment no more.
        Assert.Equal("200", (await world.AskAsync(passport, auditor, "auditor")).ToString());
        Assert.Empty(await ToldAsync(world, recycler, line.Subject));
        Assert.Equal("200", (await world.AskAsync($"{passport}?since={size}", auditor, "auditor")).ToString());
        Assert.Equal([("passport", "auditor", auditor.Did)], await ToldAsync(world, recycler, line.Subject));

        // Nor is anybody told who is shown nothing of it.
        Assert.Equal("200", (await world.AskAsync($"{passport}?since={size}", maker)).ToString());
        Assert.Single(await ToldAsync(world, recycler, line.Subject));
    }

    [Fact]
    public async Task What_can_come_along_with_a_bundle_is_said_when_it_is_asked_for_wrongly()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        foreach (var with in (string[])["mines", "lots,lots", "Lots", "lots,"])
        {
            var answer = await world.AskAsync($"{battery.Evidence}&with={with}");
            Assert.Equal("400 givers-malformed", answer.ToString());
            Assert.Contains("predecessors, lots, or both with a comma", answer.Text, StringComparison.Ordinal);
        }
    }

    private static string Subjects(Heard answer) => string.Join(' ', EvidenceBundle.Parse(answer.Body, out _)!.InLogOrder().Select(placed => placed.Entry.Subject));

    private static async Task<IReadOnlyList<(string What, string Why, string Who)>> ToldAsync(World world, Party by, string chain)
    {
        var answer = await world.AskAsync($"/readings?sub={chain}", by);
        Assert.Equal("200", answer.ToString());
        return [.. JsonNode.Parse(answer.Body)!["records"]!.AsArray().Select(shown =>
        {
            var record = JsonNode.Parse((string)shown!["record"]!)!;
            return ((string)record["what"]!, (string)record["why"]!, (string)JsonNode.Parse(StrictBase64Url.Decode((string)shown["who"]!)!)![2]!);
        })];
    }
}
