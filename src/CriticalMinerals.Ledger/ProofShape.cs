using System.Numerics;

namespace CriticalMinerals.Ledger;

/// <summary>A perfect subtree: the 2^<paramref name="Level"/> leaves from <paramref name="Index"/> × 2^<paramref name="Level"/> on.</summary>
internal readonly record struct PerfectSubtree(int Level, ulong Index);

/// <summary>
/// Which subtrees the hashes of a proof belong to. Each hash of a proof covers a range of leaves; a range is given as the perfect subtrees
/// it consists of, largest first, whose roots <see cref="MerkleTree.Fold"/> joins.
/// </summary>
internal static class ProofShape
{
    /// <summary>RFC 6962 section 2.1.1, PATH(index, D[size]). Requires index &lt; size.</summary>
    public static List<PerfectSubtree[]> Inclusion(ulong index, ulong size)
    {
        var path = new List<PerfectSubtree[]>();
        for (var (start, end) = (0UL, size); end - start > 1;)
        {
            var middle = start + MerkleTree.LargestPowerOfTwoBelow(end - start);
            if (index < middle)
            {
                path.Add(Range(middle, end));
                end = middle;
            }
            else
            {
                path.Add(Range(start, middle));
                start = middle;
            }
        }

        // Found from the root down, wanted from the leaf up.
        path.Reverse();
        return path;
    }

    /// <summary>RFC 6962 section 2.1.2, PROOF(oldSize, D[newSize]). Requires 0 &lt; oldSize &lt;= newSize.</summary>
    public static List<PerfectSubtree[]> Consistency(ulong oldSize, ulong newSize)
    {
        var path = new List<PerfectSubtree[]>();
        var (start, end) = (0UL, newSize);
        while (end != oldSize)
        {
            var middle = start + MerkleTree.LargestPowerOfTwoBelow(end - start);
            if (oldSize <= middle)
            {
                path.Add(Range(middle, end));
                end = middle;
            }
            else
            {
                path.Add(Range(start, middle));
                start = middle;
            }
        }

        // A subtree that is the whole old tree is known to the verifier already.
        if (start != 0)
        {
            path.Add(Range(start, end));
        }

        path.Reverse();
        return path;
    }

    /// <summary>
    /// The perfect subtrees of the leaves from <paramref name="start"/> up to, and without, <paramref name="end"/>; the start is a multiple
    /// of the largest of them.
    /// </summary>
    public static PerfectSubtree[] Range(ulong start, ulong end)
    {
        var subtrees = new PerfectSubtree[BitOperations.PopCount(end - start)];
        for (var i = 0; i < subtrees.Length; i++)
        {
            var level = BitOperations.Log2(end - start);
            subtrees[i] = new PerfectSubtree(level, start >> level);
            start += 1UL << level;
        }

        return subtrees;
    }
}
