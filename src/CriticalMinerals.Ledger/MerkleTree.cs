using System.Numerics;

namespace CriticalMinerals.Ledger;

/// <summary>The Merkle tree hash of RFC 6962 section 2.1 (the same in RFC 9162) over SHA-256, from leaf hashes.</summary>
public static class MerkleTree
{
    /// <summary>
    /// The largest tree any reader here accepts: 2^62 leaves. Up to it, every inclusion and every consistency proof has at most
    /// <see cref="MaxProofLength"/> hashes, and every size fits a signed 64-bit column.
    /// </summary>
    public const ulong MaxSize = 1UL << 62;

    /// <summary>The most hashes a proof can have.</summary>
    public const int MaxProofLength = 63;

    /// <summary>Root of the empty tree: SHA-256 of no bytes.</summary>
    public static Digest EmptyRoot { get; } = Digest.Sha256([]);

    /// <summary>The root over these leaf hashes, in their order.</summary>
    public static Digest Root(ReadOnlySpan<Digest> leafHashes)
    {
        switch (leafHashes.Length)
        {
            case 0:
                return EmptyRoot;
            case 1:
                return leafHashes[0];
            default:
                var split = (int)LargestPowerOfTwoBelow((ulong)leafHashes.Length);
                return Digest.OfNode(Root(leafHashes[..split]), Root(leafHashes[split..]));
        }
    }

    /// <summary>The k of RFC 6962: the largest power of two smaller than <paramref name="size"/>, which is at least 2.</summary>
    internal static ulong LargestPowerOfTwoBelow(ulong size) => 1UL << BitOperations.Log2(size - 1);

    /// <summary>
    /// Joins the roots of neighbouring perfect subtrees, largest first, into the hash of the whole range they cover: smaller trees hang to
    /// the right of larger ones.
    /// </summary>
    internal static Digest Fold(ReadOnlySpan<Digest> roots)
    {
        if (roots.IsEmpty)
        {
            return EmptyRoot;
        }

        var hash = roots[^1];
        for (var i = roots.Length - 2; i >= 0; i--)
        {
            hash = Digest.OfNode(roots[i], hash);
        }

        return hash;
    }
}
