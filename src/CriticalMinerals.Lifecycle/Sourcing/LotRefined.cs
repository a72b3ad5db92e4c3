using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>A refiner turned what it took into a new lot: concentrate into sulphate, hydroxide, carbonate or metal.</summary>
[Description("What was taken was smelted, refined or converted into a new lot.")]
public sealed record LotRefined : LifecycleEvent
{
    [Structural("Whether strangers may read the lot's chain.")]
    public required bool Open { get; init; }

    [Structural("Said when some or all inputs have no giver's signature.")]
    public InputSource? Source { get; init; }

    [Informative("The mineral that the lot is made for.")]
    public required Mineral Mineral { get; init; }

    [Informative("What it is: lithium hydroxide, nickel sulphate, cobalt sulphate, spherical graphite, ….")]
    [Text(MaximumLength = 100)]
    [Example("lithium hydroxide monohydrate")]
    public required string Product { get; init; }

    [Informative("The plant.")]
    public required Place Site { get; init; }

    [Informative("Route: pyrometallurgical, hydrometallurgical, electrolysis, ….")]
    [Text(MaximumLength = 100)]
    [Example("hydrometallurgical")]
    public string? Process { get; init; }

    [Informative("Chain of custody model of what is claimed for the lot: never stronger than that of its inputs.", Law = "ISO 22095:2020")]
    public CustodyModel? Custody { get; init; }

    [Confidential(AccessClass.C, "Mass of the lot.", Unit = "kg", Minimum = "0", Required = true, IsTotal = true)]
    public Quantity? Mass { get; init; }

    [Confidential(AccessClass.C, "Elements in the lot, by assay: complete for those that batteries are made of. No more of any than went in.", Required = true, IsContent = true)]
    public IReadOnlyList<ElementMass>? Content { get; init; }

    [Confidential(AccessClass.C, "Greenhouse gas emissions of this step, gate to gate.", Unit = "kg CO2e/kg", Minimum = "0")]
    public Quantity? CarbonFootprint { get; init; }

    public override Refusal? Check(Situation now) => Inputs.CheckMaterial(now) ?? Inputs.Check(now, Source, Content) ?? Inputs.CheckStated(Content, Mass?.Value);

    public override ChainState Apply(Situation now) => Inputs.Lot(now, Open, Mass, Content, Source);
}
