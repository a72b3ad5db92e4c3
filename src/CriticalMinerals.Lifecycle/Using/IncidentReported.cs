using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>Something bad happened to the battery: an accident, a fire, water, abuse.</summary>
[Description("Something bad happened to the battery. toe is cut to the month.")]
public sealed record IncidentReported : BatteryEvent
{
    [Confidential(AccessClass.U, "What happened.", Required = true, Law = "Regulation (EU) 2023/1542 Annex XIII 4(d)")]
    public IncidentKind? Kind { get; init; }

    [Confidential(AccessClass.U, "How bad it was for the battery.", Required = true)]
    public IncidentSeverity? Severity { get; init; }

    [Confidential(AccessClass.U, "What was found and done.")]
    [Text(MaximumLength = 2000)]
    [Example("Rear impact; housing dented, insulation within limits.")]
    public string? Finding { get; init; }

    [Erasable(AccessClass.U, "Report with whatever it says about people.")]
    public Document? Report { get; init; }

    protected override IReadOnlyList<BatteryStage> When => Alive;

    protected override Refusal? Check(BatteryState battery, Situation now) => ServiceMonth.Check(now);
}

/// <summary>Kinds of negative events.</summary>
public enum IncidentKind
{
    Accident,
    Fire,
    Flooding,
    Drop,
    Electrical,
    Thermal,
    Leakage,
    Other,
}

/// <summary>How bad.</summary>
public enum IncidentSeverity
{
    /// <summary>Nothing to be done.</summary>
    Minor,

    /// <summary>To be inspected or repaired.</summary>
    Serious,

    /// <summary>Not to be used any more.</summary>
    Critical,
}
