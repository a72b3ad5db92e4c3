using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Service.Log;

/// <summary>A candidate waiting for its place in the log, and the caller waiting for the answer.</summary>
public sealed class Submission(Candidate candidate)
{
    private readonly TaskCompletionSource<Outcome> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The entry.</summary>
    public Candidate Candidate { get; } = candidate;

    /// <summary>What became of it.</summary>
    public Task<Outcome> Answer => _answer.Task;

    /// <summary>Whether a transaction with it may have been committed without our knowing: found in the log, it is then new, not a retry.</summary>
    internal bool MayBeCommitted { get; set; }

    internal void Settle(Outcome outcome) => _answer.TrySetResult(outcome);
}

/// <summary>The answer to a submission.</summary>
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>Durable, in the tree, under a signed checkpoint.</summary>
    public sealed record Admitted(Digest LeafHash, long Index, Receipt Receipt) : Outcome;

    /// <summary>It stood in the log already, at this index.</summary>
    public sealed record Repeated(Digest LeafHash, long Index) : Outcome;

    /// <summary>Not in the log.</summary>
    public sealed record Refused(Problem Problem) : Outcome
    {
        /// <summary>What the rules said; null when something else refused it.</summary>
        public Decision.Refused? Decision { get; init; }
    }
}

/// <summary>Told once for each committed batch, by the durable outbox: what follows a commit hangs here.</summary>
/// <param name="FromIndex">First index of the batch.</param>
/// <param name="Size">Size of the log after it.</param>
public sealed record EntriesCommitted(long FromIndex, long Size);
