using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>A custody claim is never stronger than that of the weakest input.</summary>
internal sealed class CustodyIsNotUpgraded() : Rule("custody-upgraded", "A custody claim is not stronger than those of its inputs.", "ISO 22095:2020")
{
    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var chain in story.Chains.Where(c => !c.IsVoided))
        {
            if (ClaimOf(chain.First.Event) is not { } claim || story.Source.Custody.GetValueOrDefault(chain.Name) is not { } inputs)
            {
                continue;
            }

            // What is known to be weaker decides, whatever else is withheld.
            if (inputs.Weakest > claim)
            {
                ruling.Find(
                    Warning, chain.Name, chain.First.Sources("Custody"),
                    $"{Spelled(claim)} is claimed; the weakest input is under {Spelled(inputs.Weakest.Value)}, and a claim is never stronger than that.",
                    new Figure("steps too strong", inputs.Weakest.Value - claim, null));
            }
            else if (inputs.Weakest is null || inputs.Withheld > 0)
            {
                ruling.CannotTell(Math.Max(1, inputs.Withheld));
            }
        }
    }

    private static CustodyModel? ClaimOf(LifecycleEvent happened) => happened switch
    {
        LotRefined lot => lot.Custody,
        LotsBlended lot => lot.Custody,
        MaterialManufactured lot => lot.Custody,
        MaterialRecovered lot => lot.Custody,
        Received goods => goods.Custody,
        _ => null,
    };

    private static string Spelled(CustodyModel model) => KebabCase.Of(model.ToString());
}
