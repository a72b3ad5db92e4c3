using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Tests.Postgres;
using static CriticalMinerals.Service.Tests.Passports.GenealogyQuestions;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>A lot is called back, and whoever holds a battery that it went into learns of it.</summary>
public sealed class RecalledLots(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

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
        Assert.Equal(expected, Chains(await AskAsync(own, Query(DemoLot.RecoveredCobalt, Uses) + "&kind=battery")).Select(c => Text(c, "sub")));
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
        Assert.Equal(batteries, Chains(await AskAsync(own, Query(DemoLot.CobaltSulphate, Uses) + "&kind=battery")).Select(c => Text(c, "sub")));
        foreach (var battery in batteries)
        {
            Assert.Equal(DemoLot.CobaltSulphate, Text(Assert.Single((await PassportAsync(own, battery)).GetProperty("recalls").EnumerateArray()), "chain"));
        }
    }
}
