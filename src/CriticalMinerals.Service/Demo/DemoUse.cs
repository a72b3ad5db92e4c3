using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Demo;

/// <summary>Three ways through a first life, each up to the day on which the battery becomes waste.</summary>
public sealed class DemoUse(DemoFirms firms, DemoCalendar calendar)
{
    /// <summary>Shared cars: measured, corrected, repaired with another module, and an accident at the end.</summary>
    public async Task DriveInAFleetAsync(string battery, CancellationToken cancel)
    {
        var fleet = firms.Fleet;
        await SellAsync(battery, isPrivate: false, 1690, cancel);
        await HandOverAsync(battery, firms.PackMaker, fleet, 1680, cancel);
        await fleet.SayAsync(battery, new PutIntoService { Application = Application.Vehicle, Vehicle = "WVZZZAU75N0000123" }, calendar.MonthOf(1670), null, cancel);
        await MeasureAndCorrectAsync(battery, cancel);

        await firms.Workshop.SayAsync(battery, new Repaired
        {
            Kind = RepairKind.Repair,
            Work = "Coolant pump replaced; cell group 7 drifts by 38 mV, a new module was ordered.",
            Safe = true,
        }, calendar.DaysAgo(1100), null, cancel);
        await ReplaceModuleAsync(battery, cancel);
        await fleet.SayAsync(battery, new HealthMeasured
        {
            Method = "Battery management system, firmware 5.2",
            StateOfCertifiedEnergy = Quantity.Parse("86.4"),
            FullCycles = 702,
            EnergyThroughput = Quantity.Parse("48900"),
        }, calendar.DaysAgo(700), null, cancel);
        await firms.Inspector.SayAsync(battery, new IncidentReported
        {
            Kind = IncidentKind.Accident,
            Severity = IncidentSeverity.Serious,
            Finding = "Rear impact; housing dented, insulation and cells within limits. The car is beyond repair.",
        }, calendar.MonthOf(430), null, cancel);
        await CollectAsync(battery, CollectionChannel.Fleet, undamaged: true, 395, cancel);
    }

    /// <summary>A family's car that rusted away around a good battery.</summary>
    public async Task DriveAFamilyAsync(string battery, CancellationToken cancel)
    {
        await SellAsync(battery, isPrivate: true, 1680, cancel);
        await firms.PackMaker.SayAsync(battery, new PutIntoService { Application = Application.Vehicle }, calendar.MonthOf(1670), null, cancel);
        await firms.Workshop.SayAsync(battery, new HealthMeasured { Method = "Battery management system, firmware 5.2", StateOfCertifiedEnergy = Quantity.Parse("88.0"), FullCycles = 610 }, calendar.DaysAgo(640), null, cancel);
        await CollectAsync(battery, CollectionChannel.VehicleDismantler, undamaged: true, 390, cancel);
    }

    /// <summary>A car that stood in a flood.</summary>
    public async Task StandInAFloodAsync(string battery, CancellationToken cancel)
    {
        await SellAsync(battery, isPrivate: true, 1695, cancel);
        await firms.PackMaker.SayAsync(battery, new PutIntoService { Application = Application.Vehicle }, calendar.MonthOf(1690), null, cancel);
        await firms.Workshop.SayAsync(battery, new IncidentReported
        {
            Kind = IncidentKind.Flooding,
            Severity = IncidentSeverity.Critical,
            Finding = "Two days under water; corrosion at the busbars, insulation lost.",
        }, calendar.MonthOf(880), null, cancel);
        await CollectAsync(battery, CollectionChannel.Workshop, undamaged: false, 860, cancel);
    }

    private Task<Entry> SellAsync(string battery, bool isPrivate, int daysAgo, CancellationToken cancel) =>
        firms.PackMaker.SayAsync(battery, new BatterySold { Country = "NL", Private = isPrivate }, calendar.DaysAgo(daysAgo), null, cancel);

    private Task<Entry> CollectAsync(string battery, CollectionChannel channel, bool undamaged, int daysAgo, CancellationToken cancel) =>
        firms.Collector.SayAsync(battery, new Collected { Channel = channel, Country = "NL", Undamaged = undamaged, Mass = Quantity.Parse("437.5") }, calendar.DaysAgo(daysAgo), null, cancel);

    /// <summary>Responsibility goes from one to another, with two signatures.</summary>
    internal async Task HandOverAsync(string battery, DemoFirm from, DemoFirm to, int daysAgo, CancellationToken cancel)
    {
        var offer = await from.SayAsync(battery, new ResponsibilityOffered { To = to.Did }, calendar.DaysAgo(daysAgo), null, cancel);
        await to.SayAsync(battery, new ResponsibilityAccepted(), calendar.DaysAgo(daysAgo - 1), new EntryLinks { References = [new Reference(offer.LeafHash, battery)] }, cancel);
    }

    private async Task MeasureAndCorrectAsync(string battery, CancellationToken cancel)
    {
        var measured = await firms.Fleet.SayAsync(battery, new HealthMeasured
        {
            Method = "Battery management system, firmware 3.9",
            StateOfCertifiedEnergy = Quantity.Parse("98.1"),
            FullCycles = 41,
            EnergyThroughput = Quantity.Parse("2950"),
        }, calendar.DaysAgo(1600), null, cancel);
        await firms.Inspector.SayAsync(battery, new HealthMeasured
        {
            Method = "Bench test, C/3 at 25 °C",
            StateOfCertifiedEnergy = Quantity.Parse("99.0"),
            RemainingCapacity = Quantity.Parse("210.9"),
            RoundTripEfficiency = Quantity.Parse("95.6"),
            InternalResistance = Quantity.Parse("0.0418"),
        }, calendar.DaysAgo(1570), null, cancel);
        await firms.Fleet.SayAsync(battery, new Corrected
        {
            Event = "health-measured.v1",
            Reason = "The firmware was 4.1; version 3.9 reported the usable energy about one per cent too low.",
            Replacements = new Dictionary<string, object> { ["method"] = "Battery management system, firmware 4.1", ["stateOfCertifiedEnergy"] = Quantity.Parse("99.2") },
        }, calendar.DaysAgo(1560), new EntryLinks { References = [new Reference(measured.LeafHash, battery)] }, cancel);
    }

    // The spare module of the batch goes in; the old one goes to a firm that uses such modules again.
    private async Task ReplaceModuleAsync(string battery, CancellationToken cancel)
    {
        var codes = DemoBatch.First.Codes(calendar);
        var spare = await firms.PackMaker.GiveAsync(DemoLot.FirstModules, new GoodsGiven(battery, firms.Fleet.Did, Quantity.Parse("1"), [codes[^1]]), calendar.DaysAgo(1095), cancel);
        var old = await firms.Fleet.GiveAsync(
            battery,
            new PartReplaced
            {
                Part = ComponentKind.Module,
                Reason = "Cell group 7 out of balance.",
                Removed = Quantity.Parse("1"),
                RemovedContent = DemoMaterials.Elements(
                    (Mineral.Lithium, "1.18"), (Mineral.Nickel, "7.71"), (Mineral.Manganese, "0.9"), (Mineral.Cobalt, "0.96"), (Mineral.Graphite, "10.31"), (Mineral.Phosphorus, "0.18")),
            },
            [new GoodsGiven(DemoLot.UsedModules, firms.SecondLife.Did, Quantity.Parse("1"), [codes[6]])],
            calendar.DaysAgo(1090),
            new EntryLinks { Taken = [spare] },
            cancel);
        await firms.SecondLife.SayAsync(DemoLot.UsedModules, new Received { Open = true }, calendar.DaysAgo(1080), new EntryLinks { Taken = old }, cancel);
    }
}
