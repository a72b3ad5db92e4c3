using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Demo;

/// <summary>The sections of the car battery's sheet, with values of the size that such batteries have.</summary>
public static class DemoSections
{
    private const string Web = "https://havel-energy.example/aurora-75/";

    public static PerformanceDeclared Performance => new()
    {
        PowerCapability =
        [
            new PowerAtCharge { StateOfCharge = Quantity.Parse("80"), Power = Quantity.Parse("150000") },
            new PowerAtCharge { StateOfCharge = Quantity.Parse("20"), Power = Quantity.Parse("112000") },
        ],
        MaximumPower = Quantity.Parse("160000"),
        PowerEnergyRatio = Quantity.Parse("2.1"),
        RoundTripEfficiency = Quantity.Parse("96.1"),
        RoundTripEfficiencyAtHalfLife = Quantity.Parse("94.8"),
        InternalResistance =
        [
            new ResistanceOfPart { Part = ComponentKind.Cells, Resistance = Quantity.Parse("0.00039") },
            new ResistanceOfPart { Part = ComponentKind.Module, Resistance = Quantity.Parse("0.0049") },
            new ResistanceOfPart { Part = ComponentKind.Pack, Resistance = Quantity.Parse("0.041") },
        ],
        LifetimeReferenceTest = "IEC 62660-1:2018, 7.8",
        CycleLifeTestRate = Quantity.Parse("0.33"),
        ExhaustionThreshold = Quantity.Parse("70"),
        IdleTemperatureMinimum = Quantity.Parse("-30"),
        IdleTemperatureMaximum = Quantity.Parse("60"),
        ExpectedLifetime = Quantity.Parse("15"),
        SelfDischarge = Quantity.Parse("1.5"),
    };

    public static CompositionDeclared Composition => new()
    {
        Substances =
        [
            new HazardousSubstance
            {
                Name = "lithium hexafluorophosphate",
                Cas = "21324-40-3",
                HazardClass = "Skin Corr. 1A; STOT RE 1",
                Location = "electrolyte of the cells",
                Concentration = Quantity.Parse("1.6"),
                Impact = "Releases hydrogen fluoride with water: corrosive and toxic when inhaled.",
            },
        ],
        RenewableContent = Quantity.Parse("0.4"),
    };

    public static CircularityDeclared Circularity => new()
    {
        WastePrevention = Public("How drivers make the battery last", "waste-prevention", "Charge to 80 % for daily trips, avoid standing full in heat, have the cooling checked every four years."),
        SeparateCollection = Public("Where the battery is handed in", "separate-collection", "Dealers, workshops and vehicle dismantlers take the battery back free of charge. It never goes into household waste."),
        CollectionAndTreatment = Public("What happens after collection", "treatment", "The battery is examined for a second life; what is not fit is discharged, dismantled and recycled."),
        Dismantling =
        [
            Public("Dismantling of Aurora 75", "dismantling", "High voltage off, wait ten minutes, measure. Lid: 38 screws Torx 30. Eight modules, four screws M8 each; busbars first. Insulated tools for 1000 V."),
        ],
        SpareParts =
        [
            new SparePart { Name = "Module of twelve cells", PartNumber = "HE-M12-75", Source = "Havel Energy Packs GmbH, Am Kanal 1, 14770 Brandenburg an der Havel" },
            new SparePart { Name = "Lid seal", PartNumber = "HE-S-0417", Source = "Havel Energy Packs GmbH, Am Kanal 1, 14770 Brandenburg an der Havel" },
        ],
        Safety = Public("Safety in handling and fire", "safety", "Cool with large amounts of water for hours; the battery can light up again. Keep five metres from other vehicles for two days."),
    };

    public static LabellingDeclared Labelling => new()
    {
        Symbols =
        [
            new Symbol { Kind = SymbolKind.SeparateCollection, Meaning = "Crossed-out bin: hand the battery in separately, never with household waste.", Address = Web + "bin.svg" },
            new Symbol { Kind = SymbolKind.ExtinguishingAgent, Meaning = "Burning cells are cooled with large amounts of water." },
        ],
    };

    public static ConformityDeclared Conformity => new()
    {
        Declaration = Public("EU declaration of conformity, Aurora 75", "declaration", "Havel Energy Packs GmbH declares under its sole responsibility that the battery model Aurora 75 conforms with Regulation (EU) 2023/1542."),
        DeclarationNumber = "HE-DOC-0075-2",
        TestReports = [Public("Summary of test reports, Aurora 75", "tests", "Thermal shock, external short circuit, overcharge, overdischarge, mechanical shock, fire exposure: passed.")],
    };

    public static CarbonFootprintDeclared CarbonFootprint => new()
    {
        Total = Quantity.Parse("0.0463"),
        RawMaterials = Quantity.Parse("0.0281"),
        Production = Quantity.Parse("0.0129"),
        Distribution = Quantity.Parse("0.0009"),
        EndOfLife = Quantity.Parse("0.0044"),
        Rules = "Product Environmental Footprint category rules for high specific energy rechargeable batteries, version 2",
        Absolute = Quantity.Parse("4720"),
        Study = Web + "carbon-footprint",
        DeclarationNumber = "HE-DOC-0075-2",
    };

    public static RecycledContentDeclared RecycledContent(int year) => new()
    {
        Year = year,
        Shares =
        [
            new RecycledShare { Element = Mineral.Cobalt, PreConsumer = Quantity.Parse("0"), PostConsumer = Quantity.Parse("0") },
            new RecycledShare { Element = Mineral.Lithium, PreConsumer = Quantity.Parse("0"), PostConsumer = Quantity.Parse("0") },
            new RecycledShare { Element = Mineral.Nickel, PreConsumer = Quantity.Parse("0"), PostConsumer = Quantity.Parse("0") },
        ],
    };

    public static DueDiligenceReported DueDiligence(int year) => new()
    {
        Year = year,
        Report = Public("Report on due diligence for cobalt, graphite, lithium and nickel", "due-diligence", "Four mines and two smelters visited; one risk of the OECD guidance found in Lualaba, its mitigation is reported every quarter."),
        Indices = [new SupplyChainIndex { Name = "GBA Child Labour Index, version 1", Value = "evidence for cobalt of one site" }],
    };

    // The document is its text: whoever asks the maker for it can hash it.
    private static Document Public(string title, string name, string text) => new()
    {
        Title = title,
        MediaType = "text/plain",
        Size = Encoding.UTF8.GetByteCount(text),
        Sha256 = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
        Address = $"{Web}{name}.txt",
    };
}
