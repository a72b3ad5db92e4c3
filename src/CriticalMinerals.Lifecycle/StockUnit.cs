namespace CriticalMinerals.Lifecycle;

/// <summary>Units in which things are given on.</summary>
public static class StockUnit
{
    /// <summary>Kilograms of material.</summary>
    public const string Kilograms = "kg";

    /// <summary>Whole pieces.</summary>
    public const string Pieces = "pieces";
}
