namespace CriticalMinerals.Ledger;

/// <summary>What became of one layer of a check. Closed, so that a caller who forgets a case is told by the compiler's exhaustiveness or by a reader.</summary>
public abstract record LayerVerdict
{
    private LayerVerdict()
    {
    }

    /// <summary>Everything of this layer was checked and is right.</summary>
    /// <param name="What">What that was, in one sentence.</param>
    public sealed record Verified(string What) : LayerVerdict;

    /// <summary>What could be checked is right; some of it could not, because values are not shown to this reader. Never to be printed as verified.</summary>
    /// <param name="Count">How many values are missing, at least 1.</param>
    /// <param name="What">What they are, in one sentence.</param>
    public sealed record Withheld(int Count, string What) : LayerVerdict;

    /// <summary>Nothing of this layer was checked.</summary>
    /// <param name="Why">Why not, and who could.</param>
    public sealed record NotChecked(string Why) : LayerVerdict;

    /// <summary>Something is wrong.</summary>
    public sealed record Rejected(Rejection Rejection) : LayerVerdict;
}

/// <summary>
/// The outcome of checking evidence, in three layers that are never mixed: what bytes, hashes, signatures, keys, order and rights say; what the quantities
/// at hand say; and what only the whole log, or a giver's whole chain, can show.
/// </summary>
/// <param name="Structure">Bytes, hashes, signatures, keys by index, order, rights and the rules of the events.</param>
/// <param name="Quantities">Whether nothing gives more than it holds, as far as quantities are shown.</param>
/// <param name="WholeLog">Uniqueness of identifiers, over-giving by givers whose chains are not at hand.</param>
public sealed record Verdict(LayerVerdict Structure, LayerVerdict Quantities, LayerVerdict WholeLog)
{
    private const string Stopped = "The check stopped at the first thing that is wrong.";

    /// <summary>The signed tree head that everything was checked against; null when that is where the check failed.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>Until when, in seconds since 1970, the witnesses of the policy say that they saw nothing newer; null when none cosigned, or when rejected.</summary>
    public ulong? WitnessedAt { get; init; }

    /// <summary>What the log signed as the newest entry of the subject's chain at that size; null when rejected.</summary>
    public HeadStatement? Head { get; init; }

    /// <summary>Indexes of entries of the subject's chain that stand under a key known to have been in a stranger's hands, ascending.</summary>
    public IReadOnlyList<ulong> Disputed { get; init; } = [];

    /// <summary>Values of the subject's chain that are signed as digests and not shown here.</summary>
    public int WithheldDisclosures { get; init; }

    /// <summary>The first thing that is wrong; null when nothing is.</summary>
    public Rejection? Rejection => (Structure as LayerVerdict.Rejected ?? Quantities as LayerVerdict.Rejected ?? WholeLog as LayerVerdict.Rejected)?.Rejection;

    /// <summary>Whether anything is wrong. The opposite does not mean that everything was checked: see the layers.</summary>
    public bool IsRejected => Rejection is not null;

    /// <summary>Evidence whose structure is wrong: nothing else is said of it.</summary>
    public static Verdict Rejects(Rejection rejection) =>
        new(new LayerVerdict.Rejected(rejection), new LayerVerdict.NotChecked(Stopped), new LayerVerdict.NotChecked(Stopped));

    /// <summary>Evidence whose quantities cannot be true.</summary>
    public static Verdict RejectsQuantities(Rejection rejection) =>
        new(new LayerVerdict.NotChecked(Stopped), new LayerVerdict.Rejected(rejection), new LayerVerdict.NotChecked(Stopped));
}
