using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Using;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>A battery that is reported as lost or stolen is not measured, swapped, put into service, repaired or taken abroad before it is found or collected.</summary>
internal sealed class MissingIsNotUsed() : Rule("missing-used", "Nobody uses a battery that is missing.", "A missing battery that is used was not lost, or is in wrong hands.")
{
    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var battery in story.Batteries)
        {
            foreach (var loss in battery.Of<LossReported>())
            {
                var back = battery.Statements.FirstOrDefault(s => s.Entry.Sequence > loss.Statement.Entry.Sequence && s.Event is Found or Collected);
                foreach (var use in battery.Statements.Where(s => s.Event is HealthMeasured or BatterySwapped or PutIntoService or Repaired or PartReplaced or Exported))
                {
                    var (from, at) = (loss.Statement.OccurredAt, use.OccurredAt);
                    if (back is not null && at >= back.OccurredAt)
                    {
                        continue;
                    }

                    if (use.Event is PutIntoService)
                    {
                        // Told to the month: in the month of the loss itself nobody can say which came first.
                        var (service, missing) = ((at.Year * 12) + at.Month, (from.Year * 12) + from.Month);
                        if (service == missing && use.Entry.Sequence > loss.Statement.Entry.Sequence)
                        {
                            ruling.CannotTell(use);
                        }

                        if (service <= missing)
                        {
                            continue;
                        }
                    }
                    else if (at <= from)
                    {
                        continue;
                    }

                    ruling.Find(
                        Serious, battery.Name, [use.Hash, loss.Statement.Hash], $"{use.Entry.Event} is dated {at:yyyy-MM-dd}; the battery is missing since {from:yyyy-MM-dd}.",
                        new Figure("missing for", use.Entry.OccurredAt - loss.Statement.Entry.OccurredAt, "s"));
                }
            }
        }
    }
}
