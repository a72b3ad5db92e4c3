using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;

namespace CriticalMinerals.Service.Tests.Worlds;

/// <summary>A model of battery.</summary>
/// <param name="Maker">Who makes it, or brings it in.</param>
/// <param name="Gtin">Its GTIN.</param>
/// <param name="Sheet">An entry of its data sheet.</param>
/// <param name="Category">Its category.</param>
/// <param name="Chemistry">Its cathode material, one of <see cref="WorldMaterials"/>.</param>
/// <param name="Modules">Modules in a battery.</param>
/// <param name="Cells">Cells in a module.</param>
public sealed record WorldModel(DemoFirm Maker, string Gtin, Reference Sheet, BatteryCategory Category, string Chemistry, int Modules, int Cells)
{
    /// <summary>Cathode material, anode material and electrolyte in a cell, in kilograms.</summary>
    public static readonly (decimal Cathode, decimal Anode, decimal Electrolyte) Cell = (1.333m, 0.861m, 0.597m);

    /// <summary>What so many modules hold.</summary>
    public IReadOnlyList<ElementMass> ContentOf(int modules, decimal share = 1)
    {
        var cells = modules * Cells * share;
        return [.. new[] { Mineral.Lithium, Mineral.Nickel, Mineral.Cobalt, Mineral.Graphite, Mineral.Manganese, Mineral.Phosphorus, Mineral.Iron }
            .Select(element => (Element: element, Mass: cells * (
                (Cell.Cathode * WorldMaterials.Share(Chemistry, element)) +
                (Cell.Anode * WorldMaterials.Share("coated spherical graphite", element)) +
                (Cell.Electrolyte * WorldMaterials.Share("lithium hexafluorophosphate in carbonates", element)))))
            .Where(e => e.Mass > 0)
            .Select(e => new ElementMass { Element = e.Element, Mass = WorldPlan.Kilograms(e.Mass) })];
    }
}

/// <summary>Twenty models: cars mostly, then light vehicles, industry and storage; every fourth sheet has all its sections.</summary>
public sealed class WorldModels(WorldFirms firms, WorldPlan plan)
{
    /// <summary>Declares one.</summary>
    public async Task<WorldModel> DeclareAsync(int number, CancellationToken cancel)
    {
        var random = plan.RandomOf("model", number);
        var imported = number % 10 == 9;
        var maker = imported ? firms.All(Role.Importer)[0] : firms.All(Role.BatteryMaker)[number % 3];
        var (category, modules, cells) = (number % 5) switch
        {
            3 => (BatteryCategory.Lmt, 1, 10),
            4 => number % 2 == 0 ? (BatteryCategory.Industrial, 16, 12) : (BatteryCategory.Stationary, 20, 12),
            _ => (BatteryCategory.Ev, 8, 12),
        };
        var chemistry = ((string[])["NMC 811", "NMC 622", "LFP"])[random.Next(3)];
        var subject = WorldPlan.Uuid(random);
        var sheet = await maker.SayAsync(subject, Sheet(maker, number, category, modules * cells, chemistry), WorldPlan.Day(300), null, cancel);
        if (number % 4 == 0)
        {
            await maker.SayAllAsync(
                ((Lifecycle.LifecycleEvent[])
                [
                    DemoSections.Performance, DemoSections.Composition, DemoSections.Circularity, DemoSections.Labelling, DemoSections.Conformity, DemoSections.CarbonFootprint,
                    DemoSections.RecycledContent(2021), DemoSections.DueDiligence(2021),
                ]).Select(section => (subject, section, WorldPlan.Day(310))),
                cancel);
        }

        return new WorldModel(maker, Gtin(firms.PrefixOf(maker), number), new Reference(sheet.LeafHash, subject), category, chemistry, modules, cells);
    }

    /// <summary>A sheet for what a second-life firm makes of used batteries.</summary>
    public async Task<WorldModel> DeclareStorageAsync(DemoFirm firm, int number, CancellationToken cancel)
    {
        var subject = WorldPlan.Uuid(plan.RandomOf("storage model", number));
        var sheet = await firm.SayAsync(subject, Sheet(firm, 100 + number, BatteryCategory.Stationary, 180, "NMC 811"), WorldPlan.Day(1500), null, cancel);
        return new WorldModel(firm, Gtin(firms.PrefixOf(firm), number), new Reference(sheet.LeafHash, subject), BatteryCategory.Stationary, "NMC 811", 16, 12);
    }

    private static ModelDeclared Sheet(DemoFirm maker, int number, BatteryCategory category, int cells, string chemistry) => new()
    {
        Model = FormattableString.Invariant($"Series {number}"),
        Manufacturer = maker.Did[8..],
        Category = category,
        Plant = new Place { Country = "DE", Name = "Hall 1" },
        Chemistry = chemistry + " / graphite",
        Mass = Quantity.Of(cells * 4.2m),
        RatedCapacity = Quantity.Of(category == BatteryCategory.Lmt ? 60 : 212),
        RatedEnergy = Quantity.Of(cells * 0.78m),
        NominalVoltage = Quantity.Of(category == BatteryCategory.Lmt ? 48 : 352),
        ExpectedCycles = 1500,
        WarrantyMonths = 96,
        CriticalRawMaterials = ["lithium", "natural graphite"],
    };

    private static string Gtin(string prefix, int number)
    {
        var body = FormattableString.Invariant($"0{prefix}{number:00000}");
        var sum = body.Select((digit, i) => (digit - '0') * (i % 2 == 0 ? 3 : 1)).Sum();
        return body + (char)('0' + ((10 - (sum % 10)) % 10));
    }
}
