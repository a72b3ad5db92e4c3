using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Opening;
using CriticalMinerals.Lifecycle.Passports;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>
/// No entry stands under a key that a stranger may have had then. The key's owner clears it by affirming the entry, or by correcting it under a good key.
/// </summary>
internal sealed class NotDisputed() : Rule("disputed", "No entry is signed under a key that a stranger may have had.", "Reports of compromised keys in this log")
{
    internal override void Judge(Story story, Ruling ruling)
    {
        var rings = new Dictionary<string, KeyRing>(StringComparer.Ordinal);
        foreach (var statement in story.Chains.SelectMany(c => c.Statements))
        {
            if (IsDisputed(statement.Recorded, story, rings) && !statement.Corrections.Any(c => !IsDisputed(c, story, rings)))
            {
                ruling.Find(
                    Serious, statement.Chain, [statement.Hash], $"{statement.Entry.Event} is signed with {statement.Entry.KeyId}, which was reported as compromised from an earlier entry of the log on; its owner has not affirmed it.",
                    new Figure("log index", statement.Recorded.Index, null));
            }
        }
    }

    private static bool IsDisputed(RecordedEntry recorded, Story story, Dictionary<string, KeyRing> rings)
    {
        KeyRing Ring(string did)
        {
            if (!rings.TryGetValue(did, out var ring))
            {
                rings[did] = ring = (story.Source.Operators.GetValueOrDefault(did) ?? []).Aggregate(new KeyRing([]), Follow);
            }

            return ring;
        }

        var entry = recorded.Signed.Entry;
        var keys = Ring(entry.Issuer);
        return keys.Find(entry.KeyId) is { } key && keys.IsDisputedAt(key, recorded.Index, Ring(Names.LogOperator(entry.Origin)));
    }

    private static KeyRing Follow(KeyRing before, RecordedEntry recorded)
    {
        RegisteredKey Key(string kid, JsonWebKey jwk, KeyUse use) => new() { KeyId = kid, Use = use, X = jwk.X, AddedAt = recorded.Index, AddedBy = recorded.Signed.Entry.KeyId };
        return Candidate.Read(recorded.Signed, out _)?.Event switch
        {
            OperatorEnrolled e => before.With(Key(e.Key.Kid, e.Key.Jwk, KeyUse.Operator)),
            LogOpened e => new KeyRing([Key(e.Authority.Kid, e.Authority.Jwk, KeyUse.Authority), Key(e.Recovery.Kid, e.Recovery.Jwk, KeyUse.Recovery)]),
            KeyAdded e => before.With(Key(e.Kid, e.Jwk, e.Use)),
            KeyRevoked e => before.Revoked(e.Kid, recorded.Index),
            KeyCompromised e => before.Compromised(e.Kid, e.FromIndex, recorded.Index),
            Affirmed e => before.Affirmed(e.Kid, new AffirmedRange(e.From, e.To, e.Except ?? [])),
            _ => before,
        };
    }
}
