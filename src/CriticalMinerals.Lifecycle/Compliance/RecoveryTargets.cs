using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>Share of each element that a recycling process recovers. A target "no later than" a day is held against what is recovered from that day on.</summary>
internal sealed class RecoveryTargets() : Rule("recovery-target", "Recycling recovers the share of each element that the law asks for.", "Regulation (EU) 2023/1542 Annex XII Part C", First)
{
    private static readonly DateOnly First = new(2027, 12, 31);
    private static readonly DateOnly Second = new(2031, 12, 31);

    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var (statement, recovered) in story.Of<MaterialRecovered>().Where(r => r.Statement.Day >= First))
        {
            if (statement.IsWithheld(nameof(MaterialRecovered.Recovery)))
            {
                ruling.CannotTell(statement);
            }

            foreach (var recovery in recovered.Recovery ?? [])
            {
                if (Target(recovery.Element, statement.Day) is { } target && recovery.Rate.Value < target)
                {
                    var element = KebabCase.Of(recovery.Element.ToString());
                    ruling.Find(
                        Warning, statement.Chain, statement.Sources(nameof(MaterialRecovered.Recovery)),
                        FormattableString.Invariant($"{recovery.Rate} % of the {element} was recovered on {statement.Day:yyyy-MM-dd}; the target is {target} %."),
                        new Figure($"{element} recovered", recovery.Rate.Value, "%"), new Figure("target", target, "%"));
                }
            }
        }
    }

    private static decimal? Target(Mineral element, DateOnly day) => element switch
    {
        Mineral.Cobalt or Mineral.Copper or Mineral.Lead or Mineral.Nickel => day >= Second ? 95 : 90,
        Mineral.Lithium => day >= Second ? 80 : 50,
        _ => null,
    };
}
