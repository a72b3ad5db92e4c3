using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>The battery was serviced or repaired without a part going in or out that has a story of its own.</summary>
[Description("The battery was serviced or repaired.")]
public sealed record Repaired : BatteryEvent
{
    [Informative("Maintenance, repair, or a new version of its software.")]
    public required RepairKind Kind { get; init; }

    [Confidential(AccessClass.U, "What was done.", Required = true)]
    [Text(MaximumLength = 2000)]
    [Example("Coolant line sealed, insulation tested.")]
    public string? Work { get; init; }

    [Confidential(AccessClass.U, "Whether the battery is as safe to use as before.")]
    public bool? Safe { get; init; }

    protected override IReadOnlyList<BatteryStage> When => Alive;
}

/// <summary>Kinds of work.</summary>
public enum RepairKind
{
    Maintenance,
    Repair,
    Software,
    Balancing,
}
