using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using Marten;
using Npgsql;

namespace CriticalMinerals.Service.Log;

/// <summary>
/// The one writer of the log: decides candidates at its end, in order, and puts all that follows from those admitted into the caller's transaction: events,
/// leaves, folded states, given lines, names, disclosures, full tiles, the new size and root. Keeps for the next batch what this one read, as long as nobody
/// else wrote. One batch at a time; the caller holds the lock of the state row.
/// </summary>
public sealed class LogWriter(LogIdentity identity, TreeStore tree)
{
    /// <summary>Chains kept between batches while no other node writes.</summary>
    private const int CachedEntries = 200_000;

    // Both are as of the last commit by this writer; they serve the next batch when the state row says that nobody else wrote since.
    private LedgerState? _state;
    private OpenTiles? _tiles;
    private Digest _root;
    private int _cached;
    private Needs _known = new();

    /// <summary>Decides and writes; nothing is kept before the session is saved, and then <see cref="Saved"/> is to be called.</summary>
    /// <param name="session">In a transaction that holds the state row (<see cref="BatchStore.LockAsync"/>).</param>
    /// <param name="committed">What the row says.</param>
    /// <param name="candidates">The entries, in order.</param>
    /// <param name="times">For each the time under which it is recorded; they do not go back.</param>
    /// <param name="stop">Ends the work; the transaction is then to be given up.</param>
    /// <exception cref="LogHaltedException">The stored tiles do not give the stored root.</exception>
    public async Task<WrittenBatch> WriteAsync(IDocumentSession session, CommittedTree committed, IReadOnlyList<Candidate> candidates, IReadOnlyList<DateTimeOffset> times, CancellationToken stop)
    {
        var connection = session.Connection!;
        var state = await LoadAsync(connection, committed, candidates, stop);
        var decisions = new Decision[candidates.Count];
        var admitted = new List<(SignedEntry Signed, DateTimeOffset At)>(candidates.Count);
        for (var i = 0; i < candidates.Count; i++)
        {
            decisions[i] = Admission.Decide(state, candidates[i]);
            if (decisions[i] is Decision.Admitted)
            {
                admitted.Add((candidates[i].Signed, times[i]));
            }
        }

        if (admitted.Count == 0)
        {
            return new WrittenBatch(decisions, null, _tiles!);
        }

        var hashes = admitted.Select(a => a.Signed.Entry.LeafHash).ToArray();
        var grown = new GrownTree(_tiles!.Edge(), hashes);
        var tiles = _tiles.Append(hashes, out var completed);
        await BatchStore.WriteAsync(connection, [.. admitted.Select(a => a.Signed)], [.. admitted.Select(a => a.At)], state.TakeChanges(), grown, completed, stop);
        Append(session, admitted.Select(a => a.Signed.Entry));
        return new WrittenBatch(decisions, grown, tiles);
    }

    /// <summary>Has the session append entries to their chains' streams.</summary>
    internal static void Append(IDocumentSession session, IEnumerable<Entry> entries)
    {
        foreach (var chain in entries.GroupBy(entry => entry.Subject))
        {
            var events = chain.Select(entry => (object)new EntryAppended(entry.Leaf.ToArray())).ToArray();
            if (chain.First().Sequence == 0)
            {
                session.Events.StartStream(chain.Key, events);
            }
            else
            {
                session.Events.Append(chain.Key, chain.Last().Sequence + 1, events);
            }
        }
    }

    /// <summary>The state in which the log's next entry is decided, of what it has before anything is loaded.</summary>
    internal static async Task<LedgerState> EmptyStateAsync(LogIdentity identity, TreeStore tree, CommittedTree committed, CancellationToken cancel) => new(identity.Origin, identity.Opening)
    {
        Size = committed.Size,
        First = await tree.FirstAsync(cancel),
        Predecessor = committed.Size == 0 ? await tree.PredecessorAsync(cancel) : null,
    };

    /// <summary>The batch is committed: the next one builds on it.</summary>
    public void Saved(WrittenBatch batch)
    {
        if (batch.Tree is { } grown)
        {
            (_tiles, _root) = (batch.Tiles, grown.Root);
            _cached += batch.Decisions.Count;
        }
    }

    /// <summary>A batch was not committed, or nobody knows: the next one reads everything again.</summary>
    public void Forget() => (_state, _tiles) = (null, null);

    private async Task<LedgerState> LoadAsync(NpgsqlConnection connection, CommittedTree committed, IReadOnlyList<Candidate> candidates, CancellationToken stop)
    {
        if (_state is null || _state.Size != committed.Size || _root != committed.Root || _cached > CachedEntries)
        {
            _state = await EmptyStateAsync(identity, tree, committed, stop);
            _root = committed.Root;
            _known = new Needs();
            _cached = 0;
        }

        if (_tiles is null || (long)_tiles.Size > committed.Size)
        {
            _tiles = await OpenTilesAsync(committed.Size, stop);
        }
        else if ((long)_tiles.Size < committed.Size)
        {
            _tiles = _tiles.Append(await BatchStore.HashesAsync(connection, (long)_tiles.Size, committed.Size, stop), out _);
        }

        if (_tiles.Edge().Root() != committed.Root)
        {
            throw new LogHaltedException($"The stored tiles of size {committed.Size} do not give the stored root {committed.Root}.");
        }

        var needs = new Needs();
        foreach (var candidate in candidates)
        {
            needs.Add(candidate);
        }

        await BatchStore.LoadAsync(connection, needs.Except(_known), _state, stop);
        _known.Add(needs);
        return _state;
    }

    private async Task<OpenTiles> OpenTilesAsync(long size, CancellationToken stop)
    {
        var (edge, fault) = await tree.Reader(size).EdgeAsync((ulong)size, stop);
        var contents = new List<ReadOnlyMemory<byte>>();
        foreach (var tile in Tile.PartialOf((ulong)size))
        {
            contents.Add(await tree.TileAsync(tile, stop));
        }

        return (edge is null ? null : OpenTiles.Restore(edge, contents, out fault)) ?? throw new LogHaltedException($"The stored tiles are damaged: {fault!.Detail}");
    }
}

/// <summary>A batch that is written and not committed yet.</summary>
/// <param name="Decisions">What became of each candidate.</param>
/// <param name="Tree">The tree with those admitted; null when none was.</param>
/// <param name="Tiles">Its tiles that are not full.</param>
public sealed record WrittenBatch(IReadOnlyList<Decision> Decisions, GrownTree? Tree, OpenTiles Tiles);
