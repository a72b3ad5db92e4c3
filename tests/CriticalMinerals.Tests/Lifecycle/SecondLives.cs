using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>How a battery changes hands, ends and begins anew, and what a rival, a thief or a mistake cannot make of that.</summary>
public sealed class SecondLives
{
    private readonly World _world = Opened();

    [Theory]
    [InlineData("re-use", false, true)]
    [InlineData("re-use", true, false)]
    [InlineData("repurposing", false, true)]
    [InlineData("repurposing", true, false)]
    [InlineData("preparation-for-re-use", false, false)]
    [InlineData("preparation-for-re-use", true, true)]
    [InlineData("preparation-for-repurposing", false, false)]
    [InlineData("preparation-for-repurposing", true, true)]
    [InlineData("remanufacturing", false, true)]
    [InlineData("remanufacturing", true, true)]
    [InlineData("recycling", false, false)]
    [InlineData("recycling", true, true)]
    [InlineData("part", true, false)]
    [InlineData("stock", true, false)]
    public void Preparation_starts_from_waste_and_the_plain_operation_does_not(string operation, bool waste, bool may)
    {
        var battery = waste ? _world.AFitBattery() : _world.ABatteryInService();
        var decision = _world.Decide(_world.Releases(_world.Maker(), battery, operation, new Line(Uuid(), _world.An(Role.Recycler), "1")));
        Assert.Equal(may, decision is Decision.Admitted);
    }

    [Fact]
    public void Waste_leaves_waste_with_an_assessment_that_found_it_fit_and_the_newest_one_counts()
    {
        var battery = _world.AFitBattery();
        _world.Admit(_world.Says(_world.An(Role.Inspector), "assessed.v1", battery, new JsonObject { ["result"] = "unfit" }));
        Refused(RefusalCode.OutOfOrder, _world.Releases(_world.Maker(), battery, "preparation-for-re-use", new Line(Uuid(), _world.Maker(), "1")));
        _world.Admit(_world.Releases(_world.Maker(), battery, "recycling", new Line(battery, _world.An(Role.Recycler), "1")));
    }

    [Fact]
    public void One_battery_goes_into_one_successor_and_nobody_else_closes_it()
    {
        var firm = _world.An(Role.SecondLifeOperator);
        var (battery, release, line) = _world.AReleasedBattery("repurposing", firm);
        var rival = Party.Of("did:web:rival.example");
        _world.Admit(_world.Enrols(rival, Role.SecondLifeOperator, Role.Recycler));

        Refused(RefusalCode.LineNotYours, _world.BeginsSecondLife(rival, line.Subject, "repurposing", [Take(release, 0, line)]));
        Refused(RefusalCode.LineNotYours, _world.BeginsSecondLife(firm, Uuid(), "repurposing", [Take(release, 0, line)]));
        Refused(RefusalCode.LineNotYours, _world.Recycles(rival, battery, release, line, "1", "0"));
        Refused(RefusalCode.OutOfOrder, _world.Releases(_world.Maker(), battery, "repurposing", new Line(Uuid(), rival, "1")));
        Refused(RefusalCode.OutOfOrder, _world.Measures(_world.Maker(), battery));

        _world.Admit(_world.BeginsSecondLife(firm, line.Subject, "repurposing", [Take(release, 0, line)]));
        Refused(RefusalCode.ChainExists, _world.BeginsSecondLife(firm, line.Subject, "repurposing", [Take(release, 0, line)]));
        Refused(RefusalCode.LineTaken, _world.Withdraws(_world.Maker(), release, 0));
    }

    [Fact]
    public void A_battery_given_up_comes_back_while_nobody_has_taken_it()
    {
        var firm = _world.An(Role.SecondLifeOperator);
        var (battery, release, line) = _world.AReleasedBattery("repurposing", firm);
        _world.Admit(_world.Withdraws(_world.Maker(), release, 0));
        Refused(RefusalCode.LineWithdrawn, _world.BeginsSecondLife(firm, line.Subject, "repurposing", [Take(release, 0, line)]));
        _world.Admit(_world.Measures(_world.Maker(), battery));
    }

    [Fact]
    public void One_successor_is_made_of_several_batteries_and_several_of_one_that_was_taken_apart()
    {
        var firm = _world.An(Role.SecondLifeOperator);
        var storage = Uuid();
        var first = _world.AReleasedBattery("repurposing", firm, storage, "A1");
        var second = _world.AReleasedBattery("repurposing", firm, storage, "A2");
        _world.Admit(_world.BeginsSecondLife(firm, storage, "repurposing", [Take(first.Release, 0, first.Line), Take(second.Release, 0, second.Line)]));
        Assert.Equal(BatteryStatus.Repurposed, State(storage).Status);
        _world.Admit(_world.PlacesOnMarket(firm, storage));

        var modules = new[] { new Line(Uuid(), firm, "4"), new Line(Uuid(), firm, "4") };
        var apart = _world.Admit(_world.Says(firm, "dismantled.v1", storage, new JsonObject { ["removed"] = "8", ["removedContent"] = Holding("cobalt", "0") }, given: modules));
        foreach (var (module, i) in modules.Select((m, i) => (m, i)))
        {
            _world.Admit(_world.BeginsSecondLife(firm, module.Subject, "repurposing", [Take(apart, i, module)]));
        }

        Refused(RefusalCode.OutOfOrder, _world.Releases(firm, storage, "repurposing", new Line(Uuid(), firm, "1")));
        _world.Admit(_world.Releases(firm, storage, "recycling", new Line(storage, _world.An(Role.Recycler), "1")));
    }

    [Fact]
    public void A_battery_is_not_among_its_own_ancestors()
    {
        var firm = _world.An(Role.SecondLifeOperator);
        var second = _world.ABatteryWithASecondLife();
        _world.Admit(_world.PlacesOnMarket(firm, second));
        var back = new Line(second, firm, "1");
        var release = _world.Admit(_world.Releases(firm, second, "re-use", back));
        Refused(RefusalCode.ChainExists, _world.BeginsSecondLife(firm, second, "re-use", [Take(release, 0, back)]));
        Refused(RefusalCode.LinePurposeWrong, _world.Says(firm, "part-replaced.v1", _world.ABatteryInService("A7"), new JsonObject { ["source"] = null, ["removed"] = null, ["removedContent"] = null }, taken: [Take(release, 0, back)]), alsoRight: RefusalCode.KeeperRequired);
    }

    [Fact]
    public void Responsibility_moves_with_two_signatures()
    {
        var battery = _world.ABatteryInService();
        var fleet = _world.An(Role.FleetOperator);
        Refused(RefusalCode.KeeperRequired, _world.Says(fleet, "responsibility-accepted.v1", battery));
        var offer = _world.Admit(_world.Says(_world.Maker(), "responsibility-offered.v1", battery, To(fleet)));
        Assert.Equal(_world.Maker().Did, State(battery).Responsible);
        Refused(RefusalCode.KeeperRequired, _world.Says(_world.An(Role.Importer), "responsibility-accepted.v1", battery, refs: [offer]));

        // A newer offer replaces it; offering it to oneself takes it back.
        _world.Admit(_world.Says(_world.Maker(), "responsibility-offered.v1", battery, To(_world.Maker())));
        Refused(RefusalCode.KeeperRequired, _world.Says(fleet, "responsibility-accepted.v1", battery, refs: [offer]));
        var again = _world.Admit(_world.Says(_world.Maker(), "responsibility-offered.v1", battery, To(fleet)));
        Refused(RefusalCode.ReferenceMissing, _world.Says(fleet, "responsibility-accepted.v1", battery, refs: [offer]));
        _world.Admit(_world.Says(fleet, "responsibility-accepted.v1", battery, refs: [again]));

        Assert.Equal(fleet.Did, State(battery).Responsible);
        Refused(RefusalCode.KeeperRequired, _world.Releases(_world.Maker(), battery, "re-use", new Line(Uuid(), _world.Maker(), "1")));
        _world.Admit(_world.Releases(fleet, battery, "re-use", new Line(Uuid(), _world.Maker(), "1")));
    }

    [Fact]
    public void Whoever_collects_a_battery_makes_it_waste_and_gets_nothing()
    {
        var battery = _world.AWasteBattery();
        Assert.Equal((BatteryStatus.Waste, _world.Maker().Did), (State(battery).Status, State(battery).Responsible));
        Refused(RefusalCode.KeeperRequired, _world.Releases(_world.An(Role.Collector), battery, "recycling", new Line(battery, _world.An(Role.Recycler), "1")));
    }

    [Fact]
    public void The_authority_releases_a_battery_that_was_collected_and_says_why()
    {
        var recycler = _world.An(Role.Recycler);
        var inUse = _world.ABatteryInService("A1");
        Refused(RefusalCode.OutOfOrder, _world.Says(_world.Authority, "released.v1", inUse, new JsonObject { ["operation"] = "repurposing" }, given: [new Line(Uuid(), recycler, "1")]));
        var waste = _world.AWasteBattery("A2");
        Refused(RefusalCode.OutOfOrder, _world.Releases(_world.Authority, waste, "recycling", new Line(waste, recycler, "1")));
        _world.Admit(_world.Says(_world.Authority, "released.v1", waste, new JsonObject { ["operation"] = "recycling", ["reason"] = "silent since May" }, given: [new Line(waste, recycler, "1")]));
    }

    [Fact]
    public void The_passport_ends_with_recycling_by_whom_it_was_released_to_and_what_was_won_goes_on()
    {
        var (recycler, other) = (_world.An(Role.Recycler), Party.Of("did:web:other-recycler.example"));
        _world.Admit(_world.Enrols(other, Role.Recycler));
        var battery = _world.ABatteryOfTwoKilogramsOfCobalt();
        _world.Admit(_world.Says(_world.An(Role.Collector), "collected.v1", battery));
        var line = new Line(battery, recycler, "1");
        var release = _world.Admit(_world.Releases(_world.Maker(), battery, "recycling", line));
        Refused(RefusalCode.LineNotYours, _world.Recycles(other, battery, release, line, "10", "2"));

        var (blackMass, salt) = (new Line(Uuid(), recycler, "8"), new Line(Uuid(), recycler, "6"));
        var recycled = _world.Admit(_world.Recycles(recycler, battery, release, line, "8", "1.9", blackMass));
        var shredded = _world.Admit(_world.Says(recycler, "black-mass-produced.v1", blackMass.Subject, Lot("6", "1.8"), taken: [Take(recycled, 0, blackMass)]));
        var giving = _world.Admit(_world.Allocates(recycler, shredded.Entry.Subject, salt));
        _world.Admit(_world.Says(recycler, "material-recovered.v1", salt.Subject, Lot("5", "1.8"), taken: [Take(giving, 0, salt)]));

        Assert.Equal(BatteryStage.Ended, State(battery).Stage);
        Refused(RefusalCode.OutOfOrder, _world.Measures(_world.Maker(), battery), alsoRight: RefusalCode.RoleMissing);
        Refused(RefusalCode.OutOfOrder, _world.Says(recycler, "collected.v1", battery));
    }

    [Fact]
    public void A_module_moves_between_two_batteries_and_takes_its_cobalt_along()
    {
        var maker = _world.Maker();
        var (from, to) = (_world.ABatteryOfTwoKilogramsOfCobalt("K1"), _world.ABatteryOfTwoKilogramsOfCobalt("K2"));
        var module = new Line(to, maker, "1");
        var removed = _world.Admit(_world.TakesOut(maker, from, "1", "0.25", module));
        _world.Admit(_world.Says(maker, "part-replaced.v1", to, new JsonObject { ["source"] = null, ["removed"] = null, ["removedContent"] = null }, taken: [Take(removed, 0, module)]));

        Assert.Equal((1.75m, 2.25m), (_world.CobaltIn(from)!.Value.Numerator == 7 ? 1.75m : -1, _world.CobaltIn(to)!.Value.ToString() == "9/4" ? 2.25m : -1));
        Refused(RefusalCode.ElementMassExceeded, _world.TakesOut(maker, from, "1", "1.750000001", new Line(Uuid(), maker, "1")));
        Refused(RefusalCode.DataInvalid, _world.Says(maker, "part-replaced.v1", from, new JsonObject { ["source"] = null, ["removed"] = "1", ["removedContent"] = null }, given: [new Line(Uuid(), maker, "1")]));
    }

    [Fact]
    public void A_used_part_stays_one_however_often_it_is_given_on()
    {
        var (maker, trader) = (_world.Maker(), _world.An(Role.Distributor));
        var battery = _world.ABatteryOfTwoKilogramsOfCobalt();
        var module = new Line(Uuid(), trader, "1");
        var stored = _world.Admit(_world.Receives(trader, module.Subject, Take(_world.Admit(_world.TakesOut(maker, battery, "1", "0.5", module)), 0, module)));
        var onward = new Line(Uuid(), maker, "1");
        var giving = _world.Admit(_world.Allocates(trader, stored.Entry.Subject, onward));
        Refused(RefusalCode.LinePurposeWrong, _world.MakesBattery(maker, onward.Subject, _world.AModel(), [Take(giving, 0, onward)]));
        _world.Admit(_world.BeginsSecondLife(maker, onward.Subject, "remanufacturing", [Take(giving, 0, onward)]));
    }

    [Fact]
    public void A_chain_that_was_a_mistake_is_undone_and_its_lines_and_names_are_free_again()
    {
        var maker = _world.Maker();
        _world.Admit(_world.Grants(maker, "03V", "gbt34014"));
        var miner = _world.An(Role.Miner);
        var line = new Line(Uuid(), maker, "2");
        var giving = _world.Admit(_world.Allocates(miner, _world.ALotOfCobalt("2").Entry.Subject, line));
        var alias = new JsonArray(new JsonObject { ["scheme"] = "gbt34014", ["value"] = "03VPE0A1", ["basis"] = "granted" });
        var wrong = _world.Admit(_world.MakesBattery(maker, line.Subject, _world.AModel(), [Take(giving, 0, line)], alias)).Entry.Subject;

        Refused(RefusalCode.LineUnknown, _world.Says(maker, "voided.v1", wrong, new JsonObject { ["lines"] = null }));
        Refused(RefusalCode.KeeperRequired, _world.Says(miner, "voided.v1", wrong, Lines(giving)));
        _world.Admit(_world.Says(maker, "voided.v1", wrong, Lines(giving)));
        Refused(RefusalCode.OutOfOrder, _world.PlacesOnMarket(maker, wrong));
        Assert.Null(_world.State.Line(giving.Entry.LeafHash, 0)!.TakenBy);
        _world.Admit(_world.Withdraws(miner, giving, 0));
        _world.Admit(_world.MakesBattery(maker, Uuid(), _world.AModel(), [Declared], (JsonArray)alias.DeepClone()));

        var accepted = _world.ABatteryOnTheMarket("A9").Entry.Subject;
        Refused(RefusalCode.OutOfOrder, _world.Says(maker, "voided.v1", accepted, new JsonObject { ["lines"] = null }));
    }

    [Fact]
    public void Whoever_the_authority_names_acts_for_an_operator_that_vanished_where_it_was_named()
    {
        var (maker, administrator) = (_world.Maker(), _world.An(Role.Auditor));
        var (one, other) = (_world.ABatteryInService("A1"), _world.ABatteryInService("A2"));
        var recall = (string battery) => _world.Says(administrator, "recalled.v1", battery, principal: maker);
        Refused(RefusalCode.DelegationMissing, recall(one));
        _world.Admit(_world.Says(_world.Authority, "succeeded.v1", maker.Did, new JsonObject { ["operator"] = maker.Did, ["successor"] = administrator.Did, ["chains"] = new JsonArray(one) }));
        _world.Admit(recall(one));
        Refused(RefusalCode.DelegationMissing, recall(other));
        Refused(RefusalCode.DelegationMissing, _world.Says(_world.An(Role.Inspector), "recalled.v1", one, principal: maker));
    }

    [Fact]
    public void An_owner_affirms_what_it_signed_itself_and_nothing_else_is_cleared()
    {
        var miner = _world.An(Role.Miner);
        var second = Party.Of(miner.Did, "2");
        _world.Admit(_world.AddsKey(miner, second));
        var first = _world.State.Size;
        for (var i = 0; i < 4; i++)
        {
            _world.Admit(_world.Extracts(second, Uuid(), "1"));
        }

        _world.Admit(_world.ReportsKey(miner, second, first));
        var affirmation = (Party by) => _world.Says(by, "affirmed.v1", miner.Did, new JsonObject { ["kid"] = second.KeyId, ["from"] = first, ["to"] = first + 2, ["except"] = new JsonArray(first + 1) });
        Refused(RefusalCode.KeeperRequired, affirmation(_world.Authority));
        Refused(RefusalCode.KeyRevoked, affirmation(second));
        _world.Admit(affirmation(miner));

        var ring = ((OperatorState)_world.State.Chain(miner.Did)!).Keys;
        var logKeys = ((LogState)_world.State.Chain(LogChain)!).Keys;
        Assert.Equal([false, true, false, true], Enumerable.Range(0, 4).Select(i => ring.IsDisputedAt(ring.Find(second.KeyId)!, first + i, logKeys)));
    }

    [Fact]
    public void A_delegate_says_what_its_principal_may_say_of_things()
    {
        var (maker, workshop) = (_world.Maker(), _world.An(Role.Repairer));
        string[] events = [.. EventCatalog.All.Where(t => t.MayBeDelegated).Select(t => t.Name)];
        _world.Admit(_world.Delegates(maker, workshop, events));
        var battery = _world.ABatteryOfTwoKilogramsOfCobalt();
        _world.Admit(_world.PlacesOnMarket(workshop, battery, maker));
        _world.Admit(_world.Says(workshop, "label-issued.v1", battery, principal: maker));
        _world.Admit(_world.Says(workshop, "part-replaced.v1", battery, new JsonObject { ["source"] = null, ["removed"] = "1", ["removedContent"] = Holding("cobalt", "0.1") }, given: [new Line(Uuid(), workshop, "1")], principal: maker));
        _world.Admit(_world.Says(workshop, "released.v1", battery, new JsonObject { ["operation"] = "re-use", ["reason"] = null }, given: [new Line(Uuid(), workshop, "1")], principal: maker));
        Refused(RefusalCode.KeeperRequired, _world.Withdraws(workshop, _world.Log[^1], 0));
    }

    [Fact]
    public void What_was_disposed_of_is_not_given_any_more()
    {
        var miner = _world.An(Role.Miner);
        var lot = _world.ALotOfCobalt("10").Entry.Subject;
        _world.Admit(_world.Says(miner, "disposed.v1", lot, new JsonObject { ["quantity"] = "4" }));
        Refused(RefusalCode.QuantityExceeded, _world.Allocates(miner, lot, new Line(Uuid(), _world.An(Role.Refiner), "6.000000001")));
        _world.Admit(_world.Allocates(miner, lot, new Line(Uuid(), _world.An(Role.Refiner), "6")));
    }

    private static JsonObject To(Party party) => new() { ["to"] = party.Did };

    private static JsonObject Lot(string mass, string cobalt) => new() { ["source"] = null, ["mass"] = mass, ["content"] = Holding("cobalt", cobalt) };

    private static JsonObject Lines(SignedEntry giving) => new() { ["lines"] = new JsonArray(new JsonObject { ["entry"] = giving.Entry.LeafHash.ToString(), ["line"] = 0 }) };

    private BatteryState State(string battery) => (BatteryState)_world.State.Chain(battery)!;

    private void Refused(RefusalCode code, SignedEntry entry, RefusalCode? alsoRight = null)
    {
        var refusal = _world.Refuse(entry);
        Assert.True(refusal.Code == code || refusal.Code == alsoRight, refusal.ToString());
    }
}
