namespace CriticalMinerals.Lifecycle;

/// <summary>A list that grows in pieces, so that growing copies nothing and leaves no large array behind. <c>this[]</c> is the item itself, to read or write.</summary>
internal sealed class Chunks<T>
{
    private const int Bits = 10;
    private const int Length = 1 << Bits;

    private readonly List<T[]> _chunks = [];

    /// <summary>Items added.</summary>
    internal int Count { get; private set; }

    /// <summary>An item by its number, from 0.</summary>
    internal ref T this[int number] => ref _chunks[number >> Bits][number & (Length - 1)];

    /// <summary>Adds an item and gives its number.</summary>
    internal int Add(in T item)
    {
        if (Count == _chunks.Count << Bits)
        {
            _chunks.Add(new T[Length]);
        }

        this[Count] = item;
        return Count++;
    }
}
