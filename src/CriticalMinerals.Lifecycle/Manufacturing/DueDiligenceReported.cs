using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>The yearly report on due diligence in the supply chain was published.</summary>
[Description("The report on due diligence in the supply chain was published.")]
public sealed record DueDiligenceReported : LifecycleEvent
{
    [Informative("The public report.", Law = "Regulation (EU) 2023/1542 Art. 52(3), Annex XIII 1(d)")]
    public required Document Report { get; init; }

    [Informative("The calendar year that it is about.", Minimum = "2020", Maximum = "2200")]
    [Example("2026")]
    public required long Year { get; init; }

    [Informative("Assurances by third parties.", Law = "Regulation (EU) 2023/1542 Art. 49(1)(d)")]
    public IReadOnlyList<Document>? Assurances { get; init; }

    [Informative("Supply chain indices with their source, such as a published index of the Global Battery Alliance.")]
    public IReadOnlyList<SupplyChainIndex>? Indices { get; init; }

    public override ChainState Apply(Situation now) => now.Chain!;
}

/// <summary>A figure that somebody publishes about supply chains.</summary>
public sealed record SupplyChainIndex
{
    [Description("Name and edition.")]
    [Text(MaximumLength = 200)]
    [Example("Child Labour Index 2024")]
    public required string Name { get; init; }

    [Description("Its value, in its own terms.")]
    [Text(MaximumLength = 100)]
    [Example("71 of 100")]
    public required string Value { get; init; }
}
