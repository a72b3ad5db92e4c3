using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Demo;

/// <summary>A battery that is fit for nothing more becomes black mass, and its cobalt a salt again.</summary>
public sealed class DemoRecycling(DemoFirms firms, DemoCalendar calendar)
{
    private static readonly Place Plant = new() { Country = "PL", Locality = "Legnica", Name = "Oder Recycling Works" };

    /// <summary>Recycles the battery; its cobalt can be given on afterwards.</summary>
    public async Task RecycleAsync(string battery, CancellationToken cancel)
    {
        var recycler = firms.Recycler;
        await firms.Inspector.SayAsync(battery, new Assessed
        {
            Result = AssessmentResult.Unfit,
            Standard = "UL 1974, second edition",
            HistorySource = "Battery management system, last read before the flood",
            VisualInspection = "Busbars and sensor leads corroded in six of eight modules.",
            Capacity = Quantity.Parse("0"),
            InternalResistance = Quantity.Parse("0.31"),
        }, calendar.DaysAgo(850), null, cancel);
        var released = await firms.PackMaker.GiveAsync(
            battery, new Released { Operation = LinePurpose.Recycling }, [new GoodsGiven(battery, recycler.Did, Quantity.Parse("1"))], calendar.DaysAgo(840), null, cancel);
        var shredded = await recycler.GiveAsync(
            battery,
            new Recycled
            {
                Process = "mechanical, under nitrogen",
                Site = Plant,
                Mass = Quantity.Parse("240"),
                Content = DemoMaterials.Elements(
                    (Mineral.Lithium, "9.3"), (Mineral.Nickel, "61"), (Mineral.Manganese, "7.1"), (Mineral.Cobalt, "7.6"), (Mineral.Graphite, "80"), (Mineral.Phosphorus, "1.2")),
                Efficiency = Quantity.Parse("71.5"),
            },
            [new GoodsGiven(DemoLot.BlackMass, recycler.Did, Quantity.Parse("240"))],
            calendar.DaysAgo(800),
            new EntryLinks { Taken = released },
            cancel);
        await recycler.SayAsync(DemoLot.BlackMass, new BlackMassProduced
        {
            Open = true,
            Site = Plant,
            Mass = Quantity.Parse("165"),
            Content = DemoMaterials.Elements((Mineral.Lithium, "8.6"), (Mineral.Nickel, "60.5"), (Mineral.Manganese, "7"), (Mineral.Cobalt, "7.5"), (Mineral.Graphite, "79")),
            AluminiumImpurity = Quantity.Parse("0.9"),
            CopperImpurity = Quantity.Parse("0.4"),
        }, calendar.DaysAgo(790), new EntryLinks { Taken = shredded }, cancel);
        var blackMass = await recycler.GiveAsync(DemoLot.BlackMass, new GoodsGiven(DemoLot.RecoveredCobalt, recycler.Did, Quantity.Parse("165")), calendar.DaysAgo(720), cancel);
        await recycler.SayAsync(DemoLot.RecoveredCobalt, new MaterialRecovered
        {
            Open = true,
            Mineral = Mineral.Cobalt,
            Product = "cobalt sulphate heptahydrate, recovered",
            Site = Plant,
            Process = "hydrometallurgical",
            Custody = CustodyModel.Segregated,
            Mass = Quantity.Parse("34.5"),
            Content = DemoMaterials.Elements((Mineral.Cobalt, "7.2")),
            Recovery = [new ElementRecovery { Element = Mineral.Cobalt, Rate = Quantity.Parse("96") }],
            CarbonFootprint = Quantity.Parse("2.7"),
        }, calendar.DaysAgo(700), new EntryLinks { Taken = [blackMass] }, cancel);
    }
}
