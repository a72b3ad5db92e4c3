using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Service.Evidence;

/// <summary>A bundle for one caller.</summary>
/// <param name="Bundle">The bundle.</param>
/// <param name="Viewer">As whom the caller sees its subject.</param>
/// <param name="Opened">The other chains of which it shows what is not for everybody: closed ones, and those of which it shows disclosures.</param>
public sealed record BundleForCaller(EvidenceBundle Bundle, Viewer Viewer, IReadOnlyList<string> Opened);

/// <summary>
/// Puts together the evidence about a chain as a caller may see it, under the tree signed last: disclosures by its rights and its choice, closed chains and
/// giving entries only where it may read them.
/// </summary>
public sealed class BundleBuilder(SignedLog log, PublicCheckpoint checkpoint, EntryReader entries, Access access, LongReads reads)
{
    /// <summary>The bundle, or the problem to answer with.</summary>
    /// <param name="subject">The chain.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="chosen">Names of the only disclosed properties to show; null for all that the caller may see.</param>
    /// <param name="whole">Which givers are shown with their whole chains.</param>
    /// <param name="cancel">The caller went away.</param>
    public async Task<(BundleForCaller? Built, Problem? Problem)> BuildAsync(string subject, Caller caller, IReadOnlyCollection<string>? chosen, WholeGivers whole, CancellationToken cancel)
    {
        var tree = await log.CurrentAsync(cancel);
        if (await access.ReadableAsync(caller, subject, cancel) is not { } state || await entries.HeadAsync(subject, tree.Size, cancel) is null)
        {
            return (null, Problems.NotFound);
        }

        var (viewer, refused) = await access.ViewerAsync(caller, state, cancel);
        if (viewer is null)
        {
            return (null, refused);
        }

        viewer = viewer with { Chosen = chosen };
        var closed = new HashSet<string>(StringComparer.Ordinal);
        using var read = reads.Begin();
        var isBusy = false;
        var (selection, fault) = await EvidenceSelection.SelectAsync(subject, log.Origin, ChainAsync, EntryAsync, whole);
        if (isBusy)
        {
            return (null, Problems.ReadsBusy);
        }

        if (selection is null)
        {
            return (null, fault!.Failure == Failure.TooLarge ? Problems.BundleTooLarge(fault.Detail) : Problems.Of(fault));
        }

        var heads = new Dictionary<string, HeadStatement>(StringComparer.Ordinal);
        foreach (var name in selection.Chains.Keys)
        {
            heads[name] = (await log.HeadAsync(name, tree, cancel))!;
        }

        var paths = await log.PathsAsync(selection.Indexes, (ulong)tree.Size, cancel);
        var note = await checkpoint.WitnessedAsync(tree.Size - 1, cancel) is var (size, cosigned) && size == tree.Size ? cosigned : tree.Checkpoint;
        var bundle = selection.ToBundle(log.Origin, note, heads, paths);
        var opened = bundle.InLogOrder().Where(placed => placed.Signed.Disclosures.Count > 0).Select(placed => placed.Entry.Subject).Concat(closed).Where(chain => chain != subject).Distinct(StringComparer.Ordinal);
        return (new BundleForCaller(bundle, viewer, [.. opened]), null);

        async Task<IReadOnlyList<LoggedEntry>> ChainAsync(string name) =>
            await access.ReadableAsync(caller, name, cancel) is { } chain && await MayGoOnAsync(chain.Sequence + 1)
                ? [.. (await entries.ChainAsync(name, tree.Size, cancel)).Select(stored => Seen(stored, chain))]
                : [];

        // Nothing more is read for an answer that will not be given.
        async Task<bool> MayGoOnAsync(long count) => !isBusy && !(isBusy = !await read.CountAsync(count, cancel));

        async Task<LoggedEntry?> EntryAsync(Digest leafHash) =>
            await MayGoOnAsync(1) && await entries.FindAsync(leafHash, cancel) is { } stored && stored.Index < tree.Size && await access.MayReadAsync(caller, stored, cancel)
                ? Seen(stored, await entries.StateAsync(stored.Signed.Entry.Subject, cancel))
                : null;

        LoggedEntry Seen(StoredEntry stored, ChainState? chain)
        {
            if (chain is not null && !access.IsOpen(chain))
            {
                closed.Add(chain.Subject);
            }

            return new(stored.Index, (chain is not null && chain.Keeper == caller.Operator ? viewer with { Kept = [chain.Subject] } : viewer).See(stored.Signed));
        }
    }
}
