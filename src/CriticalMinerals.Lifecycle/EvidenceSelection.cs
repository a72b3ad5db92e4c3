using System.Globalization;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>An entry and where it stands, before its proof is made.</summary>
/// <param name="Index">Its index, below 0 in the logs that this one goes on from.</param>
/// <param name="Signed">The entry.</param>
public readonly record struct LoggedEntry(long Index, SignedEntry Signed);

/// <summary>
/// Which entries a bundle about one chain holds: the chain, and in turn the whole chains that the rules read when they decide its entries
/// (<see cref="Needs"/>), and for every line taken the entry that gave it, alone or, where asked for, with its whole chain (<see cref="WholeGivers"/>). What the
/// reader may not see is left out; the verdict counts it.
/// </summary>
public sealed class EvidenceSelection
{
    private readonly Dictionary<string, IReadOnlyList<LoggedEntry>> _chains = new(StringComparer.Ordinal);
    private readonly Dictionary<Digest, LoggedEntry> _cited = [];
    private int _entries;

    private EvidenceSelection(string subject) => Subject = subject;

    /// <summary>The chain that the bundle is about.</summary>
    public string Subject { get; }

    /// <summary>Whole chains by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<LoggedEntry>> Chains => _chains;

    /// <summary>Single entries of other chains.</summary>
    public IReadOnlyCollection<LoggedEntry> Cited => _cited.Values;

    /// <summary>Indexes of all of them, each once: what proofs are needed for.</summary>
    public IReadOnlyCollection<long> Indexes => [.. _chains.Values.SelectMany(chain => chain).Concat(_cited.Values).Select(logged => logged.Index).Distinct().Order()];

    /// <summary>Selects the entries. Null with <see cref="Failure.BundleIncomplete"/> when the subject has no entry that may be read, or <see cref="Failure.TooLarge"/>.</summary>
    /// <param name="subject">The chain that the bundle is about.</param>
    /// <param name="origin">The log.</param>
    /// <param name="chain">A chain's entries below the checkpoint's size, by sequence, with what the reader may see of each; empty when there are none or the chain is closed to the reader.</param>
    /// <param name="entry">One entry below the checkpoint's size; null when there is none or it is closed to the reader.</param>
    /// <param name="whole">Which givers are shown with their whole chains, where the reader may see these.</param>
    public static async Task<(EvidenceSelection? Selection, Fault? Fault)> SelectAsync(
        string subject, string origin, Func<string, Task<IReadOnlyList<LoggedEntry>>> chain, Func<Digest, Task<LoggedEntry?>> entry, WholeGivers whole = default)
    {
        var selection = new EvidenceSelection(subject);
        var (wanted, givers, held) = (new Queue<string>([subject, Names.LogChain(origin)]), new HashSet<Digest>(), new HashSet<Digest>());
        var asked = new HashSet<string>(wanted, StringComparer.Ordinal);
        do
        {
            while (wanted.TryDequeue(out var name))
            {
                if (await chain(name) is { Count: > 0 } entries)
                {
                    selection._chains[name] = entries;
                    selection._entries += entries.Count;
                    held.UnionWith(entries.Select(logged => logged.Signed.Entry.LeafHash));
                    var needs = NeedsOf(entries);
                    givers.UnionWith(needs.Lines.Select(line => line.Entry));
                    Ask(needs.Chains);
                }

                if (selection.IsTooLarge)
                {
                    return (null, selection.TooLarge(whole));
                }
            }

            foreach (var giver in givers.Except(selection._cited.Keys).Except(held).ToList())
            {
                if (await entry(giver) is { } logged)
                {
                    selection._cited[giver] = logged;
                    Ask([logged.Signed.Entry.Issuer]);
                    if (whole.Includes(logged.Signed.Entry))
                    {
                        Ask([logged.Signed.Entry.Subject]);
                    }
                }

                if (selection.IsTooLarge)
                {
                    return (null, selection.TooLarge(whole));
                }
            }

            givers.Clear();
        }
        while (wanted.Count > 0);

        // A chain that came in whole later holds its entries itself.
        foreach (var (hash, logged) in selection._cited.Where(cited => selection._chains.ContainsKey(cited.Value.Signed.Entry.Subject)).ToList())
        {
            selection._cited.Remove(hash);
        }

        if (selection._entries + selection._cited.Count > EvidenceBundle.MaximumEntries)
        {
            return (null, selection.TooLarge(whole));
        }

        return selection._chains.ContainsKey(subject) ? (selection, null) : (null, new Fault(Failure.BundleIncomplete, $"{subject} has no entry that may be read here."));

        void Ask(IEnumerable<string> names)
        {
            foreach (var name in names.Where(asked.Add))
            {
                wanted.Enqueue(name);
            }
        }
    }

    /// <summary>Puts the bundle together.</summary>
    /// <param name="origin">The log.</param>
    /// <param name="checkpoint">Its signed tree head.</param>
    /// <param name="heads">For every whole chain the head statement of the checkpoint's size.</param>
    /// <param name="paths">For every index of <see cref="Indexes"/> the inclusion proof in the tree of its log.</param>
    public EvidenceBundle ToBundle(string origin, SignedNote checkpoint, IReadOnlyDictionary<string, HeadStatement> heads, IReadOnlyDictionary<long, IReadOnlyList<Digest>> paths)
    {
        return EvidenceBundle.Of(
            Subject,
            origin,
            checkpoint,
            _chains.Select(chain => new ChainEvidence(chain.Key, heads[chain.Key], [.. chain.Value.Select(Place)])),
            _cited.Values.Select(Place));

        // In its own log it is counted from that log's opening, which is here.
        PlacedEntry Place(LoggedEntry logged) => new((ulong)(logged.Index - _chains[Names.LogChain(logged.Signed.Entry.Origin)][0].Index), logged.Signed, paths[logged.Index]);
    }

    // On the way a giving entry may be counted whose chain comes in whole later, so the two are not added up before all are known.
    private bool IsTooLarge => _chains.Count > EvidenceBundle.MaximumChains || Math.Max(_entries, _cited.Count) > EvidenceBundle.MaximumEntries;

    private Fault TooLarge(WholeGivers whole) => new(Failure.TooLarge, string.Create(
        CultureInfo.InvariantCulture,
        $"What {Subject} rests on is more than the {EvidenceBundle.MaximumChains} chains and {EvidenceBundle.MaximumEntries} entries that a bundle holds. {Instead(whole)}"));

    /// <summary>What to ask for instead of a bundle that is too large.</summary>
    /// <param name="whole">Which givers were asked for.</param>
    public static string Instead(WholeGivers whole) =>
        whole is { Predecessors: true, Lots: true } ? "Ask for it with predecessors or with lots alone, or without, and for the bundles of the single givers, which the verdict and genealogy name." :
        !whole.IsNone ? "Ask for it without the givers' whole chains, and for the bundles of the single givers, which the verdict and genealogy name." :
        "Audit the log instead: its entry bundles have no such limit.";

    private static Needs NeedsOf(IReadOnlyList<LoggedEntry> entries)
    {
        var needs = new Needs();
        foreach (var logged in entries)
        {
            if (Candidate.Read(logged.Signed, out _) is { } candidate)
            {
                needs.Add(candidate);
            }
        }

        return needs;
    }
}
