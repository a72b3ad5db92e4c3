using System.ComponentModel;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Genealogy;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>Where the elements in the battery are from, computed from its lots as far as the audience may see their quantities; never declared.</summary>
public sealed record PassportMaterials
{
    [Description("Why no number is given: not-stated or withheld; none when the numbers are given.")]
    public required Gap Gap { get; init; }

    [Description("How many quantities are withheld from this audience. With any, nothing is said of shares.")]
    public required int Withheld { get; init; }

    [Description("Lines on the way whose giver is out of sight: what they brought is not traced.")]
    public required int UnreadableLines { get; init; }

    [Description("The elements.")]
    public required IReadOnlyList<PassportElement> Elements { get; init; }

    /// <param name="origins">Where the elements are from; null when the battery holds nothing by its kind.</param>
    /// <param name="source">What the passport is folded from.</param>
    /// <param name="asOf">The instant at which evidence must be in force.</param>
    internal static PassportMaterials? Of(MaterialOrigins? origins, PassportSource source, DateTimeOffset asOf) => origins is null ? null : new PassportMaterials
    {
        Gap = origins.Gap,
        Withheld = origins.Withheld,
        UnreadableLines = origins.UnreadableLines,
        Elements = [.. origins.Elements.Select(e => new PassportElement
        {
            Element = e.Element,
            Mass = e.Mass.ToDecimalText(9),
            Custody = e.Custody,
            Sources = [.. e.Shares.Select(s => new PassportElementSource
            {
                Kind = s.Source.Kind,
                Country = s.Source.Country,
                Percent = (s.Share * 100m).ToDecimalText(9),
                Share = s.Share.ToString(),
            })],
            Evidence = [.. Evidence(origins, source, asOf).Where(c => c.Element == e.Element).Select(c => new PassportEvidenceCoverage
            {
                Indicator = c.Indicator,
                Percent = (c.Share * 100m).ToDecimalText(9),
                Share = c.Share.ToString(),
                Missing = c.Missing.Count,
            })],
        })],
    };

    private static IReadOnlyList<EvidenceCoverage> Evidence(MaterialOrigins origins, PassportSource source, DateTimeOffset asOf) =>
        EvidenceCoverage.Of(origins, source.Givers.Concat(source.Operators).ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal), asOf);
}

/// <summary>One element.</summary>
public sealed record PassportElement
{
    [Description("The element.")]
    public required Mineral Element { get; init; }

    [Description("Its mass in the battery in kilograms, cut off after nine decimal places.")]
    public required string Mass { get; init; }

    [Description("The weakest chain of custody model on the way (ISO 22095); absent when none is stated.")]
    public CustodyModel? Custody { get; init; }

    [Description("Its sources; their shares add up to exactly 1.")]
    public required IReadOnlyList<PassportElementSource> Sources { get; init; }

    [Description("Of which share of its mass evidence on people and nature is held where it is from, for each indicator.")]
    public required IReadOnlyList<PassportEvidenceCoverage> Evidence { get; init; }
}

/// <summary>Of which share of an element's mass evidence for one indicator is in force, as at the newest entry: a share of mass, no score.</summary>
public sealed record PassportEvidenceCoverage
{
    [Description("The indicator.")]
    public required SustainabilityIndicator Indicator { get; init; }

    [Description("Share of the element's mass in per cent, cut off after nine decimal places.")]
    public required string Percent { get; init; }

    [Description("The same share exactly, as a fraction.")]
    public required string Share { get; init; }

    [Description("Sources without evidence in force.")]
    public required int Missing { get; init; }
}

/// <summary>One source of an element.</summary>
public sealed record PassportElementSource
{
    [Description("mined, recycled-pre-consumer, recycled-post-consumer or not-traced.")]
    public required OriginKind Kind { get; init; }

    [Description("Country of the mine, ISO 3166-1 alpha-2.")]
    public string? Country { get; init; }

    [Description("Share of the element's mass in per cent, cut off after nine decimal places.")]
    public required string Percent { get; init; }

    [Description("The same share exactly, as a fraction.")]
    public required string Share { get; init; }
}
