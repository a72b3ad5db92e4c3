using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Tests.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>Evidence bundles of a battery (section 13 of the format), each wrong in one of its eight steps.</summary>
internal static class EvidenceCases
{
    private const string Maker = ForgedLog.Maker + "#maker";
    private static readonly string Model = EvidenceWorld.Model;
    private static readonly string[] Chains = [EvidenceWorld.Battery, ForgedLog.LogChain, ForgedLog.Maker, ForgedLog.Maker + "/grants", Model];

    public static IEnumerable<VectorCase> All() => [.. Form(), .. Places(), .. ChainsOfIt(), .. Replayed(), .. Roots()];

    private static IEnumerable<VectorCase> Form()
    {
        yield return Case("evidence-sound", Expected.Sound with { Disputed = [] }, "Nothing is wrong here: a battery's chain with all that decides it.\nA verifier that refuses this refuses everything.", _ => { });
        yield return Case("evidence-sound-disclosures-left-out", Expected.Sound, "Nothing is wrong here: no disclosure is shown.\nDisclosures are never needed for structure.", bundle => Every(bundle, entry => entry["disclosures"] = new JsonArray()));
        yield return Case("evidence-format", new Expected("evidence", "bundle-malformed"), "format is another.\nIts members may mean something else.", bundle => bundle["format"] = "cm-evidence/v2");
        yield return Case("evidence-member-unknown", new Expected("evidence", "bundle-malformed"), "A member verdict says verified.\nA reader that prints it believes the file about itself.", bundle => bundle["verdict"] = "verified");
        yield return Case("evidence-subject-second", new Expected("evidence", "bundle-malformed"), "subject is not the first chain.\nA bundle about one battery shown as one about another.", bundle => bundle["subject"] = Model);
        yield return Case("evidence-log-chain-missing", new Expected("evidence", "bundle-incomplete"), "The log's own chain is not the second.\nKeys would come from nowhere.", bundle => Array(bundle, "chains").RemoveAt(1));
        yield return Case("evidence-chains-unordered", new Expected("evidence", "bundle-malformed"), "Two chains stand in each other's place.\nOne content, one file.", bundle => Swap(Array(bundle, "chains"), 2, 3));
        yield return Case("evidence-chain-twice", new Expected("evidence", "bundle-malformed"), "The model's chain stands twice.\nTwo heads of one chain, one of which a reader picks.", bundle => Array(bundle, "chains").Add(Array(bundle, "chains")[4]!.DeepClone()));
        yield return Case("evidence-cited-of-a-whole-chain", new Expected("evidence", "bundle-malformed", 3), "The model's entry is cited too.\nA cited entry is asked less than one of a whole chain.", bundle =>
        {
            Array(bundle, "cited").Insert(0, Entry(bundle, 4).DeepClone());
        });
        yield return Case("evidence-no-entries", new Expected("evidence", "bundle-malformed"), "A chain without an entry.\nIts head statement says that there is one.", bundle => Chain(bundle, 4)["entries"] = new JsonArray());
        yield return Case("evidence-disclosure-altered", new Expected("disclosure", "disclosure-unmatched", 6), "A disclosure says another capacity than was signed.\nThe reader would see a better battery.", bundle => Entry(bundle, 0)["disclosures"] = new JsonArray(Disclosure.Create(EvidenceWorld.Salt("salt 6 initialCapacity"), "initialCapacity", "250.2").Text));
        yield return Case("evidence-leaf-ambiguous", new Expected("entry", "base64-ambiguous", 6), "The unused bits of the last character of a leaf are not zero.\nOne statement with two leaf hashes.", bundle =>
        {
            var leaf = Entry(bundle, 0)["leaf"]!.GetValue<string>();
            Entry(bundle, 0)["leaf"] = leaf[..^1] + (char)(leaf[^1] + 1);
        });
        yield return Case("evidence-proof-too-long", new Expected("evidence", "bundle-malformed"), "A proof of 64 hashes.\nMore than a reader makes room for.", bundle => Entry(bundle, 0)["proof"] = new JsonArray([.. Enumerable.Range(0, 64).Select(_ => (JsonNode)RawEntry.SomeDigest)]));
        yield return Text("evidence-member-twice", new Expected("json", "json-duplicate-member"), "cited stands twice.\nTwo parsers, two bundles.", text => text.Replace("\"cited\":", "\"cited\":[],\"cited\":", StringComparison.Ordinal));
        yield return Text("evidence-too-deep", new Expected("json", "json-too-deep"), "An array some thousands deep.\nA parser that recurses without a limit falls over.", text => text.Replace("\"disclosures\":[]", $"\"disclosures\":[{new string('[', 3000)}{new string(']', 3000)}]", StringComparison.Ordinal));
    }

    private static IEnumerable<VectorCase> Places()
    {
        yield return Case("evidence-checkpoint-unsigned", new Expected("note", "note-unsigned"), "The checkpoint is signed by a thief's key.\nA bundle of a log of the attacker's own.", (bundle, log) => bundle["checkpoint"] = Encoding.UTF8.GetString(log.Checkpoint("thief")));
        yield return Case("evidence-checkpoint-of-another-log", new Expected("note", "note-unsigned"), "The checkpoint is of another log, which the verifier's key does not name.\nOne log's tree for another's entries.", (bundle, log) => bundle["checkpoint"] = OtherCheckpoint(log));
        yield return Case("evidence-checkpoint-of-another-known-log", new Expected("evidence", "log-foreign"), "The checkpoint is of another log, whose key the verifier knows too.\nOne log's tree for another's entries.", (bundle, log) => bundle["checkpoint"] = OtherCheckpoint(log), trust => trust["vkeys"]!.AsArray().Add(new NoteVerifier(OtherLog, EvidenceWorld.Key("log").VerifyingKey).ToString()));
        yield return Case("evidence-index-twice", new Expected("evidence", "bundle-malformed", 5), "The cited entry claims the index of the battery's.\nWhich keys were good there, depends on the place.", bundle => Array(bundle, "cited")[0]!["index"] = 6, index: 6);
        yield return Case("evidence-index-other", new Expected("proof", "inclusion-unproven", 4), "The cited entry claims the place of another.\nWhich keys were good there, depends on the place.", bundle => Array(bundle, "cited")[0]!["index"] = 4);
        yield return Case("evidence-proof-of-another", new Expected("proof", "proof-malformed", 6), "The battery's entry has the proof of another.\nAn entry that the log never held.", bundle => Entry(bundle, 0)["proof"] = Array(bundle, "cited")[0]!["proof"]!.DeepClone());
        yield return Case("evidence-entry-never-logged", new Expected("proof", "inclusion-unproven", 6), "The battery's entry was signed and never logged: another one stands there.\nA draft shown as a fact.", (bundle, log) =>
        {
            log.Entries.RemoveAt(6);
            Entry(bundle, 0)["leaf"] = Encoding.ASCII.GetString(Make(log, "2026-02").Leaf);
        });
        yield return Built("evidence-entry-of-another-log", new Expected("chain", "log-foreign", 7), "An entry of the battery was signed for another log.\nA statement made once would stand in two logs.", log => Measure(log, new Forgery { Origin = OtherLog }));
    }

    private static IEnumerable<VectorCase> ChainsOfIt()
    {
        yield return Built("evidence-entry-left-out", new Expected("chain", "chain-sequence", 8), "The second of three entries of the battery was left out.\nA bad measurement would be nobody's business.", Thrice, (bundle, _) => Array(Chain(bundle, 0), "entries").RemoveAt(1));
        yield return Built("evidence-newest-left-out", new Expected("head", "head-mismatch", 7), "The newest entry of the battery was left out; the head statement is the log's.\nA recall would be nobody's business.", Thrice, (bundle, _) => Array(Chain(bundle, 0), "entries").RemoveAt(2));
        yield return Built("evidence-head-of-an-earlier-size", new Expected("head", "head-mismatch", 7), "The newest entry was left out, and the head statement is an older one, soundly signed, for the size before it.\nWhat was true once, shown as true now.", Thrice, (bundle, log) =>
        {
            Array(Chain(bundle, 0), "entries").RemoveAt(2);
            Chain(bundle, 0)["head"] = log.Head(EvidenceWorld.Battery, size: 8);
        });
        yield return Built("evidence-entry-of-another-past", new Expected("chain", "chain-link", 7), "An entry of the battery names another entry before it.\nIts signer saw another history.", log => Measure(log, new Forgery { Previous = log.Entries[5].Hash }));
        yield return Case("evidence-entry-of-another-chain", new Expected("chain", "chain-foreign", 5), "The lot's entry stands in the model's chain.\nOne thing's history for another's.", bundle =>
        {
            Array(Chain(bundle, 4), "entries").Add(Array(bundle, "cited")[0]!.DeepClone());
            Array(bundle, "cited").Clear();
        });
        yield return Case("evidence-head-of-another-log", new Expected("head", "head-mismatch", 6), "The battery's head statement names another log.\nThe newest entry there says nothing of the newest here.", bundle => Chain(bundle, 0)["head"] = Head(OtherLog, ForgedLog.LogDid + "#head", "head"));
    }

    private static IEnumerable<VectorCase> Replayed()
    {
        yield return Built("evidence-key-revoked", new Expected("keys", "key-revoked", 9), "The battery is measured under a key that was revoked before.\nThat it was lost would change nothing.", log =>
        {
            log.AddKey(Maker, ForgedLog.Maker, "maker-2");
            log.RevokeKey(ForgedLog.Maker + "#maker-2", Maker);
            Measure(log);
        });
        yield return Built("evidence-key-future", new Expected("keys", "key-unknown", 7), "The battery is measured under a key that is added above.\nWhat was said would depend on what comes after.", log =>
        {
            Measure(log, by: ForgedLog.Maker + "#maker-2");
            log.AddKey(Maker, ForgedLog.Maker, "maker-2");
        });
        yield return Built("evidence-signature", new Expected("signature", "signature-invalid", 7), "The measurement is signed by another key, under the maker's kid.\nAnybody could speak for the maker.", log => Measure(log, new Forgery { SignedBy = "thief" }));
        yield return Built("evidence-suspended", new Expected("suspension", "rule-refused/operator-suspended", 8), "The maker measures while it is suspended.\nSuspension would be a word.", log =>
        {
            log.Suspend(ForgedLog.Maker);
            Measure(log);
        });
        yield return Built("evidence-stolen-key-disputed", Expected.Sound with { Disputed = [8] }, "Nothing is wrong here: the measurement under a stolen key is disputed.\nEntries are marked, never taken out.", log =>
        {
            log.AddKey(Maker, ForgedLog.Maker, "maker-2");
            Measure(log);
            log.ReportKey(ForgedLog.Maker + "#maker-2", Maker, 8);
        });
        yield return Built("evidence-line-of-another", new Expected("lines", "rule-refused/line-not-yours", 8), "A second battery's cells are taken with an opening that is not theirs.\nMaterial that was given to somebody else.", log =>
        {
            var other = ForgedLog.Chain("elsewhere");
            var given = log.Give(other, by: Maker);
            log.Say(Maker, EvidenceWorld.Battery, "inputs-added.v1", new JsonObject { ["in"] = new JsonArray(ForgedLog.Take(given.Hash, other)) });
        }, (bundle, log) => Array(bundle, "cited").Add(log.Placed(log.Entries[7])));
        yield return Built("evidence-line-taken-twice", new Expected("lines", "rule-refused/line-taken", 7), "The battery takes its line a second time.\nOne kilogram would become two.", log =>
            log.Say(Maker, EvidenceWorld.Battery, "inputs-added.v1", new JsonObject { ["in"] = new JsonArray(ForgedLog.Take(log.Entries[5].Hash, EvidenceWorld.Battery)) }));
        yield return Built("evidence-without-role", new Expected("rights", "rule-refused/role-missing", 7), "The maker, which is no recycler, ends the battery.\nAnybody would end anybody's passport.", log =>
            log.Say(Maker, EvidenceWorld.Battery, "recycled.v1", new JsonObject { ["process"] = "mechanical", ["site"] = new JsonObject { ["country"] = "SE" } }, null, ("mass", "1"), ("content", new JsonArray(new JsonObject { ["element"] = "lithium", ["mass"] = "1" }))));
    }

    private static IEnumerable<VectorCase> Roots()
    {
        yield return Case("evidence-head-signed-by-the-log-key", new Expected("signature", "signature-invalid"), "The battery's head statement is signed by the log key under the head key's name.\nKeys never share uses.", bundle => Chain(bundle, 0)["head"] = Head(ForgedLog.Origin, ForgedLog.LogDid + "#head", "log"));
        yield return Case("evidence-head-by-a-key-of-another-use", new Expected("head", "key-forbidden"), "The battery's head statement is signed by the authority key, under its own name.\nKeys never share uses.", bundle => Chain(bundle, 0)["head"] = Head(ForgedLog.Origin, ForgedLog.Authority, "authority"));
        yield return Built("evidence-head-key-revoked", new Expected("head", "key-revoked"), "The head key was revoked and states what is newest, at a size above that.\nWho stole it would hide entries.", log =>
        {
            log.AddKey(ForgedLog.Authority, ForgedLog.LogDid, "head-2", KeyUse.Head);
            log.RevokeKey(ForgedLog.Authority, ForgedLog.LogDid + "#head");
        });
        yield return Built("evidence-log-key-revoked", new Expected("registry", "log-key-foreign", 0), "The log key was revoked and signs a checkpoint above that.\nA stolen log key would go on signing trees.", log =>
        {
            log.AddKey(ForgedLog.Authority, ForgedLog.LogDid, "log-2", KeyUse.Log);
            log.RevokeKey(ForgedLog.Authority, ForgedLog.LogDid + "#log");
        });
        yield return Case("evidence-log-key-unannounced", new Expected("registry", "log-key-foreign", 0), "A key that the verifier trusts signs the checkpoint, and the log's chain does not name it.\nA log of the same name, with another past.", (bundle, log) => bundle["checkpoint"] = Encoding.UTF8.GetString(log.Checkpoint("log-2")), trust => trust["vkeys"]!.AsArray().Add(ForgedLog.VerifierKey("log-2").ToString()));
        yield return Case("evidence-other-authority", new Expected("registry", "authority-foreign", 0), "The log was opened by another authority than the one the verifier trusts.\nA log of the same name, with another registry.", (_, _) => { }, trust => trust["authority"] = EvidenceWorld.Key("thief").VerifyingKey.X);
        yield return Case("evidence-stale", new Expected("head", "head-expired"), "Freshness is asked for an hour after the head statement.\nA recall since then would be hidden.", (_, _) => { }, trust => trust["at"] = EvidenceWorld.Start.AddHours(1).ToUnixTimeSeconds());
    }

    private const string OtherLog = "ledger.example.com/log/2025";

    /// <summary>Opened; a firm that mines and makes, its prefix; a model; a lot; 40 kg given; a battery.</summary>
    private static ForgedLog World()
    {
        var log = new ForgedLog();
        log.Open();
        log.Enrol(ForgedLog.Maker, "maker", "battery-maker", "miner");
        log.Grant(ForgedLog.Maker);
        log.Say(Maker, Model, "model-declared.v1", new JsonObject
        {
            ["model"] = "EX-60",
            ["manufacturer"] = "Example Batteries",
            ["category"] = "ev",
            ["plant"] = new JsonObject { ["country"] = "SE" },
            ["chemistry"] = "NMC 811",
            ["mass"] = "350",
            ["ratedCapacity"] = "150",
            ["nominalVoltage"] = "400",
        });
        log.Extract(ForgedLog.Lot, Maker);
        log.Give(EvidenceWorld.Battery, by: Maker);
        Make(log, "2026-01");
        return log;
    }

    private static Said Make(ForgedLog log, string month) => log.Say(Maker, EvidenceWorld.Battery, "battery-manufactured.v1", new JsonObject
    {
        ["ref"] = ForgedLog.Reference(log.Entries[3]),
        ["in"] = new JsonArray(ForgedLog.Take(log.Entries[5].Hash, EvidenceWorld.Battery)),
        ["manufacturedOn"] = month,
    }, null, ("initialCapacity", "150.2"));

    private static Said Measure(ForgedLog log, Forgery? forgery = null, string by = Maker) =>
        log.Say(by, EvidenceWorld.Battery, "health-measured.v1", [], forgery, ("remainingCapacity", "149.1"));

    private static void Thrice(ForgedLog log)
    {
        Measure(log);
        Measure(log);
    }

    private static VectorCase Case(string name, Expected expect, string attack, Action<JsonObject> tamper, long? index = null) =>
        Case(name, index is null ? expect : expect with { Index = index }, attack, (bundle, _) => tamper(bundle));

    private static VectorCase Case(string name, Expected expect, string attack, Action<JsonObject, ForgedLog> tamper, Action<JsonObject>? trust = null) => Make(name, expect, attack, World(), tamper, trust, text => text);

    private static VectorCase Built(string name, Expected expect, string attack, Action<ForgedLog> happens, Action<JsonObject, ForgedLog>? tamper = null)
    {
        var log = World();
        happens(log);
        return Make(name, expect, attack, log, tamper ?? ((_, _) => { }), null, text => text);
    }

    private static VectorCase Text(string name, Expected expect, string attack, Func<string, string> tamper) => Make(name, expect, attack, World(), (_, _) => { }, null, tamper);

    private static VectorCase Make(string name, Expected expect, string attack, ForgedLog log, Action<JsonObject, ForgedLog> tamper, Action<JsonObject>? trust, Func<string, string> change)
    {
        var bundle = log.Bundle(Chains, log.Entries[5]);
        tamper(bundle, log);
        return new VectorCase(name, "evidence", expect, attack, new Dictionary<string, byte[]>
        {
            ["evidence.json"] = Encoding.UTF8.GetBytes(change(bundle.ToJsonString(ForgedLog.Plain))),
            ["trust.json"] = VectorCase.Trust(also =>
            {
                also["authority"] = EvidenceWorld.Key("authority").VerifyingKey.X;
                trust?.Invoke(also);
            }),
        });
    }

    private static string OtherCheckpoint(ForgedLog log) => new Checkpoint(OtherLog, 7, MerkleTree.Root(log.Hashes)).Sign(EvidenceWorld.Key("log")).ToString();

    private static string Head(string origin, string kid, string key)
    {
        var now = EvidenceWorld.Start.AddMinutes(7);
        return HeadStatement.Sign(EvidenceWorld.Key(key), kid, origin, EvidenceWorld.Battery, 0, Digest.Parse(World().Entries[6].Hash), 7, now, now.AddMinutes(5)).Text;
    }

    private static JsonArray Array(JsonNode parent, string name) => parent[name]!.AsArray();

    private static JsonNode Chain(JsonObject bundle, int number) => Array(bundle, "chains")[number]!;

    private static JsonNode Entry(JsonObject bundle, int chain) => Array(Chain(bundle, chain), "entries")[0]!;

    private static void Every(JsonObject bundle, Action<JsonNode> change)
    {
        foreach (var entry in Array(bundle, "chains").SelectMany(chain => Array(chain!, "entries")).Concat(Array(bundle, "cited")))
        {
            change(entry!);
        }
    }

    private static void Swap(JsonArray items, int first, int second)
    {
        var (a, b) = (items[first]!, items[second]!);
        items[first] = null;
        items[second] = null;
        items[first] = b;
        items[second] = a;
    }
}
