using System.Numerics;

namespace CriticalMinerals.Ledger;

/// <summary>
/// The partial tiles at the right of a tree, at most 255 hashes a level: what is needed to make its full tiles as it grows, whether batch
/// by batch in a log or from a stream of leaf hashes in an audit. Immutable, so a batch that is not committed is simply dropped.
/// </summary>
public sealed class OpenTiles
{
    private readonly Digest[][] _levels;

    private OpenTiles(ulong size, Digest[][] levels)
    {
        Size = size;
        _levels = levels;
    }

    /// <summary>Those of the empty tree: none.</summary>
    public static OpenTiles Empty { get; } = new(0, []);

    /// <summary>Number of leaves of the tree.</summary>
    public ulong Size { get; }

    /// <summary>
    /// The partial tiles of the tree, from level 0 up: exactly those of <see cref="Tile.PartialOf"/>, to be served for a checkpoint of this size.
    /// </summary>
    public IEnumerable<TileContent> Partial() =>
        Tile.PartialOf(Size).Select(tile => new TileContent(tile, Tile.Join(_levels[tile.Level])));

    /// <summary>
    /// Takes up a tree again from the partial tiles of its size (<see cref="Tile.PartialOf"/> names them, in the same order), checked
    /// against its edge: <see cref="Failure.TileMalformed"/> for a wrong length, <see cref="Failure.RootMismatch"/> for wrong hashes.
    /// </summary>
    /// <exception cref="ArgumentException">Not as many contents as partial tiles.</exception>
    public static OpenTiles? Restore(RightEdge edge, IReadOnlyList<ReadOnlyMemory<byte>> contents, out Fault? fault)
    {
        var tiles = Tile.PartialOf(edge.Size).ToArray();
        if (tiles.Length != contents.Count)
        {
            throw new ArgumentException($"A tree of {edge.Size} leaves has {tiles.Length} partial tiles, not {contents.Count}.", nameof(contents));
        }

        var levels = new Digest[Tile.MaxLevel + 1][];
        Array.Fill(levels, []);
        for (var i = 0; i < tiles.Length; i++)
        {
            if (tiles[i].Read(contents[i].Span) is not { } hashes)
            {
                fault = new Fault(Failure.TileMalformed, $"{tiles[i]} has {tiles[i].Length} bytes, not {contents[i].Length}.");
                return null;
            }

            levels[tiles[i].Level] = hashes;
        }

        var open = new OpenTiles(edge.Size, levels);
        if (!open.Edge().Equals(edge))
        {
            fault = new Fault(Failure.RootMismatch, $"The partial tiles of size {edge.Size} hash to root {open.Edge().Root()}, the edge to {edge.Root()}.");
            return null;
        }

        fault = null;
        return open;
    }

    /// <summary>
    /// Appends leaf hashes, in their order. <paramref name="completed"/> are the tiles that became full, of all levels, each after the
    /// tiles below it.
    /// </summary>
    /// <exception cref="ArgumentException">The tree would be larger than <see cref="MerkleTree.MaxSize"/>.</exception>
    public OpenTiles Append(ReadOnlySpan<Digest> leafHashes, out IReadOnlyList<TileContent> completed)
    {
        if ((ulong)leafHashes.Length > MerkleTree.MaxSize - Size)
        {
            throw new ArgumentException("The tree would be larger than 2^62 leaves.", nameof(leafHashes));
        }

        var full = new List<TileContent>();
        var levels = new Digest[Tile.MaxLevel + 1][];
        Digest[] grown = leafHashes.ToArray();
        for (var level = 0; level <= Tile.MaxLevel; level++)
        {
            Digest[] hashes = level < _levels.Length ? [.. _levels[level], .. grown] : grown;
            var index = (Size >> (8 * level)) / Tile.FullWidth;
            grown = new Digest[hashes.Length / Tile.FullWidth];
            for (var i = 0; i < grown.Length; i++)
            {
                var content = hashes.AsSpan(i * Tile.FullWidth, Tile.FullWidth);
                grown[i] = MerkleTree.Root(content);
                full.Add(new TileContent(new Tile(level, index + (ulong)i, Tile.FullWidth), Tile.Join(content)));
            }

            levels[level] = hashes[(grown.Length * Tile.FullWidth)..];
        }

        completed = full;
        return new OpenTiles(Size + (ulong)leafHashes.Length, levels);
    }

    /// <summary>The right edge of the tree, derived from the tiles alone.</summary>
    public RightEdge Edge()
    {
        var roots = new List<Digest>(BitOperations.PopCount(Size));
        for (var level = _levels.Length - 1; level >= 0; level--)
        {
            var rest = _levels[level].AsSpan();
            for (var bit = Tile.FullWidth / 2; bit > 0; bit /= 2)
            {
                if ((rest.Length & bit) != 0)
                {
                    roots.Add(MerkleTree.Root(rest[..bit]));
                    rest = rest[bit..];
                }
            }
        }

        return RightEdge.Of(Size, [.. roots]);
    }
}
