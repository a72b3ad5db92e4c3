using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>What the events of a grants chain share: any of them may be its first.</summary>
internal static class GrantsChain
{
    internal static GrantsState Before(Situation now) => now.Chain as GrantsState
        ?? new GrantsState { Subject = now.Entry.Subject, Opener = now.Entry.Subject[..^Names.GrantsSuffix.Length] };

    internal static string Holder(Situation now) => now.Entry.Subject[..^Names.GrantsSuffix.Length];
}
