using System.ComponentModel;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Recycling;

/// <summary>What was won from recycled batteries, used parts or production scrap was shredded and sorted into black mass.</summary>
[Description("Recycled batteries, used parts or production scrap were turned into black mass.")]
public sealed record BlackMassProduced : LifecycleEvent
{
    [Structural("Whether strangers may read the lot's chain.")]
    public required bool Open { get; init; }

    [Structural("Said when some or all inputs have no giver's signature.")]
    public InputSource? Source { get; init; }

    [Informative("The plant.")]
    public required Place Site { get; init; }

    [Confidential(AccessClass.C, "Mass of the lot.", Unit = "kg", Minimum = "0", Required = true, IsTotal = true)]
    public Quantity? Mass { get; init; }

    [Confidential(AccessClass.C, "Elements in the lot, by assay. No more of any than went in.", Required = true, IsContent = true)]
    public IReadOnlyList<ElementMass>? Content { get; init; }

    [Confidential(AccessClass.C, "Aluminium as an impurity, by mass.", Unit = "%", Minimum = "0", Maximum = "100")]
    public Quantity? AluminiumImpurity { get; init; }

    [Confidential(AccessClass.C, "Copper as an impurity, by mass.", Unit = "%", Minimum = "0", Maximum = "100")]
    public Quantity? CopperImpurity { get; init; }

    public override Refusal? Check(Situation now) => Inputs.Check(now, Source, Content) ?? Inputs.CheckStated(Content, Mass?.Value);

    public override ChainState Apply(Situation now) => Inputs.Lot(now, Open, Mass, Content, Source);
}
