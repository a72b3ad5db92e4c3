using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>Everything a state holds, as text: two states with one text decide alike.</summary>
internal static class Snapshot
{
    private static readonly FieldInfo[] Fields = typeof(LedgerState).GetFields(BindingFlags.NonPublic | BindingFlags.Instance);

    /// <summary>The whole state, its untaken changes included.</summary>
    public static string Of(LedgerState state)
    {
        var text = new StringBuilder();
        foreach (var field in Fields)
        {
            Write(text, field.Name, field.GetValue(state));
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, string name, object? value)
    {
        switch (value)
        {
            case LedgerChanges changes:
                Write(text, "chains", changes.Chains);
                Write(text, "lines", changes.Lines);
                Write(text, "claims", changes.Claims);
                break;
            case IDictionary dictionary:
                foreach (var line in dictionary.Keys.Cast<object>().Select(k => $"{name} {k} = {One(dictionary[k])}").Order(StringComparer.Ordinal))
                {
                    text.AppendLine(line);
                }

                break;
            case IEnumerable items and not string:
                foreach (var line in items.Cast<object>().Select(i => $"{name} {i}").Order(StringComparer.Ordinal))
                {
                    text.AppendLine(line);
                }

                break;
            default:
                text.AppendLine($"{name} = {value}");
                break;
        }
    }

    private static string? One(object? value) => value is ChainState chain ? JsonSerializer.Serialize(chain) : value?.ToString();
}
