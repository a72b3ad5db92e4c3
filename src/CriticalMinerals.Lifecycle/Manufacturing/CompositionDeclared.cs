using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>The section of a model's sheet on substances; said again, it replaces what it said before.</summary>
[Description("The section of a model's sheet on substances.")]
public sealed record CompositionDeclared : LifecycleEvent
{
    [Informative("Hazardous substances other than mercury, cadmium and lead, with their effects.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(8), Annex XIII 1(b), Art. 74(1)(f)")]
    public IReadOnlyList<HazardousSubstance>? Substances { get; init; }

    [Informative("Share of renewable content.", Unit = "%", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex XIII 1(f)")]
    public Quantity? RenewableContent { get; init; }

    public override ChainState Apply(Situation now) => now.Chain!;
}

/// <summary>A hazardous substance in the battery.</summary>
public sealed record HazardousSubstance
{
    [Description("Name.")]
    [Text(MaximumLength = 200)]
    [Example("lithium hexafluorophosphate")]
    public required string Name { get; init; }

    [Description("CAS registry number.")]
    [Text(Pattern = "^[1-9][0-9]{1,6}-[0-9]{2}-[0-9]$")]
    [Example("21324-40-3")]
    public string? Cas { get; init; }

    [Description("Hazard class and category (Regulation (EC) No 1272/2008).")]
    [Text(MaximumLength = 200)]
    [Example("Acute toxicity, category 3")]
    public required string HazardClass { get; init; }

    [Description("Where in the battery.")]
    [Text(MaximumLength = 100)]
    [Example("electrolyte")]
    public string? Location { get; init; }

    [Description("Concentration by mass.")]
    [Measure("%", Minimum = "0", Maximum = "100")]
    public Quantity? Concentration { get; init; }

    [Description("Effect on environment, health and safety.")]
    [Text(MaximumLength = 500)]
    [Example("Toxic if swallowed; gives off hydrogen fluoride with water.")]
    public string? Impact { get; init; }
}
