using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// Everything that decisions read, in memory. An auditor replays a whole log into one; the service loads what a batch needs (<see cref="Needs"/>), decides,
/// and stores the <see cref="TakeChanges">changes</see>. Not thread-safe: order is what it is for.
/// </summary>
/// <param name="origin">The log's origin.</param>
/// <param name="opening">Which keys the log's opening must name; null when any will do, as for an auditor who checks that elsewhere.</param>
public sealed class LedgerState(string origin, ExpectedOpening? opening = null)
{
    private readonly Dictionary<string, ChainState> _chains = new(StringComparer.Ordinal);
    private readonly Dictionary<(Digest Entry, int Line), GivenLine> _lines = [];
    private readonly Dictionary<Digest, EntryFact> _entries = [];
    private readonly HashSet<Digest> _ids = [];
    private readonly Dictionary<string, string> _claims = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _grants = new(StringComparer.Ordinal);
    private readonly Dictionary<Digest, SignedEntry> _admitted = [];
    private LedgerChanges _changes = new();

    /// <summary>The log's origin.</summary>
    public string Origin { get; } = origin;

    /// <summary>Which keys the log's opening must name.</summary>
    public ExpectedOpening? Opening { get; } = opening;

    /// <summary>
    /// Whether this is an excerpt of a log, such as an evidence bundle: a line, a referenced entry or a grant of another operator that is not here is then
    /// unknown, not absent. The rules are the same; what they cannot see they pass over, and the one who made the excerpt says so.
    /// </summary>
    public bool IsExcerpt { get; init; }

    /// <summary>Entries admitted so far: the index of the next one.</summary>
    public long Size { get; set; }

    /// <summary>Passes over entries of the log that are not in the excerpt: the next one decided has this index.</summary>
    /// <exception cref="ArgumentException">This is no excerpt, or the index lies behind.</exception>
    public void SkipTo(long index) => Size = IsExcerpt && index >= Size ? index : throw new ArgumentException("Only an excerpt skips, and only forward.", nameof(index));

    /// <summary>The chain's state, or null when it has no entry.</summary>
    public ChainState? Chain(string subject) => _chains.GetValueOrDefault(subject);

    /// <summary>The line, or null when no entry gave it.</summary>
    public GivenLine? Line(Digest entry, int line) => _lines.GetValueOrDefault((entry, line));

    /// <summary>Where an entry stands, or null when it is not in the log.</summary>
    public EntryFact? Entry(Digest leafHash) => _entries.TryGetValue(leafHash, out var fact) ? fact : null;

    /// <summary>An entry with the disclosures at hand: of the changes not taken yet, or loaded for them; else null.</summary>
    internal SignedEntry? Admitted(Digest leafHash) => _changes.Admitted.GetValueOrDefault(leafHash) ?? _admitted.GetValueOrDefault(leafHash);

    /// <summary>Whether a key has used this id.</summary>
    public bool IsUsed(Digest entryKey) => _ids.Contains(entryKey);

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
    public void Load(Digest entry, int line, GivenLine given) => _lines[(entry, line)] = given;

    /// <inheritdoc cref="Load(ChainState)"/>
    public void Load(Digest leafHash, EntryFact fact) => _entries[leafHash] = fact;

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
    public static Digest EntryKey(Entry entry) => Digest.Sha256(System.Text.Encoding.ASCII.GetBytes($"{entry.KeyId}\n{entry.Id}"));

    // An entry that stands alone: what it is and what it gave is known, its chain is not.
    internal void Cite(Entry entry)
    {
        _entries[entry.LeafHash] = new EntryFact(Size, entry.Subject, string.Intern(entry.Event), string.Intern(entry.Issuer));
        _ids.Add(EntryKey(entry));
        Size++;
    }

    internal void Admit(Entry entry, ChainState after, Situation now)
    {
        var chain = after with { Began = after.Began ?? string.Intern(entry.Event), Sequence = entry.Sequence, Head = entry.LeafHash };
        _chains[chain.Subject] = chain;
        _changes.Chains[chain.Subject] = chain;

        // The chain's own name object is kept, so that a million entries do not hold a million copies of it.
        _entries[entry.LeafHash] = new EntryFact(Size, chain.Subject, string.Intern(entry.Event), string.Intern(entry.Issuer));
        _ids.Add(EntryKey(entry));
        _changes.Admitted[entry.LeafHash] = now.Signed;
        foreach (var ((giving, line), given) in now.Lines)
        {
            _lines[(giving, line)] = given;
            _changes.Lines[(giving, line)] = given;
        }

        foreach (var (claim, owner) in now.Claims)
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

            _changes.Claims[claim] = owner;
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
