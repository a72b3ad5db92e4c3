using System.Collections;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>Lines given, by giving entry and number: some 100 bytes a line.</summary>
/// <param name="hashes">Numbers of leaf hashes, shared with whoever else keeps something by them.</param>
internal sealed class LineTable(DigestTable hashes) : IEnumerable<((Digest Entry, int Line) Place, GivenLine Line)>
{
    private readonly Chunks<Row> _rows = new();

    // The entry's line put in last, by the number of its leaf hash; the others hang on it.
    private readonly Dictionary<int, int> _last = [];

    /// <summary>How many there are.</summary>
    internal int Count => _rows.Count;

    /// <summary>A line as it stands; null when no entry gave it.</summary>
    internal GivenLine? Find(in Digest entry, int line) => RowOf(hashes.Find(entry), line) is >= 0 and var row ? LineOf(_rows[row]) : null;

    /// <summary>Puts a line in, or over the one that stood there.</summary>
    internal void Set(in Digest entry, int line, GivenLine given)
    {
        var number = hashes.Add(entry);
        var at = RowOf(number, line);
        var row = new Row
        {
            Giver = given.Giver,
            Content = given.Content,
            Quantity = given.Quantity ?? 0,
            Commitment = given.Commitment,
            Entry = number,
            TakenBy = given.TakenBy is { } taker ? hashes.Add(taker) + 1 : 0,
            Before = at >= 0 ? _rows[at].Before : _last.GetValueOrDefault(number),
            Line = (ushort)line,
            Purpose = given.Purpose is { } purpose ? checked((byte)((int)purpose + 1)) : (byte)0,
            Flags = (given.Quantity is null ? 0 : Flags.HasQuantity) | (given.Withdrawn ? Flags.Withdrawn : 0) | given.Unit switch
            {
                null => 0,
                StockUnit.Kilograms => Flags.Kilograms,
                StockUnit.Pieces => Flags.Pieces,
                _ => throw new ArgumentException($"{given.Unit} is no unit.", nameof(given)),
            },
        };
        if (at >= 0)
        {
            _rows[at] = row;
        }
        else
        {
            _last[number] = _rows.Add(row) + 1;
        }
    }

    public IEnumerator<((Digest Entry, int Line) Place, GivenLine Line)> GetEnumerator()
    {
        for (var number = 0; number < _rows.Count; number++)
        {
            yield return ((hashes[_rows[number].Entry], _rows[number].Line), LineOf(_rows[number]));
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int RowOf(int entry, int line)
    {
        var row = entry < 0 ? -1 : _last.GetValueOrDefault(entry) - 1;
        while (row >= 0 && _rows[row].Line != line)
        {
            row = _rows[row].Before - 1;
        }

        return row;
    }

    private GivenLine LineOf(in Row row) => new(
        row.Giver,
        row.Commitment,
        row.Flags.HasFlag(Flags.Kilograms) ? StockUnit.Kilograms : row.Flags.HasFlag(Flags.Pieces) ? StockUnit.Pieces : null,
        row.Flags.HasFlag(Flags.HasQuantity) ? row.Quantity : null)
    {
        Purpose = row.Purpose > 0 ? (LinePurpose)(row.Purpose - 1) : null,
        Content = row.Content,
        TakenBy = row.TakenBy > 0 ? hashes[row.TakenBy - 1] : null,
        Withdrawn = row.Flags.HasFlag(Flags.Withdrawn),
    };

    [Flags]
    private enum Flags : byte
    {
        HasQuantity = 1,
        Withdrawn = 2,
        Kilograms = 4,
        Pieces = 8,
    }

    private struct Row
    {
        internal string Giver;
        internal Composition? Content;
        internal decimal Quantity;
        internal Digest Commitment;
        internal int Entry;

        // Number of the taking entry's leaf hash + 1, number of the row before of the same entry + 1; 0 for none.
        internal int TakenBy;
        internal int Before;
        internal ushort Line;
        internal byte Purpose;
        internal Flags Flags;
    }
}
