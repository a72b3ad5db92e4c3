using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Callers;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>A node that writes nothing itself shows its readers what the others have written.</summary>
public sealed class AnyNode(PostgresServer postgres)
{
    [Fact]
    public async Task Start_page_page_head_and_linkset_of_one_node_show_what_another_has_committed()
    {
        await using var world = await World.AnOpenLogAsync(postgres, nodes: 2);
        var battery = await world.ABatteryOnTheMarketAsync();
        var path = $"/id/{battery.Entry.Subject["urn:uuid:".Length..]}";

        // Each question is the first that the other node hears after an entry: nothing else has brought it up to date.
        await MoreAsync();
        Assert.Contains($"{Size()} entries now", await TextAsync("/"), StringComparison.Ordinal);
        await MoreAsync();
        Assert.Equal((3, Size()), Place(HeadStatement.Parse(await TextAsync(path + "/head"), out _)!));
        await MoreAsync();
        Assert.Equal((4, Size()), Place(HeadStatement.Parse((await world.AskAsync(path, node: 1, accept: "application/linkset+json")).Header("Battery-Passport-Head")!, out _)!));
        await MoreAsync();
        var page = await world.AskAsync(path, node: 1, accept: "text/html");
        Assert.Equal((5, Size()), Place(HeadStatement.Parse(page.Header("Battery-Passport-Head")!, out _)!));
        Assert.Contains($"{Size()} entries (<a href=\"/checkpoint\">", page.Text, StringComparison.Ordinal);

        async Task MoreAsync() => await world.AdmitAsync(world.Says.Measures(await world.AnAsync(Role.BatteryMaker), battery.Entry.Subject));
        long Size() => world.Acknowledged.Max(a => a.Index) + 1;
        async Task<string> TextAsync(string asked) => (await world.AskAsync(asked, node: 1, accept: "text/html, application/jwt")).Text;
        static (long, long) Place(HeadStatement head) => (head.Sequence, head.Size);
    }
}
