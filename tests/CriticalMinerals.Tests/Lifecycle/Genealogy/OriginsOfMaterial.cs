using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Genealogy;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;
using CsCheck;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle.Genealogy;

/// <summary>Where the cobalt in something is from, by numbers worked out by hand and by properties of random trade.</summary>
public sealed class OriginsOfMaterial
{
    [Fact]
    public void A_third_is_a_third_however_it_is_divided()
    {
        var works = new Works();
        var lot = works.Lot("lot-refined.v1", "3", new Of(works.Mine("CD", "1"), "1"), new Of(works.Mine("AU", "10"), "2"));
        var battery = works.Battery(new Of(works.Cells("7", new Of(lot, "0.7")), "3"));

        var cobalt = works.Cobalt(battery);

        Assert.Equal((Ratio)0.3m, cobalt.Mass);
        Assert.Equal(Works.Third, cobalt.MinedIn("CD"));
        Assert.Equal((Ratio)2m / 3m, cobalt.MinedIn("AU"));
        Assert.Equal([(Ratio)0.2m, (Ratio)0.1m], cobalt.Shares.Select(s => s.Mass));
        Assert.Equal(["AU", "CD"], cobalt.Shares.Select(s => s.Source.Country));
    }

    [Fact]
    public void What_a_step_loses_it_loses_of_all_sources_alike()
    {
        var works = new Works();
        var lot = works.Lot("lot-refined.v1", "1.8", new Of(works.Mine("CD", "1"), "1"), new Of(works.Mine("AU", "2"), "2"));

        Assert.Equal([(OriginKind.Mined, (Ratio)1.2m), (OriginKind.Mined, (Ratio)0.6m)], works.Cobalt(lot).Shares.Select(s => (s.Source.Kind, s.Mass)));
    }

    [Fact]
    public void What_a_product_states_beyond_its_traced_inputs_is_not_traced()
    {
        var works = new Works();
        var lot = works.Lot("lot-refined.v1", "4", null, declared: true, new Of(works.Mine("CD", "3"), "3"));
        var battery = works.Battery(new Of(lot, "1"));

        var cobalt = works.Cobalt(battery);

        Assert.Equal((Ratio)0.75m, cobalt.MinedIn("CD"));
        Assert.Equal((Ratio)0.25m, cobalt.Of(OriginKind.NotTraced));
        Assert.Equal(lot, cobalt.Shares[^1].Source.Chain);
    }

    [Fact]
    public void Cobalt_of_an_old_battery_in_a_new_one_is_post_consumer_to_the_exact_share()
    {
        var works = new Works();
        var old = works.Battery(new Of(works.Cells("10", new Of(works.Mine("CD", "2"), "2")), "10"));
        var blackMass = Uuid();
        works.Say(
            "black-mass-produced.v1", blackMass, new JsonObject { ["mass"] = "1.9", ["content"] = Holding("cobalt", "1.8"), ["source"] = null }, [works.Recycle(old, "1.9", blackMass)]);
        var recovered = works.Lot("material-recovered.v1", "1.5", new Of(blackMass, "1.9"));
        var cathode = works.Lot("material-manufactured.v1", "4", new Of(recovered, "1"), new Of(works.Mine("AU", "3.1"), "3.1"));
        var battery = works.Battery(new Of(works.Cells("100", new Of(cathode, "4")), "30"));

        var cobalt = works.Cobalt(battery);

        // 1 of 4.1 kg; 0.1 kg of both was lost.
        Assert.Equal((Ratio)1m / 4.1m, cobalt.Of(OriginKind.RecycledPostConsumer));
        Assert.Equal((Ratio)3.1m / 4.1m, cobalt.MinedIn("AU"));
        Assert.Equal(default, cobalt.MinedIn("CD"));
        Assert.Equal(recovered, cobalt.Shares.Single(s => s.Source.Kind == OriginKind.RecycledPostConsumer).Source.Chain);
        Assert.Equal((Ratio)1.2m, cobalt.Mass);
        Assert.Empty(works.Origins(old).Elements);
    }

    [Fact]
    public void Scrap_of_new_cells_is_pre_consumer_and_parts_that_were_in_a_battery_are_post_consumer()
    {
        var works = new Works();
        var cells = works.Cells("10", new Of(works.Mine("CD", "10"), "10"));
        var battery = works.Battery(new Of(cells, "6"));
        var blackMass = Uuid();
        works.Say(
            "black-mass-produced.v1", blackMass, new JsonObject { ["mass"] = "5", ["content"] = Holding("cobalt", "5"), ["source"] = null },
            [.. works.Take(blackMass, new Of(cells, "3")), works.TakeOut(battery, "2", blackMass)]);

        var cobalt = works.Cobalt(works.Lot("material-recovered.v1", "4", new Of(blackMass, "5")));

        Assert.Equal((Ratio)0.6m, cobalt.Of(OriginKind.RecycledPreConsumer));
        Assert.Equal((Ratio)0.4m, cobalt.Of(OriginKind.RecycledPostConsumer));
    }

    [Fact]
    public void New_and_used_parts_in_one_consignment_are_not_taken_for_each_other()
    {
        var works = new Works();
        var cells = works.Cells("10", new Of(works.Mine("CD", "10"), "10"));
        var battery = works.Battery(new Of(cells, "6"));
        var consignment = Uuid();
        works.Say("received.v1", consignment, new JsonObject { ["custody"] = null }, [.. works.Take(consignment, new Of(cells, "1")), works.TakeOut(battery, "3", consignment)]);

        var cobalt = works.Cobalt(works.Lot("black-mass-produced.v1", "2", new Of(consignment, "1")));

        Assert.Equal((Ratio)0.25m, cobalt.Of(OriginKind.RecycledPreConsumer));
        Assert.Equal((Ratio)0.75m, cobalt.Of(OriginKind.RecycledPostConsumer));
    }

    [Fact]
    public void Ore_does_not_become_recycled_by_going_through_a_recycler()
    {
        var works = new Works();
        var lot = works.Lot("material-recovered.v1", "2", null, declared: true, new Of(works.Mine("CD", "1"), "1"));
        var again = works.Lot("material-recovered.v1", "2", new Of(lot, "2"));

        var cobalt = works.Cobalt(again);

        Assert.Equal((Ratio)0.5m, cobalt.MinedIn("CD"));
        Assert.Equal((Ratio)0.5m, cobalt.Of(OriginKind.NotTraced));
    }

    [Fact]
    public void An_imported_battery_is_not_traced_and_what_is_recycled_of_it_is_post_consumer()
    {
        var works = new Works();
        var battery = works.Imported("2");
        Assert.Equal((Ratio)1m, works.Cobalt(battery).Of(OriginKind.NotTraced));

        var lot = Uuid();
        works.Say("black-mass-produced.v1", lot, new JsonObject { ["mass"] = "2", ["content"] = Holding("cobalt", "2"), ["source"] = null }, [works.Recycle(battery, "2", lot)]);

        Assert.Equal((Ratio)1m, works.Cobalt(lot).Of(OriginKind.RecycledPostConsumer));
    }

    [Fact]
    public void Batteries_that_gave_parts_to_each_other_hold_what_they_hold_now()
    {
        var works = new Works();
        var congolese = works.Battery(new Of(works.Cells("4", new Of(works.Mine("CD", "4"), "4")), "4"));
        var australian = works.Battery(new Of(works.Cells("4", new Of(works.Mine("AU", "4"), "4")), "4"));
        works.PutIn(australian, works.TakeOut(congolese, "1", australian));
        works.PutIn(congolese, works.TakeOut(australian, "1", congolese));

        // 4 AU + 1 CD, a fifth of that goes back: 3.2 AU + 0.8 CD here, 3.2 CD + 0.8 AU there.
        Assert.Equal((Ratio)0.8m, works.Cobalt(australian).MinedIn("AU"));
        Assert.Equal((Ratio)0.8m, works.Cobalt(congolese).MinedIn("CD"));
        Assert.Equal((Ratio)0.2m, works.Cobalt(congolese).MinedIn("AU"));
        Assert.Equal([4, 4], ((string[])[congolese, australian]).Select(b => (int)works.Cobalt(b).Mass.Numerator));
    }

    [Fact]
    public void A_successor_has_what_its_predecessors_had()
    {
        var works = new Works();
        var lines = new List<JsonObject>();
        var successor = Uuid();
        foreach (var (country, kilograms) in ((string, string)[])[("CD", "1"), ("AU", "2")])
        {
            var battery = works.Battery(new Of(works.Cells("4", new Of(works.Mine(country, kilograms), kilograms)), "4"));
            works.World.Admit(works.World.PlacesOnMarket(works.Firm, battery));
            works.Say("put-into-service.v1", battery, []);
            var line = new Line(successor, works.Firm, "1");
            lines.Add(Take(works.World.Admit(works.World.Releases(works.Firm, battery, "repurposing", line)), 0, line));
        }

        works.Say(
            "second-life-begun.v1", successor, new JsonObject { ["operation"] = "repurposing", ["aliases"] = null, ["source"] = null, ["content"] = null }, [.. lines], withModel: true);

        Assert.Equal(Works.Third, works.Cobalt(successor).MinedIn("CD"));
        Assert.Equal((Ratio)3m, works.Cobalt(successor).Mass);
    }

    [Fact]
    public void Where_quantities_are_withheld_no_number_is_given_and_how_many_are_missing_is()
    {
        var works = new Works();
        var battery = works.Battery(new Of(works.Cells("4", new Of(works.Mine("CD", "4"), "4")), "4"));

        var origins = MaterialOrigins.Of(battery, works.Chains(_ => false))!;

        Assert.Equal(Gap.Withheld, origins.Gap);
        Assert.Empty(origins.Elements);

        // The mine's mass and content, the cells' count, one quantity of each of two lines, and two of the battery's own.
        var digests = works.Chains().Where(c => c.Key == battery || origins.Upstream.Contains(c.Key)).SelectMany(c => c.Value).Sum(r => r.Signed.Entry.Digests.Count);
        Assert.Equal(digests, origins.Withheld);
        Assert.All(origins.RecycledShares(), share => Assert.Equal((null, digests), (share.PostConsumer, share.Withheld)));
        Assert.Equal(Gap.Withheld, MaterialOrigins.Of(battery, works.Chains(d => d.Name != "q0"))!.Gap);
    }

    [Fact]
    public void A_giver_out_of_sight_is_not_traced_and_counted()
    {
        var works = new Works();
        var mine = works.Mine("CD", "4");
        var lot = works.Lot("lot-refined.v1", "4", new Of(mine, "3"), new Of(works.Mine("AU", "1"), "1"));
        var battery = works.Battery(new Of(lot, "2"));
        var chains = works.Chains().Where(c => c.Key != mine).ToDictionary();

        var origins = MaterialOrigins.Of(battery, chains)!;

        Assert.Equal(1, origins.UnreadableLines);
        Assert.Equal((Ratio)0.75m, origins.Elements.Single().Of(OriginKind.NotTraced));
        Assert.Equal((Ratio)0.25m, origins.Elements.Single().MinedIn("AU"));
        Assert.Equal(Gap.NotStated, MaterialOrigins.Of(battery, chains.Where(c => c.Key != lot).ToDictionary())!.Gap);
        Assert.Null(MaterialOrigins.Of(battery, chains.Where(c => c.Key != battery).ToDictionary()));
        Assert.Null(MaterialOrigins.Of(works.Firm.Did, works.Chains()));
    }

    [Fact]
    public void A_corrected_country_holds_for_what_was_given_before_too()
    {
        var works = new Works();
        var mine = works.Mine("CD", "4");
        var battery = works.Battery(new Of(mine, "1"));
        works.World.Admit(works.World.Corrects(works.Firm, works.World.Log.Single(e => e.Entry.Subject == mine && e.Entry.Sequence == 0), new JsonObject { ["site"] = new JsonObject { ["country"] = "ZM" } }));

        Assert.Equal((Ratio)1m, works.Cobalt(battery).MinedIn("ZM"));
    }

    [Fact]
    public void What_lies_beyond_the_limits_is_said_to_be_cut_off_and_is_not_traced()
    {
        var works = new Works();
        var mine = works.Mine("CD", "4");
        var lots = new List<string> { mine };
        for (var i = 0; i < 12; i++)
        {
            lots.Add(works.Lot("lot-refined.v1", "4", new Of(lots[^1], "4")));
        }

        var battery = works.Battery(new Of(lots[^1], "4"));

        var near = MaterialOrigins.Of(battery, works.Chains(), new AncestryLimits(100, 5))!;
        Assert.Equal([new CutOff(lots[^6], CutOffReason.Depth)], near.CutOffs);
        Assert.Equal((5, lots[^5]), (near.Depth, near.Elements.Single().Shares.Single().Source.Chain));
        Assert.Equal((Ratio)1m, near.Elements.Single().Of(OriginKind.NotTraced));
        Assert.Equal([new CutOff(lots[^3], CutOffReason.Chains)], MaterialOrigins.Of(battery, works.Chains(), new AncestryLimits(3, 64))!.CutOffs);
        Assert.Equal(mine, works.Cobalt(battery).Shares.Single().Source.Chain);
        Assert.Empty(works.Origins(battery).CutOffs);
        Assert.Equal(13, works.Origins(battery).Depth);
    }

    [Fact]
    public void A_way_of_thousands_of_steps_is_followed_without_a_stack()
    {
        var works = new Works();
        var lot = works.Mine("CD", "4");
        for (var i = 0; i < 3000; i++)
        {
            lot = works.Lot("lots-blended.v1", "4", new Of(lot, "4"));
        }

        // On a stack of 128 KiB, where a recursion of that depth ends the process.
        MaterialOrigins? origins = null;
        var chains = works.Chains();
        var small = new Thread(() => origins = MaterialOrigins.Of(lot, chains, new AncestryLimits(5000, 5000)), 128 * 1024);
        small.Start();
        small.Join();

        Assert.Equal(3000, origins!.Depth);
        Assert.Equal((Ratio)1m, origins.Elements.Single().MinedIn("CD"));
    }

    [Fact]
    public void Mixtures_of_mixtures_beyond_exact_shares_are_cut_off_there_and_the_mass_stays_right()
    {
        var works = new Works();
        var lot = works.Mine("CD", "1.000000001");
        var other = works.Mine("AU", "1");
        for (var i = 0; i < 400; i++)
        {
            lot = works.Lot("lots-blended.v1", "1.000000001", new Of(lot, "0.999999937"), new Of(other, "0.000000071"));
        }

        var origins = MaterialOrigins.Of(lot, works.Chains(), new AncestryLimits(5000, 5000))!;

        Assert.Contains(origins.CutOffs, c => c.Reason == CutOffReason.TooFine);
        Assert.Equal((Ratio)1.000000001m, origins.Elements.Single().Mass);
        Assert.Equal((Ratio)1m, origins.Elements.Single().Shares.Aggregate(default(Ratio), (sum, s) => sum + s.Share));
    }

    [Fact]
    public void Cells_of_which_nothing_was_stated_hold_what_joined_them_later_too_and_a_lot_does_not()
    {
        var works = new Works();
        var (first, second) = (works.Mine("CD", "6"), works.Mine("AU", "9"));
        var cells = works.Cells("3", new Of(first, "3"));
        var lot = works.Lot("lots-blended.v1", "3", new Of(first, "3"));
        foreach (var chain in (string[])[cells, lot])
        {
            works.Say("inputs-added.v1", chain, new JsonObject { ["source"] = null, ["content"] = null }, works.Take(chain, new Of(second, "1")));
        }

        Assert.Equal((Ratio)0.25m, works.Cobalt(cells).MinedIn("AU"));
        Assert.Equal((Ratio)4m, works.Cobalt(cells).Mass);
        Assert.Equal((Ratio)3m, works.Cobalt(lot).Mass);
        foreach (var chain in (string[])[cells, lot])
        {
            Assert.Equal(((StockState)works.World.State.Chain(chain)!).Content![Mineral.Cobalt], works.Cobalt(chain).Mass);
        }
    }

    [Fact]
    public void In_random_trade_masses_are_the_ledger_s_own_and_shares_add_up_to_exactly_one() => ElementsNeverGrow.Histories.Sample(history =>
    {
        var world = ElementsNeverGrow.Play(history).World;
        var chains = Works.ChainsOf(world);
        foreach (var state in chains.Keys.Select(world.State.Chain))
        {
            var content = state switch { StockState stock => stock.Content, BatteryState battery => battery.Content, _ => null };
            if (content is null)
            {
                continue;
            }

            var origins = MaterialOrigins.Of(state!.Subject, chains)!;
            Assert.Equal(Gap.None, origins.Gap);
            Assert.Equal(content.Masses, origins.Elements.Select(e => KeyValuePair.Create(e.Element, e.Mass)));
            Assert.All(origins.Elements, e =>
            {
                Assert.Equal((Ratio)1m, e.Shares.Aggregate(default(Ratio), (sum, s) => sum + s.Share));
                Assert.Equal(e.Mass, e.Shares.Aggregate(default(Ratio), (sum, s) => sum + s.Mass));
                Assert.All(e.Shares, s => Assert.True(s.Mass > default(Ratio)));

                // Nobody declares anything in that trade.
                Assert.Equal(default, e.Of(OriginKind.NotTraced));
            });
        }
    }, iter: 60);

    [Fact]
    public void With_a_mine_out_of_sight_the_rest_keeps_its_share_and_only_that_is_not_traced() => ElementsNeverGrow.Histories.Sample(history =>
    {
        var world = ElementsNeverGrow.Play(history).World;
        var all = Works.ChainsOf(world);
        var hidden = all.Where(c => c.Value[0].Signed.Entry.Event == "lot-extracted.v1").Where((_, i) => i % 2 == 0).Select(c => c.Key).ToHashSet();
        IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> seen = all.Where(c => !hidden.Contains(c.Key)).ToDictionary();
        foreach (var lot in seen.Keys.Where(c => world.State.Chain(c) is StockState { StockKind: ChainKind.Lot }))
        {
            var (whole, part) = (MaterialOrigins.Of(lot, all)!, MaterialOrigins.Of(lot, seen)!);
            Assert.Equal(whole.Upstream.Any(hidden.Contains), part.UnreadableLines > 0);
            if (part.Gap == Gap.None && part.Elements is [var cobalt])
            {
                Assert.Equal(whole.Elements.Single().Mass, cobalt.Mass);
                Assert.Equal((Ratio)1m, cobalt.Shares.Aggregate(default(Ratio), (sum, s) => sum + s.Share));
                Assert.True(part.UnreadableLines > 0 || cobalt.Of(OriginKind.NotTraced) == default);
                Assert.DoesNotContain(cobalt.Shares, s => hidden.Contains(s.Source.Chain));
            }
        }
    }, iter: 40);
}
