using System.ComponentModel;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>An operator lets another sign some of its events, on all its chains or on those named.</summary>
[Description("An operator lets another sign some of its events.")]
public sealed record Delegated : LifecycleEvent
{
    [Structural("The operator that may sign.")]
    [Text(MaximumLength = 200)]
    [Example("did:web:contract.example")]
    public required string Delegate { get; init; }

    [Structural("Wire names of the events that it may sign.")]
    [Example("battery-manufactured.v1")]
    public required IReadOnlyList<string> Events { get; init; }

    [Structural("Chains on which; absent for every chain of the principal.")]
    [Text(MaximumLength = 256)]
    [Example("https://id.gs1.org/01/09521234000013/21/A1")]
    public IReadOnlyList<string>? Chains { get; init; }

    public override void Need(Needs needs, Entry entry) => needs.Chains.Add(Delegate);

    public override Refusal? Check(Situation now)
    {
        if (Delegate == GrantsChain.Holder(now) || (now.Other(Delegate) is not OperatorState && !now.IsExcerpt))
        {
            return new Refusal(RefusalCode.OperatorUnknown, "delegate names another operator enrolled in this log.");
        }

        return Events.FirstOrDefault(e => EventCatalog.Find(e) is null || !EventCatalog.Find(e)!.MayBeDelegated) is { } unknown
            ? new Refusal(RefusalCode.DataInvalid, $"{StrictText.Printable(unknown)} is no event that can be delegated.")
            : null;
    }

    public override ChainState Apply(Situation now)
    {
        var before = GrantsChain.Before(now);
        return before with { Delegations = [.. before.Delegations, new Delegation(now.Entry.LeafHash, Delegate, Events, Chains)] };
    }
}
