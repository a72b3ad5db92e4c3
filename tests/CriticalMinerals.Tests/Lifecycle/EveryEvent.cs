using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.RefusalCode;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>
/// Each event said when it cannot have happened, and with a quantity that cannot be: refused, by the code that says why. Who may say it is
/// <see cref="RightsTable"/>. An event without a row fails by name; a row without a quantity says that the event has none.
/// </summary>
public sealed class EveryEvent
{
    private const string None = "no mass, no number, no content";

    private static readonly Row[] Rows =
    [
        new("log-opened.v1", LogAlreadyOpen, w => w.Opening(), None),
        new("operator-enrolled.v1", ChainExists, w => w.Enrols(Party.Of(w.An(Role.Miner).Did, "2"), Role.Miner), None),
        new("key-added.v1", ChainUnknown, w => w.Sign(w.Authority, "key-added.v1", "did:web:nobody.example", EventData("key-added.v1")), None),
        new("key-revoked.v1", AlreadySo, w => Twice(w, () => w.RevokesKey(w.Authority, w.An(Role.Miner))), None),
        new("key-compromised.v1", AlreadySo, w => Twice(w, () => w.ReportsKey(w.Authority, w.An(Role.Miner), 0)), DataInvalid, w => w.ReportsKey(w.Authority, w.An(Role.Miner), -1)),
        new("affirmed.v1", AlreadySo, w => w.Says(w.An(Role.Miner), "affirmed.v1", w.An(Role.Miner).Did, new JsonObject { ["kid"] = w.An(Role.Miner).KeyId }), DataInvalid, w => w.Says(w.An(Role.Miner), "affirmed.v1", w.An(Role.Miner).Did, new JsonObject { ["kid"] = w.An(Role.Miner).KeyId, ["from"] = -1 })),
        new("role-granted.v1", AlreadySo, w => w.Says(w.Authority, "role-granted.v1", w.An(Role.Miner).Did, new JsonObject { ["role"] = "miner" }), None),
        new("role-withdrawn.v1", AlreadySo, w => w.Says(w.Authority, "role-withdrawn.v1", w.An(Role.Miner).Did, new JsonObject { ["role"] = "refiner" }), None),
        new("succeeded.v1", OperatorUnknown, w => w.Says(w.Authority, "succeeded.v1", w.An(Role.Miner).Did, new JsonObject { ["operator"] = w.An(Role.Miner).Did }), None),
        new("operator-suspended.v1", AlreadySo, w => Twice(w, () => w.Says(w.Authority, "operator-suspended.v1", w.An(Role.Miner).Did)), None),
        new("operator-reinstated.v1", AlreadySo, w => w.Says(w.Authority, "operator-reinstated.v1", w.An(Role.Miner).Did), None),
        new("identifier-granted.v1", AlreadySo, w => Twice(w, () => w.Grants(w.An(Role.Miner))), None),
        new("identifier-withdrawn.v1", AlreadySo, w => After(w, w.Grants(w.An(Role.Miner), "111"), () => w.Says(w.Authority, "identifier-withdrawn.v1", Names.GrantsChain(w.An(Role.Miner).Did))), None),
        new("delegated.v1", OperatorUnknown, w => w.Delegates(w.An(Role.Miner), Party.Of("did:web:nobody.example"), ["repaired.v1"]), None),
        new("delegation-revoked.v1", ChainUnknown, w => w.Sign(w.An(Role.Miner), "delegation-revoked.v1", Names.GrantsChain(w.An(Role.Miner).Did)), None),
        new("audit-access-granted.v1", AlreadySo, w => Twice(w, () => w.Says(w.Authority, "audit-access-granted.v1", Names.GrantsChain(w.An(Role.Auditor).Did))), DataInvalid, w => w.Says(w.Authority, "audit-access-granted.v1", Names.GrantsChain(w.An(Role.Auditor).Did), new JsonObject { ["until"] = -1 })),
        new("audit-access-revoked.v1", AlreadySo, w => After(w, w.Grants(w.An(Role.Auditor), "222"), () => w.Says(w.Authority, "audit-access-revoked.v1", Names.GrantsChain(w.An(Role.Auditor).Did))), None),

        new("lot-extracted.v1", ChainExists, w => w.Extracts(w.An(Role.Miner), w.ALotOfCobalt().Entry.Subject, "1"), ElementMassExceeded, w => w.Says(w.An(Role.Miner), "lot-extracted.v1", Uuid(), Impossible)),
        new("lot-refined.v1", InputsMissing, w => w.Says(w.An(Role.Refiner), "lot-refined.v1", Uuid(), Traced), ElementMassExceeded, w => Made(w, "lot-refined.v1", Role.Refiner)),
        new("material-manufactured.v1", InputsMissing, w => w.Says(w.An(Role.MaterialMaker), "material-manufactured.v1", Uuid(), Traced), ElementMassExceeded, w => Made(w, "material-manufactured.v1", Role.MaterialMaker)),
        new("lots-blended.v1", InputsMissing, w => w.Says(w.An(Role.Refiner), "lots-blended.v1", Uuid(), Traced), ElementMassExceeded, w => Made(w, "lots-blended.v1", Role.Refiner)),
        new("received.v1", InputsMissing, w => w.Says(w.An(Role.Refiner), "received.v1", Uuid()), None),
        new("inputs-added.v1", OutOfOrder, InputsAfterGiving, ElementMassExceeded, MoreThanTheInputsAdded),
        new("allocated.v1", OutOfOrder, w => After(w, Void(w, w.An(Role.Miner), w.ALotOfCobalt().Entry.Subject), () => w.Allocates(w.An(Role.Miner), w.Log[^1].Entry.Subject, new Line(Uuid(), w.An(Role.Refiner), "0"))), QuantityExceeded, w => w.Allocates(w.An(Role.Miner), w.ALotOfCobalt("5").Entry.Subject, new Line(Uuid(), w.An(Role.Refiner), "5.000000001"))),
        new("withdrawn.v1", LineWithdrawn, w => w.ALineOfCobaltForTheRefiner() is var (giving, _) ? Twice(w, () => w.Withdraws(w.An(Role.Miner), giving, 0)) : null!, DataInvalid, w => w.Withdraws(w.An(Role.Miner), w.ALineOfCobaltForTheRefiner().Giving, -1)),
        new("voided.v1", OutOfOrder, w => w.ALineOfCobaltForTheRefiner() is var (giving, _) ? Void(w, w.An(Role.Miner), giving.Entry.Subject) : null!, LineUnknown, w => w.Says(w.An(Role.Miner), "voided.v1", w.ALotOfCobalt().Entry.Subject)),
        new("balance-closed.v1", DataInvalid, w => w.Says(w.An(Role.Miner), "balance-closed.v1", w.ALotOfCobalt().Entry.Subject, new JsonObject { ["method"] = "mass-balance-credit", ["to"] = "2028-01-01" }), ElementMassExceeded, w => w.Says(w.An(Role.Miner), "balance-closed.v1", w.ALotOfCobalt().Entry.Subject, new JsonObject { ["method"] = "mass-balance-credit", ["closing"] = "140.000000001" })),
        new("disposed.v1", OutOfOrder, w => w.Says(w.Maker(), "disposed.v1", w.ABatteryInService(), NoQuantity), QuantityExceeded, w => w.Says(w.An(Role.Miner), "disposed.v1", w.ALotOfCobalt("5").Entry.Subject, new JsonObject { ["quantity"] = "6" })),

        new("model-declared.v1", ChainExists, w => w.DeclaresModel(w.Maker(), w.AModel().Entry.Subject), DataInvalid, w => w.Says(w.Maker(), "model-declared.v1", Uuid(), new JsonObject { ["mass"] = "-1" })),
        OfTheModel("performance-declared.v1", new JsonObject { ["roundTripEfficiency"] = "100.1" }),
        OfTheModel("composition-declared.v1", new JsonObject { ["renewableContent"] = "-1" }),
        OfTheModel("circularity-declared.v1", new JsonObject { ["safety"] = new JsonObject { ["title"] = "x", ["mediaType"] = "text/plain", ["size"] = 0, ["sha256"] = Digest.Zero.ToString() } }),
        OfTheModel("labelling-declared.v1", null),
        OfTheModel("conformity-declared.v1", null),
        OfTheModel("carbon-footprint-declared.v1", new JsonObject { ["total"] = "-0.1" }),
        OfTheModel("recycled-content-declared.v1", new JsonObject { ["shares"] = new JsonArray(new JsonObject { ["element"] = "cobalt", ["preConsumer"] = "60", ["postConsumer"] = "40.1" }) }),
        OfTheModel("due-diligence-reported.v1", new JsonObject { ["year"] = 1999 }),
        new("component-manufactured.v1", InputsMissing, w => w.MakesParts(w.An(Role.CellMaker), Uuid(), "cells", "5"), ElementMassExceeded, w => Made(w, "component-manufactured.v1", Role.CellMaker)),
        new("battery-manufactured.v1", ChainExists, w => w.MakesBattery(w.Maker(), w.ABattery().Entry.Subject, w.AModel(), [Declared]), ElementMassExceeded, MoreInABatteryThanInItsCells),
        new("battery-imported.v1", ChainExists, w => w.Says(w.An(Role.Importer), "battery-imported.v1", After(w, w.Says(w.An(Role.Importer), "battery-imported.v1", Uuid(), NoAliases, refs: [w.AModel(Role.Importer)]), () => w.Log[^1]).Entry.Subject, NoAliases, refs: [w.AModel(Role.Importer)]), DataInvalid, w => w.Says(w.An(Role.Importer), "battery-imported.v1", Uuid(), new JsonObject { ["aliases"] = null, ["content"] = Holding("cobalt", "-1") }, refs: [w.AModel(Role.Importer)])),
        OfAnEndedBattery("passport-issued.v1", null),
        OfAnEndedBattery("passport-registered.v1", null),
        OfAnEndedBattery("label-issued.v1", new JsonObject { ["grade"] = "4.1" }),
        new("alias-added.v1", AlreadySo, w => w.ABattery().Entry.Subject is var battery ? Twice(w, () => w.Says(w.Maker(), "alias-added.v1", battery, Declared34014)) : null!, None),
        new("alias-struck.v1", AlreadySo, w => w.Says(w.Maker(), "alias-struck.v1", w.ABattery().Entry.Subject), None),
        new("battery-placed-on-market.v1", OutOfOrder, w => w.PlacesOnMarket(w.Maker(), w.ABatteryOnTheMarket().Entry.Subject), DataInvalid, w => w.Says(w.Maker(), "battery-placed-on-market.v1", w.ABattery().Entry.Subject, new JsonObject { ["capacity"] = "-1" })),
        new("battery-sold.v1", OutOfOrder, w => w.Says(w.Maker(), "battery-sold.v1", w.ABattery().Entry.Subject), None),

        new("put-into-service.v1", OutOfOrder, w => w.Says(w.Maker(), "put-into-service.v1", w.ABattery().Entry.Subject), None),
        OfAnEndedBattery("health-measured.v1", new JsonObject { ["stateOfCharge"] = "101" }),
        OfAnEndedBattery("incident-reported.v1", null),
        OfAnEndedBattery("repaired.v1", null),
        OfAnEndedBattery("part-replaced.v1", new JsonObject { ["removed"] = "1.5" }, w => w.TakesOut(w.Maker(), w.ABatteryOfTwoKilogramsOfCobalt(), "1", "2.000000001")),
        new("battery-swapped.v1", OutOfOrder, w => w.Says(w.Maker(), "battery-swapped.v1", w.ABatteryOnTheMarket().Entry.Subject), None),
        new("loss-reported.v1", AlreadySo, w => w.ABattery().Entry.Subject is var battery ? Twice(w, () => w.Says(w.Maker(), "loss-reported.v1", battery)) : null!, None),
        new("found.v1", AlreadySo, w => w.Says(w.Maker(), "found.v1", w.ABattery().Entry.Subject), None),
        new("exported.v1", OutOfOrder, w => w.Says(w.Maker(), "exported.v1", w.ABattery().Entry.Subject, new JsonObject { ["asWaste"] = true }), None),
        new("responsibility-offered.v1", AlreadySo, w => w.Says(w.Maker(), "responsibility-offered.v1", w.ABattery().Entry.Subject, new JsonObject { ["to"] = w.Maker().Did }), None),
        new("responsibility-accepted.v1", ReferenceMissing, w => w.ABattery().Entry.Subject is var battery ? After(w, w.Says(w.Maker(), "responsibility-offered.v1", battery, new JsonObject { ["to"] = w.An(Role.Importer).Did }), () => w.Says(w.An(Role.Importer), "responsibility-accepted.v1", battery)) : null!, None),
        new("access-granted.v1", OutOfOrder, w => w.Says(w.Maker(), "access-granted.v1", AnEndedBattery(w), new JsonObject { ["to"] = w.An(Role.Repairer).Did }), DataInvalid, w => w.Says(w.Maker(), "access-granted.v1", w.ABattery().Entry.Subject, new JsonObject { ["until"] = -1 })),
        new("access-revoked.v1", ReferenceMissing, w => w.Says(w.Maker(), "access-revoked.v1", w.ABattery().Entry.Subject), None),

        new("collected.v1", OutOfOrder, w => w.Says(w.An(Role.Collector), "collected.v1", w.AWasteBattery()), DataInvalid, w => w.Says(w.An(Role.Collector), "collected.v1", w.ABatteryInService(), new JsonObject { ["mass"] = "-1" })),
        new("assessed.v1", OutOfOrder, w => w.Says(w.An(Role.Inspector), "assessed.v1", w.AWasteBattery(), new JsonObject { ["calendarExpiry"] = "2026-10" }), DataInvalid, w => w.Says(w.An(Role.Inspector), "assessed.v1", w.AWasteBattery(), new JsonObject { ["capacity"] = "-1" })),
        new("released.v1", OutOfOrder, w => w.Releases(w.Maker(), w.AWasteBattery(), "preparation-for-re-use", new Line(Uuid(), w.Maker(), "1")), GivesNothing, w => w.Releases(w.Maker(), w.ABatteryInService(), "repurposing", new Line(Uuid(), w.Maker(), "2"))),
        new("second-life-begun.v1", InputsMissing, w => w.BeginsSecondLife(w.An(Role.SecondLifeOperator), Uuid(), "repurposing", [], new JsonObject { ["source"] = "declared" }), ElementMassExceeded, MoreInASecondLifeThanInTheFirst),
        new("dismantled.v1", OutOfOrder, w => DismantlesEnded(w), DataInvalid, w => w.Says(Dismantler(w), "dismantled.v1", OnTheMarketWithASecondLife(w), new JsonObject { ["removed"] = "1.5" })),
        new("recycled.v1", OutOfOrder, w => w.Says(w.An(Role.Recycler), "recycled.v1", w.AWasteBattery(), taken: []), ElementMassExceeded, MoreRecycledThanThereWas),
        new("black-mass-produced.v1", InputsMissing, w => w.Says(w.An(Role.Recycler), "black-mass-produced.v1", Uuid(), Traced), ElementMassExceeded, w => Made(w, "black-mass-produced.v1", Role.Recycler)),
        new("material-recovered.v1", InputsMissing, w => w.Says(w.An(Role.Recycler), "material-recovered.v1", Uuid(), Traced), ElementMassExceeded, w => Made(w, "material-recovered.v1", Role.Recycler)),

        new("attested.v1", ChainUnknown, w => w.Says(w.An(Role.Auditor), "attested.v1", Uuid()), None),
        new("evidence-given.v1", ChainUnknown, w => w.Says(w.An(Role.Auditor), "evidence-given.v1", Uuid()), None),
        new("recalled.v1", ChainUnknown, w => w.Says(w.Maker(), "recalled.v1", Uuid()), None),
        new("recall-ended.v1", ReferenceMissing, w => w.Says(w.Maker(), "recall-ended.v1", w.ABattery().Entry.Subject), None),
        new("corrected.v1", CorrectionForbidden, w => w.Corrects(w.An(Role.Miner), w.ALotOfCobalt(), new JsonObject { ["product"] = "x" }, evt: "lot-refined.v1"), QuantityExceeded, LessThanWasGiven),
        new("erased.v1", ReferenceMissing, w => w.Says(w.Authority, "erased.v1", w.ABattery().Entry.Subject), None),
    ];

    /// <summary>For each event what leads to the moment at which it cannot happen: logs of every kind.</summary>
    internal static IEnumerable<(string Name, Func<World, SignedEntry> Say)> Situations => Rows.Select(r => (r.Name, r.WrongState));

    public static TheoryData<string> Names_ => [.. Rows.Select(r => r.Name)];

    [Fact]
    public void Every_event_has_its_row() => Assert.Equal(EventCatalog.All.Select(t => t.Name).Order(StringComparer.Ordinal), Rows.Select(r => r.Name).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Names_))]
    public void It_is_refused_when_it_cannot_have_happened(string name)
    {
        var row = Rows.Single(r => r.Name == name);
        var world = Opened();
        var refusal = world.Refuse(row.WrongState(world));
        Assert.True(row.StateCode == refusal.Code, refusal.ToString());
    }

    [Theory, MemberData(nameof(Names_))]
    public void A_quantity_that_cannot_be_is_refused(string name)
    {
        var row = Rows.Single(r => r.Name == name);
        var numbers = EventCatalog.Find(name)!.Claims.Any(c => c.Claim.IsContent || c.Property.PropertyType == typeof(Quantity?) || c.Property.PropertyType == typeof(Quantity));
        if (row.WrongQuantity is null)
        {
            Assert.False(numbers, $"{name} states a quantity: say one that cannot be.");
            return;
        }

        var world = Opened();
        var refusal = world.Refuse(row.WrongQuantity(world));
        Assert.True(row.QuantityCode == refusal.Code, refusal.ToString());
    }

    private static JsonObject Impossible => new() { ["mass"] = "10", ["content"] = Holding("cobalt", "11") };

    private static JsonObject Traced => new() { ["source"] = null };

    private static JsonObject NoAliases => new() { ["aliases"] = null };

    private static JsonObject NoQuantity => new() { ["quantity"] = null };

    private static JsonObject Declared34014 => new() { ["alias"] = new JsonObject { ["scheme"] = "gbt34014", ["value"] = "04QCB76836300JBC40000903", ["basis"] = "declared" } };

    private static JsonObject EventData(string name) => new(EventSchema.Example(EventCatalog.Find(name)!).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));

    private static SignedEntry Twice(World world, Func<SignedEntry> say) => After(world, say(), say);

    private static SignedEntry After(World world, SignedEntry first, Func<SignedEntry> then)
    {
        world.Admit(first);
        return then();
    }

    private static SignedEntry Void(World world, Party by, string subject) => world.Says(by, "voided.v1", subject, new JsonObject { ["lines"] = null });

    private static Row OfTheModel(string name, JsonObject? wrong) => new(
        name, ChainUnknown, w => w.Says(w.Maker(), name, Uuid()), DataInvalid, wrong is null ? null : w => w.Says(w.Maker(), name, w.AModel().Entry.Subject, wrong));

    private static Row OfAnEndedBattery(string name, JsonObject? wrong, Func<World, SignedEntry>? more = null) => new(
        name, OutOfOrder, w => w.Says(w.Maker(), name, AnEndedBattery(w)), more is null ? DataInvalid : ElementMassExceeded, more ?? (wrong is null ? null : w => w.Says(w.Maker(), name, w.ABattery().Entry.Subject, wrong)));

    private static string AnEndedBattery(World world)
    {
        var battery = world.AWasteBattery();
        world.Admit(world.Says(world.Maker(), "disposed.v1", battery, NoQuantity));
        return battery;
    }

    private static SignedEntry Made(World world, string name, Role role)
    {
        var by = world.An(role);
        var line = new Line(Uuid(), by, "400");
        var giving = world.Admit(world.Allocates(world.An(Role.Miner), world.ALotOfCobalt().Entry.Subject, line));
        var changed = new JsonObject { ["source"] = null, ["content"] = Holding("cobalt", "400.000000001") };
        if (EventCatalog.Find(name)!.Claim("mass") is not null)
        {
            changed["mass"] = "500";
        }

        return world.Says(by, name, line.Subject, changed, taken: [Take(giving, 0, line)]);
    }

    private static SignedEntry InputsAfterGiving(World world)
    {
        var (giving, _) = world.ALineOfCobaltForTheRefiner();
        return world.Says(world.An(Role.Miner), "inputs-added.v1", giving.Entry.Subject);
    }

    private static SignedEntry MoreThanTheInputsAdded(World world)
    {
        var refiner = world.An(Role.Refiner);
        var (giving, line) = world.ALineOfCobaltForTheRefiner("400");
        var refined = world.Admit(world.Refines(refiner, line.Subject, "10", Take(giving, 0, line))).Entry.Subject;
        var more = new Line(refined, refiner, "5");
        var second = world.Admit(world.Allocates(world.An(Role.Miner), giving.Entry.Subject, more));
        return world.Says(refiner, "inputs-added.v1", refined, new JsonObject { ["source"] = null, ["content"] = Holding("cobalt", "405.000000001") }, taken: [Take(second, 0, more)]);
    }

    private static SignedEntry MoreInABatteryThanInItsCells(World world)
    {
        var (miner, maker) = (world.An(Role.Miner), world.Maker());
        var line = new Line(Uuid(), maker, "2");
        var giving = world.Admit(world.Allocates(miner, world.ALotOfCobalt("2").Entry.Subject, line));
        return world.Says(maker, "battery-manufactured.v1", line.Subject, new JsonObject { ["source"] = null, ["aliases"] = null, ["content"] = Holding("cobalt", "2.1") }, refs: [world.AModel()], taken: [Take(giving, 0, line)]);
    }

    private static SignedEntry MoreInASecondLifeThanInTheFirst(World world)
    {
        var (battery, firm) = (world.ABatteryOfTwoKilogramsOfCobalt(), world.An(Role.SecondLifeOperator));
        world.Admit(world.PlacesOnMarket(world.Maker(), battery));
        var line = new Line(Uuid(), firm, "1");
        var release = world.Admit(world.Releases(world.Maker(), battery, "repurposing", line));
        return world.BeginsSecondLife(firm, line.Subject, "repurposing", [Take(release, 0, line)], new JsonObject { ["content"] = Holding("cobalt", "2.000000001") });
    }

    private static SignedEntry MoreRecycledThanThereWas(World world)
    {
        var (battery, recycler) = (world.ABatteryOfTwoKilogramsOfCobalt(), world.An(Role.Recycler));
        world.Admit(world.Says(world.An(Role.Collector), "collected.v1", battery));
        var line = new Line(battery, recycler, "1");
        var release = world.Admit(world.Releases(world.Maker(), battery, "recycling", line));
        return world.Recycles(recycler, battery, release, line, "100", "2.000000001");
    }

    private static Party Dismantler(World world) => world.An(Role.SecondLifeOperator);

    private static string OnTheMarketWithASecondLife(World world)
    {
        var battery = world.ABatteryWithASecondLife();
        world.Admit(world.PlacesOnMarket(Dismantler(world), battery));
        return battery;
    }

    private static SignedEntry DismantlesEnded(World world)
    {
        var battery = OnTheMarketWithASecondLife(world);
        return Twice(world, () => world.Says(Dismantler(world), "dismantled.v1", battery, new JsonObject { ["removed"] = null, ["removedContent"] = null }));
    }

    private static SignedEntry LessThanWasGiven(World world)
    {
        var (giving, _) = world.ALineOfCobaltForTheRefiner("400");
        var lot = world.Log.Single(e => e.Entry.Subject == giving.Entry.Subject && e.Entry.Sequence == 0);
        return world.Corrects(world.An(Role.Miner), lot, hidden: new JsonObject { ["content"] = Holding("cobalt", "399.999999999") });
    }

    private sealed record Row(string Name, RefusalCode StateCode, Func<World, SignedEntry> WrongState, RefusalCode QuantityCode, Func<World, SignedEntry>? WrongQuantity)
    {
        public Row(string name, RefusalCode code, Func<World, SignedEntry> wrongState, string none)
            : this(name, code, wrongState, default, null) => Assert.Equal(EveryEvent.None, none);
    }
}
