using System.Text.Json.Nodes;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Compliance;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Lifecycle.Compliance;

/// <summary>What contradicts itself in time, in place and under whose key it is signed.</summary>
public sealed class OrderFindings
{
    private readonly Tale _tale = new();

    [Fact]
    public void A_battery_on_the_market_before_it_was_made_is_found()
    {
        var sound = _tale.Battery(day: "2026-11-02");
        _tale.Placed(sound, "2026-11-02");
        _tale.IsSound("dated-before-predecessor");

        var battery = _tale.Battery(day: "2026-11-02");
        var placed = _tale.Placed(battery, "2026-11-01");
        var finding = _tale.Finds("dated-before-predecessor");
        Assert.Equal([placed.Entry.LeafHash, battery.Entry.LeafHash], finding.Entries);
        Assert.Equal("too early by 86400 s", Tale.Figures(finding));
    }

    [Fact]
    public void A_battery_on_the_market_before_its_month_of_manufacture_is_found_until_the_month_is_corrected()
    {
        var battery = _tale.Battery(day: "2026-11-02", month: "2027-01");
        _tale.Placed(battery, "2026-12-01");
        Assert.Equal("too early by 1 month", Tale.Figures(_tale.Finds("dated-before-predecessor")));

        _tale.Corrected(battery, "2026-12-05", new() { ["manufacturedOn"] = "2026-11" });
        _tale.IsSound("dated-before-predecessor");
    }

    [Fact]
    public void A_battery_made_before_its_cells_is_found_and_without_the_giver_nobody_can_tell()
    {
        var battery = World.Uuid();
        var (given, take) = _tale.Gives(battery, _tale.Maker);
        var cells = Cells(_tale, "2026-11-05", given);
        _tale.Say(_tale.Maker, "battery-manufactured.v1", battery, "2026-11-04", new() { ["manufacturedOn"] = "2026-11", ["ref"] = World.References(_tale.Model()), ["in"] = new JsonArray(take(cells)) });

        var finding = _tale.Finds("dated-before-predecessor");
        Assert.Equal((battery, cells.Entry.LeafHash), (finding.Chain, finding.Entries[1]));

        var source = _tale.Source();
        _tale.CannotTell("dated-before-predecessor", 1, Without(source, cells.Entry.Subject));
    }

    [Fact]
    public void A_second_life_that_begins_before_its_battery_was_collected_is_found()
    {
        var battery = _tale.BatteryInService();
        _tale.Say(_tale.An(Role.Collector), "collected.v1", battery.Entry.Subject, "2034-05-03", new() { ["channel"] = "end-user", ["country"] = "NL" });
        _tale.Say(
            _tale.An(Role.Inspector), "assessed.v1", battery.Entry.Subject, "2034-05-04", new() { ["result"] = "fit", ["standard"] = "UL 1974:2023", ["historySource"] = "battery management system" },
            new() { ["capacity"] = "150", ["internalResistance"] = "0.1" });
        var (second, firm) = (World.Uuid(), _tale.An(Role.SecondLifeOperator));
        var (given, take) = _tale.Gives(second, firm);
        var released = _tale.Say(_tale.Maker, "released.v1", battery.Entry.Subject, "2034-05-05", new() { ["operation"] = "preparation-for-repurposing", ["out"] = given }, new() { ["q0"] = "1" });
        var storage = _tale.Model(by: firm, category: "stationary", day: "2034-04-01");
        _tale.IsSound("dated-before-predecessor");

        _tale.Say(
            firm, "second-life-begun.v1", second, "2034-05-02",
            new() { ["operation"] = "preparation-for-repurposing", ["intendedUse"] = "storage", ["manufacturedOn"] = "2034-05", ["standard"] = "UL 1974:2023", ["ref"] = World.References(storage), ["in"] = new JsonArray(take(released)) },
            new() { ["capacity"] = "150", ["internalResistance"] = "0.1" });

        var findings = Tale.Ask("dated-before-predecessor", _tale.Source()).Findings;
        Assert.Equal(["too early by 259200 s", "too early by 86400 s"], findings.Select(Tale.Figures).Order(StringComparer.Ordinal));
        Assert.All(findings, f => Assert.Equal(second, f.Chain));
    }

    [Theory]
    [InlineData(600, 0, 0)]
    [InlineData(601, 0, 2)]
    [InlineData(0, 600, 0)]
    [InlineData(0, 601, 2)]
    public void What_is_dated_after_it_was_signed_or_recorded_is_found_beyond_the_tolerance_of_clocks(int happenedAhead, int signedAhead, int findings)
    {
        var recorded = Tale.Day("2026-11-02");
        var signed = recorded.AddSeconds(signedAhead);
        var battery = _tale.Battery();
        _tale.IsSound("dated-in-the-future");
        _tale.Say(
            _tale.Maker, "health-measured.v1", battery.Entry.Subject, "", null, new() { ["fullCycles"] = 1 }, occurred: signed.AddSeconds(happenedAhead), issued: signed, recorded: recorded);

        var found = Tale.Ask("dated-in-the-future", _tale.Source()).Findings;
        Assert.Equal(findings, found.Count);
        Assert.All(found, f => Assert.Equal("ahead by 601 s; tolerance 600 s", Tale.Figures(f)));
    }

    [Fact]
    public void A_module_that_two_batteries_name_is_found_at_both_until_one_gives_it_back()
    {
        var module = _tale.Say(
            _tale.Maker, "component-manufactured.v1", World.Uuid(), "2026-10-01",
            new() { ["component"] = "module", ["open"] = true, ["source"] = "declared", ["partNumber"] = "M-1", ["plant"] = Tale.Germany }, new() { ["count"] = "1" });
        var (first, second) = (_tale.BatteryInService(), _tale.BatteryInService());
        FitsPart(first, module);
        _tale.IsSound("part-in-two-batteries");
        FitsPart(second, module);

        var findings = Tale.Ask("part-in-two-batteries", _tale.Source()).Findings;
        Assert.Equal(new[] { first, second }.Select(b => b.Entry.Subject).Order(StringComparer.Ordinal), findings.Select(f => f.Chain));
        Assert.All(findings, f => Assert.Equal("batteries at once 2", Tale.Figures(f)));

        var (given, _) = _tale.Gives(World.Uuid(), _tale.Maker);
        _tale.Say(
            _tale.Maker, "part-replaced.v1", first.Entry.Subject, "2028-03-01", new() { ["part"] = "module", ["reason"] = "Out of balance.", ["out"] = given, ["ref"] = World.References(module) },
            new() { ["removed"] = "1", ["q0"] = "1" });
        _tale.IsSound("part-in-two-batteries");
    }

    [Fact]
    public void The_same_code_on_lines_to_two_batteries_is_found_and_with_the_codes_withheld_nobody_can_tell()
    {
        var model = _tale.Model();
        foreach (var battery in new[] { World.Uuid(), World.Uuid() })
        {
            var (given, take) = _tale.Gives(battery, _tale.Maker);
            var cells = Cells(_tale, "2026-10-05", given, new JsonArray("04QCB76836300JBC40000903"));
            _tale.Say(_tale.Maker, "battery-manufactured.v1", battery, "2026-11-04", new() { ["manufacturedOn"] = "2026-11", ["ref"] = World.References(model), ["in"] = new JsonArray(take(cells)) });
        }

        Assert.Equal(2, Tale.Ask("part-in-two-batteries", _tale.Source()).Findings.Count);
        _tale.CannotTell("part-in-two-batteries", 2);
    }

    [Fact]
    public void Entries_under_a_stolen_key_are_disputed_until_affirmed_or_corrected_under_a_good_one()
    {
        var world = _tale.World;
        var battery = _tale.Battery();
        var from = _tale.Log.Count;
        var measured = _tale.Measured(battery, "2026-11-03", ("fullCycles", 1));
        var second = _tale.Measured(battery, "2026-11-04", ("fullCycles", 2));
        var good = new Party(_tale.Maker.Did, _tale.Maker.Did + "#2", SigningKey.Generate());
        world.Admit(world.AddsKey(world.Authority, good));
        _tale.IsSound("disputed");

        world.Admit(world.ReportsKey(good, _tale.Maker, from));
        var findings = Tale.Ask("disputed", _tale.Source()).Findings;
        Assert.Equal(new HashSet<Digest> { measured.Entry.LeafHash, second.Entry.LeafHash }, [.. findings.SelectMany(f => f.Entries)]);

        _tale.Corrected(measured, "2026-11-05", hidden: new() { ["fullCycles"] = 1 }, by: good);
        Assert.Equal(second.Entry.LeafHash, _tale.Finds("disputed").Entries[0]);

        world.Admit(world.Sign(good, "affirmed.v1", good.Did, new() { ["kid"] = _tale.Maker.KeyId, ["from"] = from, ["to"] = from + 1 }));
        _tale.IsSound("disputed");
    }

    internal static SignedEntry Cells(Tale tale, string day, JsonArray given, JsonArray? codes = null)
    {
        var hidden = new JsonObject { ["count"] = "100", ["q0"] = "96" };
        if (codes is not null)
        {
            hidden["codes0"] = codes;
        }

        return tale.Say(
            tale.An(Role.CellMaker), "component-manufactured.v1", World.Uuid(), day,
            new() { ["component"] = "cells", ["open"] = true, ["source"] = "declared", ["partNumber"] = "C-21700", ["plant"] = Tale.Germany, ["out"] = given }, hidden);
    }

    internal static FindingSource Without(FindingSource source, string chain) => new()
    {
        Chains = source.Chains.Where(c => c.Key != chain).ToDictionary(),
        Operators = source.Operators,
        AsOf = source.AsOf,
        Upstream = source.Upstream,
    };

    private void FitsPart(SignedEntry battery, SignedEntry module) => _tale.Say(
        _tale.Maker, "part-replaced.v1", battery.Entry.Subject, "2028-02-01", new() { ["part"] = "module", ["reason"] = "Out of balance.", ["source"] = "declared", ["ref"] = World.References(module) });
}
