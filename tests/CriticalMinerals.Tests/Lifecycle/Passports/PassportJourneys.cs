using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Tests.Lifecycle.Passports;

/// <summary>Lives of batteries, told to their ends, and what their passports say on the way.</summary>
public sealed class PassportJourneys
{
    private const string Battery = DocumentedBattery.Name;
    private const string Second = "urn:uuid:77777777-7c1f-4b57-9d4d-5f3f0a6e2b10";

    private readonly DocumentedBattery _world = new();

    private Chronicle Log => _world.Log;

    [Fact]
    public void A_new_battery_is_original_active_and_its_makers()
    {
        var passport = Public();
        Assert.Equal((BatteryStatus.Original, RecordStatus.Active, DocumentedBattery.MakerDid), (passport.Status, passport.RecordStatus, passport.Responsible.Id));
        Assert.Equal((null, null, null, null, null), (passport.Closed, passport.Released, passport.Missing, passport.Exported, passport.OfferedTo));
        Assert.Empty(passport.Recalls);
    }

    [Fact]
    public void Responsibility_moves_when_the_other_accepts_and_not_before()
    {
        var fleet = Log.Enrol("did:web:fleet.example", "Fleet", "fleet-operator");
        var offer = Log.Say(_world.Maker, Battery, "responsibility-offered.v1", new() { ["to"] = "did:web:fleet.example" });
        Assert.Equal((DocumentedBattery.MakerDid, "Fleet"), (Public().Responsible.Id, Public().OfferedTo!.Name));
        Log.Say(fleet, Battery, "responsibility-accepted.v1", new() { ["ref"] = Chronicle.References(offer) });
        Assert.Equal(("did:web:fleet.example", null), (Public().Responsible.Id, Public().OfferedTo));
    }

    [Fact]
    public void A_suspended_maker_is_still_shown_by_its_name()
    {
        var before = Public();
        Log.Say(Log.Authority, DocumentedBattery.MakerDid, "operator-suspended.v1", new() { ["reason"] = "Under investigation." });
        Assert.NotNull(Public().Responsible.Name);
        Assert.Equal(PassportJson.Version(before), PassportJson.Version(Public()));
    }

    [Fact]
    public void A_second_life_closes_the_first_passport_and_each_names_the_other()
    {
        var firm = Log.Enrol("did:web:second.example", "Second Life", "second-life-operator");
        var sheet = Log.SayExample(firm, "urn:uuid:88888888-7c1f-4b57-9d4d-5f3f0a6e2b10", "model-declared.v1", new() { ["category"] = "stationary" });
        var taken = Log.Release(_world.Maker, Battery, "repurposing", Second, "did:web:second.example");
        Assert.Equal((RecordStatus.Active, LinePurpose.Repurposing), (Public().RecordStatus, Public().Released!.Operation));

        var begun = Log.SayExample(firm, Second, "second-life-begun.v1", new() { ["ref"] = Chronicle.References(sheet), ["in"] = new JsonArray(taken), ["source"] = null, ["content"] = null, ["capacity"] = "170" });
        var first = Public();
        Assert.Equal((BatteryStatus.Original, RecordStatus.Closed, ClosingReason.Succeeded, Second), (first.Status, first.RecordStatus, first.Closed!.Reason, first.Closed.Successor));
        Assert.Equal(begun.Signed.Entry.LeafHash, first.Closed.Provenance.Entry);
        Assert.Null(first.Released);
        Assert.Equal((Second, LinePurpose.Repurposing, "Second Life"), first.Successors.Select(s => (s.Chain, s.Operation, s.Operator.Name)).Single());
        Assert.Equal(begun.RecordedAt, first.LastUpdated);

        var second = PassportFold.Of(Log.Source(Second, sheet.Signed.Entry.Subject), Audience.Repairer)!;
        Assert.Equal((BatteryStatus.Repurposed, RecordStatus.Active, "did:web:second.example"), (second.Status, second.RecordStatus, second.Responsible.Id));
        Assert.Equal((Battery, LinePurpose.Repurposing), second.Predecessors.Select(p => (p.Battery, p.Operation)).Single());
        Assert.All(second.Givers.Single(g => g.Chain == Battery).Attributes, a => Assert.Equal("battery-manufactured.v1", a.Event));
        Assert.Equal("170", second.Data[52].Values.Single().Value!.Value.GetString());
        Assert.Equal("/d/operation", second.Data[10].Values.Single().Provenance!.Pointer);
        Assert.Equal(BatteryCategory.Stationary, second.Coverage!.Category);

        // Before the successor's first entry the same log says that the battery is given up.
        Assert.Equal(RecordStatus.Active, _world.Passport(Audience.Public, begun.Index).RecordStatus);
    }

    [Fact]
    public void A_release_taken_back_leaves_the_passport_open()
    {
        var firm = "did:web:second.example";
        Log.Enrol(firm, "Second Life", "second-life-operator");
        Log.Release(_world.Maker, Battery, "repurposing", Second, firm);
        Log.Say(_world.Maker, Battery, "withdrawn.v1", new() { ["line"] = 0, ["ref"] = Chronicle.References(Log.Entries[^1]) });
        Assert.Equal((RecordStatus.Active, null), (Public().RecordStatus, Public().Released));
    }

    [Fact]
    public void Waste_is_recycled_by_whom_it_was_released_to_and_the_passport_ends()
    {
        var recycler = Log.Enrol("did:web:recycler.example", "Recycler", "recycler", "collector");
        var collected = Log.SayExample(recycler, Battery, "collected.v1");
        Assert.Equal((BatteryStatus.Waste, RecordStatus.Active), (Public().Status, Public().RecordStatus));
        var status = Public().Data[10].Values.Single();
        Assert.Equal(("waste", collected.Signed.Entry.LeafHash, "/evt"), (status.Value!.Value.GetString(), status.Provenance!.Entry, status.Provenance.Pointer));

        var taken = Log.Release(_world.Maker, Battery, "recycling", Battery, "did:web:recycler.example");
        var recycled = Log.SayExample(recycler, Battery, "recycled.v1", new() { ["in"] = new JsonArray(taken) });
        var passport = Public();
        Assert.Equal((RecordStatus.Closed, ClosingReason.Recycled, "did:web:recycler.example"), (passport.RecordStatus, passport.Closed!.Reason, passport.Responsible.Id));
        Assert.Equal(recycled.Signed.Entry.LeafHash, passport.Closed.Provenance.Entry);

        // The release that it redeemed is no input, and the battery no predecessor of itself.
        Assert.Empty(passport.Inputs);
        Assert.Empty(passport.Predecessors);
        Assert.Empty(passport.Successors);
    }

    [Fact]
    public void An_imported_battery_has_the_status_that_its_importer_states()
    {
        var importer = Log.Enrol("did:web:importer.example", "Importer", "importer");
        var sheet = Log.SayExample(importer, "urn:uuid:99999999-7c1f-4b57-9d4d-5f3f0a6e2b10", "model-declared.v1");
        Log.SayExample(importer, Second, "battery-imported.v1", new() { ["status"] = "re-used", ["ref"] = Chronicle.References(sheet) });
        var passport = PassportFold.Of(Log.Source(Second, sheet.Signed.Entry.Subject), Audience.Public)!;
        Assert.Equal((BatteryStatus.ReUsed, "re-used", "/d/status"), (passport.Status, passport.Data[10].Values.Single().Value!.Value.GetString(), passport.Data[10].Values.Single().Provenance!.Pointer));
    }

    [Fact]
    public void A_battery_of_an_undone_chain_or_in_a_landfill_is_closed_and_says_why()
    {
        var sheet = _world.Sheet;
        Log.Say(_world.Maker, Second, "battery-manufactured.v1", new() { ["source"] = "declared", ["manufacturedOn"] = "2026-11", ["ref"] = Chronicle.References(sheet), ["aliases"] = Alias("registry", "R-1") });
        Log.Say(_world.Maker, Second, "voided.v1", new() { ["reason"] = "Entered twice." });
        var voided = PassportFold.Of(Log.Source(Second, DocumentedBattery.Model), Audience.Public)!;
        Assert.Equal((RecordStatus.Closed, ClosingReason.Voided, 0), (voided.RecordStatus, voided.Closed!.Reason, voided.Aliases.Count));
        Assert.Equal("R-1", voided.FormerAliases.Single().Value);

        Log.Enrol("did:web:collector.example", "Collector", "collector");
        Log.SayExample("did:web:collector.example#k1", Battery, "collected.v1");
        Log.Say(_world.Maker, Battery, "disposed.v1", new() { ["method"] = "landfill" });
        Assert.Equal(ClosingReason.Disposed, Public().Closed!.Reason);
    }

    [Fact]
    public void Names_are_added_and_struck()
    {
        Log.Say(_world.Maker, Battery, "alias-added.v1", new() { ["alias"] = Alias("registry", "EU-1")[0]!.DeepClone() });
        Log.Say(_world.Maker, Battery, "alias-added.v1", new() { ["alias"] = Alias("registry", "EU-2")[0]!.DeepClone() });
        var struck = Log.Say(_world.Maker, Battery, "alias-struck.v1", new() { ["scheme"] = "registry", ["value"] = "EU-1", ["reason"] = "Wrong label." });
        var passport = Public();
        Assert.Equal(("EU-2", "/d/alias"), (passport.Aliases.Single().Value, passport.Aliases.Single().Provenance.Pointer));
        Assert.Equal(("EU-1", struck.Signed.Entry.LeafHash), (passport.FormerAliases.Single().Value, passport.FormerAliases.Single().StruckBy));
    }

    [Fact]
    public void Whoever_scans_a_stolen_battery_sees_it_until_it_is_found()
    {
        var loss = Log.Say(_world.Maker, Battery, "loss-reported.v1", new() { ["kind"] = "lost" });
        Log.Say(_world.Maker, Battery, "corrected.v1", new() { ["event"] = "loss-reported.v1", ["reason"] = "It was theft.", ["kind"] = "stolen", ["ref"] = Chronicle.References(loss) });
        Assert.Equal(("stolen", loss.Signed.Entry.LeafHash), (Public().Missing!.Kind, Public().Missing!.Provenance.Entry));
        Log.Say(_world.Maker, Battery, "found.v1", []);
        Assert.Null(Public().Missing);
    }

    [Fact]
    public void An_export_says_where_to()
    {
        Log.Say(_world.Maker, Battery, "exported.v1", new() { ["country"] = "UA", ["asWaste"] = false });
        Assert.Equal(("UA", false), (Public().Exported!.Country, Public().Exported!.AsWaste));
    }

    [Fact]
    public void Recalls_of_the_battery_and_its_model_stand_until_they_are_ended()
    {
        var own = Log.SayExample(_world.Maker, Battery, "recalled.v1", new() { ["risk"] = "serious" });
        var ofModel = Log.SayExample(_world.Maker, DocumentedBattery.Model, "recalled.v1");
        Assert.Equal([(Battery, own.Signed.Entry.LeafHash), (DocumentedBattery.Model, ofModel.Signed.Entry.LeafHash)], Public().Recalls.Select(r => (r.Chain, r.Provenance.Entry)));
        Assert.Equal("serious", Public().Recalls[0].Risk);
        Log.Say(_world.Maker, DocumentedBattery.Model, "recall-ended.v1", new() { ["remedy"] = "New software.", ["ref"] = Chronicle.References(ofModel) });
        Assert.Equal(Battery, Public().Recalls.Single().Chain);
    }

    [Fact]
    public void At_every_size_of_a_whole_life_the_public_bytes_are_the_same_with_and_without_disclosures_and_again()
    {
        Waste_is_recycled_by_whom_it_was_released_to_and_the_passport_ends();
        for (var size = Log.Chain(Battery)[0].Index + 1; size <= Log.Entries.Count; size++)
        {
            var passport = _world.Passport(Audience.Public, size);
            Assert.Equal(Encoding.UTF8.GetString(PassportJson.Write(_world.Passport(Audience.Public, size, disclosures: false))), Encoding.UTF8.GetString(PassportJson.Write(passport)));
            Assert.Equal(PassportJson.Version(passport), PassportJson.Version(_world.Passport(Audience.Public, size)));
        }
    }

    [Fact]
    public void Entries_elsewhere_in_the_log_do_not_change_the_version()
    {
        var before = PassportJson.Version(Public());
        Log.Enrol("did:web:stranger.example", "Stranger", "miner");
        Assert.Equal(before, PassportJson.Version(Public()));
        Log.SayExample(_world.Maker, Battery, "health-measured.v1");
        Assert.NotEqual(before, PassportJson.Version(Public()));
    }

    private static JsonArray Alias(string scheme, string value) => new(new JsonObject { ["scheme"] = scheme, ["value"] = value, ["basis"] = "declared" });

    private BatteryPassport Public() => _world.Passport(Audience.Public);
}
