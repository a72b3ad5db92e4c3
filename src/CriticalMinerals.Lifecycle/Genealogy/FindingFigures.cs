using CriticalMinerals.Lifecycle.Compliance;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Genealogy;

/// <summary>What was computed of a chain, in the form in which findings ask for it.</summary>
public static class FindingFigures
{
    /// <summary>The recycled shares that what went in carries. Where there is a gap, every element with no number.</summary>
    public static IReadOnlyList<ComputedShare> RecycledShares(this MaterialOrigins origins) => origins.Gap != Gap.None
        ? [.. Enum.GetValues<Mineral>().Select(m => new ComputedShare(m, null, null, null, origins.Gap == Gap.Withheld ? origins.Withheld : 0))]
        : [.. origins.Elements.Select(e => new ComputedShare(
            e.Element, e.Of(OriginKind.RecycledPreConsumer), e.Of(OriginKind.RecycledPostConsumer), e.Of(OriginKind.NotTraced), 0))];

    /// <summary>For each chain on the way the weakest custody model of what went in.</summary>
    public static IReadOnlyDictionary<string, InputCustody> CustodyOfInputs(this MaterialOrigins origins) =>
        origins.InputCustody.ToDictionary(c => c.Key, c => new InputCustody(c.Value.Weakest, c.Value.Unseen), StringComparer.Ordinal);
}
