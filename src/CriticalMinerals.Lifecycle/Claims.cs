namespace CriticalMinerals.Lifecycle;

/// <summary>
/// Who may see a value: the four groups of Annex XIII of Regulation (EU) 2023/1542. A lattice, not a ladder: never compare two by order.
/// </summary>
public enum AccessClass
{
    /// <summary>Public (point 1).</summary>
    P,

    /// <summary>Persons with a legitimate interest, notified bodies, market surveillance and the Commission (point 2).</summary>
    R,

    /// <summary>Notified bodies, market surveillance and the Commission only (point 3).</summary>
    C,

    /// <summary>Persons with a legitimate interest only: data of the individual battery (point 4).</summary>
    U,
}

/// <summary>What depends on a value, and so whether it may be withheld or forgotten.</summary>
public enum ClaimKind
{
    /// <summary>Can refuse an entry for order, rights, references or uniqueness: always in clear, undone only by events made for it.</summary>
    Structural,

    /// <summary>In clear, refuses nothing: a correction may replace it.</summary>
    Informative,

    /// <summary>Disclosed to those with the right, nothing personal. Quantity rules may read it; kept for the log's life.</summary>
    Confidential,

    /// <summary>Disclosed and may be forgotten: all personal data. No rule that can refuse reads it.</summary>
    Erasable,
}

/// <summary>What the schema says of one property of an event's data.</summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class ClaimAttribute(AccessClass access, ClaimKind kind, string description) : Attribute
{
    public AccessClass Access { get; } = access;

    public ClaimKind Kind { get; } = kind;

    /// <summary>What the value is, for people.</summary>
    public string Description { get; } = description;

    /// <summary>Unit of a quantity, in the spelling of the International System where it has one.</summary>
    public string? Unit { get; set; }

    /// <summary>Smallest allowed quantity, inclusive.</summary>
    public string? Minimum { get; set; }

    /// <summary>Largest allowed quantity, inclusive.</summary>
    public string? Maximum { get; set; }

    /// <summary>Where the law or standard asks for it.</summary>
    public string? Law { get; set; }

    /// <summary>Whether a disclosed value must be there when the entry is admitted. Values in clear say so with the <c>required</c> modifier.</summary>
    public bool Required { get; set; }

    /// <summary>Whether the value is how much the chain has to give.</summary>
    public bool IsTotal { get; set; }

    /// <summary>Whether the value is what the chain holds, element by element.</summary>
    public bool IsContent { get; set; }
}

/// <inheritdoc cref="ClaimKind.Structural"/>
public sealed class StructuralAttribute(string description) : ClaimAttribute(AccessClass.P, ClaimKind.Structural, description);

/// <inheritdoc cref="ClaimKind.Informative"/>
public sealed class InformativeAttribute(string description) : ClaimAttribute(AccessClass.P, ClaimKind.Informative, description);

/// <inheritdoc cref="ClaimKind.Confidential"/>
public sealed class ConfidentialAttribute(AccessClass access, string description) : ClaimAttribute(access, ClaimKind.Confidential, description);

/// <inheritdoc cref="ClaimKind.Erasable"/>
public sealed class ErasableAttribute(AccessClass access, string description) : ClaimAttribute(access, ClaimKind.Erasable, description);

/// <summary>Unit and bounds of a quantity inside a value of several members.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MeasureAttribute(string unit) : Attribute
{
    /// <summary>Unit, in the spelling of the International System where it has one.</summary>
    public string Unit { get; } = unit;

    /// <summary>Smallest allowed quantity, inclusive.</summary>
    public string? Minimum { get; set; }

    /// <summary>Largest allowed quantity, inclusive.</summary>
    public string? Maximum { get; set; }
}

/// <summary>Bounds of a text property; without it a text has 1 to 500 characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextAttribute : Attribute
{
    /// <summary>Longest text in UTF-16 code units.</summary>
    public int MaximumLength { get; set; } = 500;

    /// <summary>ECMA-262 regular expression that also .NET reads alike; anchored.</summary>
    public string? Pattern { get; set; }
}

/// <summary>A value as it could stand on the wire, for the examples of the schemas. Every text has one; numbers may.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExampleAttribute(string value) : Attribute
{
    public string Value { get; } = value;
}
