using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>
/// A battery from elsewhere enters the ledger: its importer answers for it from here on, and its life before is what another system says. If its maker enrols
/// later, a reference links the two; there is no second granted identity.
/// </summary>
[Description("A battery from elsewhere enters the ledger; its life before is declared.")]
public sealed record BatteryImported : LifecycleEvent
{
    [Structural("Names of the battery in other systems: the foreign ones with basis declared.")]
    public IReadOnlyList<Alias>? Aliases { get; init; }

    [Structural("Battery status when it came in.")]
    public required BatteryStatus Status { get; init; }

    [Informative("System in which its passport stood, if any.")]
    [Text(MaximumLength = 200)]
    [Example("traction battery traceability platform")]
    public string? System { get; init; }

    [Informative("Address of its passport there.")]
    [Text(MaximumLength = 500, Pattern = "^https://[!-~]+$")]
    [Example("https://passport.example.cn/001PE0766HX00016B2000123")]
    public string? PassportAddress { get; init; }

    [Informative("SHA-256 of that passport as the importer read it, base64url.")]
    [Text(Pattern = "^[A-Za-z0-9_-]{43}$")]
    [Example("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg")]
    public string? PassportSha256 { get; init; }

    [Informative("Month of manufacture.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(4)")]
    [Text(Pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    [Example("2026-11")]
    public required string ManufacturedOn { get; init; }

    [Informative("The plant, where it differs from the model sheet's.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(3)")]
    public Place? Plant { get; init; }

    [Confidential(AccessClass.C, "Elements in the battery, as its maker states them.", IsContent = true)]
    public IReadOnlyList<ElementMass>? Content { get; init; }

    public override void Need(Needs needs, Entry entry) => Naming.Need(needs, Aliases);

    public override Refusal? Check(Situation now) =>
        Naming.ModelOf(now) is not { } model ? new Refusal(RefusalCode.ReferenceMissing, "ref names an entry of the battery's model sheet.") :
        model.Opener != now.Entry.Actor ? new Refusal(RefusalCode.KeeperRequired, $"The model sheet is {model.Opener}'s: an importer declares the models it brings in.") :
        Naming.Check(now, Aliases) ?? Sourcing.Inputs.CheckStated(Content);

    public override ChainState Apply(Situation now)
    {
        Naming.Claim(now, Aliases);
        return new BatteryState
        {
            Subject = now.Entry.Subject,
            Opener = now.Entry.Actor,
            Responsible = now.Entry.Actor,
            Model = Naming.ModelOf(now)!.Subject,
            Status = Status,
            Aliases = Aliases ?? [],
            Content = Composition.Of(Content),
            Intake = new Intake { Declared = true },
        };
    }
}
