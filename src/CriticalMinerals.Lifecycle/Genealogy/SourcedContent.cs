using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Genealogy;

/// <summary>What material went through since it was won: decides what recycling makes of it.</summary>
internal enum Use
{
    /// <summary>Ore, salts, metals, and what was recovered.</summary>
    Raw,

    /// <summary>In a battery material or a part: as scrap it is manufacturing waste.</summary>
    InProduct,

    /// <summary>In a part that was in a battery.</summary>
    Used,
}

/// <summary>Some of an element that has one source and went through the same.</summary>
internal readonly record struct Strand(MaterialSource Source, Use Use);

/// <summary>
/// What something holds, element by element, each divided by where it is from; exact. Immutable. With each element goes the weakest custody model on its way
/// here, null while nothing of it is traced.
/// </summary>
internal sealed class SourcedContent
{
    // Shares of mixtures of mixtures are finer than the masses that state keeps.
    private const int MaximumBits = 4 * Ratio.MaximumBits;

    private readonly SortedDictionary<Mineral, Element> _elements;

    private SourcedContent(IEnumerable<KeyValuePair<Mineral, Element>> elements) =>
        _elements = new SortedDictionary<Mineral, Element>(elements.Where(e => e.Value.Mass.Numerator.Sign > 0).ToDictionary());

    internal static SourcedContent Empty { get; } = new([]);

    internal IReadOnlyCollection<KeyValuePair<Mineral, Element>> Elements => _elements;

    /// <summary>The masses alone.</summary>
    internal Composition Masses => Composition.Of(_elements.Select(e => KeyValuePair.Create(e.Key, e.Value.Mass)));

    /// <summary>Whether its fractions are short enough to go on with.</summary>
    internal bool IsKept => _elements.Values.All(e => e.Strands.Values.All(IsShort));

    /// <summary>All of the masses from one source.</summary>
    internal static SourcedContent From(Composition masses, Strand source, CustodyModel? custody) =>
        new(masses.Masses.Select(m => KeyValuePair.Create(m.Key, new Element(new Dictionary<Strand, Ratio> { [source] = m.Value }, custody))));

    /// <summary>Both together.</summary>
    internal SourcedContent Plus(SourcedContent other) =>
        new(_elements.Keys.Union(other._elements.Keys).Select(e => KeyValuePair.Create(
            e, _elements.TryGetValue(e, out var mine) ? other._elements.TryGetValue(e, out var others) ? mine.Plus(others) : mine : other._elements[e])));

    /// <summary>
    /// The same mixture with other masses: of an element of which there is less all sources lost alike; of what there is more the rest is from
    /// <paramref name="excess"/>. An element that is not named is not there.
    /// </summary>
    internal SourcedContent Weighing(Composition masses, Strand excess) => new(masses.Masses.Select(m => KeyValuePair.Create(m.Key, Weighing(m.Key, m.Value, excess))));

    /// <summary>Its part <paramref name="part"/> of <paramref name="whole"/>.</summary>
    internal SourcedContent Share(Ratio part, Ratio whole) => part.Numerator.IsZero ? Empty : Scaled(_ => part / whole);

    /// <summary>What is left of the mixture when so much of each element is taken out; never less than nothing.</summary>
    internal SourcedContent Less(Composition taken) => Scaled(e => _elements[e].Mass is var mass && taken[e] >= mass ? default : (mass - taken[e]) / mass);

    /// <summary>The same with each strand replaced by another.</summary>
    internal SourcedContent Become(Func<Strand, Strand> become) => new(_elements.Select(e => KeyValuePair.Create(e.Key, e.Value.Become(become))));

    /// <summary>The same with other custody models.</summary>
    internal SourcedContent UnderCustody(Func<Mineral, Element, CustodyModel?> model) => new(_elements.Select(e => KeyValuePair.Create(e.Key, e.Value with { Custody = model(e.Key, e.Value) })));

    /// <summary>The weaker of two models; what is not stated weakens nothing.</summary>
    internal static CustodyModel? Weaker(CustodyModel? one, CustodyModel? other) => one is null ? other : other is null || one > other ? one : other;

    private static bool IsShort(Ratio mass) => mass.Numerator.GetBitLength() <= MaximumBits && mass.Denominator.GetBitLength() <= MaximumBits;

    private Element Weighing(Mineral element, Ratio mass, Strand excess)
    {
        var held = _elements.GetValueOrDefault(element) ?? new Element(new Dictionary<Strand, Ratio>(), null);
        return mass < held.Mass ? held.Scaled(mass / held.Mass)
            : mass == held.Mass ? held
            : held.Plus(new Element(new Dictionary<Strand, Ratio> { [excess] = mass - held.Mass }, null));
    }

    private SourcedContent Scaled(Func<Mineral, Ratio> factor) => new(_elements.Select(e => KeyValuePair.Create(e.Key, e.Value.Scaled(factor(e.Key)))));

    /// <summary>One element.</summary>
    /// <param name="Strands">Masses in kilograms, each more than 0.</param>
    /// <param name="Custody">The weakest model on the way here.</param>
    internal sealed record Element(IReadOnlyDictionary<Strand, Ratio> Strands, CustodyModel? Custody)
    {
        /// <summary>All of it.</summary>
        internal Ratio Mass { get; } = Strands.Values.Aggregate(default(Ratio), (sum, mass) => sum + mass);

        internal Element Plus(Element other)
        {
            var strands = new Dictionary<Strand, Ratio>(Strands);
            foreach (var (strand, mass) in other.Strands)
            {
                strands[strand] = strands.GetValueOrDefault(strand) + mass;
            }

            return new Element(strands, Weaker(Custody, other.Custody));
        }

        internal Element Scaled(Ratio factor) =>
            new(factor.Numerator.IsZero ? new Dictionary<Strand, Ratio>() : Strands.ToDictionary(s => s.Key, s => s.Value * factor), Custody);

        internal Element Become(Func<Strand, Strand> become)
        {
            var strands = new Dictionary<Strand, Ratio>();
            foreach (var (strand, mass) in Strands)
            {
                var next = become(strand);
                strands[next] = strands.GetValueOrDefault(next) + mass;
            }

            return new Element(strands, Custody);
        }
    }
}
