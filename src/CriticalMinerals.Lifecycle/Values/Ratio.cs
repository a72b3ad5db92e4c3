using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CriticalMinerals.Lifecycle.Values;

/// <summary>
/// An exact fraction: what a third of a lot holds has no decimal form, and no rounding may make or lose a microgram. Always in lowest terms with a positive
/// denominator, so equal fractions are equal values. <c>default</c> is 0.
/// </summary>
[JsonConverter(typeof(RatioConverter))]
public readonly struct Ratio : IEquatable<Ratio>, IComparable<Ratio>
{
    /// <summary>Most bits of numerator and of denominator that state keeps: some twenty mixtures of mixtures, each to nine decimal places.</summary>
    public const int MaximumBits = 2048;

    private readonly BigInteger _denominator;

    private Ratio(BigInteger numerator, BigInteger denominator)
    {
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        divisor = denominator.Sign < 0 ? -divisor : divisor;
        Numerator = numerator / divisor;
        _denominator = denominator / divisor;
    }

    /// <summary>The number above the line; carries the sign.</summary>
    public BigInteger Numerator { get; }

    /// <summary>The number below the line, 1 or more.</summary>
    public BigInteger Denominator => _denominator.IsZero ? BigInteger.One : _denominator;

    /// <summary>Whether state may keep it (<see cref="MaximumBits"/>).</summary>
    public bool IsKept => Numerator.GetBitLength() <= MaximumBits && Denominator.GetBitLength() <= MaximumBits;

    /// <summary>A decimal number, exactly.</summary>
    public static implicit operator Ratio(decimal value) => FromDecimal(value);

    /// <inheritdoc cref="op_Implicit(decimal)"/>
    public static Ratio FromDecimal(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var unscaled = unchecked((new BigInteger((uint)bits[2]) << 64) | (new BigInteger((uint)bits[1]) << 32) | new BigInteger((uint)bits[0]));
        return new Ratio(value < 0 ? -unscaled : unscaled, BigInteger.Pow(10, (bits[3] >> 16) & 0xFF));
    }

    public static Ratio operator +(Ratio left, Ratio right) => Add(left, right);

    public static Ratio Add(Ratio left, Ratio right) => new((left.Numerator * right.Denominator) + (right.Numerator * left.Denominator), left.Denominator * right.Denominator);

    public static Ratio operator -(Ratio left, Ratio right) => Subtract(left, right);

    public static Ratio Subtract(Ratio left, Ratio right) => new((left.Numerator * right.Denominator) - (right.Numerator * left.Denominator), left.Denominator * right.Denominator);

    public static Ratio operator *(Ratio left, Ratio right) => Multiply(left, right);

    public static Ratio Multiply(Ratio left, Ratio right) => new(left.Numerator * right.Numerator, left.Denominator * right.Denominator);

    /// <summary>A quotient.</summary>
    /// <exception cref="DivideByZeroException">The divisor is 0.</exception>
    public static Ratio operator /(Ratio left, Ratio right) => Divide(left, right);

    /// <inheritdoc cref="op_Division"/>
    public static Ratio Divide(Ratio left, Ratio right) =>
        right.Numerator.IsZero ? throw new DivideByZeroException() : new Ratio(left.Numerator * right.Denominator, left.Denominator * right.Numerator);

    public static bool operator ==(Ratio left, Ratio right) => left.Equals(right);

    public static bool operator !=(Ratio left, Ratio right) => !left.Equals(right);

    public static bool operator <(Ratio left, Ratio right) => left.CompareTo(right) < 0;

    public static bool operator >(Ratio left, Ratio right) => left.CompareTo(right) > 0;

    public static bool operator <=(Ratio left, Ratio right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Ratio left, Ratio right) => left.CompareTo(right) >= 0;

    public int CompareTo(Ratio other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    public bool Equals(Ratio other) => Numerator == other.Numerator && Denominator == other.Denominator;

    public override bool Equals(object? obj) => obj is Ratio other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Numerator, Denominator);

    /// <summary>The number cut off, not rounded, after so many decimal places: for people to read, never to count on.</summary>
    /// <param name="places">0 to 18.</param>
    public string ToDecimalText(int places)
    {
        var scale = BigInteger.Pow(10, places);
        var scaled = BigInteger.Abs(Numerator) * scale / Denominator;
        var text = BigInteger.DivRem(scaled, scale, out var rest).ToString(CultureInfo.InvariantCulture);
        var fraction = rest.ToString(CultureInfo.InvariantCulture).PadLeft(places, '0').TrimEnd('0');
        return (Numerator.Sign < 0 && !scaled.IsZero ? "-" : "") + text + (fraction.Length > 0 ? "." + fraction : "");
    }

    /// <summary><c>3</c> or <c>1/3</c>.</summary>
    public override string ToString() =>
        Denominator.IsOne ? Numerator.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Ratio ratio)
    {
        ratio = default;
        var line = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (text is null || !BigInteger.TryParse(line < 0 ? text : text[..line], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var numerator))
        {
            return false;
        }

        var denominator = BigInteger.One;
        if (line >= 0 && (!BigInteger.TryParse(text[(line + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out denominator) || denominator.IsZero))
        {
            return false;
        }

        ratio = new Ratio(numerator, denominator);
        return true;
    }

    private sealed class RatioConverter : JsonConverter<Ratio>
    {
        public override Ratio Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), out var ratio) ? ratio : throw new JsonException("not a fraction");

        public override void Write(Utf8JsonWriter writer, Ratio value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
