using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;

namespace CriticalMinerals.Service.Tests.Worlds;

/// <summary>
/// Every material between a mine and a cell, each in lots. Who needs some takes it from the newest lot, and when that is used up a new one is won or made, which
/// takes what it needs in turn. The elements follow the formulas; yields lie between 92 and 99 %.
/// </summary>
public sealed class WorldMaterials(WorldFirms firms, WorldPlan plan)
{
    private static readonly Dictionary<string, Recipe> Recipes = new Recipe[]
    {
        new("lithium carbonate from brine", Role.Miner, Mineral.Lithium, 40_000, [(Mineral.Lithium, 0.186m)], []),
        new("nickel sulphide concentrate", Role.Miner, Mineral.Nickel, 300_000, [(Mineral.Nickel, 0.142m)], []),
        new("cobalt hydroxide", Role.Miner, Mineral.Cobalt, 30_000, [(Mineral.Cobalt, 0.315m)], []),
        new("natural flake graphite", Role.Miner, Mineral.Graphite, 120_000, [(Mineral.Graphite, 0.96m)], []),
        new("manganese ore", Role.Miner, Mineral.Manganese, 60_000, [(Mineral.Manganese, 0.44m)], []),
        new("lithium hydroxide monohydrate", Role.Refiner, Mineral.Lithium, 12_000, [(Mineral.Lithium, 0.165m)], [("lithium carbonate from brine", 0.92m)]),
        new("nickel sulphate hexahydrate", Role.Refiner, Mineral.Nickel, 50_000, [(Mineral.Nickel, 0.223m)], [("nickel sulphide concentrate", 1.62m)]),
        new("cobalt sulphate heptahydrate", Role.Refiner, Mineral.Cobalt, 9_000, [(Mineral.Cobalt, 0.209m)], [("cobalt hydroxide", 0.69m)]),
        new("manganese sulphate monohydrate", Role.Refiner, Mineral.Manganese, 9_000, [(Mineral.Manganese, 0.325m)], [("manganese ore", 0.8m)]),
        new("spherical purified graphite", Role.Refiner, Mineral.Graphite, 20_000, [(Mineral.Graphite, 0.998m)], [("natural flake graphite", 2.2m)]),
        new("iron phosphate", Role.Refiner, Mineral.Phosphorus, 20_000, [(Mineral.Iron, 0.36m), (Mineral.Phosphorus, 0.2m)], []),
        new("lithium hexafluorophosphate in carbonates", Role.MaterialMaker, null, 20_000, [(Mineral.Lithium, 0.0057m), (Mineral.Phosphorus, 0.0255m)], []) { Kind = MaterialKind.Electrolyte },
        new(
            "NMC 811 precursor", Role.MaterialMaker, null, 6_000, [(Mineral.Nickel, 0.509m), (Mineral.Manganese, 0.0595m), (Mineral.Cobalt, 0.0639m)],
            [("nickel sulphate hexahydrate", 2.3m), ("cobalt sulphate heptahydrate", 0.31m), ("manganese sulphate monohydrate", 0.19m)]) { Kind = MaterialKind.Precursor },
        new(
            "NMC 622 precursor", Role.MaterialMaker, null, 6_000, [(Mineral.Nickel, 0.38m), (Mineral.Manganese, 0.118m), (Mineral.Cobalt, 0.127m)],
            [("nickel sulphate hexahydrate", 1.75m), ("cobalt sulphate heptahydrate", 0.62m), ("manganese sulphate monohydrate", 0.37m)]) { Kind = MaterialKind.Precursor },
        new(
            "NMC 811", Role.MaterialMaker, null, 5_000, [(Mineral.Lithium, 0.0713m), (Mineral.Nickel, 0.482m), (Mineral.Manganese, 0.0563m), (Mineral.Cobalt, 0.0605m)],
            [("NMC 811 precursor", 0.95m), ("lithium hydroxide monohydrate", 0.45m)]) { Kind = MaterialKind.CathodeActiveMaterial },
        new(
            "NMC 622", Role.MaterialMaker, null, 5_000, [(Mineral.Lithium, 0.0713m), (Mineral.Nickel, 0.36m), (Mineral.Manganese, 0.1118m), (Mineral.Cobalt, 0.1203m)],
            [("NMC 622 precursor", 0.95m), ("lithium hydroxide monohydrate", 0.45m)]) { Kind = MaterialKind.CathodeActiveMaterial },
        new(
            "LFP", Role.MaterialMaker, null, 5_000, [(Mineral.Lithium, 0.0437m), (Mineral.Iron, 0.352m), (Mineral.Phosphorus, 0.195m)],
            [("iron phosphate", 0.98m), ("lithium carbonate from brine", 0.25m)]) { Kind = MaterialKind.CathodeActiveMaterial },
        new("coated spherical graphite", Role.MaterialMaker, null, 8_000, [(Mineral.Graphite, 0.997m)], [("spherical purified graphite", 1m)]) { Kind = MaterialKind.AnodeActiveMaterial },
    }.ToDictionary(r => r.Product, StringComparer.Ordinal);

    private readonly Dictionary<string, Queue<Lot>> _lots = Recipes.Keys.ToDictionary(p => p, _ => new Queue<Lot>(), StringComparer.Ordinal);
    private readonly Random _random = plan.RandomOf("materials", 0);

    /// <summary>Share of an element in a material, by mass.</summary>
    public static decimal Share(string product, Mineral element) => Recipes[product].Content.FirstOrDefault(c => c.Element == element).Share;

    /// <summary>What a mass of a material holds.</summary>
    public static IReadOnlyList<ElementMass> ContentOf(string product, decimal mass) =>
        [.. Recipes[product].Content.Select(c => new ElementMass { Element = c.Element, Mass = Quantity.Of(c.Share * mass) })];

    /// <summary>A lot that came from elsewhere, such as from a recycler, is used before others.</summary>
    public void Offer(string product, string lot, DemoFirm keeper, decimal mass) => _lots[product].Enqueue(new Lot(lot, keeper, mass));

    /// <summary>Takes so much of a material for a chain of somebody's, of one lot or several.</summary>
    public async Task<IReadOnlyList<Redemption>> DrawAsync(string product, decimal mass, string chain, DemoFirm receiver, int day, CancellationToken cancel)
    {
        var taken = new List<Redemption>();
        for (var lots = _lots[product]; mass > 0;)
        {
            if (lots.Count == 0)
            {
                lots.Enqueue(await MakeAsync(Recipes[product], Math.Max(mass, Recipes[product].LotMass), day - 12, cancel));
            }

            var lot = lots.Peek();
            var given = Math.Min(mass, lot.Left);
            taken.Add(await lot.Keeper.GiveAsync(lot.Chain, new GoodsGiven(chain, receiver.Did, Quantity.Of(given)), WorldPlan.Day(day - 3), cancel));
            mass -= given;
            lot.Left -= given;
            if (lot.Left == 0)
            {
                lots.Dequeue();
            }
        }

        return taken;
    }

    /// <summary>Wins or makes a new lot of a material.</summary>
    public async Task<(string Chain, DemoFirm Keeper)> MakeAsync(string product, decimal mass, int day, CancellationToken cancel)
    {
        var lot = await MakeAsync(Recipes[product], mass, day, cancel);
        return (lot.Chain, lot.Keeper);
    }

    private async Task<Lot> MakeAsync(Recipe recipe, decimal mass, int day, CancellationToken cancel)
    {
        var (chain, maker, open) = (WorldPlan.Uuid(_random), firms.Any(recipe.Maker, _random), _random.Next(4) > 0);
        var taken = new List<Redemption>();
        foreach (var (product, ratio) in recipe.Inputs)
        {
            taken.AddRange(await DrawAsync(product, decimal.Round(mass * ratio, 3, MidpointRounding.AwayFromZero) + 0.001m, chain, maker, day - 5, cancel));
        }

        InputSource? source = taken.Count == 0 ? InputSource.Declared : null;
        var (total, content, site, links) = (Quantity.Of(mass), ContentOf(recipe.Product, mass), SiteOf(maker), new EntryLinks { Taken = taken });
        switch (recipe.Maker)
        {
            case Role.Miner:
                await maker.SayAsync(chain, new LotExtracted { Open = open, Mineral = recipe.Mineral!.Value, Product = recipe.Product, Site = site, Mass = total, Content = content }, WorldPlan.Day(day), null, cancel);
                break;
            case Role.Refiner:
                await maker.SayAsync(
                    chain, new LotRefined { Open = open, Source = source, Mineral = recipe.Mineral!.Value, Product = recipe.Product, Site = site, Mass = total, Content = content }, WorldPlan.Day(day), links, cancel);
                break;
            default:
                await maker.SayAsync(
                    chain, new MaterialManufactured { Open = open, Source = source, Material = recipe.Kind, Product = recipe.Product, Site = site, Mass = total, Content = content }, WorldPlan.Day(day), links, cancel);
                break;
        }

        return new Lot(chain, maker, mass);
    }

    private Place SiteOf(DemoFirm firm) => new() { Country = ((string[])["CL", "AU", "CD", "CA", "MZ", "FI", "DE", "CN", "KR"])[_random.Next(9)], Name = firm.Did[8..] };

    /// <param name="Product">What it is.</param>
    /// <param name="Maker">Who wins or makes it.</param>
    /// <param name="Mineral">What it is won for.</param>
    /// <param name="LotMass">Usual mass of a lot, in kilograms.</param>
    /// <param name="Content">Elements, as shares of its mass.</param>
    /// <param name="Inputs">Kilograms of each input for a kilogram; none: not traced further, or a mine.</param>
    private sealed record Recipe(string Product, Role Maker, Mineral? Mineral, decimal LotMass, (Mineral Element, decimal Share)[] Content, (string Product, decimal Ratio)[] Inputs)
    {
        public MaterialKind Kind { get; init; }
    }

    private sealed class Lot(string chain, DemoFirm keeper, decimal left)
    {
        public string Chain => chain;

        public DemoFirm Keeper => keeper;

        public decimal Left { get; set; } = left;
    }
}
