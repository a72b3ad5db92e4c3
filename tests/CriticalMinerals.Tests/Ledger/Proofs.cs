using CriticalMinerals.Ledger;
using CsCheck;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>Inclusion and consistency proofs of trees of all shapes, made from tiles.</summary>
public sealed class Proofs
{
    private static readonly Digest[] All = InMemoryTiles.Leaves(700);

    private static readonly Gen<(int Index, int Size, int Tree)> Places =
        from tree in Gen.Int[1, All.Length] from size in Gen.Int[1, tree] from index in Gen.Int[0, size - 1] select (index, size, tree);

    private static readonly Gen<(int Old, int New, int Tree)> Growths =
        from tree in Gen.Int[1, All.Length] from next in Gen.Int[1, tree] from old in Gen.Int[0, next] select (old, next, tree);

    [Fact]
    public void Every_leaf_of_every_small_tree_is_proven_and_every_growth_is_consistent()
    {
        for (var size = 1; size <= 40; size++)
        {
            var tree = new InMemoryTiles(All[..size]);
            for (var i = 0; i < size; i++)
            {
                Assert.Null(tree.Inclusion((ulong)i, (ulong)size).Verify(All[i], tree.Root((ulong)size)));
            }

            for (var old = 0; old <= size; old++)
            {
                Assert.Null(tree.Consistency((ulong)old, (ulong)size).Verify(tree.Root((ulong)old), tree.Root((ulong)size)));
            }
        }
    }

    [Fact]
    public void Any_leaf_of_any_tree_is_proven_from_the_tiles_of_a_larger_one() => Places.Sample(place =>
    {
        var tree = new InMemoryTiles(All[..place.Tree]);
        return tree.Inclusion((ulong)place.Index, (ulong)place.Size).Verify(All[place.Index], tree.Root((ulong)place.Size)) is null
            && tree.Reads.Distinct().Count() == tree.Reads.Count;
    });

    [Fact]
    public void Any_growth_is_proven_from_the_tiles_of_a_larger_tree() => Growths.Sample(growth =>
    {
        var tree = new InMemoryTiles(All[..growth.Tree]);
        return tree.Consistency((ulong)growth.Old, (ulong)growth.New).Verify(tree.Root((ulong)growth.Old), tree.Root((ulong)growth.New)) is null
            && tree.Reads.Distinct().Count() == tree.Reads.Count;
    });

    [Fact]
    public void Every_changed_bit_of_a_path_a_leaf_or_a_root_is_refused() => Places.Sample(
        place =>
        {
            var tree = new InMemoryTiles(All[..place.Tree]);
            var proof = tree.Inclusion((ulong)place.Index, (ulong)place.Size);
            var (leaf, root) = (All[place.Index], tree.Root((ulong)place.Size));
            Assert.All(Flips(leaf), changed => Assert.NotNull(proof.Verify(changed, root)));
            Assert.All(Flips(root), changed => Assert.NotNull(proof.Verify(leaf, changed)));
            Assert.All(Changes(proof.Path), changed => Assert.NotNull((proof with { Path = changed }).Verify(leaf, root)));
        },
        iter: 20);

    [Fact]
    public void Every_other_index_is_refused() => Places.Sample(place =>
    {
        var tree = new InMemoryTiles(All[..place.Tree]);
        var proof = tree.Inclusion((ulong)place.Index, (ulong)place.Size);
        var root = tree.Root((ulong)place.Size);
        for (var bit = 0; bit < 64; bit++)
        {
            Assert.NotNull((proof with { Index = proof.Index ^ (1UL << bit) }).Verify(All[place.Index], root));
        }
    });

    // One path can fit trees of several sizes, but no tree of another size has the same root.
    [Fact]
    public void Every_other_size_is_refused_with_the_root_of_that_size() => Places.Sample(place =>
    {
        var tree = new InMemoryTiles(All[..place.Tree]);
        var proof = tree.Inclusion((ulong)place.Index, (ulong)place.Size);
        for (var bit = 0; bit < 10; bit++)
        {
            var other = proof.Size ^ (1UL << bit);
            if (other <= (ulong)place.Tree)
            {
                Assert.NotNull((proof with { Size = other }).Verify(All[place.Index], tree.Root(other)));
            }
        }
    });

    [Fact]
    public void Every_changed_bit_of_a_consistency_proof_or_a_root_is_refused() => Growths.Sample(
        growth =>
        {
            var tree = new InMemoryTiles(All[..growth.Tree]);
            var proof = tree.Consistency((ulong)growth.Old, (ulong)growth.New);
            var (before, after) = (tree.Root((ulong)growth.Old), tree.Root((ulong)growth.New));
            Assert.All(Flips(before), changed => Assert.NotNull(proof.Verify(changed, after)));

            // Everything grows from nothing: the new root is then not the proof's business.
            if (growth.Old > 0)
            {
                Assert.All(Flips(after), changed => Assert.NotNull(proof.Verify(before, changed)));
            }

            Assert.All(Changes(proof.Path), changed => Assert.NotNull((proof with { Path = changed }).Verify(before, after)));
        },
        iter: 20);

    [Fact]
    public void Every_other_size_of_a_growth_is_refused_with_the_roots_of_those_sizes() => Growths.Sample(growth =>
    {
        var tree = new InMemoryTiles(All[..growth.Tree]);
        var proof = tree.Consistency((ulong)growth.Old, (ulong)growth.New);
        for (var bit = 0; bit < 10; bit++)
        {
            foreach (var (old, next) in new[] { (proof.OldSize ^ (1UL << bit), proof.NewSize), (proof.OldSize, proof.NewSize ^ (1UL << bit)) })
            {
                // Nothing, and a tree and itself, are consistent by themselves.
                if (old > 0 && old != next && next <= (ulong)growth.Tree && old <= (ulong)growth.Tree)
                {
                    Assert.NotNull((proof with { OldSize = old, NewSize = next }).Verify(tree.Root(old), tree.Root(next)));
                }
            }
        }
    });

    [Fact]
    public void A_forked_tree_is_not_consistent()
    {
        var fork = (Digest[])[.. All];
        fork[100] = All[101];
        var (honest, forked) = (new InMemoryTiles(All), new InMemoryTiles(fork));

        var fault = forked.Consistency(300, 700).Verify(honest.Root(300), forked.Root(700));

        Assert.Equal(Failure.ConsistencyUnproven, fault!.Failure);
        Assert.Null(forked.Consistency(100, 700).Verify(honest.Root(100), forked.Root(700)));
    }

    [Theory]
    [InlineData(0, 0), InlineData(5, 5), InlineData(6, 5), InlineData(ulong.MaxValue, 5), InlineData(0, ulong.MaxValue), InlineData(1, MerkleTree.MaxSize + 1)]
    public void A_place_outside_the_tree_has_no_proof(ulong index, ulong size) =>
        Assert.Equal(Failure.ProofMalformed, new InclusionProof(index, size, []).Verify(All[0], All[0])!.Failure);

    [Fact]
    public void A_proof_longer_than_any_tree_is_high_is_refused_before_it_is_hashed()
    {
        var path = new Digest[1_000_000];

        Assert.Equal(Failure.ProofMalformed, new InclusionProof(0, MerkleTree.MaxSize, path).Verify(All[0], All[0])!.Failure);
        Assert.Equal(Failure.ProofMalformed, new ConsistencyProof(1, MerkleTree.MaxSize, path).Verify(All[0], All[0])!.Failure);
    }

    [Fact]
    public void A_path_that_goes_on_above_the_stated_tree_is_refused_even_when_it_ends_at_the_root()
    {
        var (two, three) = (MerkleTree.Root(All.AsSpan(0, 2)), MerkleTree.Root(All.AsSpan(0, 3)));

        Assert.Equal(Failure.ProofMalformed, new InclusionProof(0, 1, [All[0]]).Verify(All[1], two)!.Failure);
        Assert.Equal(Failure.ProofMalformed, new ConsistencyProof(1, 2, [All[2], two]).Verify(Digest.OfNode(two, All[1]), three)!.Failure);
    }

    [Fact]
    public void The_largest_tree_still_has_proofs_of_63_hashes_at_most()
    {
        Assert.Equal(Failure.InclusionUnproven, new InclusionProof(0, MerkleTree.MaxSize, new Digest[62]).Verify(All[0], All[0])!.Failure);
        Assert.Equal(Failure.ConsistencyUnproven, new ConsistencyProof(MerkleTree.MaxSize - 1, MerkleTree.MaxSize, new Digest[63]).Verify(All[0], All[0])!.Failure);
    }

    [Fact]
    public void A_tile_of_the_wrong_length_is_a_fault_that_names_it()
    {
        var reader = new TileReader(700, (tile, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(new byte[tile.Length - 1]));

        var (proof, fault) = InMemoryTiles.Now(reader.InclusionAsync(3, 700, TestContext.Current.CancellationToken));

        Assert.Null(proof);
        Assert.Equal(Failure.TileMalformed, fault!.Failure);
        Assert.StartsWith("tile/", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_tile_gives_a_proof_that_is_refused()
    {
        var tree = new InMemoryTiles(All);
        var reader = new TileReader(700, (tile, _) =>
        {
            var content = tree.Content(tile);
            content[33] ^= 1;
            return ValueTask.FromResult<ReadOnlyMemory<byte>>(content);
        });

        var (proof, _) = InMemoryTiles.Now(reader.InclusionAsync(300, 700, TestContext.Current.CancellationToken));

        Assert.Equal(Failure.InclusionUnproven, proof!.Verify(All[300], tree.Root(700))!.Failure);
    }

    [Fact]
    public void Many_proofs_read_each_tile_once()
    {
        var tree = new InMemoryTiles(All);

        var (proofs, _) = InMemoryTiles.Now(tree.Reader.InclusionsAsync([0, 1, 255, 256, 511, 699, 3], 700, TestContext.Current.CancellationToken));

        Assert.All(proofs!, proof => Assert.Null(proof.Verify(All[proof.Index], tree.Root(700))));
        Assert.Equal(tree.Reads.Distinct().Count(), tree.Reads.Count);
        Assert.True(tree.Reads.Count <= 4);
    }

    [Fact]
    public void A_tree_with_tiles_on_three_levels_is_proven_from_them()
    {
        // 70,000 as in C2SP tlog-tiles, cut into tiles by the product, since the definition is too slow for it.
        var leaves = InMemoryTiles.Leaves(70_000);
        var open = OpenTiles.Empty.Append(leaves, out var full);
        var stored = full.Concat(open.Partial()).ToDictionary(content => content.Tile, content => content.Bytes);
        var reader = new TileReader(70_000, (tile, _) => ValueTask.FromResult(stored[tile]));
        var root = MerkleTree.Root(leaves);

        Assert.Equal(Tile.AllOf(70_000).Order(Comparer<Tile>.Create((a, b) => string.CompareOrdinal(a.Path, b.Path))), stored.Keys.Order(Comparer<Tile>.Create((a, b) => string.CompareOrdinal(a.Path, b.Path))));
        foreach (var index in new ulong[] { 0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999 })
        {
            Assert.Null(InMemoryTiles.Now(reader.InclusionAsync(index, 70_000, TestContext.Current.CancellationToken)).Proof!.Verify(leaves[index], root));
        }

        foreach (var size in new int[] { 1, 255, 256, 257, 65_535, 65_536, 65_537, 69_999, 70_000 })
        {
            var old = MerkleTree.Root(leaves.AsSpan(0, size));
            Assert.Null(InMemoryTiles.Now(reader.ConsistencyAsync((ulong)size, 70_000, TestContext.Current.CancellationToken)).Proof!.Verify(old, root));
            Assert.Equal(old, InMemoryTiles.Now(reader.EdgeAsync((ulong)size, TestContext.Current.CancellationToken)).Edge!.Root());
        }
    }

    private static IEnumerable<Digest> Flips(Digest digest)
    {
        for (var bit = 0; bit < 256; bit++)
        {
            var bytes = digest.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return new Digest(bytes);
        }
    }

    // Every changed bit, every hash left out, one more at either end.
    private static IEnumerable<Digest[]> Changes(IReadOnlyList<Digest> path)
    {
        for (var i = 0; i < path.Count; i++)
        {
            foreach (var flipped in Flips(path[i]))
            {
                yield return [.. path.Take(i), flipped, .. path.Skip(i + 1)];
            }

            yield return [.. path.Take(i), .. path.Skip(i + 1)];
        }

        yield return [.. path, Digest.Zero];
        yield return [Digest.Zero, .. path];
    }
}
