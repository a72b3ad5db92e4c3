using CriticalMinerals.Lifecycle.Manufacturing;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>Counts which data points of the Commission's guidance a document fills.</summary>
internal static class CoverageCount
{
    /// <summary>Null when the category is not known.</summary>
    internal static PassportCoverage? Of(IReadOnlyList<PassportDatum> data, BatteryCategory? category)
    {
        if (category is not { } asked)
        {
            return null;
        }

        var points = DataPoints.All.ToLookup(point => point.For(asked) switch
        {
            Requirement.Deferred => Place.Deferred,
            Requirement.NotToBeFilled => Place.NotApplicable,
            var requirement when point.Attributes.Select(a => Filled(data[a.Number - 1], a.Part)).ToList() is var filled =>
                filled.Contains(false) ? requirement == Requirement.Mandatory ? Place.Missing : Place.NotStated
                : filled.Contains(null) ? Place.Withheld
                : Place.Filled,
            _ => throw new InvalidOperationException(),
        }, point => point.Number);
        return new PassportCoverage
        {
            Category = asked,
            Filled = [.. points[Place.Filled]],
            Withheld = [.. points[Place.Withheld]],
            Missing = [.. points[Place.Missing]],
            NotStated = [.. points[Place.NotStated]],
            Deferred = [.. points[Place.Deferred]],
            NotApplicable = [.. points[Place.NotApplicable]],
        };
    }

    // Null where it cannot be told.
    private static bool? Filled(PassportDatum datum, string? part)
    {
        var values = datum.Values.Where(v => part is null || v.Part == part).ToList();
        return values.Any(v => v.Withheld is null) ? true : values.Count > 0 ? null : false;
    }

    private enum Place
    {
        Filled,
        Withheld,
        Missing,
        NotStated,
        Deferred,
        NotApplicable,
    }
}
