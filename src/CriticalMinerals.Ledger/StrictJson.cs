using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace CriticalMinerals.Ledger;

/// <summary>
/// Reads JSON that every parser reads alike: valid UTF-8, no member name twice in an object, nesting at most <see cref="MaximumDepth"/> (the outermost
/// value is 1), integers within ±(2^53−1) written without fraction, exponent or minus zero, text without U+0000, noncharacters, unpaired surrogates and
/// bidirectional controls. Member order and white space are free.
/// </summary>
public static class StrictJson
{
    /// <summary>Deepest nesting accepted; the outermost object or array counts 1.</summary>
    public const int MaximumDepth = 16;

    /// <summary>2^53 − 1, the largest magnitude every JSON reader keeps exactly (RFC 8259 section 6).</summary>
    public const long MaximumInteger = 9_007_199_254_740_991;

    /// <summary>Reads one JSON value that fills the bytes; null and a fault when two readers could differ.</summary>
    public static JsonElement? Parse(ReadOnlySpan<byte> utf8, out Fault? fault)
    {
        fault = Check(utf8);
        if (fault is not null)
        {
            return null;
        }

        var reader = new Utf8JsonReader(utf8);
        return JsonElement.ParseValue(ref reader);
    }

    private static Fault? Check(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
        {
            return new Fault(Failure.JsonMalformed, "The bytes are not valid UTF-8.");
        }

        var names = new MemberNames();
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaximumDepth + 1 });
        try
        {
            while (reader.Read())
            {
                var fault = reader.TokenType switch
                {
                    JsonTokenType.StartObject or JsonTokenType.StartArray => CheckDepth(reader.CurrentDepth + 1),
                    JsonTokenType.PropertyName or JsonTokenType.String => CheckText(ref reader),
                    JsonTokenType.Number => CheckNumber(reader.ValueSpan),
                    _ => null,
                };
                if (fault is not null)
                {
                    return fault;
                }

                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        names.Open();
                        break;
                    case JsonTokenType.EndObject:
                        names.Close();
                        break;
                    case JsonTokenType.PropertyName:
                        if (!names.Add(ref reader, utf8))
                        {
                            return new Fault(Failure.JsonDuplicateMember, $"The member {Printable(reader.GetString()!)} stands twice in one object.");
                        }

                        break;
                    default:
                        break;
                }
            }

            return null;
        }
        catch (JsonException)
        {
            return new Fault(Failure.JsonMalformed, $"Not one JSON value: reading stopped at byte {reader.BytesConsumed}.");
        }
    }

    private static Fault? CheckDepth(int depth) =>
        depth > MaximumDepth ? new Fault(Failure.JsonTooDeep, $"JSON nests deeper than {MaximumDepth} levels.") : null;

    private static Fault? CheckText(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped && Ascii.IsValid(reader.ValueSpan))
        {
            return null;
        }

        string text;
        try
        {
            text = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return new Fault(Failure.JsonTextForbidden, "A text holds an unpaired surrogate.");
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (IsForbidden(rune.Value))
            {
                return new Fault(Failure.JsonTextForbidden, $"A text holds U+{rune.Value:X4}, which is not allowed in signed text.");
            }
        }

        return null;
    }

    private static bool IsForbidden(int c) =>
        c is 0 or (>= 0xFDD0 and <= 0xFDEF) or 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) ||
        (c & 0xFFFE) == 0xFFFE;

    private static Fault? CheckNumber(ReadOnlySpan<byte> digits)
    {
        if (digits.ContainsAny(".eE"u8) || digits is [(byte)'-', (byte)'0'])
        {
            return new Fault(Failure.JsonNumberForbidden, "JSON numbers are integers here, without point, exponent or minus zero; measured quantities are texts.");
        }

        // 17 characters hold every allowed value with its sign, so parsing cannot overflow.
        return digits.Length <= 17 && long.Parse(digits, System.Globalization.CultureInfo.InvariantCulture) is >= -MaximumInteger and <= MaximumInteger
            ? null
            : new Fault(Failure.JsonNumberForbidden, "An integer lies outside ±(2^53−1).");
    }

    /// <summary>A name that a stranger chose, cut and made safe for a message.</summary>
    internal static string Printable(string text, int longest = 64)
    {
        var safe = new StringBuilder("\"");
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, longest)))
        {
            safe.Append(c is >= ' ' and <= '~' and not '"' ? c : '?');
        }

        return safe.Append(text.Length > longest ? "…\"" : "\"").ToString();
    }
}
