using System.Globalization;
using System.Text.Json;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>
/// Fades and the like where nobody stated them: fade = (1 − now / new) × 100 %, increase = (now − new) / new × 100 % (DIN DKE SPEC 99100; Regulation (EU)
/// 2023/1542 Annex IV Part A). A value is computed when the audience sees both inputs and the present one was said after the newest statement of the result
/// and after the value when new; rounded to two decimal places, half to even.
/// </summary>
internal static class ComputedAttributes
{
    private const string Fade = "(1 - now / new) * 100";
    private const string Increase = "(now - new) / new * 100";

    private static readonly Dictionary<(int Number, string? Part), Computation> All = new()
    {
        [(54, null)] = new(Fade, [Of<HealthMeasured>("remainingCapacity"), Of<Assessed>("capacity")],
            [Of<SecondLifeBegun>("capacity"), Of<BatteryPlacedOnMarket>("capacity"), Of<BatteryManufactured>("initialCapacity"), Of<ModelDeclared>("ratedCapacity")]),
        [(64, null)] = new(Fade, [Of<HealthMeasured>("remainingPowerCapability")],
            [Of<BatteryPlacedOnMarket>("powerCapability"), Of<PerformanceDeclared>("powerCapability") with { Where = ("stateOfCharge", "80"), Member = "power" }]),
        [(70, null)] = new(Fade, [Of<HealthMeasured>("roundTripEfficiency")], [Of<BatteryPlacedOnMarket>("roundTripEfficiency"), Of<PerformanceDeclared>("roundTripEfficiency")]),
        [(73, null)] = new(Increase, [Of<HealthMeasured>("selfDischarge"), Of<Assessed>("selfDischarge")], [Of<PerformanceDeclared>("selfDischarge")]),
        [(75, "increase")] = new(Increase, [Of<HealthMeasured>("internalResistance"), Of<Assessed>("internalResistance")],
            [Of<SecondLifeBegun>("internalResistance"), Of<BatteryPlacedOnMarket>("internalResistance"), Of<BatteryManufactured>("initialInternalResistance"), Of<PerformanceDeclared>("internalResistance") with { Where = ("part", "pack"), Member = "resistance" }]),
    };

    /// <summary>The computed value; null when it has no formula, an input is missing or withheld, or the stated one is at least as new.</summary>
    /// <param name="number">Number of the attribute.</param>
    /// <param name="part">Its part.</param>
    /// <param name="statedAt">Index of the newest statement of it.</param>
    /// <param name="sheet">Where inputs are found.</param>
    internal static PassportDatumValue? Of(int number, string? part, long? statedAt, PassportSheet sheet)
    {
        if (!All.TryGetValue((number, part), out var computation) ||
            computation.Now.Select(sheet.Newest).OfType<SheetStatement>().MaxBy(s => s.Order) is not { } now ||
            computation.New.Select(sheet.Newest).OfType<SheetStatement>().FirstOrDefault() is not { } whenNew ||
            now.Order <= statedAt || now.Order <= whenNew.Order ||
            Read(now) is not { } current || Read(whenNew) is not { } first || first == 0)
        {
            return null;
        }

        var result = computation.Formula == Fade ? (1 - (current / first)) * 100 : (current - first) / first * 100;
        return new PassportDatumValue
        {
            Part = part,
            Value = JsonSerializer.SerializeToElement(decimal.Round(result, 2).ToString("0.##", CultureInfo.InvariantCulture)),
            OccurredAt = now.Statement.OccurredAt,
            Formula = computation.Formula,
            Inputs = [Input("now", now), Input("new", whenNew)],
            Disputed = now.Statement.Disputed ?? whenNew.Statement.Disputed,
        };
    }

    private static decimal? Read(SheetStatement statement) =>
        statement.Statement.Value is { ValueKind: JsonValueKind.String } text && Quantity.TryParse(text.GetString(), out var quantity) ? quantity.Value : null;

    private static PassportDatumInput Input(string name, SheetStatement statement) => new()
    {
        Name = name,
        Value = statement.Statement.Value!.Value,
        Event = statement.Source.Event,
        Claim = statement.Source.Claim,
        Provenance = statement.Statement.Provenance,
    };

    private static AttributeSource Of<T>(string claim)
        where T : LifecycleEvent => new(EventCatalog.Of<T>().Name, claim);

    // Of several places for the present value the newest counts, of those for the new battery the first in the list.
    private sealed record Computation(string Formula, AttributeSource[] Now, AttributeSource[] New);
}
