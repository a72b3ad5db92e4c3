using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>
/// The tiles of a tree, cut straight from the definition in C2SP tlog-tiles: hash i of tile n on level l is the Merkle tree hash of leaves
/// (n·256 + i)·256^l up to the next such number. Counts what is read.
/// </summary>
internal sealed class InMemoryTiles(Digest[] leaves)
{
    public List<Tile> Reads { get; } = [];

    public TileReader Reader => new((ulong)leaves.Length, (tile, _) =>
    {
        Reads.Add(tile);
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(Content(tile));
    });

    public byte[] Content(Tile tile)
    {
        var span = 1 << (8 * tile.Level);
        return Tile.Join([.. Enumerable.Range(0, tile.Width).Select(i =>
            MerkleTree.Root(leaves.AsSpan(((int)tile.Index * Tile.FullWidth * span) + (i * span), span)))]);
    }

    public InclusionProof Inclusion(ulong index, ulong size) => Now(Reader.InclusionAsync(index, size)).Proof!;

    public ConsistencyProof Consistency(ulong oldSize, ulong newSize) => Now(Reader.ConsistencyAsync(oldSize, newSize)).Proof!;

    public Digest Root(ulong size) => MerkleTree.Root(leaves.AsSpan(0, (int)size));

    /// <summary>The result of a task over memory, which is done when it is returned.</summary>
    public static T Now<T>(ValueTask<T> done) => done.IsCompleted ? done.AsTask().GetAwaiter().GetResult() : throw new InvalidOperationException("Not done.");

    /// <summary>Different leaf hashes, the same in every run.</summary>
    public static Digest[] Leaves(int count) => [.. Enumerable.Range(0, count).Select(i => Digest.OfLeaf(BitConverter.GetBytes(i)))];
}
