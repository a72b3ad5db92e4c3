using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>The battery began its work, in a vehicle or standing somewhere. Which one and whose is for those with a right to know, and can be forgotten.</summary>
[Description("The battery began its work. toe is cut to the month.")]
public sealed record PutIntoService : BatteryEvent
{
    [Informative("What it works in.", Law = "Regulation (EU) 2023/1542 Annex VII Part B(1)")]
    public required Application Application { get; init; }

    [Erasable(AccessClass.U, "Vehicle identification number (ISO 3779).")]
    [Text(Pattern = "^[A-HJ-NPR-Z0-9]{17}$")]
    [Example("WVWZZZ1JZXW000001")]
    public string? Vehicle { get; init; }

    [Erasable(AccessClass.U, "Where a stationary battery stands.")]
    [Text(MaximumLength = 300)]
    [Example("Substation 4, Utrecht")]
    public string? Site { get; init; }

    [Erasable(AccessClass.U, "Its user.")]
    [Text(MaximumLength = 200)]
    [Example("Maria Muster")]
    public string? User { get; init; }

    protected override IReadOnlyList<BatteryStage> When => [BatteryStage.OnMarket];

    protected override Refusal? Check(BatteryState battery, Situation now) => ServiceMonth.Check(now);

    protected override BatteryState Apply(BatteryState battery, Situation now) => battery with { InService = true };
}

/// <summary>What a battery works in.</summary>
public enum Application
{
    Vehicle,
    LightMeansOfTransport,
    StationaryStorage,
    Industrial,
    Other,
}
