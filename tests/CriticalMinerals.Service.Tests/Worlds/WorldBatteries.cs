using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;

namespace CriticalMinerals.Service.Tests.Worlds;

/// <summary>A campaign: active materials become cells, cells modules, modules batteries of one model; or batteries of a model come in from elsewhere.</summary>
public sealed class WorldBatteries(WorldFirms firms, WorldPlan plan, WorldMaterials materials)
{
    // How many first lives of a hundred end so; the others are in use on the last day.
    private static readonly (Fate Fate, int Share)[] Fates =
        [(Fate.Recycled, 13), (Fate.Repurposed, 10), (Fate.Dismantled, 5), (Fate.ReUsed, 3), (Fate.Exported, 3), (Fate.Remanufactured, 2), (Fate.Disposed, 2)];

    /// <summary>Makes or brings in so many of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="count">How many, at most 40.</param>
    /// <param name="campaign">Number of the campaign.</param>
    /// <param name="day">Day on which they are there.</param>
    /// <param name="ends">Whether their first lives may end.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<IReadOnlyList<WorldBattery>> MakeAsync(WorldModel model, int count, int campaign, int day, bool ends, CancellationToken cancel)
    {
        var random = plan.RandomOf("campaign", campaign);
        var chains = Enumerable.Range(1, count).Select(i => Gs1.Item(model.Gtin, FormattableString.Invariant($"C{campaign:0000}-{i:00}"))).ToList();
        var modules = model.Maker == firms.All(Role.Importer)[0] ? null : await AssembleAsync(model, chains, day, random, cancel);
        if (modules is null)
        {
            foreach (var chain in chains)
            {
                await model.Maker.SayAsync(
                    chain, new BatteryImported { Status = BatteryStatus.Original, System = "traction battery traceability platform", ManufacturedOn = WorldPlan.Month(day - 90), Content = model.ContentOf(model.Modules) },
                    WorldPlan.Day(day), new EntryLinks { References = [model.Sheet] }, cancel);
            }
        }

        return [.. chains.Select(chain => new WorldBattery(chain, model, day) { Modules = modules, Fate = ends ? FateOf(random.Next(100)) : Fate.InUse, Events = 1 })];
    }

    private async Task<WorldModules> AssembleAsync(WorldModel model, List<string> batteries, int day, Random random, CancellationToken cancel)
    {
        var (cellMaker, packMaker) = (firms.Any(Role.CellMaker, random), model.Maker);
        var spares = Math.Max(1, batteries.Count * model.Modules / 40);
        var moduleCount = (batteries.Count * model.Modules) + spares;
        var cellCount = moduleCount * model.Cells;
        var (cells, modules) = (WorldPlan.Uuid(random), WorldPlan.Uuid(random));
        var taken = new List<Redemption>();
        foreach (var (product, mass) in ((string, decimal)[])[(model.Chemistry, WorldModel.Cell.Cathode), ("coated spherical graphite", WorldModel.Cell.Anode), ("lithium hexafluorophosphate in carbonates", WorldModel.Cell.Electrolyte)])
        {
            taken.AddRange(await materials.DrawAsync(product, mass * cellCount, cells, cellMaker, day - 60, cancel));
        }

        await cellMaker.SayAsync(
            cells, new ComponentManufactured { Component = ComponentKind.Cells, Open = random.Next(4) > 0, PartNumber = "C-50", Chemistry = model.Chemistry, Plant = new Place { Country = "HU", Name = cellMaker.Did[8..] }, Count = Quantity.Of(cellCount) },
            WorldPlan.Day(day - 50), new EntryLinks { Taken = taken }, cancel);
        var bought = await cellMaker.GiveAsync(cells, new GoodsGiven(modules, packMaker.Did, Quantity.Of(cellCount)), WorldPlan.Day(day - 30), cancel);
        await packMaker.SayAsync(
            modules, new ComponentManufactured { Component = ComponentKind.Module, Open = random.Next(4) > 0, PartNumber = "M-12", Chemistry = model.Chemistry, Plant = new Place { Country = "DE", Name = packMaker.Did[8..] }, Count = Quantity.Of(moduleCount) },
            WorldPlan.Day(day - 20), new EntryLinks { Taken = [bought] }, cancel);
        var fitted = await packMaker.GiveAsync(
            modules, new Allocated(), [.. batteries.Select(chain => new GoodsGiven(chain, packMaker.Did, Quantity.Of(model.Modules)))], WorldPlan.Day(day - 2), null, cancel);
        for (var i = 0; i < batteries.Count; i++)
        {
            await packMaker.SayAsync(
                batteries[i], new BatteryManufactured { ManufacturedOn = WorldPlan.Month(day), InitialCapacity = Quantity.Of(212 + random.Next(4)) },
                WorldPlan.Day(day), new EntryLinks { Taken = [fitted[i]], References = [model.Sheet] }, cancel);
        }

        return new WorldModules(modules, packMaker, spares);
    }

    private static Fate FateOf(int drawn)
    {
        foreach (var (fate, share) in Fates)
        {
            if ((drawn -= share) < 0)
            {
                return fate;
            }
        }

        return Fate.InUse;
    }
}
