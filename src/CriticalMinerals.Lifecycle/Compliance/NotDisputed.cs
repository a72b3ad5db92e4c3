using CriticalMinerals.Ledger;
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
        var history = new KeyHistory(story.Source.Operators);
        KeyRing Ring(string did)
        {
            if (!rings.TryGetValue(did, out var ring))
            {
                rings[did] = ring = (story.Source.Operators.GetValueOrDefault(did) ?? []).Aggregate(new KeyRing([]), (before, key) => history.Follow(before, key, Candidate.Read(key.Signed, out _)?.Event));
            }

            return ring;
        }

        var entry = recorded.Signed.Entry;
        var keys = Ring(entry.Issuer);
        return keys.Find(entry.KeyId) is { } key && keys.IsDisputedAt(key, recorded.Index, Ring(Names.LogOperator(entry.Origin)));
    }
}
