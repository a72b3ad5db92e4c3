using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>
/// The carbon footprint of a model as made in its plant, stage by stage. The functional unit is one kilowatt-hour of the energy that the battery gives over its
/// whole expected service life, not of its capacity.
/// </summary>
[Description("The carbon footprint of a model as made in its plant, by stage of its life.")]
public sealed record CarbonFootprintDeclared : LifecycleEvent
{
    [Informative("Footprint in all.", Unit = "kg CO2e/kWh", Minimum = "0", Law = "Regulation (EU) 2023/1542 Art. 7(1)(d), Annex XIII 1(c)")]
    [Example("0.062")]
    public required Quantity Total { get; init; }

    [Informative("Of that: raw material acquisition and pre-processing.", Unit = "kg CO2e/kWh", Minimum = "0", Law = "Regulation (EU) 2023/1542 Art. 7(1)(e), Annex II(4)")]
    [Example("0.031")]
    public required Quantity RawMaterials { get; init; }

    [Informative("Of that: main product production.", Unit = "kg CO2e/kWh", Minimum = "0", Law = "Regulation (EU) 2023/1542 Art. 7(1)(e), Annex II(4)")]
    [Example("0.024")]
    public required Quantity Production { get; init; }

    [Informative("Of that: distribution.", Unit = "kg CO2e/kWh", Minimum = "0", Law = "Regulation (EU) 2023/1542 Art. 7(1)(e), Annex II(4)")]
    [Example("0.002")]
    public required Quantity Distribution { get; init; }

    [Informative("Of that: end of life and recycling.", Unit = "kg CO2e/kWh", Law = "Regulation (EU) 2023/1542 Art. 7(1)(e), Annex II(4)")]
    [Example("0.005")]
    public required Quantity EndOfLife { get; init; }

    [Informative("Performance class; the law has not fixed its letters yet.", Law = "Regulation (EU) 2023/1542 Art. 7(2)")]
    [Text(MaximumLength = 20)]
    [Example("B")]
    public string? PerformanceClass { get; init; }

    [Informative("Rules by which it was computed, with their edition.")]
    [Text(MaximumLength = 200)]
    [Example("CFB-EV 2024 draft")]
    public required string Rules { get; init; }

    [Informative("Footprint of one whole battery.", Unit = "kg CO2e", Minimum = "0")]
    [Example("4100")]
    public Quantity? Absolute { get; init; }

    [Informative("Where the public study stands.", Law = "Regulation (EU) 2023/1542 Art. 7(1)(g)")]
    [Text(MaximumLength = 500, Pattern = "^https://[!-~]+$")]
    [Example("https://havel-energy.example/aurora-75/footprint")]
    public string? Study { get; init; }

    [Informative("Declaration of conformity that it belongs to.", Law = "Regulation (EU) 2023/1542 Art. 7(1)(f)")]
    [Text(MaximumLength = 100)]
    [Example("HE-DOC-2026-017")]
    public string? DeclarationNumber { get; init; }

    public override ChainState Apply(Situation now) => now.Chain!;
}
