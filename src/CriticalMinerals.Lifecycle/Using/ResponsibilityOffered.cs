using System.ComponentModel;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>The responsible operator offers its responsibility to another. Nothing changes until that one accepts; a new offer replaces it.</summary>
[Description("The responsible operator offers its responsibility to another.")]
public sealed record ResponsibilityOffered : BatteryEvent
{
    [Structural("The operator to whom it is offered; the responsible operator itself to take an offer back.")]
    [Text(MaximumLength = 200)]
    [Example("did:web:fleet.example")]
    public required string To { get; init; }

    public override void Need(Needs needs, Entry entry) => needs.Chains.Add(To);

    protected override IReadOnlyList<BatteryStage> When => Alive;

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        now.Other(To) is not OperatorState && !now.IsExcerpt ? new Refusal(RefusalCode.OperatorUnknown, "to names an operator enrolled in this log.") :
        To == battery.Responsible && battery.Offer is null ? new Refusal(RefusalCode.AlreadySo, "There is no offer to take back.") : null;

    protected override BatteryState Apply(BatteryState battery, Situation now) =>
        battery with { Offer = To == battery.Responsible ? null : new ResponsibilityOffer(now.Entry.LeafHash, To) };
}
