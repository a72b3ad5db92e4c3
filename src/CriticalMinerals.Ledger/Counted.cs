using System.Globalization;
using System.Numerics;

namespace CriticalMinerals.Ledger;

/// <summary>How many of something, in the words of a sentence: "1 entry", "0 entries", "1370 days".</summary>
public static class Counted
{
    /// <summary>The number, in digits without separators, and the word that goes with it.</summary>
    /// <param name="number">How many, or a measure; only exactly 1 is singular.</param>
    /// <param name="one">The word behind 1.</param>
    /// <param name="more">The word behind every other number; null for <paramref name="one"/> with an s.</param>
    public static string Of<T>(T number, string one, string? more = null)
        where T : INumberBase<T> => string.Create(CultureInfo.InvariantCulture, $"{number} {Word(T.One == number, one, more)}");

    /// <summary>"entry" or "entries".</summary>
    public static string Entries<T>(T number)
        where T : INumberBase<T> => Of(number, "entry", "entries");

    private static string Word(bool isOne, string one, string? more) => isOne ? one : more ?? one + "s";
}
