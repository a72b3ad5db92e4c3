using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>Whole logs in which somebody says or takes what is not his: roles, delegation, names, lines, references. Every key is good.</summary>
internal static class RightsCases
{
    private const string Mine = ForgedLog.Mine + "#mine";
    private const string Maker = ForgedLog.Maker + "#maker";
    private static readonly string Lot = ForgedLog.Lot;
    private static readonly string Consignment = ForgedLog.Consignment;
    private static readonly string NextLot = ForgedLog.Chain("second lot");

    public static IEnumerable<VectorCase> All() => [.. Roles(), .. Speaking(), .. Naming(), .. Lines(), .. References()];

    private static VectorCase Case(string name, Expected expect, string attack, Action<ForgedLog> happens)
    {
        var log = ForgedLog.WithALot();
        happens(log);
        return LogCases.Case(name, expect, attack, log);
    }

    private static Expected Refused(string failure, long index, string layer = "rights") => new(layer, failure, index);

    private static IEnumerable<VectorCase> Roles()
    {
        yield return Case("rights-without-role", Refused("rule-refused/role-missing", 4), "The maker, which is no miner, wins ore.\nOrigins would be whatever anybody writes.", log => log.Extract(NextLot, Maker));
        yield return Case("rights-role-withdrawn", Refused("rule-refused/role-missing", 5), "The mine wins ore after its role was withdrawn.\nWithdrawal would be a word.", log =>
        {
            log.Say(ForgedLog.Authority, ForgedLog.Mine, "role-withdrawn.v1", new JsonObject { ["role"] = "miner" });
            log.Extract(NextLot);
        });
        yield return Case("rights-stock-of-another", Refused("rule-refused/keeper-required", 4), "The maker gives from the mine's lot.\nAnybody would drain anybody's stock.", log => log.Give(Consignment, by: Maker));
        yield return Case("rights-event-of-another-kind", Refused("rule-refused/chain-kind-wrong", 4, "event"), "A battery is placed on the market on a lot's chain.\nA lot would get a battery's history.", log => log.Say(Mine, Lot, "battery-placed-on-market.v1", new JsonObject { ["market"] = "DE" }));
        yield return Case("rights-event-unknown", Refused("rule-refused/event-unknown", 4, "event"), "An event that no schema describes.\nA log that grows rules of its own.", log => log.Say(Mine, Lot, "lot-blessed.v1"));
        yield return Case("rights-opened-twice", Refused("rule-refused/chain-exists", 4, "event"), "A lot is opened a second time, in its own chain.\nIts mass would be told anew.", log => log.Extract(Lot));
    }

    private static IEnumerable<VectorCase> Speaking()
    {
        yield return Case("delegation-sound", Expected.Sound, "Nothing is wrong here: the mine let the maker win ore in its name.\nThe delegate signs as itself and names its principal.", log =>
        {
            log.Delegate(Mine, ForgedLog.Maker, "lot-extracted.v1");
            log.Extract(NextLot, Maker, principal: ForgedLog.Mine);
        });
        yield return Case("delegation-missing", Refused("rule-refused/delegation-missing", 4), "The maker speaks for the mine, which let it say nothing.\nAnybody would speak for anybody.", log => log.Extract(NextLot, Maker, principal: ForgedLog.Mine));
        yield return Case("delegation-of-another-event", Refused("rule-refused/delegation-missing", 5), "The mine delegated another event.\nA small power would be a large one.", log =>
        {
            log.Delegate(Mine, ForgedLog.Maker, "allocated.v1");
            log.Extract(NextLot, Maker, principal: ForgedLog.Mine);
        });
        yield return Case("delegation-on-another-chain", Refused("rule-refused/delegation-missing", 5), "The mine delegated the event on another chain.\nA small power would be a large one.", log =>
        {
            log.Delegate(Mine, ForgedLog.Maker, "lot-extracted.v1", ForgedLog.Chain("third lot"));
            log.Extract(NextLot, Maker, principal: ForgedLog.Mine);
        });
        yield return Case("delegation-revoked", Refused("rule-refused/delegation-missing", 6), "The delegation was revoked.\nA power that never ends.", log =>
        {
            var given = log.Delegate(Mine, ForgedLog.Maker, "lot-extracted.v1");
            log.Say(Mine, Names.GrantsChain(ForgedLog.Mine), "delegation-revoked.v1", new JsonObject { ["ref"] = ForgedLog.Reference(given) });
            log.Extract(NextLot, Maker, principal: ForgedLog.Mine);
        });
        yield return Case("delegation-by-the-delegate", Refused("rule-refused/keeper-required", 4), "The maker writes into the mine's grants that it may speak for the mine.\nA power that one gives to oneself.", log =>
            log.Say(Maker, Names.GrantsChain(ForgedLog.Mine), "delegated.v1", new JsonObject { ["delegate"] = ForgedLog.Maker, ["events"] = new JsonArray("lot-extracted.v1") }));
        yield return Case("succession-sound", Expected.Sound, "Nothing is wrong here: the authority named the maker in place of the mine, which vanished.\nIt gives the lot on.", log =>
        {
            Succeed(log);
            GiveFor(log);
        });
        yield return Case("succession-of-another-chain", Refused("rule-refused/delegation-missing", 5), "The authority named the maker for another chain of the mine.\nA part would be the whole.", log =>
        {
            Succeed(log, ForgedLog.Chain("third lot"));
            GiveFor(log);
        });
        yield return Case("succession-by-itself", Refused("rule-refused/authority-required", 4), "The maker names itself in place of the mine.\nWhoever is quicker would inherit.", log => Succeed(log, by: Maker));
    }

    private static IEnumerable<VectorCase> Naming()
    {
        var battery = EvidenceWorld.Battery;
        yield return Case("name-under-a-prefix-sound", Expected.Sound, "Nothing is wrong here: cells of the maker under its granted prefix.\nIdentifiers are granted, not grabbed.", log =>
        {
            log.Grant(ForgedLog.Maker);
            Cells(log, battery);
        });
        yield return Case("name-not-granted", Refused("rule-refused/identifier-not-granted", 4), "The maker opens a chain under a prefix that nobody granted it.\nIt would take another firm's names.", log => Cells(log, battery));
        yield return Case("name-granted-to-another", Refused("rule-refused/identifier-not-granted", 5), "The prefix is the mine's.\nIt would take another firm's names.", log =>
        {
            log.Grant(ForgedLog.Mine);
            Cells(log, battery);
        });
        yield return Case("name-withdrawn", Refused("rule-refused/identifier-not-granted", 6), "The prefix was withdrawn.\nWithdrawal would be a word.", log =>
        {
            log.Grant(ForgedLog.Maker);
            log.Say(ForgedLog.Authority, Names.GrantsChain(ForgedLog.Maker), "identifier-withdrawn.v1", new JsonObject { ["scheme"] = "gtin", ["prefix"] = "9521234" });
            Cells(log, battery);
        });
        yield return Case("name-check-digit", Refused("rule-refused/subject-malformed", 5, "names"), "The GTIN's check digit is wrong.\nA name that no scanner reads.", log =>
        {
            log.Grant(ForgedLog.Maker);
            Cells(log, battery.Replace(EvidenceWorld.Gtin, "09521234543214", StringComparison.Ordinal));
        });
    }

    private static IEnumerable<VectorCase> Lines()
    {
        yield return Case("line-taken-sound", Expected.Sound, "Nothing is wrong here: the maker takes the line that was given to it.\nA verifier that refuses this refuses every supply chain.", log => log.Receive(Consignment, log.Give(Consignment)));
        yield return Case("line-taken-twice", Refused("rule-refused/line-taken", 6, "lines"), "The line is taken again, into the same chain, which the holder opened.\nOne kilogram would become two.", log =>
        {
            var given = log.Give(Consignment);
            log.Receive(Consignment, given);
            log.Say(Maker, Consignment, "inputs-added.v1", new JsonObject { ["in"] = new JsonArray(ForgedLog.Take(given.Hash, Consignment)) });
        });
        yield return Case("line-taken-by-another", Refused("rule-refused/line-not-yours", 5, "lines"), "The mine takes the line that it gave to the maker, whose opening it knows.\nA giver would take back what it was paid for.", log => log.Receive(Consignment, log.Give(Consignment), Mine));
        yield return Case("line-taken-elsewhere", Refused("rule-refused/line-not-yours", 5, "lines"), "The maker takes its line into another chain than the one it was given to.\nOne line would be taken in as many places as there are chains.", log => log.Receive(ForgedLog.Chain("elsewhere"), log.Give(Consignment), opening: EvidenceWorld.Opening(Consignment)));
        yield return Case("line-guessed", Refused("rule-refused/line-not-yours", 5, "lines"), "The opening is a guess.\nWhoever knows the name of a chain would take what it is to get.", log => log.Receive(Consignment, log.Give(Consignment), opening: EvidenceWorld.Opening("guess")));
        yield return Case("line-unknown", Refused("rule-refused/line-unknown", 5, "lines"), "Line 1 is taken of an entry that gives line 0 alone.\nMore would be taken than was given.", log => log.Receive(Consignment, log.Give(Consignment), line: 1));
        yield return Case("line-of-the-future", Refused("rule-refused/line-unknown", 4, "lines"), "The giving entry stands above the one that takes.\nThings would be made of what does not exist.", log =>
        {
            var later = ForgedLog.WithALot();
            later.Receive(ForgedLog.Chain("elsewhere"), later.Entries[3]);
            var given = later.Give(Consignment);
            log.Receive(Consignment, given);
            log.Add(given.Leaf, given.Subject);
        });
        yield return Case("line-quantity-in-clear", Refused("reference-malformed", 4, "references"), "The quantity of a line stands in clear.\nA rival reads what was sold.", log => log.Say(Mine, Lot, "allocated.v1", new JsonObject
        {
            ["out"] = new JsonArray(Commitment.To(Consignment, ForgedLog.Maker, EvidenceWorld.Opening(Consignment)).ToString()),
            ["q0"] = "40",
        }));
        yield return Case("line-withdrawn", Refused("rule-refused/line-withdrawn", 6, "lines"), "The giver withdrew the line before it was taken.\nTwo firms would hold one kilogram.", log =>
        {
            var given = log.Give(Consignment);
            Withdraw(log, given);
            log.Receive(Consignment, given);
        });
        yield return Case("line-withdrawn-after-it-was-taken", Refused("rule-refused/line-taken", 6, "lines"), "The giver withdraws the line after it was taken.\nTwo firms would hold one kilogram.", log =>
        {
            var given = log.Give(Consignment);
            log.Receive(Consignment, given);
            Withdraw(log, given);
        });
    }

    private static IEnumerable<VectorCase> References()
    {
        yield return Case("reference-nowhere", Refused("reference-unresolved", 4, "references"), "ref names an entry that the log does not hold.\nEvidence on nothing.", log => Rest(log, new Said(9, Ledger.RawEntry.SomeDigest, Lot, [], [])));
        yield return Case("reference-of-another-chain", Refused("reference-unresolved", 4, "references"), "ref names an entry under another chain than its own.\nA reader that looks at the name alone reads another thing.", log => Rest(log, log.Entries[2] with { Subject = Lot }));
        yield return Case("reference-to-the-future", Refused("reference-unresolved", 4, "references"), "ref names an entry that stands above.\nWhat was said would depend on what comes after.", log =>
        {
            var later = ForgedLog.WithALot();
            later.Entries.Add(later.Entries[3]);
            var given = later.Extract(NextLot);
            Rest(log, given);
            log.Add(given.Leaf, given.Subject);
        });
    }

    private static void Withdraw(ForgedLog log, Said given) =>
        log.Say(Mine, Lot, "withdrawn.v1", new JsonObject { ["line"] = 0, ["ref"] = ForgedLog.Reference(given) });

    // An opinion on the lot that rests on another entry.
    private static void Rest(ForgedLog log, Said other) => log.Say(Mine, Lot, "evidence-given.v1", new JsonObject
    {
        ["indicator"] = "child-labour",
        ["rulebook"] = "Rulebook 1",
        ["scope"] = "The mine",
        ["assurance"] = "self-declared",
        ["validFrom"] = "2026-01-01",
        ["validTo"] = "2026-12-31",
        ["ref"] = ForgedLog.Reference(other),
    });

    private static void Succeed(ForgedLog log, string? chain = null, string? by = null)
    {
        var d = new JsonObject { ["operator"] = ForgedLog.Mine, ["successor"] = ForgedLog.Maker, ["ground"] = "Insolvency." };
        if (chain is not null)
        {
            d["chains"] = new JsonArray(chain);
        }

        log.Say(by ?? ForgedLog.Authority, ForgedLog.Mine, "succeeded.v1", d);
    }

    private static void GiveFor(ForgedLog log) => log.Give(Consignment, by: Maker, principal: ForgedLog.Mine);

    private static void Cells(ForgedLog log, string subject) => log.Say(Maker, subject, "component-manufactured.v1", new JsonObject
    {
        ["component"] = "cells",
        ["open"] = true,
        ["partNumber"] = "C-21700",
        ["plant"] = new JsonObject { ["country"] = "PL" },
        ["source"] = "declared",
    }, null, ("count", "1"));
}
