using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>The log of <see cref="EvidenceWorld"/> with two batteries of one lot, of which another firm made a third.</summary>
internal static class SecondLifeWorld
{
    public const string Firm = "did:web:second.example";
    public const string First = EvidenceWorld.Battery;
    public const string Second = $"https://id.gs1.org/01/{EvidenceWorld.Gtin}/21/A0002";

    // A lot of the mine, and the lot that was made of it, of which both batteries are.
    public static readonly string Mine = EvidenceWorld.Lot;
    public static readonly string Refined = "urn:uuid:" + EvidenceWorld.Uuid("refined");
    public static readonly string Storage = "urn:uuid:" + EvidenceWorld.Uuid("storage");

    /// <summary>1,000 kg of a mine, refined; 40 kg each in two batteries, which were given to a firm that made one storage of them.</summary>
    public static EvidenceWorld ASecondLife(Action<EvidenceWorld>? between = null)
    {
        // After what a dishonest log let in, the rules no longer know where the chains stand.
        var force = between is not null;
        var world = new EvidenceWorld();
        world.Open();
        world.Enrol(EvidenceWorld.Maker, "maker", "battery-maker", "miner", "refiner");
        world.Enrol(Firm, "second", "second-life-operator");
        world.Grant(EvidenceWorld.Maker, "9521234");
        DeclareModel(world, EvidenceWorld.Maker, "maker", EvidenceWorld.Model);
        world.Append(EvidenceWorld.Maker, "maker", Mine, "lot-extracted.v1", Stated("spodumene concentrate"), ("mass", "1000"), ("content", Holding("28")));
        var given = world.Give(Mine, Refined, "500");
        var refined = Stated("lithium carbonate");
        refined["in"] = new JsonArray(Taking(given, Refined));
        world.Append(EvidenceWorld.Maker, "maker", Refined, "lot-refined.v1", refined, ("mass", "100"), ("content", Holding("14")));
        foreach (var battery in (string[])[First, Second])
        {
            world.Give(Refined, battery, "40");
            world.Make(battery, 0);
            world.Append(EvidenceWorld.Maker, "maker", battery, "battery-placed-on-market.v1", new JsonObject { ["market"] = "SE" });
        }

        between?.Invoke(world);
        var model = "urn:uuid:" + EvidenceWorld.Uuid("storage model");
        var declared = DeclareModel(world, Firm, "second", model);
        SignedEntry[] released = [.. ((string[])[First, Second]).Select(battery => world.Add(Released(world, battery), force))];
        world.Add(world.Draft(Firm, "second", Storage, "second-life-begun.v1", new JsonObject
        {
            ["operation"] = "repurposing",
            ["intendedUse"] = "stationary storage, 40 kWh",
            ["manufacturedOn"] = "2034-03",
            ["standard"] = "UL 1974:2023",
            ["ref"] = new JsonArray(new JsonObject { ["h"] = declared.Entry.LeafHash.ToString(), ["sub"] = model }),
            ["in"] = new JsonArray([.. released.Select(r => (JsonNode)Taking(r, r.Entry.Subject))]),
        }, ("capacity", "120"), ("internalResistance", "0.1")), force);
        return world;
    }

    private static SignedEntry DeclareModel(EvidenceWorld world, string did, string key, string model) => world.Append(did, key, model, "model-declared.v1", new JsonObject
    {
        ["model"] = "EX-60",
        ["manufacturer"] = "Example Batteries",
        ["category"] = "ev",
        ["plant"] = new JsonObject { ["country"] = "SE" },
        ["chemistry"] = "NMC 811",
        ["mass"] = "350",
        ["ratedCapacity"] = "150",
        ["nominalVoltage"] = "400",
    });

    private static SignedEntry Released(EvidenceWorld world, string battery) => world.Draft(EvidenceWorld.Maker, "maker", battery, "released.v1", new JsonObject
    {
        ["operation"] = "repurposing",
        ["out"] = new JsonArray(Commitment.To(Storage, Firm, EvidenceWorld.Opening(battery)).ToString()),
    }, ("q0", "1"));

    private static JsonObject Stated(string product) => new() { ["open"] = false, ["mineral"] = "lithium", ["product"] = product, ["site"] = new JsonObject { ["country"] = "FI" } };

    private static JsonArray Holding(string kilograms) => new(new JsonObject { ["element"] = "lithium", ["mass"] = kilograms });

    private static JsonObject Taking(SignedEntry giving, string opening) => new() { ["h"] = giving.Entry.LeafHash.ToString(), ["i"] = 0, ["s"] = EvidenceWorld.Opening(opening) };
}
