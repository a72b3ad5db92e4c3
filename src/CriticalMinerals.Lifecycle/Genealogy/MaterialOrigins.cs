using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Genealogy;

/// <summary>Some of an element, by where it is from.</summary>
/// <param name="Source">Where.</param>
/// <param name="Mass">Kilograms, exactly; more than 0.</param>
/// <param name="Share">Of the element's mass, 0 to 1.</param>
public sealed record OriginShare(MaterialSource Source, Ratio Mass, Ratio Share);

/// <summary>Where one element in something is from. Its shares add up to exactly 1, what is not traced among them.</summary>
/// <param name="Element">The element.</param>
/// <param name="Mass">Kilograms of it, exactly; more than 0.</param>
/// <param name="Shares">In the order of their sources.</param>
/// <param name="Custody">The weakest custody model on the way of what is traced; null when nothing of it is, or none is stated.</param>
public sealed record ElementOrigins(Mineral Element, Ratio Mass, IReadOnlyList<OriginShare> Shares, CustodyModel? Custody)
{
    /// <summary>The share that came in by that way, 0 to 1.</summary>
    public Ratio Of(OriginKind kind) => Sum(s => s.Source.Kind == kind);

    /// <summary>The share mined in that country, 0 to 1.</summary>
    public Ratio MinedIn(string country) => Sum(s => s.Source.Kind == OriginKind.Mined && s.Source.Country == country);

    private Ratio Sum(Func<OriginShare, bool> which) => Shares.Where(which).Aggregate(default(Ratio), (sum, s) => sum + s.Share);
}

/// <summary>
/// Where the elements in a battery, a lot, a part or a consignment are from, as far as the entries at hand tell: exact fractions, nothing rounded, nothing
/// guessed. A product's mixture is that of what went in, by mass; what it lost it lost of all sources alike; what it states beyond what was traced is not
/// traced. A present battery is asked about: parts that came out are gone, parts that went in count, a successor has what its predecessors had.
/// </summary>
/// <remarks>
/// Where inputs without a giver's signature went in and the product holds no more of an element than the signed ones brought, all of it counts as theirs: an
/// upper bound of what is traced, since what was lost may have been theirs too.
/// </remarks>
public sealed class MaterialOrigins
{
    private MaterialOrigins(string chain, Ancestry ancestry, MaterialTrace trace)
    {
        var holding = trace.Holdings[chain];
        Chain = chain;
        Gap = holding.Content.Gap;
        Elements = [.. (holding.Content.Content?.Elements ?? []).Select(e => Origins(e.Key, e.Value))];
        Withheld = trace.Withheld;
        UnreadableLines = ancestry.Unreadable;
        Depth = ancestry.Depths.Values.Max();
        CutOffs = [.. ancestry.CutOffs, .. trace.Holdings.Where(h => h.Value.IsTooFine).Select(h => new CutOff(h.Key, CutOffReason.TooFine)).OrderBy(c => c.Chain, StringComparer.Ordinal)];
        Upgrades = [.. trace.Holdings.OrderBy(h => h.Key, StringComparer.Ordinal).SelectMany(h => h.Value.Upgrades)];
        Upstream = [.. ancestry.Depths.Where(d => d.Value > 0).OrderBy(d => d.Value).ThenBy(d => d.Key, StringComparer.Ordinal).Select(d => d.Key)];
        InputCustody = trace.Holdings.ToDictionary(h => h.Key, h => (h.Value.InputCustody, h.Value.UnseenInputs), StringComparer.Ordinal);
    }

    /// <summary>The chain asked about.</summary>
    public string Chain { get; }

    /// <summary>Why no number is given; <see cref="Gap.None"/> when they are.</summary>
    public Gap Gap { get; }

    /// <summary>The elements in it; empty where there is a gap, or nothing in it.</summary>
    public IReadOnlyList<ElementOrigins> Elements { get; }

    /// <summary>How many digests stand without their disclosure in the entries that say how much of what there is.</summary>
    public int Withheld { get; }

    /// <summary>Lines on the way whose giver is out of sight: what they brought is not traced.</summary>
    public int UnreadableLines { get; }

    /// <summary>Steps to the farthest chain reached.</summary>
    public int Depth { get; }

    /// <summary>Where following back stopped before the beginning.</summary>
    public IReadOnlyList<CutOff> CutOffs { get; }

    /// <summary>Custody claims on the way that are stronger than what went in carries.</summary>
    public IReadOnlyList<CustodyUpgrade> Upgrades { get; }

    /// <summary>The chains that its content is from, nearest first.</summary>
    public IReadOnlyList<string> Upstream { get; }

    /// <summary>By chain the weakest custody model among what went in, whatever the element, and how many lines that went in are out of sight. Needs no quantities.</summary>
    public IReadOnlyDictionary<string, (CustodyModel? Weakest, int Unseen)> InputCustody { get; }

    /// <summary>Follows a chain back.</summary>
    /// <param name="chain">A battery's chain, or that of a lot, a part or a consignment.</param>
    /// <param name="chains">Chains at hand by name, its own included, each from its first entry on in order of its sequence, with whatever disclosures the reader may see. A chain that is missing is one that the reader may not see.</param>
    /// <param name="limits">How far; <see cref="AncestryLimits.Default"/> when null.</param>
    /// <returns>Null when the chain is not at hand or holds nothing by its kind.</returns>
    public static MaterialOrigins? Of(string chain, IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> chains, AncestryLimits? limits = null)
    {
        var ancestry = new Ancestry(chain, chains, limits ?? AncestryLimits.Default);
        var trace = new MaterialTrace(ancestry, chains);
        return trace.Holdings.ContainsKey(chain) ? new MaterialOrigins(chain, ancestry, trace) : null;
    }

    private static ElementOrigins Origins(Mineral element, SourcedContent.Element held) => new(
        element,
        held.Mass,
        [.. held.Strands.GroupBy(s => s.Key.Source).OrderBy(g => g.Key).Select(g => g.Aggregate(default(Ratio), (sum, s) => sum + s.Value) is var mass ? new OriginShare(g.Key, mass, mass / held.Mass) : null!)],
        held.Custody);
}
