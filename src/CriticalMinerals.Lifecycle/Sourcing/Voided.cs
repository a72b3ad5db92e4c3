using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>
/// The opener undoes a chain that was a mistake, while it has given nothing, nothing of it was disposed of and nobody accepted it. The lines that it took
/// return to their givers, who may take them back and give them anew; its entries stay, and its aliases are free.
/// </summary>
[Description("The opener undoes a chain that was a mistake; the lines that it took return.")]
public sealed record Voided : LifecycleEvent
{
    [Structural("All lines that the chain took, in any order; absent when it took none.")]
    public IReadOnlyList<LineTaken>? Lines { get; init; }

    [Informative("What the mistake was.")]
    [Example("The lot number was entered twice.")]
    public required string Reason { get; init; }

    public override void Need(Needs needs, Entry entry)
    {
        foreach (var line in Named)
        {
            needs.Lines.Add(line);
        }
    }

    public override Refusal? Check(Situation now)
    {
        if (now.Chain is StockState { Voided: true } or BatteryState { Stage: BatteryStage.Ended })
        {
            return Refuse(now.Entry);
        }

        if (now.Chain is StockState { Lines: > 0 } or StockState { Disposed: true } or BatteryState { Relied: true } or BatteryState { Stage: not BatteryStage.Made })
        {
            return new Refusal(RefusalCode.OutOfOrder, "A chain is voided while it has given nothing and nobody accepted it. Take lines back first by withdrawn.v1, or correct what is wrong by corrected.v1.");
        }

        var intake = IntakeOf(now);
        var named = Named.ToHashSet();
        return named.Count == intake.Lines && named.All(l => now.Line(l.Entry, l.Line) is { TakenBy: { } by } && intake.Entries.Contains(by))
            ? null
            : now.IsExcerpt && named.Any(l => now.Line(l.Entry, l.Line) is null) ? null
            : new Refusal(RefusalCode.LineUnknown, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"lines names all {intake.Lines} lines that the chain took, each once."));
    }

    public override ChainState Apply(Situation now)
    {
        foreach (var (entry, line) in Named)
        {
            if (now.Line(entry, line) is { } taken)
            {
                now.Lines[(entry, line)] = taken with { TakenBy = null };
            }
        }

        if (now.Chain is BatteryState battery)
        {
            foreach (var alias in battery.Aliases)
            {
                now.Claim(alias.ClaimOn(battery.Subject), null);
            }

            return battery with { Ended = true, Aliases = [], Content = Composition.Empty };
        }

        return (StockState)now.Chain! with { Voided = true, Total = 0, Content = Composition.Empty };
    }

    internal static Refusal Refuse(Entry entry) => new(RefusalCode.OutOfOrder, $"{entry.Subject} was undone by its opener: nothing follows.");

    private IEnumerable<(Digest Entry, int Line)> Named =>
        (Lines ?? []).Where(l => Digest.TryParse(l.Entry, out _) && l.Line is >= 0 and < Commitment.MaximumLines).Select(l => (Digest.TryParse(l.Entry, out var entry) ? entry : default, (int)l.Line));

    private static Intake IntakeOf(Situation now) => now.Chain is StockState stock ? stock.Intake : ((BatteryState)now.Chain!).Intake;
}

/// <summary>A line that was taken.</summary>
public sealed record LineTaken
{
    [Description("Leaf hash of the entry that gave it, base64url.")]
    [Text(Pattern = "^[A-Za-z0-9_-]{43}$")]
    [Example("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg")]
    public required string Entry { get; init; }

    [Description("Its number there, from 0.")]
    [Measure("", Minimum = "0", Maximum = "63")]
    public required long Line { get; init; }
}
