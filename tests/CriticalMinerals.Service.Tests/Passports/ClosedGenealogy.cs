using System.Net;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;
using static CriticalMinerals.Service.Tests.Passports.GenealogyQuestions;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>Where a walk ends in a ledger that keeps closed chains closed, and what was undone.</summary>
public sealed class ClosedGenealogy(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Closed_chains_are_neither_shown_nor_passed_and_only_their_lines_are_counted_towards_origins()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false);
        var trade = await Trade.PlayAsync(world);

        var origins = await world.Http().GetStringAsync(Query(trade.Battery, Origins), Cancel);
        Assert.Equal([trade.OpenBatch, trade.OpenMine], Subjects(Chains(Parse(origins))).OrderBy(s => s == trade.OpenBatch ? 0 : 1));
        Assert.Equal(2, Parse(origins).GetProperty("notShown").GetInt64());
        var ofClosedMaker = await world.Http().GetStringAsync(Query(trade.OpenMine, Uses), Cancel);
        Assert.Equal([trade.OpenBatch, trade.Battery], Subjects(Chains(Parse(ofClosedMaker))).OrderBy(s => s == trade.OpenBatch ? 0 : 1));
        Assert.False(Parse(ofClosedMaker).TryGetProperty("notShown", out _));
        foreach (var body in (string[])[origins, ofClosedMaker])
        {
            Assert.All(trade.Closed, name => Assert.DoesNotContain(name, body, StringComparison.Ordinal));
            Assert.DoesNotContain(trade.BehindClosed, body, StringComparison.Ordinal);
        }

        // An open mine that only a closed lot took from leads nowhere, and does not say that somebody took.
        var behind = Parse(await world.Http().GetStringAsync(Query(trade.BehindClosed, Uses), Cancel));
        Assert.Empty(Chains(behind));

        foreach (var closed in trade.Closed)
        {
            foreach (var at in (string[])["", "&at=1"])
            {
                using var refused = await world.Http().GetAsync(Query(closed, Uses) + at, Cancel);
                Assert.Equal((HttpStatusCode.NotFound, "not-found"), (refused.StatusCode, Text(await JsonAsync(refused), "code")));
            }
        }
    }

    [Fact]
    public async Task What_a_chain_had_taken_that_was_undone_counts_before_and_not_after()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false);
        var (miner, refiner) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.Refiner));
        var (mine, salt) = (Author.Uuid(), Author.Uuid());
        await world.AdmitAsync(Trade.Extracts(world, miner, mine, open: true));
        var line = new GivenTo(salt, refiner, "10");
        var giving = await world.AdmitAsync(world.Says.Allocates(miner, mine, line));
        await world.AdmitAsync(Trade.Refines(world, refiner, salt, open: true, Author.Take(giving, 0, line)));
        var before = await world.AskAsync<long>("select size from ledger.state");
        await world.AdmitAsync(world.Says.Sign(refiner, "voided.v1", salt, new JsonObject
        {
            ["reason"] = "Entered twice.",
            ["lines"] = new JsonArray(new JsonObject { ["entry"] = giving.Entry.LeafHash.ToString(), ["line"] = 0 }),
        }));
        await world.AdmitAsync(world.Says.Sign(refiner, "recalled.v1", salt, new JsonObject { ["reason"] = "Later entries change nothing.", ["action"] = "None.", ["risk"] = "low" }));

        foreach (var (subject, towards, other) in ((string, string, string)[])[(mine, Uses, salt), (salt, Origins, mine)])
        {
            Assert.Equal([other], Subjects(Chains(Parse(await world.Http().GetStringAsync(Query(subject, towards) + $"&at={before}", Cancel)))));
            Assert.Empty(Chains(Parse(await world.Http().GetStringAsync(Query(subject, towards), Cancel))));
        }

        Assert.Equal(1, await world.AskAsync<long>("select count(*) from ledger.redemption"));
    }

    /// <summary>A battery made of an open batch of parts, which is of an open mine and of two lines of a closed lot, which is of a mine that nobody can know of.</summary>
    private sealed record Trade(string Battery, string OpenBatch, string OpenMine, string BehindClosed, IReadOnlyList<string> Closed)
    {
        public static async Task<Trade> PlayAsync(World world)
        {
            var (miner, refiner, parts, maker) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.Refiner), await world.AnAsync(Role.CellMaker), await world.AnAsync(Role.BatteryMaker));
            var (open, behind, closed, batch, battery, taker) = (Author.Uuid(), Author.Uuid(), Author.Uuid(), Author.Uuid(), Author.Uuid(), Author.Uuid());
            await world.AdmitAsync(Extracts(world, miner, open, open: true));
            await world.AdmitAsync(Extracts(world, miner, behind, open: true));

            var ore = new GivenTo(closed, refiner, "100");
            var oreGiven = await world.AdmitAsync(world.Says.Allocates(miner, behind, ore));
            await world.AdmitAsync(Refines(world, refiner, closed, open: false, Author.Take(oreGiven, 0, ore)));

            var salts = new[] { new GivenTo(batch, parts, "10"), new GivenTo(batch, parts, "20") };
            var saltsGiven = await world.AdmitAsync(world.Says.Allocates(refiner, closed, salts));
            var metal = new[] { new GivenTo(batch, parts, "5"), new GivenTo(taker, refiner, "5") };
            var metalGiven = await world.AdmitAsync(world.Says.Allocates(miner, open, metal));
            await world.AdmitAsync(world.Says.Sign(
                parts, "component-manufactured.v1", batch,
                new JsonObject
                {
                    ["component"] = "cells",
                    ["open"] = true,
                    ["partNumber"] = "C-1",
                    ["chemistry"] = "NMC 811",
                    ["plant"] = new JsonObject { ["country"] = "HU" },
                    ["in"] = new JsonArray(Author.Take(saltsGiven, 0, salts[0]), Author.Take(saltsGiven, 1, salts[1]), Author.Take(metalGiven, 0, metal[0])),
                },
                new JsonObject { ["count"] = "4" }));
            await world.AdmitAsync(Refines(world, refiner, taker, open: false, Author.Take(metalGiven, 1, metal[1])));

            var cells = new GivenTo(battery, maker, "4");
            var cellsGiven = await world.AdmitAsync(world.Says.Allocates(parts, batch, cells));
            var model = await world.AdmitAsync(world.Says.DeclaresModel(maker, Author.Uuid()));
            await world.AdmitAsync(world.Says.Sign(maker, "battery-manufactured.v1", battery, new JsonObject
            {
                ["manufacturedOn"] = "2026-11",
                ["in"] = new JsonArray(Author.Take(cellsGiven, 0, cells)),
                ["ref"] = new JsonArray(new JsonObject { ["h"] = model.Entry.LeafHash.ToString(), ["sub"] = model.Entry.Subject }),
            }));
            return new Trade(battery, batch, open, behind, [closed, taker]);
        }

        public static SignedEntry Extracts(World world, Party by, string lot, bool open) => world.Says.Sign(
            by, "lot-extracted.v1", lot,
            new JsonObject { ["open"] = open, ["mineral"] = "cobalt", ["product"] = "cobalt hydroxide", ["site"] = new JsonObject { ["country"] = "CD" } },
            new JsonObject { ["mass"] = "1000", ["content"] = Author.Holding("1000") });

        public static SignedEntry Refines(World world, Party by, string lot, bool open, JsonObject taken) => world.Says.Sign(
            by, "lot-refined.v1", lot,
            new JsonObject
            {
                ["open"] = open,
                ["mineral"] = "cobalt",
                ["product"] = "cobalt sulphate",
                ["site"] = new JsonObject { ["country"] = "FI" },
                ["in"] = new JsonArray(taken),
            },
            new JsonObject { ["mass"] = "100", ["content"] = Author.Holding("0") });
    }
}
