using System.Globalization;

namespace CriticalMinerals.Service.Demo;

/// <summary>The demo's dates: the story lies in the years before the day on which its log was opened.</summary>
/// <param name="today">That day.</param>
public sealed class DemoCalendar(DateTimeOffset today)
{
    // Years from 2011 on and days of the month in a GB/T 34014-2017 code: no I, O, Q, U, Z; the 31st is 0.
    private const string CodeDigits = "123456789ABCDEFGHJKLMNPRSTVWXY";

    /// <summary>So many days before.</summary>
    public DateTimeOffset DaysAgo(int days) => today.AddDays(-days);

    /// <summary>The first second of the month in which that day lies, in UTC: all that is told of when somebody used something.</summary>
    public DateTimeOffset MonthOf(int daysAgo)
    {
        var day = DaysAgo(daysAgo).UtcDateTime;
        return new DateTimeOffset(day.Year, day.Month, 1, 0, 0, 0, TimeSpan.Zero);
    }

    /// <summary>The month in which that day lies, as ISO 8601 writes it.</summary>
    public string Month(int daysAgo) => DaysAgo(daysAgo).UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>The day, as ISO 8601 writes it; negative days lie ahead.</summary>
    public string Day(int daysAgo) => DaysAgo(daysAgo).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The calendar year in which that day lies.</summary>
    public int Year(int daysAgo) => DaysAgo(daysAgo).UtcDateTime.Year;

    /// <summary>A GB/T 34014-2017 code: 14 characters of maker, type and specification, or 7 for a second use, then date and serial.</summary>
    public string Code(string what, int daysAgo, int serial)
    {
        var day = DaysAgo(daysAgo).UtcDateTime;
        var year = CodeDigits[(day.Year - 2011) % CodeDigits.Length];
        var date = $"{year}{"123456789ABC"[day.Month - 1]}{(day.Day == 31 ? '0' : CodeDigits[day.Day - 1])}";
        return string.Create(CultureInfo.InvariantCulture, $"{what}{date}{serial:D7}");
    }
}
