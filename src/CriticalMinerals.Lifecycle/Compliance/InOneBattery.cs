using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>
/// A part is active in one battery at a time. A line is redeemed once, so the log itself refuses that one piece is given twice; the same code on two pieces, and
/// a part's chain that two batteries reference, only show when batteries are compared.
/// </summary>
internal sealed class InOneBattery() : Rule("part-in-two-batteries", "A part is in one battery at a time.", "GB/T 34014-2017: a code is never active in two parents")
{
    internal override void Judge(Story story, Ruling ruling)
    {
        var batteries = story.Batteries.ToList();
        var places = new SortedDictionary<string, List<(string Battery, Statement Since)>>(StringComparer.Ordinal);
        foreach (var battery in batteries)
        {
            foreach (var (part, since) in PartsOf(battery, story, batteries.Count > 1 ? ruling : null))
            {
                if (!places.TryGetValue(part, out var all))
                {
                    places[part] = all = [];
                }

                all.Add((battery.Name, since));
            }
        }

        foreach (var (part, all) in places.Where(p => p.Value.Count > 1))
        {
            foreach (var (battery, _) in all)
            {
                ruling.Find(
                    Serious, battery, all.Select(p => p.Since.Hash), $"The part {part} is active in {string.Join(" and in ", all.Select(p => p.Battery))}.",
                    new Figure("batteries at once", all.Count, null));
            }
        }
    }

    private static Dictionary<string, Statement> PartsOf(ChainStory battery, Story story, Ruling? ruling)
    {
        var parts = new Dictionary<string, Statement>(StringComparer.Ordinal);

        // What was taken apart, recycled or given up for a second life has no active parts of its own.
        if (battery.Statements.Any(s => s.Event is Dismantled or Recycled || (s.Event is Released && !battery.Withdrawn.Contains((s.Hash, 0)))))
        {
            return parts;
        }

        foreach (var statement in battery.Statements)
        {
            foreach (var taken in statement.Entry.Taken)
            {
                if (story.Entry(taken.Entry) is not { } giving)
                {
                    ruling?.CannotTell(statement);
                    continue;
                }

                var codes = Codes(giving, taken.Line);
                if (codes is null && story.Chain(giving.Chain)?.First.Event is ComponentManufactured made)
                {
                    // A chain of one piece is that piece; of several, nobody but the giver can say which went.
                    codes = made.Codes is [var only] ? [only] : Gs1.IsSerialised(giving.Chain) || Gs1.IsAsset(giving.Chain) ? [giving.Chain] : null;
                    if (codes is null && giving.Recorded.Signed.Withheld > 0)
                    {
                        ruling?.CannotTell(giving);
                    }
                }

                foreach (var code in codes ?? [])
                {
                    parts[code] = statement;
                }
            }

            if (statement.Event is PartReplaced)
            {
                foreach (var code in statement.Entry.Given.SelectMany((_, line) => battery.Withdrawn.Contains((statement.Hash, line)) ? [] : Codes(statement, line) ?? []))
                {
                    parts.Remove(code);
                }

                foreach (var reference in statement.Entry.References.Where(r => story.Chain(r.Subject) is { Kind: ChainKind.Component }))
                {
                    // A part that is named while parts come out and none goes in is the one that came out.
                    if (statement.Entry.Taken.Count == 0 && statement.Entry.Given.Count > 0)
                    {
                        parts.Remove(reference.Subject);
                    }
                    else
                    {
                        parts[reference.Subject] = statement;
                    }
                }
            }
        }

        return parts;
    }

    /// <summary>The codes of the pieces of a line; null when they are not stated or withheld.</summary>
    private static List<string>? Codes(Statement giving, int line) =>
        giving.Recorded.Signed.Property(string.Create(CultureInfo.InvariantCulture, $"codes{line}")) is { } codes ? [.. codes.EnumerateArray().Select(c => c.GetString()!)] : null;
}
