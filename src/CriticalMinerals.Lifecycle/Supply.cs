using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>What the lines of one entry are taken from. Each line takes its share of the content with it, to the last fraction of a microgram.</summary>
/// <param name="Unit"><c>kg</c> or <c>pieces</c>; null in an excerpt that cannot tell.</param>
/// <param name="Quantity">How much there is to give, in that unit; null when withheld.</param>
/// <param name="Content">What that holds; null when not known.</param>
/// <param name="Purpose">For what it is given; null in an excerpt that cannot tell.</param>
public sealed record Supply(string? Unit, decimal? Quantity, Composition? Content, LinePurpose? Purpose)
{
    /// <summary>What a chain has left.</summary>
    internal static Supply? Of(StockState? stock) => stock is null or { Voided: true } ? null : new Supply(
        stock.Unit,
        stock.Total - stock.Given,
        stock is { Content: { } content, GivenContent: { } given } ? content.Less(given) : null,
        stock.Carries);

    /// <summary>What a line of that quantity holds; null when not known.</summary>
    internal Composition? ContentOf(decimal? quantity) =>
        quantity == 0 ? Composition.Empty : quantity is { } part && Quantity is > 0 and var whole && Content is { } content ? content.Share(part, whole) : null;
}
