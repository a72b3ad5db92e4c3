using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Using;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>
/// What follows from something happened after it: use after the market, the market after manufacture, manufacture after its inputs, a second life after
/// collection. Signers claim these times, so they refuse nothing; contradictions show here.
/// </summary>
internal sealed class DatedInOrder() : Rule("dated-before-predecessor", "Nothing is dated before what it follows from.", "RFC 8417 toe: when it happened, as the signer claims")
{
    private static readonly (Type Later, Type Earlier)[] Steps =
    [
        (typeof(PutIntoService), typeof(BatteryPlacedOnMarket)),
        (typeof(BatterySold), typeof(BatteryPlacedOnMarket)),
        (typeof(Released), typeof(Collected)),
        (typeof(Recycled), typeof(Released)),
        (typeof(Found), typeof(LossReported)),
    ];

    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var chain in story.Chains.Where(c => !c.IsVoided))
        {
            for (var i = 1; i < chain.Statements.Count; i++)
            {
                var now = chain.Statements[i];
                Compare(chain.First, now, ruling);
                foreach (var (later, earlier) in Steps.Where(s => s.Later == now.Type.Record))
                {
                    if (chain.Statements.Take(i).LastOrDefault(s => s.Type.Record == earlier) is { } before && before != chain.First)
                    {
                        Compare(before, now, ruling);
                    }
                }
            }

            foreach (var taking in chain.Statements.Where(s => s.Entry.Taken.Count > 0))
            {
                CompareInputs(taking, story, ruling);
            }

            if (chain.Kind == ChainKind.Battery)
            {
                CompareManufacture(chain, ruling);
            }
        }
    }

    private static void CompareInputs(Statement taking, Story story, Ruling ruling)
    {
        foreach (var entry in taking.Entry.Taken.Select(t => t.Entry).Distinct())
        {
            if (story.Entry(entry) is not { } giving)
            {
                ruling.CannotTell(taking);
                continue;
            }

            Compare(giving, taking, ruling);
            var giver = story.Chain(giving.Chain)!;
            if (giver.First != giving)
            {
                Compare(giver.First, taking, ruling);
            }

            if (taking.Event is SecondLifeBegun)
            {
                foreach (var collected in giver.Of<Collected>())
                {
                    Compare(collected.Statement, taking, ruling);
                }
            }
        }
    }

    private static void Compare(Statement earlier, Statement later, Ruling ruling)
    {
        // Some times are cut to the month, so that nobody sees where somebody was: of two times that one cut blurs, the month decides.
        var isCut = later.Event is PutIntoService or IncidentReported;
        if (isCut ? Month(later.OccurredAt) < Month(earlier.OccurredAt) : later.OccurredAt < earlier.OccurredAt)
        {
            ruling.Find(
                Warning, later.Chain, [later.Hash, earlier.Hash],
                $"{later.Entry.Event} is dated {later.OccurredAt:yyyy-MM-dd HH:mm:ss}Z, before {earlier.Entry.Event} of {earlier.Chain} at {earlier.OccurredAt:yyyy-MM-dd HH:mm:ss}Z, which it follows from.",
                new Figure("too early by", earlier.Entry.OccurredAt - later.Entry.OccurredAt, "s"));
        }
    }

    private static void CompareManufacture(ChainStory battery, Ruling ruling)
    {
        var month = ManufacturingMonth.Of(battery);
        foreach (var placed in battery.Of<BatteryPlacedOnMarket>())
        {
            if (month is not null && ManufacturingMonth.Parse(month) is var made && Month(placed.Statement.OccurredAt) < made)
            {
                ruling.Find(
                    Warning, battery.Name, [placed.Statement.Hash, .. battery.First.Sources(nameof(BatteryManufactured.ManufacturedOn))],
                    $"The battery was placed on a market on {placed.Statement.Day:yyyy-MM-dd}, before its month of manufacture {month}.",
                    new Figure("too early by", made - Month(placed.Statement.OccurredAt), "month"));
            }
        }
    }

    private static int Month(DateTimeOffset at) => (at.UtcDateTime.Year * 12) + at.UtcDateTime.Month - 1;
}
