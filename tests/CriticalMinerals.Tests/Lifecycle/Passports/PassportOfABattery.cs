using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using NJsonSchema;

namespace CriticalMinerals.Tests.Lifecycle.Passports;

public sealed class PassportOfABattery
{
    private const string Battery = "https://id.gs1.org/01/09506000134352/21/BAT27A000123";
    private const string Model = "urn:uuid:3f1c9a52-7c1f-4b57-9d4d-5f3f0a6e2b10";
    private const string Lithium = "urn:uuid:11111111-7c1f-4b57-9d4d-5f3f0a6e2b10";
    private const string Cobalt = "urn:uuid:22222222-7c1f-4b57-9d4d-5f3f0a6e2b10";
    private const string Cathode = "urn:uuid:33333333-7c1f-4b57-9d4d-5f3f0a6e2b10";
    private const string Cells = "urn:uuid:44444444-7c1f-4b57-9d4d-5f3f0a6e2b10";

    private readonly Chronicle _log = new();
    private readonly string _maker;
    private readonly RecordedEntry _first;
    private readonly RecordedEntry _second;

    public PassportOfABattery()
    {
        var lithiumMine = _log.Enrol("did:web:lithium.example", "Salar Lithium", "miner");
        var cobaltMine = _log.Enrol("did:web:cobalt.example", "Cobalt Mine", "miner");
        var refiner = _log.Enrol("did:web:refiner.example", "Refiner", "material-maker");
        var cellMaker = _log.Enrol("did:web:cells.example", "Cell Works", "cell-maker");
        _maker = _log.Enrol("did:web:packs.example", "Pack Works <GmbH>", "battery-maker");
        var inspector = _log.Enrol("did:web:inspector.example", "Inspector", "inspector");
        _log.Say(_log.Authority, "did:web:packs.example/grants", "identifier-granted.v1", new() { ["scheme"] = "gtin", ["prefix"] = "9506000" });
        _log.Say(_log.Authority, "did:web:packs.example/grants", "identifier-granted.v1", new() { ["scheme"] = "gbt34014", ["prefix"] = "04Q" });

        _log.Say(lithiumMine, Lithium, "lot-extracted.v1", Lot(true, "lithium", "lithium brine", "CL"), ("mass", "1000"), ("content", World.Holding("lithium", "60")));
        _log.Say(cobaltMine, Cobalt, "lot-extracted.v1", Lot(false, "cobalt", "cobalt ore", "CD"), ("mass", "1000"), ("content", World.Holding("cobalt", "300")));
        var lithium = _log.Give(lithiumMine, Lithium, "40.5", Cathode, "did:web:refiner.example");
        var cobalt = _log.Give(cobaltMine, Cobalt, "20", Cathode, "did:web:refiner.example");
        var cathode = Lot(true, "nickel", "NMC 811 cathode", "FI");
        cathode["in"] = new JsonArray(lithium, cobalt);
        _log.Say(refiner, Cathode, "lot-refined.v1", cathode, ("mass", "300"), ("content", World.Holding("lithium", "2.4")));
        var material = _log.Give(refiner, Cathode, "200", Cells, "did:web:cells.example");
        _log.Say(cellMaker, Cells, "component-manufactured.v1", new()
        {
            ["component"] = "cells", ["open"] = true, ["partNumber"] = "C-21700", ["plant"] = new JsonObject { ["country"] = "HU" }, ["in"] = new JsonArray(material),
        }, ("count", "960"));
        var cells = _log.Give(cellMaker, Cells, "96", Battery, "did:web:packs.example");

        var model = _log.Say(_maker, Model, "model-declared.v1", new()
        {
            ["model"] = "P-78", ["manufacturer"] = "Pack Works", ["category"] = "ev", ["plant"] = new JsonObject { ["country"] = "DE", ["locality"] = "Salzgitter" },
            ["chemistry"] = "NMC 811", ["mass"] = "435.0", ["ratedCapacity"] = "212", ["nominalVoltage"] = "368",
        });
        _log.Say(_maker, Battery, "battery-manufactured.v1", new()
        {
            ["aliases"] = new JsonArray(new JsonObject { ["scheme"] = "gbt34014", ["value"] = "04QPE28D0000BD9850000001", ["basis"] = "granted" }),
            ["manufacturedOn"] = "2026-11",
            ["ref"] = new JsonArray(new JsonObject { ["h"] = model.Signed.Entry.LeafHash.ToString(), ["sub"] = Model }),
            ["in"] = new JsonArray(cells),
        }, ("initialCapacity", "213.4"));
        _first = _log.Say(inspector, Battery, "health-measured.v1", new() { ["method"] = "bench" }, ("stateOfCertifiedEnergy", "99.2"), ("fullCycles", 12));
        _second = _log.Say(inspector, Battery, "health-measured.v1", new() { ["method"] = "bms" }, ("stateOfCertifiedEnergy", "97.0"));
    }

    [Fact]
    public void The_public_sees_the_same_passport_whether_or_not_the_disclosures_are_at_hand()
    {
        var withDisclosures = PassportJson.Write(Passport(Audience.Public));
        var without = PassportJson.Write(PassportFold.Of(_log.Source(Battery, Model, disclosures: false), Audience.Public)!);
        Assert.Equal(Encoding.UTF8.GetString(without), Encoding.UTF8.GetString(withDisclosures));
    }

    [Fact]
    public void No_withheld_value_stands_anywhere_in_the_public_document()
    {
        var text = Encoding.UTF8.GetString(PassportJson.Write(Passport(Audience.Public)));
        Assert.All(["213.4", "99.2", "97.0", "40.5", "960"], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.Contains("\"withheld\":true", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_legitimate_interest_sees_measured_health_and_an_authority_the_masses_and_neither_the_other()
    {
        var interest = Passport(Audience.Repairer);
        var authority = Passport(Audience.MarketSurveillance);
        Assert.Equal("97.0", Attribute(interest, "stateOfCertifiedEnergy").Statements[0].Value!.Value.GetString());
        Assert.True(Attribute(authority, "stateOfCertifiedEnergy").Statements[0].Withheld);
        Assert.Equal("96", authority.Inputs[0].Quantity);
        Assert.Null(interest.Inputs[0].Quantity);
    }

    [Fact]
    public void Every_value_names_the_entry_and_the_place_in_it_where_it_is_signed()
    {
        var mass = Attribute(Passport(Audience.Public), "mass");
        Assert.Equal(("kg", AccessClass.P, "Regulation (EU) 2023/1542 Annex VI Part A(5)"), (mass.Unit, mass.Access, mass.Law));
        var provenance = mass.Statements.Single().Provenance;
        Assert.Equal(_log.Chain(Model).Single().Signed.Entry.LeafHash, provenance.Entry);
        Assert.Equal(("/d/mass", "Pack Works <GmbH>"), (provenance.Pointer, provenance.Signer.Name));

        var health = Attribute(Passport(Audience.Repairer), "fullCycles").Statements.Single();
        var digest = _first.Signed.Disclosures.Single(d => d.Name == "fullCycles").Digest;
        Assert.Equal(digest, _first.Signed.Entry.Digests[int.Parse(health.Provenance.Pointer["/d/_sd/".Length..])]);
    }

    [Fact]
    public void A_corrected_value_stays_beside_the_one_that_replaces_it()
    {
        var correction = Correct(_first, ("stateOfCertifiedEnergy", "98.2"));
        var passport = Passport(Audience.Repairer);
        var statements = Attribute(passport, "stateOfCertifiedEnergy").Statements;
        Assert.Equal(["97.0", "98.2", "99.2"], statements.Select(s => s.Value!.Value.GetString()));
        Assert.Equal([null, null, (Digest?)correction.Signed.Entry.LeafHash], statements.Select(s => s.CorrectedBy));
        Assert.Equal(statements[2].OccurredAt, statements[1].OccurredAt);
        Assert.Equal([correction.Signed.Entry.LeafHash], passport.Timeline.Single(s => s.Index == _first.Index).CorrectedBy!);
        Assert.Equal(_first.Signed.Entry.LeafHash, passport.Timeline[^1].Corrects);
    }

    [Fact]
    public void A_late_correction_of_an_old_measurement_does_not_become_the_newest_one()
    {
        Correct(_first, ("stateOfCertifiedEnergy", "98.2"));
        var passport = Passport(Audience.Repairer);
        Assert.Equal(_second.Signed.Entry.LeafHash, Attribute(passport, "stateOfCertifiedEnergy").Statements.First(s => s.CorrectedBy is null).Provenance.Entry);
    }

    [Fact]
    public void A_second_correction_replaces_the_first()
    {
        Correct(_first, ("stateOfCertifiedEnergy", "98.2"));
        var again = Correct(_first, ("stateOfCertifiedEnergy", "98.3"));
        var statements = Attribute(Passport(Audience.Repairer), "stateOfCertifiedEnergy").Statements;
        Assert.Equal(["97.0", "98.3", "98.2", "99.2"], statements.Select(s => s.Value!.Value.GetString()));
        Assert.Equal(again.Signed.Entry.LeafHash, statements[2].CorrectedBy);
        Assert.Single(statements, s => s.CorrectedBy is null && s.Corrects is not null);
    }

    [Fact]
    public void The_public_learns_that_something_was_corrected_and_not_what()
    {
        Correct(_first, ("stateOfCertifiedEnergy", "98.2"));
        var step = Passport(Audience.Public).Timeline[^1];
        Assert.Equal((1, _first.Signed.Entry.LeafHash), (step.Withheld, step.Corrects));
        Assert.Equal(PassportJson.Write(Passport(Audience.Public)), PassportJson.Write(PassportFold.Of(_log.Source(Battery, Model, disclosures: false), Audience.Public)!));
    }

    [Fact]
    public void Entries_of_a_key_that_a_stranger_had_are_disputed_from_the_index_reported_on()
    {
        _log.Say(_log.Authority, "did:web:inspector.example", "key-compromised.v1", new() { ["kid"] = "did:web:inspector.example#k1", ["fromIndex"] = _second.Index });
        var passport = Passport(Audience.Repairer);
        Assert.Equal([_second.Index], passport.Timeline.Where(s => s.Disputed == true).Select(s => s.Index));
        Assert.Equal([true, null], Attribute(passport, "stateOfCertifiedEnergy").Statements.Select(s => s.Disputed));
    }

    [Fact]
    public void As_of_a_size_only_entries_below_it_count()
    {
        Correct(_first, ("stateOfCertifiedEnergy", "98.2"));
        var source = _log.Source(Battery, Model);
        var then = PassportFold.Of(source, Audience.Repairer, _second.Index)!;
        Assert.Equal(_first.Signed.Entry.LeafHash, then.Head);
        Assert.Null(Attribute(then, "stateOfCertifiedEnergy").Statements.Single().CorrectedBy);
        Assert.Null(PassportFold.Of(source, Audience.Public, _log.Chain(Battery)[0].Index));
        for (var size = 0L; size <= _log.Entries.Count; size++)
        {
            Assert.Equal(_log.Chain(Battery).Count(e => e.Index < size), PassportFold.Of(source, Audience.Public, size)?.Timeline.Count ?? 0);
        }
    }

    [Fact]
    public void Materials_lead_back_to_the_mines_whose_chains_are_open_and_closed_ones_stay_unnamed()
    {
        var passport = Passport(Audience.Public);
        Assert.Equal([Cells, Cathode, Lithium], passport.Givers.Select(g => g.Chain));
        Assert.Equal(Cells, passport.Inputs.Single().Giver);
        Assert.Equal((ChainKind.Component, "Cell Works"), (passport.Givers[0].Kind, passport.Givers[0].Operator.Name));
        Assert.Equal([Lithium, null], passport.Givers[1].Inputs.Select(i => i.Giver));
        var text = Encoding.UTF8.GetString(PassportJson.Write(passport));
        Assert.DoesNotContain(Cobalt, text, StringComparison.Ordinal);
        Assert.DoesNotContain("cobalt ore", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_document_keeps_the_strict_profile_of_JSON() => Assert.NotNull(StrictJson.Parse(PassportJson.Write(Passport(Audience.Public)), out _));

    [Fact]
    public void Aliases_keep_what_stands_behind_them()
    {
        var alias = Passport(Audience.Public).Aliases.Single();
        Assert.Equal(("gbt34014", "04QPE28D0000BD9850000001", "Granted"), (alias.Scheme, alias.Value, alias.Basis.ToString()));
    }

    [Theory]
    [InlineData("passport.v1.schema.json")]
    [InlineData("passport-difference.v1.schema.json")]
    public void The_published_schema_is_the_one_of_the_records(string name)
    {
        var exported = name.StartsWith("passport.", StringComparison.Ordinal) ? PassportSchema.Export() : PassportSchema.ExportDifference();
        if (Environment.GetEnvironmentVariable("UPDATE_SCHEMAS") == "1")
        {
            File.WriteAllText(SchemaFile(name), exported, new UTF8Encoding(false));
        }

        Assert.Equal(exported, File.ReadAllText(SchemaFile(name)));
    }

    [Theory]
    [InlineData(Audience.Public)]
    [InlineData(Audience.Repairer)]
    [InlineData(Audience.MarketSurveillance)]
    public async Task Every_audiences_document_is_valid_by_the_published_schema(Audience audience)
    {
        Correct(_first, ("stateOfCertifiedEnergy", "98.2"));

        // The validator knows the drafts that call $defs definitions.
        var schema = await JsonSchema.FromJsonAsync(PassportSchema.Export().Replace("$defs", "definitions", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var document = Encoding.UTF8.GetString(PassportJson.Write(Passport(audience)));
        Assert.Empty(schema.Validate(document));
        Assert.NotEmpty(schema.Validate(document.Replace("\"timeline\"", "\"history\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Audience.Public, AccessClass.P, true)]
    [InlineData(Audience.Public, AccessClass.R, false)]
    [InlineData(Audience.Public, AccessClass.C, false)]
    [InlineData(Audience.Public, AccessClass.U, false)]
    [InlineData(Audience.Repairer, AccessClass.P, true)]
    [InlineData(Audience.Repairer, AccessClass.R, true)]
    [InlineData(Audience.Repairer, AccessClass.C, false)]
    [InlineData(Audience.Repairer, AccessClass.U, true)]
    [InlineData(Audience.MarketSurveillance, AccessClass.P, true)]
    [InlineData(Audience.MarketSurveillance, AccessClass.R, true)]
    [InlineData(Audience.MarketSurveillance, AccessClass.C, true)]
    [InlineData(Audience.MarketSurveillance, AccessClass.U, false)]
    [InlineData(Audience.Auditor, AccessClass.C, false)]
    [InlineData(Audience.Own, AccessClass.R, false)]
    public void Who_sees_what_is_the_table_of_Annex_XIII(Audience audience, AccessClass access, bool seen) => Assert.Equal(seen, AccessPolicy.Default.MaySee(audience, access));

    private static JsonObject Lot(bool open, string mineral, string product, string country) => new()
    {
        ["open"] = open, ["mineral"] = mineral, ["product"] = product, ["site"] = new JsonObject { ["country"] = country },
    };

    private static PassportAttribute Attribute(BatteryPassport passport, string name) => passport.Attributes.Single(a => a.Name == name);

    private static string SchemaFile(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CriticalMinerals.sln")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "schemas", name);
    }

    private BatteryPassport Passport(Audience audience) => PassportFold.Of(_log.Source(Battery, Model), audience)!;

    private RecordedEntry Correct(RecordedEntry wrong, params (string Name, JsonNode Value)[] values) =>
        _log.Say(wrong.Signed.Entry.KeyId, wrong.Signed.Entry.Subject, "corrected.v1", new()
        {
            ["event"] = wrong.Signed.Entry.Event,
            ["reason"] = "Misread instrument.",
            ["ref"] = new JsonArray(new JsonObject { ["h"] = wrong.Signed.Entry.LeafHash.ToString(), ["sub"] = wrong.Signed.Entry.Subject }),
        }, values);
}
