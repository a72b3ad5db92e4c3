using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Attesting;

/// <summary>
/// Evidence on how people and nature fare where the material comes from, for one indicator of a rulebook: what is held, not a score. Which share of a battery's
/// mass has it can be computed by anybody; unknown counts as none.
/// </summary>
[Description("Evidence on people and nature along the chain, for one indicator of a rulebook.")]
public sealed record EvidenceGiven : LifecycleEvent
{
    [Informative("The indicator.")]
    public required SustainabilityIndicator Indicator { get; init; }

    [Informative("Rulebook and version.")]
    [Text(MaximumLength = 200)]
    [Example("GBA Child Labour Rulebook, version of 2024")]
    public required string Rulebook { get; init; }

    [Informative("Site, company or product that it is about.")]
    [Text(MaximumLength = 200)]
    [Example("Kisanga Pit 2")]
    public required string Scope { get; init; }

    [Informative("Who stands behind it.")]
    public required AssuranceLevel Assurance { get; init; }

    [Informative("Standards that count as equivalent, such as IRMA, RMAP or The Copper Mark.")]
    [Text(MaximumLength = 100)]
    [Example("RMAP")]
    public IReadOnlyList<string>? Equivalents { get; init; }

    [Informative("First day on which it holds, ISO 8601.")]
    [Text(Pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
    [Example("2026-01-01")]
    public required string ValidFrom { get; init; }

    [Informative("Last day on which it holds, ISO 8601.")]
    [Text(Pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
    [Example("2028-12-31")]
    public required string ValidTo { get; init; }

    [Informative("The result in the issuer's own terms.")]
    [Text(MaximumLength = 300)]
    [Example("No case found in two unannounced visits")]
    public string? Result { get; init; }

    [Confidential(AccessClass.R, "The document.")]
    public Document? Document { get; init; }

    public override Refusal? Check(Situation now) =>
        string.CompareOrdinal(ValidFrom, ValidTo) > 0 ? new Refusal(RefusalCode.DataInvalid, "validTo is not before validFrom.") : null;

    public override ChainState Apply(Situation now) => now.Chain!;
}

/// <summary>Indicators of the seven rulebooks of the Global Battery Alliance.</summary>
public enum SustainabilityIndicator
{
    GreenhouseGas,
    HumanRights,
    ChildLabour,
    ForcedLabour,
    IndigenousPeoples,
    Biodiversity,
    CircularDesign,
}

/// <summary>Who checked.</summary>
public enum AssuranceLevel
{
    SelfDeclared,
    SecondParty,
    ThirdParty,
}
