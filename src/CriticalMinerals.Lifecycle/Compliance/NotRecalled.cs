using CriticalMinerals.Lifecycle.Attesting;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>No recall is in force on the battery, on its model, or on anything that went into it. A recall ends by the statement that names it.</summary>
internal sealed class NotRecalled() : Rule("recalled", "No recall is in force on the battery, its model or what went in.", "Regulation (EU) 2023/988 Art. 35 to 37")
{
    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var battery in story.Batteries)
        {
            IEnumerable<string> reached = [battery.Name, .. battery.First.Entry.References.Select(r => r.Subject), .. story.Source.Upstream.GetValueOrDefault(battery.Name) ?? []];
            foreach (var name in reached.Distinct(StringComparer.Ordinal))
            {
                if (story.Chain(name) is not { } chain)
                {
                    ruling.CannotTell(1);
                    continue;
                }

                var ended = chain.Of<RecallEnded>().SelectMany(e => e.Statement.Entry.References).Select(r => r.Entry).ToHashSet();
                foreach (var (statement, recall) in chain.Of<Recalled>().Where(r => !ended.Contains(r.Statement.Hash)))
                {
                    var what = chain == battery ? "The battery" : chain.Kind == ChainKind.Model ? "Its model" : $"The {KebabCase.Of(chain.Kind.ToString())} {name} that went in";
                    ruling.Find(
                        recall.Risk >= RecallRisk.High ? Serious : Warning, battery.Name, statement.Sources(nameof(Recalled.Reason), nameof(Recalled.Action), nameof(Recalled.Risk)),
                        $"{what} is called back since {statement.Day:yyyy-MM-dd}, risk {KebabCase.Of(recall.Risk.ToString())}: {recall.Reason} {recall.Action}");
                }
            }
        }
    }
}
