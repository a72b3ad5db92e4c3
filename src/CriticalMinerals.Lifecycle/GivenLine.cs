using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>A line given by an entry: a commitment that one receiver can redeem once.</summary>
/// <param name="Giver">The giving chain.</param>
/// <param name="Commitment">What the opening must hash to.</param>
/// <param name="Unit"><c>kg</c> or <c>pieces</c>; null in an excerpt of a log that does not hold the giver's chain.</param>
/// <param name="Quantity">How much; null when withheld from this replay.</param>
public sealed record GivenLine(string Giver, Digest Commitment, string? Unit, decimal? Quantity)
{
    /// <summary>For what; null in an excerpt that cannot tell.</summary>
    public LinePurpose? Purpose { get; init; }

    /// <summary>What it holds; null when not known.</summary>
    public Composition? Content { get; init; }

    /// <summary>Leaf hash of the entry that redeemed it.</summary>
    public Digest? TakenBy { get; init; }

    /// <summary>Taken back by its giver.</summary>
    public bool Withdrawn { get; init; }
}
