using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Recycling;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>Share of a waste battery's mass that is recycled, by its chemistry. A target "no later than" a day is held against what is recycled from that day on.</summary>
internal sealed class RecyclingEfficiency() : Rule("recycling-efficiency", "Recycling reaches the efficiency that the law asks for.", "Regulation (EU) 2023/1542 Annex XII Part B", First)
{
    private static readonly DateOnly First = new(2025, 12, 31);
    private static readonly DateOnly Second = new(2030, 12, 31);

    private static readonly string[] LithiumNames = ["NMC", "NCM", "LFP", "LMFP", "NCA", "LMO", "LCO", "LTO", "LITHIUM", "LI-ION"];

    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var battery in story.Batteries)
        {
            foreach (var (statement, recycled) in battery.Of<Recycled>().Where(r => r.Statement.Day >= First))
            {
                if (statement.IsWithheld(nameof(Recycled.Efficiency)))
                {
                    ruling.CannotTell(statement);
                }

                if (recycled.Efficiency is not { } efficiency)
                {
                    continue;
                }

                if (story.ModelOf(battery)?.First is not { Event: ModelDeclared model } sheet)
                {
                    ruling.CannotTell(statement);
                    continue;
                }

                var target = Target(model.Chemistry.ToUpperInvariant(), statement.Day);
                if (efficiency.Value < target)
                {
                    ruling.Find(
                        Warning, battery.Name, [.. statement.Sources(nameof(Recycled.Efficiency)), sheet.Hash],
                        FormattableString.Invariant($"{efficiency} % of the battery's mass was recycled on {statement.Day:yyyy-MM-dd}; the target for {model.Chemistry} is {target} %."),
                        new Figure("recycling efficiency", efficiency.Value, "%"), new Figure("target", target, "%"));
                }
            }
        }
    }

    // A chemistry under a name that is not known here is held against the lowest target, that of other batteries: no false alarm.
    private static decimal Target(string chemistry, DateOnly day) =>
        LithiumNames.Any(n => chemistry.Contains(n, StringComparison.Ordinal)) ? (day >= Second ? 70 : 65) :
        chemistry.Contains("LEAD", StringComparison.Ordinal) ? (day >= Second ? 80 : 75) :
        chemistry.Contains("NICD", StringComparison.Ordinal) || chemistry.Contains("CADMIUM", StringComparison.Ordinal) ? 80 : 50;
}
