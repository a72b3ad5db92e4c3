using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.OpenId;
using CriticalMinerals.Service.Tests.Postgres;
using Microsoft.Extensions.Configuration;

namespace CriticalMinerals.Service.Tests.Callers;

/// <summary>The names of readers are forgotten, by age or one by one; what was read stays recorded and verifiable.</summary>
public sealed class ReadersAreForgotten(PostgresServer postgres, ClosedWorld closed)
{
    [Fact]
    public async Task A_reader_s_name_goes_when_its_time_is_over_and_the_records_stay_verifiable()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false, settings: new Dictionary<string, string>
        {
            ["Ledger__PublicUrl"] = ClosedWorld.PublicUrl, ["Ledger__Readings__NamesKeptFor"] = "30",
        });
        var battery = await MarkedBattery.MakeAsync(world);
        var repairer = await world.AnAsync(Role.Repairer);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("200", (await world.AskAsync(battery.Path, repairer, "repairer")).ToString());
        }

        var before = await ReadAsync(world, battery.Maker, battery.Name);
        Assert.Equal([repairer.Did, repairer.Did, repairer.Did], before.Names);
        await world.StopAsync();
        await world.DoAsync($"update ledger.reader set at = at - interval '31 days' where digest in (select decode(translate(record::json ->> 'who', '-_', '+/') || '=', 'base64') from ledger.reading where chain = '{battery.Name}' and n = 0)");
        await world.DoAsync($"update ledger.reader set at = at - interval '29 days' where digest in (select decode(translate(record::json ->> 'who', '-_', '+/') || '=', 'base64') from ledger.reading where chain = '{battery.Name}' and n = 1)");
        await world.StartAsync();
        var after = await ReadAsync(world, battery.Maker, battery.Name);
        while (after.Names[0] is not null)
        {
            // The service forgets beside its work.
            after = await ReadAsync(world, battery.Maker, battery.Name);
        }

        Assert.Equal([null, repairer.Did, repairer.Did], after.Names);
        Assert.Equal((before.Records, before.Count, before.Hash), (after.Records, after.Count, after.Hash));
    }

    [Fact]
    public async Task One_reader_is_forgotten_by_name_while_the_service_runs_and_nobody_else()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var name = $"anna's {Guid.NewGuid()} \"ä\"".Replace("ä", "a", StringComparison.Ordinal);
        var anna = await closed.Issuer.TokenAsync(("sub", name), ("right", "repairer"));
        var repairer = await world.AnAsync(Role.Repairer);
        Assert.Equal("200", (await world.AskAsync(battery.Path, anna)).ToString());
        Assert.Equal("200", (await world.AskAsync(battery.Path, repairer, "repairer")).ToString());
        Assert.Equal("200", (await world.AskAsync(battery.Path, anna, node: 1)).ToString());
        var before = await ReadAsync(world, battery.Maker, battery.Name);
        var person = $"{closed.Issuer.Issuer} {name}";
        Assert.Equal([person, repairer.Did, person], before.Names);

        Assert.Equal((0, ""), await world.RunAsync("forget-reader", person[..^1]));
        Assert.Equal(before.Names, (await ReadAsync(world, battery.Maker, battery.Name)).Names);
        Assert.Equal((0, ""), await world.RunAsync("forget-reader", person));
        var after = await ReadAsync(world, battery.Maker, battery.Name);
        Assert.Equal([null, repairer.Did, null], after.Names);
        Assert.Equal((before.Records, before.Count, before.Hash), (after.Records, after.Count, after.Hash));
        Assert.Equal((0, ""), await world.RunAsync("forget-reader", person));
    }

    [Theory, InlineData("0"), InlineData("-1"), InlineData("36501"), InlineData("30.5"), InlineData("a month")]
    public void Names_are_kept_for_whole_days_or_for_good(string days)
    {
        var refused = Assert.Throws<StartupException>(() => LedgerOptions.Read(new ConfigurationBuilder().AddInMemoryCollection([new("Ledger:Readings:NamesKeptFor", days)]).Build()));
        Assert.StartsWith("Ledger__Readings__NamesKeptFor must be", refused.Message, StringComparison.Ordinal);
        Assert.Null(LedgerOptions.Read(new ConfigurationBuilder().Build()).ReaderNamesKeptFor);
    }

    // As told to the responsible operator: names, what they stand beside, and the statement about it, whose hash the records lead to.
    private static async Task<(string?[] Names, string Records, long Count, Digest Hash)> ReadAsync(World world, Party by, string chain)
    {
        var answer = await world.AskAsync($"/readings?sub={chain}", by);
        Assert.Equal("200", answer.ToString());
        var json = JsonNode.Parse(answer.Body)!;
        var statement = ReadingStatement.Parse((string)json["statement"]!, out _)!;
        var records = json["records"]!.AsArray();
        Assert.Equal(statement.Hash, records.Aggregate(Digest.Zero, (hash, r) => ReadingStatement.Link(hash, (string)r!["record"]!)));
        return ([.. records.Select(r => (string?)r!["who"] is { } who ? (string)JsonNode.Parse(StrictBase64Url.Decode(who)!)![2]! : null)], string.Join('\n', records.Select(r => (string)r!["record"]!)), statement.Count, statement.Hash);
    }
}
