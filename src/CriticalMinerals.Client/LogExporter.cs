using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Correcting;

namespace CriticalMinerals.Client;

/// <summary>
/// Copies a log into a folder that any web server can serve and anybody can audit: checkpoint, verifier key, tiles, entry bundles, times of recording and time
/// stamps at the paths of the log's address and, for whoever may see them, disclosures. What is there already and right is not fetched again: bundles are hashed
/// anew, and all together lead to the root that the log signed, before its checkpoint is written, last. Whether the entries were rightly admitted, and what the
/// stamps are worth, is for the audit.
/// </summary>
/// <param name="files">The log.</param>
/// <param name="folder">Where to; made when it is not there.</param>
public sealed class LogExporter(LogFiles files, string folder)
{
    private const int Ahead = 8;

    // 256 instants as text.
    private const int LongestTimes = Tile.FullWidth * 64;

    private readonly LogFiles _own = LogFiles.In(folder);
    private int _written;
    private int _kept;

    /// <summary>Keys that sign the log's checkpoints, known by another way than from the log. Empty: those that the log says.</summary>
    public IReadOnlyCollection<NoteVerifier> Keys { get; init; } = [];

    /// <summary>Told after every bundle of 256 entries.</summary>
    public IProgress<AuditProgress>? Progress { get; init; }

    /// <summary>Brings the folder to the log's newest checkpoint. Stopped at any moment, it goes on the next time.</summary>
    /// <exception cref="LedgerApiException">The log cannot be read, or its checkpoint does not verify.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public async Task<ExportReport> ExportAsync(CancellationToken cancellation = default)
    {
        var head = await LogHead.ReadAsync(files, Keys.Count > 0 ? Keys : null, cancellation);
        var report = new ExportReport { Origin = head.Checkpoint.Origin, Size = head.Checkpoint.Size, Root = head.Checkpoint.Root };
        if (await CheckFolderAsync(head, cancellation) is { } rejection)
        {
            return report with { Rejection = rejection };
        }

        var (root, wrong) = await CopyAsync(head.Checkpoint.Size, believes: true, cancellation);
        if (wrong is null && root != head.Checkpoint.Root)
        {
            // Some bundle here is whole and another one than the log's.
            (root, wrong) = await CopyAsync(head.Checkpoint.Size, believes: false, cancellation);
        }

        wrong ??= root == head.Checkpoint.Root ? null : new Rejection(Failure.RootMismatch, "The log's entry bundles do not lead to the root that it signed.")
        {
            Expected = $"root {head.Checkpoint.Root}",
            Found = $"root {root}",
        };
        if (wrong is not null)
        {
            return report with { Rejection = wrong, Written = _written, Kept = _kept };
        }

        await CopyTimeStampsAsync(head.Checkpoint.Size, cancellation);
        Write("vkey", Encoding.UTF8.GetBytes(string.Join("", head.Keys.Select(k => $"{k}\n"))));
        Write("checkpoint", Encoding.UTF8.GetBytes(head.Note.ToString()));
        return report with { Written = _written, Kept = _kept, Dropped = Drop(head.Checkpoint.Size) };
    }

    // A folder is of one log, and that one only grows.
    private async Task<Rejection?> CheckFolderAsync(LogHead head, CancellationToken cancellation)
    {
        if (await _own.ReadAsync("checkpoint", SignedNote.MaxLength, cancellation) is not { } bytes ||
            SignedNote.Parse(Encoding.UTF8.GetString(bytes), out _)?.Verify(head.Keys, out _) is not { } verified || Checkpoint.From(verified, out _) is not { } before)
        {
            return null;
        }

        if (before.Origin != head.Checkpoint.Origin)
        {
            return new Rejection(Failure.LogForeign, $"{folder} holds another log.") { Expected = before.Origin, Found = head.Checkpoint.Origin, Advice = "Give each log a folder of its own." };
        }

        return before.Size <= head.Checkpoint.Size ? null : new Rejection(Failure.ConsistencyUnproven, "The log is shorter than what was exported from it: entries that it signed are gone.")
        {
            Expected = FormattableString.Invariant($"at least {Counted.Entries(before.Size)}"),
            Found = FormattableString.Invariant($"{Counted.Entries(head.Checkpoint.Size)}"),
            Advice = "Keep the folder as it is: with the log's checkpoint it proves that entries were taken back, and it still holds them.",
        };
    }

    private async Task<(Digest Root, Rejection? Wrong)> CopyAsync(ulong size, bool believes, CancellationToken cancellation)
    {
        (_written, _kept) = (believes ? 0 : _written, 0);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var (tiles, erased) = (OpenTiles.Empty, new HashSet<Digest>());
        var ahead = new Queue<Task<Copied>>();
        try
        {
            for (ulong number = 0, next = 0; Tile.At(0, number, size) is { } tile; number++)
            {
                cancellation.ThrowIfCancellationRequested();
                for (; ahead.Count < Ahead && Tile.At(0, next, size) is { } coming; next++)
                {
                    ahead.Enqueue(Task.Run(() => ReadAsync(coming, believes, stop.Token), stop.Token));
                }

                var copied = await ahead.Dequeue();
                if (copied.Wrong is not null)
                {
                    return (default, copied.Wrong);
                }

                await KeepAsync(tile, copied, erased, stop.Token);
                tiles = tiles.Append(copied.Hashes, out var full);
                WriteTiles(full);
                Progress?.Report(new AuditProgress(tiles.Size, size));
            }

            WriteTiles(tiles.Partial());
            await ForgetAsync(erased, size, cancellation);
            return (tiles.Edge().Root(), null);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(ahead).ContinueWith(static all => all.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task<Copied> ReadAsync(Tile tile, bool believes, CancellationToken cancellation)
    {
        if (await _own.ReadAsync(tile.EntriesPath, Tile.FullWidth * (2 + Entry.MaximumLength), cancellation) is { } own && EntryBundle.Decode(own, tile.Width, out _) is { } there &&
            (believes ? _own : files) is var witness && await AuditedBundle.ReadTileAsync(witness, tile, t => t.Path, Tile.FullLength, cancellation) is (Bytes: { } kept, _) &&
            kept.AsSpan().StartsWith(Tile.Join(EntryBundle.LeafHashes(there))))
        {
            return new Copied(there, EntryBundle.LeafHashes(there), IsNew: false, null);
        }

        var (leaves, wrong) = await AuditedBundle.ReadLeavesAsync(files, tile, cancellation);
        if (leaves is null)
        {
            return new Copied([], [], IsNew: true, wrong);
        }

        var hashes = EntryBundle.LeafHashes(leaves);
        var (served, _) = await AuditedBundle.ReadTileAsync(files, tile, t => t.Path, Tile.FullLength, cancellation);
        var same = served is null ? 0 : served.AsSpan().CommonPrefixLength(Tile.Join(hashes)) / Digest.Length;
        return new Copied(leaves, hashes, IsNew: true, same == hashes.Length ? null : new Rejection(Failure.RootMismatch, $"{tile.EntriesPath} and {tile.Path}, as the log serves them, differ.")
        {
            Index = (tile.Index * Tile.FullWidth) + (ulong)same,
            Expected = served is null || served.Length < (same + 1) * Digest.Length ? "a leaf hash" : $"leaf hash {new Digest(served.AsSpan(same * Digest.Length, Digest.Length))}",
            Found = $"leaf hash {hashes[same]}",
        });
    }

    private async Task KeepAsync(Tile tile, Copied copied, HashSet<Digest> erased, CancellationToken cancellation)
    {
        _kept += copied.IsNew ? 0 : 1;
        if (copied.IsNew)
        {
            Write(tile.EntriesPath, EntryBundle.Encode([.. copied.Leaves]));
            foreach (var leaf in copied.Leaves)
            {
                if (Entry.Parse(leaf, out _) is { } entry && entry.Event == EventCatalog.Of<Erased>().Name)
                {
                    erased.UnionWith(entry.References.Select(r => r.Entry));
                }
            }
        }

        Write(tile.Path, Tile.Join(copied.Hashes));
        if (copied.IsNew || !File.Exists(Path.Combine(folder, ToldDisclosures.PathOf(tile.Index))))
        {
            await CopyDisclosuresAsync(tile.Index, cancellation);
        }

        // When they were recorded: what the log says and signs nowhere, so that a node made of these files says the same.
        var times = FormattableString.Invariant($"times/{tile.Index}");
        if ((copied.IsNew || !File.Exists(Path.Combine(folder, times))) && await files.ReadAsync(times, LongestTimes, cancellation) is { } told)
        {
            Write(times, told);
        }
    }

    // What a log has forgotten, its mirrors forget: the disclosures of bundles in which an entry was erased are fetched anew, or go.
    private async Task ForgetAsync(HashSet<Digest> erased, ulong size, CancellationToken cancellation)
    {
        for (ulong number = 0; erased.Count > 0 && Tile.At(0, number, size) is { } tile; number++)
        {
            var hashes = tile.Read(await File.ReadAllBytesAsync(Path.Combine(folder, tile.Path), cancellation))!;
            var told = Path.Combine(folder, ToldDisclosures.PathOf(number));
            if (hashes.Any(erased.Contains) && !await CopyDisclosuresAsync(number, cancellation) && File.Exists(told))
            {
                File.Delete(told);
            }
        }
    }

    private async Task<bool> CopyDisclosuresAsync(ulong bundle, CancellationToken cancellation)
    {
        if (await files.DisclosuresAsync(bundle, cancellation) is not { } told)
        {
            return false;
        }

        _ = ToldDisclosures.Read(told);
        Write(ToldDisclosures.PathOf(bundle), told, isForEverybody: false);
        return true;
    }

    // Only of what is exported: the log may have been stamped again meanwhile. The list comes last, when what it names is there.
    private async Task CopyTimeStampsAsync(ulong size, CancellationToken cancellation)
    {
        var list = new JsonArray();
        foreach (var (stamped, said) in (await TimeStampAuditor.ListAsync(files, cancellation)).Where(stamp => stamp.Size <= size))
        {
            var paths = TimeStampAuditor.PathsOf(stamped);
            foreach (var (path, limit) in ((string, int)[])[(paths.Checkpoint, SignedNote.MaxLength), (paths.Token, TimeStampAuditor.MaximumToken)])
            {
                if (!File.Exists(Path.Combine(folder, path)) && await files.ReadAsync(path, limit, cancellation) is { } bytes)
                {
                    Write(path, bytes);
                }
            }

            list.Add(JsonNode.Parse(said.GetRawText()));
        }

        if (list.Count > 0)
        {
            Write(TimeStampAuditor.ListPath, Encoding.UTF8.GetBytes(new JsonObject { ["timestamps"] = list }.ToJsonString()));
        }
    }

    private void WriteTiles(IEnumerable<TileContent> tiles)
    {
        foreach (var (tile, bytes) in tiles.Where(t => t.Tile.Level > 0))
        {
            Write(tile.Path, bytes);
        }
    }

    // Only what is not there already in these very bytes.
    private void Write(string path, ReadOnlyMemory<byte> bytes, bool isForEverybody = true)
    {
        var file = new FileInfo(Path.Combine(folder, path));
        if (file.Exists && file.Length == bytes.Length && File.ReadAllBytes(file.FullName).AsSpan().SequenceEqual(bytes.Span))
        {
            return;
        }

        Directory.CreateDirectory(file.DirectoryName!);
        DurableFile.Write(file.FullName, bytes, isForEverybody);
        _written++;
    }

    // Partial tiles of smaller sizes and writes that were never finished: after the checkpoint, for whoever reads under the one before.
    private int Drop(ulong size)
    {
        var stands = Tile.PartialOf(size).SelectMany(t => t.Level == 0 ? (string[])[t.Path, t.EntriesPath] : [t.Path]).ToHashSet(StringComparer.Ordinal);
        var dropped = 0;
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToArray())
        {
            var path = Path.GetRelativePath(folder, file).Replace('\\', '/');
            var isPartial = (Tile.TryParse(path, out var tile) || Tile.TryParseEntries(path, out tile)) && !tile.IsFull && !stands.Contains(path);
            if (isPartial || path.EndsWith(DurableFile.HalfSuffix, StringComparison.Ordinal))
            {
                File.Delete(file);
                dropped++;
                if (isPartial && !Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(file)!).Any())
                {
                    Directory.Delete(Path.GetDirectoryName(file)!);
                }
            }
        }

        return dropped;
    }

    private sealed record Copied(IReadOnlyList<ReadOnlyMemory<byte>> Leaves, Digest[] Hashes, bool IsNew, Rejection? Wrong);
}

/// <summary>What an export did.</summary>
public sealed record ExportReport
{
    /// <summary>The log.</summary>
    public required string Origin { get; init; }

    /// <summary>Entries under the checkpoint exported.</summary>
    public required ulong Size { get; init; }

    /// <summary>The root that it states.</summary>
    public required Digest Root { get; init; }

    /// <summary>Files written.</summary>
    public int Written { get; init; }

    /// <summary>Entry bundles that were there already and right.</summary>
    public int Kept { get; init; }

    /// <summary>Partial tiles of smaller sizes, and unfinished files, deleted.</summary>
    public int Dropped { get; init; }

    /// <summary>Why the folder was not brought to this checkpoint; null when it was.</summary>
    public Rejection? Rejection { get; init; }
}
