using System.Globalization;
using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Client;

/// <summary>
/// Audits a whole log from its public files: reads every entry, recomputes every hash, signature, tile and rule, and compares with what the log signed and
/// with what it signed when this auditor last looked. Believes no stored hash; stops at the first thing that is wrong. Quantities are checked as far as whoever
/// asks may see their disclosures.
/// </summary>
/// <param name="files">The log.</param>
public sealed class Auditor(LogFiles files)
{
    /// <summary>Keys that sign the log's checkpoints, known by another way than from the log. Empty: those of the last audit, else what the log says.</summary>
    public IReadOnlyCollection<NoteVerifier> Keys { get; init; } = [];

    /// <summary>The file that remembers the last checkpoint; null for an audit without memory.</summary>
    public string? StateFile { get; init; }

    /// <summary>Told after every 256 entries.</summary>
    public IProgress<AuditProgress>? Progress { get; init; }

    /// <summary>Audits the log as its checkpoint stands now. The memory advances only when everything is as it must be.</summary>
    /// <exception cref="LedgerApiException">The log cannot be read: unreachable, entries closed to strangers, or no log at all.</exception>
    /// <exception cref="InvalidDataException">The state file is damaged.</exception>
    public async Task<AuditReport> AuditAsync(CancellationToken cancellation = default)
    {
        var memory = StateFile is null ? null : AuditMemory.Read(StateFile);
        var keys = Keys.Count > 0 ? Keys : memory?.Keys ?? await ReadKeysAsync(cancellation);
        var (note, checkpoint) = await ReadCheckpointAsync(keys, cancellation);
        var replay = new LedgerReplay(checkpoint.Origin);
        if (memory is not null && CheckMemory(memory, checkpoint) is { } older)
        {
            return Report(note, checkpoint, keys, memory, replay, lines: 0, older) with { Contradicted = memory.Note.ToString() };
        }

        var (contradicted, lines) = (false, 0L);
        var rejection = await ReplayAsync(checkpoint, replay, memory, () => contradicted = true, given => lines += given, cancellation)
            ?? CheckRoot(checkpoint, replay)
            ?? CheckLogKey(keys, checkpoint, replay);
        if (rejection is null && StateFile is not null)
        {
            new AuditMemory(keys, note, checkpoint).Write(StateFile);
        }

        return Report(note, checkpoint, keys, memory, replay, lines, rejection) with { Contradicted = contradicted ? memory!.Note.ToString() : null };
    }

    private async Task<IReadOnlyCollection<NoteVerifier>> ReadKeysAsync(CancellationToken cancellation)
    {
        var bytes = await RequireAsync("vkey", 64 * 1024, cancellation);
        return TrustPolicy.Parse(Encoding.UTF8.GetString(bytes), out var fault)?.LogKeys ?? throw LedgerApiException.Unsound($"The vkey is none: {fault!.Detail}");
    }

    private async Task<(SignedNote Note, Checkpoint Checkpoint)> ReadCheckpointAsync(IReadOnlyCollection<NoteVerifier> keys, CancellationToken cancellation) =>
        SignedNote.Parse(await RequireAsync("checkpoint", SignedNote.MaxLength, cancellation), out var fault) is { } note &&
        note.Verify(keys, out fault) is { } verified && Checkpoint.From(verified, out fault) is { } checkpoint
            ? (note, checkpoint)
            : throw LedgerApiException.Unsound($"The checkpoint does not verify: {fault!.Detail}");

    // What a log's operator could do unseen: forget entries, or sign another tree.
    private static Rejection? CheckMemory(AuditMemory memory, Checkpoint now)
    {
        var seen = memory.Checkpoint;
        if (seen.Origin != now.Origin)
        {
            return new Rejection(Failure.LogForeign, "The state file is of another log. Use one state file for each log.") { Expected = seen.Origin, Found = now.Origin };
        }

        return now.Size >= seen.Size
            ? null
            : new Rejection(Failure.ConsistencyUnproven, "The log has become shorter than it was when it was last audited: entries that it signed are gone.")
            {
                Expected = string.Create(CultureInfo.InvariantCulture, $"at least {seen.Size} entries"),
                Found = string.Create(CultureInfo.InvariantCulture, $"{now.Size} entries"),
            };
    }

    private async Task<Rejection?> ReplayAsync(
        Checkpoint checkpoint, LedgerReplay replay, AuditMemory? memory, Action contradict, Action<int> give, CancellationToken cancellation)
    {
        var open = OpenTiles.Empty;
        var rememberedSize = memory?.Checkpoint.Size ?? 0;
        var next = ReadBundleAsync(0, checkpoint.Size, cancellation);
        for (ulong number = 0; Tile.At(0, number, checkpoint.Size) is { } tile; number++)
        {
            var (entries, stored, disclosures, fault) = await next;

            // Read while this one is replayed.
            next = ReadBundleAsync(number + 1, checkpoint.Size, cancellation);
            if (fault is not null)
            {
                return new Rejection(fault.Failure, $"{fault.Detail} It should hold the entries from {number * Tile.FullWidth} on.") { Index = number * Tile.FullWidth };
            }

            var from = number * Tile.FullWidth;
            var prepared = entries!.AsParallel().AsOrdered().WithCancellation(cancellation).Select((leaf, i) => replay.Prepare(leaf, disclosures?.GetValueOrDefault(from + (ulong)i))).ToArray();
            for (var i = 0; i < prepared.Length; i++)
            {
                if (stored![i] != prepared[i].LeafHash)
                {
                    return await BlameAsync(checkpoint, (number * Tile.FullWidth) + (ulong)i, prepared[i], stored[i], cancellation);
                }

                if (replay.Add(prepared[i]) is { } rejection)
                {
                    return rejection;
                }

                give(prepared[i].Entry!.Given.Count);
                if (replay.Size == rememberedSize && replay.Root != memory!.Checkpoint.Root)
                {
                    contradict();
                    return new Rejection(Failure.ConsistencyUnproven, $"The first {rememberedSize} entries are not those that the log signed when it was last audited: it shows two histories.")
                    {
                        Expected = $"root {memory.Checkpoint.Root}",
                        Found = $"root {replay.Root}",
                    };
                }
            }

            open = open.Append([.. prepared.Select(p => p.LeafHash)], out var full);
            if (await CheckTilesAsync(full, cancellation) is { } wrong)
            {
                return wrong;
            }

            Progress?.Report(new AuditProgress(replay.Size, checkpoint.Size));
        }

        return await CheckTilesAsync([.. open.Partial()], cancellation);
    }

    private async Task<(IReadOnlyList<ReadOnlyMemory<byte>>? Entries, Digest[]? Stored, IReadOnlyDictionary<ulong, IReadOnlyList<string>>? Disclosures, Fault? Fault)> ReadBundleAsync(
        ulong number, ulong size, CancellationToken cancellation)
    {
        if (Tile.At(0, number, size) is not { } tile)
        {
            return ([], [], null, null);
        }

        var (hashes, width) = await ReadTileAsync(tile, t => t.Path, Tile.FullWidth * Digest.Length, cancellation);
        var stored = hashes is null ? null : new Tile(0, number, width).Read(hashes);
        if (stored is null)
        {
            return (null, null, null, new Fault(Failure.TileMalformed, $"{tile.Path} is missing or of another length."));
        }

        (var bundle, width) = await ReadTileAsync(tile, t => t.EntriesPath, Tile.FullWidth * (2 + Entry.MaximumLength), cancellation);
        if (bundle is null)
        {
            return (null, null, null, new Fault(Failure.BundleMalformed, $"{tile.EntriesPath} is missing."));
        }

        var entries = EntryBundle.Decode(bundle, width, out var fault);
        return fault is null
            ? ([.. entries!.Take(tile.Width)], stored[..tile.Width], await files.DisclosuresAsync(number, cancellation), null)
            : (null, null, null, fault with { Detail = $"{tile.EntriesPath}: {fault.Detail}" });
    }

    // A log may drop a partial tile once the full one is there (C2SP tlog-tiles): then the full one is read, and its beginning used.
    private async Task<(byte[]? Bytes, int Width)> ReadTileAsync(Tile tile, Func<Tile, string> path, int limit, CancellationToken cancellation)
    {
        var bytes = await files.ReadAsync(path(tile), limit, cancellation);
        return bytes is not null || tile.IsFull
            ? (bytes, tile.Width)
            : (await files.ReadAsync(path(new Tile(tile.Level, tile.Index, Tile.FullWidth)), limit, cancellation), Tile.FullWidth);
    }

    private async Task<Rejection?> CheckTilesAsync(IEnumerable<TileContent> computed, CancellationToken cancellation)
    {
        foreach (var (tile, bytes) in computed.Where(t => t.Tile.Level > 0))
        {
            var (served, _) = await ReadTileAsync(tile, t => t.Path, Tile.FullWidth * Digest.Length, cancellation);
            if (served is null || served.Length < bytes.Length || !served.AsSpan(0, bytes.Length).SequenceEqual(bytes.Span))
            {
                return new Rejection(Failure.TileMalformed, $"{tile.Path} is {(served is null ? "missing" : "not what the entries below it hash to")}.");
            }
        }

        return null;
    }

    // Entry and stored hash differ: the signed root decides which of them was altered.
    private async Task<Rejection> BlameAsync(Checkpoint checkpoint, ulong index, PreparedEntry entry, Digest stored, CancellationToken cancellation)
    {
        var reader = new TileReader(checkpoint.Size, async (tile, stop) =>
            (await ReadTileAsync(tile, t => t.Path, Tile.FullWidth * Digest.Length, stop)).Bytes is { } bytes ? bytes.AsMemory(0, Math.Min(bytes.Length, tile.Length)) : default);
        var (proof, _) = await reader.InclusionAsync(index, checkpoint.Size, cancellation);
        var detail = proof?.Verify(stored, checkpoint.Root) is null && proof is not null
            ? "The entry's bytes are not those that the log signed."
            : "The entry's bytes and the hash stored for it differ, and the stored hashes do not lead to the signed root.";
        return new Rejection(Failure.RootMismatch, detail) { Expected = $"leaf hash {stored}", Found = $"leaf hash {entry.LeafHash}" }.At(index, entry.Entry);
    }

    private static Rejection? CheckRoot(Checkpoint checkpoint, LedgerReplay replay) => replay.Root == checkpoint.Root
        ? null
        : new Rejection(Failure.RootMismatch, "The entries are sound by themselves and are not the ones that the log signed.")
        {
            Expected = $"root {checkpoint.Root}",
            Found = $"root {replay.Root}",
        };

    private static Rejection? CheckLogKey(IReadOnlyCollection<NoteVerifier> keys, Checkpoint checkpoint, LedgerReplay replay) =>
        checkpoint.Size == 0 || (replay.State.Chain(Names.LogChain(checkpoint.Origin)) as LogState)?.Keys.All.Any(k => k.Use == KeyUse.Log && keys.Any(v => v.Key.X == k.X)) == true
            ? null
            : new Rejection(Failure.LogKeyForeign, "The key that signs the checkpoints is none of the log keys that the log's own chain names.");

    private AuditReport Report(SignedNote note, Checkpoint checkpoint, IReadOnlyCollection<NoteVerifier> keys, AuditMemory? memory, LedgerReplay replay, long lines, Rejection? rejection)
    {
        List<string> isChecked = checkpoint.Size == 0 ? ["the checkpoint's signature by the log key; the log has no entry yet"] :
        [
            "the checkpoint's signature by the log key, and that the log's own chain names that key",
            "every entry: form, hash, signature, key valid at its index, chain order, rights, references, each line taken at most once",
            "every stored hash and the root, recomputed from the entries",
        ];
        List<string> notChecked = [];
        if (memory is not null)
        {
            isChecked.Add(string.Create(CultureInfo.InvariantCulture, $"that the log still begins with the {memory.Checkpoint.Size} entries of the last audit"));
        }
        else
        {
            notChecked.Add("whether the log showed others another history: no earlier checkpoint to compare with, and witnesses are not asked");
        }

        if (Keys.Count == 0 && memory is null)
        {
            notChecked.Add("whether the log key is the right one: it was taken from the log itself; give it with the audit");
        }

        if (lines > 0 && replay.WithheldQuantities == 0)
        {
            isChecked.Add(string.Create(CultureInfo.InvariantCulture, $"quantities: all are shown ({lines} lines), and no chain gives more than it holds"));
        }

        if (replay.WithheldQuantities > 0)
        {
            notChecked.Add(string.Create(CultureInfo.InvariantCulture, $"quantities: withheld ({replay.WithheldQuantities} lines); nothing is said of balance"));
        }

        if (replay.WithheldDisclosures > 0)
        {
            notChecked.Add(string.Create(CultureInfo.InvariantCulture, $"the content of {replay.WithheldDisclosures} withheld disclosures; their digests are signed"));
        }

        return new AuditReport
        {
            Origin = checkpoint.Origin,
            Size = checkpoint.Size,
            Root = checkpoint.Root,
            Checkpoint = note.ToString(),
            Keys = keys,
            Entries = replay.Size,
            Chains = replay.Chains,
            Disputed = replay.Disputed.Count,
            WithheldQuantities = replay.WithheldQuantities,
            Checked = rejection is null ? isChecked : [],
            NotChecked = notChecked,
            Rejection = rejection,
        };
    }

    private async Task<byte[]> RequireAsync(string path, int limit, CancellationToken cancellation) =>
        await files.ReadAsync(path, limit, cancellation) ?? throw new LedgerApiException(null, LedgerApiException.Unreachable, $"There is no {path}: is this the address or folder of a log?");
}
