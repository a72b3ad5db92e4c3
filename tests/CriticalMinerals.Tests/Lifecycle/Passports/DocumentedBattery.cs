using System.Text.Json.Nodes;
using CriticalMinerals.Lifecycle.Passports;

namespace CriticalMinerals.Tests.Lifecycle.Passports;

/// <summary>A battery in service of which everything is stated that an event can state: its model's sheet in all sections, one of each measurement.</summary>
internal sealed class DocumentedBattery
{
    internal const string Name = "https://id.gs1.org/01/09506000134352/21/BAT27A000200";
    internal const string Model = "urn:uuid:3f1c9a52-7c1f-4b57-9d4d-5f3f0a6e2b20";
    internal const string MakerDid = "did:web:packs.example";

    internal DocumentedBattery(string category = "ev")
    {
        Maker = Log.Enrol(MakerDid, "Pack Works", "battery-maker");
        Log.Say(Log.Authority, MakerDid + "/grants", "identifier-granted.v1", new() { ["scheme"] = "gtin", ["prefix"] = "9506000" });
        Sheet = Log.SayExample(Maker, Model, "model-declared.v1", new() { ["category"] = category });
        Log.SayExample(Maker, Model, "performance-declared.v1", new()
        {
            ["internalResistance"] = new JsonArray(new JsonObject { ["part"] = "pack", ["resistance"] = "0.040" }),
            ["powerCapability"] = new JsonArray(At("80", "150000"), At("20", "120000")),
        });
        Log.SayExample(Maker, Model, "composition-declared.v1");
        Log.SayExample(Maker, Model, "circularity-declared.v1");
        Log.SayExample(Maker, Model, "labelling-declared.v1", new()
        {
            ["symbols"] = new JsonArray([.. ((string[])["separate-collection", "cadmium", "lead", "carbon-footprint", "extinguishing-agent"]).Select(kind => (JsonNode)new JsonObject { ["kind"] = kind, ["meaning"] = "Means " + kind })]),
        });
        Log.SayExample(Maker, Model, "conformity-declared.v1");
        Log.SayExample(Maker, Model, "carbon-footprint-declared.v1");
        Log.SayExample(Maker, Model, "recycled-content-declared.v1", new()
        {
            ["shares"] = new JsonArray([.. ((string[])["cobalt", "lithium", "nickel", "lead"]).Select((element, i) => (JsonNode)new JsonObject { ["element"] = element, ["preConsumer"] = $"{i}.1", ["postConsumer"] = $"{i}.2" })]),
        });
        Log.SayExample(Maker, Model, "due-diligence-reported.v1");
        Log.SayExample(Maker, Name, "battery-manufactured.v1", new() { ["source"] = "declared", ["content"] = null, ["ref"] = Chronicle.References(Sheet), ["initialCapacity"] = "200", ["initialInternalResistance"] = "0.040" });
        Log.SayExample(Maker, Name, "passport-issued.v1");
        Log.SayExample(Maker, Name, "battery-placed-on-market.v1", new() { ["capacity"] = "200", ["powerCapability"] = "100000", ["internalResistance"] = "0.040", ["roundTripEfficiency"] = "96" });
        Log.SayExample(Maker, Name, "put-into-service.v1");
        Log.SayExample(Maker, Name, "health-measured.v1");
        Log.SayExample(Maker, Name, "incident-reported.v1", new() { ["report"] = ReportOf("Accident report") });
    }

    internal Chronicle Log { get; } = new();

    internal string Maker { get; }

    internal RecordedEntry Sheet { get; }

    internal BatteryPassport Passport(Audience audience, long size = long.MaxValue, bool disclosures = true) => PassportFold.Of(Log.Source(Name, Model, disclosures), audience, size)!;

    private static JsonObject At(string charge, string power) => new() { ["stateOfCharge"] = charge, ["power"] = power };

    private static JsonObject ReportOf(string title) => new()
    {
        ["title"] = title, ["mediaType"] = "application/pdf", ["size"] = 12, ["sha256"] = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg", ["nonce"] = "AAECAwQFBgcICQoLDA0ODw",
    };
}
