using System.Buffers.Binary;
using System.Numerics;

namespace CriticalMinerals.Ledger;

/// <summary>
/// All that is needed to go on growing a tree: its size and the roots of the perfect subtrees it consists of, largest (leftmost) first, one
/// for each bit set in the size. Immutable.
/// </summary>
public sealed class RightEdge : IEquatable<RightEdge>
{
    private readonly Digest[] _roots;

    private RightEdge(ulong size, Digest[] roots)
    {
        Size = size;
        _roots = roots;
    }

    /// <summary>The edge of the empty tree.</summary>
    public static RightEdge Empty { get; } = new(0, []);

    /// <summary>Number of leaves, at most <see cref="MerkleTree.MaxSize"/>.</summary>
    public ulong Size { get; }

    /// <summary>Roots of the perfect subtrees, largest first.</summary>
    public ReadOnlySpan<Digest> Roots => _roots;

    /// <summary>The root of the whole tree.</summary>
    public Digest Root() => MerkleTree.Fold(_roots);

    /// <summary>The edge after one more leaf.</summary>
    /// <exception cref="ArgumentException">The tree would be larger than <see cref="MerkleTree.MaxSize"/>.</exception>
    public RightEdge Append(Digest leafHash) => Append([leafHash]);

    /// <summary>The edge after more leaves, in their order.</summary>
    /// <exception cref="ArgumentException">The tree would be larger than <see cref="MerkleTree.MaxSize"/>.</exception>
    public RightEdge Append(ReadOnlySpan<Digest> leafHashes)
    {
        if ((ulong)leafHashes.Length > MerkleTree.MaxSize - Size)
        {
            throw new ArgumentException("The tree would be larger than 2^62 leaves.", nameof(leafHashes));
        }

        Span<Digest> stack = stackalloc Digest[64];
        _roots.CopyTo(stack);
        var height = _roots.Length;
        var size = Size;
        foreach (var leafHash in leafHashes)
        {
            var hash = leafHash;
            for (var carry = BitOperations.TrailingZeroCount(~size); carry > 0; carry--)
            {
                hash = Digest.OfNode(stack[--height], hash);
            }

            stack[height++] = hash;
            size++;
        }

        return new RightEdge(size, stack[..height].ToArray());
    }

    /// <summary>The root of the perfect subtree of 2^<paramref name="level"/> leaves on the edge.</summary>
    /// <exception cref="ArgumentException">The size has no such bit.</exception>
    public Digest RootAt(int level) => level is >= 0 and < 64 && (Size >> level & 1) == 1
        ? _roots[BitOperations.PopCount(Size >> level) - 1]
        : throw new ArgumentException($"A tree of {Size} leaves has no edge subtree of level {level}.", nameof(level));

    /// <summary>The binary form: the size as 8 bytes big-endian, then the roots, 32 bytes each.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[8 + (_roots.Length * Digest.Length)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Size);
        for (var i = 0; i < _roots.Length; i++)
        {
            _roots[i].CopyTo(bytes.AsSpan(8 + (i * Digest.Length)));
        }

        return bytes;
    }

    /// <summary>Reads the binary form. <see cref="Failure.TileMalformed"/> when the length does not fit the size, or the size is beyond 2^62.</summary>
    public static RightEdge? Parse(ReadOnlySpan<byte> bytes, out Fault? fault)
    {
        if (bytes.Length >= 8)
        {
            var size = BinaryPrimitives.ReadUInt64BigEndian(bytes);
            if (size <= MerkleTree.MaxSize && bytes.Length == 8 + (BitOperations.PopCount(size) * Digest.Length))
            {
                fault = null;
                return new RightEdge(size, Tile.Split(bytes[8..]));
            }
        }

        fault = new Fault(Failure.TileMalformed, $"{bytes.Length} bytes are no right edge: 8 bytes of size and one hash for each bit set in it were expected.");
        return null;
    }

    /// <summary>Takes the perfect subtrees' roots as they are, largest first.</summary>
    internal static RightEdge Of(ulong size, Digest[] roots) => BitOperations.PopCount(size) == roots.Length
        ? new RightEdge(size, roots)
        : throw new ArgumentException("One root for each bit set in the size was expected.", nameof(roots));

    public bool Equals(RightEdge? other) => other is not null && Size == other.Size && Roots.SequenceEqual(other.Roots);

    public override bool Equals(object? obj) => Equals(obj as RightEdge);

    public override int GetHashCode() => HashCode.Combine(Size, _roots.Length == 0 ? default : _roots[^1]);
}
