using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>The maker declares that the model conforms; the reports behind it are for authorities.</summary>
[Description("The maker declares that the model conforms.")]
public sealed record ConformityDeclared : LifecycleEvent
{
    [Informative("EU declaration of conformity.", Law = "Regulation (EU) 2023/1542 Annex XIII 1(r), Art. 18, Annex IX")]
    public required Document Declaration { get; init; }

    [Informative("Identification number of the declaration.")]
    [Text(MaximumLength = 100)]
    [Example("HE-DOC-2026-017")]
    public required string DeclarationNumber { get; init; }

    [Informative("Number of the notified body, where one took part.")]
    [Text(Pattern = "^[0-9]{4}$")]
    [Example("0123")]
    public string? NotifiedBody { get; init; }

    [Informative("Last day of validity of a certificate behind it, ISO 8601.")]
    [Text(Pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
    [Example("2031-12-31")]
    public string? ValidTo { get; init; }

    [Confidential(AccessClass.C, "Results of test reports.", Law = "Regulation (EU) 2023/1542 Annex XIII 3, Annex VIII")]
    public IReadOnlyList<Document>? TestReports { get; init; }

    public override ChainState Apply(Situation now) => now.Chain!;
}
