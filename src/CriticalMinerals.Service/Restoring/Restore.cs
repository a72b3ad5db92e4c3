using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Service.Log;
using JasperFx;
using Marten;
using Marten.Exceptions;
using Npgsql;

namespace CriticalMinerals.Service.Restoring;

/// <summary>
/// The command <c>restore --from &lt;folder&gt;</c>, for a log that goes on from others with their folders before its own: a database that lacks entries, all of them or those since a backup, gets them from the log's files. First
/// the folder is replayed whole in memory and held against its checkpoint, the pin and the database; then the pin is moved to that checkpoint, so that from
/// there on no service signs anything shorter; then what is missing is written, in batches, by the log's one writer. Cut off, it is given again and goes on.
/// </summary>
public sealed class Restore(LogKeys keys, Pin pin, LogIdentity identity, TreeStore tree, LogWriter writer, IDocumentStore store, NpgsqlDataSource database, Succession succession, TimeProvider clock)
{
    /// <summary>The first argument of the command line.</summary>
    public const string Command = "restore";

    private const string Usage =
        "restore --from <folder> [--vkey <file>]: the folder holds the log's files at the paths of its address, the file its verifier keys.\n" +
        "restore --from <folder> --from <folder> ... --vkey <file>: the same for a log that goes on from others; their folders come first, the oldest before all, and the file holds the keys of all.\n" +
        "restore --from <folder> [--from <folder> ...] --vkey <file> --successor: the log that Ledger__Origin names goes on from that of the folder; where there are several, each goes on from the one before it.";

    // Disclosures that a later entry erased: what the folder may still hold of them is never written.
    private readonly HashSet<(Digest Entry, Digest Disclosure)> _erased = [];
    private readonly Withheld _lacking = new(pin);
    private long _withheld;
    private long _written;
    private bool _timed = true;

    /// <summary>Restores and says what was done.</summary>
    /// <exception cref="StartupException">Something does not fit; nothing was changed, unless the message says so.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var (folders, believed, succeeds) = Read(arguments);
        if (succeeds)
        {
            return await succession.RunAsync(folders, believed ?? throw new StartupException(Usage), cancel);
        }

        // A log that goes on from others has their files before its own.
        var (before, folder) = (folders.SkipLast(1).ToArray(), folders[^1]);
        var keysBefore = before.Length == 0 ? [] : believed ?? throw new StartupException(Usage);
        var checkpoint = folder.ReadCheckpoint(origin => believed ?? [new NoteVerifier(origin, keys.Log.VerifyingKey)]);
        var committed = await tree.CommittedAsync(cancel);
        identity.SettleAs(checkpoint.Origin, committed);
        var pinned = pin.Read();
        RequireTogether(committed, pinned);
        var from = committed?.Size ?? 0;
        if (pinned is not null && pinned.Size > Math.Max((long)checkpoint.Size, from))
        {
            throw new StartupException(
                $"The files in {folder.Path} reach {Counted.Entries(checkpoint.Size)} and {pinned.Size} were signed ({pin.Path}): going on from there would make a second history. Bring files that reach {pinned.Size}. Nothing was changed.");
        }

        var replay = before.Length == 0 ? new LedgerReplay(checkpoint.Origin) : Succession.Replay(before, keysBefore, checkpoint.Origin, cancel);
        await VerifyAsync(folder, checkpoint, replay, from, pinned, cancel);
        if (from >= (long)checkpoint.Size)
        {
            return $"Nothing is missing: the database holds {Counted.Entries(from)}, the files in {folder.Path} {checkpoint.Size}, and they are the same.";
        }

        // The pin first: whatever happens from here on, no start signs less than the whole of it.
        var size = (long)checkpoint.Size;
        var ledger = pinned?.Id ?? committed?.PinId ?? Guid.NewGuid();
        MovePin(pinned, new PinnedTree(ledger, size, checkpoint.Root));
        if (committed is null && before.Length > 0)
        {
            await succession.TakeOverAsync(before, keysBefore, checkpoint.Origin, cancel);
        }
        else if (committed is null)
        {
            await tree.CreateAsync(identity.Origin, ledger, clock.GetUtcNow(), cancel);
        }

        // Before the rows that lack them: what is missing later was brought.
        _lacking.Keep(Withheld.Read(pin), ledger, from);
        _lacking.Write();
        try
        {
            await WriteAsync(folder, checkpoint, replay, cancel);
        }
        catch (Exception lost) when (lost is NpgsqlException or MartenException or ConcurrencyException)
        {
            throw Halfway($"the database failed ({lost.Message.TrimEnd('.')}). Mend it");
        }

        return string.Create(CultureInfo.InvariantCulture, $"Restored entries {from} to {size - 1} of {checkpoint.Origin} from {folder.Path}: size {size}, root {checkpoint.Root}. The next start goes on from there.\n") +
            (_withheld > 0 ? $"{_withheld} disclosures were not among the files: what they say stays withheld here, and rules about quantities pass over what they cannot tell. Which, {_lacking.Path} keeps for verify-state.\n" : "") +
            (_timed ? "" : "When entries were recorded was not among the files (times/<N>): they count as recorded now.\n") +
            (pinned is null ? $"No pin was here: if the log ever signed more than {Counted.Entries(size)}, going on makes a second history for whoever saw it. Then get the newer files, or open a successor.\n" : "") +
            "Documents and records of reads are no part of the log's files.";
    }

    private static (IReadOnlyList<LogFolder> Folders, IReadOnlyCollection<NoteVerifier>? Keys, bool Succeeds) Read(IReadOnlyList<string> arguments)
    {
        var from = new List<LogFolder>();
        string? vkey = null;
        var succeeds = false;
        for (var i = 0; i < arguments.Count; i++)
        {
            string Value() => ++i < arguments.Count ? arguments[i] : throw new StartupException(Usage);
            switch (arguments[i])
            {
                case "--from" when Value() is var folder:
                    from.Add(Directory.Exists(folder) ? new LogFolder(folder) : throw new StartupException($"There is no folder {Path.GetFullPath(folder)}. Name the folder with the log's files by its whole path. Nothing was changed."));
                    break;
                case "--vkey":
                    vkey = Value();
                    break;
                case "--successor":
                    succeeds = true;
                    break;
                default:
                    throw new StartupException(Usage);
            }
        }

        if (from.Count == 0)
        {
            throw new StartupException(Usage);
        }

        if (vkey is null)
        {
            return (from, null, succeeds);
        }

        if (!File.Exists(vkey) || new FileInfo(vkey).Length > TrustPolicy.MaximumLength)
        {
            throw new StartupException($"There is no file of verifier keys {Path.GetFullPath(vkey)}, or it is longer than {TrustPolicy.MaximumLength} bytes. Nothing was changed.");
        }

        var policy = TrustPolicy.Parse(File.ReadAllText(vkey), out var fault) ?? throw new StartupException($"{vkey} holds no verifier keys: {fault!.Detail}");
        return (from, policy.LogKeys, succeeds);
    }

    private void RequireTogether(CommittedTree? committed, PinnedTree? pinned)
    {
        if (committed is { Size: > 0 } && pinned is null)
        {
            throw SignedLog.Unpinned(committed, pin);
        }

        if (committed is not null && pinned is not null && committed.PinId != pinned.Id)
        {
            throw SignedLog.Foreign(pin);
        }
    }

    /// <summary>Replays the whole folder in memory: every byte, hash, signature and rule, as an auditor does, and against what is stored and signed here.</summary>
    private async Task VerifyAsync(LogFolder folder, Checkpoint checkpoint, LedgerReplay replay, long stored, PinnedTree? pinned, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        for (ulong number = 0; number * Tile.FullWidth < checkpoint.Size; number++)
        {
            var bundle = folder.ReadBundle(number, checkpoint.Size);
            var prepared = bundle.Leaves.AsParallel().AsOrdered().WithCancellation(cancel).Select((leaf, i) => replay.Prepare(leaf, bundle.Disclosures.GetValueOrDefault(bundle.From + (ulong)i))).ToArray();
            var held = (long)bundle.From < stored ? await BatchStore.HashesAsync(connection, (long)bundle.From, Math.Min(stored, (long)bundle.From + prepared.Length), cancel) : [];
            for (var i = 0; i < prepared.Length; i++)
            {
                var (index, hash) = (bundle.From + (ulong)i, prepared[i].LeafHash);
                if (bundle.Hashes is { } hashes && hashes[i] != hash)
                {
                    throw Refused(folder, $"Entry {index} and the hash stored beside it differ: one of them was altered.");
                }

                if (i < held.Length && held[i] != hash)
                {
                    throw Refused(folder, $"The files and the database are two histories: they differ from entry {index} on (files {hash}, database {held[i]}).");
                }

                if (replay.Add(prepared[i]) is { } rejection)
                {
                    throw Refused(folder, rejection.Failure == Failure.PredecessorMissing ? $"{rejection} Give their folders before this one, and the keys of all: --from <oldest> --from {folder.Path} --vkey <file>." : $"{rejection}");
                }

                if (pinned is not null && replay.Size == (ulong)pinned.Size && replay.Root != pinned.Root)
                {
                    throw Refused(folder, $"The files and what was signed here are two histories: they differ at an entry from {Math.Min(stored, pinned.Size)} to {pinned.Size - 1} (root of {Counted.Entries(pinned.Size)}: files {replay.Root}, signed {pinned.Root}).");
                }

                Remember(prepared[i].Entry!);
                _withheld += (long)index < stored ? 0 : _lacking.Add((long)index, prepared[i].Entry!, prepared[i].Withheld);
            }

            _timed &= bundle.Times is not null;
        }

        if (replay.Root != checkpoint.Root)
        {
            throw Refused(folder, $"The entries are not those that the log signed: root {replay.Root}, signed {checkpoint.Root} for {Counted.Entries(checkpoint.Size)}.");
        }

        RequireKeys(replay);
    }

    private void Remember(Entry entry)
    {
        if (entry.Event == EventCatalog.Of<Erased>().Name)
        {
            foreach (var text in entry.Data.GetProperty("digests").EnumerateArray())
            {
                if (Digest.TryParse(text.GetString(), out var digest))
                {
                    _erased.Add((entry.References[0].Entry, digest));
                }
            }
        }
    }

    /// <summary>Whoever goes on with the log signs with its keys: those in force at its end.</summary>
    private void RequireKeys(LedgerReplay replay)
    {
        var ring = (replay.State.Chain(Names.LogChain(identity.Origin)) as LogState)?.Keys.All ?? [];
        foreach (var (key, use, file) in new[] { (keys.Log, KeyUse.Log, LogKeys.LogFile), (keys.Head, KeyUse.Head, LogKeys.HeadFile) })
        {
            if (!ring.Any(k => k.X == key.VerifyingKey.X && k.Use == use && k.RevokedAt is null))
            {
                throw new StartupException($"keys/{file} in the data folder is not a key that {identity.Origin} names for it: this node could not go on with the log. Put the log's own there. Nothing was changed.");
            }
        }
    }

    private void MovePin(PinnedTree? pinned, PinnedTree next)
    {
        if ((pinned is null ? pin.Create(next) : pinned == next ? next : pin.Advance(pinned, next)) != next)
        {
            throw new StartupException($"{pin.Path} was moved meanwhile: a service runs on this data folder. Stop it first. Nothing was changed.");
        }
    }

    private async Task WriteAsync(LogFolder folder, Checkpoint checkpoint, LedgerReplay verified, CancellationToken cancel)
    {
        _written = (await tree.CommittedAsync(cancel))!.Size;
        while (_written is var next && next < (long)checkpoint.Size)
        {
            var bundle = folder.ReadBundle((ulong)next / Tile.FullWidth, checkpoint.Size);
            await using var session = store.LightweightSession();
            await session.BeginTransactionAsync(cancel);
            var committed = await BatchStore.LockAsync(session.Connection!, cancel);
            if (committed.Size != next)
            {
                throw Halfway("somebody else writes to this database. Stop every service on it");
            }

            var (candidates, times) = (new List<Candidate>(), new List<DateTimeOffset>());
            var at = next == 0 ? DateTimeOffset.MinValue : committed.At;
            for (var i = (int)((ulong)next - bundle.From); i < bundle.Leaves.Count; i++)
            {
                // What the log said of its times is taken over; they never go back and are not ahead of this node's clock.
                var (index, now) = (bundle.From + (ulong)i, clock.GetUtcNow());
                at = bundle.Times?[i] is { } said && said < now ? Later(at, said) : Later(at, now);
                candidates.Add(Candidate(bundle.Leaves[i], bundle.Disclosures.GetValueOrDefault(index), index, verified) ?? throw Halfway("the files were changed while they were read. Let them be"));
                times.Add(at);
            }

            var written = await writer.WriteAsync(session, committed, candidates, times, cancel);
            if (written.Decisions.FirstOrDefault(d => d is not Decision.Admitted) is { } unlike)
            {
                throw Halfway($"an entry that the files prove was not admitted here ({(unlike is Decision.Refused { Refusal: var refusal } ? refusal.Detail : "it stands already")}): the database is damaged. Begin with an empty one");
            }

            await session.SaveChangesAsync(cancel);
            writer.Saved(written);
            _written = (long)written.Tree!.Size;
        }
    }

    private Candidate? Candidate(ReadOnlyMemory<byte> leaf, IReadOnlyList<string>? disclosures, ulong index, LedgerReplay verified) =>
        verified.State.Entry(Digest.OfLeaf(leaf.Span))?.Index == (long)index && Entry.Parse(leaf, out _) is { } entry &&
        SignedEntry.Join(entry, disclosures ?? [], complete: false, out _) is { } signed
            ? Lifecycle.Candidate.Read(signed.Only(d => !_erased.Contains((entry.LeafHash, d.Digest))), out _)
            : null;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static StartupException Refused(LogFolder folder, string why) => new($"The files in {folder.Path} do not fit. {why} Nothing was changed.");

    private StartupException Halfway(string what) =>
        new($"After {Counted.Entries(_written)}: {what}, then give the command again; it goes on from what is committed, and no service starts before it has finished.");
}
