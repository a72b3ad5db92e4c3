using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CsCheck;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>An auditor reads a whole log from its bytes.</summary>
public sealed class Replaying
{
    [Fact]
    public void A_sound_log_replays_to_the_root_that_was_signed_with_disclosures_or_without()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        var (bare, full) = (new LedgerReplay(EvidenceWorld.Origin), new LedgerReplay(EvidenceWorld.Origin));
        foreach (var signed in world.Entries)
        {
            Assert.Null(bare.Add(signed.Entry.Leaf));
            Assert.Null(full.Add(signed.Entry.Leaf, [.. signed.Disclosures.Select(d => d.Text)]));
        }

        Assert.Equal(MerkleTree.Root(world.Leaves), bare.Root);
        Assert.Equal(bare.Edge, full.Edge);
        Assert.Equal(7ul, bare.Size);
        Assert.Equal((1, 0), (bare.WithheldQuantities, full.WithheldQuantities));
        Assert.Equal((4, 0), (bare.WithheldDisclosures, full.WithheldDisclosures));
        Assert.Equal(new Dictionary<ChainKind, int> { [ChainKind.Log] = 1, [ChainKind.Operator] = 1, [ChainKind.Grants] = 1, [ChainKind.Model] = 1, [ChainKind.Lot] = 1, [ChainKind.Battery] = 1 }, bare.Chains);
        Assert.Empty(bare.Disputed);
    }

    [Fact]
    public void Entries_prepared_on_all_cores_give_the_same_answer_as_one_by_one()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        for (var i = 0; i < 60; i++)
        {
            world.Measure(EvidenceWorld.Battery);
        }

        var replay = new LedgerReplay(EvidenceWorld.Origin);
        foreach (var part in world.Entries.Chunk(16))
        {
            foreach (var prepared in part.AsParallel().AsOrdered().Select(signed => replay.Prepare(signed.Entry.Leaf)))
            {
                Assert.Null(replay.Add(prepared));
            }
        }

        Assert.Equal(MerkleTree.Root(world.Leaves), replay.Root);
    }

    [Fact]
    public void Any_changed_character_of_any_leaf_stops_the_replay_at_that_entry()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        Gen.Select(Gen.Int[0, world.Entries.Count - 1], Gen.Double[0, 1], Gen.Char["ABCxyz019-_.~"]).Sample(
            (index, at, other) =>
            {
                var leaf = world.Entries[index].Entry.Leaf.ToArray();
                var position = (int)(at * (leaf.Length - 1));
                if (leaf[position] == other)
                {
                    return;
                }

                leaf[position] = (byte)other;
                var replay = new LedgerReplay(EvidenceWorld.Origin);
                for (var i = 0; i < index; i++)
                {
                    Assert.Null(replay.Add(world.Entries[i].Entry.Leaf));
                }

                var rejection = replay.Add(leaf);
                Assert.Equal((ulong)index, rejection!.Index);
                Assert.NotEmpty(rejection.Advice);
                Assert.Equal((ulong)index, replay.Size);
                Assert.Same(rejection, replay.Add(world.Entries[index].Entry.Leaf));
            },
            iter: 500);
    }

    [Fact]
    public void An_entry_left_out_is_missed_by_the_next_of_its_chain_and_one_put_in_twice_is_found()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        world.Measure(EvidenceWorld.Battery);
        world.Measure(EvidenceWorld.Battery);
        var gap = Replay(world.Entries.Where((_, i) => i != 7));
        Assert.Equal((Failure.ChainSequence, 7ul, "chain-moved"), (gap!.Failure, gap.Index!.Value, gap.Rule));
        Assert.Contains("seq 1", gap.Expected, StringComparison.Ordinal);
        Assert.Contains("seq 2", gap.Found, StringComparison.Ordinal);

        var twice = Replay([.. world.Entries, world.Entries[3]]);
        Assert.Equal((Failure.EntryRepeated, 9ul, EvidenceWorld.Model), (twice!.Failure, twice.Index!.Value, twice.Subject));
    }

    [Fact]
    public void Two_entries_of_different_chains_that_changed_places_still_replay_but_to_another_root()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        var replay = new LedgerReplay(EvidenceWorld.Origin);
        foreach (var signed in (SignedEntry[])[.. world.Entries.Take(3), world.Entries[4], world.Entries[3], .. world.Entries.Skip(5)])
        {
            Assert.Null(replay.Add(signed.Entry.Leaf));
        }

        Assert.NotEqual(MerkleTree.Root(world.Leaves), replay.Root);
    }

    [Fact]
    public void What_a_log_admitted_against_the_rules_is_found_with_the_rule_s_name()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        world.Enrol("did:web:stranger.example", "stranger", "miner");
        world.Add(world.Draft("did:web:stranger.example", "stranger", EvidenceWorld.Battery, "health-measured.v1", [], ("remainingCapacity", "1")), force: true);

        var rejection = Replay(world.Entries);
        Assert.Equal((Failure.RuleRefused, "role-missing", 8ul), (rejection!.Failure, rejection.Rule, rejection.Index!.Value));
    }

    [Fact]
    public void Entries_under_a_key_that_a_stranger_had_are_listed_as_disputed()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        world.Measure(EvidenceWorld.Battery);
        world.Append(EvidenceWorld.LogDid, "authority", EvidenceWorld.Maker, "key-compromised.v1", new JsonObject { ["kid"] = EvidenceWorld.Maker + "#maker", ["fromIndex"] = 5 });
        var replay = new LedgerReplay(EvidenceWorld.Origin);
        foreach (var signed in world.Entries)
        {
            Assert.Null(replay.Add(signed.Entry.Leaf));
        }

        Assert.Equal([5, 6, 7], replay.Disputed);
    }

    [Fact]
    public void A_log_of_another_origin_is_not_this_log()
    {
        var replay = new LedgerReplay("other.example/log/1");
        Assert.Equal(Failure.LogForeign, replay.Add(EvidenceWorld.ABatteryWasMade().Entries[0].Entry.Leaf)!.Failure);
        Assert.Equal(Failure.EntryMalformed, new LedgerReplay(EvidenceWorld.Origin).Add(Encoding.ASCII.GetBytes("no entry"))!.Failure);
    }

    private static Rejection? Replay(IEnumerable<SignedEntry> entries)
    {
        var replay = new LedgerReplay(EvidenceWorld.Origin);
        return entries.Select(signed => replay.Add(signed.Entry.Leaf)).FirstOrDefault(wrong => wrong is not null);
    }
}
