using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Client;

/// <summary>What an auditor must hold. Alone in the process while it runs: what other tests hold would be counted too.</summary>
[CollectionDefinition(nameof(MemoryOfAReplay), DisableParallelization = true)]
[Collection(nameof(MemoryOfAReplay))]
public sealed class MemoryOfAReplay
{
    private readonly World _world = World.Opened();
    private readonly Party _mine = Party.Of("did:web:mine.example");

    public MemoryOfAReplay() => _world.Admit(_world.Enrols(_mine, Role.Miner));

    [Fact]
    public void A_replay_holds_at_most_300_bytes_an_entry()
    {
        // A lot for every ten entries and a line in it, as in a log of batteries: their chains are longer than those of materials.
        const int Lots = 300;
        for (var lot = 0; lot < Lots; lot++)
        {
            var first = _world.Admit(_world.Extracts(_mine, World.Uuid(), "100"));
            for (var i = 0; i < 9; i++)
            {
                _world.Admit(i % 9 == 0 ? _world.Allocates(_mine, first.Entry.Subject, new Line(World.Uuid(), _mine, "1")) : _world.Corrects(_mine, first, hidden: new JsonObject { ["carbonFootprint"] = "2" }));
            }
        }

        var leaves = _world.Log.Select(e => e.Entry.Leaf.ToArray()).ToArray();
        _world.Log.Clear();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var replay = new LedgerReplay(World.Origin);
        foreach (var leaf in leaves)
        {
            Assert.Null(replay.Add(leaf));
        }

        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(held <= 300L * leaves.Length, $"{held / (double)leaves.Length:F0} bytes an entry");
        GC.KeepAlive(replay);
        GC.KeepAlive(leaves);
    }
}
