using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Compliance;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Tests.Lifecycle.Compliance;

/// <summary>What does not meet the law or does not add up: footprint, recycled content, recovery, terms, custody, recalls, codes.</summary>
public sealed class LawFindings
{
    private readonly Tale _tale = new();

    [Fact]
    public void Footprint_stages_that_do_not_add_up_are_found_beyond_rounding_until_corrected()
    {
        var model = _tale.Model();
        Footprint(model, "0.062", "0.031", "0.024", "0.002", "0.005");
        Footprint(model, "0.06", "0.031", "0.024", "0.002", "0.005"); // 0.062 rounds to 0.06.
        _tale.IsSound("footprint-sum");

        var wrong = Footprint(model, "0.065", "0.031", "0.024", "0.002", "0.005");
        Assert.Equal("sum of the stages 0.062 kg CO2e/kWh; total declared 0.065 kg CO2e/kWh; tolerance 0.0025 kg CO2e/kWh", Tale.Figures(_tale.Finds("footprint-sum")));

        var correction = _tale.Corrected(wrong, "2026-03-01", new() { ["total"] = "0.070" });
        Assert.Equal([wrong.Entry.LeafHash, correction.Entry.LeafHash], _tale.Finds("footprint-sum").Entries);
        _tale.Corrected(wrong, "2026-03-02", new() { ["total"] = "0.062" });
        _tale.IsSound("footprint-sum");
    }

    [Theory]
    [InlineData("2031-08-17", "ev", null)]
    [InlineData("2031-08-18", "ev", "recovered cobalt declared 15.9 %; minimum 16 %")]
    [InlineData("2036-08-18", "ev", "recovered cobalt declared 15.9 %; minimum 26 %")]
    [InlineData("2036-08-17", "lmt", null)]
    [InlineData("2036-08-18", "lmt", "recovered cobalt declared 15.9 %; minimum 26 %")]
    [InlineData("2031-08-18", "industrial", "recovered cobalt declared 15.9 %; minimum 16 %")]
    public void Recycled_content_below_the_minimum_of_the_day_of_placing_on_the_market_is_found(string placed, string category, string? figures)
    {
        var model = _tale.Model(category: category);
        _tale.Say(_tale.Maker, "recycled-content-declared.v1", model.Entry.Subject, "2031-01-10", new() { ["year"] = 2031, ["shares"] = new JsonArray(Share("cobalt", "5.9", "10"), Share("lead", "0", "85")) });
        var battery = _tale.Battery(model, "2031-02-01", "2031-02");
        _tale.Placed(battery, placed);

        var result = Tale.Ask("recycled-content-minimum", _tale.Source());
        Assert.Equal(figures is null ? [] : [figures], result.Findings.Select(Tale.Figures));
    }

    [Fact]
    public void No_declaration_for_the_year_is_found_from_the_day_on_which_there_is_a_minimum()
    {
        var model = _tale.Model();
        var battery = _tale.Battery(model, "2031-09-01", "2031-09");
        _tale.Placed(battery, "2031-09-02");
        _tale.Finds("recycled-content-minimum");
        _tale.CannotTell("recycled-content-minimum", 1, OrderFindings.Without(_tale.Source(), model.Entry.Subject));

        _tale.Say(_tale.Maker, "recycled-content-declared.v1", model.Entry.Subject, "2031-10-10", new() { ["year"] = 2031, ["shares"] = new JsonArray(Share("cobalt", "6", "10")) });
        _tale.IsSound("recycled-content-minimum");
    }

    [Fact]
    public void A_recycled_share_that_the_inputs_do_not_carry_is_found_with_both_numbers()
    {
        var model = _tale.Model();
        var declared = _tale.Say(_tale.Maker, "recycled-content-declared.v1", model.Entry.Subject, "2026-10-10", new() { ["year"] = 2026, ["shares"] = new JsonArray(Share("cobalt", "4", "12")) });
        var battery = _tale.Battery(model);
        FindingSource Carried(Ratio? pre, Ratio? post, Ratio? rest, int withheld = 0) => _tale.Source(shares: new Dictionary<string, IReadOnlyList<ComputedShare>>
        {
            [battery.Entry.Subject] = [new ComputedShare(Mineral.Cobalt, pre, post, rest, withheld)],
        });
        Ratio third = (Ratio)1m / 3m;

        _tale.IsSound("recycled-share-not-carried", Carried(0.04m, 0.12m, 0m));
        var impossible = _tale.Finds("recycled-share-not-carried", Carried(third, third / 10m, 0m));
        Assert.Equal(FindingSeverity.Warning, impossible.Severity);
        Assert.Equal("post-consumer cobalt declared 12 %; post-consumer cobalt carried 3.333333333 %; cobalt not traced 0 %", Tale.Figures(impossible));
        Assert.Equal(FindingSeverity.Notice, _tale.Finds("recycled-share-not-carried", Carried(third, third / 10m, third)).Severity);
        _tale.CannotTell("recycled-share-not-carried", 6, Carried(null, null, null, withheld: 3));

        _tale.Corrected(declared, "2026-12-01", new() { ["shares"] = new JsonArray(Share("cobalt", "4", "3.3")) });
        _tale.IsSound("recycled-share-not-carried", Carried(third, third / 10m, 0m));
    }

    [Theory]
    [InlineData("2027-12-30", "10", null)]
    [InlineData("2027-12-31", "89.9", "cobalt recovered 89.9 %; target 90 %")]
    [InlineData("2031-12-30", "90", null)]
    [InlineData("2031-12-31", "94.9", "cobalt recovered 94.9 %; target 95 %")]
    public void Recovery_below_the_target_of_its_day_is_found(string day, string rate, string? figures)
    {
        var lot = _tale.Say(
            _tale.An(Role.Recycler), "material-recovered.v1", World.Uuid(), day,
            new() { ["open"] = true, ["source"] = "declared", ["mineral"] = "cobalt", ["product"] = "cobalt sulphate", ["site"] = Tale.Germany, ["process"] = "hydrometallurgical" },
            new() { ["mass"] = "100", ["content"] = World.Holding("cobalt", "20"), ["recovery"] = new JsonArray(new JsonObject { ["element"] = "cobalt", ["rate"] = rate }) });

        Assert.Equal(figures is null ? [] : [figures], Tale.Ask("recovery-target", _tale.Source()).Findings.Select(Tale.Figures));
        if (figures is not null)
        {
            _tale.CannotTell("recovery-target", 1);
            _tale.Corrected(lot, day, hidden: new() { ["recovery"] = new JsonArray(new JsonObject { ["element"] = "cobalt", ["rate"] = "95" }) }, by: _tale.An(Role.Recycler));
            _tale.IsSound("recovery-target");
        }
    }

    [Theory]
    [InlineData("NMC 811", "2029-06-01", "64.9", "65")]
    [InlineData("LFP", "2030-12-31", "69.9", "70")]
    [InlineData("lead-acid", "2029-06-01", "74", "75")]
    [InlineData("NiCd", "2029-06-01", "79", "80")]
    [InlineData("sodium-ion", "2029-06-01", "49", "50")]
    public void Recycling_efficiency_below_the_target_of_its_chemistry_and_day_is_found(string chemistry, string day, string percent, string target)
    {
        var battery = _tale.Battery(_tale.Model(chemistry));
        _tale.Placed(battery);
        _tale.Say(_tale.An(Role.Collector), "collected.v1", battery.Entry.Subject, "2029-05-01", new() { ["channel"] = "end-user", ["country"] = "NL" });
        var (given, take) = _tale.Gives(battery.Entry.Subject, _tale.An(Role.Recycler));
        var released = _tale.Say(_tale.Maker, "released.v1", battery.Entry.Subject, "2029-05-02", new() { ["operation"] = "recycling", ["out"] = given }, new() { ["q0"] = "1" });
        var recycled = _tale.Say(
            _tale.An(Role.Recycler), "recycled.v1", battery.Entry.Subject, day, new() { ["process"] = "mechanical", ["site"] = Tale.Germany, ["in"] = new JsonArray(take(released)) },
            new() { ["mass"] = "0", ["content"] = World.Holding("cobalt", "0"), ["efficiency"] = percent });

        Assert.Equal($"recycling efficiency {percent} %; target {target} %", Tale.Figures(_tale.Finds("recycling-efficiency")));
        _tale.CannotTell("recycling-efficiency", 1);

        _tale.Corrected(recycled, day, hidden: new() { ["efficiency"] = target }, by: _tale.An(Role.Recycler));
        _tale.IsSound("recycling-efficiency");
    }

    [Fact]
    public void Evidence_opinions_and_certificates_past_their_last_day_are_found_until_renewed()
    {
        var model = _tale.Model();
        JsonObject Evidence(string to) => new()
        {
            ["indicator"] = "child-labour", ["rulebook"] = "GBA", ["scope"] = "Pit 2", ["assurance"] = "third-party", ["validFrom"] = "2026-01-01", ["validTo"] = to,
        };
        _tale.Say(_tale.Maker, "evidence-given.v1", model.Entry.Subject, "2026-02-01", Evidence("2028-12-31"));
        _tale.Say(_tale.An(Role.Auditor), "attested.v1", model.Entry.Subject, "2026-02-01", new() { ["scope"] = "Balance of 2026", ["opinion"] = "unqualified", ["validTo"] = "2028-12-31" });
        var conformity = _tale.Say(_tale.Maker, "conformity-declared.v1", model.Entry.Subject, "2026-02-01", new()
        {
            ["declaration"] = new JsonObject { ["title"] = "Declaration", ["mediaType"] = "application/pdf", ["size"] = 1, ["sha256"] = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg" },
            ["declarationNumber"] = "HE-1", ["validTo"] = "2028-12-31",
        });
        _tale.IsSound("expired", _tale.Source(asOf: "2028-12-31"));

        var findings = Tale.Ask("expired", _tale.Source(asOf: "2029-01-01")).Findings;
        Assert.Equal(3, findings.Count);
        Assert.All(findings, f => Assert.Equal("expired for 1 day", Tale.Figures(f)));
        Assert.All(Tale.Ask("expired", _tale.Source(asOf: "2029-01-02")).Findings, f => Assert.Equal("expired for 2 days", Tale.Figures(f)));

        _tale.Say(_tale.Maker, "evidence-given.v1", model.Entry.Subject, "2029-01-01", Evidence("2031-12-31"));
        _tale.Corrected(conformity, "2029-01-01", new() { ["validTo"] = "2031-12-31" });
        Assert.Contains("Balance of 2026", _tale.Finds("expired", _tale.Source(asOf: "2029-01-01")).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_custody_claim_stronger_than_the_weakest_input_is_found()
    {
        var refiner = _tale.An(Role.Refiner);
        var lot = _tale.Say(
            refiner, "lot-refined.v1", World.Uuid(), "2026-05-01",
            new() { ["open"] = true, ["source"] = "declared", ["mineral"] = "cobalt", ["product"] = "cobalt sulphate", ["site"] = Tale.Germany, ["custody"] = "segregated" },
            new() { ["mass"] = "10", ["content"] = World.Holding("cobalt", "2") });
        FindingSource Inputs(CustodyModel? weakest, int withheld = 0) => _tale.Source(custody: new Dictionary<string, InputCustody> { [lot.Entry.Subject] = new(weakest, withheld) });

        _tale.IsSound("custody-upgraded", Inputs(CustodyModel.IdentityPreserved));
        Assert.Equal("steps too strong 2", Tale.Figures(_tale.Finds("custody-upgraded", Inputs(CustodyModel.MassBalanceRollingAverage, withheld: 1))));
        _tale.CannotTell("custody-upgraded", 1, Inputs(CustodyModel.Segregated, withheld: 1));
        _tale.CannotTell("custody-upgraded", 1, Inputs(null));

        _tale.Corrected(lot, "2026-05-02", new() { ["custody"] = "mass-balance-rolling-average" }, by: refiner);
        _tale.IsSound("custody-upgraded", Inputs(CustodyModel.MassBalanceRollingAverage));
    }

    [Fact]
    public void Recalls_of_the_battery_its_model_and_what_went_in_are_found_until_each_ends()
    {
        var model = _tale.Model();
        var battery = World.Uuid();
        var (given, take) = _tale.Gives(battery, _tale.Maker);
        var cells = OrderFindings.Cells(_tale, "2026-10-01", given);
        _tale.Say(_tale.Maker, "battery-manufactured.v1", battery, "2026-11-04", new() { ["manufacturedOn"] = "2026-11", ["ref"] = World.References(model), ["in"] = new JsonArray(take(cells)) });
        var upstream = new Dictionary<string, IReadOnlyList<string>> { [battery] = [cells.Entry.Subject] };
        _tale.IsSound("recalled", _tale.Source(upstream: upstream));

        (Party By, string Chain, string Risk)[] recalled = [(_tale.Maker, battery, "low"), (_tale.Maker, model.Entry.Subject, "medium"), (_tale.An(Role.CellMaker), cells.Entry.Subject, "serious")];
        var recalls = recalled.Select(r => _tale.Say(r.By, "recalled.v1", r.Chain, "2028-01-01", new() { ["reason"] = "It may burn.", ["action"] = "Stop.", ["risk"] = r.Risk })).ToList();
        var findings = Tale.Ask("recalled", _tale.Source(upstream: upstream)).Findings;
        Assert.All(findings, f => Assert.Equal(battery, f.Chain));
        Assert.Equal(
            recalls.Select((r, i) => (r.Entry.LeafHash, i == 2 ? FindingSeverity.Serious : FindingSeverity.Warning)).ToHashSet(), [.. findings.Select(f => (f.Entries[0], f.Severity))]);
        Assert.Equal(1, Tale.Ask("recalled", OrderFindings.Without(_tale.Source(upstream: upstream), cells.Entry.Subject)).CannotTell);

        foreach (var (recall, (by, chain, _)) in recalls.Zip(recalled))
        {
            _tale.Say(by, "recall-ended.v1", chain, "2028-06-01", new() { ["remedy"] = "Replaced.", ["ref"] = World.References(recall) });
        }

        _tale.IsSound("recalled", _tale.Source(upstream: upstream));
    }

    [Theory]
    [InlineData("04QPE28D0000BDGB20000001", null)]
    [InlineData("04QPE28D0000BDGBU0000001", "day")]
    [InlineData("04QPE28D0000BD9850000001", "month of manufacture")]
    [InlineData("04QME28D0000BDGB20000001", "module")]
    [InlineData("04QPE28GB20000001RP", "second-use")]
    public void A_code_that_is_malformed_of_another_level_or_of_another_month_is_found_until_it_is_struck(string code, string? reason)
    {
        var battery = _tale.Battery(aliases: new JsonArray(new JsonObject { ["scheme"] = "gbt34014", ["value"] = code, ["basis"] = "declared" }));
        if (reason is null)
        {
            _tale.IsSound("traction-battery-code");
            return;
        }

        Assert.Contains(reason, _tale.Finds("traction-battery-code").Sentence, StringComparison.Ordinal);
        _tale.Say(_tale.Maker, "alias-struck.v1", battery.Entry.Subject, "2026-11-05", new() { ["scheme"] = "gbt34014", ["value"] = code, ["reason"] = "Misread." });
        _tale.IsSound("traction-battery-code");
    }

    private SignedEntry Footprint(SignedEntry model, string total, string raw, string production, string distribution, string endOfLife) => _tale.Say(
        _tale.Maker, "carbon-footprint-declared.v1", model.Entry.Subject, "2026-02-01",
        new() { ["total"] = total, ["rawMaterials"] = raw, ["production"] = production, ["distribution"] = distribution, ["endOfLife"] = endOfLife, ["rules"] = "CFB-EV 2024 draft" });

    private static JsonObject Share(string element, string pre, string post) => new() { ["element"] = element, ["preConsumer"] = pre, ["postConsumer"] = post };
}
