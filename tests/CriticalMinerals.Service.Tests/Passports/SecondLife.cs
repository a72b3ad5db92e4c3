using System.Text.Json;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>What a scan shows when a battery is called back, is missing, and at last becomes another.</summary>
public sealed class SecondLife(PostgresServer postgres)
{
    private const string Next = "urn:uuid:6c3e9a52-7c1f-4b57-9d4d-5f3f0a6e2b10";
    private const string FirstPath = "/01/09506000134352/21/AU75-004711";
    private const string NextPath = "/id/6c3e9a52-7c1f-4b57-9d4d-5f3f0a6e2b10";
    private const string NextModel = "urn:uuid:6c3e9a52-7c1f-4b57-9d4d-5f3f0a6e2b11";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_passports_lead_to_each_other_until_the_second_is_undone_and_warnings_come_first()
    {
        await using var demo = new PlayedDemo(postgres);
        await demo.InitializeAsync();
        using var maker = await FirmAsync(demo, "havel-energy", "did:web:havel-energy.example#k1");
        using var authority = await FirmAsync(demo, "authority", Names.LogOperator(PlayedDemo.Origin) + "#authority");
        using var second = await FirmAsync(demo, "second-use", "did:web:second-use.example#k1");
        await authority.SayAsync(second.Did, new OperatorEnrolled { Operator = second.Did, Name = "Zweitnutzung GmbH", Roles = [Role.SecondLifeOperator], Key = second.Declare(PlayedDemo.Origin, KeyUse.Operator) }, PlayedDemo.Today, null, Cancel);

        await maker.SayAsync(DemoLife.NewBattery, new Recalled { Reason = "Separator may be damaged.", Action = "See a workshop.", Risk = RecallRisk.Serious, Number = "A12/1/26" }, PlayedDemo.Today, null, Cancel);
        await maker.SayAsync(DemoLife.NewBattery, new LossReported { Kind = LossKind.Stolen }, PlayedDemo.Today, null, Cancel);
        var warned = await PageAsync(demo, FirstPath);
        Assert.Contains("Recall in force", warned, StringComparison.Ordinal);
        Assert.Contains("reported as stolen", warned, StringComparison.Ordinal);

        await maker.SayAsync(DemoLife.NewBattery, new Found(), PlayedDemo.Today, null, Cancel);
        var goods = new GoodsGiven(Next, second.Did, Quantity.Parse("1"));
        var released = await maker.SayAsync(DemoLife.NewBattery, new Released { Operation = LinePurpose.Repurposing }, PlayedDemo.Today, new EntryLinks { Given = [goods] }, Cancel);
        var given = await JsonAsync(demo, FirstPath);
        Assert.Equal(("active", "repurposing", 0), (Text(given, "recordStatus"), Text(given.GetProperty("released"), "operation"), given.GetProperty("successors").GetArrayLength()));

        var sheet = await second.SayAsync(NextModel, new ModelDeclared
        {
            Model = "Store 60",
            Manufacturer = "Zweitnutzung",
            Category = BatteryCategory.Stationary,
            Plant = new Place { Country = "DE" },
            Chemistry = "NMC 811",
            Mass = Quantity.Parse("440"),
            RatedCapacity = Quantity.Parse("170"),
            NominalVoltage = Quantity.Parse("352"),
        }, PlayedDemo.Today, null, Cancel);
        await second.SayAsync(Next, new SecondLifeBegun
        {
            Operation = LinePurpose.Repurposing,
            IntendedUse = "stationary storage",
            ManufacturedOn = "2026-11",
            Standard = "UL 1974:2023",
            Capacity = Quantity.Parse("171.5"),
            InternalResistance = Quantity.Parse("0.05"),
        }, PlayedDemo.Today, new EntryLinks { Taken = [new Redemption(released.LeafHash, 0, goods.Opening)], References = [new Reference(sheet.LeafHash, NextModel)] }, Cancel);

        var first = await JsonAsync(demo, FirstPath);
        Assert.Equal(("closed", "succeeded", Next), (Text(first, "recordStatus"), Text(first.GetProperty("closed"), "reason"), Text(first.GetProperty("closed"), "successor")));
        Assert.Equal((Next, "Zweitnutzung GmbH"), (Text(first.GetProperty("successors")[0], "chain"), Text(first.GetProperty("successors")[0].GetProperty("operator"), "name")));
        Assert.Contains($"href=\"{NextPath}\"", await PageAsync(demo, FirstPath), StringComparison.Ordinal);

        var next = await JsonAsync(demo, NextPath);
        Assert.Equal(("repurposed", DemoLife.NewBattery), (Text(next, "status"), Text(next.GetProperty("predecessors")[0], "battery")));
        var page = await PageAsync(demo, NextPath);
        Assert.Contains($"href=\"{FirstPath}\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("171.5", page, StringComparison.Ordinal);

        // As it stood before the successor's first entry, and what came since.
        var taken = first.GetProperty("closed").GetProperty("provenance").GetProperty("index").GetInt64();
        Assert.Equal("active", Text(await JsonAsync(demo, $"{FirstPath}?at={taken}"), "recordStatus"));
        var since = await JsonAsync(demo, $"{FirstPath}?since={taken}");
        Assert.Equal(("active", "closed", 0), (Text(since.GetProperty("recordStatus"), "before"), Text(since.GetProperty("recordStatus"), "after"), since.GetProperty("events").GetArrayLength()));

        // Undone, it has taken nothing, and had until then.
        await second.SayAsync(
            Next, new Voided { Lines = [new LineTaken { Entry = released.LeafHash.ToString(), Line = 0 }], Reason = "The wrong battery." }, PlayedDemo.Today, null, Cancel);
        var back = await JsonAsync(demo, FirstPath);
        Assert.Equal(("active", 0), (Text(back, "recordStatus"), back.GetProperty("successors").GetArrayLength()));
        var then = await JsonAsync(demo, $"{FirstPath}?at={taken + 1}");
        Assert.Equal(("closed", Next), (Text(then, "recordStatus"), Text(then.GetProperty("successors")[0], "chain")));
    }

    private static Task<DemoFirm> FirmAsync(PlayedDemo demo, string name, string keyId) =>
        DemoFirm.OpenAsync(demo.Folder, name, keyId, new LedgerApi(demo.Client()), PlayedDemo.Origin, demo.LogKeys, Cancel);

    private static string? Text(JsonElement from, string name) => from.GetProperty(name).GetString();

    private static async Task<string> PageAsync(PlayedDemo demo, string path) => await AskAsync(demo, path, "text/html");

    private static async Task<JsonElement> JsonAsync(PlayedDemo demo, string path) => JsonDocument.Parse(await AskAsync(demo, path, "application/json")).RootElement;

    private static async Task<string> AskAsync(PlayedDemo demo, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await demo.Client().SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        return text;
    }
}
