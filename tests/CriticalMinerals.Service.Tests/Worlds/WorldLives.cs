using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;

namespace CriticalMinerals.Service.Tests.Worlds;

/// <summary>From the end of the line to the day on which a battery's first life ends: between 5 and 60 events, most of them few.</summary>
public sealed class WorldLives(WorldFirms firms, WorldPlan plan)
{
    private int _codes;

    /// <summary>Modules that came out of batteries and wait for a second life, by the firm that holds them.</summary>
    public IReadOnlyCollection<(string Consignment, DemoFirm Holder)> UsedModules => _used;

    private readonly System.Collections.Concurrent.ConcurrentBag<(string, DemoFirm)> _used = [];

    /// <summary>Lives one life.</summary>
    public async Task LiveAsync(WorldBattery battery, int number, CancellationToken cancel)
    {
        var random = plan.RandomOf("life", number);
        await BeginAsync(battery, number, random, cancel);
        if (random.Next(100) >= 95)
        {
            // Still in a warehouse.
            await MeasureAsync(battery, battery.Keeper, 0, random, cancel);
            return;
        }

        var distributor = firms.Any(Role.Distributor, random);
        await SayAsync(battery, random.Next(3) > 0 ? distributor : battery.Keeper, new BatterySold { Country = "NL", Private = random.Next(2) == 0, Region = "Overijssel" }, Later(battery, random, 20), cancel);
        var isFleet = battery.Model.Category == BatteryCategory.Lmt || random.Next(5) == 0;
        if (isFleet)
        {
            await HandOverAsync(battery, firms.Any(Role.FleetOperator, random), random, cancel);
        }

        await SayAsync(battery, battery.Keeper, new PutIntoService { Application = Uses(battery.Model.Category), Vehicle = battery.Model.Category == BatteryCategory.Ev ? FormattableString.Invariant($"WVWZZZW1ZNW{number % 1_000_000:000000}") : null }, WorldPlan.MonthOf(battery.Now + 31), cancel);
        battery.Now += 31;
        var most = isFleet ? random.Next(10, 45) : random.Next(1, 12);
        var cycles = 0L;
        for (var i = 0; i < most && battery.Events < 50; i++)
        {
            cycles += random.Next(5, 40);
            await GoOnAsync(battery, cycles, random, cancel);
        }
    }

    /// <summary>Responsibility goes to another, with two signatures.</summary>
    public async Task HandOverAsync(WorldBattery battery, DemoFirm to, Random random, CancellationToken cancel)
    {
        if (battery.Keeper == to)
        {
            return;
        }

        var offer = await SayAsync(battery, battery.Keeper, new ResponsibilityOffered { To = to.Did }, Later(battery, random, 10), cancel);
        await SayAsync(battery, to, new ResponsibilityAccepted(), Later(battery, random, 3), cancel, new EntryLinks { References = [new Reference(offer.LeafHash, battery.Chain)] });
        battery.Keeper = to;
    }

    /// <summary>Says something on the battery's chain.</summary>
    public async Task<Entry> SayAsync<T>(WorldBattery battery, DemoFirm firm, T happened, DateTimeOffset when, CancellationToken cancel, EntryLinks? links = null)
        where T : LifecycleEvent
    {
        battery.Events++;
        return await firm.SayAsync(battery.Chain, happened, when, links, cancel);
    }

    /// <summary>The next thing happens at most so many days later.</summary>
    public static DateTimeOffset Later(WorldBattery battery, Random random, int days) => WorldPlan.Day(battery.Now = Math.Min(WorldPlan.LastDay, battery.Now + random.Next(1, days + 1)));

    private async Task BeginAsync(WorldBattery battery, int number, Random random, CancellationToken cancel)
    {
        var said = new List<(string, LifecycleEvent, DateTimeOffset)>
        {
            (battery.Chain, new PassportIssued { PassportIdentifier = battery.Chain, Operator = new Contact { Name = battery.Keeper.Did[8..], Address = "Hall 1, 16225 Eberswalde, Germany" } }, Later(battery, random, 5)),
        };
        if (random.Next(10) < 7)
        {
            said.Add((battery.Chain, new PassportRegistered { Registry = "EU digital product passport registry", RegistrationIdentifier = FormattableString.Invariant($"EU-DPP-{number:00000000}") }, Later(battery, random, 2)));
        }

        said.Add((battery.Chain, new LabelIssued { Text = "HTTPS://PASSPORT.EXAMPLE.COM/" + Gs1.Path(battery.Chain), Carrier = LabelCarrier.Engraved }, Later(battery, random, 2)));
        said.Add((battery.Chain, new BatteryPlacedOnMarket { Market = "EU", Capacity = Quantity.Parse("212") }, Later(battery, random, 20)));
        await battery.Keeper.SayAllAsync(said, cancel);
        battery.Events += said.Count;
    }

    // One thing of a life in use. What is rare in the world is rare here.
    private async Task GoOnAsync(WorldBattery battery, long cycles, Random random, CancellationToken cancel)
    {
        var workshop = firms.Any(Role.Repairer, random);
        switch (random.Next(100))
        {
            case < 4:
                await SayAsync(battery, workshop, new Repaired { Kind = (RepairKind)random.Next(4), Work = "Coolant pump and seals.", Safe = true }, Later(battery, random, 60), cancel);
                break;
            case < 7 when battery.Modules is { } modules && modules.TakesSpare():
                await ReplaceModuleAsync(battery, modules, random, cancel);
                break;
            case < 9:
                await SayAsync(
                    battery, firms.Any(Role.Inspector, random), new IncidentReported { Kind = (IncidentKind)random.Next(8), Severity = IncidentSeverity.Minor, Finding = "Housing dented, insulation within limits." },
                    WorldPlan.MonthOf(battery.Now), cancel);
                break;
            case < 10:
                await SayAsync(battery, battery.Keeper, new LossReported { Kind = (LossKind)random.Next(2) }, Later(battery, random, 40), cancel);
                await SayAsync(battery, firms.All(Role.PublicAuthority)[0], new Found { Condition = "undamaged" }, Later(battery, random, 20), cancel);
                break;
            case < 11:
                await SayAsync(
                    battery, battery.Keeper,
                    new AliasAdded { Alias = new Alias { Scheme = "workshop", Value = FormattableString.Invariant($"W-{Interlocked.Increment(ref _codes)}"), Basis = AliasBasis.Declared } }, Later(battery, random, 30), cancel);
                break;
            case < 12:
                await SayAsync(battery, firms.Any(Role.Auditor, random), new Attested { Scope = "Readings of the battery management system", Opinion = Opinion.Unqualified }, Later(battery, random, 30), cancel);
                break;
            case < 24 when battery.Model.Category == BatteryCategory.Lmt:
                await SayAsync(battery, battery.Keeper, new BatterySwapped { Direction = SwapDirection.Removed, Station = "Station 2" }, Later(battery, random, 9), cancel);
                await SayAsync(battery, battery.Keeper, new BatterySwapped { Direction = SwapDirection.Fitted, Station = "Station 2" }, Later(battery, random, 2), cancel);
                break;
            default:
                await MeasureAsync(battery, random.Next(3) == 0 ? workshop : battery.Keeper, cycles, random, cancel);
                break;
        }
    }

    private async Task MeasureAsync(WorldBattery battery, DemoFirm by, long cycles, Random random, CancellationToken cancel)
    {
        var energy = Quantity.Of(decimal.Round(100m - (cycles * 0.018m), 1));
        var measured = await SayAsync(
            battery, by, new HealthMeasured { Method = "battery management system", StateOfCertifiedEnergy = energy, FullCycles = cycles, StateOfCharge = Quantity.Of(random.Next(20, 90)) }, Later(battery, random, 45), cancel);
        if (random.Next(25) == 0)
        {
            await SayAsync(
                battery, by,
                new Corrected { Event = "health-measured.v1", Reason = "Read with the firmware of another model.", Replacements = new Dictionary<string, object> { ["stateOfCertifiedEnergy"] = Quantity.Of(energy.Value - 0.1m) } },
                Later(battery, random, 5), cancel, new EntryLinks { References = [new Reference(measured.LeafHash, battery.Chain)] });
        }
    }

    private async Task ReplaceModuleAsync(WorldBattery battery, WorldModules modules, Random random, CancellationToken cancel)
    {
        var spare = await modules.Maker.GiveAsync(modules.Chain, new GoodsGiven(battery.Chain, battery.Keeper.Did, Quantity.Of(1)), Later(battery, random, 20), cancel);
        var holder = firms.Any(Role.SecondLifeOperator, random);
        var consignment = WorldPlan.Uuid(random);
        var old = await battery.Keeper.GiveAsync(
            battery.Chain,
            new PartReplaced { Part = ComponentKind.Module, Reason = "Cell group out of balance.", Removed = Quantity.Of(1), RemovedContent = battery.Model.ContentOf(1) },
            [new GoodsGiven(consignment, holder.Did, Quantity.Of(1))],
            Later(battery, random, 5),
            new EntryLinks { Taken = [spare] },
            cancel);
        battery.Events++;
        await holder.SayAsync(consignment, new Received { Open = random.Next(2) == 0 }, WorldPlan.Day(battery.Now + 3), new EntryLinks { Taken = old }, cancel);
        _used.Add((consignment, holder));
    }

    private static Application Uses(BatteryCategory category) => category switch
    {
        BatteryCategory.Ev => Application.Vehicle,
        BatteryCategory.Lmt => Application.LightMeansOfTransport,
        BatteryCategory.Stationary => Application.StationaryStorage,
        _ => Application.Industrial,
    };
}
