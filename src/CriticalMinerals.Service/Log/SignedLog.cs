using System.Diagnostics.CodeAnalysis;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Service.Log;

/// <summary>
/// Signs what is committed, and only that: reads the leaf bytes back, hashes them again onto the tree it signed last, compares with the committed root,
/// moves the pin, signs. Whatever does not agree stops this node for good: a wrong signature can never be taken back.
/// </summary>
public sealed class SignedLog(LogIdentity identity, LogKeys keys, Pin pin, TreeStore tree, EntryReader entries, TimeProvider clock) : IDisposable
{
    private const int ReadBack = 512;

    /// <summary>How long a head statement counts as fresh.</summary>
    private static readonly TimeSpan HeadLifetime = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private Guid _pinId;
    private volatile SignedTree? _signed;
    private string? _headKeyId;

    /// <summary>The log's name.</summary>
    public string Origin => identity.Origin;

    /// <summary>The tree signed last.</summary>
    /// <exception cref="LogHaltedException">Nothing is signed yet, or the node has stopped.</exception>
    public SignedTree Latest() => Halted is { } reason ? throw new LogHaltedException(reason) : _signed ?? throw new LogHaltedException("The log is starting.");

    /// <summary>The tree signed last, after signing what other nodes have committed since: what readers are shown, whichever node they come to.</summary>
    /// <exception cref="LogHaltedException">Nothing is signed yet, or the node has stopped.</exception>
    public async Task<SignedTree> CurrentAsync(CancellationToken cancel) =>
        Latest() is var latest && await tree.CommittedAsync(cancel) is { } committed && committed.Size > latest.Size ? await AdvanceAsync(cancel) : latest;

    /// <summary>Index of the oldest entry: 0, or below it where the log goes on from others.</summary>
    public Task<long> FirstAsync(CancellationToken cancel) => tree.FirstAsync(cancel);

    /// <summary>Why this node signs nothing any more; null while it is well.</summary>
    public string? Halted { get; private set; }

    /// <summary>The log's verifier keys, one a line.</summary>
    public string VerifierKeys => new NoteVerifier(Origin, keys.Log.VerifyingKey) + "\n";

    /// <summary>Compares the database with the pin and signs what a crash may have left committed and unsigned.</summary>
    /// <exception cref="StartupException">Database and pin do not belong together; the message says how to go on.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        var pinned = pin.Read();
        var committed = await tree.CommittedAsync(cancel);
        identity.Settle(committed);
        if (committed is null)
        {
            if (await tree.HoldsEntriesAsync(cancel))
            {
                throw new StartupException("The database holds entries of a log that ended, and the command that takes them over was cut off. Give it again as it was: restore --from <folder> ... --vkey <file>, with --successor where a new log begins.");
            }

            if (pinned is { Size: > 0 })
            {
                throw Behind(0, pinned.Size);
            }

            if (pinned is null)
            {
                // The pin first: rows without a pin are refused, a pin without rows is a new log.
                pinned = pin.Create(new PinnedTree(Guid.NewGuid(), 0, MerkleTree.EmptyRoot));
            }

            await tree.CreateAsync(Origin, pinned.Id, clock.GetUtcNow(), cancel);
            committed = (await tree.CommittedAsync(cancel))!;
        }

        if (pinned is null && committed.Size == 0)
        {
            // A power cut may take the name of a file made a moment before. Nothing but the empty tree was ever signed: the pin is made again.
            pinned = pin.Create(new PinnedTree(committed.PinId, 0, MerkleTree.EmptyRoot));
        }

        if (pinned is null)
        {
            throw Unpinned(committed, pin);
        }

        if (committed.PinId != pinned.Id)
        {
            throw Foreign(pin);
        }

        if (committed.Size < pinned.Size)
        {
            throw Behind(committed.Size, pinned.Size);
        }

        _pinId = pinned.Id;
        var (edge, fault) = await tree.Reader(committed.Size).EdgeAsync((ulong)pinned.Size, cancel);
        if (edge is null || edge.Root() != pinned.Root)
        {
            throw new StartupException(
                $"The first {Counted.Of(pinned.Size, "entry of the database does", "entries of the database do")} not give the root that was signed ({fault?.Detail ?? $"found {edge!.Root()}, signed {pinned.Root}"}): they were altered, or it is another database.\n" +
                "Bring the right database back, or begin a new ledger: start the service with the argument new-ledger.");
        }

        _signed = Sign(edge);
        try
        {
            await AdvanceAsync(cancel);
        }
        catch (LogHaltedException halted)
        {
            throw new StartupException(
                $"{halted.Message} {Counted.Of(committed.Size - pinned.Size, "entry waits", "entries wait")} for a signature after the last signed tree ({pinned.Size}); nothing was signed.\n" +
                "Bring the right database back, or begin a new ledger: start the service with the argument new-ledger.",
                halted);
        }
    }

    /// <summary>
    /// Holds a tree that is about to be built upon against the pin and what this node signed, so that nothing is ever added to an older copy. The caller
    /// holds the lock of the state row: no other node can rightly be ahead of it.
    /// </summary>
    /// <exception cref="LogHaltedException">It is an older copy, or another log.</exception>
    public void Require(CommittedTree locked)
    {
        var latest = Latest();
        PinnedTree? pinned;
        try
        {
            pinned = pin.Read();
        }
        catch (StartupException damaged)
        {
            Halt(damaged.Message);
            throw;
        }

        if (pinned is null || pinned.Id != _pinId || locked.PinId != _pinId)
        {
            Halt($"{pin.Path} is missing or belongs to another log than the database.");
        }

        foreach (var (size, root) in new[] { (pinned.Size, pinned.Root), (latest.Size, latest.Edge.Root()) })
        {
            if (locked.Size < size || (locked.Size == size && locked.Root != root))
            {
                Halt($"The database holds {Counted.Entries(locked.Size)} with root {locked.Root}; {size} with root {root} were signed. It is an older copy or another one.");
            }
        }
    }

    /// <summary>Brings the signature up to everything committed now and returns what is signed then.</summary>
    /// <exception cref="LogHaltedException">Database, pin and what was signed before do not agree.</exception>
    public async Task<SignedTree> AdvanceAsync(CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            var edge = Latest().Edge;
            var committed = (await tree.CommittedAsync(cancel))!;
            if (committed.Size < (long)edge.Size)
            {
                Halt($"The database went back from {edge.Size} to {Counted.Entries(committed.Size)} while the service ran.");
            }

            if (committed.Size == (long)edge.Size && committed.Root != edge.Root())
            {
                Halt($"For {Counted.Entries(edge.Size)} the database says root {committed.Root}; signed was {edge.Root()}.");
            }

            while ((long)edge.Size < committed.Size)
            {
                var grown = await GrowAsync(edge, committed.Size, cancel);
                if (grown.Root() != committed.Root)
                {
                    Halt($"The {grown.Size} stored entries give root {grown.Root()}, the database says {committed.Root}: memory or storage is damaged.");
                }

                var next = Pinned(grown);
                var pinned = pin.Advance(Pinned(edge), next);
                if (pinned != next)
                {
                    // Another node has signed since: what it signed must lie on our way.
                    if (pinned.Id != _pinId || pinned.Size <= (long)edge.Size)
                    {
                        Halt($"{pin.Path} says that size {pinned.Size} was signed with root {pinned.Root}; this node signed size {edge.Size} with root {edge.Root()}.");
                    }

                    if (pinned.Size > committed.Size)
                    {
                        committed = (await tree.CommittedAsync(cancel))!;
                        if (committed.Size < pinned.Size)
                        {
                            Halt($"{pin.Path} says that {Counted.Of(pinned.Size, "entry was", "entries were")} signed, the database has {committed.Size}.");
                        }
                    }

                    grown = pinned.Size == next.Size ? grown : await GrowAsync(edge, pinned.Size, cancel);
                    if (grown.Root() != pinned.Root)
                    {
                        Halt($"Another node signed root {pinned.Root} for size {pinned.Size}; the database gives {grown.Root()}.");
                    }
                }

                edge = grown;
            }

            if (edge.Size > _signed!.Edge.Size)
            {
                _signed = Sign(edge);
            }

            return _signed;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Proofs for entries below a signed size, from stored tiles.</summary>
    public async Task<IReadOnlyList<InclusionProof>> ProofsAsync(IReadOnlyCollection<ulong> indices, ulong size, CancellationToken cancel)
    {
        var (proofs, fault) = await tree.Reader(Latest().Size).InclusionsAsync(indices, size, cancel);
        return proofs ?? throw new InvalidDataException(fault!.Detail);
    }

    /// <summary>The paths of the same proofs by index; below 0 in the trees of the logs that this one goes on from, as they ended.</summary>
    public async Task<IReadOnlyDictionary<long, IReadOnlyList<Digest>>> PathsAsync(IReadOnlyCollection<long> indexes, ulong size, CancellationToken cancel)
    {
        var paths = (await ProofsAsync([.. indexes.Where(index => index >= 0).Select(index => (ulong)index)], size, cancel)).ToDictionary(proof => (long)proof.Index, proof => proof.Path);
        foreach (var ended in await tree.EndedAsync(cancel))
        {
            ulong[] wanted = [.. indexes.Where(index => index >= ended.First && index <= ended.Last).Select(index => (ulong)(index - ended.First))];
            var (proofs, fault) = wanted.Length == 0 ? ([], null) : await tree.Reader(ended).InclusionsAsync(wanted, (ulong)ended.Size, cancel);
            foreach (var proof in proofs ?? throw new InvalidDataException(fault!.Detail))
            {
                paths[ended.First + (long)proof.Index] = proof.Path;
            }
        }

        return paths;
    }

    /// <summary>The receipt of an entry under the tree signed last.</summary>
    /// <remarks>Of an entry below 0 it is that of the log in which it stands, under that log's last checkpoint.</remarks>
    public async Task<Receipt> ReceiptAsync(long index, CancellationToken cancel)
    {
        if (index < 0)
        {
            var ended = (await tree.EndedAsync(cancel)).First(e => index <= e.Last);
            var note = await tree.NoteAsync(ended, cancel) ?? throw new InvalidDataException($"The last checkpoint of {ended.Origin} is missing from the database.");
            var (path, fault) = await tree.Reader(ended).InclusionAsync((ulong)(index - ended.First), (ulong)ended.Size, cancel);
            return new Receipt((ulong)(index - ended.First), path?.Path ?? throw new InvalidDataException(fault!.Detail), note);
        }

        var signed = Latest() is { } latest && latest.Size > index ? latest : await AdvanceAsync(cancel);
        return new Receipt((ulong)index, (await ProofsAsync([(ulong)index], (ulong)signed.Size, cancel))[0].Path, signed.Checkpoint);
    }

    /// <summary>The statement that a chain's newest entry is its newest; null for a chain that is not there.</summary>
    /// <remarks>The size is read before the head: an entry that slips in between makes the statement say less than is so, never more.</remarks>
    public async Task<HeadStatement?> HeadAsync(string subject, CancellationToken cancel) => await HeadAsync(subject, await CurrentAsync(cancel), cancel);

    /// <summary>The same for a tree signed by this node; null when the chain has no entry in it.</summary>
    public async Task<HeadStatement?> HeadAsync(string subject, SignedTree tree, CancellationToken cancel)
    {
        var size = tree.Size;
        var head = await entries.HeadAsync(subject, size, cancel);
        if (head is not { } newest)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        return HeadStatement.Sign(keys.Head, await HeadKeyIdAsync(cancel), Origin, subject, newest.Sequence, newest.Hash, size, now, now + HeadLifetime);
    }

    /// <summary>The statement how many restricted reads of a chain were recorded, and the hash of the last.</summary>
    public async Task<ReadingStatement> ReadingsAsync(string subject, long count, Digest hash, CancellationToken cancel)
    {
        _ = Latest();
        return ReadingStatement.Sign(keys.Head, await HeadKeyIdAsync(cancel), Origin, subject, count, hash, clock.GetUtcNow());
    }

    public void Dispose() => _one.Dispose();

    private async Task<string> HeadKeyIdAsync(CancellationToken cancel) =>
        _headKeyId ??= (await entries.StateAsync(Names.LogChain(Origin), cancel) as LogState)?.Keys.All.FirstOrDefault(k => k.X == keys.Head.VerifyingKey.X)?.KeyId
            ?? throw new LogHaltedException("The head key of this node is not a key of this log.");

    private async Task<RightEdge> GrowAsync(RightEdge edge, long size, CancellationToken cancel)
    {
        while ((long)edge.Size < size)
        {
            var from = (long)edge.Size;
            var leaves = await entries.LeavesAsync(from, (int)Math.Min(ReadBack, size - from), cancel);
            if (leaves.Count == 0)
            {
                Halt($"Entry {from} is missing from the database.");
            }

            edge = edge.Append(EntryBundle.LeafHashes(leaves));
        }

        return edge;
    }

    private PinnedTree Pinned(RightEdge edge) => new(_pinId, (long)edge.Size, edge.Root());

    private SignedTree Sign(RightEdge edge) =>
        new((long)edge.Size, edge, new Checkpoint(Origin, edge.Size, edge.Root()).Sign(keys.Log));

    [DoesNotReturn]
    private void Halt(string reason)
    {
        Halted = reason;
        throw new LogHaltedException(reason);
    }

    /// <summary>The database has entries and the pin is not there.</summary>
    internal static StartupException Unpinned(CommittedTree committed, Pin pin) => new(
        $"The database holds {Counted.Entries(committed.Size)} and {pin.Path} is missing. The pin says what was signed last; without it this node could sign a second history.\n" +
        "Bring the pin back (it belongs to the data folder, not to the database), or begin a new ledger: start the service with the argument new-ledger.");

    /// <summary>Pin and database are of two logs.</summary>
    internal static StartupException Foreign(Pin pin) => new(
        $"{pin.Path} belongs to another log than this database. Bring the two together that belong together, or begin a new ledger: start the service with the argument new-ledger.");

    private StartupException Behind(long size, long pinned) => new(
        $"The database holds {Counted.Entries(size)}, and {pinned} were signed ({pin.Path}): it is an older copy. Signing on from it would make a second history.\n" +
        "Bring the newer database back; or bring what is missing from the log's files, as a mirror or cml export keeps them: start the service with the arguments restore --from <folder>; " +
        "or begin a new ledger: start the service with the argument new-ledger.");
}

/// <summary>A tree that was signed.</summary>
/// <param name="Size">Its leaves.</param>
/// <param name="Edge">Its right edge, as derived from the stored bytes.</param>
/// <param name="Checkpoint">The signed note.</param>
public sealed record SignedTree(long Size, RightEdge Edge, SignedNote Checkpoint);

/// <summary>This node signs nothing any more: what is stored and what was signed do not agree, and going on could only make it worse.</summary>
public sealed class LogHaltedException(string reason) : Exception(reason);
