using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>The operator to whom responsibility was offered accepts it, and answers for the battery from here on (Art. 77(4)). It references the offer.</summary>
[Description("Responsibility that was offered is accepted; ref names the offer.")]
public sealed record ResponsibilityAccepted : BatteryEvent
{
    protected override IReadOnlyList<BatteryStage> When => Alive;

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        now.Entry.References is [var reference] && reference.Entry == battery.Offer!.Entry
            ? null
            : new Refusal(RefusalCode.ReferenceMissing, "ref names the responsibility-offered.v1 in force.");

    protected override BatteryState Apply(BatteryState battery, Situation now) =>
        battery with { Responsible = battery.Offer!.To, Offer = null, Relied = true };
}
