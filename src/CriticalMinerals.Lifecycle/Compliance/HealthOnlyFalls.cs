using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>A battery ages: its state of health does not rise unless somebody repaired it or replaced a part in between.</summary>
internal sealed class HealthOnlyFalls() : Rule("health-rising", "State of health rises only after a repair or the replacement of a part.", "Regulation (EU) 2023/1542 Annex VII Part A")
{
    /// <summary>
    /// A rise of up to so many hundredths is no finding: 13 CCR 1962.5 lets a shown state of health be 5 % off, so two right measurements may differ by that
    /// much. Compared with the lowest value since the last repair, so that small steps do not add up to a large one unseen.
    /// </summary>
    internal const decimal TolerancePercent = 5;

    private static readonly (string Property, string Words, string Unit, bool IsPercent, Func<HealthMeasured, Quantity?> Value)[] States =
    [
        (nameof(HealthMeasured.StateOfCertifiedEnergy), "state of certified energy", "%", true, m => m.StateOfCertifiedEnergy),
        (nameof(HealthMeasured.RemainingCapacity), "remaining capacity", "Ah", false, m => m.RemainingCapacity),
        (nameof(HealthMeasured.RemainingEnergy), "usable energy", "kWh", false, m => m.RemainingEnergy),
    ];

    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var battery in story.Batteries)
        {
            var measured = battery.ByTime<HealthMeasured>();
            var works = battery.Statements.Where(s => s.Event is Repaired or PartReplaced).Select(s => s.Entry.OccurredAt).ToList();
            foreach (var (property, words, unit, isPercent, value) in States)
            {
                Said<HealthMeasured>? lowest = null;
                foreach (var now in measured)
                {
                    if (now.Statement.IsWithheld(property) && measured.Count > 1)
                    {
                        ruling.CannotTell(now.Statement);
                    }

                    if (value(now.Event) is not { Value: var reached })
                    {
                        continue;
                    }

                    if (lowest is not { } earlier || works.Any(w => earlier.Statement.Entry.OccurredAt <= w && w <= now.Statement.Entry.OccurredAt))
                    {
                        lowest = now;
                        continue;
                    }

                    var before = value(earlier.Event)!.Value.Value;
                    var allowed = isPercent ? (Ratio)before + TolerancePercent : (Ratio)before * (100 + TolerancePercent) / 100m;
                    if (reached > allowed)
                    {
                        ruling.Find(
                            Warning, battery.Name, [.. earlier.Statement.Sources(property), .. now.Statement.Sources(property)],
                            FormattableString.Invariant($"The {words} rose from {before} {unit} on {earlier.Statement.Day:yyyy-MM-dd} to {reached} {unit} on {now.Statement.Day:yyyy-MM-dd}, and no repair or replaced part stands between."),
                            new Figure($"{words} before", before, unit), new Figure($"{words} after", reached, unit), new Figure("tolerance", TolerancePercent, "%"));
                        lowest = now;
                    }
                    else if (reached < before)
                    {
                        lowest = now;
                    }
                }
            }
        }
    }
}
