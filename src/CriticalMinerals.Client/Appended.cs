using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Client;

/// <summary>Something to say on a chain.</summary>
/// <param name="Subject">The chain.</param>
/// <param name="Event">The event, encoded once: sent again, it has the same salts and openings.</param>
/// <param name="OccurredAt">When it happened; null for the time of signing.</param>
public sealed record Statement(string Subject, EventEncoding Event, DateTimeOffset? OccurredAt = null);

/// <summary>An entry that stands in the log, shown by a receipt that was verified.</summary>
public sealed record Appended
{
    internal Appended(KeptEntry entry, Receipt receipt, Checkpoint checkpoint)
    {
        Signed = entry.Signed;
        Receipt = receipt;
        Checkpoint = checkpoint;
        Handed = HandedLine.Of(entry, receipt);
    }

    /// <summary>Place in the log, from 0.</summary>
    public long Index => (long)Receipt.Index;

    /// <summary>The entry's name: what others reference.</summary>
    public Digest LeafHash => Signed.Entry.LeafHash;

    /// <summary>The entry with its disclosures.</summary>
    public SignedEntry Signed { get; }

    /// <summary>The proof, good offline and for ever.</summary>
    public Receipt Receipt { get; }

    /// <summary>The tree head the receipt stands under.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>One for each line given: hand it to the line's receiver and to nobody else.</summary>
    public IReadOnlyList<HandedLine> Handed { get; }

    /// <summary>A reference to it, for <c>ref</c>.</summary>
    public Reference ToReference() => new(LeafHash, Signed.Entry.Subject);
}

/// <summary>What became of one entry among several.</summary>
public abstract record AppendOutcome
{
    private AppendOutcome()
    {
    }

    /// <summary>It stands in the log.</summary>
    public sealed record Admitted(Appended Appended) : AppendOutcome;

    /// <summary>It was refused and changed nothing.</summary>
    public sealed record Refused(string Subject, LedgerApiException Why) : AppendOutcome;
}
