namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>What a lot is about: the battery minerals on the critical lists of the EU, the United States, Canada, Australia and China.</summary>
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
