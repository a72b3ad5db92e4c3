using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Opening;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// Everything that decisions read, in memory. An auditor replays a whole log into one; the service loads what a batch needs (<see cref="Needs"/>), decides,
/// and stores the <see cref="TakeChanges">changes</see>. Not thread-safe: order is what it is for.
/// </summary>
public sealed class LedgerState
{
    private readonly Dictionary<string, ChainState> _chains;
    private readonly LineTable _lines;
    private readonly EntryTable _entries;
    private readonly DigestTable _ids;
    private readonly Dictionary<string, string> _claims;
    private readonly SortedSet<string> _grants;
    private readonly Dictionary<Digest, SignedEntry> _admitted = [];
    private LedgerChanges _changes = new();

    /// <summary>The state of a log without entries.</summary>
    /// <param name="origin">The log's origin.</param>
    /// <param name="opening">Which keys the log's opening must name; null when any will do, as for an auditor who checks that elsewhere.</param>
    public LedgerState(string origin, ExpectedOpening? opening = null)
    {
        (Origin, Opening) = (origin, opening);
        (LogChain, LogOperator) = (Names.LogChain(origin), Names.LogOperator(origin));
        var hashes = new DigestTable();
        (_chains, _entries, _lines, _ids) = (new(StringComparer.Ordinal), new EntryTable(hashes), new LineTable(hashes), new DigestTable());
        (_claims, _grants) = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        Same = name => _chains.GetValueOrDefault(name)?.Subject ?? name;
    }

    private LedgerState(string origin, LedgerState ended)
    {
        (Origin, IsReplay, IsExcerpt, LogChain, LogOperator) = (origin, ended.IsReplay, ended.IsExcerpt, Names.LogChain(origin), Names.LogOperator(origin));
        (_chains, _entries, _lines, _ids, _claims, _grants, Same) = (ended._chains, ended._entries, ended._lines, ended._ids, ended._claims, ended._grants, ended.Same);
    }

    /// <summary>The log's origin.</summary>
    public string Origin { get; }

    /// <summary>The chain of the log's own keys.</summary>
    internal string LogChain { get; }

    /// <summary>The log's own DID.</summary>
    internal string LogOperator { get; }

    /// <summary>Which keys the log's opening must name.</summary>
    public ExpectedOpening? Opening { get; }

    /// <summary>
    /// Whether this is an excerpt of a log, such as an evidence bundle: a line, a referenced entry or a grant of another operator that is not here is then
    /// unknown, not absent. The rules are the same; what they cannot see they pass over, and the one who made the excerpt says so.
    /// </summary>
    public bool IsExcerpt { get; init; }

    /// <summary>Whether nobody will <see cref="TakeChanges">take the changes</see>, as in a replay: then none are kept.</summary>
    public bool IsReplay { get; init; }

    /// <summary>Entries admitted so far: the index of the next one.</summary>
    public long Size { get; set; }

    /// <summary>The ended log that this one has to go on from, as its opening must name it; null for a log that begins by itself.</summary>
    public Predecessor? Predecessor { get; init; }

    /// <summary>Index of the oldest entry: 0, and below it by as many as the predecessors have, whose last has the index -1.</summary>
    public long First { get; init; }

    /// <summary>Passes over entries of the log that are not in the excerpt: the next one decided has this index.</summary>
    /// <exception cref="ArgumentException">This is no excerpt, or the index lies behind.</exception>
    public void SkipTo(long index) => Size = IsExcerpt && index >= Size ? index : throw new ArgumentException("Only an excerpt skips, and only forward.", nameof(index));

    /// <summary>
    /// The state in which a successor of this log begins: all that is known goes on, its entries at the indexes below 0, and so whatever bounds a key. This
    /// state is used up by it.
    /// </summary>
    /// <param name="origin">The successor's origin.</param>
    /// <param name="root">Root of this log's tree.</param>
    /// <exception cref="InvalidOperationException">The log is empty, or has changes that nobody took.</exception>
    public LedgerState Succeed(string origin, Digest root)
    {
        if (Size == 0 || _changes.Admitted.Count > 0)
        {
            throw new InvalidOperationException("Only a log that has entries, and whose changes were taken, has a successor.");
        }

        _entries.Shift(-Size);
        foreach (var chain in _chains.Values.ToArray())
        {
            Load(chain.Shifted(-Size));
        }

        return new LedgerState(origin, this)
        {
            Predecessor = new Predecessor { Origin = Origin, Size = Size, Root = root.ToString() },
            First = First - Size,
        };
    }

    /// <summary>The chain's state, or null when it has no entry.</summary>
    public ChainState? Chain(string subject) => _chains.GetValueOrDefault(subject);

    /// <summary>The line, or null when no entry gave it.</summary>
    public GivenLine? Line(Digest entry, int line) => _lines.Find(entry, line);

    /// <summary>Where an entry stands, or null when it is not in the log.</summary>
    public EntryFact? Entry(Digest leafHash) => _entries.Find(leafHash);

    /// <summary>The text kept for a chain's name, so that a million states do not hold a million copies of it; the name given when it has none.</summary>
    internal Func<string, string> Same { get; }

    /// <summary>All chains that have entries.</summary>
    internal IReadOnlyCollection<ChainState> Chains => _chains.Values;

    /// <summary>All entries, in the order in which they came.</summary>
    internal EntryTable Entries => _entries;

    /// <summary>All lines.</summary>
    internal LineTable Lines => _lines;

    /// <summary>All ids used.</summary>
    internal DigestTable Ids => _ids;

    /// <summary>All names held, with their owners.</summary>
    public IReadOnlyDictionary<string, string> Claims => _claims;

    /// <summary>Indexes of the entries that a key signed, in the order in which they were admitted.</summary>
    internal IEnumerable<long> SignedBy(string keyId) => _entries.SignedBy(keyId);

    /// <summary>An entry with the disclosures at hand: of the changes not taken yet, or loaded for them; else null.</summary>
    internal SignedEntry? Admitted(Digest leafHash) => _changes.Admitted.GetValueOrDefault(leafHash) ?? _admitted.GetValueOrDefault(leafHash);

    /// <summary>Whether a key has used this id.</summary>
    public bool IsUsed(Digest entryKey) => _ids.Find(entryKey) >= 0;

    /// <summary>Who holds a name (<see cref="ClaimName"/>).</summary>
    public string? OwnerOf(string claim) => _claims.GetValueOrDefault(claim);

    /// <summary>The held names among a claim's own beginnings and continuations.</summary>
    internal IEnumerable<string> OverlappingGrants(string scheme, string prefix)
    {
        for (var length = 1; length < prefix.Length; length++)
        {
            if (_grants.Contains(ClaimName.Grant(scheme, prefix[..length])))
            {
                yield return ClaimName.Grant(scheme, prefix[..length]);
            }
        }

        var from = ClaimName.Grant(scheme, prefix);
        foreach (var longer in _grants.GetViewBetween(from, from + '\uffff'))
        {
            yield return longer;
        }
    }

    /// <summary>Puts in what storage knows; not a change.</summary>
    public void Load(ChainState chain) => _chains[chain.Subject] = chain;

    /// <inheritdoc cref="Load(ChainState)"/>
    public void Load(Digest entry, int line, GivenLine given) => _lines.Set(entry, line, given);

    /// <inheritdoc cref="Load(ChainState)"/>
    public void Load(Digest leafHash, EntryFact fact) => Load(leafHash, fact, keyId: null);

    /// <inheritdoc cref="Load(ChainState)"/>
    internal void Load(Digest leafHash, EntryFact fact, string? keyId) => _entries.Set(leafHash, fact, keyId);

    /// <inheritdoc cref="Load(ChainState)"/>
    public void Load(SignedEntry admitted) => _admitted[admitted.Entry.LeafHash] = admitted;

    /// <inheritdoc cref="Load(ChainState)"/>
    public void Load(Digest entryKey) => _ids.Add(entryKey);

    /// <inheritdoc cref="Load(ChainState)"/>
    public void Load(string claim, string owner)
    {
        _claims[claim] = owner;
        if (claim.StartsWith("grant:", StringComparison.Ordinal))
        {
            _grants.Add(claim);
        }
    }

    /// <summary>What was decided since the last call, and forgets it.</summary>
    public LedgerChanges TakeChanges()
    {
        var changes = _changes;
        _changes = new LedgerChanges();
        _admitted.Clear();
        return changes;
    }

    /// <summary>SHA-256 of key id, line feed, <c>jti</c>: what makes a retry with other bytes visible.</summary>
    public static Digest EntryKey(Entry entry)
    {
        // Key ids have at most 265 characters, ids 36, all of them ASCII.
        Span<byte> text = stackalloc byte[512];
        var length = System.Text.Encoding.ASCII.GetBytes(entry.KeyId, text);
        text[length++] = (byte)'\n';
        return Digest.Sha256(text[..(length + System.Text.Encoding.ASCII.GetBytes(entry.Id, text[length..]))]);
    }

    // An entry that stands alone: what it is and what it gave is known, its chain is not.
    internal void Cite(Entry entry)
    {
        _entries.Set(entry.LeafHash, new EntryFact(Size, entry.Subject, entry.Event, entry.Issuer), entry.KeyId);
        _ids.Add(EntryKey(entry));
        Size++;
    }

    internal void Admit(Candidate candidate, ChainState after, Situation now)
    {
        var entry = candidate.Signed.Entry;
        var chain = after.Settled(entry, Same);
        _chains[chain.Subject] = chain;
        _entries.Set(entry.LeafHash, new EntryFact(Size, chain.Subject, candidate.Type.Name, entry.Issuer), entry.KeyId);
        _ids.Add(candidate.EntryKey);
        foreach (var ((giving, line), given) in now.ChangesLines ? now.Lines : [])
        {
            _lines.Set(giving, line, given.Giver == chain.Subject ? given with { Giver = chain.Subject } : given);
        }

        if (!IsReplay)
        {
            _changes.Chains[chain.Subject] = chain;
            _changes.Admitted[entry.LeafHash] = now.Signed;
            foreach (var (place, given) in now.Lines)
            {
                _changes.Lines[place] = given;
            }

            foreach (var (claim, owner) in now.Claims)
            {
                _changes.Claims[claim] = owner;
            }
        }

        foreach (var (claim, owner) in now.ChangesClaims ? now.Claims : [])
        {
            if (owner is null)
            {
                _claims.Remove(claim);
                _grants.Remove(claim);
            }
            else
            {
                Load(claim, owner);
            }
        }

        // Loaded for this entry alone.
        if (IsReplay && _admitted.Count > 0)
        {
            _admitted.Clear();
        }

        Size++;
    }
}

/// <summary>What storage must take over after some decisions.</summary>
public sealed class LedgerChanges
{
    /// <summary>Chains as they stand now.</summary>
    public Dictionary<string, ChainState> Chains { get; } = new(StringComparer.Ordinal);

    /// <summary>Entries admitted, with the disclosures at hand.</summary>
    public Dictionary<Digest, SignedEntry> Admitted { get; } = [];

    /// <summary>Lines given, taken or taken back.</summary>
    public Dictionary<(Digest Entry, int Line), GivenLine> Lines { get; } = [];

    /// <summary>Names taken, and with null given up.</summary>
    public Dictionary<string, string?> Claims { get; } = new(StringComparer.Ordinal);
}

/// <summary>The keys that this service holds or was told of, by base64url <c>x</c>: an opening that names others is not for it.</summary>
public sealed record ExpectedOpening(string AuthorityX, string HeadX, string LogX);
