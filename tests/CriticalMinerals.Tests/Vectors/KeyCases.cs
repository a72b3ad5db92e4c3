using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>Whole logs in which a key signs that may not: unknown, too early, ended, of another use, stolen. Every signature holds.</summary>
internal static class KeyCases
{
    private const string Mine = ForgedLog.Mine + "#mine";
    private const string Second = ForgedLog.Mine + "#mine-2";
    private static readonly string Recovery = ForgedLog.LogDid + "#recovery";
    private static readonly string NextLot = ForgedLog.Chain("second lot");

    public static IEnumerable<VectorCase> All() => [.. Validity(), .. Uses(), .. Enrolment(), .. Rotation(), .. Stolen(), .. Suspension()];

    private static VectorCase Case(string name, Expected expect, string attack, Action<ForgedLog> happens, string[]? logKeys = null, Action<JsonObject>? trust = null)
    {
        var log = ForgedLog.WithALot();
        happens(log);
        return LogCases.Case(name, expect, attack, log, trust, logKeys);
    }

    private static Expected Refused(string failure, long index, string layer = "keys") => new(layer, failure, index);

    private static IEnumerable<VectorCase> Validity()
    {
        yield return Case("key-unknown", Refused("key-unknown", 4), "A key that nobody added signs under the mine's name.\nAnybody could speak for the mine.", log => log.Extract(NextLot, Second));
        yield return Case("key-of-nobody", Refused("key-unknown", 4), "An operator that is not enrolled opens a lot.\nOre from nowhere.", log => log.Extract(NextLot, "did:web:nobody.example#nobody"));
        yield return Case("key-future", Refused("key-unknown", 4), "A key signs at the index before the one that adds it.\nWhat was said would depend on what comes after.", log =>
        {
            log.Extract(NextLot, Second);
            log.AddKey(Mine, ForgedLog.Mine, "mine-2");
        });
        yield return Case("key-revoked", Refused("key-revoked", 6), "A revoked key goes on signing.\nThat it was lost would change nothing.", log =>
        {
            log.AddKey(Mine, ForgedLog.Mine, "mine-2");
            log.RevokeKey(Second, Mine);
            log.Extract(NextLot);
        });
        yield return Case("key-revoked-by-itself-sound", Expected.Sound, "Nothing is wrong here: a key ends itself, after it added another.\nIt may sign the entry that ends it and nothing above.", log =>
        {
            log.AddKey(Mine, ForgedLog.Mine, "mine-2");
            log.RevokeKey(Mine, Mine);
            log.Extract(NextLot, Second);
        });
    }

    private static IEnumerable<VectorCase> Uses()
    {
        yield return Case("key-use-head", Refused("rule-refused/key-use-wrong", 4), "The head key signs an entry of the log.\nThe key that lies on the server would grant roles.", log => Enrol(log, "head"));
        yield return Case("key-use-log", Refused("rule-refused/key-use-wrong", 4), "The log key signs an entry of the log.\nThe key that lies on the server would grant roles.", log => Enrol(log, "log"));
        yield return Case("key-use-recovery", Refused("rule-refused/key-use-wrong", 4), "The recovery key enrols an operator.\nIt is kept for one purpose.", log => Enrol(log, "recovery"));
        yield return Case("key-authority-adds-authority", Refused("rule-refused/recovery-required", 4), "The authority key adds a second one.\nA thief would make itself at home.", log => log.AddKey(ForgedLog.Authority, ForgedLog.LogDid, "authority-2", KeyUse.Authority));
        yield return Case("key-recovery-adds-head", Refused("rule-refused/authority-required", 4), "The recovery key adds a head key.\nIt is kept for one purpose.", log => log.AddKey(Recovery, ForgedLog.LogDid, "head-2", KeyUse.Head));
    }

    private static IEnumerable<VectorCase> Enrolment()
    {
        yield return Case("registry-enrolled-by-an-operator", Refused("rule-refused/authority-required", 4, "rights"), "The mine enrols a friend.\nWho is in the log would be nobody's word.", log => log.Enrols(Mine, "did:web:friend.example", "friend", "miner"));
        yield return Case("registry-key-of-another-operator", Refused("rule-refused/keeper-required", 4, "rights"), "The maker adds a key to the mine's chain, its own.\nIt would speak for the mine.", log => log.AddKey(ForgedLog.Maker + "#maker", ForgedLog.Mine, "mine-2"));
        yield return Case("registry-public-key-reused", Refused("rule-refused/key-reused", 4, "uniqueness"), "The mine adds the maker's public key under a name of its own.\nOne signature would be of two operators.", log => log.AddKey(Mine, ForgedLog.Mine, "mine-2", changed: d => Declare(d, "maker")));
        yield return Case("registry-kid-reused", Refused("rule-refused/key-reused", 4, "uniqueness"), "The kid of the mine's key is given to another key.\nOld signatures would change their meaning.", log => log.AddKey(Mine, ForgedLog.Mine, "mine", changed: d => Declare(d, "mine-2", ForgedLog.Mine + "#mine")));
        yield return Case("registry-proof-by-another", Refused("rule-refused/key-proof-invalid", 4, "registry"), "The proof of possession is by the old key instead of the new one.\nAn operator would enrol a key that it does not hold, and what that signed would be its own.", log => log.AddKey(Mine, ForgedLog.Mine, "mine-2", changed: d => d["proof"] = KeyProof.Make(EvidenceWorld.Key("mine"), ForgedLog.Origin, ForgedLog.Mine, Second, "operator")));
        yield return Case("registry-proof-for-another-log", Refused("rule-refused/key-proof-invalid", 4, "registry"), "The proof of possession was made for another log.\nWho enrolled a key there did not agree to this one.", log => log.AddKey(Mine, ForgedLog.Mine, "mine-2", changed: d => d["proof"] = KeyProof.Make(EvidenceWorld.Key("mine-2"), "ledger.example.com/log/2025", ForgedLog.Mine, Second, "operator")));
        yield return Case("registry-proof-for-another-use", Refused("rule-refused/key-proof-invalid", 4, "registry"), "The proof of possession of a head key was made for a log key.\nA key's use is part of what its holder agrees to.", log => log.AddKey(ForgedLog.Authority, ForgedLog.LogDid, "head-2", KeyUse.Head, changed: d => d["proof"] = KeyProof.Make(EvidenceWorld.Key("head-2"), ForgedLog.Origin, ForgedLog.LogDid, ForgedLog.LogDid + "#head-2", "log")));
        yield return Case("registry-key-of-order-eight", Refused("rule-refused/data-invalid", 4), "The key added is a point of order 8, its proof of possession holds.\nAnybody would sign for the mine.", log => log.AddKey(Mine, ForgedLog.Mine, "mine-2", changed: SmallOrder));
        yield return Case("registry-opened-twice", Refused("rule-refused/log-already-open", 4, "event"), "The log is opened a second time.\nIts keys would be others.", log => log.Open());

        var unopened = new ForgedLog();
        unopened.Enrol(ForgedLog.Mine, "mine", "miner");
        yield return LogCases.Case("registry-not-opened", Refused("rule-refused/log-not-open", 0, "registry"), "The log begins with an operator, not with its own keys.\nIts authority would be nobody's.", unopened);
        var other = new ForgedLog();
        other.Open(origin: "ledger.example.com/log/2025");
        yield return LogCases.Case("registry-opened-for-another-log", Refused("rule-refused/data-invalid", 0, "registry"), "The opening names another log than the one it stands in.\nTwo logs of one name.", other);
        var recovered = new ForgedLog();
        recovered.Open(by: "recovery");
        yield return LogCases.Case("registry-opened-by-recovery", Refused("signature-invalid", 0), "The opening is signed by its recovery key.\nWho holds that would hold the log.", recovered);
    }

    private static IEnumerable<VectorCase> Rotation()
    {
        yield return Case("rotated-log-key-sound", Expected.Sound, "Nothing is wrong here: a new log key was announced, both keys sign.\nAn overlap, so that nobody has to change at once.", log => log.AddKey(ForgedLog.Authority, ForgedLog.LogDid, "log-2", KeyUse.Log), ["log", "log-2"]);
        yield return Case("rotated-log-key-ended", new Expected("registry", "log-key-foreign"), "The old log key was revoked and signs a checkpoint above that, alone.\nA stolen log key would go on signing trees.", log =>
        {
            log.AddKey(ForgedLog.Authority, ForgedLog.LogDid, "log-2", KeyUse.Log);
            log.RevokeKey(ForgedLog.Authority, ForgedLog.LogDid + "#log");
        });
        yield return Case("rotated-log-key-unannounced", new Expected("registry", "log-key-foreign"), "A key that the verifier trusts signs the checkpoint, and the log's chain does not name it.\nA key of another log of the same firm.", _ => { }, ["log-2"], Trusting);
        yield return Case("rotated-authority-sound", Expected.Sound, "Nothing is wrong here: the recovery key replaced the authority key, which then enrolled an operator.\nWhat a lost authority key is for.", log =>
        {
            log.AddKey(Recovery, ForgedLog.LogDid, "authority-2", KeyUse.Authority);
            log.RevokeKey(Recovery, ForgedLog.Authority);
            log.Enrols(ForgedLog.LogDid + "#authority-2", "did:web:friend.example", "friend", "miner");
        });
        yield return Case("rotated-authority-ended", Refused("key-revoked", 6), "The authority key that was replaced goes on enrolling.\nWho stole it would let in whom it likes.", log =>
        {
            log.AddKey(Recovery, ForgedLog.LogDid, "authority-2", KeyUse.Authority);
            log.RevokeKey(Recovery, ForgedLog.Authority);
            log.Enrol("did:web:friend.example", "friend", "miner");
        });
        yield return Case("rotated-operator-recovered-sound", Expected.Sound, "Nothing is wrong here: an operator that lost its only key got a new one from the authority.\nThe lost one ends.", log =>
        {
            log.AddKey(ForgedLog.Authority, ForgedLog.Mine, "mine-2");
            log.RevokeKey(ForgedLog.Authority, Mine);
            log.Extract(NextLot, Second);
        });
        yield return Head("rotated-head-sound", Expected.Sound, "Nothing is wrong here: a head statement by the new head key, above the entry that adds it.\nHead keys change like others.", "head-2");
        yield return Head("rotated-head-ended", new Expected("head", "key-revoked"), "The head key that was revoked states what is newest, at a size above that.\nWho stole it would hide entries.", "head");
    }

    private static IEnumerable<VectorCase> Stolen()
    {
        void Theft(ForgedLog log)
        {
            log.AddKey(Mine, ForgedLog.Mine, "mine-2");     // 4, honest
            log.Extract(NextLot);                           // 5, by the thief
            log.ReportKey(Second, Mine, 5);                 // 6
        }

        yield return Case("stolen-key-disputed", Expected.Sound with { Disputed = [5] }, "Nothing is wrong here: a stolen key was reported, and what it signed since is disputed.\nEntries are marked, never taken out.", Theft);
        yield return Case("stolen-key-affirmed", Expected.Sound with { Disputed = [] }, "Nothing is wrong here: the owner affirmed the entry under its stolen key as its own.\nIt is disputed no more.", log =>
        {
            Theft(log);
            log.Affirm(Second, Mine, 5, 5);
        });
        yield return Case("stolen-key-signs", Refused("key-revoked", 7), "The stolen key signs after it was reported.\nA report that changes nothing.", log =>
        {
            Theft(log);
            log.Extract(ForgedLog.Chain("third lot"));
        });
        yield return Case("stolen-key-signs-after-affirmation", Refused("key-revoked", 8), "The stolen key signs after what it said was affirmed.\nAffirmed are entries, not the key.", log =>
        {
            Theft(log);
            log.Affirm(Second, Mine, 5, 5);
            log.Extract(ForgedLog.Chain("third lot"));
        });
        yield return Case("stolen-key-added-another", Refused("key-revoked", 7), "The thief had added a key of its own, which signs after the report.\nIt would stay in the house by the key it cut.", log =>
        {
            log.AddKey(Mine, ForgedLog.Mine, "mine-2");     // 4, honest
            log.AddKey(Mine, ForgedLog.Mine, "thief");      // 5, by the thief
            log.ReportKey(Second, Mine, 5);                 // 6
            log.Extract(NextLot, ForgedLog.Mine + "#thief");
        });
        yield return Case("stolen-key-reports-itself", Refused("rule-refused/key-use-wrong", 4, "registry"), "A key reports itself.\nWho stole it would end it for its owner, or choose from when on it was stolen.", log => log.ReportKey(Mine, Mine, 3));
        yield return Case("stolen-authority-enrolled", Refused("key-revoked", 7), "An operator that the stolen authority key enrolled signs after the report.\nThe thief would stay as somebody else.", log =>
        {
            Intrusion(log);
            log.Extract(NextLot, "did:web:friend.example#friend");
        });
        yield return Case("stolen-authority-disputed", Expected.Sound with { Disputed = [4, 5] }, "Nothing is wrong here: the enrolment by the stolen authority key is disputed, and what the enrolled one signed.\nEntries are marked, never taken out.", log =>
        {
            log.Enrol("did:web:friend.example", "friend", "miner");           // 4, by the thief
            log.Extract(NextLot, "did:web:friend.example#friend");            // 5
            log.ReportKey(Recovery, ForgedLog.Authority, 4);                   // 6
        });
        yield return Case("stolen-authority-affirmed", Expected.Sound with { Disputed = [] }, "Nothing is wrong here: the new authority affirmed the enrolment, and the enrolled operator signs again.\nIts key goes back to no disputed entry any more.", log =>
        {
            Intrusion(log);
            log.AddKey(Recovery, ForgedLog.LogDid, "authority-2", KeyUse.Authority);     // 7
            log.Affirm(ForgedLog.LogDid + "#authority-2", ForgedLog.Authority, 4, 5);    // 8
            log.Extract(NextLot, "did:web:friend.example#friend");                        // 9
        });
    }

    private static IEnumerable<VectorCase> Suspension()
    {
        yield return Case("suspended-signs", Refused("rule-refused/operator-suspended", 5, "suspension"), "A suspended operator opens a lot.\nSuspension would be a word.", log =>
        {
            log.Suspend(ForgedLog.Mine);
            log.Extract(NextLot);
        });
        yield return Case("suspended-by-a-delegate", Refused("rule-refused/operator-suspended", 6, "suspension"), "A delegate speaks for a suspended operator.\nIt would go on through others.", log =>
        {
            log.Delegate(Mine, ForgedLog.Maker, "lot-extracted.v1");
            log.Suspend(ForgedLog.Mine);
            log.Extract(NextLot, ForgedLog.Maker + "#maker", principal: ForgedLog.Mine);
        });
        yield return Case("suspended-succeeded-sound", Expected.Sound, "Nothing is wrong here: the authority suspended an operator and named who acts for it.\nWhat it holds must not be lost.", log =>
        {
            log.Suspend(ForgedLog.Mine);
            log.Say(ForgedLog.Authority, ForgedLog.Mine, "succeeded.v1", new JsonObject { ["operator"] = ForgedLog.Mine, ["successor"] = ForgedLog.Maker, ["ground"] = "Insolvency." });
            log.Give(ForgedLog.Consignment, by: ForgedLog.Maker + "#maker", principal: ForgedLog.Mine);
        });
        yield return Case("suspended-ends-its-key-sound", Expected.Sound, "Nothing is wrong here: a suspended operator reports its stolen key.\nA stolen key does harm until it ends.", log =>
        {
            log.AddKey(Mine, ForgedLog.Mine, "mine-2");
            log.Suspend(ForgedLog.Mine);
            log.ReportKey(Second, Mine, 6);
        });
    }

    private static void Intrusion(ForgedLog log)
    {
        log.Enrol("did:web:friend.example", "friend", "miner");              // 4, by the thief
        log.Grant("did:web:friend.example", "9521235");                      // 5, by the thief
        log.ReportKey(Recovery, ForgedLog.Authority, 4);                      // 6
    }

    private static VectorCase Head(string name, Expected expect, string attack, string key)
    {
        var log = ForgedLog.WithALot();
        log.AddKey(ForgedLog.Authority, ForgedLog.LogDid, "head-2", KeyUse.Head);
        log.RevokeKey(ForgedLog.Authority, ForgedLog.LogDid + "#head");
        return LogCases.Case(name, expect, attack, log, tamper: LogCases.KeptHead(log.Head(ForgedLog.Lot, key)));
    }

    private static void Enrol(ForgedLog log, string key) => log.Enrols($"{ForgedLog.LogDid}#{key}", "did:web:friend.example", "friend", "miner");

    private static void Trusting(JsonObject trust) => trust["vkeys"] = new JsonArray(ForgedLog.VerifierKey("log").ToString(), ForgedLog.VerifierKey("log-2").ToString());

    private static void Declare(JsonObject d, string key, string kid = Second)
    {
        d["jwk"]!["x"] = EvidenceWorld.Key(key).VerifyingKey.X;
        d["proof"] = KeyProof.Make(EvidenceWorld.Key(key), ForgedLog.Origin, ForgedLog.Mine, kid, "operator");
    }

    private static void SmallOrder(JsonObject d)
    {
        var key = EdwardsPoint.OrderEight.Encode();
        var x = StrictBase64Url.Encode(key);
        d["jwk"]!["x"] = x;
        d["proof"] = StrictBase64Url.Encode(SignatureCases.Anybody(key, Encoding.ASCII.GetBytes($"cm-key/v1\n{ForgedLog.Origin}\n{ForgedLog.Mine}\n{Second}\noperator\n{x}\n")));
    }
}
