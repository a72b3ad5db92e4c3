using System.ComponentModel;
using CriticalMinerals.Lifecycle.Enrolling;

namespace CriticalMinerals.Lifecycle.Granting;

/// <summary>The log's authority opens the confidential quantities of all chains to an auditor: without them balances are only "withheld", never checked.</summary>
[Description("The authority lets an auditor see confidential quantities, until a day.")]
public sealed record AuditAccessGranted : LifecycleEvent
{
    [Structural("Until when, in seconds since 1970-01-01T00:00:00Z. A claim: the service stops answering then, no entry is refused for it.", Minimum = "0", Maximum = "253402300799", Unit = "s")]
    [Example("1830297600")]
    public required long Until { get; init; }

    public override Refusal? Check(Situation now) => GrantsChain.Before(now).AuditAccessUntil is null
        ? null
        : new Refusal(RefusalCode.AlreadySo, "The auditor has this access already; end it by audit-access-revoked.v1 before granting it anew.");

    public override ChainState Apply(Situation now) => GrantsChain.Before(now) with { AuditAccessUntil = Until };
}
