using System.Collections.Concurrent;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// An auditor's replay of a whole log from its leaf bytes, in the order of their indexes: every byte is read, hashed and signature-checked, every rule asked
/// again. Nothing that the log stored beside the bytes is believed. The first entry that is not as it must be stops the replay.
/// </summary>
/// <remarks>
/// <see cref="Prepare"/> may run on all cores; <see cref="Add(PreparedEntry)"/> is called by one thread at a time, in order. Whether <see cref="Root"/> is the
/// one that the log signed for <see cref="Size"/> is for the caller to compare.
/// </remarks>
public sealed class LedgerReplay
{
    private const int Batch = 1024;

    private readonly ConcurrentDictionary<string, VerifyingKey> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<ChainKind, int> _chains = [];
    private readonly List<Digest> _unhashed = new(Batch);
    private RightEdge _edge = RightEdge.Empty;

    /// <summary>A replay from the first entry on.</summary>
    /// <param name="origin">The log that is audited.</param>
    public LedgerReplay(string origin)
        : this(new LedgerState(origin) { IsReplay = true })
    {
    }

    private LedgerReplay(LedgerState state) => State = state;

    /// <summary>What every rule reads, after the entries added so far.</summary>
    public LedgerState State { get; }

    /// <summary>Entries added so far: the index of the next one.</summary>
    public ulong Size => (ulong)State.Size;

    /// <summary>The tree over the entries added so far, from which it can go on growing.</summary>
    public RightEdge Edge
    {
        get
        {
            GrowTree();
            return _edge;
        }
    }

    /// <summary>Root of that tree.</summary>
    public Digest Root => Edge.Root();

    /// <summary>
    /// The replay of a log that goes on from this one as far as it is now: every chain, line, name and id goes on, and its opening has to name this size and
    /// root. This replay is used up by it.
    /// </summary>
    /// <param name="origin">The successor's origin.</param>
    /// <exception cref="InvalidOperationException">It was rejected, or has no entry: nothing goes on from there.</exception>
    public LedgerReplay Succeed(string origin)
    {
        if (Rejection is not null)
        {
            throw new InvalidOperationException("Nothing goes on from a log that was rejected.");
        }

        var next = new LedgerReplay(State.Succeed(origin, Root)) { WithheldDisclosures = WithheldDisclosures, WithheldQuantities = WithheldQuantities };
        foreach (var (kind, count) in _chains)
        {
            next._chains[kind] = count;
        }

        foreach (var (keyId, key) in _keys)
        {
            next._keys[keyId] = key;
        }

        return next;
    }

    /// <summary>Why the replay stopped; null while it has not.</summary>
    public Rejection? Rejection { get; private set; }

    /// <summary>How many chains of each kind there are.</summary>
    public IReadOnlyDictionary<ChainKind, int> Chains => _chains;

    /// <summary>Digests whose disclosures were not at hand.</summary>
    public long WithheldDisclosures { get; private set; }

    /// <summary>Lines given.</summary>
    public long Lines => State.Lines.Count;

    /// <summary>Lines given whose quantity was not at hand: over so many, nothing is said of balance.</summary>
    public long WithheldQuantities { get; private set; }

    /// <summary>Indexes of the entries that stand under a key known to have been in a stranger's hands then, ascending.</summary>
    public IReadOnlyList<long> Disputed => [.. _keys.Keys.SelectMany(DisputedUnder).Order()];

    /// <summary>
    /// Does all that needs no order: reads the entry and its event, and checks the signature if its key was added before the call. Changes nothing; any
    /// number of threads may call it while another adds.
    /// </summary>
    /// <param name="leaf">The leaf bytes; not changed afterwards.</param>
    /// <param name="disclosures">Those at hand; any subset.</param>
    public PreparedEntry Prepare(ReadOnlyMemory<byte> leaf, IReadOnlyList<string>? disclosures = null)
    {
        if (Entry.Parse(leaf, out var fault) is not { } entry)
        {
            return new PreparedEntry(Digest.OfLeaf(leaf.Span), null, null, fault, null);
        }

        if (SignedEntry.Join(entry, disclosures ?? [], complete: false, out fault) is not { } signed)
        {
            return new PreparedEntry(entry.LeafHash, entry, null, fault, null);
        }

        if (Candidate.Read(signed, out var refusal) is not { } candidate)
        {
            return new PreparedEntry(entry.LeafHash, entry, null, null, refusal);
        }

        // A key unknown yet, or one that did not sign this, is looked at again in order.
        if (_keys.TryGetValue(entry.KeyId, out var key))
        {
            candidate.VerifyWith(key);
        }

        return new PreparedEntry(entry.LeafHash, entry, candidate, null, null);
    }

    /// <summary>
    /// Earlier entries whose content the rules ask for when this one is decided, as those of an erasure do. Whoever can read them puts them in by
    /// <see cref="LedgerState.Load(SignedEntry)"/> before the entry is added; without them those rules are passed over.
    /// </summary>
    public static IReadOnlyCollection<Digest> ContentAskedFor(PreparedEntry prepared)
    {
        if (prepared.Candidate is not { } candidate || candidate.Type.Record != typeof(Correcting.Erased))
        {
            return [];
        }

        var needs = new Needs();
        candidate.Event.Need(needs, candidate.Signed.Entry);
        return needs.Disclosed;
    }

    /// <summary>Writes the replay as it stands, so that <see cref="ReadFrom"/> goes on with it: as good as reading all entries again, for whoever trusts the bytes.</summary>
    /// <exception cref="InvalidOperationException">It was rejected: there is nothing to go on with.</exception>
    public void WriteTo(Stream stream)
    {
        if (Rejection is not null)
        {
            throw new InvalidOperationException("A replay that was rejected does not go on.");
        }

        using var to = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        LedgerStateForm.Write(State, to);
        var edge = Edge.ToArray();
        to.Write(edge.Length);
        to.Write(edge);
        to.Write(WithheldDisclosures);
        to.Write(WithheldQuantities);
    }

    /// <summary>Takes up a replay again.</summary>
    /// <exception cref="InvalidDataException">The bytes are none that <see cref="WriteTo"/> wrote.</exception>
    public static LedgerReplay ReadFrom(Stream stream)
    {
        using var from = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        var replay = new LedgerReplay(LedgerStateForm.Read(from));
        try
        {
            replay._edge = RightEdge.Parse(from.ReadBytes(LedgerStateForm.ReadCount(from)), out var fault) ?? throw new InvalidDataException(fault!.Detail);
            (replay.WithheldDisclosures, replay.WithheldQuantities) = (from.ReadInt64(), from.ReadInt64());
            if (replay._edge.Size != replay.Size)
            {
                throw new InvalidDataException($"The tree has {replay._edge.Size} leaves and the state {replay.Size} entries.");
            }

            foreach (var chain in replay.State.Chains)
            {
                replay._chains[chain.Kind] = replay._chains.GetValueOrDefault(chain.Kind) + 1;
                replay.LearnKeys(chain);
            }
        }
        catch (Exception e) when (LedgerStateForm.IsDamage(e))
        {
            throw new InvalidDataException($"The replay is cut off or damaged: {e.Message}", e);
        }

        return replay;
    }

    /// <summary>Prepares and adds the entry of the next index.</summary>
    public Rejection? Add(ReadOnlyMemory<byte> leaf, IReadOnlyList<string>? disclosures = null) => Add(Prepare(leaf, disclosures));

    /// <summary>Adds the entry of the next index; null when it stands as it must, else why not. After a rejection nothing more is added.</summary>
    public Rejection? Add(PreparedEntry prepared)
    {
        if (Rejection is not null)
        {
            return Rejection;
        }

        var index = Size;
        if (prepared.Fault is { } fault)
        {
            return Rejection = Ledger.Rejection.Of(fault).At(index, prepared.Entry);
        }

        if (prepared.Refusal is { } unreadable)
        {
            return Rejection = Refused.At(index, prepared.Entry!, unreadable);
        }

        var entry = prepared.Entry!;
        var isFirst = State.Chain(entry.Subject) is null;
        switch (Admission.Decide(State, prepared.Candidate!))
        {
            case Decision.Refused { Refusal: var refusal }:
                return Rejection = Refused.At(index, entry, refusal);
            case Decision.Repeated { Index: var first }:
                return Rejection = Refused.Repeated(index, entry, first);
            default:
                Count(prepared, isFirst);
                return null;
        }
    }

    private void GrowTree()
    {
        if (_unhashed.Count > 0)
        {
            _edge = _edge.Append([.. _unhashed]);
            _unhashed.Clear();
        }
    }

    private void Count(PreparedEntry prepared, bool isFirst)
    {
        var entry = prepared.Entry!;
        var chain = State.Chain(entry.Subject)!;
        _unhashed.Add(prepared.LeafHash);
        if (_unhashed.Count == Batch)
        {
            GrowTree();
        }

        if (isFirst)
        {
            _chains[chain.Kind] = _chains.GetValueOrDefault(chain.Kind) + 1;
        }

        WithheldDisclosures += prepared.Candidate!.Signed.Withheld;
        for (var line = 0; line < entry.Given.Count; line++)
        {
            WithheldQuantities += State.Line(entry.LeafHash, line)!.Quantity is null ? 1 : 0;
        }

        if (chain.Kind is ChainKind.Log or ChainKind.Operator)
        {
            LearnKeys(chain);
        }
    }

    private IEnumerable<long> DisputedUnder(string keyId)
    {
        var logKeys = ((LogState)State.Chain(Names.LogChain(State.Origin))!).Keys;
        var ring = State.Chain(Names.OperatorOf(keyId)) is OperatorState owner ? owner.Keys : logKeys;

        // Only where some entry may be disputed are all gone through.
        return ring.Find(keyId) is { } key && (key.DisputedFrom is not null || ring.RestsOnDisputed(key, logKeys))
            ? State.SignedBy(keyId).Where(index => ring.IsDisputedAt(key, index, logKeys))
            : [];
    }

    private void LearnKeys(ChainState chain)
    {
        var keys = chain switch
        {
            LogState log => log.Keys.All,
            OperatorState owner => owner.Keys.All,
            _ => [],
        };
        foreach (var key in keys)
        {
            if (!_keys.ContainsKey(key.KeyId) && VerifyingKey.FromX(key.X, out _) is { } verifying)
            {
                _keys[key.KeyId] = verifying;
            }
        }
    }
}

/// <summary>An entry read by <see cref="LedgerReplay.Prepare"/>, waiting for its turn.</summary>
public sealed class PreparedEntry
{
    internal PreparedEntry(Digest leafHash, Entry? entry, Candidate? candidate, Fault? fault, Refusal? refusal) =>
        (LeafHash, Entry, Candidate, Fault, Refusal) = (leafHash, entry, candidate, fault, refusal);

    /// <summary>Hash of the leaf bytes, sound or not: what a tile of the log must hold.</summary>
    public Digest LeafHash { get; }

    /// <summary>The entry; null when the bytes are none.</summary>
    public Entry? Entry { get; }

    /// <summary>Digests of the entry whose disclosures were not at hand.</summary>
    public IReadOnlySet<Digest> Withheld => Candidate is { Signed: var signed } ? signed.Entry.Digests.Except(signed.Disclosures.Select(d => d.Digest)).ToHashSet() : [];

    internal Candidate? Candidate { get; }

    internal Fault? Fault { get; }

    internal Refusal? Refusal { get; }
}
