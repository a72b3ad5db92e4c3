using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Using;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>
/// A battery that was waste by the time it left went as waste. The log refuses the open contradiction; a collection that is recorded later and dated earlier
/// shows here.
/// </summary>
internal sealed class WasteIsExportedAsWaste() : Rule("waste-exported-as-battery", "A waste battery is exported as waste.", "Regulation (EU) 2023/1542 Art. 72; Regulation (EU) 2024/1157")
{
    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var battery in story.Batteries)
        {
            foreach (var exported in battery.Of<Exported>().Where(e => !e.Event.AsWaste))
            {
                foreach (var collected in battery.Of<Collected>().Where(c => c.Statement.OccurredAt <= exported.Statement.OccurredAt))
                {
                    ruling.Find(
                        Serious, battery.Name, [exported.Statement.Hash, collected.Statement.Hash],
                        $"The battery left for {exported.Event.Country} on {exported.Statement.Day:yyyy-MM-dd}, not as waste; it was collected as waste on {collected.Statement.Day:yyyy-MM-dd}.",
                        new Figure("waste for", exported.Statement.Entry.OccurredAt - collected.Statement.Entry.OccurredAt, "s"));
                }
            }
        }
    }
}
