using System.ComponentModel;
using CriticalMinerals.Lifecycle.Enrolling;

namespace CriticalMinerals.Lifecycle.Granting;

/// <summary>The authority takes an auditor's access to confidential quantities back.</summary>
[Description("The authority ends an auditor's access to confidential quantities.")]
public sealed record AuditAccessRevoked : LifecycleEvent
{
    public override Refusal? Check(Situation now) =>
        GrantsChain.Before(now).AuditAccessUntil is null ? new Refusal(RefusalCode.AlreadySo, "There is no such access to end.") : null;

    public override ChainState Apply(Situation now) => GrantsChain.Before(now) with { AuditAccessUntil = null };
}
