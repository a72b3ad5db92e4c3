using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Opening;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>Names of those who signed, and which of their keys a stranger may have had.</summary>
internal sealed class PassportSigners(IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> chains, Viewer viewer)
{
    private readonly Dictionary<string, (string? Name, KeyRing Keys)> _known = new(StringComparer.Ordinal);

    /// <summary>The operator as its own chain names it.</summary>
    internal PassportOperator Of(string did) => new() { Id = did, Name = Find(did).Name };

    /// <summary>Whether a stranger had the entry's key at its index, or the key of the log under which it was added.</summary>
    internal bool IsDisputed(RecordedEntry entry)
    {
        var ring = Find(entry.Signed.Entry.Issuer).Keys;
        return ring.Find(entry.Signed.Entry.KeyId) is { } key && ring.IsDisputedAt(key, entry.Index, Find(Names.LogOperator(entry.Signed.Entry.Origin)).Keys);
    }

    private (string? Name, KeyRing Keys) Find(string did)
    {
        if (!_known.TryGetValue(did, out var found))
        {
            found = chains.GetValueOrDefault(did, []).Aggregate((Name: (string?)null, Keys: new KeyRing([])), Follow);
            _known[did] = found;
        }

        return found;
    }

    private (string? Name, KeyRing Keys) Follow((string? Name, KeyRing Keys) before, RecordedEntry recorded)
    {
        RegisteredKey Key(KeyDeclaration declared, KeyUse use) =>
            new() { KeyId = declared.Kid, Use = use, X = declared.Jwk.X, AddedAt = recorded.Index, AddedBy = recorded.Signed.Entry.KeyId };

        return Candidate.Read(viewer.See(recorded.Signed), out _)?.Event switch
        {
            OperatorEnrolled e => (e.Name ?? e.PersonName, before.Keys.With(Key(e.Key, KeyUse.Operator))),
            LogOpened e => (e.Origin, new KeyRing([Key(e.Authority, KeyUse.Authority), Key(e.Recovery, KeyUse.Recovery)])),
            KeyAdded e => (before.Name, before.Keys.With(Key(new KeyDeclaration { Kid = e.Kid, Jwk = e.Jwk, Proof = e.Proof }, e.Use))),
            KeyRevoked e => (before.Name, before.Keys.Revoked(e.Kid, recorded.Index)),
            KeyCompromised e => (before.Name, before.Keys.Compromised(e.Kid, e.FromIndex, recorded.Index)),
            Affirmed e => (before.Name, before.Keys.Affirmed(e.Kid, new AffirmedRange(e.From, e.To, e.Except ?? []))),
            Corrected { Replacements: var now } when now.TryGetValue("name", out var name) => ((string)name, before.Keys),
            _ => before,
        };
    }
}
