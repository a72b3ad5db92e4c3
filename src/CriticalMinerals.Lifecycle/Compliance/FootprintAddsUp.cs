using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>The four stages of a carbon footprint add up to its total. The newest declaration of a model sheet stands.</summary>
internal sealed class FootprintAddsUp() : Rule("footprint-sum", "The stages of the carbon footprint add up to its total.", "Regulation (EU) 2023/1542 Art. 7(1)(d) and (e), Annex II(4)")
{
    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var model in story.Chains)
        {
            if (model.Of<CarbonFootprintDeclared>().LastOrDefault() is not { Event: { } declared, Statement: var statement })
            {
                continue;
            }

            Quantity[] stages = [declared.RawMaterials, declared.Production, declared.Distribution, declared.EndOfLife];
            var sum = stages.Sum(s => s.Value);

            // Each number is as right as its last digit: half a unit of that, for the stages and for the total.
            var tolerance = stages.Append(declared.Total).Sum(HalfUnit);
            if (Math.Abs(sum - declared.Total.Value) > tolerance)
            {
                ruling.Find(
                    Warning, model.Name,
                    statement.Sources(nameof(declared.Total), nameof(declared.RawMaterials), nameof(declared.Production), nameof(declared.Distribution), nameof(declared.EndOfLife)),
                    FormattableString.Invariant($"The stages of the carbon footprint add up to {sum} kg CO2e/kWh; the total is declared as {declared.Total} kg CO2e/kWh."),
                    new Figure("sum of the stages", sum, "kg CO2e/kWh"), new Figure("total declared", declared.Total.Value, "kg CO2e/kWh"), new Figure("tolerance", tolerance, "kg CO2e/kWh"));
            }
        }
    }

    private static decimal HalfUnit(Quantity quantity) => new(5, 0, 0, isNegative: false, scale: (byte)(quantity.Value.Scale + 1));
}
