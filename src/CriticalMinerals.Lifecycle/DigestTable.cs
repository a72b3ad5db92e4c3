using System.Collections;
using System.Runtime.InteropServices;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// Digests, each once and whole, numbered from 0 in the order they came: some 40 bytes a digest. Nobody who chooses digests can make it slow: places are drawn by a hash
/// with a secret of the process.
/// </summary>
internal sealed class DigestTable : IEnumerable<Digest>
{
    private readonly Chunks<Digest> _digests = new();

    // Number + 1 of the digest at that place; 0 for none. A power of two, at most three quarters full.
    private int[] _places = new int[16];

    /// <summary>How many there are.</summary>
    internal int Count => _digests.Count;

    /// <summary>The digest of a number.</summary>
    internal ref readonly Digest this[int number] => ref _digests[number];

    /// <summary>Its number; -1 when it is not there.</summary>
    internal int Find(in Digest digest) => _places[PlaceOf(digest)] - 1;

    /// <summary>Its number, given to it now when it is new.</summary>
    internal int Add(in Digest digest)
    {
        var place = PlaceOf(digest);
        if (_places[place] > 0)
        {
            return _places[place] - 1;
        }

        var number = _digests.Add(digest);
        _places[place] = number + 1;
        if (Count > _places.Length / 4 * 3)
        {
            Grow();
        }

        return number;
    }

    public IEnumerator<Digest> GetEnumerator()
    {
        for (var number = 0; number < Count; number++)
        {
            yield return _digests[number];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static int HashOf(in Digest digest)
    {
        var words = MemoryMarshal.Cast<Digest, ulong>(MemoryMarshal.CreateReadOnlySpan(in digest, 1));
        return HashCode.Combine(words[0], words[1], words[2], words[3]);
    }

    private int PlaceOf(in Digest digest)
    {
        var place = HashOf(digest) & (_places.Length - 1);
        while (_places[place] > 0 && _digests[_places[place] - 1] != digest)
        {
            place = (place + 1) & (_places.Length - 1);
        }

        return place;
    }

    private void Grow()
    {
        _places = new int[checked(_places.Length * 2)];
        for (var number = 0; number < Count; number++)
        {
            _places[PlaceOf(_digests[number])] = number + 1;
        }
    }
}
