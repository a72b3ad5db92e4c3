using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Granting;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>What may be forgotten, and who was let in.</summary>
public sealed class Forgetting
{
    private readonly World _world = Opened();

    [Fact]
    public void Whoever_signed_a_name_may_have_it_forgotten_and_the_log_replays_without_it()
    {
        var battery = _world.ABatteryOnTheMarket().Entry.Subject;
        var used = _world.Admit(_world.Says(_world.Maker(), "put-into-service.v1", battery, new JsonObject { ["user"] = "Maria Muster", ["vehicle"] = "WVWZZZ1JZXW000001" }));
        _world.Admit(_world.Erases(_world.Maker(), used, "user", "vehicle"));

        var replay = new LedgerReplay(Origin);
        foreach (var signed in _world.Log)
        {
            Assert.Null(replay.Add(signed.Entry.Leaf, [.. signed.Disclosures.Where(d => d.Name is not ("user" or "vehicle")).Select(d => d.Text)]));
        }

        Assert.Equal(2, replay.WithheldDisclosures);
    }

    [Fact]
    public void A_digest_of_another_entry_is_not_erased_by_the_way()
    {
        var battery = _world.ABatteryOnTheMarket().Entry.Subject;
        var used = _world.Admit(_world.Says(_world.Maker(), "put-into-service.v1", battery, new JsonObject { ["user"] = "Maria Muster" }));
        var sold = _world.Admit(_world.Says(_world.Maker(), "battery-sold.v1", battery, new JsonObject { ["buyer"] = "Max Muster" }));
        var foreign = _world.Says(_world.Maker(), "erased.v1", battery, new JsonObject { ["digests"] = new JsonArray(used.Disclosures.Single(d => d.Name == "user").Digest.ToString()) }, refs: [sold]);

        Assert.Equal(RefusalCode.DataInvalid, _world.Refuse(foreign).Code);
    }

    [Theory]
    [InlineData()]
    [InlineData("x")]
    [InlineData("twice", "twice")]
    public void Digests_are_named_once_each_and_at_least_one(params string[] digests)
    {
        var battery = _world.ABatteryOnTheMarket().Entry.Subject;
        var used = _world.Admit(_world.Says(_world.Maker(), "put-into-service.v1", battery, new JsonObject { ["user"] = "Maria Muster" }));
        var same = used.Disclosures[0].Digest.ToString();
        var entry = _world.Says(_world.Maker(), "erased.v1", battery, new JsonObject { ["digests"] = new JsonArray([.. digests.Select(d => (JsonNode)(d == "twice" ? same : d))]) }, refs: [used]);

        Assert.Equal(RefusalCode.DataInvalid, _world.Refuse(entry).Code);
    }

    [Fact]
    public void A_replay_that_holds_no_disclosure_admits_what_the_door_admitted()
    {
        var lot = _world.ALotOfCobalt();
        _world.State.TakeChanges();

        // Without the entry at hand nobody can tell a name from a mass: only who keeps the disclosures refuses, and that is the door.
        Assert.IsType<Decision.Admitted>(_world.Decide(_world.Erases(_world.An(Role.Miner), lot, "mass")));
        _world.State.Load(lot);
        Assert.Equal(RefusalCode.ErasureForbidden, _world.Refuse(_world.Erases(_world.An(Role.Miner), lot, "mass")).Code);
    }

    [Fact]
    public void A_grant_stands_in_the_batterys_state_until_it_is_revoked()
    {
        var battery = _world.ABattery().Entry.Subject;
        var granted = _world.Admit(_world.Says(_world.Maker(), "access-granted.v1", battery, new JsonObject { ["to"] = _world.An(Role.Repairer).Did, ["interest"] = "purchaser", ["until"] = 5 }));

        Assert.Equal(new GrantedAccess(granted.Entry.LeafHash, _world.An(Role.Repairer).Did, LegitimateInterest.Purchaser, 5), Assert.Single(Access(battery)));
        _world.Admit(_world.Says(_world.Maker(), "access-revoked.v1", battery, refs: [granted]));
        Assert.Empty(Access(battery));
        Assert.Equal(RefusalCode.AlreadySo, _world.Refuse(_world.Says(_world.Maker(), "access-revoked.v1", battery, refs: [granted])).Code);
    }

    [Fact]
    public void A_person_is_let_in_by_a_disclosure_and_never_beside_an_operator()
    {
        var battery = _world.ABattery().Entry.Subject;
        JsonObject To(string? did, string? person, string? issuer) => new() { ["to"] = did, ["person"] = person, ["issuer"] = issuer, ["interest"] = "purchaser" };
        var firm = _world.An(Role.Repairer).Did;

        var granted = _world.Admit(_world.Says(_world.Maker(), "access-granted.v1", battery, To(null, "248289761001", "https://login.example.com/")));
        Assert.DoesNotContain("248289761001", granted.Entry.Data.GetRawText(), StringComparison.Ordinal);
        Assert.Null(Assert.Single(Access(battery)).To);
        foreach (var wrong in (JsonObject[])[To(null, null, null), To(firm, "1", "https://login.example.com/"), To(null, "1", null), To(firm, "1", null)])
        {
            Assert.Equal(RefusalCode.DataInvalid, _world.Refuse(_world.Says(_world.Maker(), "access-granted.v1", battery, wrong)).Code);
        }
    }

    [Fact]
    public void No_battery_carries_more_grants_than_its_state_can_hold()
    {
        var battery = _world.ABattery().Entry.Subject;
        SignedEntry Grant() => _world.Says(_world.Maker(), "access-granted.v1", battery, new JsonObject { ["to"] = _world.An(Role.Repairer).Did });
        var first = _world.Admit(Grant());
        for (var more = 1; more < AccessGranted.Maximum; more++)
        {
            _world.Admit(Grant());
        }

        Assert.Equal(RefusalCode.OutOfOrder, _world.Refuse(Grant()).Code);
        _world.Admit(_world.Says(_world.Maker(), "access-revoked.v1", battery, refs: [first]));
        _world.Admit(Grant());
    }

    private IReadOnlyList<GrantedAccess> Access(string battery) => ((BatteryState)_world.State.Chain(battery)!).Access;
}

internal static class Erasing
{
    /// <summary>Says that disclosures of an entry are gone.</summary>
    public static SignedEntry Erases(this World world, Party by, SignedEntry entry, params string[] names) => world.Says(
        by, "erased.v1", entry.Entry.Subject,
        new JsonObject { ["digests"] = new JsonArray([.. names.Select(n => (JsonNode)entry.Disclosures.Single(d => d.Name == n).Digest.ToString())]) },
        refs: [entry]);
}
