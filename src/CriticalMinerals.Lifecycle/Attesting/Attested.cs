using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Attesting;

/// <summary>An auditor, inspector or authority signs its opinion on what stands in the chain. It references the entries it is about.</summary>
[Description("An auditor, inspector or authority signs its opinion on what stands in the chain.")]
public sealed record Attested : LifecycleEvent
{
    [Informative("What was examined and against what.")]
    [Text(MaximumLength = 300)]
    [Example("Mass balance of 2026 against ISO 22095-2")]
    public required string Scope { get; init; }

    [Informative("The opinion.")]
    public required Opinion Opinion { get; init; }

    [Informative("The opinion in words.")]
    [Text(MaximumLength = 1000)]
    [Example("In all material respects the account is as stated.")]
    public string? Statement { get; init; }

    [Informative("Last day on which it holds, ISO 8601.")]
    [Text(Pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
    [Example("2028-12-31")]
    public string? ValidTo { get; init; }

    [Confidential(AccessClass.R, "The report.")]
    public Document? Report { get; init; }

    public override bool MayReferenceMany => true;

    public override ChainState Apply(Situation now) => now.Chain!;
}

/// <summary>Opinions as auditors give them (ISAE 3000).</summary>
public enum Opinion
{
    Unqualified,
    Qualified,
    Adverse,
    Disclaimed,
}
