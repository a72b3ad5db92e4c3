using System.Text.Json;

namespace CriticalMinerals.Ledger;

/// <summary>
/// The member names of the objects that a reader is inside of, to find one that stands twice. Names without escapes are compared where they stand, so the few
/// of a usual object cost no memory; an object of many, or with an escaped one, gets a set of their texts.
/// </summary>
internal struct MemberNames
{
    // More than an entry's payload has; comparing each with each must stay cheap.
    private const int Few = 24;

    private readonly List<Range> _names = [];
    private readonly Stack<(int First, HashSet<string>? Texts)> _objects = [];

    public MemberNames()
    {
    }

    /// <summary>An object begins.</summary>
    internal readonly void Open() => _objects.Push((_names.Count, null));

    /// <summary>The innermost object ends.</summary>
    internal readonly void Close()
    {
        var (first, _) = _objects.Pop();
        _names.RemoveRange(first, _names.Count - first);
    }

    /// <summary>Takes up the name that the reader stands at; false when the object has it already.</summary>
    internal readonly bool Add(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        var (first, texts) = _objects.Pop();
        if (texts is null && (reader.ValueIsEscaped || _names.Count - first == Few))
        {
            texts = new HashSet<string>(StringComparer.Ordinal);
            foreach (var earlier in _names.Skip(first))
            {
                texts.Add(System.Text.Encoding.UTF8.GetString(utf8[earlier]));
            }
        }

        _objects.Push((first, texts));
        if (texts is not null)
        {
            return texts.Add(reader.GetString()!);
        }

        var name = reader.ValueSpan;
        for (var i = first; i < _names.Count; i++)
        {
            if (utf8[_names[i]].SequenceEqual(name))
            {
                return false;
            }
        }

        // Behind the quotation mark at which the token begins.
        var start = (int)reader.TokenStartIndex + 1;
        _names.Add(start..(start + name.Length));
        return true;
    }
}
