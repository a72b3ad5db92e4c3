using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>A mine won a lot of ore, concentrate or brine: where a mineral's way begins.</summary>
[Description("A mine won a lot of ore, concentrate or brine.")]
public sealed record LotExtracted : LifecycleEvent
{
    [Structural("Whether strangers may read the lot's chain.")]
    public required bool Open { get; init; }

    [Informative("The mineral that the lot is won for.")]
    public required Mineral Mineral { get; init; }

    [Informative("What it is: spodumene concentrate, lithium brine, cobalt hydroxide ore, flake graphite, ….")]
    [Text(MaximumLength = 100)]
    [Example("spodumene concentrate")]
    public required string Product { get; init; }

    [Informative("The mine.", Law = "Regulation (EU) 2023/1542 Annex X(1)")]
    public required Place Site { get; init; }

    [Informative("Whether the lot was won by artisanal or small-scale mining.", Law = "OECD Due Diligence Guidance for minerals, third edition")]
    public bool? Artisanal { get; init; }

    [Informative("Mining permit or concession.")]
    [Text(MaximumLength = 200)]
    [Example("Concession 1203/2019")]
    public string? Permit { get; init; }

    [Informative("Certificate of responsible mining that covers the site.")]
    [Text(MaximumLength = 200)]
    [Example("IRMA 75, site 0042")]
    public string? Certificate { get; init; }

    [Confidential(AccessClass.C, "Mass of the lot as it leaves the site.", Unit = "kg", Minimum = "0", Required = true, IsTotal = true)]
    public Quantity? Mass { get; init; }

    [Confidential(AccessClass.C, "Elements in the lot, by assay: complete for those that batteries are made of.", Required = true, IsContent = true)]
    public IReadOnlyList<ElementMass>? Content { get; init; }

    [Confidential(AccessClass.C, "Greenhouse gas emissions up to the gate of the site.", Unit = "kg CO2e/kg", Minimum = "0")]
    public Quantity? CarbonFootprint { get; init; }

    public override Refusal? Check(Situation now) => Inputs.CheckStated(Content, Mass?.Value);

    public override ChainState Apply(Situation now) => Inputs.Lot(now, Open, Mass, Content, InputSource.Declared);
}
