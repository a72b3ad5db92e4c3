namespace CriticalMinerals.Lifecycle.Values;

/// <summary>What a lot is about and what things are made of, counted as the element: the battery minerals on the critical lists of the EU, the United States, Canada, Australia and China.</summary>
public enum Mineral
{
    Lithium,
    Nickel,
    Cobalt,
    Graphite,
    Manganese,
    Copper,
    Aluminium,
    Phosphorus,
    Lead,
    Silicon,
    Titanium,
    Iron,
    RareEarths,
}
