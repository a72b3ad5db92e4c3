using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>
/// A receiver opens the consignment chain that lines were given to and holds them from now on: stock whose product is not known yet, wholesale, splitting.
/// </summary>
[Description("A receiver opens the consignment chain that lines were given to.")]
public sealed record Received : LifecycleEvent
{
    [Structural("Whether strangers may read the consignment's chain.")]
    public required bool Open { get; init; }

    public override Refusal? Check(Situation now) =>
        (now.Entry.Taken.Count == 0 ? 0 : Math.Max(1, now.TakenUnits.Distinct(StringComparer.Ordinal).Count())) switch
        {
            0 => new Refusal(RefusalCode.InputsMissing, "received.v1 redeems at least one line in in."),
            1 => null,
            _ => new Refusal(RefusalCode.ChainKindWrong, "A consignment holds material by mass or pieces, not both: open one for each."),
        };

    public override ChainState Apply(Situation now) => new StockState
    {
        Subject = now.Entry.Subject,
        Opener = now.Entry.Actor,
        StockKind = ChainKind.Consignment,
        Open = Open,
        Unit = now.TakenUnits.Count > 0 ? now.TakenUnits[0] : null,
        Total = now.TakenQuantity,
    };
}
