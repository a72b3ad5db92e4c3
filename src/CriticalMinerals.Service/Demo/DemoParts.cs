using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Demo;

/// <summary>Active materials and electrolyte become cells, cells become modules. What they hold is not stated but follows from what went in.</summary>
public sealed class DemoParts(DemoFirms firms, DemoCalendar calendar)
{
    /// <summary>Makes the cells and modules of one batch.</summary>
    public async Task MakeAsync(DemoBatch batch, CancellationToken cancel)
    {
        var taken = new List<Redemption>();
        foreach (var (lot, mass) in ((string, string)[])[(batch.Cathode, batch.CathodeMass), (DemoLot.Anode, batch.AnodeMass), (DemoLot.Electrolyte, batch.ElectrolyteMass)])
        {
            taken.Add(await firms.MaterialMaker.GiveAsync(lot, new GoodsGiven(batch.Cells, firms.CellMaker.Did, Quantity.Parse(mass)), calendar.DaysAgo(batch.MadeDaysAgo + 20), cancel));
        }

        await firms.CellMaker.SayAsync(batch.Cells, new ComponentManufactured
        {
            Component = ComponentKind.Cells,
            Open = true,
            PartNumber = "TC-P211-N81",
            Chemistry = "NMC 811 / graphite",
            Plant = new Place { Country = "HU", Locality = "Szolnok", Name = "Tisza Cells Hall 2" },
            Count = Quantity.Of(batch.CellCount),
            CarbonFootprint = Quantity.Parse("38.5"),
        }, calendar.DaysAgo(batch.MadeDaysAgo), new EntryLinks { Taken = taken }, cancel);

        var cells = await firms.CellMaker.GiveAsync(
            batch.Cells, new GoodsGiven(batch.Modules, firms.PackMaker.Did, Quantity.Of(batch.ModuleCount * DemoBatch.CellsInAModule)), calendar.DaysAgo(batch.MadeDaysAgo - 25), cancel);
        await firms.PackMaker.SayAsync(batch.Modules, new ComponentManufactured
        {
            Component = ComponentKind.Module,
            Open = true,
            PartNumber = "HE-M12-75",
            Chemistry = "NMC 811 / graphite",
            Plant = new Place { Country = "DE", Locality = "Brandenburg an der Havel", Name = "Havel Plant 1" },
            Count = Quantity.Of(batch.ModuleCount),
            Codes = batch.Codes(calendar),
            CarbonFootprint = Quantity.Parse("6.1"),
        }, calendar.DaysAgo(batch.MadeDaysAgo - 40), new EntryLinks { Taken = [cells] }, cancel);
    }
}
