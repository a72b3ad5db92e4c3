using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>Lots were mixed and nothing else was done to them: what comes out weighs and holds no more than what went in.</summary>
[Description("Lots were mixed into a new one, without being transformed.")]
public sealed record LotsBlended : LifecycleEvent
{
    [Structural("Whether strangers may read the lot's chain.")]
    public required bool Open { get; init; }

    [Structural("Said when some or all inputs have no giver's signature.")]
    public InputSource? Source { get; init; }

    [Informative("What it is.")]
    [Text(MaximumLength = 100)]
    [Example("nickel sulphate hexahydrate, blended")]
    public required string Product { get; init; }

    [Informative("Where.")]
    public required Place Site { get; init; }

    [Informative("Chain of custody model of what is claimed for the lot: never stronger than that of its inputs.", Law = "ISO 22095:2020")]
    public CustodyModel? Custody { get; init; }

    [Confidential(AccessClass.C, "Mass of the new lot.", Unit = "kg", Minimum = "0", Required = true, IsTotal = true)]
    public Quantity? Mass { get; init; }

    [Confidential(AccessClass.C, "Elements in the new lot, where an assay was made; else all that went in.", IsContent = true)]
    public IReadOnlyList<ElementMass>? Content { get; init; }

    public override Refusal? Check(Situation now) =>
        Inputs.CheckMaterial(now) ?? Inputs.Check(now, Source, Content) ?? Inputs.CheckStated(Content, Mass?.Value)
        ?? Inputs.CheckBlend(Mass?.Value, new Intake().With(now, Source == InputSource.Declared));

    public override ChainState Apply(Situation now) => Inputs.Lot(now, Open, Mass, Content, Source);
}
