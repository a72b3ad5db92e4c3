using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>The battery, alone or in a vehicle, was sold to its user. Later sales between private people are no entry.</summary>
[Description("The battery, alone or in a vehicle, was sold to its user.")]
public sealed record BatterySold : BatteryEvent
{
    [Informative("Country, ISO 3166-1 alpha-2.")]
    [Text(Pattern = "^[A-Z]{2}$")]
    [Example("NL")]
    public required string Country { get; init; }

    [Informative("Whether the buyer is a private person.")]
    public bool? Private { get; init; }

    [Erasable(AccessClass.U, "Region of the sale.")]
    [Text(MaximumLength = 200)]
    [Example("Utrecht")]
    public string? Region { get; init; }

    [Erasable(AccessClass.U, "The buyer.")]
    [Text(MaximumLength = 200)]
    [Example("Maria Muster")]
    public string? Buyer { get; init; }

    protected override IReadOnlyList<BatteryStage> When => [BatteryStage.OnMarket, BatteryStage.InService];
}
