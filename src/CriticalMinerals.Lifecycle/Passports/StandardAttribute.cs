using System.Text.Json;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>
/// One of the 93 attributes of a battery passport that DIN DKE SPEC 99100:2025-02 lists, and where in the events it is said. The table of all is
/// <see cref="StandardAttributes"/>.
/// </summary>
/// <param name="Number">1 to 93, in the order of the specification.</param>
/// <param name="Group">Its group there.</param>
/// <param name="Title">What it is, for people.</param>
/// <param name="Name">Path in the BatteryPass data model 1.2, spelled as there, mistakes included; null when it has none of its own.</param>
/// <param name="Access">Class of Annex XIII. The month of putting into service and the status are class U in law; here they stand in the envelope of a public chain.</param>
/// <param name="Unit">Unit of its value; null when it has none.</param>
/// <param name="Changes">static or dynamic.</param>
/// <param name="Level">Whether it is said of the model or of the single battery.</param>
/// <param name="Law">Where the law or a standard asks for it; null when nothing binding does.</param>
/// <param name="Sources">Where it is said.</param>
public sealed record StandardAttribute(
    int Number, AttributeGroup Group, string Title, string? Name, AccessClass Access, string? Unit, AttributeChange Changes, AttributeLevel Level, string? Law, IReadOnlyList<AttributeSource> Sources)
{
    /// <summary>Whether all that was ever said stands, as of accidents, and not the newest alone.</summary>
    public bool IsHistory { get; init; }
}

/// <summary>The seven groups of the specification.</summary>
public enum AttributeGroup
{
    /// <summary>Identifiers and product data.</summary>
    Product,

    /// <summary>Symbols, labels, documentation of conformity.</summary>
    Conformity,

    /// <summary>Carbon footprint.</summary>
    CarbonFootprint,

    /// <summary>Supply chain due diligence.</summary>
    DueDiligence,

    /// <summary>Materials and composition.</summary>
    Materials,

    /// <summary>Circularity and resource efficiency.</summary>
    Circularity,

    /// <summary>Performance and durability.</summary>
    Performance,
}

/// <summary>Whether a value is said once or moves with the battery's life.</summary>
public enum AttributeChange
{
    /// <summary>Of several places where it can be said the first of the table holds.</summary>
    Static,

    /// <summary>What was said last holds, wherever.</summary>
    Dynamic,
}

/// <summary>What a value is said of.</summary>
public enum AttributeLevel
{
    Model,
    Item,
}

/// <summary>One place where an attribute is said: a claim of an event, or a member that every entry has.</summary>
/// <param name="Event">Wire name.</param>
/// <param name="Claim">Wire name of the property; <c>sub</c>, <c>evt</c> and <c>toe</c> are the entry's own.</param>
public sealed record AttributeSource(string Event, string Claim)
{
    /// <summary>Which part of the attribute; null when it is whole. Sources of one part stand for each other, those of different parts add up.</summary>
    public string? Part { get; init; }

    /// <summary>Of a list only the elements whose member has this value.</summary>
    public (string Member, string Value)? Where { get; init; }

    /// <summary>Of the value or of its elements only this member.</summary>
    public string? Member { get; init; }

    /// <summary>Whether it is a member of every entry and no claim.</summary>
    public bool IsOfEntry => Claim is "sub" or "evt" or "toe";

    /// <summary>The part of a signed value that this source means, and where in the value it stands; null when the value does not hold it.</summary>
    public (JsonElement Value, string Pointer)? Choose(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || (Where is null && Member is null))
        {
            return Member is null ? (value, "") : value.TryGetProperty(Member, out var alone) ? (alone, "/" + Member) : null;
        }

        var chosen = value.EnumerateArray().Select((element, at) => (Element: element, At: at))
            .Where(e => Where is not { } where || (e.Element.TryGetProperty(where.Member, out var tested) && tested.ValueEquals(where.Value)))
            .Where(e => Member is null || e.Element.TryGetProperty(Member, out _))
            .Select(e => (Value: Member is null ? e.Element : e.Element.GetProperty(Member), Pointer: FormattableString.Invariant($"/{e.At}") + (Member is null ? "" : "/" + Member)))
            .ToList();
        return chosen.Count == 0 ? null
            : Where is not null && chosen.Count == 1 ? chosen[0]
            : (JsonSerializer.SerializeToElement(chosen.Select(c => c.Value)), "");
    }
}
