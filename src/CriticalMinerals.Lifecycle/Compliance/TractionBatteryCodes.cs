using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>
/// The codes that batteries and parts carry in China are well formed, of the right level and dated as the battery is. They have no check digit, so that is all that can be
/// seen from the code alone.
/// </summary>
internal sealed class TractionBatteryCodes() : Rule("traction-battery-code", "Codes of traction batteries are well formed, of the right level and of the right month.", "GB/T 34014-2017")
{
    private const string Scheme = "gbt34014";

    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var battery in story.Batteries)
        {
            // A name that was struck is the battery's no more.
            var struck = battery.Of<AliasStruck>().Select(s => (s.Event.Scheme, s.Event.Value)).ToHashSet();
            foreach (var (statement, alias) in Aliases(battery).Where(a => a.Alias.Scheme == Scheme && !struck.Contains((a.Alias.Scheme, a.Alias.Value))))
            {
                Check(battery, statement, alias.Value, ruling);
            }
        }

        foreach (var (statement, made) in story.Of<ComponentManufactured>())
        {
            // These codes name no system: one that cannot be read may be another system's.
            foreach (var code in (made.Codes ?? []).Select(c => TractionBatteryCode.Parse(c, out _)).OfType<TractionBatteryCode>().Where(c => c.Level != LevelOf(made.Component)))
            {
                ruling.Find(Warning, statement.Chain, statement.Sources(nameof(made.Codes)), $"{code} is the code of a {Spelled(code.Level)}; the part is a {Spelled(LevelOf(made.Component))}.");
            }
        }
    }

    private static void Check(ChainStory battery, Statement statement, string value, Ruling ruling)
    {
        if (TractionBatteryCode.Parse(value, out var wrong) is not { } code)
        {
            ruling.Find(Warning, battery.Name, [statement.Hash], $"{value} is no code of GB/T 34014: {wrong}");
            return;
        }

        if (code.Level != TractionBatteryLevel.Pack)
        {
            ruling.Find(Warning, battery.Name, [statement.Hash], $"{value} is the code of a {Spelled(code.Level)}, not of a battery pack.");
        }

        var isSecondLife = battery.First.Event is SecondLifeBegun;
        if (isSecondLife != code.IsSecondUse && battery.First.Event is not BatteryImported)
        {
            ruling.Find(Warning, battery.Name, [statement.Hash, battery.First.Hash], isSecondLife ? $"{value} is a first code; a battery in its second life has one of its own." : $"{value} is a second-use code; the battery is in its first life.");
        }

        if (ManufacturingMonth.Of(battery) is { } month && ManufacturingMonth.Parse(month) is var made && (code.Date.Year * 12) + code.Date.Month - 1 is var coded && coded != made)
        {
            ruling.Find(
                Notice, battery.Name, [statement.Hash, .. battery.First.Sources(nameof(BatteryManufactured.ManufacturedOn))],
                $"{value} is dated {code.Date:yyyy-MM-dd}; the month of manufacture is {month}.", new Figure("apart by", Math.Abs(coded - made), "month"));
        }
    }

    private static IEnumerable<(Statement Statement, Alias Alias)> Aliases(ChainStory battery)
    {
        var first = battery.First.Event switch
        {
            BatteryManufactured made => made.Aliases,
            BatteryImported imported => imported.Aliases,
            SecondLifeBegun begun => begun.Aliases,
            _ => null,
        };
        return (first ?? []).Select(a => (battery.First, a)).Concat(battery.Of<AliasAdded>().Select(a => (a.Statement, a.Event.Alias)));
    }

    private static TractionBatteryLevel LevelOf(ComponentKind kind) => kind switch
    {
        ComponentKind.Cells => TractionBatteryLevel.Cell,
        ComponentKind.Module => TractionBatteryLevel.Module,
        _ => TractionBatteryLevel.Pack,
    };

    private static string Spelled(TractionBatteryLevel level) => KebabCase.Of(level.ToString());
}
