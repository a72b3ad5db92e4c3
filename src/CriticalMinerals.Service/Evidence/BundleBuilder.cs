using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Service.Evidence;

/// <summary>
/// Puts together the evidence about a chain as a caller may see it, under the tree signed last: disclosures by its rights and its choice, closed chains and
/// giving entries only where it may read them.
/// </summary>
public sealed class BundleBuilder(SignedLog log, EntryReader entries, Access access)
{
    /// <summary>The bundle, or the problem to answer with.</summary>
    /// <param name="subject">The chain.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="chosen">Names of the only disclosed properties to show; null for all that the caller may see.</param>
    /// <param name="cancel">The caller went away.</param>
    public async Task<(EvidenceBundle? Bundle, Viewer? Viewer, Problem? Problem)> BuildAsync(string subject, Caller caller, IReadOnlyCollection<string>? chosen, CancellationToken cancel)
    {
        var tree = await log.CurrentAsync(cancel);
        if (await entries.HeadAsync(subject, tree.Size, cancel) is null || await entries.StateAsync(subject, cancel) is not { } state)
        {
            return (null, null, Problems.NotFound);
        }

        if (!await access.MayReadAsync(caller, state, cancel))
        {
            return (null, null, Problems.NotFound);
        }

        var (viewer, refused) = await access.ViewerAsync(caller, state, cancel);
        if (viewer is null)
        {
            return (null, null, refused);
        }

        viewer = viewer with { Chosen = chosen };

        var (selection, fault) = await EvidenceSelection.SelectAsync(subject, log.Origin, ChainAsync, EntryAsync);
        if (selection is null)
        {
            return (null, null, Problems.Of(fault!));
        }

        var heads = new Dictionary<string, HeadStatement>(StringComparer.Ordinal);
        foreach (var name in selection.Chains.Keys)
        {
            heads[name] = (await log.HeadAsync(name, tree, cancel))!;
        }

        var proofs = await log.ProofsAsync(selection.Indexes, (ulong)tree.Size, cancel);
        return (selection.ToBundle(log.Origin, tree.Checkpoint, heads, proofs.ToDictionary(proof => proof.Index, proof => proof.Path)), viewer, null);

        async Task<IReadOnlyList<LoggedEntry>> ChainAsync(string name) =>
            await entries.StateAsync(name, cancel) is { } chain && await access.MayReadAsync(caller, chain, cancel)
                ? [.. (await entries.ChainAsync(name, tree.Size, cancel)).Select(stored => Seen(stored, chain))]
                : [];

        async Task<LoggedEntry?> EntryAsync(Digest leafHash) =>
            await entries.FindAsync(leafHash, cancel) is { } stored && stored.Index < tree.Size && await access.MayReadAsync(caller, stored, cancel)
                ? Seen(stored, await entries.StateAsync(stored.Signed.Entry.Subject, cancel))
                : null;

        LoggedEntry Seen(StoredEntry stored, ChainState? chain) => new(
            (ulong)stored.Index,
            (chain is not null && chain.Keeper == caller.Operator ? viewer with { Kept = [chain.Subject] } : viewer).See(stored.Signed));
    }
}
