using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;

namespace CriticalMinerals.Service.Tests.Worlds;

/// <summary>How first lives end: one successor of several batteries, several of one that was taken apart, black mass and metals that come back.</summary>
public sealed class WorldEndings(WorldFirms firms, WorldPlan plan, WorldMaterials materials, WorldLives lives)
{
    private readonly Dictionary<string, WorldModel> _storage = new(StringComparer.Ordinal);
    private int _successors;
    private int _recycled;

    /// <summary>Second lives.</summary>
    public IReadOnlyCollection<WorldBattery> Successors => _begun;

    private readonly System.Collections.Concurrent.ConcurrentBag<WorldBattery> _begun = [];

    /// <summary>Declares the models of second lives.</summary>
    public async Task PrepareAsync(CancellationToken cancel)
    {
        foreach (var (firm, number) in firms.All(Role.SecondLifeOperator).Select((firm, number) => (firm, number)))
        {
            _storage[firm.Did] = await new WorldModels(firms, plan).DeclareStorageAsync(firm, number, cancel);
        }
    }

    /// <summary>One or several batteries become a storage battery, with a used module from a workshop now and then.</summary>
    public async Task RepurposeAsync(IReadOnlyList<WorldBattery> batteries, (string Consignment, DemoFirm Holder)? used, int number, CancellationToken cancel)
    {
        var random = plan.RandomOf("repurposing", number);
        var firm = used?.Holder ?? firms.Any(Role.SecondLifeOperator, random);
        var isWaste = batteries[0].Chain.Length % 2 == 0 || random.Next(3) > 0;
        var operation = isWaste ? LinePurpose.PreparationForRepurposing : LinePurpose.Repurposing;
        var next = Successor(firm, batteries.Max(b => b.Now) + 60, BatteryStatus.Repurposed);
        var taken = new List<Redemption>();
        foreach (var battery in batteries)
        {
            if (isWaste)
            {
                await CollectAsync(battery, random, cancel);
                await AssessAsync(battery, AssessmentResult.Fit, random, cancel);
            }

            taken.AddRange(await ReleaseAsync(battery, operation, next.Chain, firm, random, cancel));
            battery.Record = RecordStatus.Closed;
        }

        if (used is { } part)
        {
            taken.Add(await firm.GiveAsync(part.Consignment, new GoodsGiven(next.Chain, firm.Did, Quantity.Of(1)), WorldPlan.Day(next.Made - 2), cancel));
        }

        await BeginAsync(next, operation, "stationary storage", taken, _storage[firm.Did].Sheet, random, cancel);
    }

    /// <summary>A battery goes on for the same use under a passport of its own.</summary>
    public async Task ReUseAsync(WorldBattery battery, LinePurpose operation, int number, CancellationToken cancel)
    {
        var random = plan.RandomOf("re-use", number);
        var firm = firms.Any(Role.SecondLifeOperator, random);
        var next = Successor(firm, battery.Now + 40, operation.Result());
        var taken = await ReleaseAsync(battery, operation, next.Chain, firm, random, cancel);
        battery.Record = RecordStatus.Closed;
        await BeginAsync(next, operation, "the same", taken, battery.Model.Sheet, random, cancel);
    }

    /// <summary>A waste battery is taken apart: its modules go into two storage batteries, what is left to a recycler.</summary>
    public async Task DismantleAsync(WorldBattery battery, int number, CancellationToken cancel)
    {
        var random = plan.RandomOf("dismantling", number);
        var dismantler = firms.All(Role.Dismantler)[0];
        await CollectAsync(battery, random, cancel);
        await lives.HandOverAsync(battery, dismantler, random, cancel);
        var out1 = Math.Max(1, battery.Model.Modules / 4);
        var parts = battery.Model.Modules > 1 ? 2 : 1;
        var heirs = Enumerable.Range(0, parts).Select(_ => (Firm: firms.Any(Role.SecondLifeOperator, random), Day: battery.Now + 60)).Select(h => (h.Firm, Battery: Successor(h.Firm, h.Day, BatteryStatus.Repurposed))).ToList();
        var share = battery.Model.Modules > 1 ? 0.98m : 0.5m;
        var given = await dismantler.GiveAsync(
            battery.Chain,
            new Dismantled { Part = ComponentKind.Module, Site = new Place { Country = "NL", Name = "Dismantling hall" }, Removed = Quantity.Of(out1 * parts), RemovedContent = battery.Model.ContentOf(out1 * parts, share) },
            [.. heirs.Select(h => new GoodsGiven(h.Battery.Chain, h.Firm.Did, Quantity.Of(out1)))],
            WorldLives.Later(battery, random, 20),
            null,
            cancel);
        battery.Events++;
        battery.ModulesLeft -= out1 * parts;
        for (var i = 0; i < heirs.Count; i++)
        {
            await BeginAsync(heirs[i].Battery, LinePurpose.Repurposing, "storage beside a charging point", [given[i]], _storage[heirs[i].Firm.Did].Sheet, random, cancel);
        }
    }

    /// <summary>Batteries become black mass, and that a salt again; what the salt weighs can be used for new cells.</summary>
    public async Task RecycleAsync(IReadOnlyList<WorldBattery> batteries, int number, CancellationToken cancel)
    {
        var random = plan.RandomOf("recycling", number);
        var recycler = firms.Any(Role.Recycler, random);
        var site = new Place { Country = "PL", Name = "Recycling works" };
        var blackMass = WorldPlan.Uuid(random);
        var shredded = new List<Redemption>();
        var held = new Dictionary<Mineral, decimal>();
        foreach (var battery in batteries)
        {
            if (battery.Status != BatteryStatus.Waste)
            {
                await CollectAsync(battery, random, cancel);
                await AssessAsync(battery, AssessmentResult.Unfit, random, cancel);
            }

            var released = await ReleaseAsync(battery, LinePurpose.Recycling, battery.Chain, recycler, random, cancel);
            var content = battery.Model.ContentOf(battery.ModulesLeft, battery.ModulesLeft == 0 ? 0 : 0.9m).ToList();
            content = battery.ModulesLeft > 0 ? content : [.. battery.Model.ContentOf(1, 0.45m)];
            foreach (var element in content)
            {
                held[element.Element] = held.GetValueOrDefault(element.Element) + element.Mass.Value;
            }

            var mass = Quantity.Of(content.Sum(c => c.Mass.Value) * 2);
            shredded.AddRange(await recycler.GiveAsync(
                battery.Chain, new Recycled { Process = "mechanical, under nitrogen", Site = site, Mass = mass, Content = content, Efficiency = Quantity.Of(random.Next(65, 80)) },
                [new GoodsGiven(blackMass, recycler.Did, mass)], WorldLives.Later(battery, random, 30), new EntryLinks { Taken = released }, cancel));
            battery.Events++;
            (battery.Record, battery.Keeper) = (RecordStatus.Closed, recycler);
        }

        var day = batteries.Max(b => b.Now);
        held = held.ToDictionary(h => h.Key, h => decimal.Round(h.Value * 0.97m, 3, MidpointRounding.ToZero));
        var total = held.Values.Sum() * 1.5m;
        await recycler.SayAsync(
            blackMass, new BlackMassProduced { Open = random.Next(2) == 0, Site = site, Mass = Quantity.Of(total), Content = [.. held.Select(h => new ElementMass { Element = h.Key, Mass = Quantity.Of(h.Value) })] },
            WorldPlan.Day(day + 5), new EntryLinks { Taken = shredded }, cancel);
        await RecoverAsync(recycler, blackMass, total, held, site, day + 15, random, cancel);
    }

    /// <summary>A waste battery goes to final disposal, or abroad.</summary>
    public async Task LeaveAsync(WorldBattery battery, int number, CancellationToken cancel)
    {
        var random = plan.RandomOf("leaving", number);
        if (battery.Fate == Fate.Exported)
        {
            await lives.SayAsync(battery, battery.Keeper, new Exported { Country = "UA", AsWaste = false }, WorldLives.Later(battery, random, 30), cancel);
            return;
        }

        await CollectAsync(battery, random, cancel);
        await lives.SayAsync(battery, battery.Keeper, new Disposed { Method = "incineration after a fire" }, WorldLives.Later(battery, random, 30), cancel);
        battery.Record = RecordStatus.Closed;
    }

    // Of the element that is worth most; recovered salts have less of it than mined ones, and enough for the recipes.
    private async Task RecoverAsync(DemoFirm recycler, string blackMass, decimal total, Dictionary<Mineral, decimal> held, Place site, int day, Random random, CancellationToken cancel)
    {
        var worth = ((Mineral Element, string Product, decimal Share)[])
            [(Mineral.Cobalt, "cobalt sulphate heptahydrate", 0.208m), (Mineral.Nickel, "nickel sulphate hexahydrate", 0.2225m), (Mineral.Lithium, "lithium hydroxide monohydrate", 0.1645m)];
        var able = worth.Where(w => held.GetValueOrDefault(w.Element) > 0.1m).ToList();
        var (element, product, share) = able[Interlocked.Increment(ref _recycled) % able.Count];
        var lot = WorldPlan.Uuid(random);
        var mass = decimal.Round(held[element] * 0.95m / share, 2, MidpointRounding.ToZero);
        var taken = await recycler.GiveAsync(blackMass, new GoodsGiven(lot, recycler.Did, Quantity.Of(total)), WorldPlan.Day(day), cancel);
        await recycler.SayAsync(lot, new MaterialRecovered
        {
            Open = true,
            Mineral = element,
            Product = product,
            Site = site,
            Process = "hydrometallurgical",
            Custody = CustodyModel.Segregated,
            Mass = Quantity.Of(mass),
            Content = [new ElementMass { Element = element, Mass = Quantity.Of(mass * share) }],
            Recovery = [new ElementRecovery { Element = element, Rate = Quantity.Of(95) }],
        }, WorldPlan.Day(day + 10), new EntryLinks { Taken = [taken] }, cancel);
        lock (materials)
        {
            materials.Offer(product, lot, recycler, mass);
        }
    }

    private WorldBattery Successor(DemoFirm firm, int day, BatteryStatus status)
    {
        var number = Interlocked.Increment(ref _successors);
        return new WorldBattery(Gs1.Item(_storage[firm.Did].Gtin, FormattableString.Invariant($"SL{number:000000}")), _storage[firm.Did], Math.Min(day, WorldPlan.LastDay - 1)) { Status = status };
    }

    private async Task BeginAsync(WorldBattery next, LinePurpose operation, string use, IReadOnlyList<Redemption> taken, Reference sheet, Random random, CancellationToken cancel)
    {
        var firm = next.Keeper;
        await firm.SayAsync(next.Chain, new SecondLifeBegun
        {
            Operation = operation,
            IntendedUse = use,
            ManufacturedOn = WorldPlan.Month(next.Made),
            Standard = "UL 1974:2023",
            Capacity = Quantity.Of(160),
            InternalResistance = Quantity.Parse("0.06"),
        }, WorldPlan.Day(next.Made), new EntryLinks { Taken = taken, References = [sheet] }, cancel);
        next.Events++;
        await lives.LiveAsync(next, 1_000_000 + random.Next(1_000_000_000), cancel);
        _begun.Add(next);
    }

    private async Task CollectAsync(WorldBattery battery, Random random, CancellationToken cancel)
    {
        await lives.SayAsync(battery, firms.Any(Role.Collector, random), new Collected { Channel = (CollectionChannel)random.Next(6), Country = "NL", Undamaged = true }, WorldLives.Later(battery, random, 60), cancel);
        battery.Status = BatteryStatus.Waste;
    }

    private Task<Entry> AssessAsync(WorldBattery battery, AssessmentResult result, Random random, CancellationToken cancel) => lives.SayAsync(
        battery, firms.Any(Role.Inspector, random),
        new Assessed { Result = result, Standard = "UL 1974:2023", HistorySource = "battery management system", Capacity = Quantity.Of(170), InternalResistance = Quantity.Parse("0.055") },
        WorldLives.Later(battery, random, 20), cancel);

    private static async Task<IReadOnlyList<Redemption>> ReleaseAsync(WorldBattery battery, LinePurpose operation, string to, DemoFirm firm, Random random, CancellationToken cancel)
    {
        battery.Events++;
        return await battery.Keeper.GiveAsync(battery.Chain, new Released { Operation = operation }, [new GoodsGiven(to, firm.Did, Quantity.Of(1))], WorldLives.Later(battery, random, 20), null, cancel);
    }
}
