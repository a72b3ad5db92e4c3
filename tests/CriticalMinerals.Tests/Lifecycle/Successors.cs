using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>A log ends and another goes on from it: what goes on, and what does not.</summary>
public sealed class Successors
{
    private const string Next = "ledger.example.com/log/2027";

    [Fact]
    public void Every_chain_goes_on_with_its_next_number_after_its_head_and_no_operator_enrols_again()
    {
        var ended = Opened();
        var battery = ended.ABatteryInService();
        var heads = ended.Log.Select(e => ended.State.Chain(e.Entry.Subject)!).Distinct().ToDictionary(c => c.Subject, c => (c.Sequence, c.Head));
        var world = Succeed(ended);

        Assert.All(heads, head => Assert.Equal(head.Value, (world.State.Chain(head.Key)!.Sequence, world.State.Chain(head.Key)!.Head)));
        var measured = world.Admit(world.Measures(world.Maker(), battery));
        Assert.Equal((heads[battery].Sequence + 1, heads[battery].Head), (measured.Entry.Sequence, measured.Entry.Previous));
        Assert.Equal(2, world.State.Size);
    }

    [Fact]
    public void The_first_entry_is_an_opening_that_names_its_predecessor()
    {
        var ended = Opened();
        var mine = ended.An(Role.Miner);
        var world = World.After(ended);
        Assert.Equal(RefusalCode.LogNotOpen, world.Refuse(world.Extracts(mine, Uuid(), "5")).Code);
        Assert.Equal(RefusalCode.PredecessorForeign, world.Refuse(world.Opening(changed: new JsonObject { ["after"] = null })).Code);
        world.Admit(world.Opening());
        world.Admit(world.Extracts(mine, Uuid(), "5"));
    }

    [Fact]
    public void A_line_given_before_the_cut_is_redeemed_once_on_one_side_of_it()
    {
        var ended = Opened();
        var (before, taken) = ended.ALineOfCobaltForTheRefiner();
        var (giving, line) = ended.ALineOfCobaltForTheRefiner();
        ended.Admit(ended.Refines(ended.An(Role.Refiner), taken.Subject, "1", Take(before, 0, taken)));
        var world = Succeed(ended);

        world.Admit(world.Refines(world.An(Role.Refiner), line.Subject, "1", Take(giving, 0, line)));
        Assert.Equal(RefusalCode.LineTaken, world.Refuse(world.Says(world.An(Role.Refiner), "inputs-added.v1", line.Subject, taken: [Take(giving, 0, line)])).Code);
        Assert.Equal(RefusalCode.LineTaken, world.Refuse(world.Says(world.An(Role.Refiner), "inputs-added.v1", taken.Subject, taken: [Take(before, 0, taken)])).Code);
    }

    [Fact]
    public void An_entry_for_one_log_is_no_entry_for_the_other()
    {
        var ended = Opened();
        var mine = ended.An(Role.Miner);
        var late = ended.Extracts(mine, Uuid(), "5");
        var world = Succeed(ended);
        Assert.Equal(RefusalCode.LogForeign, world.Refuse(late).Code);
        Assert.Equal(RefusalCode.LogForeign, Opened().Refuse(world.Extracts(mine, Uuid(), "5")).Code);
    }

    [Fact]
    public void What_stood_in_the_predecessor_is_found_again_and_its_ids_stay_used()
    {
        var ended = Opened();
        var lot = ended.ALotOfCobalt();
        var index = ended.Log.Count - 1;
        var world = Succeed(ended);
        Assert.Equal(new Decision.Repeated(index - ended.Log.Count), world.Decide(lot));
        Assert.Equal(RefusalCode.IdReused, world.Refuse(world.Sign(
            world.An(Role.Miner), "lot-extracted.v1", Uuid(), new JsonObject { ["open"] = false, ["mineral"] = "cobalt", ["product"] = "ore", ["site"] = new JsonObject { ["country"] = "CD" } },
            new JsonObject { ["mass"] = "1", ["content"] = Holding("cobalt", "1") }, id: lot.Entry.Id)).Code);
    }

    [Fact]
    public void Keys_of_operators_go_on_as_they_stood_and_those_of_the_log_end()
    {
        var ended = Opened();
        var mine = ended.An(Role.Miner);
        var old = Party.Of(mine.Did, "old");
        ended.Admit(ended.AddsKey(mine, old));
        ended.Admit(ended.RevokesKey(mine, old));
        var world = Succeed(ended);

        world.Admit(world.Extracts(mine, Uuid(), "5"));
        Assert.Equal(RefusalCode.KeyRevoked, world.Refuse(world.Extracts(old, Uuid(), "5")).Code);
        Assert.Equal(RefusalCode.KeyReused, world.Refuse(world.AddsKey(mine, old)).Code);

        // The old authority is nobody here, and its chain is over.
        Assert.Equal(RefusalCode.OperatorUnknown, world.Refuse(world.Sign(ended.Authority, "role-granted.v1", mine.Did, new JsonObject { ["role"] = "refiner" })).Code);
        Assert.Equal(RefusalCode.LogForeign, world.Refuse(world.Sign(world.Authority, "key-revoked.v1", LogChain, new JsonObject { ["kid"] = ended.Head.KeyId, ["reason"] = "retired" })).Code);
        Assert.Equal(RefusalCode.SubjectMalformed, world.Refuse(world.Enrols(Party.Of(LogDid), Role.Miner)).Code);
        Assert.Equal(RefusalCode.AlreadySo, world.Refuse(world.RevokesKey(world.Authority, ended.Head with { Did = world.Did })).Code);
        world.Admit(world.Sign(world.Authority, "role-granted.v1", mine.Did, new JsonObject { ["role"] = "refiner" }));
    }

    [Fact]
    public void A_theft_before_the_cut_may_be_reported_after_it_by_indexes_below_0()
    {
        var ended = Opened();
        var mine = ended.An(Role.Miner);
        var spare = Party.Of(mine.Did, "spare");
        ended.Admit(ended.AddsKey(mine, spare));
        ended.ALotOfCobalt();
        ended.ALotOfCobalt();
        var last = ended.Log.Count;
        var world = Succeed(ended);

        Assert.Equal(RefusalCode.DataInvalid, world.Refuse(world.ReportsKey(spare, mine, -last - 1)).Code);
        world.Admit(world.ReportsKey(spare, mine, -2));
        var key = ((OperatorState)world.State.Chain(mine.Did)!).Keys.Find(mine.KeyId)!;
        Assert.Equal((true, true, false), (key.IsDisputedAt(-2), key.IsDisputedAt(-1), key.IsDisputedAt(-3)));
        world.Admit(world.Sign(spare, "affirmed.v1", mine.Did, new JsonObject { ["kid"] = mine.KeyId, ["from"] = -2, ["to"] = -2 }));
        key = ((OperatorState)world.State.Chain(mine.Did)!).Keys.Find(mine.KeyId)!;
        Assert.Equal((false, true), (key.IsDisputedAt(-2), key.IsDisputedAt(-1)));
    }

    [Fact]
    public void What_a_stolen_authority_key_of_the_predecessor_added_falls_with_it_when_the_new_recovery_key_says_so()
    {
        var ended = Opened();
        var rogue = Party.Of("did:web:rogue.example");
        ended.Admit(ended.Enrols(rogue, Role.Miner));
        var world = Succeed(ended);
        world.Admit(world.Extracts(rogue, Uuid(), "5"));
        Assert.Equal(RefusalCode.RecoveryRequired, world.Refuse(world.ReportsKey(world.Authority, ended.Authority, -1)).Code);
        world.Admit(world.ReportsKey(world.Recovery, ended.Authority, -1));
        Assert.Equal(RefusalCode.KeyRevoked, world.Refuse(world.Extracts(rogue, Uuid(), "5")).Code);
    }

    [Fact]
    public void Disputes_of_the_predecessor_stay_where_they_were()
    {
        var ended = Opened();
        var mine = ended.An(Role.Miner);
        var lot = ended.ALotOfCobalt();
        ended.Admit(ended.ReportsKey(ended.Authority, mine, ended.Log.Count - 1));
        var replay = Replay(ended);
        Assert.Equal([ended.Log.Count - 2], replay.Disputed);
        var next = replay.Succeed(Next);
        var world = Succeed(ended);
        Assert.Null(next.Add(world.Log[0].Entry.Leaf));
        Assert.Equal([-2], next.Disputed);
        Assert.Equal(-2, next.State.Entry(lot.Entry.LeafHash)!.Value.Index);
    }

    [Fact]
    public void A_replay_goes_on_in_a_tree_of_its_own_and_can_be_put_down_and_taken_up()
    {
        var ended = Opened();
        var battery = ended.ABatteryInService();
        var replay = Replay(ended).Succeed(Next);
        var world = Succeed(ended);
        world.Admit(world.Measures(world.Maker(), battery));

        Assert.Null(replay.Add(world.Log[0].Entry.Leaf));
        using var stream = new MemoryStream();
        replay.WriteTo(stream);
        stream.Position = 0;
        var again = LedgerReplay.ReadFrom(stream);
        Assert.Null(again.Add(world.Log[1].Entry.Leaf));
        Assert.Equal(MerkleTree.Root([.. world.Log.Select(e => e.Entry.LeafHash)]), again.Root);
        Assert.Equal(2, again.Chains[ChainKind.Log]);
        Assert.Equal((2UL, -(long)ended.Log.Count), (again.Size, again.State.First));
    }

    [Fact]
    public void A_successor_has_a_successor()
    {
        var first = Opened();
        var battery = first.ABatteryInService();
        var second = Succeed(first);
        second.Admit(second.Measures(second.Maker(), battery));
        var third = World.After(second, "ledger.example.com/log/2028");
        third.Admit(third.Opening());
        third.Admit(third.Measures(third.Maker(), battery));

        Assert.Equal(-(first.Log.Count + 2), third.State.First);
        Assert.Equal(RefusalCode.LogForeign, third.Refuse(third.Sign(third.Authority, "key-revoked.v1", LogChain, new JsonObject { ["kid"] = first.Head.KeyId, ["reason"] = "retired" })).Code);
        Assert.Equal([LogDid, second.Did, third.Did], ((LogState)third.State.Chain(third.Chain)!).Keys.All.Select(k => Names.OperatorOf(k.KeyId)).Distinct());
    }

    [Fact]
    public void A_log_is_no_successor_of_itself_nor_named_as_an_operator_is()
    {
        var again = World.After(Opened(), Origin);
        Assert.Equal(RefusalCode.LogAlreadyOpen, again.Refuse(again.Opening()).Code);

        var ended = Opened();
        ended.Admit(ended.Enrols(Party.Of("did:web:firm.example:log"), Role.Miner));
        var world = World.After(ended, "firm.example/log");
        Assert.Equal(RefusalCode.DataInvalid, world.Refuse(world.Opening()).Code);
    }

    [Fact]
    public void Nothing_goes_on_from_an_empty_log_or_a_rejected_one()
    {
        Assert.Throws<InvalidOperationException>(() => new LedgerReplay(Origin).Succeed(Next));
        var replay = Replay(Opened());
        replay.Add(Opened().Log[0].Entry.Leaf);
        Assert.Throws<InvalidOperationException>(() => replay.Succeed(Next));
    }

    [Fact]
    public void A_replay_without_the_predecessor_says_that_it_is_missing()
    {
        var world = Succeed(Opened());
        Assert.Equal(Failure.PredecessorMissing, new LedgerReplay(Next).Add(world.Log[0].Entry.Leaf)!.Failure);
        var other = Opened();
        Assert.Equal(Failure.PredecessorForeign, Replay(other).Succeed(Next).Add(world.Log[0].Entry.Leaf)!.Failure);
    }

    private static World Succeed(World ended)
    {
        var world = World.After(ended);
        world.Admit(world.Opening());
        return world;
    }

    private static LedgerReplay Replay(World world)
    {
        var replay = new LedgerReplay(world.State.Origin);
        Assert.All(world.Log, entry => Assert.Null(replay.Add(entry.Entry.Leaf)));
        return replay;
    }
}
