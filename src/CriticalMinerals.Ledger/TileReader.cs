namespace CriticalMinerals.Ledger;

/// <summary>
/// Makes proofs from nothing but tiles. Within one call each tile is read at most once, one after the other, and only tiles of the stated
/// tree. What comes back has the right length or is a fault; whether its hashes are right shows only when a proof is verified against a
/// signed root. Holds no state between calls: as thread-safe as the delegate it is given.
/// </summary>
public sealed class TileReader
{
    private readonly Func<Tile, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> _read;

    /// <summary>Reads the tree of this size.</summary>
    /// <param name="size">The tree whose tiles, partial ones included, the delegate can give. Proofs may be for this and smaller trees.</param>
    /// <param name="read">Gives the content of a tile; its exceptions pass through.</param>
    /// <exception cref="ArgumentException">The size is beyond <see cref="MerkleTree.MaxSize"/>.</exception>
    public TileReader(ulong size, Func<Tile, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> read)
    {
        Size = size <= MerkleTree.MaxSize ? size : throw new ArgumentException("The tree is larger than 2^62 leaves.", nameof(size));
        _read = read;
    }

    /// <summary>Number of leaves of the tree whose tiles are read.</summary>
    public ulong Size { get; }

    /// <summary>The proof for one leaf in the tree of the given size, which is at most <see cref="Size"/>.</summary>
    /// <exception cref="ArgumentException">The index is not below the size, or the size is above <see cref="Size"/>.</exception>
    public async ValueTask<(InclusionProof? Proof, Fault? Fault)> InclusionAsync(ulong index, ulong size, CancellationToken cancellation = default)
    {
        var (proofs, fault) = await InclusionsAsync([index], size, cancellation);
        return (proofs?[0], fault);
    }

    /// <summary>The proofs for several leaves in the tree of the given size, in the order asked for; tiles they share are read once.</summary>
    /// <exception cref="ArgumentException">An index is not below the size, or the size is above <see cref="Size"/>.</exception>
    public async ValueTask<(IReadOnlyList<InclusionProof>? Proofs, Fault? Fault)> InclusionsAsync(
        IReadOnlyCollection<ulong> indices, ulong size, CancellationToken cancellation = default)
    {
        if (size > Size || indices.Any(index => index >= size))
        {
            throw new ArgumentException($"Each index must be below the size {size}, and that at most {Size}.", nameof(indices));
        }

        var shapes = indices.Select(index => ProofShape.Inclusion(index, size)).ToArray();
        var (hashes, fault) = await ReadAsync(shapes.SelectMany(shape => shape), cancellation);
        return hashes is null
            ? (null, fault)
            : ([.. indices.Zip(shapes, (index, shape) => new InclusionProof(index, size, Fold(shape, hashes)))], null);
    }

    /// <summary>The proof that the tree of the old size is a prefix of the tree of the new size, which is at most <see cref="Size"/>.</summary>
    /// <exception cref="ArgumentException">The old size is above the new one, or that above <see cref="Size"/>.</exception>
    public async ValueTask<(ConsistencyProof? Proof, Fault? Fault)> ConsistencyAsync(
        ulong oldSize, ulong newSize, CancellationToken cancellation = default)
    {
        if (oldSize > newSize || newSize > Size)
        {
            throw new ArgumentException($"Sizes {oldSize} and {newSize} are not in order, or not at most {Size}.", nameof(oldSize));
        }

        if (oldSize == 0)
        {
            return (new ConsistencyProof(0, newSize, []), null);
        }

        var shape = ProofShape.Consistency(oldSize, newSize);
        var (hashes, fault) = await ReadAsync(shape, cancellation);
        return hashes is null ? (null, fault) : (new ConsistencyProof(oldSize, newSize, Fold(shape, hashes)), null);
    }

    /// <summary>The right edge, and with it the root, of the tree of the given size, which is at most <see cref="Size"/>.</summary>
    /// <exception cref="ArgumentException">The size is above <see cref="Size"/>.</exception>
    public async ValueTask<(RightEdge? Edge, Fault? Fault)> EdgeAsync(ulong size, CancellationToken cancellation = default)
    {
        if (size > Size)
        {
            throw new ArgumentException($"The size {size} is above {Size}.", nameof(size));
        }

        var range = ProofShape.Range(0, size);
        var (hashes, fault) = await ReadAsync([range], cancellation);
        return hashes is null ? (null, fault) : (RightEdge.Of(size, [.. range.Select(subtree => hashes[subtree])]), null);
    }

    private static Digest[] Fold(List<PerfectSubtree[]> shape, Dictionary<PerfectSubtree, Digest> hashes) =>
        [.. shape.Select(range => MerkleTree.Fold([.. range.Select(subtree => hashes[subtree])]))];

    private async ValueTask<(Dictionary<PerfectSubtree, Digest>? Hashes, Fault? Fault)> ReadAsync(
        IEnumerable<PerfectSubtree[]> ranges, CancellationToken cancellation)
    {
        var hashes = new Dictionary<PerfectSubtree, Digest>();
        foreach (var tile in ranges.SelectMany(range => range).Distinct().GroupBy(TileOf))
        {
            cancellation.ThrowIfCancellationRequested();
            var content = await _read(tile.Key, cancellation);
            if (tile.Key.Read(content.Span) is not { } row)
            {
                return (null, new Fault(Failure.TileMalformed, $"{tile.Key} has {tile.Key.Length} bytes, not {content.Length}."));
            }

            foreach (var subtree in tile)
            {
                // A subtree of height h above the tile's level is 2^h neighbouring hashes of it.
                var width = 1 << (subtree.Level % 8);
                var first = (int)(subtree.Index * (ulong)width % Tile.FullWidth);
                hashes[subtree] = MerkleTree.Root(row.AsSpan(first, width));
            }
        }

        return (hashes, null);
    }

    private Tile TileOf(PerfectSubtree subtree)
    {
        var index = (subtree.Index << (subtree.Level % 8)) / Tile.FullWidth;
        return Tile.At(subtree.Level / 8, index, Size) ?? throw new ArgumentException($"Subtree {subtree} is not in a tree of {Size} leaves.", nameof(subtree));
    }
}
