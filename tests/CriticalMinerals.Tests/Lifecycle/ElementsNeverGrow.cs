using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CsCheck;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>
/// Random trade in cobalt, from mines through refiners, consignments, cells, batteries, workshops, second lives and recyclers back to cells. Whatever is said
/// and admitted, the cobalt that is anywhere never exceeds what was mined, to the last fraction; and every such history replays from whatever part of it a
/// reader has.
/// </summary>
public sealed class ElementsNeverGrow
{
    internal static readonly Gen<(int Act, int Which, int Other, int Amount)[]> Histories = Gen.Select(Gen.Int[0, 13], Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 12]).Array[20, 60];

    [Fact]
    public void No_history_holds_more_cobalt_than_was_mined() => Histories.Sample(history =>
    {
        var trade = Play(history);
        Assert.True(Held(trade) <= trade.Mined, $"{Held(trade)} kg held, {trade.Mined} kg mined");
    }, iter: 60);

    [Fact]
    public void Such_a_history_replays_from_whatever_part_of_it_a_reader_has() => Histories.Sample(history =>
    {
        var world = Play(history).World;
        Assert.Equal(Snapshot.Of(world.State), Snapshot.Of(Replay(world, _ => true)));
        Assert.Equal(world.State.Size, Replay(world, _ => false).Size);
        Assert.Equal(world.State.Size, Replay(world, d => d.Digest.ToArray()[0] % 2 == 0).Size);
        Assert.Equal(world.State.Size, Replay(world, d => d.Digest.ToArray()[1] % 4 == 0).Size);
        Assert.Equal(world.State.Size, Replay(world, d => SignedEntry.IsLineMember(d.Name)).Size);
        Assert.Equal(world.State.Size, Replay(world, d => !SignedEntry.IsLineMember(d.Name)).Size);
        Assert.Equal(world.State.Size, Replay(world, d => d.Name != "content").Size);
        Assert.Equal(world.State.Size, Replay(world, d => d.Name is "content" or "removedContent").Size);
    }, iter: 40);

    [Fact]
    public void Such_a_history_is_decided_alike_from_what_each_entry_names_and_from_states_that_storage_wrote() => Histories.Sample(history =>
    {
        var world = Play(history).World;
        var full = new LedgerState(Origin);
        foreach (var signed in world.Log)
        {
            var candidate = Candidate.Read(signed, out _)!;
            var needs = new Needs();
            needs.Add(candidate);
            var sparse = Stored(full, needs);
            var decided = Admission.Decide(sparse, Candidate.Read(signed, out _)!);
            Assert.Equal(Admission.Decide(full, candidate), decided);
            Assert.Equal(JsonSerializer.Serialize(full.Chain(signed.Entry.Subject)), JsonSerializer.Serialize(sparse.Chain(signed.Entry.Subject)));
        }
    }, iter: 15);

    /// <summary>Otherwise the properties above would be about less than they say.</summary>
    [Fact]
    public void The_histories_come_to_every_event_of_the_trade()
    {
        var random = new Random(1);
        var said = new HashSet<string>(StringComparer.Ordinal);
        for (var history = 0; history < 200; history++)
        {
            var trade = Play([.. Enumerable.Range(0, 60).Select(_ => (random.Next(14), random.Next(1000), random.Next(1000), random.Next(13)))]);
            said.UnionWith(trade.World.Log.Select(e => e.Entry.Event));
        }

        string[] expected =
        [
            "lot-extracted.v1", "allocated.v1", "lot-refined.v1", "material-manufactured.v1", "lots-blended.v1", "black-mass-produced.v1", "material-recovered.v1", "received.v1",
            "component-manufactured.v1", "battery-manufactured.v1", "part-replaced.v1", "battery-placed-on-market.v1", "collected.v1", "put-into-service.v1", "assessed.v1", "released.v1",
            "recycled.v1", "second-life-begun.v1", "withdrawn.v1", "inputs-added.v1", "disposed.v1", "corrected.v1",
        ];
        Assert.Empty(expected.Except(said));
    }

    // What each chain still has, and what is under way between two.
    private static Ratio Held(Trade trade)
    {
        var changes = trade.World.State.TakeChanges();
        var released = changes.Lines.Where(l => l.Value.TakenBy is not null).Select(l => l.Key.Entry).ToHashSet();
        var sum = default(Ratio);
        foreach (var chain in changes.Chains.Values)
        {
            sum += chain switch
            {
                StockState stock => stock.Content!.Less(stock.GivenContent!)[Mineral.Cobalt],

                // A battery that was taken is in what took it.
                BatteryState { Release: { } release } when released.Contains(release.Entry) => default,
                BatteryState battery => battery.Content![Mineral.Cobalt],
                _ => default,
            };
        }

        return changes.Lines.Values
            .Where(l => l is { TakenBy: null, Withdrawn: false } && !LinePurposes.SecondLife.Append(LinePurpose.Recycling).Contains(l.Purpose!.Value))
            .Aggregate(sum, (held, line) => held + line.Content![Mineral.Cobalt]);
    }

    internal static Trade Play((int Act, int Which, int Other, int Amount)[] history)
    {
        var trade = new Trade(Opened());
        foreach (var (act, which, other, amount) in history)
        {
            trade.Say(act, which, other, (amount / 4m).ToString(CultureInfo.InvariantCulture));
        }

        return trade;
    }

    private static LedgerState Replay(World world, Func<Disclosure, bool> shown)
    {
        var state = new LedgerState(Origin);
        foreach (var signed in world.Log)
        {
            var part = SignedEntry.Join(signed.Entry, [.. signed.Disclosures.Where(shown).Select(d => d.Text)], complete: false, out _)!;
            var candidate = Candidate.Read(part, out var refusal);
            Assert.True(candidate is not null, refusal?.ToString());
            var decision = Admission.Decide(state, candidate);
            Assert.True(decision is Decision.Admitted, $"{signed.Entry.Event}: {decision}");
        }

        return state;
    }

    private static LedgerState Stored(LedgerState full, Needs needs)
    {
        var sparse = new LedgerState(Origin) { Size = full.Size };
        foreach (var chain in needs.Chains.Select(full.Chain).OfType<ChainState>())
        {
            sparse.Load(ChainState.FromBytes(chain.ToBytes()));
        }

        foreach (var entry in needs.Entries.Where(e => full.Entry(e) is not null))
        {
            sparse.Load(entry, full.Entry(entry)!.Value);
        }

        foreach (var (entry, line) in needs.Lines.Where(l => full.Line(l.Entry, l.Line) is not null))
        {
            sparse.Load(entry, line, full.Line(entry, line)!);
        }

        foreach (var id in needs.Ids.Where(full.IsUsed))
        {
            sparse.Load(id);
        }

        foreach (var claim in needs.Claims.Where(c => full.OwnerOf(c) is not null))
        {
            sparse.Load(claim, full.OwnerOf(claim)!);
        }

        return sparse;
    }

    /// <summary>One firm that may do everything, so that no right stands in the way of saying what cannot be.</summary>
    internal sealed class Trade
    {
        private readonly Party _firm = Party.Of("did:web:everything.example");
        private readonly List<string> _stocks = [];
        private readonly List<string> _batteries = [];
        private readonly List<(SignedEntry Giving, int Number, Line Line)> _lines = [];
        private readonly Dictionary<string, decimal> _mined = [];
        private readonly SignedEntry _model;

        public Trade(World world)
        {
            World = world;
            world.Admit(world.Enrols(_firm, Role.Miner, Role.Refiner, Role.MaterialMaker, Role.CellMaker, Role.BatteryMaker, Role.SecondLifeOperator, Role.Dismantler, Role.Recycler, Role.Inspector, Role.Collector));
            _model = world.Admit(world.DeclaresModel(_firm, Uuid()));
        }

        public World World { get; }

        /// <summary>What the mines' own statements, as corrected, add up to.</summary>
        public Ratio Mined => _mined.Values.Aggregate(default(Ratio), (sum, kilograms) => sum + kilograms);

        public void Say(int act, int which, int other, string amount)
        {
            var (stock, battery) = (Of(_stocks, which), Of(_batteries, which));
            var given = act == 11 ? _lines.Where(l => l.Giving.Entry.Event == "released.v1").ToList() : _lines;
            var (giving, number, line) = given.Count > 0 ? given[which % given.Count] : default;
            JsonObject[] taken = giving is null ? [] : [Take(giving, number, line)];
            var to = other % 5 == 0 && battery is not null ? battery : other % 5 == 1 && stock is not null ? Of(_stocks, other)! : Uuid();
            switch (act)
            {
                case 0:
                    if (Kept(World.Says(_firm, "lot-extracted.v1", Uuid(), Lot("10", amount)), _stocks))
                    {
                        _mined[_stocks[^1]] = decimal.Parse(amount, CultureInfo.InvariantCulture);
                    }

                    break;
                case 1 or 2 when stock is not null:
                    Give(l => World.Allocates(_firm, stock, l), new Line(to, _firm, amount), new Line(Uuid(), _firm, other % 2 == 0 ? "1" : amount));
                    break;
                case 3 when giving is not null:
                    Kept(World.Says(_firm, (string[])["lot-refined.v1", "material-manufactured.v1", "lots-blended.v1", "black-mass-produced.v1", "material-recovered.v1"] is var names ? names[other % names.Length] : "", line.Subject, Lot(other % 2 == 0 ? "12" : amount, amount), taken: taken), _stocks);
                    break;
                case 4 when giving is not null:
                    Kept(World.Says(_firm, "received.v1", line.Subject, taken: taken), _stocks);
                    break;
                case 5 when giving is not null:
                    Kept(World.Says(_firm, "component-manufactured.v1", line.Subject, new JsonObject { ["component"] = "cells", ["source"] = null, ["count"] = "3", ["content"] = other % 2 == 0 ? null : Holding("cobalt", amount) }, taken: taken), _stocks);
                    break;
                case 6 when giving is not null:
                    Kept(World.Says(_firm, "battery-manufactured.v1", line.Subject, new JsonObject { ["source"] = null, ["aliases"] = null, ["content"] = null }, refs: [_model], taken: taken), _batteries);
                    break;
                case 7 when battery is not null:
                    Give(l => World.TakesOut(_firm, battery, "2", amount, l), new Line(to, _firm, "1"), new Line(Uuid(), _firm, "1"));
                    break;
                case 8 when giving is not null && battery is not null:
                    World.Decide(World.Says(_firm, "part-replaced.v1", line.Subject, new JsonObject { ["source"] = null, ["removed"] = null, ["removedContent"] = null }, taken: taken));
                    break;
                case 9 when battery is not null:
                    World.Decide(World.PlacesOnMarket(_firm, battery));
                    World.Decide(World.Says(_firm, other % 2 == 0 ? "collected.v1" : "put-into-service.v1", battery));
                    World.Decide(World.Says(_firm, "assessed.v1", battery));
                    break;
                case 10 when battery is not null:
                    string[] operations = World.State.Chain(battery) is BatteryState { Status: BatteryStatus.Waste }
                        ? ["recycling", "preparation-for-repurposing", "recycling", "remanufacturing"]
                        : ["repurposing", "remanufacturing", "repurposing", "recycling"];
                    Give(l => World.Releases(_firm, battery, operations[other % 4], l[0]), new Line(operations[other % 4] == "recycling" ? battery : Uuid(), _firm, "1"));
                    break;
                case 11 when giving is not null:
                    if (giving.Entry.Event == "released.v1" && giving.Entry.Subject == line.Subject)
                    {
                        Give(l => World.Recycles(_firm, line.Subject, giving, line, "9", other % 2 == 0 ? amount : "0.125", l), new Line(Uuid(), _firm, "4"), new Line(Uuid(), _firm, "3.5"));
                    }
                    else
                    {
                        string[] lives = ["repurposing", "preparation-for-repurposing", "remanufacturing"];
                        Kept(World.Says(_firm, "second-life-begun.v1", line.Subject, new JsonObject { ["operation"] = lives[other % 3], ["source"] = null, ["aliases"] = null, ["content"] = null }, refs: [_model], taken: taken), _batteries);
                    }

                    break;
                case 12 when giving is not null:
                    World.Decide(other % 2 == 0 ? World.Withdraws(_firm, giving, number) : World.Says(_firm, "inputs-added.v1", line.Subject, new JsonObject { ["source"] = null, ["content"] = null }, taken: taken));
                    break;
                case 13 when stock is not null:
                    World.Decide(World.Says(_firm, "disposed.v1", stock, new JsonObject { ["quantity"] = "0.5" }));
                    var correction = World.Corrects(_firm, World.Log.First(e => e.Entry.Subject == stock), hidden: new JsonObject { ["content"] = Holding("cobalt", amount) });
                    if (World.Decide(correction) is Decision.Admitted && _mined.ContainsKey(stock))
                    {
                        _mined[stock] = decimal.Parse(amount, CultureInfo.InvariantCulture);
                    }

                    break;
                default:
                    break;
            }
        }

        private static JsonObject Lot(string mass, string cobalt) => new() { ["source"] = null, ["mass"] = mass, ["content"] = Holding("cobalt", cobalt) };

        private static string? Of(List<string> chains, int which) => chains.Count > 0 ? chains[which % chains.Count] : null;

        private bool Kept(SignedEntry entry, List<string> chains)
        {
            if (World.Decide(entry) is not Decision.Admitted)
            {
                return false;
            }

            chains.Add(entry.Entry.Subject);
            return true;
        }

        private void Give(Func<Line[], SignedEntry> say, params Line[] lines)
        {
            var giving = say(lines);
            if (World.Decide(giving) is Decision.Admitted)
            {
                _lines.AddRange(lines.Take(giving.Entry.Given.Count).Select((l, i) => (giving, i, l)));
            }
        }
    }
}
