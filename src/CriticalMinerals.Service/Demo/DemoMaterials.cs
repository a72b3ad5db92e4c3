using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Demo;

/// <summary>From four mines to active materials and electrolyte. The elements follow the formulas: LiOH·H2O, NiSO4·6H2O, CoSO4·7H2O, NMC 811.</summary>
public sealed class DemoMaterials(DemoFirms firms, DemoCalendar calendar)
{
    private static readonly Place Refinery = new() { Country = "FI", Locality = "Kokkola", Name = "Kokkola Works" };
    private static readonly Place MaterialPlant = new() { Country = "DE", Locality = "Schwarzheide", Name = "Lusatia Plant 1" };

    /// <summary>The mines' lots become salts and graphite; what no mine of this ledger signed for is declared.</summary>
    public Task RefineAsync(CancellationToken cancel) => Task.WhenAll(
        RefineLithiumAsync(cancel),
        RefineNickelAsync(cancel),
        RefineCobaltAsync(cancel),
        RefineGraphiteAsync(cancel),
        firms.Refiner.SayAsync(DemoLot.ManganeseSulphate, new LotRefined
        {
            Open = true,
            Source = InputSource.Declared,
            Mineral = Mineral.Manganese,
            Product = "manganese sulphate monohydrate",
            Site = Refinery,
            Mass = Quantity.Parse("3600"),
            Content = Elements((Mineral.Manganese, "1170")),
        }, calendar.DaysAgo(1890), null, cancel),
        firms.MaterialMaker.SayAsync(DemoLot.Electrolyte, new MaterialManufactured
        {
            Open = true,
            Source = InputSource.Declared,
            Material = MaterialKind.Electrolyte,
            Product = "1 M lithium hexafluorophosphate in carbonates",
            Site = MaterialPlant,
            Mass = Quantity.Parse("5000"),
            Content = Elements((Mineral.Lithium, "28.5"), (Mineral.Phosphorus, "127.5")),
        }, calendar.DaysAgo(1845), null, cancel));

    /// <summary>Salts become precursor and that cathode material; graphite was coated for the first one.</summary>
    public async Task MakeAsync(string cathode, CancellationToken cancel)
    {
        if (cathode == DemoLot.FirstCathode)
        {
            await MakeAnodeAsync(cancel);
            await MakeCathodeAsync(
                cathode, DemoLot.FirstPrecursor, 1870,
                [(firms.Refiner, DemoLot.NickelSulphate, "43400"), (firms.Refiner, DemoLot.CobaltSulphate, "5900"), (firms.Refiner, DemoLot.ManganeseSulphate, "3550")],
                ("19000", Elements((Mineral.Nickel, "9671"), (Mineral.Manganese, "1130.5"), (Mineral.Cobalt, "1214"))),
                ("18950", "9000"),
                ("20000", Elements((Mineral.Lithium, "1426"), (Mineral.Nickel, "9640"), (Mineral.Manganese, "1126"), (Mineral.Cobalt, "1210"))),
                cancel);
            return;
        }

        await MakeCathodeAsync(
            cathode, DemoLot.SecondPrecursor, 660,
            [
                (firms.Refiner, DemoLot.NickelSulphate, "550"), (firms.Refiner, DemoLot.CobaltSulphate, "40"), (firms.Refiner, DemoLot.ManganeseSulphate, "44"),
                (firms.Recycler, DemoLot.RecoveredCobalt, "34"),
            ],
            ("230", Elements((Mineral.Nickel, "117"), (Mineral.Manganese, "13.6"), (Mineral.Cobalt, "14.6"))),
            ("228", "110"),
            ("240", Elements((Mineral.Lithium, "17.1"), (Mineral.Nickel, "115.9"), (Mineral.Manganese, "13.4"), (Mineral.Cobalt, "14.4"))),
            cancel);
    }

    private async Task RefineLithiumAsync(CancellationToken cancel)
    {
        await ExtractAsync(firms.LithiumMine, DemoLot.LithiumCarbonate, Mineral.Lithium, "lithium carbonate from brine", new Place { Country = "CL", Locality = "Antofagasta", Name = "Salar Clara" }, "24000", "4464", cancel);
        await RefineAsync(firms.LithiumMine, DemoLot.LithiumCarbonate, "8600", DemoLot.LithiumHydroxide, Mineral.Lithium, "lithium hydroxide monohydrate", "9280", "1534.9", "5.4", cancel);
    }

    private async Task RefineNickelAsync(CancellationToken cancel)
    {
        await ExtractAsync(firms.NickelMine, DemoLot.NickelConcentrate, Mineral.Nickel, "nickel sulphide concentrate", new Place { Country = "CA", Locality = "Nunavik, Quebec", Name = "Lac Raglan South" }, "180000", "25560", cancel);
        await RefineAsync(firms.NickelMine, DemoLot.NickelConcentrate, "71000", DemoLot.NickelSulphate, Mineral.Nickel, "nickel sulphate hexahydrate", "44000", "9825.2", "3.9", cancel);
    }

    private async Task RefineCobaltAsync(CancellationToken cancel)
    {
        await ExtractAsync(firms.CobaltMine, DemoLot.CobaltHydroxide, Mineral.Cobalt, "cobalt hydroxide", new Place { Country = "CD", Locality = "Lualaba", Name = "Kisanga Pit 2" }, "40000", "12600", cancel);
        await firms.Auditor.SayAsync(DemoLot.CobaltHydroxide, new EvidenceGiven
        {
            Indicator = SustainabilityIndicator.ChildLabour,
            Rulebook = "GBA Child Labour Index, version 1",
            Scope = "Kisanga Pit 2 and its washing plant",
            Assurance = AssuranceLevel.ThirdParty,
            Equivalents = ["RMAP"],
            ValidFrom = calendar.Day(2100),
            ValidTo = calendar.Day(1370),
            Result = "No child below 18 found in three unannounced visits; a programme for schooling stands in two villages.",
        }, calendar.DaysAgo(1930), null, cancel);
        await RefineAsync(firms.CobaltMine, DemoLot.CobaltHydroxide, "4100", DemoLot.CobaltSulphate, Mineral.Cobalt, "cobalt sulphate heptahydrate", "5970", "1251.9", "4.6", cancel);
    }

    private async Task RefineGraphiteAsync(CancellationToken cancel)
    {
        await ExtractAsync(firms.GraphiteMine, DemoLot.FlakeGraphite, Mineral.Graphite, "natural flake graphite", new Place { Country = "MZ", Locality = "Cabo Delgado", Name = "Montepuez Hill" }, "90000", "86400", cancel);
        await RefineAsync(firms.GraphiteMine, DemoLot.FlakeGraphite, "30000", DemoLot.SphericalGraphite, Mineral.Graphite, "spherical purified graphite", "13400", "13386", "5.1", cancel);
    }

    private async Task MakeAnodeAsync(CancellationToken cancel)
    {
        var graphite = await GiveAsync(firms.Refiner, DemoLot.SphericalGraphite, DemoLot.Anode, "13000", 1860, cancel);
        await firms.MaterialMaker.SayAsync(
            DemoLot.Anode, Material(MaterialKind.AnodeActiveMaterial, "coated spherical graphite", "13000", Elements((Mineral.Graphite, "12980")), "2.2"), calendar.DaysAgo(1850),
            new EntryLinks { Taken = [graphite] }, cancel);
    }

    private async Task MakeCathodeAsync(
        string cathode, string precursor, int daysAgo, IReadOnlyList<(DemoFirm Giver, string Lot, string Mass)> salts, (string Mass, IReadOnlyList<ElementMass> Content) made,
        (string Precursor, string Lithium) mixed, (string Mass, IReadOnlyList<ElementMass> Content) calcined, CancellationToken cancel)
    {
        var taken = new List<Redemption>();
        foreach (var (giver, lot, mass) in salts)
        {
            taken.Add(await GiveAsync(giver, lot, precursor, mass, daysAgo + 5, cancel));
        }

        await firms.MaterialMaker.SayAsync(
            precursor, Material(MaterialKind.Precursor, "nickel manganese cobalt hydroxide 8:1:1", made.Mass, made.Content, "1.9"), calendar.DaysAgo(daysAgo), new EntryLinks { Taken = taken }, cancel);
        var forCathode = await GiveAsync(firms.MaterialMaker, precursor, cathode, mixed.Precursor, daysAgo - 10, cancel);
        var lithium = await GiveAsync(firms.Refiner, DemoLot.LithiumHydroxide, cathode, mixed.Lithium, daysAgo - 10, cancel);
        await firms.MaterialMaker.SayAsync(
            cathode, Material(MaterialKind.CathodeActiveMaterial, "NMC 811 cathode active material", calcined.Mass, calcined.Content, "2.8"), calendar.DaysAgo(daysAgo - 20),
            new EntryLinks { Taken = [forCathode, lithium] }, cancel);
    }

    private Task<Entry> ExtractAsync(DemoFirm mine, string lot, Mineral mineral, string product, Place site, string mass, string element, CancellationToken cancel) =>
        mine.SayAsync(
            lot, new LotExtracted { Open = true, Mineral = mineral, Product = product, Site = site, Mass = Quantity.Parse(mass), Content = Elements((mineral, element)) }, calendar.DaysAgo(1950), null, cancel);

    private async Task RefineAsync(
        DemoFirm mine, string from, string taken, string lot, Mineral mineral, string product, string mass, string element, string footprint, CancellationToken cancel)
    {
        var input = await mine.GiveAsync(from, new GoodsGiven(lot, firms.Refiner.Did, Quantity.Parse(taken)), calendar.DaysAgo(1915), cancel);
        await firms.Refiner.SayAsync(lot, new LotRefined
        {
            Open = true,
            Mineral = mineral,
            Product = product,
            Site = Refinery,
            Mass = Quantity.Parse(mass),
            Content = Elements((mineral, element)),
            CarbonFootprint = Quantity.Parse(footprint),
        }, calendar.DaysAgo(1890), new EntryLinks { Taken = [input] }, cancel);
    }

    private Task<Redemption> GiveAsync(DemoFirm giver, string from, string to, string mass, int daysAgo, CancellationToken cancel) =>
        giver.GiveAsync(from, new GoodsGiven(to, firms.MaterialMaker.Did, Quantity.Parse(mass)), calendar.DaysAgo(daysAgo), cancel);

    private static MaterialManufactured Material(MaterialKind kind, string product, string mass, IReadOnlyList<ElementMass> content, string footprint) => new()
    {
        Open = true,
        Material = kind,
        Product = product,
        Site = MaterialPlant,
        Mass = Quantity.Parse(mass),
        Content = content,
        CarbonFootprint = Quantity.Parse(footprint),
    };

    internal static IReadOnlyList<ElementMass> Elements(params (Mineral Element, string Kilograms)[] content) =>
        [.. content.Select(c => new ElementMass { Element = c.Element, Mass = Quantity.Parse(c.Kilograms) })];
}
