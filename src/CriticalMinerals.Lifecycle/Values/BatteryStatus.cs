namespace CriticalMinerals.Lifecycle.Values;

/// <summary>Battery status: exactly the five words of Regulation (EU) 2023/1542 Annex XIII 4(c), spelled as there on the wire.</summary>
public enum BatteryStatus
{
    Original,
    Repurposed,
    ReUsed,
    Remanufactured,
    Waste,
}
