using System.ComponentModel;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Recycling;

/// <summary>The battery was taken apart for good. Its parts go on with their history, in <c>out</c>; what is left is released for recycling.</summary>
[Description("The battery was taken apart for good; its parts go on in out.")]
public sealed record Dismantled : BatteryEvent, IGivesOfABattery
{
    [Informative("Modules or cells.")]
    public required ComponentKind Part { get; init; }

    [Informative("Where.")]
    public required Place Site { get; init; }

    [Confidential(AccessClass.C, "How many pieces go on; absent when all is left for recycling.", Unit = "pieces", Minimum = "1")]
    public Quantity? Removed { get; init; }

    [Confidential(AccessClass.C, "Elements in those pieces; needed where the battery's own content is known.")]
    public IReadOnlyList<ElementMass>? RemovedContent { get; init; }

    public override bool MayReferenceMany => true;

    public override LinePurpose? Purpose => LinePurpose.Part;

    protected override IReadOnlyList<BatteryStage> When => [BatteryStage.OnMarket, BatteryStage.InService, BatteryStage.Waste];

    protected override Refusal? Check(BatteryState battery, Situation now) => BatteryParts.Check(battery, now, Removed, RemovedContent);

    protected override BatteryState Apply(BatteryState battery, Situation now) =>
        BatteryParts.Without(battery, now, Removed, RemovedContent) with { Dismantled = true, Status = BatteryStatus.Waste, Relied = true, Offer = null };

    public override Supply? Supplies(Situation now, ChainState after) => BatteryParts.Supply(Removed, RemovedContent);
}
