using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Client;

/// <summary>What an audit of a whole log found, and what it could not look at.</summary>
public sealed record AuditReport
{
    /// <summary>The log.</summary>
    public required string Origin { get; init; }

    /// <summary>Entries under the checkpoint audited.</summary>
    public required ulong Size { get; init; }

    /// <summary>The root that the checkpoint states.</summary>
    public required Digest Root { get; init; }

    /// <summary>The checkpoint as a signed note.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The keys it was verified with.</summary>
    public required IReadOnlyCollection<NoteVerifier> Keys { get; init; }

    /// <summary>Entries replayed; all of them when nothing is wrong.</summary>
    public ulong Entries { get; init; }

    /// <summary>How many of them, the first, were replayed by an earlier run and not read again in this one.</summary>
    public ulong EntriesTakenOver { get; init; }

    /// <summary>Chains by kind.</summary>
    public IReadOnlyDictionary<ChainKind, int> Chains { get; init; } = new Dictionary<ChainKind, int>();

    /// <summary>Batteries among them.</summary>
    public int Batteries => Chains.GetValueOrDefault(ChainKind.Battery);

    /// <summary>Entries under a key that was reported as compromised.</summary>
    public int Disputed { get; init; }

    /// <summary>Lines given whose quantity was withheld.</summary>
    public long WithheldQuantities { get; init; }

    /// <summary>What was checked in this run and found right, in sentences; empty after a rejection.</summary>
    public required IReadOnlyList<string> Checked { get; init; }

    /// <summary>What an earlier run of this auditor checked and this one did not, in sentences.</summary>
    public IReadOnlyList<string> TakenOver { get; init; } = [];

    /// <summary>What was not, and why.</summary>
    public required IReadOnlyList<string> NotChecked { get; init; }

    /// <summary>The first thing that is wrong; null when nothing is.</summary>
    public Rejection? Rejection { get; init; }

    /// <summary>The earlier checkpoint that this log contradicts, as a signed note: with <see cref="Checkpoint"/> proof of two histories.</summary>
    public string? Contradicted { get; init; }

    /// <summary>Where a chain goes on in two logs, what proves it to anybody who has the verifier keys of both; null where their files did not give it.</summary>
    public Contradiction? Evidence { get; init; }

    /// <summary>The logs that this one goes on from, as they were audited with it, the oldest first; empty where an earlier run did, or there are none.</summary>
    public IReadOnlyList<AuditReport> Predecessors { get; init; } = [];

    /// <summary>What was found of those logs beyond what this one goes on from.</summary>
    internal PredecessorAudit? Ended { get; init; }

    /// <summary>The replay after the last entry; null after a rejection.</summary>
    internal LedgerReplay? Replay { get; init; }

    /// <summary>What every rule reads, after the last entry; null after a rejection.</summary>
    internal LedgerState? State => Replay?.State;

    /// <summary>Whether all that was checked is as it must be.</summary>
    public bool IsVerified => Rejection is null;
}

/// <summary>How far an audit is.</summary>
public readonly record struct AuditProgress(ulong Done, ulong Size);
