namespace CriticalMinerals.Client;

/// <summary>What a monitor wakes somebody for.</summary>
public enum AlarmKind
{
    /// <summary>Two histories under the log's signature.</summary>
    Fork,

    /// <summary>The log has become shorter than it was.</summary>
    Rollback,

    /// <summary>The log takes entries and shows none.</summary>
    Stall,

    /// <summary>The log contradicts what it signed of a chain's newest entry.</summary>
    Omission,

    /// <summary>A chain goes on in a log that ended and in the one watched, which goes on from it.</summary>
    Chain,

    /// <summary>The log is not what it must be: an audit rejected it, or its checkpoint is not signed by the keys given.</summary>
    Unsound,

    /// <summary>The log has not answered for long.</summary>
    Unreachable,
}

/// <summary>Why somebody must look.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Origin">The log; null when it never said.</param>
/// <param name="At">When it was found.</param>
/// <param name="Detail">A sentence for people: what happened and what to do.</param>
/// <param name="Expected">What should have been.</param>
/// <param name="Found">What was instead.</param>
/// <param name="Evidence">The two signed things that contradict each other, for anybody to verify; null where there are no two.</param>
public sealed record Alarm(AlarmKind Kind, string? Origin, DateTimeOffset At, string Detail, string Expected, string Found, Contradiction? Evidence);
