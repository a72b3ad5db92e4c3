using static CriticalMinerals.Lifecycle.Compliance.FindingSeverity;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>What happened was signed after it happened, and recorded after it was signed.</summary>
internal sealed class DatedInThePast() : Rule("dated-in-the-future", "Nothing is dated after it was signed or recorded.", "RFC 8417 toe, RFC 7519 iat, against the commit time of the log")
{
    /// <summary>Clocks that nobody sets differ by minutes, not by more: so many seconds are no finding.</summary>
    internal const long ToleranceSeconds = 600;

    internal override void Judge(Story story, Ruling ruling)
    {
        foreach (var statement in story.Chains.Where(c => !c.IsVoided).SelectMany(c => c.Statements))
        {
            var (toe, iat, recorded) = (statement.Entry.OccurredAt, statement.Entry.IssuedAt, statement.Recorded.RecordedAt.ToUnixTimeSeconds());
            Compare("happened", toe, "signed", iat, statement, ruling);
            Compare("happened", toe, "recorded", recorded, statement, ruling);
            Compare("signed", iat, "recorded", recorded, statement, ruling);
        }
    }

    private static void Compare(string earlier, long first, string later, long second, Statement statement, Ruling ruling)
    {
        if (first - second > ToleranceSeconds)
        {
            ruling.Find(
                Warning, statement.Chain, [statement.Hash],
                $"{statement.Entry.Event} {earlier} at {At(first)} by its own claim, and was {later} before that, at {At(second)}.",
                new Figure("ahead by", first - second, "s"), new Figure("tolerance", ToleranceSeconds, "s"));
        }
    }

    private static string At(long seconds) => $"{DateTimeOffset.FromUnixTimeSeconds(seconds):yyyy-MM-dd HH:mm:ss}Z";
}
