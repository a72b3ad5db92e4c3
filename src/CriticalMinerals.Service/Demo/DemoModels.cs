using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Demo;

/// <summary>The two models of the demo: an electric car's battery with every section of its sheet, and the storage battery made of used ones.</summary>
public sealed class DemoModels(DemoFirms firms, DemoCalendar calendar)
{
    /// <summary>GTIN of the car's battery.</summary>
    public const string AuroraGtin = "09506000134352";

    /// <summary>GTIN of the storage battery.</summary>
    public const string StorageGtin = "09506001001301";

    private const string AuroraSheet = "urn:uuid:5b0f3a5e-2f4b-4b6a-9a53-8d8f2f7a0c75";
    private const string StorageSheet = "urn:uuid:5b0f3a5e-2f4b-4b6a-9a53-8d8f2f7a0c76";

    /// <summary>How the pack maker is reached.</summary>
    public static Contact PackMakerContact { get; } = new()
    {
        Name = "Havel Energy Packs GmbH",
        Address = "Am Kanal 1, 14770 Brandenburg an der Havel, Germany",
        Web = "https://havel-energy.example",
        Mail = "passport@havel-energy.example",
    };

    /// <summary>The sheet of the car's battery; known once it was declared.</summary>
    public Reference Aurora { get; private set; }

    /// <summary>The sheet of the storage battery; known once it was declared.</summary>
    public Reference Storage { get; private set; }

    /// <summary>Declares both, section by section.</summary>
    public Task DeclareAsync(CancellationToken cancel) => Task.WhenAll(DeclareAuroraAsync(cancel), DeclareStorageAsync(cancel));

    private async Task DeclareAuroraAsync(CancellationToken cancel)
    {
        var (maker, when) = (firms.PackMaker, calendar.DaysAgo(1780));
        var sheet = await maker.SayAsync(AuroraSheet, Sheet(), when, null, cancel);
        Aurora = new Reference(sheet.LeafHash, AuroraSheet);
        await maker.SayAllAsync(
            ((Lifecycle.LifecycleEvent[])
            [
                DemoSections.Performance, DemoSections.Composition, DemoSections.Circularity, DemoSections.Labelling, DemoSections.Conformity, DemoSections.CarbonFootprint,
                DemoSections.RecycledContent(calendar.Year(1720)), DemoSections.DueDiligence(calendar.Year(1720)),
            ]).Select(section => (AuroraSheet, section, when)),
            cancel);
    }

    private async Task DeclareStorageAsync(CancellationToken cancel)
    {
        var sheet = await firms.SecondLife.SayAsync(StorageSheet, new ModelDeclared
        {
            Model = "Second Current 140",
            Manufacturer = "Second Current Storage",
            Category = BatteryCategory.Stationary,
            Plant = new Place { Country = "DE", Locality = "Eberswalde", Name = "Second Current Hall 1" },
            Chemistry = "NMC 811 / graphite",
            Mass = Quantity.Parse("930"),
            RatedCapacity = Quantity.Parse("330"),
            RatedEnergy = Quantity.Parse("116"),
            NominalVoltage = Quantity.Parse("352"),
            MinimumVoltage = Quantity.Parse("288"),
            MaximumVoltage = Quantity.Parse("393"),
            ExpectedCycles = 2000,
            WarrantyMonths = 60,
            CriticalRawMaterials = ["lithium", "nickel", "cobalt", "natural graphite"],
            HazardousSubstances = ["lithium hexafluorophosphate"],
            ExtinguishingAgents = ["water in large amounts"],
        }, calendar.DaysAgo(320), null, cancel);
        Storage = new Reference(sheet.LeafHash, StorageSheet);
    }

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
            new ComponentMaterial { Part = CellPart.Electrolyte, Name = "lithium hexafluorophosphate in carbonates", Cas = "21324-40-3", Mass = Quantity.Parse("57") },
        ],
    };
}
