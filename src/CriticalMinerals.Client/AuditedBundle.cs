using System.Globalization;
using System.Runtime.CompilerServices;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Client;

/// <summary>One bundle of a log with all done that needs no order, or why its files are none.</summary>
/// <param name="Tile">The tile of level 0 beside it, as wide as the checkpoint audited says.</param>
/// <param name="Stored">The leaf hashes stored in that tile.</param>
/// <param name="Entries">The entries, read, their signatures checked where the keys were known.</param>
/// <param name="Rejection">What is wrong with the files; then there are no entries.</param>
internal sealed record AuditedBundle(Tile Tile, Digest[] Stored, PreparedEntry[] Entries, Rejection? Rejection)
{
    /// <summary>Index of its first entry.</summary>
    internal ulong From => Tile.Index * Tile.FullWidth;

    /// <summary>Reads the bundles of a log of that size in their order, some ahead of the one that is asked for, so that all cores have work and no wait is for one file.</summary>
    internal static async IAsyncEnumerable<AuditedBundle> ReadAllAsync(LogFiles files, LedgerReplay replay, ulong first, ulong size, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ahead = new Queue<Task<AuditedBundle>>();
        try
        {
            for (var next = first; ;)
            {
                for (; ahead.Count < Environment.ProcessorCount + 2 && Tile.At(0, next, size) is { } tile; next++)
                {
                    ahead.Enqueue(Task.Run(() => ReadAsync(files, replay, tile, stop.Token), stop.Token));
                }

                if (ahead.Count == 0)
                {
                    yield break;
                }

                yield return await ahead.Dequeue();
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(ahead).ContinueWith(static all => all.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>The bytes of a tile and its width: a log may drop a partial tile once the full one is there (C2SP tlog-tiles); then the full one is read, and its beginning used.</summary>
    internal static async Task<(byte[]? Bytes, int Width)> ReadTileAsync(LogFiles files, Tile tile, Func<Tile, string> path, int limit, CancellationToken cancellation)
    {
        var bytes = await files.ReadAsync(path(tile), limit, cancellation);
        return bytes is not null || tile.IsFull
            ? (bytes, tile.Width)
            : (await files.ReadAsync(path(new Tile(tile.Level, tile.Index, Tile.FullWidth)), limit, cancellation), Tile.FullWidth);
    }

    /// <summary>The entries' bytes of a tile of level 0.</summary>
    internal static async Task<(IReadOnlyList<ReadOnlyMemory<byte>>? Leaves, Rejection? Rejection)> ReadLeavesAsync(LogFiles files, Tile tile, CancellationToken cancellation)
    {
        var (bytes, width) = await ReadTileAsync(files, tile, t => t.EntriesPath, Tile.FullWidth * (2 + Entry.MaximumLength), cancellation);
        if (bytes is null)
        {
            return (null, Missing(Failure.BundleMalformed, tile, tile.EntriesPath, $"{Counted.Entries(tile.Width)}"));
        }

        if (EntryBundle.Decode(bytes, width, out var fault) is { } entries)
        {
            return ([.. entries.Take(tile.Width)], null);
        }

        var whole = WholeEntries(bytes, width);
        return (null, new Rejection(fault!.Failure, $"{tile.EntriesPath}: {fault.Detail}")
        {
            Index = (tile.Index * Tile.FullWidth) + (ulong)Math.Min(whole, width - 1),
            Expected = Count(width, "whole entries and nothing after them"),
            Found = whole < width ? Count(whole, $"whole entries in {bytes.Length} bytes") : $"bytes after the last of them, {bytes.Length} in all",
        });
    }

    private static async Task<AuditedBundle> ReadAsync(LogFiles files, LedgerReplay replay, Tile tile, CancellationToken cancellation)
    {
        var from = tile.Index * Tile.FullWidth;
        var (hashes, width) = await ReadTileAsync(files, tile, t => t.Path, Tile.FullLength, cancellation);
        if (hashes is null || new Tile(0, tile.Index, width).Read(hashes) is not { } stored)
        {
            return Wrong(hashes is null
                ? Missing(Failure.TileMalformed, tile, tile.Path, Count(tile.Width, "leaf hashes"))
                : new Rejection(Failure.TileMalformed, $"{tile.Path} is of another length.") { Index = from, Expected = Count(width * Digest.Length, "bytes"), Found = Count(hashes.Length, "bytes") });
        }

        var (leaves, rejection) = await ReadLeavesAsync(files, tile, cancellation);
        if (leaves is null)
        {
            return Wrong(rejection!);
        }

        var shown = await files.DisclosuresAsync(tile.Index, cancellation) is { } told ? ToldDisclosures.Read(told) : null;
        var prepared = new PreparedEntry[leaves.Count];
        for (var i = 0; i < prepared.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            prepared[i] = replay.Prepare(leaves[i], shown?.GetValueOrDefault(from + (ulong)i));
        }

        return new AuditedBundle(tile, stored[..tile.Width], prepared, null);

        AuditedBundle Wrong(Rejection why) => new(tile, [], [], why);
    }

    private static Rejection Missing(Failure failure, Tile tile, string path, string what) => new(failure, $"{path} is missing. It should hold the entries from {tile.Index * Tile.FullWidth} on.")
    {
        Index = tile.Index * Tile.FullWidth,
        Expected = what,
        Found = "no such file",
        Advice = "Fetch it again. If the log goes on without it, it withholds what its checkpoint says is there: keep the checkpoint, and tell the log's operator and its witnesses. A mirror may still have the file.",
    };

    private static string Count(int number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number} {what}");

    // How many entries are there from first to last byte.
    private static int WholeEntries(ReadOnlySpan<byte> bundle, int width)
    {
        var entries = 0;
        for (var at = 0; entries < width && at + 2 <= bundle.Length && at + 2 + (bundle[at] << 8) + bundle[at + 1] <= bundle.Length; entries++)
        {
            at += 2 + (bundle[at] << 8) + bundle[at + 1];
        }

        return entries;
    }
}
