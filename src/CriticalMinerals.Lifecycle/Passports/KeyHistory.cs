using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Opening;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>Keys of operators and of the log as their chains say it, entry by entry, whichever log took the entry in.</summary>
/// <param name="chains">Chains of operators by DID; under the DID of each log the chains of all of them, the oldest first.</param>
internal sealed class KeyHistory(IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> chains)
{
    private readonly Dictionary<string, long> _starts = new(StringComparer.Ordinal);

    /// <summary>The ring after one more entry of its chain.</summary>
    internal KeyRing Follow(KeyRing before, RecordedEntry recorded, LifecycleEvent? happened)
    {
        RegisteredKey Key(string kid, JsonWebKey jwk, KeyUse use) => new() { KeyId = kid, Use = use, X = jwk.X, AddedAt = recorded.Index, AddedBy = recorded.Signed.Entry.KeyId };
        return happened switch
        {
            OperatorEnrolled e => before.With(Key(e.Key.Kid, e.Key.Jwk, KeyUse.Operator)),
            LogOpened e => before.Ended(recorded.Index).With(Key(e.Authority.Kid, e.Authority.Jwk, KeyUse.Authority)).With(Key(e.Recovery.Kid, e.Recovery.Jwk, KeyUse.Recovery)),
            KeyAdded e => before.With(Key(e.Kid, e.Jwk, e.Use)),
            KeyRevoked e => before.Revoked(e.Kid, recorded.Index),
            KeyCompromised e => before.Compromised(e.Kid, e.FromIndex + StartOf(recorded), recorded.Index),
            Affirmed e => before.Affirmed(e.Kid, new AffirmedRange(e.From, e.To, e.Except ?? []).Shifted(StartOf(recorded))),
            _ => before,
        };
    }

    // An entry counts as its own log did: from that log's opening on.
    private long StartOf(RecordedEntry recorded)
    {
        var origin = recorded.Signed.Entry.Origin;
        if (!_starts.TryGetValue(origin, out var start))
        {
            var opening = EventCatalog.Of<LogOpened>().Name;
            _starts[origin] = start = chains.GetValueOrDefault(Names.LogOperator(origin), []).FirstOrDefault(r => r.Signed.Entry.Event == opening && r.Signed.Entry.Origin == origin)?.Index ?? 0;
        }

        return start;
    }
}
