using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>
/// Who may say what, event by event, said by everybody: an operator of each role, the owner of the thing, the authority, the recovery key. Written down
/// a second time on purpose: a change of the catalog's table must be meant.
/// </summary>
public sealed class RightsTable
{
    private const string Authority = "authority";
    private const string Recovery = "recovery";
    private const string Owner = "owner";

    private static readonly Case[] Cases =
    [
        new("operator-enrolled.v1", [Authority], (w, by) => Enrolment(w, by)),
        new("key-added.v1", [Authority, Owner], (w, by) => w.AddsKey(by, Party.Of(Thing(w).Did, "2")), OwnerOfTheThing),
        new("key-revoked.v1", [Authority, Owner], (w, by) => w.RevokesKey(by, Thing(w)), OwnerOfTheThing),
        new("key-compromised.v1", [Authority, Owner], (w, by) => Compromise(w, by), OwnerOfTheThing),
        new("role-granted.v1", [Authority], (w, by) => w.Sign(by, "role-granted.v1", Thing(w).Did, new JsonObject { ["role"] = "auditor" }), OwnerOfTheThing),
        new("role-withdrawn.v1", [Authority], (w, by) => w.Sign(by, "role-withdrawn.v1", Thing(w).Did, new JsonObject { ["role"] = "miner" }), OwnerOfTheThing),
        new("identifier-granted.v1", [Authority], (w, by) => w.Sign(by, "identifier-granted.v1", Names.GrantsChain(Thing(w).Did), new JsonObject { ["scheme"] = "gtin", ["prefix"] = "95" }), OwnerOfTheThing),
        new("identifier-withdrawn.v1", [Authority], (w, by) => Withdrawal(w, by), OwnerOfTheThing),
        new("delegated.v1", [Owner], (w, by) => w.Sign(by, "delegated.v1", Names.GrantsChain(Thing(w).Did), Delegation(w)), OwnerOfTheThing),
        new("delegation-revoked.v1", [Owner], (w, by) => Revocation(w, by), OwnerOfTheThing),
        new("audit-access-granted.v1", [Authority], (w, by) => w.Says(by, "audit-access-granted.v1", Names.GrantsChain(Thing(w).Did)), OwnerOfTheThing),
        new("audit-access-revoked.v1", [Authority], (w, by) => AuditAccessRevoked(w, by), OwnerOfTheThing),
        new("lot-extracted.v1", ["miner", Owner], (w, by) => w.Extracts(by, Uuid(), "1"), OwnerOfTheThing),
        new("lot-refined.v1", ["refiner", "material-maker"], (w, by) => w.Refines(by, Uuid(), "1", Declared)),
        new("allocated.v1", [Owner], (w, by) => w.Allocates(by, Lot(w).Entry.Subject, new Line(Uuid(), Thing(w), "1")), OwnerOfTheThing),
        new("withdrawn.v1", [Owner], (w, by) => w.Withdraws(by, w.Admit(w.Allocates(Thing(w), Lot(w).Entry.Subject, new Line(Uuid(), Thing(w), "1"))), 0), OwnerOfTheThing),
        new("received.v1", ["*"], (w, by) => Receipt(w, by)),
        new("model-declared.v1", ["battery-maker", "importer", "vehicle-maker", "second-life-operator"], (w, by) => w.DeclaresModel(by, Uuid())),
        new("component-manufactured.v1 cells", ["cell-maker"], (w, by) => w.MakesParts(by, Uuid(), "cells", "10", [Declared])),
        new("component-manufactured.v1 module", ["module-maker", "battery-maker"], (w, by) => w.MakesParts(by, Uuid(), "module", "1", [Declared])),
        new("component-manufactured.v1 pack", ["battery-maker"], (w, by) => w.MakesParts(by, Uuid(), "pack", "1", [Declared])),
        new("battery-manufactured.v1", ["battery-maker"], (w, by) => w.MakesBattery(by, Uuid(), by.Did.Contains("importer", StringComparison.Ordinal) ? w.AModel(Role.Importer) : w.AModel(), [Declared])),
        new("battery-placed-on-market.v1", [Owner], (w, by) => w.PlacesOnMarket(by, w.ABattery().Entry.Subject), w => w.An(Role.BatteryMaker)),
        new("health-measured.v1", [Owner, "repairer", "collector", "inspector", "fleet-operator", "second-life-operator"], (w, by) => w.Measures(by, w.ABattery().Entry.Subject), w => w.An(Role.BatteryMaker)),
        new("affirmed.v1", [Owner], (w, by) => Affirmation(w, by), OwnerOfTheThing),
        new("succeeded.v1", [Authority], (w, by) => w.Sign(by, "succeeded.v1", Thing(w).Did, new JsonObject { ["operator"] = Thing(w).Did, ["successor"] = w.An(Role.Auditor).Did, ["ground"] = "insolvent" }), OwnerOfTheThing),
        new("operator-suspended.v1", [Authority], (w, by) => w.Says(by, "operator-suspended.v1", Thing(w).Did), OwnerOfTheThing),
        new("operator-reinstated.v1", [Authority], (w, by) => w.Says(by, "operator-reinstated.v1", ASuspended(w).Did), OwnerOfAnother),
        new("material-manufactured.v1", ["material-maker"], (w, by) => w.Says(by, "material-manufactured.v1", Uuid())),
        new("lots-blended.v1", ["miner", "refiner", "material-maker", "recycler"], (w, by) => w.Says(by, "lots-blended.v1", Uuid())),
        new("inputs-added.v1", [Owner], (w, by) => w.Says(by, "inputs-added.v1", w.Admit(w.Refines(w.An(Role.Refiner), Uuid(), "100", Declared)).Entry.Subject), w => w.An(Role.Refiner)),
        new("voided.v1", [Owner], (w, by) => w.Says(by, "voided.v1", Lot(w).Entry.Subject, new JsonObject { ["lines"] = null }), OwnerOfTheThing),
        new("balance-closed.v1", [Owner], (w, by) => w.Says(by, "balance-closed.v1", Lot(w).Entry.Subject, new JsonObject { ["method"] = "mass-balance-credit" }), OwnerOfTheThing),
        new("disposed.v1", [Owner], (w, by) => w.Says(by, "disposed.v1", Lot(w).Entry.Subject, new JsonObject { ["quantity"] = "1" }), OwnerOfTheThing),
        OfTheModel("performance-declared.v1"),
        OfTheModel("composition-declared.v1"),
        OfTheModel("circularity-declared.v1"),
        OfTheModel("labelling-declared.v1"),
        OfTheModel("conformity-declared.v1"),
        OfTheModel("carbon-footprint-declared.v1"),
        OfTheModel("recycled-content-declared.v1"),
        OfTheModel("due-diligence-reported.v1"),
        new("battery-imported.v1", ["importer"], (w, by) => w.Says(by, "battery-imported.v1", Uuid(), new JsonObject { ["aliases"] = null }, refs: [w.AModel(by.Did.Contains("importer", StringComparison.Ordinal) ? Role.Importer : Role.BatteryMaker)])),
        OfABattery("passport-issued.v1"),
        OfABattery("passport-registered.v1"),
        OfABattery("label-issued.v1"),
        new("alias-added.v1", [Owner], (w, by) => w.Says(by, "alias-added.v1", w.ABattery().Entry.Subject, Declared34014), MakerOfTheBattery),
        new("alias-struck.v1", [Owner, Authority], (w, by) => AliasStruck(w, by), MakerOfTheBattery),
        new("battery-sold.v1", [Owner, "distributor", "vehicle-maker"], (w, by) => w.Says(by, "battery-sold.v1", w.ABatteryOnTheMarket().Entry.Subject), MakerOfTheBattery),
        new("put-into-service.v1", [Owner, "vehicle-maker", "fleet-operator", "repairer"], (w, by) => w.Says(by, "put-into-service.v1", w.ABatteryOnTheMarket().Entry.Subject), MakerOfTheBattery),
        OfABattery("incident-reported.v1", "repairer", "collector", "inspector", "fleet-operator", "public-authority"),
        OfABattery("repaired.v1", "repairer"),
        new("part-replaced.v1", [Owner], (w, by) => w.Says(by, "part-replaced.v1", w.ABattery().Entry.Subject), MakerOfTheBattery),
        new("battery-swapped.v1", [Owner, "fleet-operator"], (w, by) => w.Says(by, "battery-swapped.v1", w.ABatteryInService()), MakerOfTheBattery),
        OfABattery("loss-reported.v1", "public-authority"),
        new("found.v1", [Owner, "public-authority"], (w, by) => Found(w, by), MakerOfTheBattery),
        new("exported.v1", [Owner, "public-authority"], (w, by) => w.Says(by, "exported.v1", w.ABattery().Entry.Subject, new JsonObject { ["asWaste"] = false }), MakerOfTheBattery),
        new("responsibility-offered.v1", [Owner], (w, by) => w.Says(by, "responsibility-offered.v1", w.ABattery().Entry.Subject, new JsonObject { ["to"] = w.An(Role.FleetOperator).Did }), MakerOfTheBattery),
        new("responsibility-accepted.v1", [Owner], (w, by) => Acceptance(w, by), w => w.An(Role.FleetOperator)),
        new("access-granted.v1", [Owner], (w, by) => w.Says(by, "access-granted.v1", w.ABattery().Entry.Subject, AccessFor(w.An(Role.Repairer))), MakerOfTheBattery),
        new("access-revoked.v1", [Owner], (w, by) => AccessRevoked(w, by), MakerOfTheBattery),
        OfABattery("collected.v1", "collector", "dismantler", "recycler", "distributor"),
        new("assessed.v1", ["inspector"], (w, by) => w.Says(by, "assessed.v1", w.ABattery().Entry.Subject), MakerOfTheBattery),
        new("released.v1", [Owner, Authority], (w, by) => w.Says(by, "released.v1", w.AWasteBattery(), new JsonObject { ["operation"] = "recycling" }, given: [new Line(Battery(), w.An(Role.Recycler), "1")]), MakerOfTheBattery),
        new("second-life-begun.v1", ["second-life-operator", "battery-maker"], (w, by) => SecondLife(w, by)),
        new("dismantled.v1", [Owner], (w, by) => w.Says(by, "dismantled.v1", SecondLifeInService(w), new JsonObject { ["removed"] = null, ["removedContent"] = null }), w => w.An(Role.SecondLifeOperator)),
        new("recycled.v1", ["recycler"], (w, by) => Recycling(w, by)),
        new("black-mass-produced.v1", ["recycler"], (w, by) => w.Says(by, "black-mass-produced.v1", Uuid())),
        new("material-recovered.v1", ["recycler", "refiner"], (w, by) => w.Says(by, "material-recovered.v1", Uuid())),
        OfABattery("attested.v1", "auditor", "inspector", "public-authority").Without(Owner),
        OfABattery("evidence-given.v1", "auditor", "inspector"),
        new("recalled.v1 by the holder", [Owner, Authority], (w, by) => w.Says(by, "recalled.v1", w.ABattery().Entry.Subject), MakerOfTheBattery),
        new("recall-ended.v1", [Owner, Authority], (w, by) => RecallEnded(w, by), MakerOfTheBattery),
        new("corrected.v1 of a lot", [Owner, Authority], (w, by) => w.Corrects(by, Lot(w), new JsonObject { ["product"] = "x" }), OwnerOfTheThing),
        new("corrected.v1 of a measurement", [Owner, Authority, "repairer"], (w, by) => Measurement(w, by), w => w.An(Role.BatteryMaker)),
        new("erased.v1 of a use", [Owner, Authority], (w, by) => Erasure(w, by), MakerOfTheBattery),
    ];

    public static TheoryData<string> Names_ => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names_))]
    public void Exactly_those_may_say(string name)
    {
        var line = Cases.Single(c => c.Name == name);
        foreach (var who in (string[])[.. Enum.GetValues<Role>().Select(Kebab), Owner, Authority, Recovery])
        {
            var world = Opened();
            var owner = line.Owner?.Invoke(world);
            if (who == Owner && owner is null)
            {
                continue;
            }

            // Somebody else of the owner's role must not pass for the owner.
            var by = who switch { Authority => world.Authority, Recovery => world.Recovery, Owner => owner!, _ => Stranger(world, who, owner) };
            var entry = line.Say(world, by);
            var may = line.Allowed.Contains(who) || (line.Allowed.Contains("*") && who is not (Authority or Recovery));
            if (may)
            {
                world.Admit(entry);
            }
            else
            {
                var code = world.Refuse(entry).Code;
                Assert.True(
                    code is RefusalCode.RoleMissing or RefusalCode.KeeperRequired or RefusalCode.AuthorityRequired || (who == Recovery && code == RefusalCode.KeyUseWrong),
                    $"{name} by {who}: {code}");
            }
        }
    }

    [Fact]
    public void Every_event_has_its_lines_here() =>
        Assert.Empty(EventCatalog.All.Select(t => t.Name).Except(Cases.Select(c => c.Name.Split(' ')[0])).Except(["log-opened.v1"]));

    private static Party Stranger(World world, string role, Party? owner)
    {
        if (owner is null)
        {
            return world.An(Enum.GetValues<Role>().Single(r => Kebab(r) == role));
        }

        var party = Party.Of($"did:web:{role}.stranger.example");
        world.Admit(world.Enrols(party, Enum.GetValues<Role>().Single(r => Kebab(r) == role)));
        return party;
    }

    private static Party Thing(World world) => world.An(Role.Miner);

    private static Party MakerOfTheBattery(World world) => world.Maker();

    private static JsonObject Declared34014 => new() { ["alias"] = new JsonObject { ["scheme"] = "gbt34014", ["value"] = "04QCB76836300JBC40000903", ["basis"] = "declared" } };

    private static Case OfTheModel(string name) => new(name, [Owner], (w, by) => w.Says(by, name, w.AModel().Entry.Subject), MakerOfTheBattery);

    private static Case OfABattery(string name, params string[] others) => new(name, [Owner, .. others], (w, by) => w.Says(by, name, w.ABattery().Entry.Subject), MakerOfTheBattery);

    private static SignedEntry Affirmation(World world, Party by)
    {
        var second = Party.Of(Thing(world).Did, "2");
        world.Admit(world.AddsKey(Thing(world), second));
        world.Admit(world.ReportsKey(Thing(world), second, 0));
        return world.Sign(by, "affirmed.v1", Thing(world).Did, new JsonObject { ["kid"] = second.KeyId, ["from"] = 0, ["to"] = 1 });
    }

    private static SignedEntry AliasStruck(World world, Party by)
    {
        var battery = world.ABattery().Entry.Subject;
        world.Admit(world.Says(world.Maker(), "alias-added.v1", battery, Declared34014));
        return world.Says(by, "alias-struck.v1", battery, new JsonObject { ["scheme"] = "gbt34014", ["value"] = "04QCB76836300JBC40000903" });
    }

    private static SignedEntry Found(World world, Party by)
    {
        var battery = world.ABattery().Entry.Subject;
        world.Admit(world.Says(world.Maker(), "loss-reported.v1", battery));
        return world.Says(by, "found.v1", battery);
    }

    private static SignedEntry Acceptance(World world, Party by)
    {
        var battery = world.ABattery().Entry.Subject;
        var offer = world.Admit(world.Says(world.Maker(), "responsibility-offered.v1", battery, new JsonObject { ["to"] = world.An(Role.FleetOperator).Did }));
        return world.Says(by, "responsibility-accepted.v1", battery, refs: [offer]);
    }

    private static SignedEntry SecondLife(World world, Party by)
    {
        var (_, release, line) = world.AReleasedBattery("repurposing", by);
        return world.BeginsSecondLife(by, line.Subject, "repurposing", [Take(release, 0, line)]);
    }

    // Only the firm that answers for it takes a battery apart: here the one that gave it its second life.
    private static string SecondLifeInService(World world)
    {
        var battery = world.ABatteryWithASecondLife();
        world.Admit(world.Says(world.An(Role.SecondLifeOperator), "battery-placed-on-market.v1", battery));
        return battery;
    }

    private static SignedEntry Recycling(World world, Party by)
    {
        var (battery, release, line) = world.AReleasedBattery("recycling", by);
        return world.Recycles(by, battery, release, line, "10", "0");
    }

    private static SignedEntry RecallEnded(World world, Party by)
    {
        var battery = world.ABattery().Entry.Subject;
        return world.Says(by, "recall-ended.v1", battery, refs: [world.Admit(world.Says(world.Maker(), "recalled.v1", battery))]);
    }

    private static Party OwnerOfTheThing(World world) => world.An(Role.Miner);

    // A suspended one could say nothing at all, so here its owner is another.
    private static Party OwnerOfAnother(World world) => world.An(Role.Refiner);

    private static Party ASuspended(World world)
    {
        world.Admit(world.Says(world.Authority, "operator-suspended.v1", Thing(world).Did));
        return Thing(world);
    }

    private static SignedEntry Lot(World world) => world.ALotOfCobalt();

    private static SignedEntry Enrolment(World world, Party by)
    {
        var party = Party.Of("did:web:newcomer.example");
        var data = new JsonObject { ["operator"] = party.Did, ["name"] = "x", ["roles"] = new JsonArray("miner"), ["key"] = world.Declare(party, KeyUse.Operator) };
        return world.Sign(by, "operator-enrolled.v1", party.Did, data);
    }

    // A key does not report itself, so the thing's owner reports its second key.
    private static SignedEntry Compromise(World world, Party by)
    {
        var second = Party.Of(Thing(world).Did, "2");
        world.Admit(world.AddsKey(Thing(world), second));
        return world.ReportsKey(by, second, 0);
    }

    private static SignedEntry Withdrawal(World world, Party by)
    {
        world.Admit(world.Grants(Thing(world)));
        return world.Sign(by, "identifier-withdrawn.v1", Names.GrantsChain(Thing(world).Did), new JsonObject { ["scheme"] = "gtin", ["prefix"] = Prefix });
    }

    private static JsonObject Delegation(World world) => new() { ["delegate"] = world.An(Role.Auditor).Did, ["events"] = new JsonArray("lot-extracted.v1") };

    private static SignedEntry Revocation(World world, Party by)
    {
        var delegated = world.Admit(world.Delegates(Thing(world), world.An(Role.Auditor), ["lot-extracted.v1"]));
        return world.Sign(by, "delegation-revoked.v1", delegated.Entry.Subject, new JsonObject { ["ref"] = References(delegated) });
    }

    private static SignedEntry AuditAccessRevoked(World world, Party by)
    {
        var granted = world.Admit(world.Says(world.Authority, "audit-access-granted.v1", Names.GrantsChain(Thing(world).Did)));
        return world.Says(by, "audit-access-revoked.v1", granted.Entry.Subject);
    }

    private static JsonObject AccessFor(Party to) => new() { ["to"] = to.Did, ["person"] = null, ["issuer"] = null };

    private static SignedEntry AccessRevoked(World world, Party by)
    {
        var battery = world.ABattery().Entry.Subject;
        var granted = world.Admit(world.Says(world.Maker(), "access-granted.v1", battery, AccessFor(world.An(Role.Repairer))));
        return world.Says(by, "access-revoked.v1", battery, refs: [granted]);
    }

    private static SignedEntry Erasure(World world, Party by)
    {
        var battery = world.ABatteryOnTheMarket().Entry.Subject;
        var used = world.Admit(world.Says(world.Maker(), "put-into-service.v1", battery, new JsonObject { ["user"] = "Maria Muster" }));
        return world.Says(by, "erased.v1", battery, new JsonObject { ["digests"] = new JsonArray(used.Disclosures.Single(d => d.Name == "user").Digest.ToString()) }, refs: [used]);
    }

    private static SignedEntry Receipt(World world, Party by)
    {
        var line = new Line(Uuid(), by, "1");
        return world.Receives(by, line.Subject, Take(world.Admit(world.Allocates(Thing(world), Lot(world).Entry.Subject, line)), 0, line));
    }

    // The repairer who measured is the signer of the entry referenced; another repairer is a stranger.
    private static SignedEntry Measurement(World world, Party by)
    {
        var battery = world.ABattery().Entry.Subject;
        var measured = world.Admit(world.Measures(by.Did.Contains("repairer", StringComparison.Ordinal) ? by : world.An(Role.Repairer), battery));
        return world.Corrects(by, measured, hidden: new JsonObject { ["stateOfCertifiedEnergy"] = "96" });
    }

    private sealed record Case(string Name, string[] Allowed, Func<World, Party, SignedEntry> Say, Func<World, Party>? Owner = null)
    {
        public Case Without(string who) => this with { Allowed = [.. Allowed.Where(a => a != who)] };
    }
}
