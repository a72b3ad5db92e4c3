using System.Globalization;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// The full verdict on an evidence bundle, offline: <see cref="Verifier"/> for bytes, hashes, proofs, chains, signatures and heads, and the same rules that
/// the log's door asks, replayed over the bundle's entries. Trusts nothing but the policy. Never throws for anything that the bundle's author controls.
/// </summary>
public static class EvidenceVerifier
{
    /// <summary>Reads a bundle and checks it.</summary>
    public static Verdict Verify(ReadOnlySpan<byte> bundle, TrustPolicy policy) =>
        EvidenceBundle.Parse(bundle, out var rejection) is { } read ? Verify(read, policy) : Verdict.Rejects(rejection!);

    /// <summary>Reads a bundle, checks it, and says for each chain what is shown and what is withheld.</summary>
    /// <param name="bundle">Its bytes.</param>
    /// <param name="policy">Whom to trust.</param>
    /// <param name="disclosures">What was checked to be what the entries signed; empty when the bundle is rejected.</param>
    public static Verdict Verify(ReadOnlySpan<byte> bundle, TrustPolicy policy, out IReadOnlyList<ChainDisclosures> disclosures)
    {
        disclosures = [];
        if (EvidenceBundle.Parse(bundle, out var rejection) is not { } read)
        {
            return Verdict.Rejects(rejection!);
        }

        var verdict = Verify(read, policy);
        disclosures = verdict.IsRejected ? [] : read.Disclosures();
        return verdict;
    }

    /// <inheritdoc cref="Verify(ReadOnlySpan{byte}, TrustPolicy)"/>
    public static Verdict Verify(EvidenceBundle bundle, TrustPolicy policy) => Verify(bundle, policy, new EvidenceReplay(bundle));

    /// <summary>The head key of that name, which signs heads and statements of readings, out of a bundle that verifies; null when it does not or holds no such key valid at its checkpoint.</summary>
    public static VerifyingKey? HeadKey(EvidenceBundle bundle, TrustPolicy policy, string keyId, out Rejection? rejection)
    {
        var replay = new EvidenceReplay(bundle);
        var verdict = Verify(bundle, policy, replay);
        rejection = verdict.Rejection;
        if (rejection is not null)
        {
            return null;
        }

        var key = replay.KeyFor(keyId, (long)verdict.Checkpoint!.Size, SignedThing.Head, out var fault);
        rejection = fault is null ? null : Rejection.Of(fault);
        return key;
    }

    private static Verdict Verify(EvidenceBundle bundle, TrustPolicy policy, EvidenceReplay replay)
    {
        var verdict = Verifier.Verify(bundle, policy, replay.KeyFor);
        if (replay.Rejection is { } refused)
        {
            return (refused.Rule == RefusalCode.QuantityExceeded.ToCode() || refused.Rule == RefusalCode.ElementMassExceeded.ToCode() ? Verdict.RejectsQuantities(refused) : Verdict.Rejects(refused)) with { Checkpoint = verdict.Checkpoint };
        }

        if (verdict.IsRejected)
        {
            return verdict;
        }

        if (CheckRoot(bundle, policy, replay.Log!, (long)verdict.Checkpoint!.Size) is { } foreign)
        {
            return Verdict.Rejects(foreign) with { Checkpoint = verdict.Checkpoint };
        }

        var entries = bundle.Chains.Sum(chain => chain.Entries.Count) + bundle.Cited.Count;
        return verdict with
        {
            Structure = new LayerVerdict.Verified(string.Create(CultureInfo.InvariantCulture, $"{Counted.Entries(entries)}: bytes, hashes, inclusion, order, signatures, keys, rights and rules of {Counted.Of(bundle.Chains.Count, "whole chain")}, up to size {verdict.Checkpoint!.Size}{string.Concat(bundle.Predecessors().Select(ended => $", and before it in {ended.Origin} up to size {ended.Size}, whose root the opening of the log after it names"))}.")),
            Quantities = QuantitiesOf(replay),
            WholeLog = new LayerVerdict.NotChecked(WholeLogOf(replay)),
            Disputed = replay.Disputed(),
        };
    }

    private static string WholeLogOf(EvidenceReplay replay) => string.Create(
        CultureInfo.InvariantCulture,
        $"Only the whole log shows that identifiers, keys and ids are unique and that no line was redeemed elsewhere; only the givers' whole chains, that they gave no more than they held. Lines taken here: {replay.Taken}, of givers shown with their whole chain: {replay.TakenFromWhole}. Givers not shown here: {replay.UnseenGivers}; referenced entries not shown here: {replay.UnseenReferences}.");

    private static LayerVerdict QuantitiesOf(EvidenceReplay replay) => replay.WithheldQuantities is > 0 and var withheld
        ? new LayerVerdict.Withheld(withheld, string.Create(CultureInfo.InvariantCulture, $"{withheld} of {Counted.Of(replay.Quantities, "quantity", "quantities")} of lines and chains {(withheld == 1 ? "is" : "are")} not shown to this reader: nothing is said of balance."))
        : new LayerVerdict.Verified(replay.Quantities == 0
            ? "Nothing is given or taken here."
            : string.Create(CultureInfo.InvariantCulture, $"{(replay.Quantities == 1 ? "The only quantity of lines and chains is" : $"All {replay.Quantities} quantities of lines and chains are")} shown, and no chain here gives more than it holds."));

    // The root of trust: the opening names the keys that the policy names, else it opened another log under the same name.
    private static Rejection? CheckRoot(EvidenceBundle bundle, TrustPolicy policy, LogState log, long size)
    {
        var opening = bundle.Chains.First(chain => chain.Subject == log.Subject).Entries[0];
        if (policy.Authority is { } authority && log.Keys.All.First(key => key.Use == KeyUse.Authority && Names.OperatorOf(key.KeyId) == opening.Entry.Issuer) is var declared && declared.X != authority.X)
        {
            return new Rejection(Failure.AuthorityForeign, "The log was opened by another authority than the one trusted.") { Expected = authority.X, Found = declared.X }.At(opening.Index, opening.Entry);
        }

        var signers = bundle.Checkpoint.Verify(policy.LogKeys, out _)!.Signatures.Where(s => s.By.Type == NoteSignatureType.Ed25519 && s.By.Name == bundle.Origin).Select(s => s.By.Key.X).ToList();
        return log.Keys.All.Any(key => key.Use == KeyUse.Log && key.IsValidAt(size) && signers.Contains(key.X))
            ? null
            : new Rejection(Failure.LogKeyForeign, "The checkpoint is signed by a trusted key that is no log key which the log's own chain names and has not revoked at this size.")
            {
                Expected = string.Join(", ", log.Keys.All.Where(key => key.Use == KeyUse.Log && key.IsValidAt(size)).Select(key => key.X)),
                Found = string.Join(", ", signers),
            }.At(opening.Index, opening.Entry);
    }
}
