using System.ComponentModel;
using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>
/// More went into something than one entry could say: the list of its inputs goes on. Once it has given, nothing joins it any more, so nothing is ever made
/// of itself.
/// </summary>
[Description("The list of what went into a lot, a part, a consignment or a battery goes on, until it first gives or goes on a market.")]
public sealed record InputsAdded : LifecycleEvent
{
    [Structural("Said when some of these inputs have no giver's signature.")]
    public InputSource? Source { get; init; }

    [Confidential(AccessClass.C, "Elements in the whole thing now, where they are stated anew. No more of any than went in by now.", IsContent = true)]
    public IReadOnlyList<ElementMass>? Content { get; init; }

    public override Refusal? Check(Situation now)
    {
        if (now.Chain is StockState { Voided: true } or StockState { Lines: > 0 } or StockState { Disposed: true } || now.Chain is BatteryState battery && (battery.Stage != BatteryStage.Made || battery.Relied))
        {
            return new Refusal(RefusalCode.OutOfOrder, "Inputs are added until the first line is given, to a battery until it goes on a market: what has left holds what it holds.");
        }

        // What may join is what could have gone in at the beginning: a mine's lot has no inputs, a new battery no used parts.
        var accepted = EventCatalog.Find(now.Chain!.Began!)!.Accepts;
        if (accepted.Count == 0)
        {
            return new Refusal(RefusalCode.TakesNothing, $"{now.Entry.Subject} began with {now.Chain.Began}, into which nothing goes.");
        }

        if (now.TakenPurposes.FirstOrDefault(p => !accepted.Contains(p), accepted[0]) is var other && !accepted.Contains(other))
        {
            return new Refusal(RefusalCode.LinePurposeWrong, $"{now.Entry.Subject} began with {now.Chain.Began}, into which nothing given as {KebabCase.Of(other.ToString())} goes.");
        }

        var wrong = now.Chain switch
        {
            StockState { Kind: ChainKind.Lot } when now.Chain.Began != EventCatalog.Of<BlackMassProduced>().Name => Inputs.CheckMaterial(now),
            StockState { Kind: ChainKind.Consignment } consignment => Content is not null || Source is not null
                ? new Refusal(RefusalCode.DataInvalid, "A consignment holds what was received, no more and no less: leave out source and content.")
                : Received.CheckUnits(now, consignment.Unit) ?? CheckSum(consignment, now),
            _ => null,
        };
        return wrong
            ?? (now.Entry.Taken.Count == 0 && Source is null ? new Refusal(RefusalCode.InputsMissing, "inputs-added.v1 redeems at least one line in in.") : null)
            ?? Inputs.CheckStated(Content, now.Chain is StockState { Unit: StockUnit.Kilograms } lot ? lot.Total : null)
            ?? Inputs.CheckBound(Composition.Of(Content), IntakeOf(now).With(now, Source is not null).Bound);
    }

    public override ChainState Apply(Situation now)
    {
        var intake = IntakeOf(now).With(now, Source is not null);
        return now.Chain switch
        {
            StockState { Kind: ChainKind.Consignment } stock => stock with { Intake = intake, Content = With(now, stock.Content), Total = stock.Total + now.TakenQuantity, Carries = Carried(stock, now) },
            StockState stock => stock with
            {
                Intake = intake,

                // What was stated for a lot or a part by its assay stays so; more inputs only leave more room.
                Content = Content is not null || stock.ContentImplied || now.Signed.Withheld > 0 ? With(now, stock.Content) : stock.Content,
                ContentImplied = stock.ContentImplied && Inputs.IsImplied(now, Content),
                Carries = stock.Kind == ChainKind.Component ? Carried(stock, now) : stock.Carries,
            },
            BatteryState battery => battery with { Intake = intake, Content = With(now, battery.Content) },
            _ => now.Chain!,
        };
    }

    // As stated anew, else all that was in it and what joins it, where that is known.
    private Composition? With(Situation now, Composition? before) =>
        Composition.Of(Content) ?? (now.Signed.Withheld > 0 || Source is not null || now.TakenContent is not { } taken ? null : before?.Plus(taken));

    // One used part makes the whole a used part; what an excerpt cannot tell stays unknown.
    private static LinePurpose? Carried(StockState stock, Situation now) =>
        stock.Carries == LinePurpose.Part || Received.CarriedOn(now) == LinePurpose.Part ? LinePurpose.Part
            : stock.Kind == ChainKind.Component || Received.CarriedOn(now) == LinePurpose.Stock ? stock.Carries
            : Received.CarriedOn(now);

    // Sums stay quantities, which every reader adds exactly.
    private static Refusal? CheckSum(StockState consignment, Situation now) => consignment.Total + now.TakenQuantity >= Quantity.Limit
        ? new Refusal(RefusalCode.QuantityExceeded, "The consignment would hold more than a quantity can: 18 digits before the point.")
        : null;

    private static Intake IntakeOf(Situation now) => now.Chain is StockState stock ? stock.Intake : ((BatteryState)now.Chain!).Intake;
}
