namespace CriticalMinerals.Ledger;

// What a bundle shows of what was signed as digests, and how its holder shows less of it to the next reader.
public sealed partial record EvidenceBundle
{
    /// <summary>
    /// The same evidence with some of its disclosures (RFC 9901 section 6). Entries, proofs, heads and checkpoint stay byte for byte: what is signed
    /// verifies as before, whichever are left out.
    /// </summary>
    /// <param name="shown">Whether a disclosure of an entry stays.</param>
    public EvidenceBundle Only(Func<PlacedEntry, Disclosure, bool> shown)
    {
        return this with { Chains = [.. Chains.Select(chain => chain with { Entries = Keep(chain.Entries) })], Cited = Keep(Cited) };

        IReadOnlyList<PlacedEntry> Keep(IReadOnlyList<PlacedEntry> entries) =>
            [.. entries.Select(placed => placed with { Signed = placed.Signed.Only(disclosure => shown(placed, disclosure)) })];
    }

    /// <summary>What is shown and how much is not, for every chain with values signed as digests: whole chains in their order, then those with single entries here.</summary>
    public IReadOnlyList<ChainDisclosures> Disclosures() =>
        [.. Chains.SelectMany(chain => chain.Entries).Concat(Cited.OrderBy(placed => placed.Entry.Subject, StringComparer.Ordinal))
            .Where(placed => placed.Entry.Digests.Count > 0)
            .GroupBy(placed => placed.Entry.Subject)
            .Select(chain => new ChainDisclosures(
                chain.Key,
                [.. chain.SelectMany(placed => placed.Signed.Disclosures).Select(disclosure => disclosure.Name).Distinct().Order(StringComparer.Ordinal)],
                chain.Sum(placed => placed.Signed.Withheld)))];
}

/// <summary>What a bundle shows of a chain's values that are signed as digests.</summary>
/// <param name="Subject">The chain.</param>
/// <param name="Shown">Names of the properties shown in at least one of its entries, in ascending order, each once.</param>
/// <param name="Withheld">How many values are not shown; of these nothing is known but their digests, not even the names.</param>
public sealed record ChainDisclosures(string Subject, IReadOnlyList<string> Shown, int Withheld);
