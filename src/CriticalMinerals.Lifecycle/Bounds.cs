using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>What one property of a record may hold, read from its attributes once: length and pattern of its texts, range and unit of its numbers.</summary>
internal sealed class Bounds
{
    private static readonly TextAttribute AnyText = new();

    private readonly Regex? _pattern;

    internal Bounds(PropertyInfo property)
    {
        Property = property;
        Text = property.GetCustomAttribute<TextAttribute>() ?? AnyText;

        // $ would also match before a final line feed; \z does not.
        _pattern = Text.Pattern is { } p ? new Regex(p.EndsWith('$') ? p[..^1] + @"\z" : p, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking) : null;
        var claim = property.GetCustomAttribute<ClaimAttribute>();
        var measure = property.GetCustomAttribute<MeasureAttribute>();
        Unit = claim?.Unit ?? measure?.Unit;
        Minimum = Number(claim?.Minimum ?? measure?.Minimum);
        Maximum = Number(claim?.Maximum ?? measure?.Maximum);
    }

    internal PropertyInfo Property { get; }

    internal TextAttribute Text { get; }

    internal string? Unit { get; }

    internal Quantity? Minimum { get; }

    internal Quantity? Maximum { get; }

    /// <summary>What is wrong with a text; null when nothing is.</summary>
    internal string? Check(string text) =>
        text.Length == 0 || text.Length > Text.MaximumLength ? $"a text of 1 to {Text.MaximumLength} characters was expected"
            : _pattern?.IsMatch(text) == false ? $"a text matching {Text.Pattern} was expected"
            : null;

    /// <summary>What is wrong with a number; null when nothing is.</summary>
    internal string? Check(Quantity number)
    {
        var unit = Unit is null ? "" : " " + Unit;
        return number < Minimum ? string.Create(CultureInfo.InvariantCulture, $"{number} is less than {Minimum}{unit}") :
            number > Maximum ? string.Create(CultureInfo.InvariantCulture, $"{number} is more than {Maximum}{unit}") : null;
    }

    private static Quantity? Number(string? text) => text is null ? null : Quantity.Parse(text);
}
