using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Client;

/// <summary>How a log breaks its word.</summary>
public enum ContradictionKind
{
    /// <summary>Two signed checkpoints, of which neither tree begins with the other.</summary>
    Fork,

    /// <summary>A signed checkpoint was shown after a larger one.</summary>
    Rollback,

    /// <summary>The log signs that it holds more than it shows, for too long.</summary>
    Stall,

    /// <summary>A signed head statement and the log's entries say different things of a chain.</summary>
    Omission,
}

/// <summary>
/// Two things that a log signed and that do not go together, with the proofs that tie them: a file that convinces somebody who has the log's verifier key and
/// nothing else. The format is section 18 of <c>schemas/ledger-format.md</c>. What only whoever made the file can say is named by <see cref="Verify"/>.
/// </summary>
public sealed partial record Contradiction
{
    /// <summary>Value of <c>format</c>.</summary>
    public const string Format = "cm-contradiction/v1";

    /// <summary>Longest file read, in bytes (4 MiB).</summary>
    public const int MaximumLength = 4 * 1024 * 1024;

    /// <summary>Most entries of the log's own chain.</summary>
    public const int MaximumLogEntries = 256;

    /// <summary>What the log did.</summary>
    public required ContradictionKind Kind { get; init; }

    /// <summary>Which log.</summary>
    public required string Origin { get; init; }

    /// <summary>When it was found, by the clock of who found it.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What should have been, in a sentence for people.</summary>
    public required string Expected { get; init; }

    /// <summary>What was instead.</summary>
    public required string Found { get; init; }

    /// <summary>The checkpoint that the other does not continue; null when it is a <see cref="Statement"/> that is contradicted.</summary>
    public SignedNote? Earlier { get; init; }

    /// <summary>The checkpoint that does not continue it, or under which the proofs of entries stand.</summary>
    public required SignedNote Later { get; init; }

    /// <summary>For a fork: the root that the later tree had at the earlier one's size.</summary>
    public Digest? Root { get; init; }

    /// <summary>For a fork of two sizes: the consistency proof from <see cref="Root"/> to the later root.</summary>
    public IReadOnlyList<Digest> Proof { get; init; } = [];

    /// <summary>The head statement that the log contradicts, or that promises more than it shows.</summary>
    public HeadStatement? Statement { get; init; }

    /// <summary>The entry that contradicts the statement; null where it is missing in the log.</summary>
    public PlacedEntry? Entry { get; init; }

    /// <summary>The entries of the log's own chain below the statement's size, which name its head key.</summary>
    public IReadOnlyList<PlacedEntry> LogChain { get; init; } = [];

    /// <summary>
    /// Null when everything in it is signed by the log, proved, and does contradict. <paramref name="word"/> then says what nevertheless rests on the word of
    /// whoever made the file; null when nothing does. Never throws.
    /// </summary>
    /// <param name="known">The log's verifier keys, known by another way than this file.</param>
    /// <param name="word">Such as the order in which two checkpoints were shown.</param>
    public Fault? Verify(IReadOnlyCollection<NoteVerifier> known, out string? word)
    {
        word = null;
        if (Read(Later, known, out var fault) is not { } later || (Earlier is not null && Read(Earlier, known, out fault) is null))
        {
            return fault;
        }

        var earlier = Earlier is null ? null : Read(Earlier, known, out fault);
        switch (Kind)
        {
            case ContradictionKind.Fork:
                return VerifyFork(earlier, later);
            case ContradictionKind.Rollback:
                word = "that the smaller checkpoint was shown after the larger one";
                return earlier is not null && earlier.Size > later.Size ? null : None("The first checkpoint is not larger than the second.");
            case ContradictionKind.Stall:
                word = "for how long the log showed the smaller checkpoint";
                return (earlier is not null && earlier.Size > later.Size) || (Statement is { } promised && (ulong)promised.Size > later.Size)
                    ? Statement is null ? null : VerifyStatement(later)
                    : None("Nothing here says that the log holds more than it shows.");
            default:
                word = Entry is null ? "that the log holds no such entry, which an audit of the log shows" : null;
                return VerifyOmission(later);
        }
    }

    /// <summary>Whether an entry cannot stand in the log where it does if the statement is true.</summary>
    internal static bool Contradicts(HeadStatement statement, ulong index, Entry entry) =>
        entry.Subject == statement.Subject &&
        ((entry.Sequence > statement.Sequence && index < (ulong)statement.Size) ||
         (entry.Sequence == statement.Sequence && entry.LeafHash != statement.Head) ||
         (entry.LeafHash == statement.Head && (entry.Sequence != statement.Sequence || index >= (ulong)statement.Size)));

    /// <summary>Whether a head key signed a statement that was in force, by the log's own chain, at the size of the statement.</summary>
    internal static bool IsSigned(HeadStatement statement, LedgerState state) =>
        (state.Chain(Names.LogChain(statement.Origin)) as LogState)?.Keys.Find(statement.KeyId) is { Use: KeyUse.Head } key && key.IsValidAt(statement.Size) &&
        VerifyingKey.FromX(key.X, out _) is { } verifying && statement.IsSignedBy(verifying);

    private Fault? VerifyFork(Checkpoint? earlier, Checkpoint later)
    {
        if (earlier is null || earlier.Size > later.Size || Root is not { } root)
        {
            return None("A fork has two checkpoints, the smaller first, and the root of the larger tree at the smaller size.");
        }

        return root == earlier.Root ? None("The two checkpoints do not contradict each other.")
            : new ConsistencyProof(earlier.Size, later.Size, Proof).Verify(root, later.Root);
    }

    private Fault? VerifyOmission(Checkpoint later)
    {
        if (Statement is not { } statement || (ulong)statement.Size > later.Size)
        {
            return None("A head statement is contradicted under a checkpoint that is not smaller than it.");
        }

        if (VerifyStatement(later) is { } unsigned)
        {
            return unsigned;
        }

        return Entry is null ? null
            : Place(Entry, later) ?? (Contradicts(statement, Entry.Index, Entry.Entry) ? null : None("The entry does not contradict the statement."));
    }

    // The head key of that name, out of the log's own chain: replayed under the same rules as everywhere, each entry proved to stand in the log.
    private Fault? VerifyStatement(Checkpoint later)
    {
        var statement = Statement!;
        if (statement.Origin != Origin)
        {
            return new Fault(Failure.LogForeign, $"The statement is of {StrictPrint(statement.Origin)}.");
        }

        var state = new LedgerState(Origin) { IsExcerpt = true };
        foreach (var placed in LogChain)
        {
            if (Place(placed, later) is { } unproven)
            {
                return unproven;
            }

            if (placed.Entry.Subject != Names.LogChain(Origin) || (long)placed.Index < state.Size)
            {
                return None("The entries of log are those of the log's own chain, in order.");
            }

            state.SkipTo((long)placed.Index);
            if (Candidate.Read(placed.Signed, out var refusal) is not { } candidate)
            {
                return new Fault(Failure.RuleRefused, refusal!.Detail);
            }

            if (Admission.Decide(state, candidate) is Decision.Refused refused)
            {
                return new Fault(Failure.RuleRefused, refused.Refusal.Detail);
            }
        }

        return IsSigned(statement, state)
            ? null
            : new Fault(Failure.SignatureInvalid, "The statement is not signed by a head key that the log's own chain names for that size.");
    }

    private Fault? Place(PlacedEntry placed, Checkpoint later) =>
        placed.Entry.Origin != Origin ? new Fault(Failure.LogForeign, "An entry is for another log.")
        : new InclusionProof(placed.Index, later.Size, placed.Path).Verify(placed.Entry.LeafHash, later.Root);

    private Checkpoint? Read(SignedNote note, IReadOnlyCollection<NoteVerifier> known, out Fault? fault)
    {
        if (note.Verify(known, out fault) is not { } verified || Checkpoint.From(verified, out fault) is not { } checkpoint)
        {
            return null;
        }

        fault = checkpoint.Origin == Origin ? null : new Fault(Failure.LogForeign, $"A checkpoint is of {StrictPrint(checkpoint.Origin)}.");
        return fault is null ? checkpoint : null;
    }

    private static Fault None(string detail) => new(Failure.ContradictionAbsent, detail);

    private static string StrictPrint(string text) => string.Concat(text.Take(128).Select(c => c is > ' ' and <= '~' ? c : '?'));
}
