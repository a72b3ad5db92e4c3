using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Passports;

namespace CriticalMinerals.Lifecycle.Genealogy;

/// <summary>
/// The entries on which the content of a chain rests: its own, those of each giver up to the entry that gave, and so on. A line stands in the log before the
/// entry that redeems it, so batteries that gave parts to each other are no circle here. Nothing recurses.
/// </summary>
internal sealed class Ancestry
{
    private readonly Dictionary<Digest, (IReadOnlyList<RecordedEntry> Chain, int Position)> _giving = [];
    private readonly Dictionary<string, int> _followed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _depths = new(StringComparer.Ordinal);
    private readonly Queue<(IReadOnlyList<RecordedEntry> Chain, int Count, int Depth)> _waiting = new();
    private readonly List<RecordedEntry> _entries = [];
    private readonly Dictionary<string, CutOffReason> _cut = new(StringComparer.Ordinal);

    /// <summary>Follows a chain back.</summary>
    /// <param name="subject">The chain asked about.</param>
    /// <param name="chains">Chains at hand by name, each in order of its sequence.</param>
    /// <param name="limits">How far.</param>
    internal Ancestry(string subject, IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> chains, AncestryLimits limits)
    {
        foreach (var chain in chains.Values)
        {
            for (var i = 0; i < chain.Count; i++)
            {
                if (chain[i].Signed.Entry.Given.Count > 0)
                {
                    _giving[chain[i].Signed.Entry.LeafHash] = (chain, i);
                }
            }
        }

        if (chains.TryGetValue(subject, out var own) && own.Count > 0)
        {
            _depths[subject] = 0;
            _waiting.Enqueue((own, own.Count, 0));
        }

        while (_waiting.TryDequeue(out var next))
        {
            var name = next.Chain[0].Signed.Entry.Subject;
            for (var i = _followed.GetValueOrDefault(name); i < next.Count; i++)
            {
                _entries.Add(next.Chain[i]);
                Follow(next.Chain[i].Signed.Entry, next.Depth + 1, limits);
            }

            _followed[name] = Math.Max(_followed.GetValueOrDefault(name), next.Count);
        }

        _entries.Sort((a, b) => a.Index.CompareTo(b.Index));
    }

    /// <summary>The entries, in log order.</summary>
    internal IReadOnlyList<RecordedEntry> Entries => _entries;

    /// <summary>How many steps away each chain is, the one asked about included at 0.</summary>
    internal IReadOnlyDictionary<string, int> Depths => _depths;

    /// <summary>Lines whose giving entry is not at hand.</summary>
    internal int Unreadable { get; private set; }

    /// <summary>Where it stopped.</summary>
    internal IEnumerable<CutOff> CutOffs => _cut.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => new CutOff(c.Key, c.Value));

    private void Follow(Entry entry, int depth, AncestryLimits limits)
    {
        foreach (var taken in entry.Taken)
        {
            if (!_giving.TryGetValue(taken.Entry, out var giving))
            {
                Unreadable++;
                continue;
            }

            var giver = giving.Chain[0].Signed.Entry.Subject;
            if (!_depths.TryGetValue(giver, out var steps))
            {
                if (depth > limits.Depth || _depths.Count >= limits.Chains)
                {
                    _cut[giver] = depth > limits.Depth ? CutOffReason.Depth : CutOffReason.Chains;
                    continue;
                }

                _depths[giver] = steps = depth;
            }

            _waiting.Enqueue((giving.Chain, giving.Position + 1, steps));
        }
    }
}
