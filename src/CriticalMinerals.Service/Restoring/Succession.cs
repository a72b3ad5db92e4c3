using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Opening;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Service.Log;
using Marten;
using Marten.Exceptions;
using Npgsql;

namespace CriticalMinerals.Service.Restoring;

/// <summary>
/// The command <c>restore --from &lt;folder&gt; --successor</c>: an empty database gets the entries of a log that ended, below index 0, and all that follows from them, so that
/// every chain goes on in the log of this service. First the folder is replayed whole in memory and held against its checkpoint; then it is written, bundle
/// by bundle; last, and together, names, the ended log's checkpoint and the row that says that the new log begins. Until then no service starts. Cut off, it
/// is given again and goes on.
/// </summary>
public sealed class Succession(LedgerOptions options, Pin pin, TreeStore tree, IDocumentStore store, NpgsqlDataSource database, TimeProvider clock)
{
    private readonly HashSet<(Digest Entry, Digest Disclosure)> _erased = [];
    private readonly List<EndedLog> _ended = [];
    private readonly Withheld _lacking = new(pin);
    private long _withheld;
    private DateTimeOffset _at = DateTimeOffset.MinValue;

    /// <summary>Takes the logs over and says what is to be done next.</summary>
    /// <param name="folders">Their files, the oldest first.</param>
    /// <param name="keys">Keys that signed their checkpoints.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="StartupException">Something does not fit; nothing was changed, unless the message says so.</exception>
    public async Task<string> RunAsync(IReadOnlyList<LogFolder> folders, IReadOnlyCollection<NoteVerifier> keys, CancellationToken cancel)
    {
        var origin = options.Origin ?? throw new StartupException("A successor needs a name of its own: Ledger__Origin=host/path in lower case. Nothing was changed.");
        if (await tree.CommittedAsync(cancel) is { } committed)
        {
            throw new StartupException($"The database holds the log {committed.Origin} already. A successor begins in an empty database, before the first start. Nothing was changed.");
        }

        if (pin.Read() is { Size: > 0 } signed)
        {
            throw new StartupException($"{pin.Path} says that {Counted.Of(signed.Size, "entry was", "entries were")} signed here already: a successor begins with a data folder of its own. Nothing was changed.");
        }

        var after = await TakeOverAsync(folders, keys, origin, cancel);
        var last = _ended[^1].Tree;
        return string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(-_ended[0].Tree.First, "entry stands", "entries stand")} below index 0 of {origin}. Its first is log-opened.v1 with after {after.Origin}, size {after.Size}, root {after.Root}: cml log open --origin {origin} --after {folders[^1].Path} makes it.\n") +
            (_withheld > 0 ? $"{Counted.Of(_withheld, "disclosure was", "disclosures were")} not among the files: what they say stays withheld here, and rules about quantities pass over what they cannot tell. Which, {_lacking.Path} keeps for verify-state.\n" : "") +
            $"Whoever audits the new log needs the files of {last.Origin} as well: keep them where they can be read.\n" +
            "Documents and records of reads are no part of a log's files.";
    }

    /// <summary>The replay of logs that ended, each after the one before it, from which the next log begins: every byte, hash, signature and rule.</summary>
    /// <param name="folders">Their files, the oldest first.</param>
    /// <param name="keys">Keys that signed their checkpoints.</param>
    /// <param name="origin">The next log.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="StartupException">Something does not fit.</exception>
    internal static LedgerReplay Replay(IReadOnlyList<LogFolder> folders, IReadOnlyCollection<NoteVerifier> keys, string origin, CancellationToken cancel) =>
        Replay(Read(folders, keys, origin), origin, _ => { }, cancel);

    /// <summary>Writes what the ended logs give, for a new log or one that has lost its database, and returns what its opening names.</summary>
    internal async Task<Predecessor> TakeOverAsync(IReadOnlyList<LogFolder> folders, IReadOnlyCollection<NoteVerifier> keys, string origin, CancellationToken cancel)
    {
        var state = Verify(folders, keys, origin, cancel);
        var done = await CheckStoredAsync(state, cancel);
        // Pin first: rows without a pin are refused, a pin without rows is a new log. Then, before the rows that lack them, what was not brought.
        var pinned = pin.Create(new PinnedTree(Guid.NewGuid(), 0, MerkleTree.EmptyRoot));
        _lacking.Keep(Withheld.Read(pin), pinned.Id, done);
        _lacking.Write();
        try
        {
            foreach (var ended in _ended)
            {
                await WriteAsync(ended, state, done, cancel);
            }

            await FinishAsync(origin, pinned, state, cancel);
        }
        catch (Exception lost) when (lost is NpgsqlException or MartenException or JasperFx.ConcurrencyException)
        {
            throw new StartupException($"The database failed ({lost.Message.TrimEnd('.')}). Mend it, then give the command again: it goes on from what is committed, and no service starts before it has finished.", lost);
        }

        return state.Predecessor!;
    }

    private LedgerState Verify(IReadOnlyList<LogFolder> folders, IReadOnlyCollection<NoteVerifier> keys, string origin, CancellationToken cancel)
    {
        var read = Read(folders, keys, origin);
        var next = -read.Sum(log => (long)log.Checkpoint.Size);
        foreach (var (folder, note, checkpoint) in read)
        {
            _ended.Add(new EndedLog(folder, note, new EndedTree(checkpoint.Origin, next, (long)checkpoint.Size, read.Count - 1 - _ended.Count)));
            next += (long)checkpoint.Size;
        }

        next = _ended[0].Tree.First;
        return Replay(
            read,
            origin,
            prepared =>
            {
                _erased.UnionWith(Erasures(prepared.Entry!));
                _withheld += _lacking.Add(next++, prepared.Entry!, prepared.Withheld);
            },
            cancel).State;
    }

    private static List<(LogFolder Folder, SignedNote Note, Checkpoint Checkpoint)> Read(IReadOnlyList<LogFolder> folders, IReadOnlyCollection<NoteVerifier> keys, string origin)
    {
        var read = new List<(LogFolder Folder, SignedNote Note, Checkpoint Checkpoint)>();
        foreach (var folder in folders)
        {
            var (note, checkpoint) = folder.ReadNote(_ => keys);
            read.Add(checkpoint.Size > 0 ? (folder, note, checkpoint) : throw Refused(folder, "The log has no entry: nothing goes on from it."));
        }

        return read.All(log => log.Checkpoint.Origin != origin) ? read
            : throw new StartupException($"Ledger__Origin says {origin}, which is the log that ended: a successor needs a name of its own. Nothing was changed.");
    }

    private static LedgerReplay Replay(List<(LogFolder Folder, SignedNote Note, Checkpoint Checkpoint)> logs, string origin, Action<PreparedEntry> admitted, CancellationToken cancel)
    {
        LedgerReplay? replay = null;
        foreach (var (folder, _, checkpoint) in logs)
        {
            replay = replay?.Succeed(checkpoint.Origin) ?? new LedgerReplay(checkpoint.Origin);
            for (ulong number = 0; number * Tile.FullWidth < checkpoint.Size; number++)
            {
                var bundle = folder.ReadBundle(number, checkpoint.Size);
                var (reads, disclosures) = (replay, bundle.Disclosures);
                var prepared = bundle.Leaves.AsParallel().AsOrdered().WithCancellation(cancel).Select((leaf, i) => reads.Prepare(leaf, disclosures.GetValueOrDefault(bundle.From + (ulong)i))).ToArray();
                for (var i = 0; i < prepared.Length; i++)
                {
                    if (bundle.Hashes is { } hashes && hashes[i] != prepared[i].LeafHash)
                    {
                        throw Refused(folder, $"Entry {bundle.From + (ulong)i} and the hash stored beside it differ: one of them was altered.");
                    }

                    if (replay.Add(prepared[i]) is { } rejection)
                    {
                        throw Refused(folder, $"{rejection}");
                    }

                    admitted(prepared[i]);
                }
            }

            if (replay.Root != checkpoint.Root)
            {
                throw Refused(folder, $"The entries are not those that the log signed: root {replay.Root}, signed {checkpoint.Root} for {Counted.Entries(checkpoint.Size)}.");
            }
        }

        return replay!.Succeed(origin);
    }

    // What an earlier run of the command has committed: the first entries, and nothing else.
    private async Task<long> CheckStoredAsync(LedgerState state, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var count = new NpgsqlCommand("select count(*), coalesce(max(committed_at), '-infinity') from ledger.leaf", connection);
        long stored;
        await using (var row = await count.ExecuteReaderAsync(cancel))
        {
            await row.ReadAsync(cancel);
            (stored, _at) = (row.GetInt64(0), row.GetInt64(0) > 0 ? row.GetFieldValue<DateTimeOffset>(1) : DateTimeOffset.MinValue);
        }

        var done = state.First + stored;
        try
        {
            if (done <= 0 && (await BatchStore.HashesAsync(connection, state.First, done, cancel)).Select((hash, i) => state.Entry(hash)?.Index == state.First + i).All(isSame => isSame))
            {
                return done;
            }
        }
        catch (InvalidDataException)
        {
            // They stand elsewhere.
        }

        throw new StartupException("The database holds other entries than those of the folder. A successor begins in an empty database. Nothing was changed.");
    }

    private async Task WriteAsync(EndedLog ended, LedgerState state, long done, CancellationToken cancel)
    {
        var (folder, log) = (ended.Folder, ended.Tree);
        var tiles = OpenTiles.Empty;
        for (ulong number = 0; number * Tile.FullWidth < (ulong)log.Size; number++)
        {
            var bundle = folder.ReadBundle(number, (ulong)log.Size);
            var first = log.First + (long)bundle.From;
            tiles = tiles.Append(EntryBundle.LeafHashes([.. bundle.Leaves]), out var full);
            if (first + bundle.Leaves.Count <= done)
            {
                continue;
            }

            var (entries, times, changes) = (new List<SignedEntry>(), new List<DateTimeOffset>(), new LedgerChanges());
            for (var i = 0; i < bundle.Leaves.Count; i++)
            {
                // What the log said of its times is taken over; they never go back and are not ahead of this node's clock.
                var now = clock.GetUtcNow();
                _at = bundle.Times?[i] is { } said && said < now ? Later(_at, said) : Later(_at, now);
                times.Add(_at);
                entries.Add(Read(bundle.Leaves[i], bundle.Disclosures.GetValueOrDefault(bundle.From + (ulong)i), first + i, state));
                Collect(entries[i].Entry, state, changes);
            }

            await using var session = store.LightweightSession();
            await session.BeginTransactionAsync(cancel);
            await BatchStore.WriteEndedAsync(session.Connection!, log, first, entries, times, changes, full, cancel);
            LogWriter.Append(session, entries.Select(e => e.Entry));
            await session.SaveChangesAsync(cancel);
        }
    }

    private SignedEntry Read(ReadOnlyMemory<byte> leaf, IReadOnlyList<string>? disclosures, long index, LedgerState state) =>
        state.Entry(Digest.OfLeaf(leaf.Span))?.Index == index && Entry.Parse(leaf, out _) is { } entry && SignedEntry.Join(entry, disclosures ?? [], complete: false, out _) is { } signed
            ? signed.Only(d => !_erased.Contains((entry.LeafHash, d.Digest)))
            : throw new StartupException("The files were changed while they were read. Let them be, then give the command again: it goes on from what is committed, and no service starts before it has finished.");

    // Chains are written with their first entry and once more when they are undone, lines with the entry that gave them: all as they stood at the end.
    private static void Collect(Entry entry, LedgerState state, LedgerChanges changes)
    {
        if (entry.Sequence == 0 || entry.Event == EventCatalog.Of<Voided>().Name)
        {
            changes.Chains[entry.Subject] = state.Chain(entry.Subject)!;
        }

        for (var line = 0; line < entry.Given.Count; line++)
        {
            changes.Lines[(entry.LeafHash, line)] = state.Line(entry.LeafHash, line)!;
        }
    }

    private async Task FinishAsync(string origin, PinnedTree pinned, LedgerState state, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var names = new NpgsqlCommand("insert into ledger.claim (name, owner) select * from unnest($1, $2)", connection))
        {
            names.Parameters.Add(new() { Value = state.Claims.Keys.ToArray() });
            names.Parameters.Add(new() { Value = state.Claims.Values.ToArray() });
            await names.ExecuteNonQueryAsync(cancel);
        }

        foreach (var ended in _ended)
        {
            await using var note = new NpgsqlCommand("insert into ledger.checkpoint (size, note, published_at) values ($1, $2, $3)", connection);
            note.Parameters.Add(new() { Value = ended.Tree.Last });
            note.Parameters.Add(new() { Value = ended.Note.ToString() });
            note.Parameters.Add(new() { Value = _at.ToUniversalTime() });
            await note.ExecuteNonQueryAsync(cancel);
        }

        await TreeStore.CreateAsync(connection, origin, pinned.Id, Later(_at, clock.GetUtcNow()), cancel);
        await transaction.CommitAsync(cancel);
    }

    private static IEnumerable<(Digest Entry, Digest Disclosure)> Erasures(Entry entry) => entry.Event != EventCatalog.Of<Erased>().Name ? [] :
        entry.Data.GetProperty("digests").EnumerateArray().Select(text => (entry.References[0].Entry, Digest.TryParse(text.GetString(), out var digest) ? digest : default));

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static StartupException Refused(LogFolder folder, string why) => new($"The files in {folder.Path} do not fit. {why} Nothing was changed.");

    private sealed record EndedLog(LogFolder Folder, SignedNote Note, EndedTree Tree);
}
