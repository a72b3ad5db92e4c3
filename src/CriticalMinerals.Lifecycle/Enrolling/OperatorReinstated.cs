using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>The authority ends a suspension: from the next index on the operator speaks again, with the keys, roles, grants and delegations that it has then.</summary>
[Description("The authority ends an operator's suspension.")]
public sealed record OperatorReinstated : LifecycleEvent
{
    [Informative("Why. Public for good: nothing personal.")]
    [Example("The licence was restored on 2027-04-12.")]
    public string? Reason { get; init; }

    public override Refusal? Check(Situation now) =>
        ((OperatorState)now.Chain!).Suspended ? null : new Refusal(RefusalCode.AlreadySo, "The operator is not suspended.");

    public override ChainState Apply(Situation now) => (OperatorState)now.Chain! with { Suspended = false };
}
