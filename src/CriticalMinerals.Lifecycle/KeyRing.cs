namespace CriticalMinerals.Lifecycle;

/// <summary>What a key may sign. Keys never share uses.</summary>
public enum KeyUse
{
    Operator,
    Authority,
    Recovery,
    Head,
    Log,
}

/// <summary>A key of an operator or of the log, with the log indices that bound it: validity is by index, never by clock.</summary>
public sealed record RegisteredKey
{
    /// <summary>In full: <c>did#name</c>.</summary>
    public required string KeyId { get; init; }

    public required KeyUse Use { get; init; }

    /// <summary>The public key, base64url.</summary>
    public required string X { get; init; }

    /// <summary>Index of the entry that added it: it signs from the next index on.</summary>
    public required long AddedAt { get; init; }

    /// <summary>The key that signed that entry.</summary>
    public required string AddedBy { get; init; }

    /// <summary>Index of the entry that revoked it: it signs nothing at a higher index.</summary>
    public long? RevokedAt { get; init; }

    /// <summary>First index from which its entries are disputed, after a compromise.</summary>
    public long? DisputedFrom { get; init; }

    /// <summary>Entries from there on that its owner affirmed.</summary>
    public IReadOnlyList<AffirmedRange> Affirmed { get; init; } = [];

    /// <summary>Whether its entry at this index is disputed: a stranger had it by then, and its owner has not said that the entry is its own.</summary>
    public bool IsDisputedAt(long index) => DisputedFrom <= index && !Affirmed.Any(a => a.Holds(index));

    /// <summary>Whether an entry at this index may carry its signature.</summary>
    public bool IsValidAt(long index) => AddedAt < index && !(RevokedAt < index);
}

/// <summary>Entries under a compromised key that its owner says are its own, by log index.</summary>
/// <param name="From">First.</param>
/// <param name="To">Last.</param>
/// <param name="Except">Those between them that are not.</param>
public sealed record AffirmedRange(long From, long To, IReadOnlyList<long> Except)
{
    internal AffirmedRange Shifted(long by) => new(From + by, To + by, [.. Except.Select(e => e + by)]);

    internal bool Holds(long index) => From <= index && index <= To && !Except.Contains(index);
}

/// <summary>All keys that an operator or the log ever had. A key id is never given twice, so revoked keys stay.</summary>
public sealed record KeyRing(IReadOnlyList<RegisteredKey> All)
{
    /// <summary>The key of that id, valid or not.</summary>
    public RegisteredKey? Find(string keyId)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i].KeyId == keyId)
            {
                return All[i];
            }
        }

        return null;
    }

    /// <summary>
    /// Whether the key goes back, directly or through keys of this ring, to one that a key of the log added while a stranger had that: it fell with it.
    /// </summary>
    public bool RestsOnDisputed(RegisteredKey key, KeyRing logKeys)
    {
        for (var at = key; ;)
        {
            if (logKeys.Find(at.AddedBy)?.IsDisputedAt(at.AddedAt) == true)
            {
                return true;
            }

            // Only a key that is older: the keys of an opening were added together, and the authority's by itself.
            if (Find(at.AddedBy) is not { } older || older.AddedAt >= at.AddedAt)
            {
                return false;
            }

            at = older;
        }
    }

    /// <summary>Whether an entry at this index under this key is disputed: a stranger had the key then, or the key of the log under which it was added.</summary>
    public bool IsDisputedAt(RegisteredKey key, long index, KeyRing logKeys) => key.IsDisputedAt(index) || RestsOnDisputed(key, logKeys);

    /// <summary>The ring with every log index in it moved by as many.</summary>
    public KeyRing Shifted(long by) => new([.. All.Select(k => k with
    {
        AddedAt = k.AddedAt + by,
        RevokedAt = k.RevokedAt + by,
        DisputedFrom = k.DisputedFrom + by,
        Affirmed = [.. k.Affirmed.Select(a => a.Shifted(by))],
    })]);

    /// <summary>The ring with all keys ended at an index.</summary>
    public KeyRing Ended(long index) => new([.. All.Select(k => k.RevokedAt is null ? k with { RevokedAt = index } : k)]);

    /// <summary>The ring with one key more.</summary>
    public KeyRing With(RegisteredKey key) => new([.. All, key]);

    /// <summary>The ring with one key ended at an index.</summary>
    public KeyRing Revoked(string keyId, long index) => new([.. All.Select(k => k.KeyId == keyId && k.RevokedAt is null ? k with { RevokedAt = index } : k)]);

    /// <summary>The ring with some entries of a key affirmed.</summary>
    public KeyRing Affirmed(string keyId, AffirmedRange range) => new([.. All.Select(k => k.KeyId == keyId ? k with { Affirmed = [.. k.Affirmed, range] } : k)]);

    /// <summary>
    /// The ring after a compromise known at <paramref name="index"/>: the key and, in turn, every key it added from <paramref name="from"/> on are revoked,
    /// and their entries from there on disputed.
    /// </summary>
    public KeyRing Compromised(string keyId, long from, long index)
    {
        var fallen = new HashSet<string>(StringComparer.Ordinal) { keyId };
        var disputed = from;

        // Keys are listed in the order they were added, so one pass reaches every descendant.
        foreach (var key in All)
        {
            if (key.AddedAt >= disputed && fallen.Contains(key.AddedBy))
            {
                fallen.Add(key.KeyId);
            }
        }

        return new KeyRing([.. All.Select(k => !fallen.Contains(k.KeyId) ? k : k with
        {
            RevokedAt = k.RevokedAt ?? index,
            DisputedFrom = Math.Min(k.DisputedFrom ?? long.MaxValue, from),
        })]);
    }
}
