using System.Globalization;

namespace CriticalMinerals.Lifecycle.Values;

/// <summary>What a code of GB/T 34014 is on.</summary>
public enum TractionBatteryLevel
{
    Pack,
    Module,
    Cell,
}

/// <summary>
/// A code of a traction battery, module or cell by GB/T 34014-2017: 24 characters, or 19 when it was given for a second use. It has no check digit: a mistyped code
/// may be as well formed as the right one.
/// </summary>
public sealed record TractionBatteryCode
{
    // Years from 2011 on and days from 1 on; I, O, Q, U and Z are left out. 0 is day 31.
    private const string DateLetters = "123456789ABCDEFGHJKLMNPRSTVWXY";
    private const string MonthLetters = "123456789ABC";
    private const string LevelLetters = "PMC";
    private const string BatteryTypes = "ABCDEFGZ";
    private const int FirstYear = 2011;

    private TractionBatteryCode()
    {
    }

    /// <summary>Three characters that the filing body gave to the maker.</summary>
    public required string Manufacturer { get; init; }

    /// <summary>Pack, module or cell.</summary>
    public required TractionBatteryLevel Level { get; init; }

    /// <summary>A NiMH, B LFP, C LMO, D LCO, E ternary, F supercapacitor, G LTO, Z other.</summary>
    public required char BatteryType { get; init; }

    /// <summary>Two characters of the maker's own, filed.</summary>
    public required string Specification { get; init; }

    /// <summary>Seven characters of the maker's own, filed; null in a second-use code.</summary>
    public string? Trace { get; init; }

    /// <summary>Day of manufacture, or of the second making.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Number on that day, 1 to 9,999,999.</summary>
    public required int Serial { get; init; }

    /// <summary>In a second-use code: what was used again; null in a first code.</summary>
    public TractionBatteryLevel? Reused { get; init; }

    /// <summary>Whether it was given for a second use.</summary>
    public bool IsSecondUse => Reused is not null;

    /// <summary>Makes a code.</summary>
    /// <param name="manufacturer">Three of A-Z and 0-9.</param>
    /// <param name="level">What it is on.</param>
    /// <param name="batteryType">One of A to G, or Z.</param>
    /// <param name="specification">Two of A-Z and 0-9.</param>
    /// <param name="trace">Seven of A-Z and 0-9; null for a second-use code.</param>
    /// <param name="date">2011 to 2040.</param>
    /// <param name="serial">1 to 9,999,999.</param>
    /// <param name="reused">What is used again, for a second-use code; null for a first one.</param>
    /// <exception cref="ArgumentException">A part is out of its range, or not exactly one of trace and reused is given.</exception>
    public static TractionBatteryCode Of(
        string manufacturer, TractionBatteryLevel level, char batteryType, string specification, string? trace, DateOnly date, int serial, TractionBatteryLevel? reused = null)
    {
        if (date.Year is < FirstYear or >= FirstYear + 30)
        {
            throw new ArgumentException("A code is dated 2011 to 2040.", nameof(date));
        }

        var code = new TractionBatteryCode
        {
            Manufacturer = manufacturer,
            Level = level,
            BatteryType = batteryType,
            Specification = specification,
            Trace = trace,
            Date = date,
            Serial = serial,
            Reused = reused,
        };
        return Parse(code.ToString(), out var wrong) == code ? code : throw new ArgumentException(wrong ?? "The parts do not have their lengths.");
    }

    /// <summary>Reads a code strictly.</summary>
    /// <param name="text">The code in one block, upper case.</param>
    /// <param name="wrong">What is wrong with it, in a sentence; null when nothing is.</param>
    public static TractionBatteryCode? Parse(string text, out string? wrong)
    {
        var isSecondUse = text.Length == 19;
        wrong = WrongIn(text, isSecondUse);
        if (wrong is not null)
        {
            return null;
        }

        var at = isSecondUse ? 7 : 14;
        var (year, month, day) = (FirstYear + DateLetters.IndexOf(text[at], StringComparison.Ordinal), MonthLetters.IndexOf(text[at + 1], StringComparison.Ordinal) + 1, DayOf(text[at + 2]));
        if (day > DateTime.DaysInMonth(year, month))
        {
            wrong = string.Create(CultureInfo.InvariantCulture, $"there is no day {day} in month {month} of {year}.");
            return null;
        }

        return new TractionBatteryCode
        {
            Manufacturer = text[..3],
            Level = LevelOf(text[3]),
            BatteryType = text[4],
            Specification = text[5..7],
            Trace = isSecondUse ? null : text[7..14],
            Date = new DateOnly(year, month, day),
            Serial = int.Parse(text.AsSpan(at + 3, 7), CultureInfo.InvariantCulture),
            Reused = isSecondUse ? LevelOf(text[18]) : null,
        };
    }

    /// <summary>The code in one block.</summary>
    public override string ToString()
    {
        var day = Date.Day == 31 ? '0' : DateLetters[Date.Day - 1];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Manufacturer}{LevelLetters[(int)Level]}{BatteryType}{Specification}{Trace}{DateLetters[Date.Year - FirstYear]}{MonthLetters[Date.Month - 1]}{day}{Serial:D7}{(Reused is { } reused ? $"R{LevelLetters[(int)reused]}" : "")}");
    }

    private static string? WrongIn(string text, bool isSecondUse)
    {
        if (text.Length is not (19 or 24))
        {
            return string.Create(CultureInfo.InvariantCulture, $"it has {text.Length} characters; a code has 24, a second-use code 19.");
        }

        var at = isSecondUse ? 7 : 14;
        return !text.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c)) ? "a code has digits and capital letters only." :
            !LevelLetters.Contains(text[3], StringComparison.Ordinal) ? "character 4 is P for a pack, M for a module or C for a cell." :
            !BatteryTypes.Contains(text[4], StringComparison.Ordinal) ? "character 5, the battery type, is A to G or Z." :
            !DateLetters.Contains(text[at], StringComparison.Ordinal) ? "the year is 1 to 9 for 2011 to 2019, then A to Y without I, O, Q and U." :
            !MonthLetters.Contains(text[at + 1], StringComparison.Ordinal) ? "the month is 1 to 9, A, B or C." :
            text[at + 2] != '0' && !DateLetters.Contains(text[at + 2], StringComparison.Ordinal) ? "the day is 1 to 9, A to Y without I, O, Q and U, or 0 for 31." :
            text.AsSpan(at + 3, 7).ContainsAnyExceptInRange('0', '9') ? "the serial number has seven digits." :
            text.AsSpan(at + 3, 7) is "0000000" ? "serial numbers begin at 1." :
            isSecondUse && (text[17] != 'R' || !LevelLetters.Contains(text[18], StringComparison.Ordinal)) ? "a second-use code ends in R and P, M or C." : null;
    }

    private static TractionBatteryLevel LevelOf(char letter) => (TractionBatteryLevel)LevelLetters.IndexOf(letter, StringComparison.Ordinal);

    private static int DayOf(char letter) => letter == '0' ? 31 : DateLetters.IndexOf(letter, StringComparison.Ordinal) + 1;
}
