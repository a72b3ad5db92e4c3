using CriticalMinerals.Lifecycle.Using;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>A battery is fitted into one vehicle at a time, and comes out of the one that it was fitted into.</summary>
internal sealed class InOneVehicle() : Rule("two-vehicles", "A battery is in one vehicle at a time.", "What is in two places at once was not where somebody says it was.")
{
    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var battery in story.Batteries)
        {
            Statement? inside = null;
            foreach (var now in battery.Statements.Where(s => s.Event is PutIntoService { Application: Application.Vehicle } or BatterySwapped).OrderBy(s => s.OccurredAt))
            {
                switch (now.Event, inside)
                {
                    case (BatterySwapped { Direction: SwapDirection.Fitted } or PutIntoService, { Event: BatterySwapped }):
                        ruling.Find(
                            Warning, battery.Name, [inside.Hash, now.Hash],
                            $"The battery was fitted on {now.Day:yyyy-MM-dd} while it was still in the vehicle into which it was fitted on {inside.Day:yyyy-MM-dd}.",
                            new Figure("vehicles at once", 2, null));
                        break;
                    case (BatterySwapped, not null):
                        Compare(battery, inside, now, ruling);
                        break;
                }

                inside = now.Event is BatterySwapped { Direction: SwapDirection.Removed } ? null : now;
            }
        }
    }

    // Which vehicle is personal data: given to few, and forgotten some day.
    private static void Compare(ChainStory battery, Statement inside, Statement now, Ruling ruling)
    {
        var (before, after) = (VehicleOf(inside.Event), VehicleOf(now.Event));
        if (before is not null && after is not null)
        {
            if (before != after)
            {
                ruling.Find(
                    Warning, battery.Name, [.. inside.Sources("Vehicle"), .. now.Sources("Vehicle")],
                    $"On {now.Day:yyyy-MM-dd} the battery was in another vehicle than the one it was in since {inside.Day:yyyy-MM-dd}, without coming out of it.",
                    new Figure("vehicles at once", 2, null));
            }
        }
        else if ((before is null && inside.IsWithheld("Vehicle")) || (after is null && now.IsWithheld("Vehicle")))
        {
            ruling.CannotTell(now);
        }
    }

    private static string? VehicleOf(LifecycleEvent happened) => happened switch
    {
        PutIntoService service => service.Vehicle,
        BatterySwapped swap => swap.Vehicle,
        _ => null,
    };
}
