using System.Globalization;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Manufacturing;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>Evidence, opinions and certificates that say how long they hold hold at the instant asked about. A newer one of the same kind and scope replaces an older.</summary>
internal sealed class NotExpired() : Rule("expired", "Evidence, opinions and certificates are in their term.", "The last day of validity that the statement itself names")
{
    internal override void Judge(Story story, Ruling ruling)
    {
        var today = DateOnly.FromDateTime(story.Source.AsOf.UtcDateTime);
        var statements = story.Of<EvidenceGiven>().Select(e => (Key: $"{e.Event.Indicator} {e.Event.Rulebook} {e.Event.Scope}", e.Statement, e.Event.ValidTo, Words: $"The evidence on {e.Event.Scope} under {e.Event.Rulebook}"))
            .Concat(story.Of<Attested>().Select(a => (Key: $"{a.Statement.Entry.Actor} {a.Event.Scope}", a.Statement, ValidTo: a.Event.ValidTo!, Words: $"The opinion on {a.Event.Scope}")))
            .Concat(story.Of<ConformityDeclared>().Select(c => (Key: "", c.Statement, ValidTo: c.Event.ValidTo!, Words: $"A certificate behind declaration of conformity {c.Event.DeclarationNumber}")));
        foreach (var same in statements.GroupBy(s => (s.Statement.Chain, s.Statement.Entry.Event, s.Key)))
        {
            var (_, statement, validTo, words) = same.OrderBy(s => s.Statement.Entry.Sequence).Last();
            if (validTo is not null && DateOnly.TryParseExact(validTo, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var last) && last < today)
            {
                ruling.Find(
                    Warning, statement.Chain, statement.Sources("ValidTo"), $"{words} held until {validTo}.",
                    new Figure("expired for", today.DayNumber - last.DayNumber, "day"));
            }
        }
    }
}
