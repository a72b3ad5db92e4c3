using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>The chains that hold keys, the log's and the operators', seen alike by the events that change them.</summary>
internal static class KeyChain
{
    internal static KeyRing KeysOf(Situation now) => now.Chain is LogState log ? log.Keys : ((OperatorState)now.Chain!).Keys;

    internal static string OwnerOf(Situation now) => now.Chain is LogState ? Names.LogOperator(now.Entry.Origin) : now.Chain!.Subject;

    internal static ChainState With(Situation now, KeyRing keys) =>
        now.Chain is LogState log ? log with { Keys = keys } : (OperatorState)now.Chain! with { Keys = keys };

    /// <summary>Authority and recovery keys are changed by the recovery key alone; head and log keys by the authority.</summary>
    internal static Refusal? CheckSigner(Situation now, KeyUse changed)
    {
        if (now.Chain is not LogState)
        {
            return now.Key.Use == KeyUse.Recovery ? new Refusal(RefusalCode.KeyUseWrong, "The recovery key changes authority and recovery keys only.") : null;
        }

        return changed is KeyUse.Authority or KeyUse.Recovery
            ? now.Key.Use == KeyUse.Recovery ? null : new Refusal(RefusalCode.RecoveryRequired, "Authority and recovery keys are added and revoked by the recovery key.")
            : now.Key.Use == KeyUse.Authority ? null : new Refusal(RefusalCode.AuthorityRequired, "Head and log keys are added and revoked by the authority key.");
    }
}
