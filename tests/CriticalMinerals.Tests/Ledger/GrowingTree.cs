using CriticalMinerals.Ledger;
using CsCheck;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>A log's tree as it grows batch by batch.</summary>
public sealed class GrowingTree
{
    private static readonly Digest[] All = InMemoryTiles.Leaves(1_400);

    private static readonly Gen<int[]> Batches = Gen.OneOf(Gen.Int[0, 40], Gen.Int[0, 300], Gen.Const(256)).Array[1, 12];

    [Fact]
    public void A_batch_proves_its_leaves_from_the_old_edge_as_the_tiles_would() => Batches.Sample(batches =>
    {
        var edge = RightEdge.Empty;
        foreach (var batch in Split(batches))
        {
            var grown = new GrownTree(edge, batch);
            var tree = new InMemoryTiles(All[..(int)grown.Size]);
            Assert.Equal(tree.Root(grown.Size), grown.Root);
            for (var index = edge.Size; index < grown.Size; index++)
            {
                Assert.Null(grown.ProofOf(index).Verify(All[index], grown.Root));
            }

            if (batch.Length > 0)
            {
                var some = edge.Size + ((ulong)batch.Length / 2);
                Assert.Equal(tree.Inclusion(some, grown.Size), grown.ProofOf(some));
                Assert.Equal(tree.Inclusion(edge.Size, grown.Size), grown.ProofOf(edge.Size));
            }

            Assert.Equal(edge.Append(batch), grown.Edge);
            edge = grown.Edge;
        }
    });

    [Fact]
    public void Every_batch_on_every_small_tree_is_proven_as_the_tiles_would()
    {
        for (var old = 0; old <= 20; old++)
        {
            for (var added = 0; added <= 20; added++)
            {
                var grown = new GrownTree(RightEdge.Empty.Append(All.AsSpan(0, old)), All.AsSpan(old, added));
                var tree = new InMemoryTiles(All[..(old + added)]);
                for (var index = (ulong)old; index < grown.Size; index++)
                {
                    Assert.Equal(tree.Inclusion(index, grown.Size), grown.ProofOf(index));
                }
            }
        }
    }

    [Fact]
    public void A_leaf_of_an_earlier_batch_is_not_this_batch_s_to_prove()
    {
        var grown = new GrownTree(RightEdge.Empty.Append(All.AsSpan(0, 5)), All.AsSpan(5, 3));

        Assert.Throws<ArgumentOutOfRangeException>(() => grown.ProofOf(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => grown.ProofOf(8));
    }

    [Fact]
    public void Tiles_made_batch_by_batch_are_those_rebuilt_from_the_leaves() => Batches.Sample(batches =>
    {
        var open = OpenTiles.Empty;
        var made = new List<TileContent>();
        foreach (var batch in Split(batches))
        {
            open = open.Append(batch, out var completed);
            made.AddRange(completed);
            Assert.Equal(new InMemoryTiles(All).Root(open.Size), open.Edge().Root());
        }

        var tree = new InMemoryTiles(All[..(int)open.Size]);
        var all = made.Concat(open.Partial()).ToDictionary(content => content.Tile, content => Convert.ToHexString(content.Bytes.Span));
        Assert.Equal(Tile.AllOf(open.Size).ToDictionary(tile => tile, tile => Convert.ToHexString(tree.Content(tile))), all);

        OpenTiles.Empty.Append(All.AsSpan(0, (int)open.Size), out var atOnce);
        Assert.Equal(atOnce.Count, made.Count);
        return made.All(content => content.Tile.IsFull);
    });

    [Fact]
    public void A_tree_taken_up_again_from_its_partial_tiles_goes_on_as_if_nothing_had_been() => (
        from size in Gen.Int[0, 1_000] from added in Gen.Int[0, 400] select (size, added)).Sample(growth =>
    {
        var open = OpenTiles.Empty.Append(All.AsSpan(0, growth.size), out _);
        var again = OpenTiles.Restore(open.Edge(), [.. open.Partial().Select(content => content.Bytes)], out _)!;

        var (left, right) = (open.Append(All.AsSpan(growth.size, growth.added), out var one), again.Append(All.AsSpan(growth.size, growth.added), out var two));

        Assert.Equal(one.Select(content => (content.Tile, Convert.ToHexString(content.Bytes.Span))), two.Select(content => (content.Tile, Convert.ToHexString(content.Bytes.Span))));
        return left.Edge().Equals(right.Edge());
    });

    [Fact]
    public void A_tree_is_not_taken_up_from_tiles_that_do_not_hash_to_its_edge()
    {
        var open = OpenTiles.Empty.Append(All.AsSpan(0, 700), out _);
        var contents = open.Partial().Select(content => content.Bytes.ToArray()).ToArray();
        contents[0][^1] ^= 1;

        Assert.Null(OpenTiles.Restore(open.Edge(), [.. contents.Select(content => (ReadOnlyMemory<byte>)content)], out var fault));
        Assert.Equal(Failure.RootMismatch, fault!.Failure);
        Assert.Null(OpenTiles.Restore(open.Edge(), [contents[0].AsMemory(1), contents[1]], out fault));
        Assert.Equal(Failure.TileMalformed, fault!.Failure);
    }

    [Fact]
    public void The_binary_form_of_an_edge_survives_and_no_other_length_is_one() => Gen.Int[0, All.Length].Sample(size =>
    {
        var edge = RightEdge.Empty.Append(All.AsSpan(0, size));
        var bytes = edge.ToArray();

        Assert.Equal(edge, RightEdge.Parse(bytes, out _));
        Assert.Null(RightEdge.Parse([.. bytes, 0], out var fault));
        Assert.Equal(Failure.TileMalformed, fault!.Failure);
        Assert.Null(RightEdge.Parse(bytes.AsSpan(0, bytes.Length - 1), out _));
        return RightEdge.Parse(bytes, out _)!.Root() == MerkleTree.Root(All.AsSpan(0, size));
    });

    [Fact]
    public void A_tree_beyond_2_to_the_62_is_neither_read_nor_grown()
    {
        var largest = RightEdge.Parse([0x40, 0, 0, 0, 0, 0, 0, 0, .. All[0].ToArray()], out _)!;

        Assert.Equal(MerkleTree.MaxSize, largest.Size);
        Assert.Throws<ArgumentException>(() => largest.Append(All[0]));
        Assert.Throws<ArgumentException>(() => new GrownTree(largest, All.AsSpan(0, 1)));
        Assert.Null(RightEdge.Parse([0x40, 0, 0, 0, 0, 0, 0, 1, .. All[0].ToArray(), .. All[1].ToArray()], out _));
        Assert.Null(RightEdge.Parse(Enumerable.Repeat((byte)0xFF, 8 + (64 * 32)).ToArray(), out _));
    }

    [Fact]
    public void A_batch_on_a_huge_tree_needs_nothing_but_its_edge()
    {
        var size = (1UL << 61) + (1UL << 40) + 255;
        var bytes = new byte[8 + (10 * Digest.Length)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, size);
        for (var i = 0; i < 10; i++)
        {
            All[i].CopyTo(bytes.AsSpan(8 + (i * Digest.Length)));
        }

        var grown = new GrownTree(RightEdge.Parse(bytes, out _)!, All.AsSpan(0, 300));

        for (var i = 0; i < 300; i++)
        {
            Assert.Null(grown.ProofOf(size + (ulong)i).Verify(All[i], grown.Root));
        }
    }

    [Fact]
    public void A_bundle_gives_its_entries_back_and_no_damaged_one_is_read() => (
        from entries in Gen.Byte.Array[0, 50].Array[1, 256] from cut in Gen.Int[1, 60] select (entries, cut)).Sample(bundle =>
    {
        var bytes = EntryBundle.Encode([.. bundle.entries.Select(entry => (ReadOnlyMemory<byte>)entry)]);

        Assert.Equal(bundle.entries, EntryBundle.Decode(bytes, bundle.entries.Length, out _)!.Select(entry => entry.ToArray()));
        Assert.Null(EntryBundle.Decode(bytes.AsMemory(0, Math.Max(0, bytes.Length - bundle.cut)), bundle.entries.Length, out var fault));
        Assert.Equal(Failure.BundleMalformed, fault!.Failure);
        Assert.Null(EntryBundle.Decode((byte[])[.. bytes, 0], bundle.entries.Length, out fault));
        Assert.Equal(Failure.BundleMalformed, fault!.Failure);
    });

    [Fact]
    public void A_bundle_holds_entries_up_to_65_535_bytes_and_a_reader_may_ask_for_less()
    {
        var bytes = EntryBundle.Encode([new byte[65_535]]);

        Assert.Equal(65_535, EntryBundle.Decode(bytes, 1, out _)![0].Length);
        Assert.Null(EntryBundle.Decode(bytes, 1, out var fault, maxEntryLength: 16 * 1024));
        Assert.Equal(Failure.TooLarge, fault!.Failure);
        Assert.Throws<ArgumentException>(() => EntryBundle.Encode([new byte[65_536]]));
        Assert.Throws<ArgumentException>(() => EntryBundle.Encode([]));
    }

    private static IEnumerable<Digest[]> Split(int[] batches)
    {
        var next = 0;
        foreach (var batch in batches)
        {
            var length = Math.Min(batch, All.Length - next);
            yield return All[next..(next + length)];
            next += length;
        }
    }
}
