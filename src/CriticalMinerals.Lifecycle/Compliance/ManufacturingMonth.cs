using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Repurposing;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>Months as their number from year 0 on.</summary>
internal static class ManufacturingMonth
{
    internal static int Parse(string text) => (YearOf(text) * 12) + int.Parse(text.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture) - 1;

    internal static int YearOf(string text) => int.Parse(text.AsSpan(0, 4), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The month in which a battery's first entry says that it was made; null when the entry is none of a battery's.</summary>
    internal static string? Of(ChainStory battery) => battery.First.Event switch
    {
        BatteryManufactured made => made.ManufacturedOn,
        BatteryImported imported => imported.ManufacturedOn,
        SecondLifeBegun begun => begun.ManufacturedOn,
        _ => null,
    };
}
