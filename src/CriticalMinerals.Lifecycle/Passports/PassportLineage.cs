using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>What a battery was made of that had been a battery, and what was made of it: one step in either direction, as far as the entries are at hand.</summary>
internal static class PassportLineage
{
    /// <summary>The batteries whose lines this one took.</summary>
    internal static IEnumerable<PassportPredecessor> Predecessors(PassportSource source)
    {
        var giving = Giving(source.Givers.Values.Where(chain =>
            chain is [var first, ..] && EventCatalog.Find(first.Signed.Entry.Event) is { Standing: Standing.Opens, Chains: [ChainKind.Battery] }).SelectMany(chain => chain));
        foreach (var entry in source.Battery.Select(r => r.Signed.Entry))
        {
            foreach (var taken in entry.Taken)
            {
                if (giving.TryGetValue(taken.Entry, out var gave) && gave.Subject != entry.Subject && PurposeOf(gave) is { } purpose)
                {
                    yield return new PassportPredecessor { Battery = gave.Subject, Operation = purpose, GivenBy = taken.Entry, Line = taken.Line, TakenBy = entry.LeafHash };
                }
            }
        }
    }

    /// <summary>The chains that took lines of this battery.</summary>
    internal static IEnumerable<PassportSuccessor> Successors(PassportSource source, PassportSigners signers)
    {
        var giving = Giving(source.Battery);
        foreach (var entry in source.Takers.OrderBy(r => r.Index).Select(r => r.Signed.Entry))
        {
            foreach (var taken in entry.Taken)
            {
                if (giving.TryGetValue(taken.Entry, out var gave) && gave.Subject != entry.Subject && PurposeOf(gave) is { } purpose)
                {
                    yield return new PassportSuccessor
                    {
                        Chain = entry.Subject,
                        Operation = purpose,
                        GivenBy = taken.Entry,
                        Line = taken.Line,
                        TakenBy = entry.LeafHash,
                        Event = entry.Event,
                        Operator = signers.Of(entry.Actor),
                    };
                }
            }
        }
    }

    private static Dictionary<Digest, Entry> Giving(IEnumerable<RecordedEntry> entries) =>
        entries.Select(r => r.Signed.Entry).Where(e => e.Given.Count > 0).ToDictionary(e => e.LeafHash);

    // Of a battery's events each says itself what its lines are for.
    private static LinePurpose? PurposeOf(Entry gave) => EventCatalog.Find(gave.Event)?.Record is { } record && record.IsAssignableTo(typeof(IGivesOfABattery))
        ? gave.Data.TryGetProperty("operation", out var operation) && Purposes.TryGetValue(operation.GetString() ?? "", out var purpose) ? purpose : ((LifecycleEvent)Activator.CreateInstance(record)!).Purpose
        : null;

    private static readonly Dictionary<string, LinePurpose> Purposes = Enum.GetValues<LinePurpose>().ToDictionary(p => KebabCase.Of(p.ToString()), StringComparer.Ordinal);
}
