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
        new("lot-extracted.v1", ["miner", Owner], (w, by) => w.Extracts(by, Uuid(), "1"), OwnerOfTheThing),
        new("lot-refined.v1", ["refiner", "material-maker"], (w, by) => w.Refines(by, Uuid(), "1", Declared)),
        new("allocated.v1", [Owner], (w, by) => w.Allocates(by, Lot(w).Entry.Subject, new Line(Uuid(), Thing(w), "1")), OwnerOfTheThing),
        new("withdrawn.v1", [Owner], (w, by) => w.Withdraws(by, w.Admit(w.Allocates(Thing(w), Lot(w).Entry.Subject, new Line(Uuid(), Thing(w), "1"))), 0), OwnerOfTheThing),
        new("received.v1", ["*"], (w, by) => Receipt(w, by)),
        new("model-declared.v1", ["battery-maker", "importer"], (w, by) => w.DeclaresModel(by, Uuid())),
        new("component-manufactured.v1 cells", ["cell-maker"], (w, by) => w.MakesParts(by, Uuid(), "cells", "10", [Declared])),
        new("component-manufactured.v1 module", ["module-maker", "battery-maker"], (w, by) => w.MakesParts(by, Uuid(), "module", "1", [Declared])),
        new("component-manufactured.v1 pack", ["battery-maker"], (w, by) => w.MakesParts(by, Uuid(), "pack", "1", [Declared])),
        new("battery-manufactured.v1", ["battery-maker"], (w, by) => w.MakesBattery(by, Uuid(), by.Did.Contains("importer", StringComparison.Ordinal) ? w.AModel(Role.Importer) : w.AModel(), [Declared])),
        new("battery-placed-on-market.v1", [Owner], (w, by) => w.PlacesOnMarket(by, w.ABattery().Entry.Subject), w => w.An(Role.BatteryMaker)),
        new("health-measured.v1", [Owner, "repairer", "collector", "inspector", "fleet-operator", "second-life-operator"], (w, by) => w.Measures(by, w.ABattery().Entry.Subject), w => w.An(Role.BatteryMaker)),
        new("corrected.v1 of a lot", [Owner, Authority], (w, by) => w.Corrects(by, Lot(w), new JsonObject { ["product"] = "x" }), OwnerOfTheThing),
        new("corrected.v1 of a measurement", [Owner, Authority, "repairer"], (w, by) => Measurement(w, by), w => w.An(Role.BatteryMaker)),
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

    private static Party OwnerOfTheThing(World world) => world.An(Role.Miner);

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

    private sealed record Case(string Name, string[] Allowed, Func<World, Party, SignedEntry> Say, Func<World, Party>? Owner = null);
}
