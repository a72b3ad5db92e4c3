using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>An operator that the authority stops, lets go on, or gives a new key because it lost its only one.</summary>
public sealed class Suspensions
{
    private readonly World _world = Opened();

    private Party Miner => _world.An(Role.Miner);

    private Party Refiner => _world.An(Role.Refiner);

    [Fact]
    public void A_suspended_operator_says_nothing_until_it_is_reinstated()
    {
        var lot = _world.ALotOfCobalt().Entry.Subject;
        Suspend(Miner);
        foreach (var entry in (SignedEntry[])[
            _world.Extracts(Miner, Uuid(), "1"),
            _world.Allocates(Miner, lot, new Line(Uuid(), Refiner, "1")),
            _world.AddsKey(Miner, Party.Of(Miner.Did, "2")),
            _world.Delegates(Miner, Refiner, ["lot-extracted.v1"]),
            _world.Says(Miner, "evidence-given.v1", Miner.Did),
            _world.Says(Miner, "operator-reinstated.v1", Miner.Did)])
        {
            Refused(RefusalCode.OperatorSuspended, entry);
        }

        Reinstate(Miner);
        _world.Admit(_world.Extracts(Miner, Uuid(), "1"));
        _world.Admit(_world.Allocates(Miner, lot, new Line(Uuid(), Refiner, "1")));
    }

    [Fact]
    public void It_may_end_its_own_keys_and_no_other_s()
    {
        var (second, third) = (Party.Of(Miner.Did, "2"), Party.Of(Miner.Did, "3"));
        _world.Admit(_world.AddsKey(Miner, second));
        _world.Admit(_world.AddsKey(Miner, third));
        _world.Admit(_world.Delegates(Refiner, Miner, [.. EventCatalog.All.Where(t => t.MayBeDelegated).Select(t => t.Name)]));
        Suspend(Miner);
        Refused(RefusalCode.OperatorSuspended, _world.RevokesKey(Miner, Refiner));
        Refused(RefusalCode.OperatorSuspended, _world.ReportsKey(Miner, Refiner, 0));
        Refused(RefusalCode.OperatorSuspended, _world.Extracts(Miner, Uuid(), "1", principal: Refiner));
        Refused(RefusalCode.OperatorSuspended, _world.Sign(Miner, "affirmed.v1", Miner.Did, new JsonObject { ["kid"] = second.KeyId, ["from"] = 0, ["to"] = 1 }));
        _world.Admit(_world.ReportsKey(Miner, second, 0));
        _world.Admit(_world.RevokesKey(Miner, third));
        _world.Admit(_world.RevokesKey(Miner, Miner));
        Refused(RefusalCode.KeyRevoked, _world.RevokesKey(Miner, Miner));
    }

    [Fact]
    public void A_successor_that_the_authority_names_speaks_for_it_and_no_delegate_does()
    {
        var (administrator, other) = (_world.An(Role.Auditor), _world.An(Role.Recycler));
        var (lot, left) = (_world.ALotOfCobalt().Entry.Subject, _world.ALotOfCobalt().Entry.Subject);
        _world.Admit(_world.Delegates(Miner, Refiner, ["lot-extracted.v1", "allocated.v1"]));
        Suspend(Miner);
        Refused(RefusalCode.OperatorSuspended, _world.Extracts(Refiner, Uuid(), "1", principal: Miner));
        Refused(RefusalCode.OperatorSuspended, Allocates(administrator, lot));

        Succeed(Miner, administrator, lot);
        var line = new Line(Uuid(), Refiner, "1");
        var given = _world.Admit(Allocates(administrator, lot, line));
        _world.Admit(_world.Refines(Refiner, line.Subject, "1", Take(given, 0, line)));

        // On the chains that the authority named, with what an operator may leave to others, and nobody else.
        Refused(RefusalCode.OperatorSuspended, Allocates(administrator, left));
        Refused(RefusalCode.OperatorSuspended, _world.Extracts(administrator, Uuid(), "1", principal: Miner));
        Refused(RefusalCode.OperatorSuspended, Allocates(other, lot));
        Refused(RefusalCode.OperatorSuspended, Allocates(Refiner, lot));
        Refused(RefusalCode.OperatorSuspended, _world.Sign(
            administrator, "delegated.v1", Names.GrantsChain(Miner.Did), new JsonObject { ["delegate"] = administrator.Did, ["events"] = new JsonArray("lot-extracted.v1") }, principal: Miner));

        // The succession outlives the suspension; a successor that is stopped itself is silent.
        Succeed(Miner, administrator);
        _world.Admit(_world.Extracts(administrator, Uuid(), "1", principal: Miner));
        Suspend(administrator);
        Refused(RefusalCode.OperatorSuspended, Allocates(administrator, left));
        Reinstate(Miner);
        Refused(RefusalCode.OperatorSuspended, Allocates(administrator, left));
        Reinstate(administrator);
        _world.Admit(Allocates(administrator, left));
        _world.Admit(_world.Extracts(Refiner, Uuid(), "1", principal: Miner));
    }

    [Fact]
    public void An_authority_that_wants_nobody_to_speak_for_it_ends_its_keys_and_names_none()
    {
        _world.Admit(_world.Delegates(Miner, Refiner, ["lot-extracted.v1"]));
        Suspend(Miner);
        _world.Admit(_world.RevokesKey(_world.Authority, Miner));
        Refused(RefusalCode.OperatorSuspended, _world.Extracts(Refiner, Uuid(), "1", principal: Miner));
        Reinstate(Miner);
        Refused(RefusalCode.KeyRevoked, _world.Extracts(Miner, Uuid(), "1"));
        _world.Admit(_world.Extracts(Refiner, Uuid(), "1", principal: Miner));
    }

    [Fact]
    public void What_it_gave_is_taken_by_others_and_what_others_gave_is_not_taken_by_it()
    {
        var (giving, line) = _world.ALineOfCobaltForTheRefiner();
        var back = new Line(Uuid(), Miner, "1");
        var own = _world.Admit(_world.Refines(Refiner, Uuid(), "10", Declared)).Entry.Subject;
        var given = _world.Admit(_world.Allocates(Refiner, own, back));
        Suspend(Miner);
        _world.Admit(_world.Refines(Refiner, line.Subject, "1", Take(giving, 0, line)));
        Refused(RefusalCode.OperatorSuspended, _world.Receives(Miner, back.Subject, Take(given, 0, back)));
        Reinstate(Miner);
        _world.Admit(_world.Receives(Miner, back.Subject, Take(given, 0, back)));
    }

    [Fact]
    public void The_authority_goes_on_changing_it()
    {
        Suspend(Miner);
        var second = Party.Of(Miner.Did, "2");
        _world.Admit(_world.AddsKey(_world.Authority, second));
        _world.Admit(_world.RevokesKey(_world.Authority, Miner));
        _world.Admit(_world.Sign(_world.Authority, "role-granted.v1", Miner.Did, new JsonObject { ["role"] = "refiner" }));
        _world.Admit(_world.Grants(Miner));
        Refused(RefusalCode.OperatorSuspended, _world.Extracts(second, Uuid(), "1"));
        Reinstate(Miner);
        _world.Admit(_world.Extracts(second, Uuid(), "1"));
    }

    [Fact]
    public void It_counts_from_the_next_index_and_a_retry_from_before_is_still_answered()
    {
        var lot = _world.Extracts(Miner, Uuid(), "1");
        var late = _world.Extracts(Miner, Uuid(), "1");
        _world.Admit(lot);
        Suspend(Miner);
        Assert.IsType<Decision.Repeated>(_world.Decide(lot));
        Refused(RefusalCode.OperatorSuspended, late);
        Refused(RefusalCode.AlreadySo, _world.Says(_world.Authority, "operator-suspended.v1", Miner.Did));
        Reinstate(Miner);
        Refused(RefusalCode.AlreadySo, _world.Says(_world.Authority, "operator-reinstated.v1", Miner.Did));

        // Refused is not spent: the same bytes are admitted later.
        _world.Admit(late);
    }

    [Fact]
    public void Who_signs_in_its_name_with_another_key_is_told_of_the_signature()
    {
        Suspend(Miner);
        Refused(RefusalCode.SignatureInvalid, _world.Extracts(Miner with { Key = SigningKey.Generate() }, Uuid(), "1"));
        Refused(RefusalCode.KeyUnknown, _world.Extracts(Party.Of(Miner.Did, "2"), Uuid(), "1"));
        Refused(RefusalCode.AuthorityRequired, _world.Says(Refiner, "operator-reinstated.v1", Miner.Did));
        Refused(RefusalCode.KeyUseWrong, _world.Says(_world.Recovery, "operator-reinstated.v1", Miner.Did));
    }

    [Fact]
    public void An_operator_that_lost_its_only_key_goes_on_with_one_that_the_authority_adds()
    {
        var lot = _world.ALotOfCobalt().Entry.Subject;
        var found = Party.Of(Miner.Did, "2");
        Refused(RefusalCode.KeyUnknown, _world.AddsKey(found, found));
        _world.Admit(_world.AddsKey(_world.Authority, found));
        _world.Admit(_world.RevokesKey(_world.Authority, Miner));
        _world.Admit(_world.Allocates(found, lot, new Line(Uuid(), Refiner, "1")));
        _world.Admit(_world.AddsKey(found, Party.Of(Miner.Did, "3")));
        Refused(RefusalCode.KeyRevoked, _world.Allocates(Miner, lot, new Line(Uuid(), Refiner, "1")));
    }

    [Fact]
    public void A_key_that_the_authority_adds_stays_when_the_stolen_one_is_reported_from_the_beginning()
    {
        var found = Party.Of(Miner.Did, "2");
        _world.Admit(_world.AddsKey(_world.Authority, found));
        _world.Admit(_world.ReportsKey(_world.Authority, Miner, 0));
        _world.Admit(_world.Extracts(found, Uuid(), "1"));
        Refused(RefusalCode.KeyRevoked, _world.Extracts(Miner, Uuid(), "1"));
    }

    [Fact]
    public void A_state_that_an_older_program_wrote_is_not_suspended()
    {
        var written = JsonNode.Parse(_world.State.Chain(Miner.Did)!.ToBytes())!.AsObject();
        Assert.True(written.Remove("suspended"));
        Assert.False(((OperatorState)ChainState.FromBytes(Encoding.UTF8.GetBytes(written.ToJsonString()))).Suspended);
        Suspend(Miner);
        Assert.True(((OperatorState)ChainState.FromBytes(_world.State.Chain(Miner.Did)!.ToBytes())).Suspended);
    }

    private SignedEntry Allocates(Party by, string lot, Line? line = null)
    {
        var given = line ?? new Line(Uuid(), Refiner, "1");
        return _world.Sign(
            by, "allocated.v1", lot, new JsonObject { ["out"] = new JsonArray(Commitment.To(given.Subject, given.To.Did, given.Opening).ToString()) }, new JsonObject { ["q0"] = given.Quantity }, Miner);
    }

    private void Succeed(Party vanished, Party successor, params string[] chains)
    {
        var data = new JsonObject { ["operator"] = vanished.Did, ["successor"] = successor.Did, ["ground"] = "insolvent" };
        if (chains.Length > 0)
        {
            data["chains"] = new JsonArray([.. chains.Select(c => (JsonNode)c)]);
        }

        _world.Admit(_world.Sign(_world.Authority, "succeeded.v1", vanished.Did, data));
    }

    private void Suspend(Party party) => _world.Admit(_world.Says(_world.Authority, "operator-suspended.v1", party.Did));

    private void Reinstate(Party party) => _world.Admit(_world.Says(_world.Authority, "operator-reinstated.v1", party.Did));

    private void Refused(RefusalCode expected, SignedEntry entry)
    {
        var refusal = _world.Refuse(entry);
        Assert.True(refusal.Code == expected, refusal.ToString());
    }
}
