using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>The responsible operator makes the battery available on a market for the first time; <c>toe</c> is the date that decides which duties apply.</summary>
[Description("The battery was made available on a market for the first time.")]
public sealed record BatteryPlacedOnMarket : BatteryEvent
{
    [Informative("Country of the market, ISO 3166-1 alpha-2, or EU.", Law = "Regulation (EU) 2023/1542 Art. 3(16)")]
    [Text(Pattern = "^[A-Z]{2}$")]
    [Example("DE")]
    public required string Market { get; init; }

    [Confidential(AccessClass.U, "Rated capacity of this battery when placed on the market.", Unit = "Ah", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 4(a)")]
    public Quantity? Capacity { get; init; }

    [Confidential(AccessClass.U, "Power capability when placed on the market.", Unit = "W", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 4(a)")]
    public Quantity? PowerCapability { get; init; }

    [Confidential(AccessClass.U, "Internal resistance when placed on the market.", Unit = "ohm", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 4(a)")]
    public Quantity? InternalResistance { get; init; }

    [Confidential(AccessClass.U, "Round trip energy efficiency when placed on the market.", Unit = "%", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex XIII 4(a)")]
    public Quantity? RoundTripEfficiency { get; init; }

    protected override IReadOnlyList<BatteryStage> When => [BatteryStage.Made];

    protected override BatteryState Apply(BatteryState battery, Situation now) => battery with { OnMarket = true };
}
