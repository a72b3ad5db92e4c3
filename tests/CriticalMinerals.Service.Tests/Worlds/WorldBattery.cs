using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;

namespace CriticalMinerals.Service.Tests.Worlds;

/// <summary>What becomes of a battery at the end of its first life.</summary>
public enum Fate
{
    InUse,
    ReUsed,
    Repurposed,
    Remanufactured,
    Dismantled,
    Recycled,
    Disposed,
    Exported,
}

/// <summary>A battery of a world, and what its passport must say.</summary>
public sealed class WorldBattery(string chain, WorldModel model, int made)
{
    /// <summary>Its chain.</summary>
    public string Chain => chain;

    /// <summary>Its model.</summary>
    public WorldModel Model => model;

    /// <summary>Day of its manufacture.</summary>
    public int Made { get; } = made;

    /// <summary>The modules it was made of, where they are in the ledger.</summary>
    public WorldModules? Modules { get; init; }

    /// <summary>Who is responsible for it.</summary>
    public DemoFirm Keeper { get; set; } = model.Maker;

    /// <summary>The status that its passport must give.</summary>
    public BatteryStatus Status { get; set; } = BatteryStatus.Original;

    /// <summary>Whether its passport must be open or closed.</summary>
    public RecordStatus Record { get; set; } = RecordStatus.Active;

    /// <summary>What becomes of it.</summary>
    public Fate Fate { get; init; }

    /// <summary>Events on its chain.</summary>
    public int Events { get; set; }

    /// <summary>The day on which its story stands.</summary>
    public int Now { get; set; } = made;

    /// <summary>Modules in it; less after some were taken out for good.</summary>
    public int ModulesLeft { get; set; } = model.Modules;
}

/// <summary>A batch of modules.</summary>
/// <param name="Chain">Its chain.</param>
/// <param name="Maker">Who made it and gives from it.</param>
/// <param name="Spares">Modules that no new battery takes.</param>
public sealed record WorldModules(string Chain, DemoFirm Maker, int Spares)
{
    private int _spares = Spares;

    /// <summary>Whether one is left for a repair.</summary>
    public bool TakesSpare() => Interlocked.Decrement(ref _spares) >= 0;
}
