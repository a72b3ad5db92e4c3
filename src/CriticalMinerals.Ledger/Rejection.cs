using System.Globalization;

namespace CriticalMinerals.Ledger;

/// <summary>Why a check of evidence stopped, where, and what to do: the first thing that is wrong, never a list of what follows from it.</summary>
/// <param name="Failure">The stable reason.</param>
/// <param name="Detail">A sentence for people. Safe to print.</param>
public sealed record Rejection(Failure Failure, string Detail)
{
    /// <summary>Index in the log of the first bad entry; null when the whole is at fault and no entry.</summary>
    public ulong? Index { get; init; }

    /// <summary>Its chain; null when its bytes do not tell.</summary>
    public string? Subject { get; init; }

    /// <summary>Its place in the chain.</summary>
    public long? Sequence { get; init; }

    /// <summary>Code of the rule that refused it, such as <c>role-missing</c>; null when no rule of the events did.</summary>
    public string? Rule { get; init; }

    /// <summary>What should have been there, where one value can be named.</summary>
    public string? Expected { get; init; }

    /// <summary>What was there instead.</summary>
    public string? Found { get; init; }

    /// <summary>What whoever holds the evidence does next.</summary>
    public string Advice { get => field ?? AdviceOn(Failure); init; }

    /// <summary>Takes over a fault, to which a place may be added.</summary>
    public static Rejection Of(Fault fault) => new(fault.Failure, fault.Detail);

    /// <summary>The same with the place of an entry.</summary>
    public Rejection At(ulong index, Entry? entry) => this with { Index = index, Subject = entry?.Subject, Sequence = entry?.Sequence };

    public override string ToString()
    {
        var where = Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"entry {index}: ") : Subject is { } subject ? $"{subject}: " : "";
        return $"{where}{Failure.ToCode()}{(Rule is null ? "" : $" ({Rule})")}: {Detail}";
    }

    private static string AdviceOn(Failure failure) => failure switch
    {
        Failure.NoteUnsigned or Failure.LogKeyForeign or Failure.AuthorityForeign =>
            "Check that the keys you trust are those the log publishes by another way than this file. If they are, the file is not from that log.",
        Failure.QuorumMissing =>
            "Ask the log for its newest checkpoint, or fresh evidence: cosignatures come a moment later. If they stay away, ask the witnesses what they saw: the log may show you another history.",
        Failure.HeadExpired => "Ask the log for fresh evidence. What this file proves stays true as of its checkpoint.",
        Failure.BundleIncomplete or Failure.HeadMismatch or Failure.HeadMalformed =>
            "Ask the log for the evidence again. If the same is missing again, keep both files: something is being withheld.",
        Failure.BundleMalformed or Failure.TooLarge => "The file is damaged or of another format. Fetch it again.",
        Failure.RootMismatch or Failure.InclusionUnproven or Failure.ProofMalformed or Failure.TileMalformed =>
            "Fetch the same range again. If it stays wrong, what is stored was altered after it was signed: keep the checkpoint and these bytes, and tell the log's operator and its witnesses.",
        Failure.PredecessorMissing => "Nothing is said against the log: it is not verified. Give the files of the log that it goes on from, as a folder that cml export made or an address: --predecessor, the oldest first where there are several.",
        Failure.PredecessorForeign => "Give the files of the log that the opening names in after, up to that size. If these are its files, one of the two logs shows another history: keep both checkpoints, and tell both operators and their witnesses.",
        Failure.ChainForked => "No chain goes on in two logs. Keep both checkpoints and both entries: together they prove it to anybody. What counts is the log that your opening's authority signed; tell both operators and whoever signed the entry.",
        _ => "Fetch the entry again by its index. If it stays wrong, the log holds an entry that must never have been admitted or was altered: keep the checkpoint and these bytes, and tell the log's operator and its witnesses.",
    };
}
