namespace CriticalMinerals.Ledger;

/// <summary>"The tree of the old size is a prefix of the tree of the new size": RFC 9162 section 2.1.4.</summary>
/// <param name="OldSize">Leaves in the earlier tree. 0 is a prefix of everything and needs no hashes.</param>
/// <param name="NewSize">Leaves in the later tree.</param>
/// <param name="Path">Hashes in the order of RFC 9162; none when the sizes are equal.</param>
public sealed record ConsistencyProof(ulong OldSize, ulong NewSize, IReadOnlyList<Digest> Path)
{
    /// <summary>
    /// Null when both roots follow from the path. <see cref="Failure.ProofMalformed"/> when no such proof can exist (sizes in the wrong
    /// order, wrong number of hashes), <see cref="Failure.ConsistencyUnproven"/> when one of the roots is another.
    /// </summary>
    public Fault? Verify(Digest oldRoot, Digest newRoot)
    {
        if (OldSize > NewSize || NewSize > MerkleTree.MaxSize)
        {
            return new Fault(Failure.ProofMalformed, $"The old size {OldSize} is above the new size {NewSize}, or that is beyond 2^62.");
        }

        if (Path.Count > MerkleTree.MaxProofLength)
        {
            return new Fault(Failure.ProofMalformed, $"The proof has {Path.Count} hashes; {MerkleTree.MaxProofLength} are the most.");
        }

        if (OldSize == 0 || OldSize == NewSize)
        {
            return VerifyWithoutHashes(oldRoot, newRoot);
        }

        // RFC 9162 section 2.1.4.2. A perfect old tree is itself the first node of the path and is left out there.
        var rest = Path.AsEnumerable();
        Digest oldHash, newHash;
        if ((OldSize & (OldSize - 1)) == 0)
        {
            oldHash = newHash = oldRoot;
        }
        else if (Path.Count > 0)
        {
            oldHash = newHash = Path[0];
            rest = Path.Skip(1);
        }
        else
        {
            return WrongLength("fewer");
        }

        var (node, last) = (OldSize - 1, NewSize - 1);
        while ((node & 1) == 1)
        {
            node >>= 1;
            last >>= 1;
        }

        foreach (var hash in rest)
        {
            if (last == 0)
            {
                return WrongLength("more");
            }

            if ((node & 1) == 1 || node == last)
            {
                oldHash = Digest.OfNode(hash, oldHash);
                newHash = Digest.OfNode(hash, newHash);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                newHash = Digest.OfNode(newHash, hash);
            }

            node >>= 1;
            last >>= 1;
        }

        return last != 0 ? WrongLength("fewer") : Compare(oldHash, oldRoot, OldSize) ?? Compare(newHash, newRoot, NewSize);
    }

    public bool Equals(ConsistencyProof? other) =>
        other is not null && OldSize == other.OldSize && NewSize == other.NewSize && Path.SequenceEqual(other.Path);

    public override int GetHashCode() => HashCode.Combine(OldSize, NewSize, Path.Count);

    private Fault? VerifyWithoutHashes(Digest oldRoot, Digest newRoot)
    {
        if (Path.Count != 0)
        {
            return WrongLength("more");
        }

        var empty = OldSize == 0 ? Compare(MerkleTree.EmptyRoot, oldRoot, 0) : null;
        return empty ?? (OldSize == NewSize ? Compare(oldRoot, newRoot, NewSize) : null);
    }

    private Fault WrongLength(string word) =>
        new(Failure.ProofMalformed, $"The proof has {Path.Count} hashes, {word} than sizes {OldSize} and {NewSize} need.");

    private static Fault? Compare(Digest computed, Digest stated, ulong size) => computed == stated
        ? null
        : new Fault(Failure.ConsistencyUnproven, $"The root of size {size} should be {computed} and is {stated}.");
}
