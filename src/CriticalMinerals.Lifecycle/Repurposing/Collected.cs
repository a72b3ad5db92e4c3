using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Repurposing;

/// <summary>The battery was taken back: it is waste from here on. Its passport goes on; who answers for it changes by an offer and its acceptance.</summary>
[Description("The battery was taken back and is waste from here on.")]
public sealed record Collected : BatteryEvent
{
    [Informative("From whom it came.", Law = "Regulation (EU) 2023/1542 Art. 61")]
    public required CollectionChannel Channel { get; init; }

    [Informative("Country, ISO 3166-1 alpha-2.")]
    [Text(Pattern = "^[A-Z]{2}$")]
    [Example("NL")]
    public required string Country { get; init; }

    [Confidential(AccessClass.U, "Whether it may be transported as undamaged.")]
    public bool? Undamaged { get; init; }

    [Confidential(AccessClass.C, "Mass as weighed.", Unit = "kg", Minimum = "0")]
    public Quantity? Mass { get; init; }

    protected override IReadOnlyList<BatteryStage> When => InUse;

    protected override BatteryState Apply(BatteryState battery, Situation now) =>
        // Whatever was found before it became waste says nothing about it now.
        battery with { Status = BatteryStatus.Waste, Missing = false, Fit = false };
}

/// <summary>Ways of a battery to its collector.</summary>
public enum CollectionChannel
{
    EndUser,
    Workshop,
    VehicleDismantler,
    Distributor,
    Fleet,
    Public,
}
