using System.Globalization;

namespace CriticalMinerals.Cli;

/// <summary>How fast a long task goes, and how long it will take yet, from what it did since it was first asked: what was done before counts for neither.</summary>
/// <param name="unit">What is counted, in the plural.</param>
/// <param name="clock">The time.</param>
public sealed class Pace(string unit, TimeProvider clock)
{
    private (double Done, long At)? _begun;

    /// <summary><c>12,345 entries/s, 0:01:23 left</c>; empty while nothing can be said.</summary>
    public string Of(double done, double of)
    {
        var now = clock.GetTimestamp();
        var (before, began) = _begun ??= (done, now);
        var elapsed = clock.GetElapsedTime(began, now).TotalSeconds;
        if (elapsed <= 0 || done <= before)
        {
            return "";
        }

        var rate = (done - before) / elapsed;
        var left = TimeSpan.FromSeconds(Math.Min(Math.Ceiling((of - done) / rate), TimeSpan.FromDays(99).TotalSeconds));
        return string.Create(CultureInfo.InvariantCulture, $"{rate:N0} {unit}/s, {(int)left.TotalHours}:{left.Minutes:00}:{left.Seconds:00} left");
    }
}
