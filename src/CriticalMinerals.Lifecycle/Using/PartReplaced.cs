using System.ComponentModel;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>
/// Parts came out of the battery, went in, or both. What comes out is given on in <c>out</c>, with its history; what goes in is taken from its giver. A part
/// with a chain of its own may be referenced.
/// </summary>
[Description("Parts came out of the battery, went in, or both.")]
public sealed record PartReplaced : BatteryEvent, IGivesOfABattery
{
    [Structural("Said when some parts that went in have no giver's signature.")]
    public InputSource? Source { get; init; }

    [Informative("What kind of part.")]
    public required ComponentKind Part { get; init; }

    [Informative("Why.")]
    [Example("Cell group 7 out of balance.")]
    public required string Reason { get; init; }

    [Confidential(AccessClass.C, "How many pieces came out; absent when none did.", Unit = "pieces", Minimum = "1")]
    public Quantity? Removed { get; init; }

    [Confidential(AccessClass.C, "Elements in what came out; needed where the battery's own content is known.")]
    public IReadOnlyList<ElementMass>? RemovedContent { get; init; }

    public override bool MayReferenceMany => true;

    public override LinePurpose? Purpose => LinePurpose.Part;

    protected override IReadOnlyList<BatteryStage> When => Alive;

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        now.Entry.Taken.Count == 0 && now.Entry.Given.Count == 0 && Source is null && Removed is null && now.Signed.Withheld == 0
            ? new Refusal(RefusalCode.InputsMissing, "part-replaced.v1 takes or gives at least one part.")
            : BatteryParts.Check(battery, now, Removed, RemovedContent);

    protected override BatteryState Apply(BatteryState battery, Situation now)
    {
        var left = BatteryParts.Without(battery, now, Removed, RemovedContent);
        return left with
        {
            Intake = left.Intake.With(now, Source is not null),
            Content = Source is not null ? null : now.TakenContent is { } taken ? left.Content?.Plus(taken) : null,
            Relied = true,
        };
    }

    public override Supply? Supplies(Situation now, ChainState after) => BatteryParts.Supply(Removed, RemovedContent);
}

/// <summary>What taking parts out of a battery means for what is left in it.</summary>
internal static class BatteryParts
{
    internal static Refusal? Check(BatteryState battery, Situation now, Quantity? removed, IReadOnlyList<ElementMass>? content)
    {
        if (removed is { } count && decimal.Truncate(count.Value) != count.Value)
        {
            return new Refusal(RefusalCode.DataInvalid, "Pieces are whole numbers.");
        }

        if (now.Entry.Given.Count > 0 && removed is null && now.Signed.Withheld == 0)
        {
            return new Refusal(RefusalCode.DataInvalid, "Lines give parts that came out: say how many did.");
        }

        // Otherwise its elements would leave the battery and stay in it.
        return removed is not null && battery.Content is not null && content is null && now.Signed.Withheld == 0
            ? new Refusal(RefusalCode.DataInvalid, "What the battery holds is known: say what the parts that came out hold.")
            : Inputs.CheckStated(content) ?? Inputs.CheckBound(Composition.Of(content), battery.Content);
    }

    internal static BatteryState Without(BatteryState battery, Situation now, Quantity? removed, IReadOnlyList<ElementMass>? content) =>
        now.Signed.Withheld > 0 ? battery with { Content = null }
            : removed is null ? battery
            : battery with { Content = Composition.Of(content) is { } gone ? battery.Content?.Less(gone) : null };

    internal static Supply Supply(Quantity? removed, IReadOnlyList<ElementMass>? content) => new(StockUnit.Pieces, removed?.Value, Composition.Of(content), LinePurpose.Part);
}
