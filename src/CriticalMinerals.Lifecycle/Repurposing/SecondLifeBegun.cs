using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Repurposing;

/// <summary>
/// A battery begins a second life under a passport of its own (Art. 77(6)): made of one or several batteries that were released for it, or of parts of them.
/// Taking them is what closes theirs.
/// </summary>
[Description("A battery begins a second life under a passport of its own, linked to those it was made of.")]
public sealed record SecondLifeBegun : LifecycleEvent
{
    [Structural("The operation; of every battery taken the release names the same.", Law = "Regulation (EU) 2023/1542 Art. 3(29) to (32)")]
    [Example("repurposing")]
    public required LinePurpose Operation { get; init; }

    [Structural("Names of the battery in other systems: a second-use code of its own, never that of a predecessor.")]
    public IReadOnlyList<Alias>? Aliases { get; init; }

    [Structural("Said when some parts have no giver's signature.")]
    public InputSource? Source { get; init; }

    [Informative("What it is meant for.")]
    [Text(MaximumLength = 200)]
    [Example("stationary storage, 40 kWh")]
    public required string IntendedUse { get; init; }

    [Informative("Month of the operation.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(4)")]
    [Text(Pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    [Example("2034-03")]
    public required string ManufacturedOn { get; init; }

    [Informative("Where.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(3)")]
    public Place? Plant { get; init; }

    [Informative("Standard by which it was sorted, built and tested.")]
    [Text(MaximumLength = 100)]
    [Example("UL 1974:2023")]
    public required string Standard { get; init; }

    [Confidential(AccessClass.U, "Capacity after the operation.", Unit = "Ah", Minimum = "0", Required = true, Law = "Regulation (EU) 2023/1542 Annex XIII 4(a)")]
    public Quantity? Capacity { get; init; }

    [Confidential(AccessClass.U, "Internal resistance after the operation.", Unit = "ohm", Minimum = "0", Required = true, Law = "Regulation (EU) 2023/1542 Annex XIII 4(a)")]
    public Quantity? InternalResistance { get; init; }

    [Confidential(AccessClass.U, "Evidence of the state of health, of further use and of safe transport.", Law = "Regulation (EU) 2023/1542 Art. 73")]
    public IReadOnlyList<Document>? Evidence { get; init; }

    [Confidential(AccessClass.C, "Elements in the battery; where it is left out, all that went in.", IsContent = true)]
    public IReadOnlyList<ElementMass>? Content { get; init; }

    public override void Need(Needs needs, Entry entry) => Naming.Need(needs, Aliases);

    public override Refusal? Check(Situation now)
    {
        if (!LinePurposes.SecondLife.Contains(Operation))
        {
            return new Refusal(RefusalCode.DataInvalid, "operation is re-use, preparation-for-re-use, repurposing, preparation-for-repurposing or remanufacturing.");
        }

        if (Naming.ModelOf(now) is not { } model)
        {
            return new Refusal(RefusalCode.ReferenceMissing, "ref names an entry of a model sheet: that of the predecessor for the same use, one of its own for another.");
        }

        if (Operation is LinePurpose.Repurposing or LinePurpose.PreparationForRepurposing && model.Opener != now.Entry.Actor)
        {
            return new Refusal(RefusalCode.KeeperRequired, $"The model sheet is {model.Opener}'s, who never made the battery for this use: another use has a sheet of its own.");
        }

        if (now.TakenPurposes.FirstOrDefault(p => LinePurposes.SecondLife.Contains(p) && p != Operation, Operation) is var other && other != Operation)
        {
            return new Refusal(RefusalCode.LinePurposeWrong, $"A battery taken was released for {KebabCase.Of(other.ToString())}.");
        }

        return !now.TakenPurposes.Any(p => p == Operation || p == LinePurpose.Part) && !(now.IsExcerpt && now.TakenPurposes.Count < now.Entry.Taken.Count)
            ? new Refusal(RefusalCode.InputsMissing, "in redeems at least one battery released for the operation, or a part that was in one.")
            : Naming.Check(now, Aliases) ?? Inputs.Check(now, Source, Content);
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
            Status = Operation.Result(),
            Aliases = Aliases ?? [],
            Content = Inputs.ContentOf(now, Source, Content),
            Intake = new Intake().With(now, Source == InputSource.Declared),
        };
    }
}
