using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Attesting;

/// <summary>A recall is over for this lot, part, model or battery: remedied, or a mistake. It references the recall.</summary>
[Description("A recall is over here; ref names its entry.")]
public sealed record RecallEnded : LifecycleEvent
{
    [Informative("What was done.")]
    [Example("Software 4.2 limits the charge at low temperature.")]
    public required string Remedy { get; init; }

    public override Refusal? Check(Situation now) =>
        now.Entry.References is [var reference] && reference.Subject == now.Entry.Subject && now.Referenced(reference.Entry)?.Event == EventCatalog.Of<Recalled>().Name
            ? null
            : new Refusal(RefusalCode.ReferenceMissing, "ref names the recalled.v1 of this chain that is over.");

    public override ChainState Apply(Situation now) => now.Chain!;
}
