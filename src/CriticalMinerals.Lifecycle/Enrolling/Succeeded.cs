using System.ComponentModel;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>
/// An operator vanished: insolvent, dissolved, out of reach. The authority names who acts for it; that one signs as itself and names the vanished one in
/// <c>for</c>. So passports outlive their makers (Regulation (EU) 2023/1542 Art. 78(e)).
/// </summary>
[Description("The authority names who acts for an operator that vanished.")]
public sealed record Succeeded : LifecycleEvent
{
    [Structural("The operator that vanished, equal to the chain's name.")]
    [Text(MaximumLength = 200)]
    [Example("did:web:mine.example")]
    public required string Operator { get; init; }

    [Structural("The operator that acts for it.")]
    [Text(MaximumLength = 200)]
    [Example("did:web:administrator.example")]
    public required string Successor { get; init; }

    [Structural("Chains on which; absent for every chain.")]
    [Text(MaximumLength = 256)]
    [Example("https://id.gs1.org/01/09521234000013/21/A1")]
    public IReadOnlyList<string>? Chains { get; init; }

    [Informative("On what ground.")]
    [Example("Insolvency administrator, Amtsgericht Potsdam 35 IN 12/27.")]
    public required string Ground { get; init; }

    public override void Need(Needs needs, Entry entry) => needs.Chains.Add(Successor);

    public override Refusal? Check(Situation now) =>
        Operator != now.Entry.Subject ? new Refusal(RefusalCode.DataInvalid, "operator equals the chain's name.") :
        Successor == Operator || (now.Other(Successor) is not OperatorState && !now.IsExcerpt) ? new Refusal(RefusalCode.OperatorUnknown, "successor names another operator enrolled in this log.") :
        null;

    public override ChainState Apply(Situation now)
    {
        var before = (OperatorState)now.Chain!;
        return before with { Successions = [.. before.Successions, new Succession(Successor, Chains)] };
    }
}
