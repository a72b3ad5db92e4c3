using System.Globalization;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Opening;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Demo;

/// <summary>
/// One battery's life, from four mines to its second measured state of health, said through the public interface as its firms would. The firms are made up;
/// quantities and values are of the size that real ones have.
/// </summary>
/// <param name="folder">Where the demo's keys and journals are.</param>
/// <param name="api">The ledger.</param>
/// <param name="origin">The log.</param>
/// <param name="logKeys">Keys that receipts must be signed with.</param>
/// <param name="today">The day on which the demo plays; its story lies in the months before.</param>
public sealed class DemoLife(string folder, LedgerApi api, string origin, IReadOnlyList<NoteVerifier> logKeys, DateTimeOffset today) : IDisposable
{
    /// <summary>The battery whose life it is.</summary>
    public static readonly string Battery = Gs1.Item("09506000134352", "AU75-000123");

    private const string Model = "urn:uuid:5b0f3a5e-2f4b-4b6a-9a53-8d8f2f7a0c75";
    private const string LithiumLot = "urn:uuid:1a6f1c52-9c04-4d6e-8a34-0a4f6d5f1e01";
    private const string NickelLot = "urn:uuid:1a6f1c52-9c04-4d6e-8a34-0a4f6d5f1e02";
    private const string CobaltLot = "urn:uuid:1a6f1c52-9c04-4d6e-8a34-0a4f6d5f1e03";
    private const string GraphiteLot = "urn:uuid:1a6f1c52-9c04-4d6e-8a34-0a4f6d5f1e04";
    private const string CathodeLot = "urn:uuid:1a6f1c52-9c04-4d6e-8a34-0a4f6d5f1e05";
    private const string AnodeLot = "urn:uuid:1a6f1c52-9c04-4d6e-8a34-0a4f6d5f1e06";
    private const string Cells = "urn:uuid:1a6f1c52-9c04-4d6e-8a34-0a4f6d5f1e07";

    private readonly List<DemoFirm> _firms = [];

    /// <summary>Plays what has not been played yet.</summary>
    /// <exception cref="LedgerApiException">The ledger refused or could not be reached; the next call goes on from there.</exception>
    public async Task PlayAsync(CancellationToken cancel)
    {
        var authority = await OpenLogAsync(cancel);
        var lithium = await EnrolAsync(authority, "salar-clara", "Salar Clara Litio SpA", [Role.Miner], cancel);
        var nickel = await EnrolAsync(authority, "ungava-nickel", "Ungava Nickel Inc.", [Role.Miner], cancel);
        var cobalt = await EnrolAsync(authority, "lualaba-cobalt", "Lualaba Cobalt SARL", [Role.Miner], cancel);
        var graphite = await EnrolAsync(authority, "montepuez-grafite", "Montepuez Grafite Lda", [Role.Miner], cancel);
        var refiner = await EnrolAsync(authority, "kokkola-materials", "Kokkola Battery Materials Oy", [Role.Refiner, Role.MaterialMaker], cancel);
        var cellMaker = await EnrolAsync(authority, "tisza-cells", "Tisza Cells Kft.", [Role.CellMaker], cancel);
        var packMaker = await EnrolAsync(authority, "havel-energy", "Havel Energy Packs GmbH", [Role.BatteryMaker], cancel);
        var fleet = await EnrolAsync(authority, "rondo-carsharing", "Rondo Carsharing B.V.", [Role.FleetOperator], cancel);
        var inspector = await EnrolAsync(authority, "spree-inspection", "Spree Inspection AG", [Role.Inspector], cancel);
        await authority.SayAsync(Names.GrantsChain(packMaker.Did), new IdentifierGranted { Scheme = "gtin", Prefix = "9506000" }, today.AddDays(-300), null, cancel);
        await authority.SayAsync(Names.GrantsChain(packMaker.Did), new IdentifierGranted { Scheme = "gbt34014", Prefix = "0HP" }, today.AddDays(-300), null, cancel);

        await ExtractAsync(lithium, LithiumLot, Mineral.Lithium, "lithium carbonate from brine", new Place { Country = "CL", Locality = "Antofagasta", Name = "Salar Clara" }, "24000", "18.6", 280, cancel);
        await ExtractAsync(nickel, NickelLot, Mineral.Nickel, "nickel sulphide concentrate", new Place { Country = "CA", Locality = "Nunavik, Quebec", Name = "Lac Raglan South" }, "180000", "14.2", 275, cancel);
        await ExtractAsync(cobalt, CobaltLot, Mineral.Cobalt, "cobalt hydroxide", new Place { Country = "CD", Locality = "Lualaba", Name = "Kisanga Pit 2" }, "40000", "31.5", 270, cancel);
        await ExtractAsync(graphite, GraphiteLot, Mineral.Graphite, "natural flake graphite", new Place { Country = "MZ", Locality = "Cabo Delgado", Name = "Montepuez Hill" }, "90000", "96.0", 265, cancel);

        var forCathode = new List<Redemption>
        {
            await GiveAsync(lithium, LithiumLot, CathodeLot, refiner, "7600", 250, cancel),
            await GiveAsync(nickel, NickelLot, CathodeLot, refiner, "68000", 248, cancel),
            await GiveAsync(cobalt, CobaltLot, CathodeLot, refiner, "3900", 246, cancel),
        };
        var forAnode = await GiveAsync(graphite, GraphiteLot, AnodeLot, refiner, "30000", 245, cancel);
        await RefineAsync(refiner, CathodeLot, Mineral.Nickel, "NMC 811 cathode active material", forCathode, "20000", "48.3", "11.4", 220, cancel);
        await RefineAsync(refiner, AnodeLot, Mineral.Graphite, "coated spherical graphite", [forAnode], "13000", "99.9", "5.8", 215, cancel);

        var forCells = new List<Redemption>
        {
            await GiveAsync(refiner, CathodeLot, Cells, cellMaker, "9600", 200, cancel),
            await GiveAsync(refiner, AnodeLot, Cells, cellMaker, "6200", 200, cancel),
        };
        await cellMaker.SayAsync(Cells, new ComponentManufactured
        {
            Component = ComponentKind.Cells,
            Open = true,
            PartNumber = "TC-P211-N81",
            Chemistry = "NMC 811 / graphite",
            Plant = new Place { Country = "HU", Locality = "Szolnok", Name = "Tisza Cells Hall 2" },
            Count = Quantity.Parse("7200"),
            CarbonFootprint = Quantity.Parse("38.5"),
        }, today.AddDays(-160), new EntryLinks { Taken = forCells }, cancel);
        var cells = await GiveAsync(cellMaker, Cells, Battery, packMaker, "96", 140, cancel);

        var sheet = await packMaker.SayAsync(Model, Sheet(), today.AddDays(-180), null, cancel);
        await packMaker.SayAsync(Battery, new BatteryManufactured
        {
            Aliases = [new Alias { Scheme = "gbt34014", Value = "0HPPE0766HX00016B2000123", Basis = AliasBasis.Granted }],
            ManufacturedOn = today.AddDays(-120).ToString("yyyy-MM", CultureInfo.InvariantCulture),
            InitialCapacity = Quantity.Parse("212.8"),
            InitialInternalResistance = Quantity.Parse("0.0412"),
        }, today.AddDays(-120), new EntryLinks { Taken = [cells], References = [new Reference(sheet.LeafHash, Model)] }, cancel);
        await packMaker.SayAsync(Battery, new BatteryPlacedOnMarket { Market = "NL", Capacity = Quantity.Parse("212.8") }, today.AddDays(-100), null, cancel);

        var measured = await fleet.SayAsync(Battery, new HealthMeasured
        {
            Method = "Battery management system, firmware 3.9",
            StateOfCertifiedEnergy = Quantity.Parse("98.1"),
            FullCycles = 41,
            EnergyThroughput = Quantity.Parse("2950"),
        }, today.AddDays(-45), null, cancel);
        await inspector.SayAsync(Battery, new HealthMeasured
        {
            Method = "Bench test, C/3 at 25 °C",
            StateOfCertifiedEnergy = Quantity.Parse("99.0"),
            RemainingCapacity = Quantity.Parse("210.9"),
            RoundTripEfficiency = Quantity.Parse("95.6"),
            InternalResistance = Quantity.Parse("0.0418"),
        }, today.AddDays(-12), null, cancel);
        await fleet.SayAsync(Battery, new Corrected
        {
            Event = "health-measured.v1",
            Reason = "The firmware was 4.1; version 3.9 reported the usable energy about one per cent too low.",
            Replacements = new Dictionary<string, object> { ["method"] = "Battery management system, firmware 4.1", ["stateOfCertifiedEnergy"] = Quantity.Parse("99.2") },
        }, today.AddDays(-3), new EntryLinks { References = [new Reference(measured.LeafHash, Battery)] }, cancel);
    }

    public void Dispose() => _firms.ForEach(f => f.Dispose());

    private static ModelDeclared Sheet() => new()
    {
        Model = "Aurora 75",
        Manufacturer = "Havel Energy Packs",
        Category = BatteryCategory.Ev,
        Plant = new Place { Country = "DE", Locality = "Brandenburg an der Havel", Name = "Havel Plant 1" },
        Chemistry = "NMC 811 / graphite",
        Mass = Quantity.Parse("438"),
        RatedCapacity = Quantity.Parse("212"),
        RatedEnergy = Quantity.Parse("74.6"),
        NominalVoltage = Quantity.Parse("352"),
        MinimumVoltage = Quantity.Parse("269"),
        MaximumVoltage = Quantity.Parse("403"),
        ExpectedCycles = 1500,
        WarrantyMonths = 96,
        CriticalRawMaterials = ["lithium", "nickel", "cobalt", "natural graphite"],
        HazardousSubstances = ["lithium hexafluorophosphate"],
        ExtinguishingAgents = ["water in large amounts"],
        Materials =
        [
            new ComponentMaterial { Part = CellPart.Cathode, Name = "lithium nickel manganese cobalt oxide", Cas = "346417-97-8", Mass = Quantity.Parse("128") },
            new ComponentMaterial { Part = CellPart.Anode, Name = "graphite", Cas = "7782-42-5", Mass = Quantity.Parse("82") },
        ],
    };

    private async Task<DemoFirm> OpenLogAsync(CancellationToken cancel)
    {
        var did = Names.LogOperator(origin);
        var authority = await FirmAsync("authority", did + "#authority", cancel);
        using var recovery = DemoKeys.Open(Path.Combine(folder, "recovery.pem"));
        using var keys = Log.LogKeys.Read(Path.GetDirectoryName(folder)!);
        await authority.SayAsync(Names.LogChain(origin), new LogOpened
        {
            Origin = origin,
            Authority = authority.Declare(origin, KeyUse.Authority),
            Recovery = KeyDeclaration.Of(recovery, origin, did + "#recovery", KeyUse.Recovery),
            Head = KeyDeclaration.Of(keys.Head, origin, did + "#head", KeyUse.Head),
            Log = KeyDeclaration.Of(keys.Log, origin, did + "#log", KeyUse.Log),
        }, today, null, cancel);
        return authority;
    }

    private async Task<DemoFirm> EnrolAsync(DemoFirm authority, string host, string name, IReadOnlyList<Role> roles, CancellationToken cancel)
    {
        var firm = await FirmAsync(host, $"did:web:{host}.example#k1", cancel);
        await authority.SayAsync(firm.Did, new OperatorEnrolled { Operator = firm.Did, Name = name, Roles = roles, Key = firm.Declare(origin, KeyUse.Operator) }, today.AddDays(-320), null, cancel);
        return firm;
    }

    private async Task<DemoFirm> FirmAsync(string name, string keyId, CancellationToken cancel)
    {
        var firm = await DemoFirm.OpenAsync(folder, name, keyId, api, origin, logKeys, cancel);
        _firms.Add(firm);
        return firm;
    }

    private Task<Entry> ExtractAsync(DemoFirm mine, string lot, Mineral mineral, string product, Place site, string mass, string grade, int daysAgo, CancellationToken cancel) =>
        mine.SayAsync(lot, new LotExtracted { Open = true, Mineral = mineral, Product = product, Site = site, Mass = Quantity.Parse(mass), Grade = Quantity.Parse(grade) }, today.AddDays(-daysAgo), null, cancel);

    private Task<Entry> RefineAsync(
        DemoFirm refiner, string lot, Mineral mineral, string product, IReadOnlyList<Redemption> inputs, string mass, string grade, string footprint, int daysAgo, CancellationToken cancel) =>
        refiner.SayAsync(lot, new LotRefined
        {
            Open = true,
            Mineral = mineral,
            Product = product,
            Site = new Place { Country = "FI", Locality = "Kokkola", Name = "Kokkola Works" },
            Mass = Quantity.Parse(mass),
            Grade = Quantity.Parse(grade),
            CarbonFootprint = Quantity.Parse(footprint),
        }, today.AddDays(-daysAgo), new EntryLinks { Taken = inputs }, cancel);

    private Task<Redemption> GiveAsync(DemoFirm giver, string from, string to, DemoFirm receiver, string quantity, int daysAgo, CancellationToken cancel) =>
        giver.GiveAsync(from, new GoodsGiven(to, receiver.Did, Quantity.Parse(quantity)), today.AddDays(-daysAgo), cancel);
}
