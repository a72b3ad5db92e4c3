using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>
/// A receiver opens the consignment chain that lines were given to and holds them from now on: stock whose product is not known yet, wholesale, splitting.
/// </summary>
[Description("A receiver opens the consignment chain that lines were given to.")]
public sealed record Received : LifecycleEvent
{
    [Structural("Whether strangers may read the consignment's chain.")]
    public required bool Open { get; init; }

    [Informative("Chain of custody model of what is claimed for it: never stronger than that of what was received.", Law = "ISO 22095:2020")]
    public CustodyModel? Custody { get; init; }

    public override Refusal? Check(Situation now) =>
        now.Entry.Taken.Count == 0 ? new Refusal(RefusalCode.InputsMissing, "received.v1 redeems at least one line in in.") : CheckUnits(now, null);

    public override ChainState Apply(Situation now) => new StockState
    {
        Subject = now.Entry.Subject,
        Opener = now.Entry.Actor,
        StockKind = ChainKind.Consignment,
        Open = Open,
        Unit = now.TakenUnits.Count > 0 ? now.TakenUnits[0] : null,
        Total = now.TakenQuantity,
        Content = now.TakenContent,
        Carries = CarriedOn(now),
        Intake = new Intake().With(now, declared: false),
    };

    /// <summary>A consignment holds one unit, whenever something joins it.</summary>
    internal static Refusal? CheckUnits(Situation now, string? held) =>
        now.TakenUnits.Append(held).OfType<string>().Distinct(StringComparer.Ordinal).Count() > 1
            ? new Refusal(RefusalCode.ChainKindWrong, "A consignment holds material by mass or pieces, not both: open one for each.")
            : null;

    // A used part does not become a new one by lying among new ones.
    internal static LinePurpose? CarriedOn(Situation now) =>
        now.TakenPurposes.Contains(LinePurpose.Part) ? LinePurpose.Part
            : now.TakenPurposes.Contains(LinePurpose.Recovered) ? LinePurpose.Recovered
            : now.TakenPurposes.Count == now.Entry.Taken.Count ? LinePurpose.Stock : null;
}
