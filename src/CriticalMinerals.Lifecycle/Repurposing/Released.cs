using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Repurposing;

/// <summary>
/// The responsible operator gives the battery up, for a second life or for recycling, in the one line of <c>out</c>: the battery's successor redeems it by its
/// first entry, or the recycler on the battery's own chain. Until then it can be taken back. For a collected battery that nobody releases the authority may.
/// </summary>
[Description("The battery is given up for a second life or for recycling.")]
public sealed record Released : BatteryEvent, IGivesOfABattery
{
    [Structural("For what.", Law = "Regulation (EU) 2023/1542 Art. 3(29) to (32), Art. 77(6) to (7)")]
    [Example("repurposing")]
    public required LinePurpose Operation { get; init; }

    [Informative("Why the authority releases it.")]
    [Example("Its responsible operator does not answer since May.")]
    public string? Reason { get; init; }

    public override LinePurpose? Purpose => Operation;

    protected override IReadOnlyList<BatteryStage> When => [BatteryStage.OnMarket, BatteryStage.InService, BatteryStage.Waste, BatteryStage.Dismantled];

    protected override Refusal? Check(BatteryState battery, Situation now)
    {
        if (Operation != LinePurpose.Recycling && !LinePurposes.SecondLife.Contains(Operation))
        {
            return new Refusal(RefusalCode.DataInvalid, "operation is re-use, preparation-for-re-use, repurposing, preparation-for-repurposing, remanufacturing or recycling.");
        }

        if (now.Key.Use == KeyUse.Authority && (battery.Status != BatteryStatus.Waste || Reason is null))
        {
            return new Refusal(RefusalCode.OutOfOrder, "The authority releases a battery that was collected, and says why.");
        }

        var isWaste = battery.Status == BatteryStatus.Waste;
        if (Operation.StartsFromWaste() is { } needed && needed != isWaste)
        {
            return new Refusal(RefusalCode.OutOfOrder, needed
                ? $"{KebabCase.Of(Operation.ToString())} starts from a waste battery: it is collected first."
                : $"{KebabCase.Of(Operation.ToString())} starts from a battery that is not waste; a waste one is prepared for it.");
        }

        // Article 73: out of waste only with evidence that it is fit.
        if (isWaste && Operation != LinePurpose.Recycling && !battery.Fit)
        {
            return new Refusal(RefusalCode.OutOfOrder, "A waste battery leaves waste with an assessment that found it fit (assessed.v1), and not without.");
        }

        if (battery.Dismantled && Operation != LinePurpose.Recycling)
        {
            return new Refusal(RefusalCode.OutOfOrder, "Of a battery that was taken apart the parts go on; what is left is recycled.");
        }

        return now.Entry.Given.Count == 1 && LineExchange.QuantityOf(now.Signed, 0) is null or 1
            ? null
            : new Refusal(RefusalCode.GivesNothing, "released.v1 gives the one battery in one line of out, with q0 = 1.");
    }

    protected override BatteryState Apply(BatteryState battery, Situation now) =>
        battery with { Release = new BatteryRelease(now.Entry.LeafHash, Operation), Offer = null };

    public override Supply? Supplies(Situation now, ChainState after) => new(StockUnit.Pieces, 1, ((BatteryState)after).Content, Operation);
}
