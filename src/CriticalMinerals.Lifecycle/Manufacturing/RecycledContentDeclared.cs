using System.ComponentModel;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>
/// What share of cobalt, lithium, nickel and lead was recovered from waste, for a model, a year and a plant. It is a claim: what the graph of lots can carry is
/// computed beside it.
/// </summary>
[Description("What share of cobalt, lithium, nickel and lead in a model was recovered from waste, for one year.")]
public sealed record RecycledContentDeclared : LifecycleEvent
{
    [Informative("The calendar year.", Minimum = "2020", Maximum = "2200")]
    [Example("2026")]
    public required long Year { get; init; }

    [Informative("Shares, one an element: cobalt, lithium and nickel of the active materials, lead of the battery.", Law = "Regulation (EU) 2023/1542 Art. 8(1), Annex XIII 1(e)")]
    public required IReadOnlyList<RecycledShare> Shares { get; init; }

    public override Refusal? Check(Situation now) =>
        Shares.Any(s => s.Element is not (Mineral.Cobalt or Mineral.Lithium or Mineral.Nickel or Mineral.Lead)) || Shares.Select(s => s.Element).Distinct().Count() != Shares.Count
            ? new Refusal(RefusalCode.DataInvalid, "shares names cobalt, lithium, nickel and lead, each at most once.") :
        Shares.Any(s => s.PreConsumer.Value + s.PostConsumer.Value > 100) ? new Refusal(RefusalCode.DataInvalid, "Shares of one element are at most 100 % together.") : null;

    public override ChainState Apply(Situation now) => now.Chain!;
}

/// <summary>Recycled shares of one element.</summary>
public sealed record RecycledShare
{
    [Description("The element.")]
    [Example("cobalt")]
    public required Mineral Element { get; init; }

    [Description("From manufacturing waste.")]
    [Measure("%", Minimum = "0", Maximum = "100")]
    [Example("4.0")]
    public required Quantity PreConsumer { get; init; }

    [Description("From batteries that had been in use.")]
    [Measure("%", Minimum = "0", Maximum = "100")]
    public required Quantity PostConsumer { get; init; }
}
