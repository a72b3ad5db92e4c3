using System.Collections;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>Where entries stand and what they are, by leaf hash: some 70 bytes an entry, so that a log of millions fits into memory.</summary>
/// <param name="hashes">Numbers of leaf hashes, shared with whoever else keeps something by them.</param>
internal sealed class EntryTable(DigestTable hashes) : IEnumerable<(Digest LeafHash, EntryFact Fact, string? KeyId)>
{
    private readonly Chunks<Row> _rows = new();
    private readonly List<Signer> _signers = [];
    private readonly Dictionary<Signer, int> _signerNumbers = [];
    private readonly List<string> _events = [];
    private readonly Dictionary<string, int> _eventNumbers = new(StringComparer.Ordinal);

    /// <summary>Where an entry stands; null when it is not known.</summary>
    internal EntryFact? Find(in Digest leafHash) =>
        hashes.Find(leafHash) is var number && number >= 0 && number < _rows.Count && _rows[number].Subject is not null ? FactOf(_rows[number]) : null;

    /// <summary>Notes an entry.</summary>
    /// <param name="leafHash">Its leaf hash.</param>
    /// <param name="fact">Where it stands. The texts are kept as they are, issuer and event once for all entries.</param>
    /// <param name="keyId">The key that signed it; null when that is not asked for.</param>
    internal void Set(in Digest leafHash, EntryFact fact, string? keyId)
    {
        var number = hashes.Add(leafHash);
        while (_rows.Count <= number)
        {
            _rows.Add(default);
        }

        _rows[number] = new Row
        {
            Subject = fact.Subject,
            Index = fact.Index,
            Signer = NumberOf(new Signer(fact.Issuer, keyId), _signers, _signerNumbers),
            Event = NumberOf(fact.Event, _events, _eventNumbers),
        };
    }

    /// <summary>Moves every entry by as many indexes.</summary>
    internal void Shift(long by)
    {
        for (var number = 0; number < _rows.Count; number++)
        {
            _rows[number] = _rows[number] with { Index = _rows[number].Index + by };
        }
    }

    /// <summary>Indexes of the entries that a key signed, in the order they came.</summary>
    internal IEnumerable<long> SignedBy(string keyId)
    {
        if (_signerNumbers.TryGetValue(new Signer(Names.OperatorOf(keyId), keyId), out var signer))
        {
            for (var number = 0; number < _rows.Count; number++)
            {
                if (_rows[number] is { Subject: not null } row && row.Signer == signer)
                {
                    yield return row.Index;
                }
            }
        }
    }

    public IEnumerator<(Digest LeafHash, EntryFact Fact, string? KeyId)> GetEnumerator()
    {
        for (var number = 0; number < _rows.Count; number++)
        {
            if (_rows[number] is { Subject: not null } row)
            {
                yield return (hashes[number], FactOf(row), _signers[row.Signer].KeyId);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private EntryFact FactOf(in Row row) => new(row.Index, row.Subject!, _events[row.Event], _signers[row.Signer].Issuer);

    private static int NumberOf<T>(T item, List<T> items, Dictionary<T, int> numbers)
        where T : notnull
    {
        if (!numbers.TryGetValue(item, out var number))
        {
            numbers[item] = number = items.Count;
            items.Add(item);
        }

        return number;
    }

    private readonly record struct Signer(string Issuer, string? KeyId);

    private struct Row
    {
        internal string? Subject;
        internal long Index;
        internal int Signer;
        internal int Event;
    }
}
