using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Ledger;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>Inclusion and consistency proofs by themselves, and receipts, whose checkpoint is soundly signed but where that is the attack.</summary>
internal static class ProofCases
{
    private static readonly Digest[] Leaves = InMemoryTiles.Leaves(11);
    private static readonly InMemoryTiles Tree = new(Leaves);
    private static readonly Digest Root = Tree.Root(11);

    public static IEnumerable<VectorCase> All() => [.. Inclusion(), .. Consistency(), .. Receipts()];

    private static IEnumerable<VectorCase> Inclusion()
    {
        var path = Tree.Inclusion(6, 11).Path;
        var (unproven, misshapen) = (new Expected("proof", "inclusion-unproven"), new Expected("proof", "proof-malformed"));
        yield return Included("inclusion-sound", Expected.Sound, "Nothing is wrong here: leaf 6 of 11.\nA verifier that refuses this refuses everything.", path);
        yield return Included("inclusion-hash-changed", unproven, "A hash on the way is another.\nThe proof leads to no root that the log signed.", [path[0], Leaves[0], .. path.Skip(2)]);
        yield return Included("inclusion-hash-missing", misshapen, "The last hash is missing.\nA shorter tree than the one signed.", [.. path.SkipLast(1)]);
        yield return Included("inclusion-hash-added", misshapen, "A hash follows the last.\nA verifier that stops when it has the root leaves room for more.", [.. path, Leaves[0]]);
        yield return Included("inclusion-swapped", unproven, "Two hashes stand in each other's place.\nLeft and right are decided by the index alone.", [path[1], path[0], .. path.Skip(2)]);
        yield return Included("inclusion-other-place", unproven, "The proof is for leaf 6 and is told for 7.\nWhere something stands is what a proof proves.", path, index: 7);
        yield return Included("inclusion-outside", misshapen, "The index is the size.\nA place after the last.", path, index: 11);
        yield return Included("inclusion-too-long", new Expected("proof", "proof-malformed"), "64 hashes, one more than any tree needs.\nMore than a reader makes room for.", [.. Enumerable.Repeat(Leaves[0], 64)]);
    }

    private static IEnumerable<VectorCase> Consistency()
    {
        var path = Tree.Consistency(6, 11).Path;
        var (unproven, misshapen) = (new Expected("proof", "consistency-unproven"), new Expected("proof", "proof-malformed"));
        yield return Consistent("consistency-sound", Expected.Sound, "Nothing is wrong here: from 6 leaves to 11.\nA verifier that refuses this refuses everything.", 6, Tree.Root(6), 11, Root, path);
        yield return Consistent("consistency-forked", unproven, "The later tree is another one from the fourth leaf on.\nA log that shows two histories.", 6, Tree.Root(6), 11, Fork(11), [.. new InMemoryTiles(Forked()).Consistency(6, 11).Path]);
        yield return Consistent("consistency-same-size", unproven, "Two roots of one size, and no proof.\nA log that shows two histories.", 11, Root, 11, Fork(11), []);
        yield return Consistent("consistency-rolled-back", misshapen, "The later tree is smaller.\nA log that forgot what it signed.", 11, Root, 6, Tree.Root(6), path);
        yield return Consistent("consistency-hash-missing", misshapen, "The last hash is missing.\nThe earlier root is proved, the later is not.", 6, Tree.Root(6), 11, Root, [.. path.SkipLast(1)]);
        yield return Consistent("consistency-hash-added", misshapen, "A hash follows the last.\nA verifier that stops when it has the root leaves room for more.", 6, Tree.Root(6), 11, Root, [.. path, Leaves[0]]);
        yield return Consistent("consistency-nothing", misshapen, "There is no hash at all.\nA verifier that takes nothing for enough believes every log.", 6, Tree.Root(6), 11, Root, []);
        yield return Consistent("consistency-too-long", new Expected("proof", "proof-malformed"), "64 hashes, one more than any proof needs.\nMore than a reader makes room for.", 6, Tree.Root(6), 11, Root, [.. Enumerable.Repeat(Leaves[0], 64)]);
    }

    private static IEnumerable<VectorCase> Receipts()
    {
        var log = ForgedLog.WithALot();
        var receipt = log.Receipt(3);
        yield return Received("receipt-sound", Expected.Sound, "Nothing is wrong here.\nA verifier that refuses this refuses everything.", log, receipt);
        yield return Received("receipt-sound-extra", Expected.Sound, "Nothing is wrong here: a line extra, which nobody signed and nobody believes.\nThe format allows it.", log, receipt.Replace("index 3\n", "extra AAAA\nindex 3\n", StringComparison.Ordinal));
        yield return Received("receipt-of-another", new Expected("proof", "inclusion-unproven"), "The receipt is of entry 2 and is shown for entry 3.\nOne receipt for whatever the log holds.", log, log.Receipt(2));
        yield return Received("receipt-other-place", new Expected("proof", "inclusion-unproven"), "The index is 2, the proof that of 3.\nWhere something stands decides which keys were good.", log, receipt.Replace("index 3\n", "index 2\n", StringComparison.Ordinal));
        yield return Received("receipt-hash-missing", new Expected("proof", "proof-malformed"), "A line of the proof is missing.\nA proof of another tree.", log, string.Join('\n', receipt.Split('\n').Where((_, i) => i != 2)));
        yield return Received("receipt-index-with-zero", new Expected("receipt", "receipt-malformed"), "The index is 03.\nTwo texts for one receipt.", log, receipt.Replace("index 3\n", "index 03\n", StringComparison.Ordinal));
        yield return Received("receipt-other-version", new Expected("receipt", "receipt-malformed"), "The first line names another version.\nIts lines may mean something else.", log, receipt.Replace("@v1", "@v2", StringComparison.Ordinal));
        yield return Received("receipt-extra-last", new Expected("receipt", "receipt-malformed"), "The line extra stands after the index.\nA reader that takes lines in any order reads another receipt.", log, receipt.Replace("index 3\n", "index 3\nextra AAAA\n", StringComparison.Ordinal));
        yield return Received("receipt-unsigned", new Expected("note", "note-unsigned"), "The checkpoint is signed by a key that is not known.\nA receipt of a tree of the attacker's own.", log, Signed(log, "thief"));
    }

    private static string Signed(ForgedLog log, string key)
    {
        var receipt = log.Receipt(3);
        return receipt[..(receipt.IndexOf("\n\n", StringComparison.Ordinal) + 2)] + Encoding.UTF8.GetString(log.Checkpoint(key));
    }

    private static Digest[] Forked() => [.. Leaves.Take(3), .. Leaves.Skip(3).Select(leaf => Digest.OfLeaf(leaf.ToArray()))];

    private static Digest Fork(int size) => MerkleTree.Root(Forked().AsSpan(0, size));

    private static VectorCase Included(string name, Expected expect, string attack, IReadOnlyList<Digest> path, long index = 6) => Case(name, "inclusion", expect, attack, new JsonObject
    {
        ["hash"] = Leaves[6].ToString(),
        ["index"] = index,
        ["size"] = 11,
        ["root"] = Root.ToString(),
    }, path);

    private static VectorCase Consistent(string name, Expected expect, string attack, long first, Digest firstRoot, long second, Digest secondRoot, IReadOnlyList<Digest> path) => Case(name, "consistency", expect, attack, new JsonObject
    {
        ["first"] = first,
        ["firstRoot"] = firstRoot.ToString(),
        ["second"] = second,
        ["secondRoot"] = secondRoot.ToString(),
    }, path);

    private static VectorCase Case(string name, string kind, Expected expect, string attack, JsonObject proof, IReadOnlyList<Digest> path)
    {
        proof["proof"] = new JsonArray([.. path.Select(hash => (JsonNode)hash.ToString())]);
        return new VectorCase(name, kind, expect, attack, new Dictionary<string, byte[]> { ["proof.json"] = VectorCase.Json(proof) });
    }

    private static VectorCase Received(string name, Expected expect, string attack, ForgedLog log, string receipt) => new(name, "receipt", expect, attack, new Dictionary<string, byte[]>
    {
        ["receipt.txt"] = Encoding.UTF8.GetBytes(receipt),
        ["entry.txt"] = log.Entries[3].Leaf,
        ["trust.json"] = VectorCase.Trust(),
    });
}
