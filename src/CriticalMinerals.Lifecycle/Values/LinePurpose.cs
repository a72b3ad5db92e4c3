namespace CriticalMinerals.Lifecycle.Values;

/// <summary>
/// What a line was given for, and so who may take it. The operations of a second life are those of Regulation (EU) 2023/1542 Art. 3(29) to (32): preparation
/// starts from waste, the plain operation from a battery that is none.
/// </summary>
public enum LinePurpose
{
    /// <summary>Material by mass or parts by number, for whatever the receiver makes.</summary>
    Stock,

    /// <summary>A part that was in a battery.</summary>
    Part,

    /// <summary>Material won from a recycled battery.</summary>
    Recovered,

    /// <summary>A whole battery, for the same use again.</summary>
    ReUse,

    /// <summary>A whole waste battery, for the same use again.</summary>
    PreparationForReUse,

    /// <summary>A whole battery, for another use.</summary>
    Repurposing,

    /// <summary>A whole waste battery, for another use.</summary>
    PreparationForRepurposing,

    /// <summary>A whole battery, to be made as good as new.</summary>
    Remanufacturing,

    /// <summary>A whole waste battery, to be recycled.</summary>
    Recycling,
}

/// <summary>What the purposes have in common.</summary>
public static class LinePurposes
{
    /// <summary>The operations that open a new passport.</summary>
    public static IReadOnlyList<LinePurpose> SecondLife { get; } =
        [LinePurpose.ReUse, LinePurpose.PreparationForReUse, LinePurpose.Repurposing, LinePurpose.PreparationForRepurposing, LinePurpose.Remanufacturing];

    /// <summary>Whether the operation starts from a waste battery; null when it may start from either.</summary>
    public static bool? StartsFromWaste(this LinePurpose purpose) => purpose switch
    {
        LinePurpose.ReUse or LinePurpose.Repurposing => false,
        LinePurpose.PreparationForReUse or LinePurpose.PreparationForRepurposing or LinePurpose.Recycling => true,
        _ => null,
    };

    /// <summary>The status of the battery that the operation makes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It makes none.</exception>
    public static BatteryStatus Result(this LinePurpose operation) => operation switch
    {
        LinePurpose.ReUse or LinePurpose.PreparationForReUse => BatteryStatus.ReUsed,
        LinePurpose.Repurposing or LinePurpose.PreparationForRepurposing => BatteryStatus.Repurposed,
        LinePurpose.Remanufacturing => BatteryStatus.Remanufactured,
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };
}
