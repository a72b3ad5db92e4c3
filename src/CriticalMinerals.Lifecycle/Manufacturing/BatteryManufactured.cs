using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>A battery was made: its chain and its passport begin. It references its model's sheet and takes the parts and materials that went in.</summary>
[Description("A battery was made: its chain and its passport begin.")]
public sealed record BatteryManufactured : LifecycleEvent
{
    [Structural("Names of the battery in other systems, such as its GB/T 34014 code.")]
    public IReadOnlyList<Alias>? Aliases { get; init; }

    [Structural("Said when some or all inputs have no giver's signature.")]
    public InputSource? Source { get; init; }

    [Informative("Month of manufacture.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(4)")]
    [Text(Pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    [Example("2026-11")]
    public required string ManufacturedOn { get; init; }

    [Informative("The plant, where it differs from the model sheet's.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(3)")]
    public Place? Plant { get; init; }

    [Confidential(AccessClass.U, "Capacity measured at the end of the line.", Unit = "Ah", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 4(a)")]
    public Quantity? InitialCapacity { get; init; }

    [Confidential(AccessClass.U, "Internal resistance of the battery measured at the end of the line.", Unit = "ohm", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 4(a)")]
    public Quantity? InitialInternalResistance { get; init; }

    [Confidential(AccessClass.C, "Elements in the battery; where it is left out, all that went in.", IsContent = true)]
    public IReadOnlyList<ElementMass>? Content { get; init; }

    public override void Need(Needs needs, Entry entry) => Naming.Need(needs, Aliases);

    public override Refusal? Check(Situation now)
    {
        if (Naming.ModelOf(now) is not { } model)
        {
            return new Refusal(RefusalCode.ReferenceMissing, "ref names an entry of the battery's model sheet.");
        }

        if (model.Opener != now.Entry.Actor)
        {
            return new Refusal(RefusalCode.KeeperRequired, $"The model sheet is {model.Opener}'s. A maker makes batteries of its own models; a contract manufacturer signs for it.");
        }

        return Naming.Check(now, Aliases) ?? Inputs.Check(now, Source, Content);
    }

    public override ChainState Apply(Situation now)
    {
        Naming.Claim(now, Aliases);
        return new BatteryState
        {
            Subject = now.Entry.Subject,
            Opener = now.Entry.Actor,
            Responsible = now.Entry.Actor,
            Model = Naming.ModelOf(now)!.Subject,
            Aliases = Aliases ?? [],
            Content = Inputs.ContentOf(now, Source, Content),
            Intake = new Intake().With(now, Source == InputSource.Declared),
        };
    }
}
