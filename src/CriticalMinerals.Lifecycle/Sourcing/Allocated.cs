using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>The holder of a lot, a batch of parts or a consignment gives some of it on, in the lines of <c>out</c>.</summary>
[Description("The holder of a lot, a batch of parts or a consignment gives some of it on, in the lines of out.")]
public sealed record Allocated : LifecycleEvent
{
    public override Refusal? Check(Situation now) =>
        now.Entry.Given.Count == 0 ? new Refusal(RefusalCode.GivesNothing, "allocated.v1 gives at least one line in out.")
            : now.Chain is StockState { Voided: true } ? Voided.Refuse(now.Entry) : null;

    public override ChainState Apply(Situation now) => now.Chain!;
}
