namespace CriticalMinerals.Lifecycle.Genealogy;

/// <summary>By which way an element came into the things of this ledger.</summary>
public enum OriginKind
{
    /// <summary>Won by a mine that signed for it.</summary>
    Mined,

    /// <summary>Recycled from manufacturing waste: it was in a product and never in a battery that left its maker's hands.</summary>
    RecycledPreConsumer,

    /// <summary>Recycled from a battery, or from parts that were in one.</summary>
    RecycledPostConsumer,

    /// <summary>No signature says where it is from: declared, imported, or given by a chain that the reader may not see.</summary>
    NotTraced,
}

/// <summary>Where some of an element comes from.</summary>
/// <param name="Kind">By which way.</param>
/// <param name="Chain">The mine's lot; for recycled material the lot in which it was last recovered, or the battery that was recycled; for what is not traced the chain at which it came in.</param>
/// <param name="Country">Country of the mine, ISO 3166-1 alpha-2; null for all but mined material.</param>
public readonly record struct MaterialSource(OriginKind Kind, string Chain, string? Country = null) : IComparable<MaterialSource>
{
    /// <summary>Mined before recycled before not traced, then by country and chain, byte by byte: the order in which shares are listed.</summary>
    public int CompareTo(MaterialSource other) =>
        Kind != other.Kind ? Kind.CompareTo(other.Kind)
            : string.CompareOrdinal(Country, other.Country) is not 0 and var byCountry ? byCountry
            : string.CompareOrdinal(Chain, other.Chain);

    public static bool operator <(MaterialSource left, MaterialSource right) => left.CompareTo(right) < 0;

    public static bool operator >(MaterialSource left, MaterialSource right) => left.CompareTo(right) > 0;

    public static bool operator <=(MaterialSource left, MaterialSource right) => left.CompareTo(right) <= 0;

    public static bool operator >=(MaterialSource left, MaterialSource right) => left.CompareTo(right) >= 0;
}
