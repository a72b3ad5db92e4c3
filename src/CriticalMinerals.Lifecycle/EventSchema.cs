using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// The JSON Schema (draft 2020-12) of an event, made from its record. It describes <c>d</c> with every disclosure put in its place, as the signer sees it.
/// Annotations: <c>x-access</c> and <c>x-claim</c> (who may see a property, what depends on it), <c>x-unit</c>, <c>x-minimum</c> and <c>x-maximum</c> of
/// quantities, which are texts, <c>x-law</c>.
/// </summary>
public static class EventSchema
{
    private const string DigestPattern = "^[A-Za-z0-9_-]{43}$";
    private const string SubjectPattern = "^[a-z][a-z0-9+.-]*:[!-~]+$";
    private const string OperatorPattern = "^did:web:[!-~]+$";
    private const string LinePattern = "(0|[1-9]|[1-5][0-9]|6[0-3])";
    private const string ExampleDigest = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema's text, as it stands under <c>schemas/events</c>: UTF-8 without a mark, lines ended by a line feed.</summary>
    public static string Export(EventType type)
    {
        var properties = new JsonObject();
        foreach (var claim in type.Claims)
        {
            properties[claim.Name] = OfClaim(claim);
        }

        AddShared(properties, type);
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"urn:critical-minerals:event:{type.Name}",
            ["title"] = type.Name,
            ["description"] = type.Description,
            ["x-chains"] = Texts(type.Chains.Select(c => KebabCase.Of(c.ToString()))),
            ["x-standing"] = KebabCase.Of(type.Standing.ToString()),
            ["x-signed-by"] = Texts(type.Rights.Select(r => r.ToString())),
            ["type"] = "object",
            ["properties"] = properties,
        };
        if (type.Takes)
        {
            schema.Insert(schema.IndexOf("x-signed-by"), "x-takes", Texts(type.Accepts.Select(p => KebabCase.Of(p.ToString()))));
        }

        var patterns = PatternProperties(type);
        if (patterns.Count > 0)
        {
            schema["patternProperties"] = patterns;
        }

        schema["required"] = Texts(type.Claims.Where(c => c.IsRequiredInClear || c.Claim.Required).Select(c => c.Name));
        schema["additionalProperties"] = false;
        schema["examples"] = new JsonArray(Example(type));
        return schema.ToJsonString(Indented) + "\n";
    }

    /// <summary>
    /// One <c>d</c> that its schema accepts, with everything but what is erasable. Names, digests and signatures in it are well-formed and
    /// stand for nothing.
    /// </summary>
    public static JsonObject Example(EventType type)
    {
        var example = new JsonObject();
        foreach (var claim in type.Claims.Where(c => c.Claim.Kind != ClaimKind.Erasable))
        {
            example[claim.Name] = ExampleOf(claim.Property, claim.Property.PropertyType);
        }

        if (type.Record == typeof(Corrected))
        {
            var target = EventCatalog.Find(example["event"]!.GetValue<string>())!.Claims.First(c => c.Claim.IsTotal);
            example[target.Name] = ExampleOf(target.Property, target.Property.PropertyType);
        }

        if (type.Takes)
        {
            example["in"] = new JsonArray(new JsonObject { ["h"] = ExampleDigest, ["i"] = 0, ["s"] = "AAECAwQFBgcICQoLDA0ODw" });
        }

        if (type.Record == typeof(Sourcing.Allocated))
        {
            example["out"] = new JsonArray(ExampleDigest);
            example["q0"] = "12.5";
        }

        return example;
    }

    private static JsonObject OfClaim(EventClaim claim)
    {
        var schema = OfType(claim.Property, claim.Property.PropertyType);
        schema["description"] = claim.Claim.Description;
        schema["x-access"] = claim.Claim.Access.ToString();
        schema["x-claim"] = KebabCase.Of(claim.Claim.Kind.ToString());
        if (claim.Claim.Law is { } law)
        {
            schema["x-law"] = law;
        }

        return schema;
    }

    private static JsonObject OfType(PropertyInfo property, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var bounds = new Bounds(property);
        if (type == typeof(string))
        {
            var text = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = bounds.Text.MaximumLength };
            if (bounds.Text.Pattern is { } pattern)
            {
                text["pattern"] = pattern;
            }

            return text;
        }

        if (type == typeof(Quantity))
        {
            return WithUnit(new JsonObject { ["type"] = "string", ["pattern"] = QuantityPattern(bounds.Minimum) }, bounds, "x-minimum", "x-maximum", q => q.ToString());
        }

        if (type == typeof(long))
        {
            return WithUnit(new JsonObject { ["type"] = "integer" }, bounds, "minimum", "maximum", q => (long)q.Value);
        }

        if (type == typeof(bool))
        {
            return new JsonObject { ["type"] = "boolean" };
        }

        if (type.IsEnum)
        {
            return new JsonObject { ["type"] = "string", ["enum"] = Texts(Enum.GetNames(type).Select(KebabCase.Of)) };
        }

        return ItemOf(type) is { } item
            ? new JsonObject { ["type"] = "array", ["minItems"] = 1, ["maxItems"] = StrictText.MaximumItems, ["items"] = OfType(property, item) }
            : OfRecord(type);
    }

    private static JsonObject OfRecord(Type record)
    {
        var properties = new JsonObject();
        var required = new List<string>();
        foreach (var member in record.GetProperties())
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(member.Name);
            var schema = OfType(member, member.PropertyType);
            schema["description"] = member.GetCustomAttribute<DescriptionAttribute>()?.Description
                ?? throw new InvalidOperationException($"{record.Name}.{member.Name} has no [Description].");
            properties[name] = schema;
            if (member.GetCustomAttribute<RequiredMemberAttribute>() is not null)
            {
                required.Add(name);
            }
        }

        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = Texts(required), ["additionalProperties"] = false };
    }

    // Members with one name and one meaning in every event; listed where the rules allow them.
    private static void AddShared(JsonObject properties, EventType type)
    {
        if (type.Gives)
        {
            properties["out"] = Array("Things given: commitments, one a line.", new JsonObject { ["type"] = "string", ["pattern"] = DigestPattern }, 64);
        }

        if (type.Takes)
        {
            properties["in"] = Array("Things taken: leaf hash of the giving entry, its line, the opening of its commitment.", Members(
                ("h", new JsonObject { ["type"] = "string", ["pattern"] = DigestPattern }),
                ("i", new JsonObject { ["type"] = "integer", ["minimum"] = 0, ["maximum"] = 63 }),
                ("s", new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z0-9_-]{22}$" })));
        }

        properties["ref"] = Array("Entries read and never spent: leaf hash and chain.", Members(
            ("h", new JsonObject { ["type"] = "string", ["pattern"] = DigestPattern }),
            ("sub", new JsonObject { ["type"] = "string", ["maxLength"] = 256, ["pattern"] = SubjectPattern })));
        if (type.MayBeDelegated)
        {
            properties["for"] = new JsonObject { ["type"] = "string", ["maxLength"] = 200, ["pattern"] = OperatorPattern, ["description"] = "The principal for whom a delegate signs." };
        }
    }

    private static JsonObject PatternProperties(EventType type)
    {
        var patterns = new JsonObject();
        if (type.Gives)
        {
            patterns[$"^q{LinePattern}$"] = new JsonObject
            {
                ["type"] = "string",
                ["pattern"] = QuantityPattern(Quantity.Of(0)),
                ["description"] = "Quantity of the line of that number, in the chain's unit: kg or pieces.",
                ["x-access"] = nameof(AccessClass.C),
                ["x-claim"] = KebabCase.Of(nameof(ClaimKind.Confidential)),
            };
            patterns[$"^codes{LinePattern}$"] = new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject { ["type"] = "string" },
                ["description"] = "Codes of the pieces of the line of that number.",
                ["x-access"] = nameof(AccessClass.C),
                ["x-claim"] = KebabCase.Of(nameof(ClaimKind.Confidential)),
            };
        }

        if (type.Record == typeof(Corrected))
        {
            patterns["^[a-z][A-Za-z0-9]{0,63}$"] = new JsonObject { ["description"] = "A property of the event corrected that is not structural, under that event's schema." };
        }

        return patterns;
    }

    private static JsonObject Array(string description, JsonObject items, int? most = null)
    {
        var array = new JsonObject { ["type"] = "array", ["description"] = description, ["minItems"] = 1, ["uniqueItems"] = true, ["items"] = items };
        if (most is not null)
        {
            array["maxItems"] = most;
        }

        return array;
    }

    private static JsonObject Members(params (string Name, JsonObject Schema)[] members) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(members.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Name, m.Schema))),
        ["required"] = Texts(members.Select(m => m.Name)),
        ["additionalProperties"] = false,
    };

    private static JsonObject WithUnit(JsonObject schema, Bounds bounds, string minimum, string maximum, Func<Quantity, JsonNode> write)
    {
        if (bounds.Minimum is { } least)
        {
            schema[minimum] = write(least);
        }

        if (bounds.Maximum is { } most)
        {
            schema[maximum] = write(most);
        }

        if (bounds.Unit is { } unit)
        {
            schema["x-unit"] = unit;
        }

        return schema;
    }

    private static JsonNode ExampleOf(PropertyInfo property, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var given = property.GetCustomAttribute<ExampleAttribute>()?.Value;
        if (type == typeof(string))
        {
            return given ?? throw new InvalidOperationException($"{property.DeclaringType!.Name}.{property.Name} has no [Example].");
        }

        if (type == typeof(Quantity))
        {
            return given ?? (new Bounds(property).Unit == StockUnit.Pieces ? "96" : "12.50");
        }

        if (type == typeof(long))
        {
            return long.Parse(given ?? "12", CultureInfo.InvariantCulture);
        }

        if (type == typeof(bool))
        {
            return true;
        }

        if (type.IsEnum)
        {
            return given ?? KebabCase.Of(Enum.GetNames(type)[0]);
        }

        return ItemOf(type) is { } item
            ? new JsonArray(ExampleOf(property, item))
            : new JsonObject(type.GetProperties().Select(m =>
                KeyValuePair.Create<string, JsonNode?>(JsonNamingPolicy.CamelCase.ConvertName(m.Name), ExampleOf(m, m.PropertyType))));
    }

    private static string QuantityPattern(Quantity? minimum) => minimum?.Value >= 0 ? Quantity.Pattern.Replace("-?", "", StringComparison.Ordinal) : Quantity.Pattern;

    private static Type? ItemOf(Type type) => type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)) ? type.GetGenericArguments()[0] : null;

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
