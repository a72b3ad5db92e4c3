using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>The section of a model's sheet on symbols and labels and what they mean; said again, it replaces what it said before.</summary>
[Description("The section of a model's sheet on symbols and labels and what they mean.")]
public sealed record LabellingDeclared : LifecycleEvent
{
    [Informative("Symbols and labels on the battery.", Law = "Regulation (EU) 2023/1542 Art. 13(4) to (5), Annex VI Part B, Annex XIII 1(q), Art. 74(1)(e)")]
    public required IReadOnlyList<Symbol> Symbols { get; init; }

    public override ChainState Apply(Situation now) => now.Chain!;
}

/// <summary>One symbol.</summary>
public sealed record Symbol
{
    [Description("Which one.")]
    public required SymbolKind Kind { get; init; }

    [Description("What it means, in a sentence for the user.")]
    [Text(MaximumLength = 500)]
    [Example("Do not throw this battery into household waste: hand it in.")]
    public required string Meaning { get; init; }

    [Description("Address of a picture of it.")]
    [Text(MaximumLength = 500, Pattern = "^https://[!-~]+$")]
    [Example("https://havel-energy.example/symbols/bin.svg")]
    public string? Address { get; init; }
}

/// <summary>Symbols that the law asks for.</summary>
public enum SymbolKind
{
    SeparateCollection,
    Cadmium,
    Lead,
    CarbonFootprint,
    ExtinguishingAgent,
    Other,
}
