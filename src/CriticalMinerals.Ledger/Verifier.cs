using System.Globalization;

namespace CriticalMinerals.Ledger;

/// <summary>What a key is asked for.</summary>
public enum SignedThing
{
    /// <summary>An entry, at its index.</summary>
    Entry,

    /// <summary>A head statement, at the size that it is for.</summary>
    Head,
}

/// <summary>
/// Tells which key a name stands for and whether it may sign such a thing at that index. Which entries add and revoke keys is a matter of events, so it is
/// asked from above. Asked for entries in ascending order of their indexes, each after the signatures of all before it were found good; then for heads.
/// </summary>
/// <param name="keyId">The key in full.</param>
/// <param name="index">Index of the entry, below 0 in a predecessor of the bundle's log, or size that the head statement is for.</param>
/// <param name="thing">What it signed.</param>
/// <param name="fault">Why there is no such key.</param>
public delegate VerifyingKey? KeyResolver(string keyId, long index, SignedThing thing, out Fault? fault);

/// <summary>
/// The front door of verification: evidence and a policy in, a verdict out. Checks all that can be checked without knowing what the events mean; rights,
/// rules and quantities are asked one layer up. Never throws for anything that the evidence's author controls.
/// </summary>
public static class Verifier
{
    private const string MeaningNotChecked = "What the events mean was not asked.";

    /// <summary>
    /// Checks, in this order: the checkpoint's signature and the witnesses' quorum; for every entry by ascending index its log, its place and its proof; for every chain that it is
    /// dense and linked from its first entry to the head that the log stated for this size; every entry's signature; every head statement's.
    /// </summary>
    public static Verdict Verify(EvidenceBundle bundle, TrustPolicy policy, KeyResolver keys)
    {
        if (bundle.CheckOrder() is { } disordered)
        {
            return Verdict.Rejects(disordered);
        }

        if (policy.Verify(bundle.Checkpoint, out var fault) is not { Checkpoint: var checkpoint } trusted)
        {
            return Verdict.Rejects(Rejection.Of(fault!));
        }

        if (checkpoint.Origin != bundle.Origin)
        {
            return Verdict.Rejects(new Rejection(Failure.LogForeign, "The checkpoint is of another log than the bundle.") { Expected = bundle.Origin, Found = checkpoint.Origin });
        }

        var entries = bundle.InLogOrder();
        var ended = bundle.Predecessors();
        var rejection = CheckPlaces(entries, checkpoint, ended)
            ?? bundle.Chains.Select(chain => CheckChain(chain, checkpoint, ended)).FirstOrDefault(wrong => wrong is not null)
            ?? CheckSignatures(entries, ended, keys)
            ?? CheckHeads(bundle, checkpoint, policy, keys);
        if (rejection is not null)
        {
            return Verdict.Rejects(rejection) with { Checkpoint = checkpoint };
        }

        return new Verdict(
            new LayerVerdict.Verified(string.Create(CultureInfo.InvariantCulture, $"{Counted.Entries(entries.Count)} of {Counted.Of(bundle.Chains.Count, "whole chain")} and {Counted.Of(bundle.Cited.Count, "single entry", "single entries")}: bytes, hashes, proofs, order, signatures and heads.")),
            new LayerVerdict.NotChecked(MeaningNotChecked),
            new LayerVerdict.NotChecked(MeaningNotChecked))
        {
            Checkpoint = checkpoint,
            WitnessedAt = trusted.WitnessedAt,
            Head = bundle.Chains[0].Head,
            WithheldDisclosures = bundle.Chains[0].Entries.Sum(placed => placed.Signed.Withheld),
        };
    }

    private static Rejection? CheckPlaces(IReadOnlyList<PlacedEntry> entries, Checkpoint checkpoint, IReadOnlyList<EvidenceTree> ended)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            var placed = entries[i];
            if (i > 0 && entries[i - 1].Index == placed.Index && entries[i - 1].Entry.Origin == placed.Entry.Origin)
            {
                return new Rejection(Failure.BundleMalformed, "Two entries of the bundle claim the same index.").At(placed.Index, placed.Entry);
            }

            var tree = placed.Entry.Origin == checkpoint.Origin ? (checkpoint.Size, checkpoint.Root)
                : ended.FirstOrDefault(e => e.Origin == placed.Entry.Origin) is { } before ? (before.Size, before.Root)
                : ((ulong Size, Digest Root)?)null;
            if (tree is not { } stands)
            {
                return new Rejection(Failure.LogForeign, "The entry was signed for another log.") { Expected = checkpoint.Origin, Found = placed.Entry.Origin }.At(placed.Index, placed.Entry);
            }

            if (new InclusionProof(placed.Index, stands.Size, placed.Path).Verify(placed.Entry.LeafHash, stands.Root) is { } unproven)
            {
                return Rejection.Of(unproven).At(placed.Index, placed.Entry);
            }
        }

        return null;
    }

    private static Rejection? CheckChain(ChainEvidence chain, Checkpoint checkpoint, IReadOnlyList<EvidenceTree> ended)
    {
        var previous = Digest.Zero;
        for (var i = 0; i < chain.Entries.Count; i++)
        {
            var placed = chain.Entries[i];
            var entry = placed.Entry;
            if (entry.Subject != chain.Subject)
            {
                return new Rejection(Failure.ChainForeign, "The entry is of another chain than the one it stands in.") { Expected = chain.Subject, Found = entry.Subject }.At(placed.Index, entry);
            }

            if (entry.Sequence != i || (i > 0 && EvidenceBundle.PositionOf(chain.Entries[i - 1], ended) >= EvidenceBundle.PositionOf(placed, ended)))
            {
                return new Rejection(Failure.ChainSequence, "The chain's entries are numbered from 0 without a gap, and their indexes ascend.")
                {
                    Expected = string.Create(CultureInfo.InvariantCulture, $"seq {i}"),
                    Found = string.Create(CultureInfo.InvariantCulture, $"seq {entry.Sequence}"),
                }.At(placed.Index, entry);
            }

            if (entry.Previous != previous)
            {
                return new Rejection(Failure.ChainLink, "The entry was signed as the successor of another entry.") { Expected = previous.ToString(), Found = entry.Previous.ToString() }.At(placed.Index, entry);
            }

            previous = entry.LeafHash;
        }

        var (head, last) = (chain.Head, chain.Entries[^1]);
        return head.Origin == checkpoint.Origin && head.Subject == chain.Subject && head.Sequence == last.Entry.Sequence && head.Head == last.Entry.LeafHash && (ulong)head.Size == checkpoint.Size
            ? null
            : new Rejection(Failure.HeadMismatch, "The head statement does not say that the last entry here was the chain's newest at the checkpoint's size.")
            {
                Subject = chain.Subject,
                Sequence = last.Entry.Sequence,
                Index = last.Index,
                Expected = string.Create(CultureInfo.InvariantCulture, $"seq {last.Entry.Sequence}, h {last.Entry.LeafHash}, size {checkpoint.Size}"),
                Found = string.Create(CultureInfo.InvariantCulture, $"seq {head.Sequence}, h {head.Head}, size {head.Size}"),
            };
    }

    private static Rejection? CheckSignatures(IReadOnlyList<PlacedEntry> entries, IReadOnlyList<EvidenceTree> ended, KeyResolver keys)
    {
        foreach (var placed in entries)
        {
            if (keys(placed.Entry.KeyId, EvidenceBundle.PositionOf(placed, ended), SignedThing.Entry, out var fault) is not { } key)
            {
                return Rejection.Of(fault!).At(placed.Index, placed.Entry);
            }

            if (!placed.Entry.IsSignedBy(key))
            {
                return new Rejection(Failure.SignatureInvalid, $"The signature is not by {placed.Entry.KeyId}.") { Expected = $"a signature by the key {key.X}" }.At(placed.Index, placed.Entry);
            }
        }

        return null;
    }

    private static Rejection? CheckHeads(EvidenceBundle bundle, Checkpoint checkpoint, TrustPolicy policy, KeyResolver keys)
    {
        foreach (var chain in bundle.Chains)
        {
            if (keys(chain.Head.KeyId, (long)checkpoint.Size, SignedThing.Head, out var fault) is not { } key)
            {
                return Rejection.Of(fault!) with { Subject = chain.Subject };
            }

            if (!chain.Head.IsSignedBy(key))
            {
                return new Rejection(Failure.SignatureInvalid, $"The head statement is not signed by {chain.Head.KeyId}.") { Subject = chain.Subject };
            }
        }

        var head = bundle.Chains[0].Head;
        return policy.FreshAt is { } instant && head.ExpiresAt < instant
            ? new Rejection(Failure.HeadExpired, "The head statement was in force until before the instant asked for: newer entries may be missing.")
            {
                Subject = bundle.Subject,
                Expected = string.Create(CultureInfo.InvariantCulture, $"in force at {instant:u}"),
                Found = string.Create(CultureInfo.InvariantCulture, $"until {head.ExpiresAt:u}"),
            }
            : null;
    }
}
