using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Service.Evidence;

/// <summary>
/// Puts together the evidence about a chain as the public may see it, under the tree signed last: entries without disclosures, closed chains and their
/// giving entries only where <see cref="LedgerOptions.PublicEntries"/> opens them.
/// </summary>
public sealed class BundleBuilder(SignedLog log, EntryReader entries, LedgerOptions options)
{
    /// <summary>The bundle, or the problem to answer with.</summary>
    public async Task<(EvidenceBundle? Bundle, Problem? Problem)> BuildAsync(string subject, CancellationToken cancel)
    {
        var tree = log.Latest();
        if (await entries.HeadAsync(subject, tree.Size, cancel) is null || await entries.StateAsync(subject, cancel) is not { } state)
        {
            return (null, Problems.NotFound);
        }

        if (!MayRead(state))
        {
            return (null, Problems.ChainClosed);
        }

        var (selection, fault) = await EvidenceSelection.SelectAsync(subject, log.Origin, ChainAsync, EntryAsync);
        if (selection is null)
        {
            return (null, Problems.Of(fault!));
        }

        var heads = new Dictionary<string, HeadStatement>(StringComparer.Ordinal);
        foreach (var name in selection.Chains.Keys)
        {
            heads[name] = (await log.HeadAsync(name, tree, cancel))!;
        }

        var proofs = await log.ProofsAsync(selection.Indexes, (ulong)tree.Size, cancel);
        return (selection.ToBundle(log.Origin, tree.Checkpoint, heads, proofs.ToDictionary(proof => proof.Index, proof => proof.Path)), null);

        async Task<IReadOnlyList<LoggedEntry>> ChainAsync(string name) =>
            await entries.StateAsync(name, cancel) is { } chain && MayRead(chain)
                ? [.. (await entries.ChainAsync(name, tree.Size, cancel)).Select(Public)]
                : [];

        async Task<LoggedEntry?> EntryAsync(Digest leafHash) =>
            await entries.FindAsync(leafHash, cancel) is { } stored && stored.Index < tree.Size &&
            await entries.StateAsync(stored.Signed.Entry.Subject, cancel) is { } chain && MayRead(chain)
                ? Public(stored)
                : null;
    }

    private static LoggedEntry Public(StoredEntry stored) => new((ulong)stored.Index, stored.Signed.WithoutDisclosures());

    private bool MayRead(ChainState chain) => chain.IsOpen || options.PublicEntries;
}
