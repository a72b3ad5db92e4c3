using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>
/// What rules are asked about: entries, each with the disclosures at hand, and what was computed from the graph of lots. Whoever brings them decides which
/// chains the reader may see.
/// </summary>
public sealed class FindingSource
{
    /// <summary>Chains of batteries, models, lots, parts and consignments by name, each from its first entry on in order of its sequence.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> Chains { get; init; }

    /// <summary>Chains of the operators that signed, by DID; under the log's own DID the log's chain.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> Operators { get; init; }

    /// <summary>The instant for which is asked what has expired.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>For a battery's chain the names of the chains that its parts and materials came from, however far back.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Upstream { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>For a battery's chain the recycled shares that its inputs carry.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ComputedShare>> Shares { get; init; } = new Dictionary<string, IReadOnlyList<ComputedShare>>();

    /// <summary>For a chain with a custody claim the weakest custody model among what went in.</summary>
    public IReadOnlyDictionary<string, InputCustody> Custody { get; init; } = new Dictionary<string, InputCustody>();
}

/// <summary>How much of one element in a product was recycled, as its inputs carry it: fractions of the element's mass, 0 to 1.</summary>
/// <param name="Mineral">The element.</param>
/// <param name="PreConsumer">From manufacturing waste; null when not known.</param>
/// <param name="PostConsumer">From batteries that had been in use; null when not known.</param>
/// <param name="NotTraced">From inputs without a giver's signature, which may be anything; null when not known.</param>
/// <param name="Withheld">How many quantities it would need and does not have.</param>
public sealed record ComputedShare(Mineral Mineral, Ratio? PreConsumer, Ratio? PostConsumer, Ratio? NotTraced, int Withheld);

/// <summary>The weakest custody model among the inputs of a product.</summary>
/// <param name="Weakest">The model; null when it is not known.</param>
/// <param name="Withheld">How many inputs it would need to know and does not.</param>
public sealed record InputCustody(CustodyModel? Weakest, int Withheld);
