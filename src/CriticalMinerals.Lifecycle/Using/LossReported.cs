using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>The battery is gone: lost or stolen. Whoever scans it sees that.</summary>
[Description("The battery is lost or was stolen.")]
public sealed record LossReported : BatteryEvent
{
    [Informative("lost or stolen.")]
    public required LossKind Kind { get; init; }

    [Informative("Reference of a report to the police or an insurer.")]
    [Text(MaximumLength = 100)]
    [Example("NL-2027-118822")]
    public string? Reference { get; init; }

    protected override IReadOnlyList<BatteryStage> When => Alive;

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        battery.Missing ? new Refusal(RefusalCode.AlreadySo, "The battery is reported as missing already.") : null;

    protected override BatteryState Apply(BatteryState battery, Situation now) => battery with { Missing = true };
}

/// <summary>How it went.</summary>
public enum LossKind
{
    Lost,
    Stolen,
}
