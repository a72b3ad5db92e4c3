using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CriticalMinerals.Lifecycle.Values;

/// <summary>How much of one element something holds: the element's own mass, never that of its compound.</summary>
public sealed record ElementMass
{
    [Description("The element; graphite stands for carbon as graphite, phosphorus for phosphorus in phosphates.")]
    [Example("cobalt")]
    public required Mineral Element { get; init; }

    [Description("Mass of the element.")]
    [Measure("kg", Minimum = "0")]
    public required Quantity Mass { get; init; }
}

/// <summary>
/// What something holds, element by element, in kilograms and exactly. An element that is not named is not there: a statement of content is complete for the
/// elements of <see cref="Mineral"/>. Masses are never negative.
/// </summary>
[JsonConverter(typeof(CompositionConverter))]
public sealed class Composition : IEquatable<Composition>
{
    // Few, so an array in the order of the elements is smaller than any dictionary and as fast.
    private readonly KeyValuePair<Mineral, Ratio>[] _masses;

    private Composition(IEnumerable<KeyValuePair<Mineral, Ratio>> masses)
    {
        _masses = [.. masses.Where(m => m.Value.Numerator.Sign != 0).OrderBy(m => m.Key)];
        if (_masses.DistinctBy(m => m.Key).Count() != _masses.Length)
        {
            throw new ArgumentException("An element stands twice.", nameof(masses));
        }
    }

    /// <summary>Nothing of anything.</summary>
    public static Composition Empty { get; } = new([]);

    /// <summary>The elements held, in the order of <see cref="Mineral"/>.</summary>
    public IReadOnlyCollection<KeyValuePair<Mineral, Ratio>> Masses => _masses;

    /// <summary>Whether state may keep it: exact fractions do not grow for ever.</summary>
    public bool IsKept => Array.TrueForAll(_masses, m => m.Value.IsKept);

    /// <summary>As stated; null when nothing was. Masses stated twice for one element are added.</summary>
    public static Composition? Of(IReadOnlyList<ElementMass>? stated) => stated is null ? null
        : new Composition(stated.GroupBy(s => s.Element).Select(g => KeyValuePair.Create(g.Key, g.Aggregate(default(Ratio), (sum, s) => sum + s.Mass.Value))));

    /// <summary>So much of each element, in kilograms; none is negative.</summary>
    internal static Composition Of(IEnumerable<KeyValuePair<Mineral, Ratio>> masses) => new(masses);

    /// <summary>Mass of one element in kilograms.</summary>
    public Ratio this[Mineral element] => Array.Find(_masses, m => m.Key == element).Value;

    /// <summary>Both together.</summary>
    public Composition Plus(Composition other) => Combine(other, (a, b) => a + b);

    /// <summary>What is left when the other is taken away; never less than nothing.</summary>
    public Composition Less(Composition other) => Combine(other, (a, b) => a > b ? a - b : default);

    /// <summary>The share <paramref name="part"/> of <paramref name="whole"/>.</summary>
    /// <exception cref="DivideByZeroException">The whole is 0.</exception>
    public Composition Share(Ratio part, Ratio whole)
    {
        var share = part / whole;
        return new Composition(_masses.Select(m => KeyValuePair.Create(m.Key, m.Value * share)));
    }

    /// <summary>The first element of which there is more here than there; null when there is none.</summary>
    public Mineral? Exceeding(Composition limit)
    {
        foreach (var (element, mass) in _masses)
        {
            if (mass > limit[element])
            {
                return element;
            }
        }

        return null;
    }

    public bool Equals(Composition? other) => other is not null && _masses.SequenceEqual(other._masses);

    public override bool Equals(object? obj) => Equals(obj as Composition);

    public override int GetHashCode() => _masses.Aggregate(0, (hash, m) => HashCode.Combine(hash, m.Key, m.Value));

    /// <summary><c>cobalt 12.5 kg, lithium 1/3 kg</c>.</summary>
    public override string ToString() => string.Join(", ", _masses.Select(m => $"{KebabCase.Of(m.Key.ToString())} {m.Value} kg"));

    private Composition Combine(Composition other, Func<Ratio, Ratio, Ratio> combine) =>
        new(_masses.Concat(other._masses).Select(m => m.Key).Distinct().Select(e => KeyValuePair.Create(e, combine(this[e], other[e]))));

    private sealed class CompositionConverter : JsonConverter<Composition>
    {
        public override Composition Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<Dictionary<string, Ratio>>(ref reader, options)!.Select(m => KeyValuePair.Create(Enum.Parse<Mineral>(m.Key), m.Value)));

        public override void Write(Utf8JsonWriter writer, Composition value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value._masses.ToDictionary(m => m.Key.ToString(), m => m.Value), options);
    }
}
