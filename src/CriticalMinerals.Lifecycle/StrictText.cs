using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>Bounds of texts and lists inside an event's data, found on the records themselves.</summary>
internal static class StrictText
{
    /// <summary>Most items of a list.</summary>
    internal const int MaximumItems = 256;

    private static readonly ConcurrentDictionary<Type, Bounds[]> Members = new();

    /// <summary>What is wrong with a value or with what is inside it; null when nothing is.</summary>
    internal static string? Check(object content, Bounds bounds)
    {
        switch (content)
        {
            case string text:
                return bounds.Check(text);
            case Quantity number:
                return bounds.Check(number);
            case long number:
                return bounds.Check(Quantity.Of(number));
            case IList list:
                if (list.Count is 0 or > MaximumItems)
                {
                    return $"a list of 1 to {MaximumItems} items was expected";
                }

                foreach (var item in list)
                {
                    if (Check(item!, bounds) is { } wrong)
                    {
                        return wrong;
                    }
                }

                return null;
            default:
                return content.GetType().IsClass ? CheckMembers(content) : null;
        }
    }

    /// <summary>Whether null stands anywhere inside: what is not there is left out, one way only.</summary>
    internal static bool HoldsNull(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Object => value.EnumerateObject().Any(p => HoldsNull(p.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(HoldsNull),
        _ => false,
    };

    /// <summary>The reader's own words, without its type names.</summary>
    internal static string Reason(JsonException mistake)
    {
        var message = mistake.Message;
        if (message.Contains("could not be mapped", StringComparison.Ordinal))
        {
            return $"a member at {mistake.Path} is not part of it";
        }

        if (message.Contains("required properties", StringComparison.Ordinal))
        {
            return "a member is missing: " + message[(message.LastIndexOf(':') + 1)..].Trim(' ', '.');
        }

        return message.StartsWith("The JSON value", StringComparison.Ordinal) ? $"the value at {mistake.Path} has the wrong type" : message.Split(" Path:")[0].TrimEnd('.');
    }

    /// <summary>A name that a stranger chose, made safe for a message.</summary>
    internal static string Printable(string text) =>
        string.Concat(text.Take(64).Select(c => c is >= ' ' and <= '~' ? c : '?'));

    private static string? CheckMembers(object content)
    {
        foreach (var member in Members.GetOrAdd(content.GetType(), t => [.. t.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => new Bounds(p))]))
        {
            if (member.Property.GetValue(content) is { } inner && Check(inner, member) is { } wrong)
            {
                return $"{JsonNamingPolicy.CamelCase.ConvertName(member.Property.Name)}: {wrong}";
            }
        }

        return null;
    }
}
