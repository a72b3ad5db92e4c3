using System.Collections;
using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>The JSON Schema (draft 2020-12) of a passport document, made from its records.</summary>
public static class PassportSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema of a passport, as it stands in <c>schemas/passport.v1.schema.json</c>: lines ended by a line feed.</summary>
    public static string Export() => Export(typeof(BatteryPassport), BatteryPassport.SchemaName,
        "A battery passport for one audience, folded from the signed entries of the battery, its model and those who gave parts and materials. The same entries and audience give the same bytes.");

    /// <summary>The schema of a difference, as it stands in <c>schemas/passport-difference.v1.schema.json</c>.</summary>
    public static string ExportDifference() => Export(typeof(PassportDifference), PassportDifference.SchemaName,
        "What happened between two versions of a battery passport for one audience. It follows from the two documents alone.");

    private static string Export(Type document, string name, string description)
    {
        var definitions = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = "urn:critical-minerals:" + name,
            ["title"] = name,
            ["description"] = description,
        };
        foreach (var member in OfRecord(document, definitions).ToList())
        {
            schema[member.Key] = member.Value!.DeepClone();
        }

        schema["properties"]!["schema"]!["const"] = name;
        if (schema["properties"]!["granularity"] is { } granularity)
        {
            granularity["const"] = "item";
        }

        schema["$defs"] = new JsonObject(definitions);
        return schema.ToJsonString(Indented) + "\n";
    }

    private static JsonObject OfRecord(Type record, SortedDictionary<string, JsonNode?> definitions)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var member in record.GetProperties())
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(member.Name);
            var schema = OfType(member.PropertyType, definitions);
            if (member.Name == nameof(RecordedEntry.Index))
            {
                schema.Remove("minimum"); // Of an entry, which may stand in a log before this one.
            }

            schema["description"] = member.GetCustomAttribute<DescriptionAttribute>()!.Description;
            properties[name] = schema;
            if (!member.CanWrite || member.GetCustomAttribute<RequiredMemberAttribute>() is not null)
            {
                required.Add(name);
            }
        }

        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required, ["additionalProperties"] = false };
    }

    private static JsonObject OfType(Type type, SortedDictionary<string, JsonNode?> definitions)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
        {
            return new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(n => (JsonNode)(type == typeof(AccessClass) ? n : KebabCase.Of(n)))]) };
        }

        if (type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)))
        {
            return new JsonObject { ["type"] = "array", ["items"] = OfType(type.GetGenericArguments()[0], definitions) };
        }

        if (type.Namespace == typeof(BatteryPassport).Namespace)
        {
            definitions[type.Name] = OfRecord(type, definitions);

            return new JsonObject { ["$ref"] = "#/$defs/" + type.Name };
        }

        return type == typeof(string) ? new JsonObject { ["type"] = "string" }
            : type == typeof(Digest) ? new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z0-9_-]{43}$" }
            : type == typeof(DateTimeOffset) ? new JsonObject { ["type"] = "string", ["format"] = "date-time" }
            : type == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
            : type == typeof(int) || type == typeof(long) ? new JsonObject { ["type"] = "integer", ["minimum"] = 0 }
            : type == typeof(JsonElement) ? []
            : throw new InvalidOperationException($"{type} has no schema.");
    }
}
