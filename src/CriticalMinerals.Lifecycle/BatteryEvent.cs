namespace CriticalMinerals.Lifecycle;

/// <summary>An event that follows others on a battery's chain. It says in which stages of the battery's life it may happen.</summary>
public abstract record BatteryEvent : LifecycleEvent
{
    /// <summary>Before waste: on its way to or in the hands of its user.</summary>
    protected static readonly IReadOnlyList<BatteryStage> InUse = [BatteryStage.Made, BatteryStage.OnMarket, BatteryStage.InService];

    /// <summary>While its passport's responsible operator has it.</summary>
    protected static readonly IReadOnlyList<BatteryStage> Alive = [.. InUse, BatteryStage.Waste, BatteryStage.Dismantled];

    /// <summary>Stages in which it may happen.</summary>
    protected abstract IReadOnlyList<BatteryStage> When { get; }

    public sealed override Refusal? Check(Situation now)
    {
        var battery = (BatteryState)now.Chain!;
        return When.Contains(battery.Stage)
            ? Check(battery, now)
            : new Refusal(RefusalCode.OutOfOrder, $"The battery is {Spelled(battery.Stage)}; {now.Entry.Event} happens while it is {string.Join(" or ", When.Select(Spelled))}.");
    }

    public sealed override ChainState Apply(Situation now) => Apply((BatteryState)now.Chain!, now);

    /// <summary>What else keeps it from having happened; null when nothing does.</summary>
    protected virtual Refusal? Check(BatteryState battery, Situation now) => null;

    /// <summary>The battery after it.</summary>
    protected virtual BatteryState Apply(BatteryState battery, Situation now) => battery;

    private static string Spelled(BatteryStage stage) => stage switch
    {
        BatteryStage.Made => "made and not on a market",
        BatteryStage.OnMarket => "on a market",
        BatteryStage.InService => "in service",
        BatteryStage.Waste => "waste",
        BatteryStage.Dismantled => "taken apart",
        BatteryStage.Released => "given up",
        _ => "at its end",
    };
}
