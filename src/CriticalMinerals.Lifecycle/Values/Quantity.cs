using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace CriticalMinerals.Lifecycle.Values;

/// <summary>
/// A measured quantity: a decimal text of at most 18 digits before and 9 after the point, whose unit the event's schema fixes. Trailing zeros are the
/// precision the signer stated and are kept; comparison is numeric and exact. <c>default</c> is 0.
/// </summary>
[JsonConverter(typeof(QuantityConverter))]
public readonly partial record struct Quantity : IComparable<Quantity>
{
    /// <summary>The wire grammar; minus zero is refused beside it.</summary>
    public const string Pattern = @"^-?(0|[1-9]\d{0,17})(\.\d{1,9})?$";

    /// <summary>10^18: every quantity is less.</summary>
    public const decimal Limit = 1_000_000_000_000_000_000m;

    private Quantity(decimal value) => Value = value;

    /// <summary>The exact number; its scale is the stated precision.</summary>
    public decimal Value { get; }

    /// <summary>Reads the wire form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Quantity quantity)
    {
        quantity = default;
        if (text is null || text.Length > 29 || !Wire().IsMatch(text))
        {
            return false;
        }

        var value = decimal.Parse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        quantity = new Quantity(value);
        return value != 0 || text[0] != '-';
    }

    /// <summary>Reads the wire form.</summary>
    /// <exception cref="FormatException">The text is not one.</exception>
    public static Quantity Parse(string text) =>
        TryParse(text, out var quantity) ? quantity : throw new FormatException("A quantity is a decimal text with at most 18 digits before and 9 after the point.");

    /// <summary>Takes a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has more than 18 digits before or 9 after the point.</exception>
    public static Quantity Of(decimal value) =>
        TryParse(value.ToString(CultureInfo.InvariantCulture), out var quantity) ? quantity : throw new ArgumentOutOfRangeException(nameof(value));

    public int CompareTo(Quantity other) => Value.CompareTo(other.Value);

    public static bool operator <(Quantity left, Quantity right) => left.Value < right.Value;

    public static bool operator >(Quantity left, Quantity right) => left.Value > right.Value;

    public static bool operator <=(Quantity left, Quantity right) => left.Value <= right.Value;

    public static bool operator >=(Quantity left, Quantity right) => left.Value >= right.Value;

    /// <summary>The wire form, in the precision it came in.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,9})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Wire();

    private sealed class QuantityConverter : JsonConverter<Quantity>
    {
        public override Quantity Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && TryParse(reader.GetString(), out var quantity)
                ? quantity
                : throw new JsonException("a quantity is a decimal text such as \"12.50\", at most 18 digits before and 9 after the point");

        public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
