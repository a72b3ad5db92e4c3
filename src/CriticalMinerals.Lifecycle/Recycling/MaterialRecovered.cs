using System.ComponentModel;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Recycling;

/// <summary>Black mass or recycled material became a secondary raw material that may enter a new battery: the loop closes.</summary>
[Description("Recycled material became a secondary raw material.")]
public sealed record MaterialRecovered : LifecycleEvent
{
    [Structural("Whether strangers may read the lot's chain.")]
    public required bool Open { get; init; }

    [Structural("Said when some or all inputs have no giver's signature.")]
    public InputSource? Source { get; init; }

    [Informative("The mineral that the lot is made for.")]
    public required Mineral Mineral { get; init; }

    [Informative("What it is: cobalt sulphate, lithium carbonate, ….")]
    [Text(MaximumLength = 100)]
    [Example("cobalt sulphate heptahydrate")]
    public required string Product { get; init; }

    [Informative("The plant.")]
    public required Place Site { get; init; }

    [Informative("Route: pyrometallurgical, hydrometallurgical, direct.", Law = "Delegated Regulation (EU) 2025/606")]
    [Text(MaximumLength = 100)]
    [Example("hydrometallurgical")]
    public required string Process { get; init; }

    [Informative("Chain of custody model of what is claimed for the lot: never stronger than that of its inputs.", Law = "ISO 22095:2020")]
    public CustodyModel? Custody { get; init; }

    [Confidential(AccessClass.C, "Mass of the lot.", Unit = "kg", Minimum = "0", Required = true, IsTotal = true)]
    public Quantity? Mass { get; init; }

    [Confidential(AccessClass.C, "Elements in the lot, by assay. No more of any than went in.", Required = true, IsContent = true)]
    public IReadOnlyList<ElementMass>? Content { get; init; }

    [Confidential(AccessClass.C, "Recovery of elements over the process, as the recycler reports it.", Law = "Regulation (EU) 2023/1542 Annex XII Part C")]
    public IReadOnlyList<ElementRecovery>? Recovery { get; init; }

    [Confidential(AccessClass.C, "Greenhouse gas emissions of this step, gate to gate.", Unit = "kg CO2e/kg", Minimum = "0")]
    public Quantity? CarbonFootprint { get; init; }

    public override Refusal? Check(Situation now) => Inputs.CheckMaterial(now) ?? Inputs.Check(now, Source, Content) ?? Inputs.CheckStated(Content, Mass?.Value);

    public override ChainState Apply(Situation now) => Inputs.Lot(now, Open, Mass, Content, Source);
}

/// <summary>How much of one element a process recovers.</summary>
public sealed record ElementRecovery
{
    [Description("The element.")]
    [Example("cobalt")]
    public required Mineral Element { get; init; }

    [Description("Mass recovered over mass that went in.")]
    [Measure("%", Minimum = "0", Maximum = "100")]
    [Example("96.4")]
    public required Quantity Rate { get; init; }
}
