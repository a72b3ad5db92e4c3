using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Opening;

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

    /// <summary>A chain goes on in a log that ended and in one that goes on from it.</summary>
    Chain,
}

/// <summary>
/// Two things that a log, or a log and its successor, signed and that do not go together, with the proofs that tie them: a file that convinces somebody who has the log's verifier key and
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

    /// <summary>Most logs between the one that ended and the one that has the chain's other entry.</summary>
    public const int MaximumBetween = 64;

    /// <summary>What the log did.</summary>
    public required ContradictionKind Kind { get; init; }

    /// <summary>Which log; of a chain that goes on in two, the one that ended.</summary>
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

    /// <summary>
    /// For a fork of two sizes: the consistency proof from <see cref="Root"/> to the later root. For a chain in two logs: from the root that the successor's
    /// opening names to that of <see cref="Earlier"/>.
    /// </summary>
    public IReadOnlyList<Digest> Proof { get; init; } = [];

    /// <summary>The head statement that the log contradicts, or that promises more than it shows.</summary>
    public HeadStatement? Statement { get; init; }

    /// <summary>The entry that contradicts the statement, null where it is missing in the log; or of a chain that goes on in two logs the one in the successor.</summary>
    public PlacedEntry? Entry { get; init; }

    /// <summary>
    /// The entries of the log's own chain below the statement's size, which name its head key; or for a chain in two logs the openings of those after the one
    /// that ended, up to the one that has <see cref="Entry"/>.
    /// </summary>
    public IReadOnlyList<PlacedEntry> LogChain { get; init; } = [];

    /// <summary>For a chain in two logs: the entry that the ended log took in after the cut, under <see cref="Earlier"/>.</summary>
    public PlacedEntry? Ended { get; init; }

    /// <summary>For a chain in two logs: a checkpoint of each log between the two, under which its opening stands; empty for a successor that follows at once.</summary>
    public IReadOnlyList<SignedNote> Between { get; init; } = [];

    /// <summary>
    /// Null when everything in it is signed by the log, proved, and does contradict. <paramref name="word"/> then says what nevertheless rests on the word of
    /// whoever made the file; null when nothing does. Never throws.
    /// </summary>
    /// <param name="known">The log's verifier keys, known by another way than this file.</param>
    /// <param name="word">Such as the order in which two checkpoints were shown.</param>
    public Fault? Verify(IReadOnlyCollection<NoteVerifier> known, out string? word)
    {
        word = null;
        if (Kind == ContradictionKind.Chain)
        {
            return VerifyChain(known);
        }

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

    // From the log that ended over the openings of those after it to the one that has the chain's other entry.
    private Fault? VerifyChain(IReadOnlyCollection<NoteVerifier> known)
    {
        if (Earlier is null || Ended is not { } ended || Entry is not { } entry || LogChain.Count != Between.Count + 1)
        {
            return None("A chain in two logs has a checkpoint and an entry of each, and the opening of every log after the one that ended.");
        }

        if (Read(Earlier, known, Origin, out var fault) is not { } earlier || (fault = Place(ended, earlier)) is not null)
        {
            return fault;
        }

        var log = earlier;
        for (var i = 0; i < LogChain.Count; i++)
        {
            var opening = LogChain[i];
            if (Read(i < Between.Count ? Between[i] : Later, known, opening.Entry.Origin, out fault) is not { } next || (fault = Place(opening, next)) is not null)
            {
                return fault;
            }

            if (opening.Index != 0 || Candidate.Read(opening.Signed, out _) is not { Event: LogOpened { After: { } after } } || after.Origin != log.Origin || !Digest.TryParse(after.Root, out var root))
            {
                return None("Each opening is the first entry of its log and names the log before it.");
            }

            if (i == 0 && (after.Size < 1 || ended.Index < (ulong)after.Size))
            {
                return None("The ended log took its entry in before the other began.");
            }

            if (i == 0 && new ConsistencyProof((ulong)after.Size, earlier.Size, Proof).Verify(root, earlier.Root) is { } other)
            {
                return other;
            }

            log = next;
        }

        return Place(entry, log)
            ?? (entry.Entry.Subject == ended.Entry.Subject && entry.Entry.Sequence == ended.Entry.Sequence ? null : None("The two entries are not the same step of one chain."));
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

    private static Fault? Place(PlacedEntry placed, Checkpoint later) =>
        placed.Entry.Origin != later.Origin ? new Fault(Failure.LogForeign, "An entry is for another log.")
        : new InclusionProof(placed.Index, later.Size, placed.Path).Verify(placed.Entry.LeafHash, later.Root);

    private Checkpoint? Read(SignedNote note, IReadOnlyCollection<NoteVerifier> known, out Fault? fault) => Read(note, known, Origin, out fault);

    private static Checkpoint? Read(SignedNote note, IReadOnlyCollection<NoteVerifier> known, string origin, out Fault? fault)
    {
        if (note.Verify(known, out fault) is not { } verified || Checkpoint.From(verified, out fault) is not { } checkpoint)
        {
            return null;
        }

        fault = checkpoint.Origin == origin ? null : new Fault(Failure.LogForeign, $"A checkpoint is of {StrictPrint(checkpoint.Origin)}.");
        return fault is null ? checkpoint : null;
    }

    private static Fault None(string detail) => new(Failure.ContradictionAbsent, detail);

    private static string StrictPrint(string text) => string.Concat(text.Take(128).Select(c => c is > ' ' and <= '~' ? c : '?'));
}
