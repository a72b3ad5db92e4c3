using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>Keys and delegations: what a thief of a key, a former key and a former delegate would try.</summary>
public sealed class KeyAttacks
{
    private readonly World _world = Opened();

    private Party Miner => _world.An(Role.Miner);

    [Fact]
    public void A_key_signs_from_the_index_after_its_own()
    {
        var second = Party.Of(Miner.Did, "2");
        Refused(RefusalCode.KeyUnknown, _world.AddsKey(second, second));
        Refused(RefusalCode.KeyUnknown, _world.Extracts(second, Uuid(), "1"));
        _world.Admit(_world.AddsKey(Miner, second));
        _world.Admit(_world.Extracts(second, Uuid(), "1"));

        var key = ((OperatorState)_world.State.Chain(Miner.Did)!).Keys.Find(second.KeyId)!;
        Assert.Equal((false, false, true), (key.IsValidAt(key.AddedAt - 1), key.IsValidAt(key.AddedAt), key.IsValidAt(key.AddedAt + 1)));
    }

    [Fact]
    public void A_revoked_key_is_good_below_and_at_the_index_of_its_revocation_and_never_after()
    {
        var second = Party.Of(Miner.Did, "2");
        _world.Admit(_world.AddsKey(Miner, second));
        _world.Admit(_world.Extracts(second, Uuid(), "1")); // i - 1
        var revocation = _world.RevokesKey(second, second);
        _world.Admit(revocation); // i: a key may end itself
        Refused(RefusalCode.KeyRevoked, _world.Extracts(second, Uuid(), "1")); // i + 1
        Refused(RefusalCode.KeyRevoked, _world.AddsKey(second, Party.Of(Miner.Did, "3")));

        var key = ((OperatorState)_world.State.Chain(Miner.Did)!).Keys.Find(second.KeyId)!;
        var i = key.RevokedAt!.Value;
        Assert.Equal(_world.State.Size - 1, i);
        Assert.Equal((true, true, false), (key.IsValidAt(i - 1), key.IsValidAt(i), key.IsValidAt(i + 1)));

        // A retry of what it signed while it was good is still answered.
        Assert.IsType<Decision.Repeated>(_world.Decide(revocation));
    }

    [Fact]
    public void No_key_name_and_no_public_key_is_used_twice_by_anybody_also_after_revocation()
    {
        var second = Party.Of(Miner.Did, "2");
        _world.Admit(_world.AddsKey(Miner, second));
        _world.Admit(_world.RevokesKey(Miner, second));
        Refused(RefusalCode.KeyReused, _world.AddsKey(Miner, second));
        Refused(RefusalCode.KeyReused, _world.AddsKey(Miner, Party.Of(Miner.Did, "2"))); // the name with a new key
        Refused(RefusalCode.KeyReused, _world.AddsKey(Miner, second with { KeyId = Miner.Did + "#3" })); // the key under a new name
        var refiner = _world.An(Role.Refiner);
        Refused(RefusalCode.KeyReused, _world.AddsKey(refiner, new Party(refiner.Did, refiner.Did + "#2", second.Key)));
        Refused(RefusalCode.KeyReused, _world.AddsKey(refiner, new Party(refiner.Did, refiner.Did + "#2", _world.Authority.Key)));
        Refused(RefusalCode.KeyReused, _world.Enrols(new Party("did:web:new.example", "did:web:new.example#1", second.Key), Role.Miner));
    }

    [Fact]
    public void Nobody_enrols_a_key_he_does_not_hold()
    {
        var mallory = _world.An(Role.Refiner);
        var victim = Party.Of("did:web:victim.example");

        // The victim's public key, proven by another key, or with the proof it gave for its own name.
        Refused(RefusalCode.KeyProofInvalid, _world.AddsKey(mallory, new Party(mallory.Did, mallory.Did + "#2", victim.Key), provenBy: mallory));
        var stolen = _world.Declare(victim, KeyUse.Operator);
        stolen["kid"] = mallory.Did + "#2";
        stolen["use"] = "operator";
        Refused(RefusalCode.KeyProofInvalid, _world.Sign(mallory, "key-added.v1", mallory.Did, stolen));

        // A kid of somebody else on one's own chain.
        var foreign = _world.Declare(victim, KeyUse.Operator);
        foreign["use"] = "operator";
        Refused(RefusalCode.DataInvalid, _world.Sign(mallory, "key-added.v1", mallory.Did, foreign));

        // And a key on which verifiers disagree: the identity point.
        var weak = _world.Declare(victim, KeyUse.Operator);
        weak["kid"] = mallory.Did + "#2";
        weak["use"] = "operator";
        weak["jwk"]!["x"] = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        Refused(RefusalCode.DataInvalid, _world.Sign(mallory, "key-added.v1", mallory.Did, weak));
    }

    [Fact]
    public void Head_and_log_keys_sign_no_entry()
    {
        foreach (var key in new[] { _world.Head, _world.LogKey })
        {
            Refused(RefusalCode.KeyUseWrong, _world.Sign(key, "role-granted.v1", Miner.Did, new JsonObject { ["role"] = "refiner" }));
            Refused(RefusalCode.KeyUseWrong, _world.AddsKey(key, Party.Of(LogDid, "next"), KeyUse.Log));
            Refused(RefusalCode.KeyUseWrong, _world.RevokesKey(key, key));
            Refused(RefusalCode.KeyUseWrong, _world.ReportsKey(key, _world.Authority, 0));
        }
    }

    [Fact]
    public void The_recovery_key_changes_authority_and_recovery_keys_and_signs_nothing_else()
    {
        Refused(RefusalCode.KeyUseWrong, _world.Sign(_world.Recovery, "role-granted.v1", Miner.Did, new JsonObject { ["role"] = "refiner" }));
        Refused(RefusalCode.KeyUseWrong, _world.AddsKey(_world.Recovery, Party.Of(Miner.Did, "2")));
        Refused(RefusalCode.KeyUseWrong, _world.RevokesKey(_world.Recovery, Miner));
        Refused(RefusalCode.KeyUseWrong, _world.ReportsKey(_world.Recovery, Miner, 0));
        Refused(RefusalCode.AuthorityRequired, _world.RevokesKey(_world.Recovery, _world.LogKey));
        Refused(RefusalCode.AuthorityRequired, _world.ReportsKey(_world.Recovery, _world.LogKey, 0));

        var next = Party.Of(LogDid, "authority-2");
        _world.Admit(_world.AddsKey(_world.Recovery, next, KeyUse.Authority));
        _world.Admit(_world.RevokesKey(_world.Recovery, _world.Authority));
        Refused(RefusalCode.KeyRevoked, _world.Enrols(Party.Of("did:web:late.example"), Role.Miner));
        _world.Admit(_world.Sign(next, "role-granted.v1", Miner.Did, new JsonObject { ["role"] = "refiner" }));
    }

    [Fact]
    public void A_compromised_key_takes_down_the_keys_it_added_from_there_on()
    {
        var (before, stolen, after, grandchild) = (Party.Of(Miner.Did, "2"), Miner, Party.Of(Miner.Did, "3"), Party.Of(Miner.Did, "4"));
        _world.Admit(_world.AddsKey(stolen, before));
        var from = _world.State.Size;
        _world.Admit(_world.AddsKey(stolen, after));
        _world.Admit(_world.AddsKey(after, grandchild));
        Refused(RefusalCode.KeyUseWrong, _world.ReportsKey(stolen, stolen, from));
        _world.Admit(_world.ReportsKey(before, stolen, from));

        Refused(RefusalCode.KeyRevoked, _world.Extracts(stolen, Uuid(), "1"));
        Refused(RefusalCode.KeyRevoked, _world.Extracts(after, Uuid(), "1"));
        Refused(RefusalCode.KeyRevoked, _world.Extracts(grandchild, Uuid(), "1"));
        _world.Admit(_world.Extracts(before, Uuid(), "1"));

        var keys = ((OperatorState)_world.State.Chain(Miner.Did)!).Keys;
        Assert.Null(keys.Find(before.KeyId)!.DisputedFrom);
        Assert.All(new[] { stolen, after, grandchild }, k => Assert.Equal(from, keys.Find(k.KeyId)!.DisputedFrom));

        // Found to be older, the theft reaches further back; never less far.
        Refused(RefusalCode.AlreadySo, _world.ReportsKey(before, stolen, from + 1));
        _world.Admit(_world.ReportsKey(_world.Authority, stolen, 0));
        Refused(RefusalCode.KeyRevoked, _world.Extracts(before, Uuid(), "1"));
    }

    [Fact]
    public void Keys_that_a_stolen_authority_key_added_to_operators_fall_with_it()
    {
        var honest = Miner;
        var from = _world.State.Size;
        var planted = Party.Of(Miner.Did, "planted");
        _world.Admit(_world.AddsKey(_world.Authority, planted));
        var heir = Party.Of(Miner.Did, "heir");
        _world.Admit(_world.AddsKey(planted, heir));
        var invented = Party.Of("did:web:invented.example");
        _world.Admit(_world.Enrols(invented, Role.Miner));

        var next = Party.Of(LogDid, "authority-2");
        _world.Admit(_world.AddsKey(_world.Recovery, next, KeyUse.Authority));
        Refused(RefusalCode.RecoveryRequired, _world.ReportsKey(next, _world.Authority, from));
        _world.Admit(_world.ReportsKey(_world.Recovery, _world.Authority, from));

        Refused(RefusalCode.KeyRevoked, _world.Extracts(planted, Uuid(), "1"));
        Refused(RefusalCode.KeyRevoked, _world.Extracts(heir, Uuid(), "1"));
        Refused(RefusalCode.KeyRevoked, _world.Extracts(invented, Uuid(), "1"));
        Refused(RefusalCode.KeyRevoked, _world.Sign(_world.Authority, "role-granted.v1", Miner.Did, new JsonObject { ["role"] = "refiner" }));
        _world.Admit(_world.Extracts(honest, Uuid(), "1"));

        // Who was enrolled in good faith meanwhile gets a new key from the new authority.
        var renewed = Party.Of(invented.Did, "2");
        _world.Admit(_world.AddsKey(next, renewed));
        _world.Admit(_world.Extracts(renewed, Uuid(), "1"));
    }

    [Fact]
    public void A_delegate_says_what_was_delegated_on_the_chains_named_until_it_ends()
    {
        var (principal, contractor) = (_world.An(Role.BatteryMaker), _world.An(Role.Repairer));
        _world.Admit(_world.Grants(principal));
        var model = _world.AModel();
        var delegated = _world.Admit(_world.Delegates(principal, contractor, ["battery-manufactured.v1"], Battery("A1"), Battery("A2")));

        Refused(RefusalCode.DelegationMissing, _world.MakesBattery(contractor, Battery("A3"), model, [Declared], principal: principal)); // another chain
        Refused(RefusalCode.DelegationMissing, _world.Sign(contractor, "lot-extracted.v1", Uuid(), new JsonObject { ["open"] = false, ["mineral"] = "cobalt", ["product"] = "x", ["site"] = new JsonObject { ["country"] = "CD" } }, new JsonObject { ["mass"] = "1", ["content"] = Holding("cobalt", "1") }, principal)); // another event
        Refused(RefusalCode.DelegationMissing, _world.MakesBattery(_world.An(Role.Collector), Battery("A1"), model, [Declared], principal: principal)); // another delegate
        Refused(RefusalCode.RoleMissing, _world.MakesBattery(contractor, Battery("A1"), model, [Declared])); // as itself

        _world.Admit(_world.MakesBattery(contractor, Battery("A1"), model, [Declared], principal: principal));
        Assert.Equal(principal.Did, _world.State.Chain(Battery("A1"))!.Keeper);
        Refused(RefusalCode.DelegationMissing, _world.PlacesOnMarket(contractor, Battery("A1"), principal));
        Refused(RefusalCode.KeeperRequired, _world.PlacesOnMarket(contractor, Battery("A1")));

        _world.Admit(_world.Sign(principal, "delegation-revoked.v1", delegated.Entry.Subject, new JsonObject { ["ref"] = References(delegated) }));
        Refused(RefusalCode.DelegationMissing, _world.MakesBattery(contractor, Battery("A2"), model, [Declared], principal: principal));
    }

    [Fact]
    public void A_delegate_takes_over_neither_keys_nor_grants_nor_further_delegation()
    {
        var (principal, delegatee) = (Miner, _world.An(Role.Refiner));
        foreach (var evt in EventCatalog.All.Where(t => t.Chains.All(c => c is ChainKind.Log or ChainKind.Operator or ChainKind.Grants)))
        {
            Refused(RefusalCode.DataInvalid, _world.Delegates(principal, delegatee, [evt.Name]));
        }

        _world.Admit(_world.Delegates(principal, delegatee, [.. EventCatalog.All.Where(t => t.MayBeDelegated).Select(t => t.Name)]));
        Refused(RefusalCode.DelegationMissing, _world.Sign(delegatee, "delegated.v1", Names.GrantsChain(principal.Did), new JsonObject { ["delegate"] = _world.An(Role.Auditor).Did, ["events"] = new JsonArray("lot-extracted.v1") }, principal: principal));
        Refused(RefusalCode.DelegationMissing, _world.Sign(delegatee, "key-revoked.v1", principal.Did, new JsonObject { ["kid"] = principal.KeyId, ["reason"] = "lost" }, principal: principal));
        Refused(RefusalCode.KeeperRequired, _world.Sign(delegatee, "key-revoked.v1", principal.Did, new JsonObject { ["kid"] = principal.KeyId, ["reason"] = "lost" }));
        _world.Admit(_world.Extracts(delegatee, Uuid(), "1", principal));
    }

    private void Refused(RefusalCode expected, SignedEntry entry)
    {
        var refusal = _world.Refuse(entry);
        Assert.True(refusal.Code == expected, refusal.ToString());
    }
}
