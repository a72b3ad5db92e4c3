namespace CriticalMinerals.Ledger;

/// <summary>
/// A chain with all that is needed to check it without the log: its entries, the log's own chain, the operators', grants and other chains that they rest
/// on, single entries of others, a proof for every one of them, and for every whole chain the log's statement that nothing newer was in it.
/// </summary>
/// <param name="Origin">The log.</param>
/// <param name="Checkpoint">The signed tree head that every proof and every head statement is for.</param>
/// <param name="Chains">Whole chains: the subject's first, the log's second (or first, when it is the subject), the others in ascending order of their names.</param>
/// <param name="Cited">Single entries of chains that are not here as a whole, such as those that gave what an <c>in</c> took; ascending by index.</param>
public sealed partial record EvidenceBundle(
    string Origin, SignedNote Checkpoint, IReadOnlyList<ChainEvidence> Chains, IReadOnlyList<PlacedEntry> Cited)
{
    /// <summary>The only value of <c>format</c>.</summary>
    public const string Format = "cm-evidence/v1";

    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.critical-minerals.evidence+json";

    /// <summary>Longest file, in bytes (32 MiB).</summary>
    public const int MaximumLength = 32 * 1024 * 1024;

    /// <summary>Most entries, whole chains and cited ones together.</summary>
    public const int MaximumEntries = 16_384;

    /// <summary>Most whole chains.</summary>
    public const int MaximumChains = 4_096;

    /// <summary>The chain that the bundle is about.</summary>
    public string Subject => Chains[0].Subject;

    /// <summary>Every entry, log by log and ascending by index.</summary>
    public IReadOnlyList<PlacedEntry> InLogOrder()
    {
        var ended = Predecessors();
        return [.. Chains.SelectMany(chain => chain.Entries).Concat(Cited).OrderBy(placed => PositionOf(placed, ended))];
    }

    /// <summary>Puts a bundle together in the order that the format asks for.</summary>
    /// <param name="subject">The chain that it is about; it must be among the chains, and so must the log's own.</param>
    /// <param name="checkpoint">The signed tree head.</param>
    /// <param name="origin">The log.</param>
    /// <param name="chains">Whole chains, each once, in any order.</param>
    /// <param name="cited">Single entries of other chains, in any order.</param>
    /// <exception cref="ArgumentException">A chain that must be there is not, a chain stands twice, or a cited entry is of a whole chain.</exception>
    public static EvidenceBundle Of(
        string subject, string origin, SignedNote checkpoint, IEnumerable<ChainEvidence> chains, IEnumerable<PlacedEntry> cited)
    {
        var log = Names.LogChain(origin);
        var ordered = chains.OrderBy(chain => chain.Subject == subject ? 0 : chain.Subject == log ? 1 : 2).ThenBy(chain => chain.Subject, StringComparer.Ordinal).ToList();
        var bundle = new EvidenceBundle(origin, checkpoint, ordered, []);
        var ended = bundle.Predecessors();
        bundle = bundle with { Cited = [.. cited.OrderBy(placed => PositionOf(placed, ended))] };
        return ordered.Count > 0 && ordered[0].Subject == subject && bundle.CheckOrder() is null
            ? bundle
            : throw new ArgumentException("A bundle holds its subject's and the log's whole chain, each chain once, and cites entries of other chains only.", nameof(chains));
    }

    /// <summary>What is wrong with the order of chains and cited entries; null when nothing is.</summary>
    internal Rejection? CheckOrder()
    {
        var log = Names.LogChain(Origin);
        if (Subject != log && (Chains.Count < 2 || Chains[1].Subject != log))
        {
            return new Rejection(Failure.BundleIncomplete, $"The second chain of a bundle is the log's own, {log}.");
        }

        for (var i = Subject == log ? 1 : 2; i < Chains.Count; i++)
        {
            var isFirst = i == (Subject == log ? 1 : 2);
            if (Chains[i].Subject == Subject || Chains[i].Subject == log || (!isFirst && string.CompareOrdinal(Chains[i - 1].Subject, Chains[i].Subject) >= 0))
            {
                return new Rejection(Failure.BundleMalformed, "After the subject's and the log's chain, chains stand in ascending order of their names, none of them twice.") { Subject = Chains[i].Subject };
            }
        }

        var ended = Predecessors();
        var whole = Chains.Select(chain => chain.Subject).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < Cited.Count; i++)
        {
            if (whole.Contains(Cited[i].Entry.Subject) || (i > 0 && PositionOf(Cited[i - 1], ended) >= PositionOf(Cited[i], ended)))
            {
                return new Rejection(Failure.BundleMalformed, "Cited entries stand in ascending order of their indexes and belong to chains that are not here as a whole.").At(Cited[i].Index, Cited[i].Entry);
            }
        }

        return null;
    }
}

/// <summary>A whole chain, from its first entry to what the log says was its newest at the bundle's checkpoint.</summary>
/// <param name="Subject">Its name.</param>
/// <param name="Head">The log's head statement for the checkpoint's size: without it, the chain's end could be left out.</param>
/// <param name="Entries">All its entries, by sequence; at least one.</param>
public sealed record ChainEvidence(string Subject, HeadStatement Head, IReadOnlyList<PlacedEntry> Entries);

/// <summary>An entry, where it stands in the log, and the proof of that.</summary>
/// <param name="Index">Position in its log, the one that its <c>aud</c> names, from 0.</param>
/// <param name="Signed">The entry with the disclosures that the reader may see.</param>
/// <param name="Path">Its inclusion proof in that log's tree, the checkpoint's or that of a predecessor: sibling hashes from the leaf's up to the root's child.</param>
public sealed record PlacedEntry(ulong Index, SignedEntry Signed, IReadOnlyList<Digest> Path)
{
    /// <summary>The statement.</summary>
    public Entry Entry => Signed.Entry;
}
