namespace CriticalMinerals.Lifecycle.Using;

/// <summary>Events that would show where somebody was are told to the month: <c>toe</c> is the first second of a month in UTC.</summary>
internal static class ServiceMonth
{
    internal static Refusal? Check(Situation now) =>
        DateTimeOffset.FromUnixTimeSeconds(now.Entry.OccurredAt) is { Day: 1, Hour: 0, Minute: 0, Second: 0 }
            ? null
            : new Refusal(RefusalCode.DataInvalid, $"toe of {now.Entry.Event} is cut to the month, the first second of it in UTC: it must not show on which day somebody did something.");
}
