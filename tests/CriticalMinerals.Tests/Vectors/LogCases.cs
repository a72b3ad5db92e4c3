using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>
/// Whole logs as folders: what stands in the files, in which order entries stand, and what a verifier saw before. Where entries were tampered with, tree, tiles
/// and checkpoint are made and signed anew, as the log's operator could.
/// </summary>
internal static class LogCases
{
    public static IEnumerable<VectorCase> All() => [.. Files(), .. Order(), .. Seen()];

    internal static VectorCase Case(
        string name, Expected expect, string attack, ForgedLog log, Action<JsonObject>? trust = null, string[]? logKeys = null, Action<Dictionary<string, byte[]>>? tamper = null)
    {
        var files = log.Files(logKeys ?? []);
        files["trust.json"] = VectorCase.Trust(trust);
        tamper?.Invoke(files);
        return new VectorCase(name, "log", expect, attack, files);
    }

    private static IEnumerable<VectorCase> Files()
    {
        const string leaves = "log/tile/entries/000.p/4", tile = "log/tile/0/000.p/4";
        VectorCase Tampered(string name, Expected expect, string attack, Action<Dictionary<string, byte[]>> tamper) => Case(name, expect, attack, ForgedLog.WithALot(), tamper: tamper);

        yield return Case("log-sound", Expected.Sound with { Disputed = [] }, "Nothing is wrong here: a log of four entries.\nA verifier that refuses this refuses everything.", ForgedLog.WithALot());
        yield return Tampered("log-leaf-flipped", new Expected("tile", "root-mismatch", 3), "One bit of the last entry's signature is another, in the entry bundle alone.\nA disk that forgets, or a hand that is not the log's.", files => files[leaves][^1] ^= 1);
        yield return Tampered("log-hash-flipped", new Expected("tile", "root-mismatch", 2), "One bit of a stored leaf hash is another.\nProofs made from the tile would fail, or prove what is not there.", files => files[tile][(2 * 32) + 5] ^= 1);
        yield return Tampered("log-tile-short", new Expected("tile", "tile-malformed", 0), "The tile lacks its last byte.\nA reader that pads it hashes what nobody stored.", files => files[tile] = files[tile][..^1]);
        yield return Tampered("log-tile-missing", new Expected("tile", "tile-malformed", 0), "There is no tile of leaf hashes.\nNobody could make a proof.", files => files.Remove(tile));
        yield return Tampered("log-bundle-missing", new Expected("bundle", "bundle-malformed", 0), "There is no entry bundle.\nWhat the log signed, nobody can read.", files => files.Remove(leaves));
        yield return Tampered("log-bundle-cut", new Expected("bundle", "bundle-malformed", 3), "The entry bundle ends within its last entry.\nA cut file.", files => files[leaves] = files[leaves][..^10]);
        yield return Tampered("log-bundle-longer", new Expected("bundle", "bundle-malformed", 3), "A byte follows the last entry of the bundle.\nRoom for what nobody hashed.", files => files[leaves] = [.. files[leaves], 0]);
        yield return Tampered("log-bundle-length", new Expected("bundle", "bundle-malformed", 1), "The length of the first entry is one byte too high.\nEvery entry after it begins in the wrong place.", files => files[leaves][1]++);
        yield return Case("log-root-of-another", new Expected("tree", "root-mismatch"), "The signed root is that of the log without its last entry, at the size with it.\nThe files are sound by themselves and are not what the log signed.", ForgedLog.WithALot(), tamper: files =>
            files["log/checkpoint"] = Signed(4, MerkleTree.Root(ForgedLog.WithALot().Hashes.AsSpan(0, 3))));
        yield return Case("log-checkpoint-unsigned", new Expected("note", "note-unsigned"), "The checkpoint is signed by a thief's key, under the log's name.\nAnybody could publish a log like it.", ForgedLog.WithALot(), logKeys: ["thief"]);

        var full = Grown();
        yield return Case("log-sound-of-two-levels", Expected.Sound, "Nothing is wrong here: 257 entries, so a full tile and one above it.\nA partial tile is never hashed into the one above.", full);
        yield return Case("log-upper-tile-flipped", new Expected("tile", "tile-malformed", 0), "One bit of the tile above the leaf hashes is another.\nProofs of a large tree are made of it.", full, tamper: files => files["log/tile/1/000.p/1"][0] ^= 1);
    }

    private static IEnumerable<VectorCase> Order()
    {
        var rewritten = ForgedLog.WithALot();
        Rewrite(rewritten, 3);
        yield return Case("log-entry-rewritten", new Expected("signature", "signature-invalid", 3), "An administrator changed a payload and made tree, tiles and checkpoint anew.\nOnly the signature of who said it shows that somebody else did.", rewritten);

        var dropped = TwoGivings(out var first, out _);
        dropped.Entries.Remove(first);
        yield return Case("log-entry-dropped", new Expected("chain", "chain-sequence", 4), "An entry within a chain was dropped, and everything after it made anew.\nWhat a firm gave away would be with it again.", Renumbered(dropped));

        var reordered = TwoGivings(out first, out var second);
        reordered.Entries.Remove(second);
        reordered.Entries.Insert((int)first.Index, second);
        yield return Case("log-entries-reordered", new Expected("chain", "chain-sequence", 4), "Two entries of a chain stand in each other's place.\nOrder decides what was still there to give.", Renumbered(reordered));

        var inserted = ForgedLog.WithALot();
        inserted.Give(ForgedLog.Consignment, forgery: new Forgery { Sequence = 2, Previous = inserted.Entries[2].Hash });
        yield return Case("log-entry-inserted", new Expected("chain", "chain-sequence", 4), "An entry that skips a sequence stands in a chain.\nRoom for one that would be told later.", inserted);

        var linked = ForgedLog.WithALot();
        linked.Give(ForgedLog.Consignment, forgery: new Forgery { Previous = linked.Entries[2].Hash });
        yield return Case("log-entry-of-another-past", new Expected("chain", "chain-link", 4), "An entry has the right sequence and names another entry before it.\nIts signer saw another history than the log shows.", linked);

        var replayed = ForgedLog.WithALot();
        replayed.Add(replayed.Entries[3].Leaf, ForgedLog.Lot);
        yield return Case("log-entry-replayed", new Expected("uniqueness", "entry-repeated", 4), "An entry stands in the log a second time, byte for byte.\nA statement made once would count twice.", replayed);

        var again = ForgedLog.WithALot();
        again.Extract(ForgedLog.Chain("second lot"), forgery: new Forgery { Id = EvidenceWorld.Uuid("jti 3") });
        yield return Case("log-id-reused", new Expected("uniqueness", "rule-refused/id-reused", 4), "One key signed two entries with one jti.\nA retry could not be told from a second statement.", again);

        var forked = ForgedLog.WithALot();
        forked.Give(ForgedLog.Consignment);
        forked.Give(ForgedLog.Chain("elsewhere"), forgery: new Forgery { Sequence = 1, Previous = forked.Entries[3].Hash });
        yield return Case("log-chain-forked", new Expected("chain", "chain-sequence", 5), "Two entries continue the same one, both signed by the holder.\nThe same stock given twice.", forked);

        var foreign = ForgedLog.WithALot();
        foreign.Extract(ForgedLog.Chain("second lot"), forgery: new Forgery { Origin = "ledger.example.com/log/2025" });
        yield return Case("log-entry-of-another-log", new Expected("chain", "log-foreign", 4), "An entry signed for another log stands in this one.\nA statement made once would stand in two logs.", foreign);

        var headless = ForgedLog.Begun();
        headless.Extract(ForgedLog.Lot, forgery: new Forgery { Sequence = 1, Previous = headless.Entries[2].Hash });
        yield return Case("log-chain-without-beginning", new Expected("chain", "chain-sequence", 3), "A chain begins with sequence 1.\nWhat came before is hidden.", headless);

        var twice = ForgedLog.WithALot();
        Duplicate(twice);
        yield return Case("log-member-twice", new Expected("json", "json-duplicate-member", 4), "The log took in an entry in which seq stands twice.\nTwo auditors would replay two logs.", twice);
    }

    private static IEnumerable<VectorCase> Seen()
    {
        var log = TwoGivings(out _, out _);
        var fork = ForgedLog.WithALot();
        fork.Give(ForgedLog.Chain("elsewhere"));
        fork.Give(ForgedLog.Chain("elsewhere 2"));
        fork.Give(ForgedLog.Chain("elsewhere 3"));
        yield return Case("pin-sound", Expected.Sound, "Nothing is wrong here: the log goes on from the four entries seen before.\nA log may grow.", log, Pin(ForgedLog.WithALot()));
        yield return Case("pin-rolled-back", new Expected("pin", "consistency-unproven"), "The log is shorter than what was seen, every file of it sound: a backup was restored.\nWhat was acknowledged is gone.", ForgedLog.WithALot(), Pin(log));
        yield return Case("pin-forked", new Expected("pin", "consistency-unproven"), "The log is longer than what was seen and has another past.\nTwo histories, each sound by itself.", fork, Pin(log));
        yield return Case("pin-forked-at-one-size", new Expected("pin", "consistency-unproven"), "The log has the size that was seen and another root.\nTwo histories, each sound by itself.", Shortened(fork, 6), Pin(log));
        yield return Case("pin-truncated-and-grown", new Expected("pin", "consistency-unproven"), "The log was cut behind the last entry seen but one and grew again.\nIts size tells nothing.", Regrown(), Pin(log));

        yield return Case("receipt-kept-sound", Expected.Sound, "Nothing is wrong here: the log grew after the receipt was given.\nA receipt holds for ever.", log, tamper: Kept(ForgedLog.WithALot(), 3));
        yield return Case("receipt-kept-of-another-past", new Expected("receipt", "consistency-unproven", 4), "The log has another entry than the one for which it gave this receipt, everything made anew.\nWho kept a receipt holds proof.", fork, tamper: Kept(Shortened(log, 5), 4));
        yield return Case("receipt-kept-of-a-longer-log", new Expected("receipt", "consistency-unproven"), "The log is shorter than the one for which it gave this receipt.\nWho kept a receipt holds proof.", ForgedLog.WithALot(), tamper: Kept(log, 5));

        yield return Case("head-kept-sound", Expected.Sound, "Nothing is wrong here: something newer came after the size of the head statement.\nIt still says what was newest then.", log, tamper: KeptHead(log.Head(ForgedLog.Lot, size: 5)));
        yield return Case("head-kept-omitting", new Expected("head", "head-mismatch", 5), "A head statement for the log's size names the entry before the newest.\nThe log hid an entry from who asked, and signed that.", log, tamper: KeptHead(Omitting(log)));
    }

    internal static Action<JsonObject> Pin(ForgedLog seen) => trust =>
        trust["pin"] = new JsonObject { ["size"] = seen.Entries.Count, ["root"] = MerkleTree.Root(seen.Hashes).ToString() };

    internal static Action<Dictionary<string, byte[]>> KeptHead(string head) => files => files["head.txt"] = VectorCase.Ascii(head);

    private static Action<Dictionary<string, byte[]>> Kept(ForgedLog then, int index) => files =>
    {
        files["receipt.txt"] = System.Text.Encoding.UTF8.GetBytes(then.Receipt(index));
        files["entry.txt"] = then.Entries[index].Leaf;
    };

    private static string Omitting(ForgedLog log)
    {
        var now = EvidenceWorld.Start.AddMinutes(6);
        return HeadStatement.Sign(EvidenceWorld.Key("head"), ForgedLog.LogDid + "#head", ForgedLog.Origin, ForgedLog.Lot, 1, Digest.Parse(log.Entries[4].Hash), 6, now, now.AddMinutes(5)).Text;
    }

    /// <summary>Opened, a mine, a maker, a lot that gives twice.</summary>
    private static ForgedLog TwoGivings(out Said first, out Said second)
    {
        var log = ForgedLog.WithALot();
        (first, second) = (log.Give(ForgedLog.Consignment), log.Give(ForgedLog.Chain("second consignment")));
        return log;
    }

    private static ForgedLog Regrown()
    {
        var log = Shortened(TwoGivings(out _, out _), 5);
        log.Give(ForgedLog.Chain("elsewhere"));
        log.Give(ForgedLog.Chain("elsewhere 2"));
        return log;
    }

    private static ForgedLog Shortened(ForgedLog log, int size)
    {
        var shorter = new ForgedLog();
        shorter.Entries.AddRange(log.Entries.Take(size));
        return shorter;
    }

    private static ForgedLog Renumbered(ForgedLog log)
    {
        var again = new ForgedLog();
        log.Entries.ForEach(said => again.Add(said.Leaf, said.Subject, said.Disclosures));
        return again;
    }

    private static ForgedLog Grown()
    {
        var log = ForgedLog.Begun();
        while (log.Entries.Count < 257)
        {
            log.Say(ForgedLog.Mine + "#mine", ForgedLog.Chain($"lot {log.Entries.Count}"), "lot-extracted.v1", new JsonObject
            {
                ["open"] = true,
                ["mineral"] = "lithium",
                ["product"] = "ore",
                ["site"] = new JsonObject { ["country"] = "FI" },
            }, null, ("mass", "1"), ("content", new JsonArray(new JsonObject { ["element"] = "lithium", ["mass"] = "0.1" })));
        }

        return log;
    }

    private static void Rewrite(ForgedLog log, int index)
    {
        var parts = System.Text.Encoding.ASCII.GetString(log.Entries[index].Leaf).Split('.');
        var payload = System.Text.Encoding.UTF8.GetString(StrictBase64Url.Decode(parts[1])!).Replace("\"FI\"", "\"CD\"", StringComparison.Ordinal);
        var leaf = VectorCase.Ascii($"{parts[0]}.{Ledger.RawEntry.Encode(payload)}.{parts[2]}");
        log.Entries[index] = log.Entries[index] with { Leaf = leaf, Hash = Digest.OfLeaf(leaf).ToString() };
    }

    private static void Duplicate(ForgedLog log)
    {
        var said = log.Extract(ForgedLog.Chain("second lot"));
        var payload = System.Text.Encoding.UTF8.GetString(StrictBase64Url.Decode(System.Text.Encoding.ASCII.GetString(said.Leaf).Split('.')[1])!);
        var leaf = ForgedLog.Sign($$"""{"alg":"Ed25519","kid":"{{ForgedLog.Mine}}#mine","typ":"cm-entry+sd-jwt"}""", payload.Replace("\"seq\":0", "\"seq\":9,\"seq\":0", StringComparison.Ordinal), "mine");
        log.Entries.Remove(said);
        log.Add(VectorCase.Ascii(leaf), said.Subject);
    }

    private static byte[] Signed(ulong size, Digest root) =>
        System.Text.Encoding.UTF8.GetBytes(new Checkpoint(ForgedLog.Origin, size, root).Sign(EvidenceWorld.Key("log")).ToString());
}
