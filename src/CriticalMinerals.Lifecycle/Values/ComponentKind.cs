namespace CriticalMinerals.Lifecycle.Values;

/// <summary>What a component is.</summary>
public enum ComponentKind
{
    Cells,
    Module,
    Pack,
}
