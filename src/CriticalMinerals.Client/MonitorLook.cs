using System.Globalization;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>One look of a monitor under way, and the alarms that what it compares ends with: their words and their evidence.</summary>
/// <param name="Now">When it began.</param>
/// <param name="Origin">The log looked at; null until it has said which it is.</param>
/// <param name="NotLooked">What could not be looked at, and why; grows.</param>
internal sealed record MonitorLook(DateTimeOffset Now, string? Origin, List<string> NotLooked)
{
    internal Alarm Alarm(AlarmKind kind, string detail, string expected, string found, Contradiction? evidence) => new(kind, Origin, Now, detail, expected, found, evidence);

    internal MonitorRound Ends(AlarmKind kind, string detail, string expected, string found, Contradiction? evidence) => new(null, Alarm(kind, detail, expected, found, evidence), NotLooked);

    internal Contradiction Proof(ContradictionKind kind, SignedNote later, string expected, string found) =>
        new() { Kind = kind, Origin = Origin!, At = Now, Expected = expected, Found = found, Later = later };

    /// <summary>The log shows less than it signed.</summary>
    internal Alarm Rollback(ShownCheckpoint seen, ShownCheckpoint shown)
    {
        var (expected, found) = ($"at least {Counted.Entries(seen.Checkpoint.Size)}", Counted.Entries(shown.Checkpoint.Size));
        return Alarm(
            AlarmKind.Rollback,
            "The log shows fewer entries than it signed before. Look again past any cache; if it stays so, keep the evidence and ask the operator what became of the rest.",
            expected,
            found,
            Proof(ContradictionKind.Rollback, shown.Note, expected, found) with { Earlier = seen.Note });
    }

    /// <summary>The log signed two histories.</summary>
    /// <param name="smaller">The one that the other does not continue.</param>
    /// <param name="larger">The log's own.</param>
    /// <param name="root">What the larger one's first entries, as many as the smaller has, give.</param>
    /// <param name="proof">That they do.</param>
    internal Alarm Fork(ShownCheckpoint smaller, ShownCheckpoint larger, Digest root, ConsistencyProof proof)
    {
        var (expected, found) = ($"root {smaller.Checkpoint.Root} of the first {Counted.Entries(smaller.Checkpoint.Size)}, as signed before", $"root {root}");
        return Alarm(
            AlarmKind.Fork,
            "The log signed two histories. Keep the evidence, show it to everybody who watches this log, and rely on neither.",
            expected,
            found,
            Proof(ContradictionKind.Fork, larger.Note, expected, found) with { Earlier = smaller.Note, Root = root, Proof = proof.Path });
    }

    /// <summary>The log's tiles are not those of its checkpoint.</summary>
    internal Alarm Unsound(Checkpoint signed, Fault fault) => Alarm(
        AlarmKind.Unsound,
        "The log's tiles do not lead to the root that it signed. Fetch them again; if it stays so, keep them with the checkpoint.",
        $"root {signed.Root} of {Counted.Entries(signed.Size)}",
        fault.Detail,
        null);

    /// <summary>A chain goes on in two logs, of which one goes on from the other.</summary>
    internal Alarm ForkedChain(Rejection rejection, Contradiction evidence) => Unsound(rejection) with { Kind = AlarmKind.Chain, Found = evidence.Found, Evidence = evidence };

    /// <summary>An audit rejects the log.</summary>
    internal Alarm Unsound(Rejection rejection) => Alarm(
        AlarmKind.Unsound,
        $"{(rejection.Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"Entry {index}: ") : "")}{rejection.Detail} {rejection.Advice}",
        rejection.Expected ?? "a log that an audit verifies",
        rejection.Found ?? rejection.Failure.ToCode(),
        null);
}

/// <summary>A checkpoint that somebody showed, signed by the log: the note, who of those known signed it, and what it states.</summary>
internal sealed record ShownCheckpoint(SignedNote Note, VerifiedNote Verified, Checkpoint Checkpoint);
