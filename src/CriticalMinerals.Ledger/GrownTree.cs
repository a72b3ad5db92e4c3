using System.Numerics;

namespace CriticalMinerals.Ledger;

/// <summary>
/// A tree after a batch of leaves was appended: its new edge and root, and the inclusion proof of every leaf of the batch. Everything to the
/// left that such a proof needs stands in the old edge, so nothing else is read; the work is O(batch + log size), and O(log size) a proof.
/// Immutable.
/// </summary>
public sealed class GrownTree
{
    // _nodes[level] holds the perfect subtrees of that level from _first[level] on, which is even: those with a new leaf in them and, where
    // the first of these is a right child, its sibling from the old edge.
    private readonly List<Digest[]> _nodes = [];
    private readonly List<ulong> _first = [];

    // _tails[i]: the hash of the range from the i-th perfect subtree of the new edge to the end of the tree.
    private readonly Digest[] _tails;

    /// <summary>Appends the leaf hashes of a batch, in their order.</summary>
    /// <exception cref="ArgumentException">The tree would be larger than <see cref="MerkleTree.MaxSize"/>.</exception>
    public GrownTree(RightEdge before, ReadOnlySpan<Digest> leafHashes)
    {
        if ((ulong)leafHashes.Length > MerkleTree.MaxSize - before.Size)
        {
            throw new ArgumentException("The tree would be larger than 2^62 leaves.", nameof(leafHashes));
        }

        Before = before;
        var size = before.Size + (ulong)leafHashes.Length;
        for (var grown = leafHashes; !grown.IsEmpty;)
        {
            grown = AddLevel(grown);
        }

        var roots = new Digest[BitOperations.PopCount(size)];
        var next = 0;
        for (var level = BitOperations.Log2(size | 1); level >= 0; level--)
        {
            if ((size >> level & 1) == 1)
            {
                roots[next++] = level < _nodes.Count ? Node(level, (size >> level) - 1) : before.RootAt(level);
            }
        }

        _tails = [.. roots];
        for (var i = roots.Length - 2; i >= 0; i--)
        {
            _tails[i] = Digest.OfNode(roots[i], _tails[i + 1]);
        }

        Edge = RightEdge.Of(size, roots);
        Root = _tails.Length == 0 ? MerkleTree.EmptyRoot : _tails[0];
    }

    /// <summary>The edge the batch was appended to.</summary>
    public RightEdge Before { get; }

    /// <summary>The edge after the batch.</summary>
    public RightEdge Edge { get; }

    /// <summary>Number of leaves after the batch.</summary>
    public ulong Size => Edge.Size;

    /// <summary>The root after the batch.</summary>
    public Digest Root { get; }

    /// <summary>The proof that a leaf of the batch stands in the new tree.</summary>
    /// <param name="index">From the size before the batch up to, and without, the new size.</param>
    /// <exception cref="ArgumentOutOfRangeException">The leaf is not of this batch.</exception>
    public InclusionProof ProofOf(ulong index)
    {
        if (index < Before.Size || index >= Size)
        {
            throw new ArgumentOutOfRangeException(nameof(index), $"Leaf {index} is not one of {Before.Size} to {Size}, the leaves of this batch.");
        }

        // The first bit, from above, in which the index lies below the size names the perfect subtree the leaf is in.
        var height = BitOperations.Log2(index ^ Size);
        var number = BitOperations.PopCount(Size >> height) - 1;
        var path = new List<Digest>(height + number + 1);
        for (var level = 0; level < height; level++)
        {
            path.Add(Node(level, (index >> level) ^ 1));
        }

        if (number + 1 < _tails.Length)
        {
            path.Add(_tails[number + 1]);
        }

        for (var left = number - 1; left >= 0; left--)
        {
            path.Add(Edge.Roots[left]);
        }

        return new InclusionProof(index, Size, path);
    }

    private Digest Node(int level, ulong index) => _nodes[level][(int)(index - _first[level])];

    // Keeps the level and gives the perfect subtrees of the next one that have a new leaf in them.
    private Digest[] AddLevel(ReadOnlySpan<Digest> grown)
    {
        var level = _nodes.Count;
        var oldCount = Before.Size >> level;
        Digest[] nodes = (oldCount & 1) == 1 ? [Before.RootAt(level), .. grown] : [.. grown];
        _nodes.Add(nodes);
        _first.Add(oldCount & ~1UL);

        var parents = new Digest[nodes.Length / 2];
        for (var i = 0; i < parents.Length; i++)
        {
            parents[i] = Digest.OfNode(nodes[2 * i], nodes[(2 * i) + 1]);
        }

        return parents;
    }
}
