using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>Full cycles and throughput are counted from the battery's first day on: a later measurement is never less than an earlier one.</summary>
internal sealed class CountersOnlyGrow() : Rule("counter-falling", "Cycles and throughput never fall from one measurement to the next.", "Regulation (EU) 2023/1542 Annex VII Part B")
{
    private static readonly (string Property, string Words, string? Unit, Func<HealthMeasured, Ratio?> Value)[] Counters =
    [
        (nameof(HealthMeasured.FullCycles), "full cycles", null, m => m.FullCycles),
        (nameof(HealthMeasured.EnergyThroughput), "energy throughput", "kWh", m => m.EnergyThroughput?.Value),
        (nameof(HealthMeasured.CapacityThroughput), "capacity throughput", "Ah", m => m.CapacityThroughput?.Value),
    ];

    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var battery in story.Batteries)
        {
            var measured = battery.ByTime<HealthMeasured>();
            foreach (var (property, words, unit, value) in Counters)
            {
                Said<HealthMeasured>? before = null;
                foreach (var now in measured)
                {
                    // A single measurement contradicts nothing, whatever it says.
                    if (now.Statement.IsWithheld(property) && measured.Count > 1)
                    {
                        ruling.CannotTell(now.Statement);
                    }

                    if (value(now.Event) is not { } reached)
                    {
                        continue;
                    }

                    if (before is { } earlier && value(earlier.Event) is { } highest && reached < highest)
                    {
                        ruling.Find(
                            Warning, battery.Name, [.. earlier.Statement.Sources(property), .. now.Statement.Sources(property)],
                            $"The {words} fell from {Shown(highest, unit)} on {earlier.Statement.Day:yyyy-MM-dd} to {Shown(reached, unit)} on {now.Statement.Day:yyyy-MM-dd}; they only grow.",
                            new Figure($"{words} before", highest, unit), new Figure($"{words} after", reached, unit));
                    }

                    before = now;
                }
            }
        }
    }

    private static string Shown(Ratio value, string? unit) => value.ToDecimalText(9) + (unit is null ? "" : " " + unit);
}
