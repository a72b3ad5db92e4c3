using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Ledger;

namespace CriticalMinerals.Tests.Published;

/// <summary>
/// The eight leaf inputs that Certificate Transparency implementations share and the hashes published for them
/// (transparency-dev/merkle, testonly/constants.go and proof/verify_test.go); the proof shapes of RFC 9162 section 2.1.5.
/// </summary>
public sealed class MerkleVectors
{
    private static readonly string[] Inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly Digest[] Leaves = [.. Inputs.Select(input => Digest.OfLeaf(Convert.FromHexString(input)))];

    private static readonly string[] Roots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void Every_way_to_the_root_gives_the_published_one(int size)
    {
        var leaves = Leaves.AsSpan(0, size);

        Assert.Equal(Roots[size], Hex(MerkleTree.Root(leaves)));
        Assert.Equal(Roots[size], Hex(RightEdge.Empty.Append(leaves).Root()));
        Assert.Equal(Roots[size], Hex(new GrownTree(RightEdge.Empty, leaves).Root));
        Assert.Equal(Roots[size], Hex(OpenTiles.Empty.Append(leaves, out _).Edge().Root()));
    }

    [Theory]
    [InlineData(0, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e 6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(5, 8, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(1, 5, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    public void Published_inclusion_proofs_are_made_and_verified(int index, int size, string path)
    {
        var proof = new InMemoryTiles(Leaves).Inclusion((ulong)index, (ulong)size);

        Assert.Equal(path, string.Join(' ', proof.Path.Select(Hex)));
        Assert.Equal(proof, new GrownTree(RightEdge.Empty, Leaves.AsSpan(0, size)).ProofOf((ulong)index));
        Assert.Null(proof.Verify(Leaves[index], FromHex(Roots[size])));
    }

    [Theory]
    [InlineData(1, 1, "")]
    [InlineData(1, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e 6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(6, 8, "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 5, "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    [InlineData(6, 7, "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    public void Published_consistency_proofs_are_made_and_verified(int oldSize, int newSize, string path)
    {
        var proof = new InMemoryTiles(Leaves).Consistency((ulong)oldSize, (ulong)newSize);

        Assert.Equal(path, string.Join(' ', proof.Path.Select(Hex)));
        Assert.Null(proof.Verify(FromHex(Roots[oldSize]), FromHex(Roots[newSize])));
    }

    [Fact]
    public void Proofs_of_seven_leaves_have_the_shapes_drawn_in_RFC_9162()
    {
        // Section 2.1.5 names the leaf hashes of d0 to d6 a, b, c, d, e, f, j and the nodes above them g, h, i, k, l.
        var tree = new InMemoryTiles(Leaves[..7]);
        var (a, b, c, d, e, f, j) = (Leaves[0], Leaves[1], Leaves[2], Leaves[3], Leaves[4], Leaves[5], Leaves[6]);
        var (g, h, i) = (Digest.OfNode(a, b), Digest.OfNode(c, d), Digest.OfNode(e, f));
        var (k, l) = (Digest.OfNode(g, h), Digest.OfNode(i, j));

        Assert.Equal([b, h, l], tree.Inclusion(0, 7).Path);
        Assert.Equal([c, g, l], tree.Inclusion(3, 7).Path);
        Assert.Equal([f, j, k], tree.Inclusion(4, 7).Path);
        Assert.Equal([i, k], tree.Inclusion(6, 7).Path);
        Assert.Equal([c, d, g, l], tree.Consistency(3, 7).Path);
        Assert.Equal([l], tree.Consistency(4, 7).Path);
        Assert.Equal([i, j, k], tree.Consistency(6, 7).Path);
    }

    private static string Hex(Digest digest) => Convert.ToHexStringLower(digest.ToArray());

    private static Digest FromHex(string hex) => new(Convert.FromHexString(hex));
}
