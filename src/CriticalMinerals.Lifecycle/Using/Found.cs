using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>A battery that was missing is back.</summary>
[Description("A battery that was missing is back.")]
public sealed record Found : BatteryEvent
{
    [Informative("In what condition.")]
    [Example("undamaged")]
    public string? Condition { get; init; }

    protected override IReadOnlyList<BatteryStage> When => Alive;

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        battery.Missing ? null : new Refusal(RefusalCode.AlreadySo, "The battery is not reported as missing.");

    protected override BatteryState Apply(BatteryState battery, Situation now) => battery with { Missing = false };
}
