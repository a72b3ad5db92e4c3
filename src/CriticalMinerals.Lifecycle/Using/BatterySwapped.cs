using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>A swap station took the whole battery out of a vehicle, or put it into another.</summary>
[Description("A swap station took the battery out of a vehicle or put it into one.")]
public sealed record BatterySwapped : BatteryEvent
{
    [Informative("fitted or removed.")]
    public required SwapDirection Direction { get; init; }

    [Erasable(AccessClass.U, "Vehicle identification number (ISO 3779).")]
    [Text(Pattern = "^[A-HJ-NPR-Z0-9]{17}$")]
    [Example("WVWZZZ1JZXW000001")]
    public string? Vehicle { get; init; }

    [Erasable(AccessClass.U, "The station.")]
    [Text(MaximumLength = 200)]
    [Example("Station Hengelo 2")]
    public string? Station { get; init; }

    protected override IReadOnlyList<BatteryStage> When => [BatteryStage.InService];
}

/// <summary>Which way.</summary>
public enum SwapDirection
{
    Fitted,
    Removed,
}
