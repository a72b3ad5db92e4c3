using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Client;

/// <summary>
/// Audits a whole log from its public files: reads every entry, recomputes every hash, signature, tile and rule, and compares with what the log signed and
/// with what it signed when this auditor last looked. Believes no stored hash; stops at the first thing that is wrong. Quantities are checked as far as whoever
/// asks may see their disclosures. With a state file it goes on where it was, whether it was done or killed.
/// </summary>
/// <param name="files">The log.</param>
public sealed class Auditor(LogFiles files)
{
    /// <summary>Keys that sign the log's checkpoints, known by another way than from the log. Empty: those of the last audit, else what the log says.</summary>
    public IReadOnlyCollection<NoteVerifier> Keys { get; init; } = [];

    /// <summary>The witnesses that have to have cosigned the checkpoint, and its log keys where <see cref="Keys"/> has none; null to ask no witness.</summary>
    public TrustPolicy? Policy { get; init; }

    /// <summary>The file that remembers the last checkpoint and the replay; null for an audit without memory.</summary>
    public string? StateFile { get; init; }

    /// <summary>Whether to read every entry again although the state file knows them; what the log signed before is demanded all the same.</summary>
    public bool Full { get; init; }

    /// <summary>After how many entries the state file is written at the earliest, beside the end. In a large log after a quarter more entries, so that writing costs little.</summary>
    public int SaveEvery { get; init; } = 1 << 16;

    /// <summary>The ended logs that this one goes on from, each from the one before it, the oldest first; asked for whenever the log is read from its first entry on.</summary>
    public IReadOnlyList<EndedLog> Predecessors { get; init; } = [];

    /// <summary>Told at the beginning and after every bundle of 256 entries.</summary>
    public IProgress<AuditProgress>? Progress { get; init; }

    /// <summary>Whose time evidence names.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The log's files as they are now, where those audited end before: what evidence is made from.</summary>
    internal LogFiles? Whole { get; init; }

    /// <summary>Audits the log as its checkpoint stands now. The memory advances only over what is as it must be.</summary>
    /// <exception cref="LedgerApiException">The log cannot be read: unreachable, entries closed to strangers, or no log at all.</exception>
    /// <exception cref="InvalidDataException">The state file is damaged.</exception>
    public async Task<AuditReport> AuditAsync(CancellationToken cancellation = default)
    {
        var memory = StateFile is null ? null : AuditMemory.Read(StateFile);
        return await AuditAsync(await LogHead.ReadAsync(files, Given.Count > 0 ? Given : memory?.Keys, cancellation), memory, cancellation);
    }

    /// <summary>Audits the log up to a checkpoint that is known already.</summary>
    internal async Task<AuditReport> AuditAsync(LogHead head, AuditMemory? memory, CancellationToken cancellation)
    {
        var now = new AuditMemory(head.Keys, head.Note, head.Checkpoint);
        var replay = Full ? null : memory?.Replay;
        var ended = replay is null ? await PredecessorAudit.RunAsync(this, files, head.Checkpoint, cancellation) : null;
        if (ended?.Rejection is { } wrong)
        {
            return AuditSummary.Of(now, memory, new LedgerReplay(head.Checkpoint.Origin), 0, wrong, false, null) with { Evidence = ended.Evidence };
        }

        var run = new Run(this, files, now, memory, replay ?? ended!.Replay)
        {
            Ended = ended,
            Tiles = replay is null ? OpenTiles.Empty : memory!.Tiles,
        };
        var report = await run.AuditAsync(cancellation);
        return ended is null ? report : await ended.CompleteReportAsync(report, cancellation);
    }

    private IReadOnlyCollection<NoteVerifier> Given => Keys.Count > 0 ? Keys : Policy?.LogKeys ?? [];

    /// <summary>One audit under one checkpoint.</summary>
    private sealed class Run(Auditor auditor, LogFiles files, AuditMemory now, AuditMemory? before, LedgerReplay replay)
    {
        private readonly Checkpoint _checkpoint = now.Checkpoint;
        private readonly ulong _takenOver = replay.Size;
        private readonly Digest _takenOverRoot = replay.Root;
        private ulong _saved = replay.Size;
        private SignedNote? _contradicted;
        private TrustedCheckpoint? _witnessed;

        internal OpenTiles Tiles { get; set; } = OpenTiles.Empty;

        /// <summary>The logs before this one, where they were read in this run.</summary>
        internal PredecessorAudit? Ended { get; init; }

        internal async Task<AuditReport> AuditAsync(CancellationToken cancellation)
        {
            var rejection = CheckWitnesses() ?? CheckBefore();
            if (rejection is null)
            {
                try
                {
                    rejection = await ReplayAsync(cancellation) ?? await CheckRootAsync(cancellation) ?? CheckLogKey();
                }
                catch (Exception e) when (e is LedgerApiException or OperationCanceledException)
                {
                    Save(atLeast: 1);
                    throw;
                }
            }

            if (rejection is null && auditor.StateFile is not null)
            {
                (now with { Replay = replay, Tiles = Tiles }).Write(auditor.StateFile);
            }

            return AuditSummary.Of(now, before, replay, _takenOver, rejection, auditor.Given.Count == 0 && before is null, _witnessed) with { Contradicted = _contradicted?.ToString() };
        }

        private Rejection? CheckWitnesses()
        {
            Fault? fault = null;
            _witnessed = auditor.Policy is null ? null : (auditor.Policy with { LogKeys = now.Keys }).Verify(now.Note, out fault);
            return fault is null ? null : Rejection.Of(fault);
        }

        // What a log's operator could do unseen: forget entries, or sign another tree.
        private Rejection? CheckBefore()
        {
            foreach (var (note, seen) in before?.Seen ?? [])
            {
                if (seen.Origin != _checkpoint.Origin)
                {
                    return new Rejection(Failure.LogForeign, "The state file is of another log. Use one state file for each log.")
                    {
                        Expected = seen.Origin,
                        Found = _checkpoint.Origin,
                        Advice = "Give the state file of this log, or another name for a new one.",
                    };
                }

                if (seen.Size > _checkpoint.Size)
                {
                    _contradicted = note;
                    return new Rejection(Failure.ConsistencyUnproven, "The log has become shorter than it was when it was last audited: entries that it signed are gone.")
                    {
                        Expected = $"at least {Counted.Entries(seen.Size)}",
                        Found = Counted.Entries(_checkpoint.Size),
                        Advice = "Fetch the checkpoint again. If it stays behind, keep the state file and this checkpoint: both are signed, and together they prove that entries were taken back.",
                    };
                }

                if (seen.Size == _checkpoint.Size && CheckSeen(note, seen, _checkpoint.Root) is { } other)
                {
                    return other;
                }
            }

            return null;
        }

        private Rejection? CheckSeen(SignedNote note, Checkpoint seen, Digest root)
        {
            if (seen.Root == root)
            {
                return null;
            }

            _contradicted = note;
            return new Rejection(Failure.ConsistencyUnproven, $"The first {seen.Size} entries are not those that the log signed when it was last audited: it shows two histories.")
            {
                Expected = $"root {seen.Root}",
                Found = $"root {root}",
                Advice = "Keep the state file and this checkpoint: both are signed by the log, and together they prove it to anybody. Tell the log's operator, its witnesses and others who audit it.",
            };
        }

        private async Task<Rejection?> ReplayAsync(CancellationToken cancellation)
        {
            auditor.Progress?.Report(new AuditProgress(replay.Size, _checkpoint.Size));
            if (replay.Size == _checkpoint.Size)
            {
                return null;
            }

            await foreach (var bundle in AuditedBundle.ReadAllAsync(files, replay, replay.Size / Tile.FullWidth, _checkpoint.Size, cancellation))
            {
                if (bundle.Rejection is not null)
                {
                    return bundle.Rejection;
                }

                if (await AddAsync(bundle, cancellation) is { } rejection)
                {
                    return rejection;
                }

                auditor.Progress?.Report(new AuditProgress(replay.Size, _checkpoint.Size));
                if (replay.Size < _checkpoint.Size)
                {
                    Save(atLeast: Math.Max((ulong)auditor.SaveEvery, replay.Size / 4));
                }
            }

            return await CheckTilesAsync([.. Tiles.Partial()], cancellation);
        }

        private async Task<Rejection?> AddAsync(AuditedBundle bundle, CancellationToken cancellation)
        {
            // Those that an earlier audit has replayed are there again only to be what they were.
            var known = Tiles.Partial().FirstOrDefault(t => t.Tile.Level == 0) is { Bytes.Length: > 0 } open && bundle.From < replay.Size ? open.Tile.Read(open.Bytes.Span)! : [];
            for (var i = 0; i < bundle.Entries.Length; i++)
            {
                var (entry, index) = (bundle.Entries[i], bundle.From + (ulong)i);
                if (bundle.Stored[i] != entry.LeafHash || (i < known.Length && known[i] != entry.LeafHash))
                {
                    return await BlameAsync(index, entry, bundle.Stored[i], i < known.Length ? known[i] : null, cancellation);
                }

                if (i < known.Length)
                {
                    continue;
                }

                if (await LoadAskedForAsync(entry, bundle, cancellation) is { } missing)
                {
                    return missing;
                }

                if (replay.Add(entry) is { } rejection)
                {
                    return rejection;
                }

                foreach (var (note, seen) in before?.Seen ?? [])
                {
                    if (replay.Size == seen.Size && CheckSeen(note, seen, replay.Root) is { } fork)
                    {
                        return fork;
                    }
                }
            }

            var grown = Tiles.Append([.. bundle.Entries.Skip(known.Length).Select(p => p.LeafHash)], out var full);
            if (await CheckTilesAsync(full, cancellation) is { } wrong)
            {
                return wrong;
            }

            Tiles = grown;
            return null;
        }

        // An erasure is held against the entry that it names, which is read again where it stands: its hash says that it is the one.
        private async Task<Rejection?> LoadAskedForAsync(PreparedEntry asking, AuditedBundle bundle, CancellationToken cancellation)
        {
            foreach (var leafHash in LedgerReplay.ContentAskedFor(asking))
            {
                if (replay.State.Entry(leafHash) is not { } fact)
                {
                    continue;
                }

                if (fact.Index < 0)
                {
                    if (Ended is not null && await Ended.ReadAsync(fact.Index, leafHash, cancellation) is { } before)
                    {
                        replay.State.Load(before);
                    }

                    continue;
                }

                var index = (ulong)fact.Index;
                var (number, place) = (index / Tile.FullWidth, (int)(index % Tile.FullWidth));
                var (leaves, rejection) = number == bundle.Tile.Index
                    ? ([.. bundle.Entries.Select(e => e.Entry?.Leaf ?? default)], null)
                    : await AuditedBundle.ReadLeavesAsync(files, Tile.At(0, number, _checkpoint.Size)!.Value, cancellation);
                if (leaves is null)
                {
                    return rejection;
                }

                if (Digest.OfLeaf(leaves[place].Span) != leafHash)
                {
                    return new Rejection(Failure.RootMismatch, "The entry's bytes are not those that were audited before.") { Expected = $"leaf hash {leafHash}", Found = $"leaf hash {Digest.OfLeaf(leaves[place].Span)}" }
                        .At(index, null);
                }

                var shown = await files.DisclosuresAsync(number, cancellation) is { } told ? ToldDisclosures.Read(told).GetValueOrDefault(index) : null;
                if (SignedEntry.Join(Entry.Parse(leaves[place], out _)!, shown ?? [], complete: false, out var fault) is not { } signed)
                {
                    return Rejection.Of(fault!).At(index, null);
                }

                replay.State.Load(signed);
            }

            return null;
        }

        private async Task<Rejection?> CheckTilesAsync(IEnumerable<TileContent> computed, CancellationToken cancellation)
        {
            foreach (var (tile, bytes) in computed.Where(t => t.Tile.Level > 0))
            {
                var (served, _) = await AuditedBundle.ReadTileAsync(files, tile, t => t.Path, Tile.FullLength, cancellation);
                var same = served is null ? 0 : served.AsSpan().CommonPrefixLength(bytes.Span);
                if (same == bytes.Length)
                {
                    continue;
                }

                // The first hash that differs stands for the entries below it.
                var hash = same / Digest.Length;
                return new Rejection(Failure.TileMalformed, $"{tile.Path} is {(served is null ? "missing" : "not what the entries below it hash to")}.")
                {
                    Index = ((tile.Index * Tile.FullWidth) + (ulong)hash) << (8 * tile.Level),
                    Expected = $"hash {hash} of the tile {new Digest(bytes.Span.Slice(hash * Digest.Length, Digest.Length))}",
                    Found = served is null ? "no such file"
                        : served.Length < (hash + 1) * Digest.Length ? string.Create(CultureInfo.InvariantCulture, $"{served.Length} bytes")
                        : new Digest(served.AsSpan(hash * Digest.Length, Digest.Length)).ToString(),
                };
            }

            return null;
        }

        // Entry and stored hash differ: the signed root decides which of them was altered.
        private async Task<Rejection> BlameAsync(ulong index, PreparedEntry entry, Digest stored, Digest? audited, CancellationToken cancellation)
        {
            var (proof, _) = await Reader().InclusionAsync(index, _checkpoint.Size, cancellation);
            var isSigned = proof is not null && proof.Verify(stored, _checkpoint.Root) is null;
            if (audited is { } known && stored != known)
            {
                _contradicted = isSigned ? SeenOver(index + 1) : null;
                return new Rejection(
                    isSigned ? Failure.ConsistencyUnproven : Failure.RootMismatch,
                    isSigned ? "The entry is another one than was audited here before, and the log signed both: it shows two histories." : "The entry is another one than was audited here before, and the stored hashes do not lead to the signed root.")
                {
                    Expected = $"leaf hash {known}",
                    Found = $"leaf hash {stored}",
                }.At(index, entry.Entry);
            }

            return new Rejection(
                Failure.RootMismatch,
                isSigned ? "The entry's bytes are not those that the log signed." : "The entry's bytes and the hash stored for it differ, and the stored hashes do not lead to the signed root.")
            {
                Expected = $"leaf hash {stored}",
                Found = $"leaf hash {entry.LeafHash}",
            }.At(index, entry.Entry);
        }

        private async Task<Rejection?> CheckRootAsync(CancellationToken cancellation)
        {
            if (replay.Root == _checkpoint.Root)
            {
                return null;
            }

            var other = new Rejection(Failure.RootMismatch, "The entries are sound by themselves and are not the ones that the log signed.") { Expected = $"root {_checkpoint.Root}", Found = $"root {replay.Root}" };
            if (_takenOver == 0)
            {
                return other;
            }

            // Entries that were not read again may be others now: the tiles tell whether the log signed so.
            other = other with { Advice = "Audit again with --full, which reads every entry and names the first that is wrong. Keep the state file and this checkpoint." };
            var (edge, _) = await Reader().EdgeAsync(_takenOver, cancellation);
            var (proof, _) = await Reader().ConsistencyAsync(_takenOver, _checkpoint.Size, cancellation);
            if (edge is null || proof is null || edge.Root() == _takenOverRoot || proof.Verify(edge.Root(), _checkpoint.Root) is not null)
            {
                return other;
            }

            _contradicted = SeenOver(1);
            return other with
            {
                Failure = Failure.ConsistencyUnproven,
                Detail = $"The first {_takenOver} entries under this checkpoint are not those that were audited here before: the log shows two histories.",
                Expected = $"root {_takenOverRoot}",
                Found = $"root {edge.Root()}",
            };
        }

        private TileReader Reader() => new(_checkpoint.Size, async (tile, stop) =>
            (await AuditedBundle.ReadTileAsync(files, tile, t => t.Path, Tile.FullLength, stop)).Bytes is { } bytes ? bytes.AsMemory(0, Math.Min(bytes.Length, tile.Length)) : default);

        // The newest checkpoint that the entries taken over were held against; it covers at least so many of them.
        private SignedNote? SeenOver(ulong size) => before?.Seen.LastOrDefault(s => s.Checkpoint.Size >= size && s.Checkpoint.Size <= _takenOver).Note;

        private Rejection? CheckLogKey()
        {
            if (_checkpoint.Size == 0)
            {
                return null;
            }

            var logChain = Names.LogChain(_checkpoint.Origin);
            var named = ((LogState)replay.State.Chain(logChain)!).Keys.All.Where(k => k.Use == KeyUse.Log && k.IsValidAt((long)_checkpoint.Size)).Select(k => k.X).ToArray();
            var signers = now.Note.Verify(now.Keys, out _)!.Signatures.Where(s => s.By.Type == NoteSignatureType.Ed25519 && s.By.Name == _checkpoint.Origin).Select(s => s.By.Key.X).ToArray();
            return signers.Any(named.Contains)
                ? null
                : new Rejection(Failure.LogKeyForeign, "The key that signed the checkpoint is none of the log keys that the log's own chain names and has not revoked at this size.")
                {
                    Subject = logChain,
                    Expected = string.Join(" or ", named),
                    Found = string.Join(", ", signers),
                };
        }

        // Between two bundles only: then state and tiles are of one size. A checkpoint seen before is kept until its root was met.
        private void Save(ulong atLeast)
        {
            if (auditor.StateFile is null || replay.Rejection is not null || replay.Size != Tiles.Size || replay.Size < _saved + atLeast)
            {
                return;
            }

            var memory = before is null ? now : before.Checkpoint.Size > replay.Size ? before with { Keys = now.Keys } : now with { Audited = before.Note };
            (memory with { Replay = replay, Tiles = Tiles }).Write(auditor.StateFile);
            _saved = replay.Size;
        }
    }
}
