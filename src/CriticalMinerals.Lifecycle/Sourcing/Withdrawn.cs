using System.ComponentModel;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>The giver takes back a line that nobody has redeemed. It references the entry of its own chain that gave it.</summary>
[Description("The giver takes back a line that nobody has redeemed; ref names the entry that gave it.")]
public sealed record Withdrawn : LifecycleEvent
{
    [Structural("The line of the entry referenced, counted from 0.", Minimum = "0", Maximum = "63")]
    public required long Line { get; init; }

    public override void Need(Needs needs, Entry entry)
    {
        foreach (var reference in entry.References)
        {
            needs.Lines.Add((reference.Entry, (int)Line));
        }
    }

    public override Refusal? Check(Situation now)
    {
        if (now.Entry.References is not [var reference] || reference.Subject != now.Entry.Subject)
        {
            return new Refusal(RefusalCode.ReferenceMissing, "ref names the entry of this chain that gave the line.");
        }

        return now.Line(reference.Entry, (int)Line) switch
        {
            null => new Refusal(RefusalCode.LineUnknown, "The entry referenced gave no such line."),
            { Withdrawn: true } => new Refusal(RefusalCode.LineWithdrawn, "The line was taken back already."),
            { TakenBy: { } by } => new Refusal(RefusalCode.LineTaken, $"The line was redeemed by {by}: what was taken cannot be taken back."),
            _ => null,
        };
    }

    public override ChainState Apply(Situation now)
    {
        var giving = now.Entry.References[0].Entry;
        var line = now.Line(giving, (int)Line)!;
        now.Lines[(giving, (int)Line)] = line with { Withdrawn = true };
        var before = (StockState)now.Chain!;
        return before with { Given = before.Given - line.Quantity, Lines = before.Lines - 1 };
    }
}
