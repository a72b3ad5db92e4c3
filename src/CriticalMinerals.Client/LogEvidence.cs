using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>
/// Reads single facts of a log under one of its checkpoints, with their proofs: what one checkpoint says of an earlier size, where an entry stands. Every
/// answer is verified against the checkpoint's root before it is given, so it may go into evidence.
/// </summary>
/// <param name="files">The log.</param>
/// <param name="checkpoint">The tree head, its signature verified.</param>
internal sealed class LogEvidence(LogFiles files, Checkpoint checkpoint)
{
    /// <summary>The log.</summary>
    internal string Origin => checkpoint.Origin;

    /// <summary>The root that this tree had at an earlier size, and the proof that leads from there to its own.</summary>
    /// <param name="size">From 1 to the checkpoint's.</param>
    /// <param name="cancellation">Ends the reading.</param>
    internal async Task<(ConsistencyProof? Proof, Digest Root, Fault? Fault)> PrefixAsync(ulong size, CancellationToken cancellation)
    {
        var reader = Reader();
        var (edge, fault) = await reader.EdgeAsync(size, cancellation);
        if (edge is null)
        {
            return (null, default, fault);
        }

        (var proof, fault) = await reader.ConsistencyAsync(size, checkpoint.Size, cancellation);
        fault ??= proof!.Verify(edge.Root(), checkpoint.Root);
        return fault is null ? (proof, edge.Root(), null) : (null, default, fault);
    }

    /// <summary>The entries of a chain with indexes from one up to, and without, another, each proved to stand there; ends early when told to.</summary>
    /// <exception cref="LedgerApiException">A file of the log is missing or not what the log signed.</exception>
    internal async Task<IReadOnlyList<PlacedEntry>> EntriesAsync(string subject, ulong from, ulong to, Func<ulong, Entry, bool> isWanted, int most, CancellationToken cancellation)
    {
        var found = new List<PlacedEntry>();
        for (var number = from / Tile.FullWidth; Tile.At(0, number, checkpoint.Size) is { } tile && number * Tile.FullWidth < to && found.Count < most; number++)
        {
            if (await AuditedBundle.ReadLeavesAsync(files, tile, cancellation) is not { Leaves: { } leaves })
            {
                throw LedgerApiException.Unsound($"{tile.EntriesPath} is missing or damaged.");
            }

            for (var i = 0; i < tile.Width && found.Count < most; i++)
            {
                var index = (number * Tile.FullWidth) + (ulong)i;
                if (index >= from && index < to && Entry.Parse(leaves[i], out _) is { } entry && entry.Subject == subject && isWanted(index, entry))
                {
                    found.Add(await PlaceAsync(index, entry, cancellation));
                }
            }
        }

        return found;
    }

    private async Task<PlacedEntry> PlaceAsync(ulong index, Entry entry, CancellationToken cancellation)
    {
        var (proof, fault) = await Reader().InclusionAsync(index, checkpoint.Size, cancellation);
        fault ??= proof!.Verify(entry.LeafHash, checkpoint.Root);
        return fault is null
            ? new PlacedEntry(index, SignedEntry.Join(entry, [], complete: false, out _)!, proof!.Path)
            : throw LedgerApiException.Unsound($"Entry {index} is not the one that the log signed: {fault.Detail}");
    }

    private TileReader Reader() => new(checkpoint.Size, async (tile, cancel) =>
        (await AuditedBundle.ReadTileAsync(files, tile, t => t.Path, Tile.FullLength, cancel)).Bytes is { } bytes ? bytes.AsMemory(0, Math.Min(bytes.Length, tile.Length)) : default(ReadOnlyMemory<byte>));
}
