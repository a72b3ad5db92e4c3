using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CsCheck;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>What holds for every history: random ones are played, and each is replayed as an auditor would.</summary>
public sealed class Replays
{
    private static readonly Gen<(int Act, int Which, int Amount)[]> Histories = Gen.Select(Gen.Int[0, 10], Gen.Int[0, 99], Gen.Int[0, 12]).Array[1, 25];

    [Fact]
    public void No_history_gives_more_than_there_is() => Histories.Sample(history =>
    {
        var world = Play(history);
        var lines = world.State.TakeChanges();
        foreach (var stock in lines.Chains.Values.OfType<StockState>())
        {
            var given = lines.Lines.Values.Where(l => l.Giver == stock.Subject && !l.Withdrawn).ToArray();
            Assert.Equal(stock.Given, given.Sum(l => l.Quantity));
            Assert.Equal(stock.Lines, given.Length);
            Assert.True(stock.Given <= stock.Total, stock.ToString());
        }

        foreach (var chain in world.Log.Select(e => e.Entry).GroupBy(e => e.Subject))
        {
            var expected = Digest.Zero;
            foreach (var (entry, sequence) in chain.Select((e, i) => (e, (long)i)))
            {
                Assert.Equal((sequence, expected), (entry.Sequence, entry.Previous));
                expected = entry.LeafHash;
            }
        }
    }, iter: 40);

    [Fact]
    public void A_history_replays_whole_without_its_erasables_and_without_any_disclosure() => Histories.Sample(history =>
    {
        var world = Play(history);
        var whole = Replay(world.Log, (_, _) => true);
        Assert.Equal(Snapshot.Of(world.State), Snapshot.Of(whole));
        Assert.Equal(Snapshot.Of(whole), Snapshot.Of(Replay(world.Log, (claim, _) => claim != ClaimKind.Erasable)));
        Assert.Equal(world.State.Size, Replay(world.Log, (_, _) => false).Size);
    }, iter: 40);

    [Fact]
    public void A_history_replays_with_whatever_part_of_its_disclosures_a_reader_has() => Histories.Sample(history =>
    {
        // Salts are random, so every digest tosses its own coin; totals alone are kept back too, lines alone as well.
        var world = Play(history);
        Assert.Equal(world.State.Size, Replay(world.Log, (_, d) => d.Digest.ToArray()[0] % 2 == 0).Size);
        Assert.Equal(world.State.Size, Replay(world.Log, (_, d) => SignedEntry.IsLineMember(d.Name)).Size);
        Assert.Equal(world.State.Size, Replay(world.Log, (_, d) => !SignedEntry.IsLineMember(d.Name)).Size);
    }, iter: 40);

    [Fact]
    public void What_an_entry_names_is_all_that_its_decision_reads() => Histories.Sample(history =>
    {
        var world = Play(history);
        var full = new LedgerState(Origin);
        foreach (var signed in world.Log)
        {
            var candidate = Candidate.Read(signed, out _)!;
            var needs = new Needs();
            needs.Add(candidate);
            var sparse = Load(full, needs);
            var decided = Admission.Decide(sparse, Candidate.Read(signed, out _)!);
            Assert.Equal(Admission.Decide(full, candidate), decided);
            Assert.Equal(JsonSerializer.Serialize(full.Chain(signed.Entry.Subject)), JsonSerializer.Serialize(sparse.Chain(signed.Entry.Subject)));
        }
    }, iter: 25);

    [Fact]
    public void A_chains_state_survives_its_JSON() => Histories.Sample(history =>
    {
        foreach (var chain in Play(history).State.TakeChanges().Chains.Values)
        {
            var json = JsonSerializer.Serialize(chain);
            var again = JsonSerializer.Deserialize<ChainState>(json)!;
            Assert.Equal(chain.GetType(), again.GetType());
            Assert.Equal(json, JsonSerializer.Serialize(again));
            Assert.Equal((chain.Subject, chain.Kind, chain.Keeper, chain.IsOpen, chain.Head), (again.Subject, again.Kind, again.Keeper, again.IsOpen, again.Head));
        }
    }, iter: 10);

    [Fact]
    public void A_battery_made_of_cells_made_of_refined_cobalt_replays_from_its_bytes()
    {
        var world = Opened();
        world.ABatteryOnTheMarket();
        world.ALineOfCobaltForTheRefiner();
        Assert.Equal(Snapshot.Of(world.State), Snapshot.Of(Replay(world.Log, (_, _) => true)));
    }

    /// <summary>Plays what a history says and skips what the rules refuse, which changes nothing.</summary>
    private static World Play((int Act, int Which, int Amount)[] history)
    {
        var world = Opened();
        var person = Party.Of("did:web:pseudonym.example");
        world.Admit(world.Sign(
            world.Authority, "operator-enrolled.v1", person.Did,
            new JsonObject { ["operator"] = person.Did, ["roles"] = new JsonArray("repairer"), ["key"] = world.Declare(person, KeyUse.Operator) },
            new JsonObject { ["personName"] = "Maria Muster" }));
        var parties = new[] { world.An(Role.Miner), world.An(Role.Refiner), world.An(Role.BatteryMaker) };
        world.Admit(world.Grants(parties[2]));
        world.ABattery();
        var gifts = new List<(SignedEntry Giving, int Number, Line Line, Party Giver)>();
        foreach (var (act, which, amount) in history)
        {
            var quantity = (amount / 2m).ToString(CultureInfo.InvariantCulture);
            var stocks = world.Log.Select(e => e.Entry.Subject).Distinct().Where(s => world.State.Chain(s) is StockState).ToArray();
            var by = parties[which % 3];
            var stock = stocks[which % stocks.Length];
            var keeper = parties.FirstOrDefault(p => p.Did == world.State.Chain(stock)!.Keeper) ?? by;
            var (giving, number, line, giver) = gifts.Count > 0 ? gifts[which % gifts.Count] : default;
            switch (act)
            {
                case 0:
                    world.Decide(world.Extracts(by, Uuid(), quantity));
                    break;
                case 1 or 2 or 3:
                    var lines = Enumerable.Range(0, 1 + (which % 3)).Select(i => new Line(Uuid(), parties[(which + i) % 3], quantity)).ToArray();
                    var allocated = world.Allocates(act == 3 ? by : keeper, stock, lines);
                    if (world.Decide(allocated) is Decision.Admitted)
                    {
                        gifts.AddRange(lines.Select((l, i) => (allocated, i, l, keeper)));
                    }

                    break;
                case 4 when line is not null:
                    world.Decide(world.Receives(line.To, line.Subject, Take(giving, number, line)));
                    break;
                case 5 when line is not null:
                    world.Decide(world.Refines(line.To, line.Subject, quantity, Take(giving, number, line)));
                    break;
                case 6 when line is not null:
                    world.Decide(world.Withdraws(giver, giving, number));
                    break;
                case 7:
                    var opened = world.Log.First(e => e.Entry.Subject == stock);
                    world.Decide(world.Corrects(keeper, opened, hidden: new JsonObject { [opened.Entry.Event.StartsWith("comp", StringComparison.Ordinal) ? "count" : "mass"] = quantity }));
                    break;
                case 8:
                    world.Decide(world.Measures(which % 2 == 0 ? person : by, Battery()));
                    break;
                case 9:
                    world.Decide(world.Says(world.Authority, which % 2 == 0 ? "operator-suspended.v1" : "operator-reinstated.v1", by.Did));
                    break;
                default:
                    world.Decide(world.Delegates(by, parties[(which + 1) % 3], ["allocated.v1", "lot-extracted.v1"]));
                    break;
            }
        }

        return world;
    }

    /// <summary>Replays a log with the disclosures kept; every entry must be admitted again, at its index.</summary>
    private static LedgerState Replay(List<SignedEntry> log, Func<ClaimKind, Disclosure, bool> keeps)
    {
        var state = new LedgerState(Origin);
        foreach (var (signed, index) in log.Select((s, i) => (s, i)))
        {
            var type = EventCatalog.Find(signed.Entry.Event)!;
            var kept = signed.Disclosures.Where(d => keeps(type.Claim(d.Name)?.Claim.Kind ?? ClaimKind.Confidential, d)).Select(d => d.Text).ToArray();
            var part = SignedEntry.Join(Entry.Parse(signed.Entry.Leaf, out _)!, kept, complete: false, out var fault);
            Assert.True(part is not null, fault?.ToString());
            var candidate = Candidate.Read(part, out var refusal);
            Assert.True(candidate is not null, refusal?.ToString());
            Assert.Equal(new Decision.Admitted(index), Admission.Decide(state, candidate));
        }

        return state;
    }

    private static LedgerState Load(LedgerState full, Needs needs)
    {
        var sparse = new LedgerState(full.Origin) { Size = full.Size };
        foreach (var chain in needs.Chains)
        {
            if (full.Chain(chain) is { } state)
            {
                sparse.Load(JsonSerializer.Deserialize<ChainState>(JsonSerializer.Serialize(state))!);
            }
        }

        foreach (var entry in needs.Entries)
        {
            if (full.Entry(entry) is { } fact)
            {
                sparse.Load(entry, fact);
            }
        }

        foreach (var (entry, line) in needs.Lines)
        {
            if (full.Line(entry, line) is { } given)
            {
                sparse.Load(entry, line, given);
            }
        }

        foreach (var id in needs.Ids.Where(full.IsUsed))
        {
            sparse.Load(id);
        }

        foreach (var claim in needs.Claims)
        {
            if (full.OwnerOf(claim) is { } owner)
            {
                sparse.Load(claim, owner);
            }
        }

        return sparse;
    }
}
