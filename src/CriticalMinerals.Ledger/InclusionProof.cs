namespace CriticalMinerals.Ledger;

/// <summary>
/// "This leaf stands at this index in the tree of this size": RFC 9162 section 2.1.3. The size is part of the statement only together with
/// a root that is signed for it, as in a checkpoint: trees of several sizes can share the shape of one path.
/// </summary>
/// <param name="Index">Position of the leaf, from 0.</param>
/// <param name="Size">Number of leaves in the tree.</param>
/// <param name="Path">Sibling hashes from the leaf's up to the root's child.</param>
public sealed record InclusionProof(ulong Index, ulong Size, IReadOnlyList<Digest> Path)
{
    /// <summary>
    /// Null when the path leads from the leaf to the root. <see cref="Failure.ProofMalformed"/> when no such proof can exist (index not
    /// below the size, wrong number of hashes), <see cref="Failure.InclusionUnproven"/> when it leads to another root.
    /// </summary>
    public Fault? Verify(Digest leafHash, Digest root)
    {
        if (Index >= Size || Size > MerkleTree.MaxSize)
        {
            return new Fault(Failure.ProofMalformed, $"Index {Index} is not below the tree size {Size}, or the size is beyond 2^62.");
        }

        if (Path.Count > MerkleTree.MaxProofLength)
        {
            return new Fault(Failure.ProofMalformed, $"The proof has {Path.Count} hashes; {MerkleTree.MaxProofLength} are the most.");
        }

        // RFC 9162 section 2.1.3.2: node and last are the positions, on the current level, of the computed node and of the level's last node.
        var (node, last, hash) = (Index, Size - 1, leafHash);
        foreach (var sibling in Path)
        {
            if (last == 0)
            {
                return new Fault(Failure.ProofMalformed, $"The proof has {Path.Count} hashes, more than index {Index} of {Size} needs.");
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = Digest.OfNode(sibling, hash);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                hash = Digest.OfNode(hash, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        if (last != 0)
        {
            return new Fault(Failure.ProofMalformed, $"The proof has {Path.Count} hashes, fewer than index {Index} of {Size} needs.");
        }

        return hash == root ? null : new Fault(Failure.InclusionUnproven, $"The path of index {Index} leads to root {hash}, not to {root}.");
    }

    public bool Equals(InclusionProof? other) => other is not null && Index == other.Index && Size == other.Size && Path.SequenceEqual(other.Path);

    public override int GetHashCode() => HashCode.Combine(Index, Size, Path.Count);
}
