using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>
/// The authority stops an operator for a while: nothing is said by it, and for it only by a successor that the authority named (<see cref="Succeeded"/>), until it
/// is reinstated. What it said stays, what it gave may be taken, and its keys may still be revoked and reported, by itself too.
/// </summary>
[Description("The authority suspends an operator: until it is reinstated nothing is said by it, and for it only by a successor that the authority named.")]
public sealed record OperatorSuspended : LifecycleEvent
{
    [Informative("Why. Public for good: nothing personal.")]
    [Example("Licence to trade withdrawn by the mining inspectorate on 2027-03-01.")]
    public required string Reason { get; init; }

    public override Refusal? Check(Situation now) =>
        ((OperatorState)now.Chain!).Suspended ? new Refusal(RefusalCode.AlreadySo, "The operator is suspended already.") : null;

    public override ChainState Apply(Situation now) => (OperatorState)now.Chain! with { Suspended = true };
}
