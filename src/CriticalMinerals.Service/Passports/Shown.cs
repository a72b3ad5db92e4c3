using System.Globalization;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Passports;

/// <summary>Signed values as people read them. All of it is text; Razor encodes it.</summary>
public static class Shown
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["ev"] = "electric vehicle battery",
        ["lmt"] = "battery of a light means of transport",
        ["industrial"] = "industrial battery",
        ["stationary"] = "stationary storage battery",
        ["gtin"] = "GTIN",
        ["giai"] = "GIAI",
        ["gbt34014"] = "GB/T 34014",
        ["bpan"] = "BPAN",
    };

    /// <summary>The statement that holds: the newest that no correction replaced.</summary>
    public static PassportStatement? Current(PassportAttribute attribute) => attribute.Statements.FirstOrDefault(s => s.CorrectedBy is null);

    /// <summary>Each of them once, in their order.</summary>
    public static string Names(IEnumerable<PassportStatement> statements) => string.Join(", ", statements.Select(s => Name(s.Provenance.Signer)).Distinct());

    /// <summary>A value with its unit.</summary>
    public static string Text(JsonElement value, PassportAttribute attribute) =>
        (attribute.Name switch { "category" => Word(Text(value)), "market" => Country(Text(value)), _ => Text(value) }) + (attribute.Unit is { } unit && Unit(unit, value) is { } shown ? " " + shown : "");

    /// <summary>A unit as it stands behind a value; null behind a list, whose elements carry theirs.</summary>
    public static string? Unit(string unit, JsonElement? value) => value is not { ValueKind: not JsonValueKind.Array } ? null : unit switch
    {
        "month" or "year" => Text(value.Value) == "1" ? unit : unit + "s",
        "degC" => "°C",
        "ohm" => "Ω",
        _ => unit,
    };

    /// <summary>A value of a closed list as it stands on the wire.</summary>
    public static string Wire<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>For what something was given.</summary>
    public static string Purpose(LinePurpose purpose) => purpose switch
    {
        LinePurpose.Part => "as a part",
        LinePurpose.Recovered => "recovered material",
        _ => "for " + Word(Wire(purpose)),
    };

    /// <summary>A group of attributes.</summary>
    public static string Group(AttributeGroup group) => group switch
    {
        AttributeGroup.Product => "Identifiers and product data",
        AttributeGroup.Conformity => "Symbols, labels and conformity",
        AttributeGroup.CarbonFootprint => "Carbon footprint",
        AttributeGroup.DueDiligence => "Supply chain due diligence",
        AttributeGroup.Materials => "Materials and composition",
        AttributeGroup.Circularity => "Circularity and resource efficiency",
        _ => "Performance and durability",
    };

    /// <summary>A value.</summary>
    public static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => Joined(value.EnumerateArray().Any(e => e.ValueKind == JsonValueKind.Object) ? "; " : ", ", value.EnumerateArray().Select(Text)),
        JsonValueKind.Object when value.TryGetProperty("country", out var country) => Place(value, country),
        JsonValueKind.Object when value.TryGetProperty("sha256", out _) && value.TryGetProperty("title", out var title) => Text(title),
        JsonValueKind.Object when value.TryGetProperty("stateOfCharge", out var charge) && value.TryGetProperty("power", out var power) => $"{Text(power)} W at {Text(charge)} %",
        JsonValueKind.Object when value.TryGetProperty("resistance", out var resistance) && value.TryGetProperty("part", out var part) => $"{Text(part)} {Text(resistance)} Ω",
        JsonValueKind.Object when value.TryGetProperty("meaning", out var meaning) && value.TryGetProperty("kind", out var kind) => $"{Title(Text(kind))}: {Text(meaning)}",
        JsonValueKind.Object => Joined(", ", value.EnumerateObject().Select(m => Text(m.Value))),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => value.GetRawText(),
    };

    /// <summary>The elements of a list that are more than words, sentences or groups of values, to stand one below the other; null for what stands well in one line.</summary>
    public static IReadOnlyList<string>? Items(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 1 && value.EnumerateArray().Any(e => e.ValueKind == JsonValueKind.Object || EndsSentence(Text(e)))
            ? [.. value.EnumerateArray().Select(Text)]
            : null;

    /// <summary>A word of a closed list, as people say it.</summary>
    public static string Word(string wire) => Words.GetValueOrDefault(wire, wire.Replace('-', ' '));

    /// <summary>The name of an event or of a kind of chain: <c>battery-manufactured.v1</c> is "Battery manufactured".</summary>
    public static string Title(string wire)
    {
        var name = wire.Split('.')[0].Replace('-', ' ');
        return char.ToUpperInvariant(name[0]) + name[1..];
    }

    /// <summary>What an attribute is, as a label.</summary>
    public static string Label(PassportAttribute attribute) => Title(System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(attribute.Name));

    /// <summary>An operator by name, else by identifier.</summary>
    public static string Name(PassportOperator who) => who.Name ?? who.Id;

    /// <summary>The value of an attribute of a giver's chain.</summary>
    public static string? Of(PassportGiver giver, string name) =>
        giver.Attributes.FirstOrDefault(a => a.Name == name) is { } attribute && Current(attribute)?.Value is { } value ? Text(value, attribute) : null;

    /// <summary>What an entry of a giver's chain says, as corrected.</summary>
    public static string? Of(PassportGiver giver, string name, Digest entry) =>
        giver.Attributes.FirstOrDefault(a => a.Name == name && a.Statements.Any(s => s.Provenance.Entry == entry)) is { } attribute &&
        attribute.Statements.FirstOrDefault(s => s.CorrectedBy is null && (s.Provenance.Entry == entry || s.Corrects == entry))?.Value is { } value ? Text(value, attribute) : null;

    /// <summary>A moment, to the minute.</summary>
    public static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A day.</summary>
    public static string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>A moment for machines.</summary>
    public static string Machine(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>For whom a withheld value is.</summary>
    public static string ForWhom(AccessClass access) => access switch
    {
        AccessClass.R => "for persons with a legitimate interest and for authorities",
        AccessClass.C => "for authorities",
        AccessClass.U => "for persons with a legitimate interest",
        _ => "for everybody",
    };

    // A sentence has its own end; "B.V." is none.
    private static string Joined(string separator, IEnumerable<string> texts) =>
        texts.Aggregate("", (all, next) => all.Length == 0 ? next : all + (EndsSentence(all) ? " " : separator) + next);

    private static bool EndsSentence(string text) => text is [.., not (>= 'A' and <= 'Z'), '.' or '!' or '?'];

    private static string Place(JsonElement place, JsonElement country)
    {
        string? Member(string name) => place.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        return string.Join(", ", ((string?[])[Member("name"), Member("locality"), Country(country.GetString() ?? ""), Member("facility")]).Where(t => t is not null));
    }

    /// <summary>A country by name. Codes that this machine's language data does not know stay codes.</summary>
    public static string Country(string code)
    {
        try
        {
            return new RegionInfo(code).EnglishName;
        }
        catch (ArgumentException)
        {
            return code;
        }
    }
}
