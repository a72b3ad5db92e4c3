using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>A delegation ends. It references the <c>delegated</c> entry.</summary>
[Description("A delegation ends; ref names its entry.")]
public sealed record DelegationRevoked : LifecycleEvent
{
    public override Refusal? Check(Situation now) =>
        now.Entry.References is not [var reference] || reference.Subject != now.Entry.Subject
            ? new Refusal(RefusalCode.ReferenceMissing, "ref names the delegated.v1 entry of this chain that ends.")
            : GrantsChain.Before(now).Delegations.Any(d => d.Entry == reference.Entry)
                ? null
                : new Refusal(RefusalCode.AlreadySo, "The entry referenced is no delegation in force.");

    public override ChainState Apply(Situation now)
    {
        var before = GrantsChain.Before(now);
        return before with { Delegations = [.. before.Delegations.Where(d => d.Entry != now.Entry.References[0].Entry)] };
    }
}
