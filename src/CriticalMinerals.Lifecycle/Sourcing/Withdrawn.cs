using System.ComponentModel;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>
/// The giver takes back a line that nobody has redeemed. It references the entry of its own chain that gave it. A battery given up comes back that way.
/// </summary>
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
            _ => now.Chain switch
            {
                BatteryState { Stage: BatteryStage.Ended } => new Refusal(RefusalCode.OutOfOrder, "The battery is at its end: what was won from it is not put back."),

                // Its release says what it holds; a part that came back would be in neither.
                BatteryState { Release: { } release } when release.Entry != reference.Entry => new Refusal(RefusalCode.OutOfOrder, "The battery was given up as it was: take its release back before a part."),
                _ => null,
            },
        };
    }

    public override ChainState Apply(Situation now)
    {
        var giving = now.Entry.References[0].Entry;
        var line = now.Line(giving, (int)Line)!;
        now.Lines[(giving, (int)Line)] = line with { Withdrawn = true };
        return now.Chain switch
        {
            StockState stock => stock with
            {
                Given = stock.Given - line.Quantity,
                Lines = stock.Lines - 1,
                GivenContent = line.Content is { } content ? stock.GivenContent?.Less(content) : null,
            },
            BatteryState { Release: { } release } battery when release.Entry == giving => battery with { Release = null },

            // A part that stays where it was.
            BatteryState battery => battery with { Content = line.Content is { } content ? battery.Content?.Plus(content) : null },
            _ => now.Chain!,
        };
    }
}
