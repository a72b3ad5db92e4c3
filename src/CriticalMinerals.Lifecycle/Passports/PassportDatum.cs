using System.ComponentModel;
using System.Text.Json;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>One of the 93 attributes of DIN DKE SPEC 99100 with what holds of it.</summary>
public sealed record PassportDatum
{
    [Description("Number of the attribute, 1 to 93.")]
    public required int Number { get; init; }

    [Description("Its group.")]
    public required AttributeGroup Group { get; init; }

    [Description("What it is, for people.")]
    public required string Title { get; init; }

    [Description("Its path in the BatteryPass data model 1.2, spelled as there; absent when it has none of its own.")]
    public string? Name { get; init; }

    [Description("Unit of its values.")]
    public string? Unit { get; init; }

    [Description("Access class of Annex XIII: P public, R legitimate interest and authorities, C authorities, U legitimate interest. Status and month of putting into service stand in clear all the same: the envelope of a battery's chain is public.")]
    public required AccessClass Access { get; init; }

    [Description("static: said once. dynamic: moves with the battery's life.")]
    public required AttributeChange Changes { get; init; }

    [Description("Whether it is said of the model or of the single battery.")]
    public required AttributeLevel Level { get; init; }

    [Description("Where the law or a standard asks for it; absent when nothing binding does.")]
    public string? Law { get; init; }

    [Description("Numbers of the data points of the Commission's guidance 2.0 that it belongs to.")]
    public required IReadOnlyList<int> DataPoints { get; init; }

    [Description("What holds, part by part; of a history everything that holds. Empty when nothing was said.")]
    public required IReadOnlyList<PassportDatumValue> Values { get; init; }
}

/// <summary>A value of an attribute, stated or computed.</summary>
public sealed record PassportDatumValue
{
    [Description("Which part of the attribute, where it has several.")]
    public string? Part { get; init; }

    [Description("The value; absent when withheld.")]
    public JsonElement? Value { get; init; }

    [Description("Unit, where it is not the attribute's.")]
    public string? Unit { get; init; }

    [Description("The value is not for this audience. Whether it was given at all is withheld with it.")]
    public bool? Withheld { get; init; }

    [Description("When it was so, as the signer claims; of a computed value when its newest input was so.")]
    public required DateTimeOffset OccurredAt { get; init; }

    [Description("Event that states it; absent when computed.")]
    public string? Event { get; init; }

    [Description("Its wire name there: a property of the event's data, or sub, evt or toe, which every entry has.")]
    public string? Claim { get; init; }

    [Description("Where it is signed; absent when computed.")]
    public Provenance? Provenance { get; init; }

    [Description("How it was computed, where nobody stated it; then inputs says from what.")]
    public string? Formula { get; init; }

    [Description("Inputs of a computed value, in the order of the formula.")]
    public IReadOnlyList<PassportDatumInput>? Inputs { get; init; }

    [Description("The key that signed, of a computed value that of an input, was reported as compromised from an earlier index on.")]
    public bool? Disputed { get; init; }
}

/// <summary>A signed value from which another was computed.</summary>
public sealed record PassportDatumInput
{
    [Description("Its name in the formula.")]
    public required string Name { get; init; }

    [Description("The value as signed.")]
    public required JsonElement Value { get; init; }

    [Description("Event that states it.")]
    public required string Event { get; init; }

    [Description("Its wire name there.")]
    public required string Claim { get; init; }

    [Description("Where it is signed.")]
    public required Provenance Provenance { get; init; }
}

/// <summary>How far the document holds what the Commission's guidance asks of the battery's category. Numbers are those of its data points.</summary>
public sealed record PassportCoverage
{
    [Description("The guidance.")]
    public string Guidance { get; } = "Digital Batteries Passport: data points by category, 2.0 (15 August 2026)";

    [Description("The category that it is counted for.")]
    public required Manufacturing.BatteryCategory Category { get; init; }

    [Description("Filled.")]
    public required IReadOnlyList<int> Filled { get; init; }

    [Description("Not for this audience: whether they are filled cannot be told here.")]
    public required IReadOnlyList<int> Withheld { get; init; }

    [Description("Mandatory and not filled.")]
    public required IReadOnlyList<int> Missing { get; init; }

    [Description("Asked for only where they apply or are possible, or of nobody, and not filled.")]
    public required IReadOnlyList<int> NotStated { get; init; }

    [Description("Deferred: not to be filled or displayed yet, acts are missing.")]
    public required IReadOnlyList<int> Deferred { get; init; }

    [Description("Not asked of this category, or said by another data point.")]
    public required IReadOnlyList<int> NotApplicable { get; init; }
}
