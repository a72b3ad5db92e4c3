using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Genealogy;

/// <summary>
/// Of which share of an element's mass evidence for one indicator is held where the element is from: on the chain of the mine's or recycler's lot, or of the
/// operator that opened it. A share of mass that anybody can compute again, and no score: what is not known counts as nothing.
/// </summary>
/// <param name="Element">The element.</param>
/// <param name="Indicator">The indicator.</param>
/// <param name="Share">0 to 1 of the element's mass.</param>
/// <param name="Missing">Chains of the sources without evidence in force, in the order of the sources.</param>
public sealed record EvidenceCoverage(Mineral Element, SustainabilityIndicator Indicator, Ratio Share, IReadOnlyList<string> Missing)
{
    /// <summary>For each element and each indicator.</summary>
    /// <param name="origins">Where the elements are from; empty is the answer where that cannot be told.</param>
    /// <param name="chains">Chains at hand by name, those of operators among them.</param>
    /// <param name="at">The instant at which evidence must be recorded and in force, by days of UTC.</param>
    public static IReadOnlyList<EvidenceCoverage> Of(MaterialOrigins origins, IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> chains, DateTimeOffset at)
    {
        var held = new Dictionary<string, HashSet<SustainabilityIndicator>>(StringComparer.Ordinal);
        var coverage = new List<EvidenceCoverage>();
        foreach (var element in origins.Elements)
        {
            foreach (var indicator in Enum.GetValues<SustainabilityIndicator>())
            {
                bool IsHeld(OriginShare share) => share.Source.Kind != OriginKind.NotTraced && HeldOn(share.Source.Chain).Contains(indicator);
                coverage.Add(new EvidenceCoverage(
                    element.Element,
                    indicator,
                    element.Shares.Where(IsHeld).Aggregate(default(Ratio), (sum, s) => sum + s.Share),
                    [.. element.Shares.Where(s => !IsHeld(s)).Select(s => s.Source.Chain).Distinct(StringComparer.Ordinal)]));
            }
        }

        return coverage;

        HashSet<SustainabilityIndicator> HeldOn(string chain)
        {
            if (!held.TryGetValue(chain, out var indicators))
            {
                var entries = chains.GetValueOrDefault(chain) ?? [];
                held[chain] = indicators = [.. InForce(entries, at)];
                if (entries is [var first, ..] && chains.TryGetValue(first.Signed.Entry.Actor, out var opener))
                {
                    indicators.UnionWith(InForce(opener, at));
                }
            }

            return indicators;
        }
    }

    private static IEnumerable<SustainabilityIndicator> InForce(IReadOnlyList<RecordedEntry> chain, DateTimeOffset at)
    {
        var day = at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var given = new Dictionary<Digest, (SustainabilityIndicator Indicator, string From, string To)>();
        foreach (var recorded in chain.Where(r => r.RecordedAt <= at))
        {
            switch (Candidate.Read(recorded.Signed, out _)?.Event)
            {
                case EvidenceGiven evidence:
                    given[recorded.Signed.Entry.LeafHash] = (evidence.Indicator, evidence.ValidFrom, evidence.ValidTo);
                    break;
                case Corrected { Replacements: var better } when recorded.Signed.Entry.References is [var wrong] && given.TryGetValue(wrong.Entry, out var said):
                    given[wrong.Entry] = (
                        (SustainabilityIndicator)better.GetValueOrDefault("indicator", said.Indicator),
                        (string)better.GetValueOrDefault("validFrom", said.From),
                        (string)better.GetValueOrDefault("validTo", said.To));
                    break;
                default:
                    break;
            }
        }

        return given.Values.Where(g => string.CompareOrdinal(g.From, day) <= 0 && string.CompareOrdinal(day, g.To) <= 0).Select(g => g.Indicator);
    }
}
