using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>
/// A log that goes on from another: what its opening says of that one, what goes on and what does not. The new log's operator is the attacker; it makes tree,
/// tiles and checkpoint anew around whatever it took in.
/// </summary>
internal static class SuccessorCases
{
    public static IEnumerable<VectorCase> All() => [.. Openings(), .. Chains(), .. Keys(), .. Evidence()];

    private static VectorCase Case(string name, Expected expect, string attack, ForgedLog log, Action<Dictionary<string, byte[]>>? tamper = null)
    {
        var files = log.Files();
        foreach (var (path, bytes) in log.After!.Files())
        {
            files["predecessors/0" + path["log".Length..]] = bytes;
        }

        files["trust.json"] = Trust(log);
        tamper?.Invoke(files);
        return new VectorCase(name, "log", expect, attack, files);
    }

    private static byte[] Trust(ForgedLog log) => VectorCase.Trust(trust =>
    {
        trust["origin"] = log.Name;
        trust["vkeys"] = new JsonArray([
            new NoteVerifier(log.Name, EvidenceWorld.Key(log.KeyName("log")).VerifyingKey).ToString(),
            ForgedLog.VerifierKey("log").ToString()]);
    });

    private static IEnumerable<VectorCase> Openings()
    {
        yield return Case("successor-sound", Expected.Sound with { Disputed = [] }, "Nothing is wrong here: a lot goes on in the log after its own, which names that one's size and root.\nA verifier that refuses this loses every passport with its log.", Sound());

        yield return Case("successor-alone", new Expected("predecessor", "predecessor-missing", 0), "The files of the log that this one goes on from are not here.\nWhat a chain rests on would be believed unseen.", Sound(), files =>
        {
            foreach (var path in files.Keys.Where(path => path.StartsWith("predecessors/", StringComparison.Ordinal)).ToList())
            {
                files.Remove(path);
            }
        });

        yield return Case("successor-wrong-root", new Expected("predecessor", "predecessor-foreign", 0), "The opening names another root than the predecessor's files have.\nAnother past would be slipped under every chain.",
            ForgedLog.Succeeding(ForgedLog.WithALot(), opening => opening["after"]!["root"] = Digest.OfLeaf([1]).ToString()));

        yield return Case("successor-wrong-size", new Expected("predecessor", "predecessor-foreign", 0), "The opening names one entry fewer than its root is of.\nThe last entry would be gone, with nothing to show it.",
            ForgedLog.Succeeding(ForgedLog.WithALot(), opening => opening["after"]!["size"] = 3));

        yield return Case("successor-beyond-its-predecessor", new Expected("predecessor", "predecessor-missing", 0), "The opening names one entry more than there is.\nRoom for one that nobody saw.",
            ForgedLog.Succeeding(ForgedLog.WithALot(), opening => opening["after"]!["size"] = 5));

        yield return Case("successor-of-another-log", new Expected("predecessor", "predecessor-foreign", 0), "The opening names another origin than that of the log whose entries go on.\nEntries signed for one log would stand in another.",
            ForgedLog.Succeeding(ForgedLog.WithALot(), opening => opening["after"]!["origin"] = "ledger.example.com/log/2025"));

        yield return Case("successor-without-after", new Expected("predecessor", "predecessor-foreign", 0), "The opening names no predecessor, and a chain goes on from one.\nWhoever reads the log alone would miss its past and not know.",
            Going(ForgedLog.Succeeding(ForgedLog.WithALot(), opening => opening.Remove("after"))));
    }

    private static IEnumerable<VectorCase> Chains()
    {
        var again = ForgedLog.Succeeding(ForgedLog.WithALot());
        again.Extract(ForgedLog.Lot, forgery: new Forgery { Sequence = 0, Previous = Digest.Zero.ToString() });
        yield return Case("successor-chain-begun-again", new Expected("chain", "rule-refused/chain-exists", 1), "A chain of the predecessor begins anew in the successor.\nThe same lot would be there twice.", again);

        var gap = ForgedLog.Succeeding(ForgedLog.WithALot());
        gap.Give(ForgedLog.Consignment, forgery: new Forgery { Sequence = 2 });
        yield return Case("successor-chain-with-a-gap", new Expected("chain", "chain-sequence", 1), "A chain goes on with a sequence too high.\nRoom for an entry between the two logs.", gap);

        var linked = ForgedLog.Succeeding(ForgedLog.WithALot());
        linked.Give(ForgedLog.Consignment, forgery: new Forgery { Previous = linked.After!.Entries[0].Hash });
        yield return Case("successor-chain-of-another-past", new Expected("chain", "chain-link", 1), "A chain goes on after another entry than its newest in the predecessor.\nIts signer saw another history than the two logs show.", linked);

        var ended = ForgedLog.WithALot();
        var late = ended.Give(ForgedLog.Consignment);
        ended.Entries.Remove(late);
        var forked = Going(ForgedLog.Succeeding(ended));
        ended.Entries.Add(late);
        yield return Case("successor-chain-in-both", new Expected("chain", "chain-forked", 4), "The predecessor took in one more entry of a chain that goes on in the successor.\nThe same stock given twice, each in a log that is sound by itself.", forked);

        var past = ForgedLog.WithALot();
        var giving = past.Give(ForgedLog.Consignment);
        past.Receive(ForgedLog.Consignment, giving);
        var taken = ForgedLog.Succeeding(past);
        taken.Say(ForgedLog.Maker + "#maker", ForgedLog.Consignment, "inputs-added.v1", new JsonObject { ["in"] = new JsonArray(ForgedLog.Take(giving.Hash, ForgedLog.Consignment)) });
        yield return Case("successor-line-taken-again", new Expected("lines", "rule-refused/line-taken", 1), "A line that was taken in the predecessor is taken once more in the successor.\nWhat was given once would be held twice.", taken);

        var replayed = ForgedLog.Succeeding(ForgedLog.WithALot());
        replayed.Extract(ForgedLog.Chain("second lot"), forgery: new Forgery { Id = EvidenceWorld.Uuid("jti 3") });
        yield return Case("successor-id-reused", new Expected("uniqueness", "rule-refused/id-reused", 1), "A key signs with a jti that it used in the predecessor.\nA retry could not be told from a second statement.", replayed);

        var foreign = ForgedLog.Succeeding(ForgedLog.WithALot());
        foreign.Give(ForgedLog.Consignment, forgery: new Forgery { Origin = ForgedLog.Origin });
        yield return Case("successor-entry-for-its-predecessor", new Expected("chain", "log-foreign", 1), "An entry signed for the predecessor stands in the successor.\nA statement made for one log would stand in two.", foreign);
    }

    private static IEnumerable<VectorCase> Keys()
    {
        var old = ForgedLog.Succeeding(ForgedLog.WithALot());
        old.Say(ForgedLog.Authority, ForgedLog.Mine, "role-granted.v1", new JsonObject { ["role"] = "refiner" });
        yield return Case("successor-old-authority-signs", new Expected("keys", "key-unknown", 1), "The predecessor's authority grants a role in the successor.\nWhoever kept its key would rule the new log too.", old);

        var chain = ForgedLog.Succeeding(ForgedLog.WithALot());
        chain.Say($"{chain.Did}#{chain.KeyName("authority")}", ForgedLog.LogChain, "key-revoked.v1", new JsonObject { ["kid"] = ForgedLog.LogDid + "#head", ["reason"] = "retired" });
        yield return Case("successor-ended-log-chain", new Expected("chain", "log-foreign", 1), "An entry stands on the chain of the predecessor's own keys.\nTwo logs would keep one chain.", chain);

        var revoked = ForgedLog.WithALot();
        revoked.RevokeKey(ForgedLog.Authority, ForgedLog.Mine + "#mine");
        yield return Case("successor-key-revoked", new Expected("keys", "key-revoked", 1), "A key that ended in the predecessor signs in the successor.\nA cut would bring every stolen key back.", Going(ForgedLog.Succeeding(revoked)));

        var stolen = Going(ForgedLog.Succeeding(ForgedLog.WithALot()));
        stolen.Say($"{stolen.Did}#{stolen.KeyName("authority")}", ForgedLog.Mine, "key-compromised.v1", new JsonObject { ["kid"] = ForgedLog.Mine + "#mine", ["fromIndex"] = -1 });
        yield return Case("successor-stolen-key-disputed", Expected.Sound with { Disputed = [-1, 1] }, "Nothing is wrong here: a theft in the predecessor is reported in the successor, from index -1 on.\nA thief would be safe behind a cut.", stolen);

        var before = ForgedLog.Succeeding(ForgedLog.WithALot());
        before.Say($"{before.Did}#{before.KeyName("authority")}", ForgedLog.Mine, "key-compromised.v1", new JsonObject { ["kid"] = ForgedLog.Mine + "#mine", ["fromIndex"] = -5 });
        yield return Case("successor-report-before-the-beginning", new Expected("registry", "rule-refused/data-invalid", 1), "A key is reported from an index on that no log has.\nTwo verifiers would count from two beginnings.", before);
    }

    private static IEnumerable<VectorCase> Evidence()
    {
        VectorCase Bundle(string name, Expected expect, string attack, Action<JsonObject>? tamper = null)
        {
            var log = Sound();
            string[] chains = [ForgedLog.Lot, log.OwnChain, ForgedLog.Mine, ForgedLog.LogChain];
            var bundle = log.Bundle([.. chains.Take(2), .. chains.Skip(2).Order(StringComparer.Ordinal)]);
            tamper?.Invoke(bundle);
            return new VectorCase(name, "evidence", expect, attack, new Dictionary<string, byte[]> { ["evidence.json"] = VectorCase.Json(bundle), ["trust.json"] = Trust(log) });
        }

        JsonNode Lot(JsonObject bundle) => bundle["chains"]![0]!["entries"]!;
        yield return Bundle("successor-evidence-sound", Expected.Sound, "Nothing is wrong here: a lot of two logs, each entry proved in the tree of its own.\nA life over a cut is one life.");
        yield return Bundle("successor-evidence-wrong-root", new Expected("proof", "inclusion-unproven", 3), "An entry of the predecessor has its proof in the successor's tree.\nWhoever keeps one log could make the past of another.", bundle =>
            Lot(bundle)[0]!["proof"] = new JsonArray([.. Lot(bundle)[1]!["proof"]!.AsArray().Select(hash => hash!.DeepClone()), .. Enumerable.Repeat(Digest.Zero.ToString(), 1).Select(hash => (JsonNode)hash)]));
        yield return Bundle("successor-evidence-past-left-out", new Expected("chain", "chain-sequence", 1), "The entries that stand in the predecessor are left out of the chain.\nA life would begin with the log.", bundle => Lot(bundle).AsArray().RemoveAt(0));
    }

    private static ForgedLog Sound() => Going(ForgedLog.Succeeding(ForgedLog.WithALot()));

    // The lot goes on.
    private static ForgedLog Going(ForgedLog log)
    {
        log.Give(ForgedLog.Consignment);
        return log;
    }
}
