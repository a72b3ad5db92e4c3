using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Attesting;

/// <summary>A lot, a part, a model or a battery is called back. Whoever reaches a battery that it went into sees it there, as computed; on each battery its responsible operator says it too.</summary>
[Description("A lot, a part, a model or a battery is called back.")]
public sealed record Recalled : LifecycleEvent
{
    [Informative("Why.")]
    [Example("Separator may be damaged at low temperature.")]
    public required string Reason { get; init; }

    [Informative("What to do, for whoever has one.")]
    [Example("Do not charge above 80 %; see a workshop.")]
    public required string Action { get; init; }

    [Informative("How bad it can become.")]
    public required RecallRisk Risk { get; init; }

    [Informative("Number of the recall.")]
    [Text(MaximumLength = 100)]
    [Example("A12/00345/27")]
    public string? Number { get; init; }

    public override ChainState Apply(Situation now) => now.Chain!;
}

/// <summary>Risk levels of product safety (Decision (EU) 2019/417).</summary>
public enum RecallRisk
{
    Low,
    Medium,
    High,
    Serious,
}
