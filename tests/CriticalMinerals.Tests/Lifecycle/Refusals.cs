using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>For each code at least one situation that draws it; a code without one fails by name.</summary>
public sealed class Refusals
{
    private static readonly Dictionary<RefusalCode, Func<Refusal>[]> Situations = new()
    {
        [RefusalCode.EventUnknown] =
        [
            () => In(Opened(), w => w.Sign(w.An(Role.Miner), "lot-dreamt.v1", Uuid())),
            () => In(Opened(), w => w.Sign(w.An(Role.Miner), "lot-extracted.v2", Uuid())),
        ],
        [RefusalCode.DataInvalid] =
        [
            () => In(Opened(), w => w.Sign(w.An(Role.Miner), "lot-extracted.v1", Uuid())),
            () => In(Opened(), w => w.Extracts(w.An(Role.Miner), Uuid(), "-1")),
            () => In(Opened(), w => w.Extracts(w.An(Role.Miner), Uuid(), "1,5")),
            () => In(Opened(), w => w.MakesParts(w.An(Role.CellMaker), Uuid(), "cells", "1.5", [Declared])),
            () => In(Opened(), w => w.MakesParts(w.An(Role.CellMaker), Uuid(), "cells", "0", [Declared])),
            () => In(Opened(), w => w.MakesParts(w.An(Role.CellMaker), Uuid(), "Cells", "1", [Declared])),
            () => In(Opened(), w => w.MakesParts(w.An(Role.CellMaker), Uuid(), "0", "1", [Declared])),
            () => In(Opened(), w => w.Sign(w.Authority, "role-granted.v1", w.An(Role.Miner).Did, new JsonObject { ["role"] = "refiner", ["because"] = "x" })),
            () => In(Opened(), w => w.Sign(w.Authority, "role-granted.v1", w.An(Role.Miner).Did, new JsonObject { ["role"] = null })),
            () => In(Opened(), w => w.Enrols(Party.Of("did:web:a.example"), Role.Miner, Role.Miner)),
            () => In(Opened(), w => w.Enrols(Party.Of("did:web:a.example"))),
            () => In(Opened(), w => w.ReportsKey(w.Authority, w.An(Role.Miner), -1)),
            () => In(Opened(), w => w.ReportsKey(w.Authority, w.An(Role.Miner), w.State.Size + 1)),
            () => In(Opened(), w => w.Delegates(w.An(Role.Miner), w.An(Role.Refiner), ["key-added.v1"])),
            () => In(Opened(), w => w.Delegates(w.An(Role.Miner), w.An(Role.Refiner), ["lot-dreamt.v1"])),
            () => In(Opened(), w => w.Corrects(w.An(Role.Miner), w.ALotOfCobalt())),
            () => In(Opened(), w => w.Sign(w.An(Role.BatteryMaker), "health-measured.v1", w.ABattery().Entry.Subject)),
            () => In(new World(), w => w.Opening(changed: new JsonObject { ["origin"] = "other.example/log" })),
        ],
        [RefusalCode.ClaimInClear] = [() => In(Opened(), w => w.Sign(w.An(Role.BatteryMaker), "health-measured.v1", w.ABattery().Entry.Subject, new JsonObject { ["stateOfCertifiedEnergy"] = "97" }))],
        [RefusalCode.ClaimDisclosed] = [() => In(Opened(), w => w.Sign(w.An(Role.BatteryMaker), "battery-placed-on-market.v1", w.ABattery().Entry.Subject, hidden: new JsonObject { ["market"] = "DE" }))],
        [RefusalCode.LogForeign] = [() => In(Opened(), w => w.Sign(w.An(Role.BatteryMaker), "battery-placed-on-market.v1", w.ABattery().Entry.Subject, new JsonObject { ["market"] = "DE" }, origin: "other.example/log"))],
        [RefusalCode.IdReused] =
        [
            () =>
            {
                var world = Opened();
                var model = world.AModel();
                return world.Refuse(world.Sign(world.An(Role.BatteryMaker), "lot-extracted.v1", Uuid(), SomeLot, new JsonObject { ["mass"] = "1", ["content"] = Holding("cobalt", "1") }, id: model.Entry.Id));
            },
        ],
        [RefusalCode.LogNotOpen] = [() => In(new World(), w => w.Enrols(Party.Of("did:web:a.example"), Role.Miner))],
        [RefusalCode.LogAlreadyOpen] = [() => In(Opened(), w => w.Opening())],
        [RefusalCode.AuthorityForeign] = [() => OpeningExpecting((w, x) => x with { AuthorityX = w.LogKey.Key.VerifyingKey.X })],
        [RefusalCode.LogKeyForeign] =
        [
            () => OpeningExpecting((w, x) => x with { HeadX = w.Recovery.Key.VerifyingKey.X }),
            () => OpeningExpecting((w, x) => x with { LogX = w.Recovery.Key.VerifyingKey.X }),
        ],
        [RefusalCode.PredecessorMissing] = [() => In(new World(), w => w.Opening(changed: new JsonObject { ["after"] = new JsonObject { ["origin"] = "ledger.example.com/log/2025", ["size"] = 5, ["root"] = Digest.Zero.ToString() } }))],
        [RefusalCode.PredecessorForeign] =
        [
            () => In(World.After(Opened()), w => w.Opening(changed: new JsonObject { ["after"] = null })),
            () => In(World.After(Opened()), w => w.Opening(changed: new JsonObject { ["after"] = new JsonObject { ["origin"] = Origin, ["size"] = 1, ["root"] = Digest.Zero.ToString() } })),
            () => In(World.After(Opened()), w => w.Opening(changed: new JsonObject { ["after"] = new JsonObject { ["origin"] = Origin, ["size"] = 2, ["root"] = w.State.Predecessor!.Root } })),
            () => In(World.After(Opened()), w => w.Opening(changed: new JsonObject { ["after"] = new JsonObject { ["origin"] = "other.example/log", ["size"] = 1, ["root"] = w.State.Predecessor!.Root } })),
        ],
        [RefusalCode.OperatorUnknown] =
        [
            () => In(Opened(), w => w.Extracts(Party.Of("did:web:stranger.example"), Uuid(), "1")),
            () => In(Opened(), w => w.Extracts(w.An(Role.Miner), Uuid(), "1", Party.Of("did:web:stranger.example"))),
            () => In(Opened(), w => w.Delegates(w.An(Role.Miner), Party.Of("did:web:stranger.example"), ["lot-extracted.v1"])),
            () => In(Opened(), w => w.Delegates(w.An(Role.Miner), w.An(Role.Miner), ["lot-extracted.v1"])),
        ],
        [RefusalCode.OperatorSuspended] =
        [
            () => In(Opened(), w => After(w, w.Says(w.Authority, "operator-suspended.v1", w.An(Role.Miner).Did), () => w.Extracts(w.An(Role.Miner), Uuid(), "1"))),
            () => In(Opened(), w => After(w, w.Says(w.Authority, "operator-suspended.v1", w.An(Role.Miner).Did), () => w.Extracts(w.An(Role.Refiner), Uuid(), "1", principal: w.An(Role.Miner)))),
        ],
        [RefusalCode.KeyUnknown] =
        [
            () => In(Opened(), w => w.Extracts(Party.Of(w.An(Role.Miner).Did, "never-added"), Uuid(), "1")),
            () => In(Opened(), w => w.Sign(Party.Of(LogDid, "made-up"), "role-granted.v1", w.An(Role.Miner).Did, new JsonObject { ["role"] = "refiner" })),
            () => In(Opened(), w => w.RevokesKey(w.Authority, Party.Of(w.An(Role.Miner).Did, "never-added"))),
            () => In(Opened(), w => w.ReportsKey(w.Authority, Party.Of(w.An(Role.Miner).Did, "never-added"), 0)),
        ],
        [RefusalCode.KeyRevoked] = [() => In(Opened(), w => After(w, w.RevokesKey(w.Authority, w.An(Role.Miner)), () => w.Extracts(w.An(Role.Miner), Uuid(), "1")))],
        [RefusalCode.KeyUseWrong] =
        [
            () => In(Opened(), w => w.AddsKey(w.An(Role.Miner), Party.Of(w.An(Role.Miner).Did, "2"), KeyUse.Authority)),
            () => In(Opened(), w => w.AddsKey(w.Authority, Party.Of(LogDid, "2"), KeyUse.Operator)),
            () => In(Opened(), w => w.ReportsKey(w.An(Role.Miner), w.An(Role.Miner), 1)),
        ],
        [RefusalCode.KeyReused] =
        [
            () => In(Opened(), w => w.AddsKey(w.An(Role.Miner), w.An(Role.Miner))),
            () => In(new World(), w => w.Opening(changed: new JsonObject { ["head"] = w.Declare(w.LogKey, KeyUse.Head) })),
        ],
        [RefusalCode.KeyProofInvalid] =
        [
            () => In(Opened(), w => w.AddsKey(w.An(Role.Miner), Party.Of(w.An(Role.Miner).Did, "2"), provenBy: w.An(Role.Miner))),
            () => In(new World(), w => w.Opening(changed: new JsonObject { ["head"] = w.Declare(w.Head, KeyUse.Log) })),
        ],
        [RefusalCode.SignatureInvalid] =
        [
            () => In(Opened(), w => w.Extracts(w.An(Role.Miner) with { Key = SigningKey.Generate() }, Uuid(), "1")),
            () => In(new World(), w => w.Opening(w.Authority with { Key = SigningKey.Generate() })),
        ],
        [RefusalCode.SubjectMalformed] =
        [
            () => In(Opened(), w => w.Extracts(w.An(Role.Miner), "https://id.gs1.org/01/09521234000011/10/L1", "1")), // wrong check digit
            () => In(Opened(), w => w.Extracts(w.An(Role.Miner), "https://id.gs1.org/01/09521234000013/10/l1", "1")),
            () => In(Opened(), w => w.Extracts(w.An(Role.Miner), "https://id.gs1.org/01/09521234000013/21/S1", "1")),
            () => In(Opened(), w => w.Extracts(w.An(Role.Miner), "https://id.gs1.org/01/09521234000013/10/L1?x=1", "1")),
            () => In(Opened(), w => w.Extracts(w.An(Role.Miner), "urn:uuid:0E37DF36-F698-11E6-8DD4-CB9CED3DF976", "1")),
            () => In(Opened(), w => w.MakesBattery(w.An(Role.BatteryMaker), "https://id.gs1.org/01/09521234000013/10/L1", w.AModel(), [Declared])),
            () => In(Opened(), w => w.Sign(w.Authority, "operator-enrolled.v1", LogDid, new JsonObject { ["operator"] = LogDid, ["name"] = "x", ["roles"] = new JsonArray("miner"), ["key"] = w.Declare(Party.Of(LogDid, "2"), KeyUse.Operator) })),
            () => In(Opened(), w => w.Grants(Party.Of("did:web:stranger.example"))),
        ],
        [RefusalCode.ChainUnknown] =
        [
            () => In(Opened(), w => w.Allocates(w.An(Role.Miner), Uuid(), new Line(Uuid(), w.An(Role.Refiner), "1"))),
            () => In(Opened(), w => w.Sign(w.An(Role.Miner), "lot-extracted.v1", Uuid(), SomeLot, new JsonObject { ["mass"] = "1", ["content"] = Holding("cobalt", "1") }, sequence: 1, previous: Digest.Sha256("x"u8))),
        ],
        [RefusalCode.ChainExists] = [() => In(Opened(), w => w.Extracts(w.An(Role.Miner), w.ALotOfCobalt().Entry.Subject, "1"))],
        [RefusalCode.ChainMoved] =
        [
            () => In(Opened(), w => w.Sign(w.An(Role.BatteryMaker), "battery-placed-on-market.v1", w.ABattery().Entry.Subject, new JsonObject { ["market"] = "DE" }, sequence: 2)),
            () => In(Opened(), w => w.Sign(w.An(Role.BatteryMaker), "battery-placed-on-market.v1", w.ABattery().Entry.Subject, new JsonObject { ["market"] = "DE" }, previous: Digest.Sha256("x"u8))),
        ],
        [RefusalCode.ChainKindWrong] =
        [
            () => In(Opened(), w => w.PlacesOnMarket(w.An(Role.Miner), w.ALotOfCobalt().Entry.Subject)),
            () => In(Opened(), APieceTakenIntoALot),
            () => In(Opened(), APieceAndAMassInOneConsignment),
        ],
        [RefusalCode.AuthorityRequired] =
        [
            () => In(Opened(), w => w.Sign(w.An(Role.Miner), "role-granted.v1", w.An(Role.Miner).Did, new JsonObject { ["role"] = "refiner" })),
            () => In(Opened(), w => w.AddsKey(w.Recovery, Party.Of(LogDid, "2"), KeyUse.Head)),
            () => In(new World(), w => w.Opening(w.Authority with { KeyId = LogDid + "#another" })),
        ],
        [RefusalCode.RecoveryRequired] =
        [
            () => In(Opened(), w => w.AddsKey(w.Authority, Party.Of(LogDid, "2"), KeyUse.Authority)),
            () => In(Opened(), w => w.AddsKey(w.Authority, Party.Of(LogDid, "2"), KeyUse.Recovery)),
            () => In(Opened(), w => w.RevokesKey(w.Authority, w.Authority)),
            () => In(Opened(), w => w.RevokesKey(w.Authority, w.Recovery)),
        ],
        [RefusalCode.RoleMissing] =
        [
            () => In(Opened(), w => w.Extracts(w.An(Role.Refiner), Uuid(), "1")),
            () => In(Opened(), w => w.MakesParts(w.An(Role.CellMaker), Uuid(), "pack", "1", [Declared])),
        ],
        [RefusalCode.KeeperRequired] =
        [
            () => In(Opened(), w => w.Allocates(w.An(Role.Refiner), w.ALotOfCobalt().Entry.Subject, new Line(Uuid(), w.An(Role.Refiner), "1"))),
            () => In(Opened(), w => w.MakesBattery(w.An(Role.BatteryMaker), Uuid(), w.AModel(Role.Importer), [Declared])),
        ],
        [RefusalCode.DelegationMissing] = [() => In(Opened(), w => w.Extracts(w.An(Role.Refiner), Uuid(), "1", w.An(Role.Miner)))],
        [RefusalCode.IdentifierNotGranted] =
        [
            () => In(Opened(), w => w.MakesBattery(w.An(Role.BatteryMaker), Battery(), w.AModel(), [Declared])),
            () => In(Opened(), w => w.MakesBattery(w.An(Role.BatteryMaker), Uuid(), w.AModel(), [Declared], Aliases("gbt34014", "03VPE0A1", "granted"))),
        ],
        [RefusalCode.IdentifierOverlap] = [() => In(Opened(), w => After(w, w.Grants(w.An(Role.BatteryMaker)), () => w.Grants(w.An(Role.Importer))))],
        [RefusalCode.AliasTaken] =
        [
            () => In(Opened(), w =>
            {
                w.Admit(w.Grants(w.An(Role.BatteryMaker), "03V", "gbt34014"));
                w.Admit(w.MakesBattery(w.An(Role.BatteryMaker), Uuid(), w.AModel(), [Declared], Aliases("gbt34014", "03VPE0A1", "granted")));
                return w.MakesBattery(w.An(Role.BatteryMaker), Uuid(), w.AModel(), [Declared], Aliases("gbt34014", "03VPE0A1", "granted"));
            }),
        ],
        [RefusalCode.LinePurposeWrong] =
        [
            () => In(Opened(), w => w.AReleasedBattery("repurposing", w.An(Role.Refiner)) is var (_, release, line) ? w.Receives(w.An(Role.Refiner), line.Subject, Take(release, 0, line)) : null!),
            () => In(Opened(), w => w.AReleasedBattery("repurposing", w.An(Role.SecondLifeOperator)) is var (_, release, line) ? w.BeginsSecondLife(w.An(Role.SecondLifeOperator), line.Subject, "remanufacturing", [Take(release, 0, line)]) : null!),
        ],
        [RefusalCode.ElementMassExceeded] =
        [
            () => In(Opened(), w => w.Says(w.An(Role.Miner), "lot-extracted.v1", Uuid(), new JsonObject { ["mass"] = "10", ["content"] = Holding("cobalt", "10.000000001") })),
            () => In(Opened(), MoreCobaltThanWentIn),
        ],
        [RefusalCode.ContentTooFine] = [() => In(Opened(), AMixtureOfMixtures)],
        [RefusalCode.ReferenceMissing] =
        [
            () => In(Opened(), w => w.MakesBattery(w.An(Role.BatteryMaker), Uuid(), null, [Declared])),
            () => In(Opened(), w => w.MakesBattery(w.An(Role.BatteryMaker), Uuid(), w.ALotOfCobalt(), [Declared])),
            () => In(Opened(), w => w.Sign(w.An(Role.Miner), "withdrawn.v1", w.ALotOfCobalt().Entry.Subject, new JsonObject { ["line"] = 0 })),
            () => In(Opened(), w => After(w, w.Delegates(w.An(Role.Miner), w.An(Role.Refiner), ["lot-extracted.v1"]), () => w.Sign(w.An(Role.Miner), "delegation-revoked.v1", Names.GrantsChain(w.An(Role.Miner).Did)))),
        ],
        [RefusalCode.ReferenceUnresolved] =
        [
            () => In(Opened(), w => w.MakesBattery(w.An(Role.BatteryMaker), Uuid(), w.DeclaresModel(w.An(Role.BatteryMaker), Uuid()), [Declared])), // never admitted
            () => In(Opened(), w =>
            {
                var model = w.AModel();
                return w.Sign(w.An(Role.BatteryMaker), "battery-manufactured.v1", Uuid(), new JsonObject
                {
                    ["manufacturedOn"] = "2026-11",
                    ["source"] = "declared",
                    ["ref"] = new JsonArray(new JsonObject { ["h"] = model.Entry.LeafHash.ToString(), ["sub"] = w.AModel().Entry.Subject }), // of another chain
                });
            }),
        ],
        [RefusalCode.ReferenceAmbiguous] =
        [
            () => In(Opened(), w => w.Sign(w.An(Role.BatteryMaker), "battery-manufactured.v1", Uuid(), new JsonObject { ["manufacturedOn"] = "2026-11", ["source"] = "declared", ["ref"] = References(w.AModel(), w.AModel()) })),
        ],
        [RefusalCode.LineUnknown] =
        [
            () => In(Opened(), w => w.ALineOfCobaltForTheRefiner() is var (giving, line) ? w.Refines(w.An(Role.Refiner), line.Subject, "1", Take(giving, 1, line)) : null!),
            () => In(Opened(), w => w.Withdraws(w.An(Role.Miner), w.ALineOfCobaltForTheRefiner().Giving, 1)),
        ],
        [RefusalCode.LineTaken] = [() => In(Opened(), w => w.ALineOfCobaltForTheRefiner() is var (giving, line) ? After(w, w.Refines(w.An(Role.Refiner), line.Subject, "1", Take(giving, 0, line)), () => w.Withdraws(w.An(Role.Miner), giving, 0)) : null!)],
        [RefusalCode.LineWithdrawn] =
        [
            () => In(Opened(), w => w.ALineOfCobaltForTheRefiner() is var (giving, line) ? After(w, w.Withdraws(w.An(Role.Miner), giving, 0), () => w.Refines(w.An(Role.Refiner), line.Subject, "1", Take(giving, 0, line))) : null!),
            () => In(Opened(), w => w.ALineOfCobaltForTheRefiner() is var (giving, _) ? After(w, w.Withdraws(w.An(Role.Miner), giving, 0), () => w.Withdraws(w.An(Role.Miner), giving, 0)) : null!),
        ],
        [RefusalCode.LineNotYours] = [() => In(Opened(), w => w.ALineOfCobaltForTheRefiner() is var (giving, line) ? w.Refines(w.An(Role.MaterialMaker), line.Subject, "1", Take(giving, 0, line)) : null!)],
        [RefusalCode.TakesNothing] =
        [
            () => In(Opened(), w => w.ALineOfCobaltForTheRefiner() is var (giving, line)
                ? w.Sign(w.An(Role.BatteryMaker), "model-declared.v1", Uuid(), new JsonObject(EventSchema.Example(EventCatalog.Find("model-declared.v1")!).Where(p => p.Key != "materials").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))) { ["in"] = new JsonArray(Take(giving, 0, line)) }) : null!),
        ],
        [RefusalCode.GivesNothing] =
        [
            () => In(Opened(), w => w.Sign(w.An(Role.Miner), "allocated.v1", w.ALotOfCobalt().Entry.Subject)),
            () => In(Opened(), w => w.Sign(w.An(Role.BatteryMaker), "health-measured.v1", w.ABattery().Entry.Subject, new JsonObject { ["out"] = new JsonArray(Digest.Sha256("x"u8).ToString()) }, new JsonObject { ["q0"] = "1" })),
        ],
        [RefusalCode.InputsMissing] =
        [
            () => In(Opened(), w => w.Refines(w.An(Role.Refiner), Uuid(), "1")),
            () => In(Opened(), w => w.MakesBattery(w.An(Role.BatteryMaker), Uuid(), w.AModel())),
            () => In(Opened(), w => w.Sign(w.An(Role.Refiner), "received.v1", Uuid(), new JsonObject { ["open"] = true })),
        ],
        [RefusalCode.QuantityExceeded] =
        [
            () => In(Opened(), w => w.Allocates(w.An(Role.Miner), w.ALotOfCobalt("10").Entry.Subject, new Line(Uuid(), w.An(Role.Refiner), "10.000000001"))),
            () => In(Opened(), w => w.Allocates(w.An(Role.Miner), w.ALotOfCobalt("10").Entry.Subject, new Line(Uuid(), w.An(Role.Refiner), "6"), new Line(Uuid(), w.An(Role.Refiner), "6"))),
            () => In(Opened(), w => w.MakesParts(w.An(Role.CellMaker), Uuid(), "cells", "5", [Declared], new Line(Uuid(), w.An(Role.BatteryMaker), "6"))),
            () => In(Opened(), MoreThanAQuantityHolds),
        ],
        [RefusalCode.OutOfOrder] = [() => In(Opened(), w => w.PlacesOnMarket(w.An(Role.BatteryMaker), w.ABatteryOnTheMarket().Entry.Subject))],
        [RefusalCode.AlreadySo] =
        [
            () => In(Opened(), w => w.Sign(w.Authority, "role-granted.v1", w.An(Role.Miner).Did, new JsonObject { ["role"] = "miner" })),
            () => In(Opened(), w => w.Sign(w.Authority, "role-withdrawn.v1", w.An(Role.Miner).Did, new JsonObject { ["role"] = "refiner" })),
            () => In(Opened(), w => After(w, w.Grants(w.An(Role.Miner)), () => w.Grants(w.An(Role.Miner)))),
            () => In(Opened(), w => After(w, w.Grants(w.An(Role.Miner)), () => w.Sign(w.Authority, "identifier-withdrawn.v1", Names.GrantsChain(w.An(Role.Miner).Did), new JsonObject { ["scheme"] = "gtin", ["prefix"] = "95" }))),
            () => In(Opened(), w => After(w, w.RevokesKey(w.Authority, w.An(Role.Miner)), () => w.RevokesKey(w.Authority, w.An(Role.Miner)))),
            () => In(Opened(), w => After(w, w.ReportsKey(w.Authority, w.An(Role.Miner), 1), () => w.ReportsKey(w.Authority, w.An(Role.Miner), 1))),
        ],
        [RefusalCode.ErasureForbidden] =
        [
            () => In(Opened(), w => w.ALotOfCobalt() is var lot ? w.Erases(w.An(Role.Miner), lot, "mass") : null!),
            () => In(Opened(), w => w.ALineOfCobaltForTheRefiner() is var (giving, _) ? w.Erases(w.An(Role.Miner), giving, "q0") : null!),
            () => In(Opened(), w => w.ALotOfCobalt() is var lot ? w.Erases(w.An(Role.Miner), w.Admit(w.Corrects(w.An(Role.Miner), lot, hidden: new JsonObject { ["mass"] = "2000" })), "mass") : null!),
        ],
        [RefusalCode.CorrectionForbidden] =
        [
            () => In(Opened(), w => w.Corrects(w.An(Role.Miner), w.ALotOfCobalt(), new JsonObject { ["open"] = true })),
            () => In(Opened(), w => w.Corrects(w.An(Role.Miner), w.ALotOfCobalt(), new JsonObject { ["product"] = "x" }, evt: "lot-refined.v1")),
            () => In(Opened(), w => w.Corrects(w.An(Role.Miner), w.ALotOfCobalt(), new JsonObject { ["product"] = "x" }, evt: "corrected.v1")),
            () => In(Opened(), w => w.Corrects(w.An(Role.Miner), w.ALotOfCobalt(), new JsonObject { ["product"] = "x" }, evt: "lot-dreamt.v1")),
        ],
    };

    public static TheoryData<RefusalCode> Codes => [.. Enum.GetValues<RefusalCode>()];

    private static JsonObject SomeLot =>
        new() { ["open"] = false, ["mineral"] = "cobalt", ["product"] = "x", ["site"] = new JsonObject { ["country"] = "CD" } };

    [Theory, MemberData(nameof(Codes))]
    public void Every_refusal_is_drawn_by_a_situation_and_changes_nothing(RefusalCode code)
    {
        Assert.True(Situations.TryGetValue(code, out var situations), $"No situation draws {code.ToCode()}.");
        for (var i = 0; i < situations!.Length; i++)
        {
            var refusal = situations[i]();
            Assert.True(refusal.Code == code, $"Situation {i} of {code.ToCode()} drew {refusal}");
            Assert.NotEmpty(refusal.Detail);
        }
    }

    private static Refusal In(World world, Func<World, SignedEntry> say)
    {
        var entry = say(world);
        return world.Refuse(entry);
    }

    private static SignedEntry After(World world, SignedEntry first, Func<SignedEntry> then)
    {
        world.Admit(first);
        return then();
    }

    private static Refusal OpeningExpecting(Func<World, ExpectedOpening, ExpectedOpening> change)
    {
        var keys = new World();
        string X(Party party) => party.Key.VerifyingKey.X;
        var expected = change(keys, new ExpectedOpening(X(keys.Authority), X(keys.Head), X(keys.LogKey)));
        return new World(expected).Refuse(keys.Opening());
    }

    private static JsonArray Aliases(string scheme, string value, string basis) => [new JsonObject { ["scheme"] = scheme, ["value"] = value, ["basis"] = basis }];

    private static SignedEntry MoreCobaltThanWentIn(World world)
    {
        var (giving, line) = world.ALineOfCobaltForTheRefiner("400");
        return world.Says(world.An(Role.Refiner), "lot-refined.v1", line.Subject, new JsonObject { ["source"] = null, ["mass"] = "500", ["content"] = Holding("cobalt", "400.000000001") }, taken: [Take(giving, 0, line)]);
    }

    // Each time something else is mixed in, by a part that has no end in decimals, until the fraction is too long to keep.
    private static SignedEntry AMixtureOfMixtures(World world)
    {
        var miner = world.An(Role.Miner);
        string? mixed = null;
        for (var mass = 1_000_003m; ; mass += 2)
        {
            var lot = world.Admit(world.Says(miner, "lot-extracted.v1", Uuid(), new JsonObject { ["mass"] = $"{mass}.000000007", ["content"] = Holding("cobalt", "1000") })).Entry.Subject;
            var to = Uuid();
            var lines = new[] { new Line(to, miner, "5.000000003"), new Line(to, miner, "3.000000001") };
            var takings = new List<JsonObject> { Take(world.Admit(world.Allocates(miner, lot, lines[0])), 0, lines[0]) };
            if (mixed is not null)
            {
                var onward = world.Allocates(miner, mixed, lines[1]);
                if (world.Decide(onward) is not Decision.Admitted)
                {
                    return onward;
                }

                takings.Add(Take(onward, 0, lines[1]));
            }

            world.Admit(world.Receives(miner, to, [.. takings]));
            mixed = to;
        }
    }

    private static SignedEntry APieceTakenIntoALot(World world)
    {
        var line = new Line(Uuid(), world.An(Role.Refiner), "1");
        var cells = world.Admit(world.MakesParts(world.An(Role.CellMaker), Uuid(), "cells", "5", [Declared], line));
        return world.Refines(world.An(Role.Refiner), line.Subject, "1", Take(cells, 0, line));
    }

    private static SignedEntry APieceAndAMassInOneConsignment(World world)
    {
        var (giving, mass) = world.ALineOfCobaltForTheRefiner();
        var piece = new Line(mass.Subject, world.An(Role.Refiner), "1");
        var cells = world.Admit(world.MakesParts(world.An(Role.CellMaker), Uuid(), "cells", "5", [Declared], piece));
        return world.Receives(world.An(Role.Refiner), mass.Subject, Take(giving, 0, mass), Take(cells, 0, piece));
    }

    private static SignedEntry MoreThanAQuantityHolds(World world)
    {
        const string Most = "999999999999999999";
        var receiver = Uuid();
        var taken = Enumerable.Range(0, 2).Select(_ =>
        {
            var line = new Line(receiver, world.An(Role.Refiner), Most);
            return Take(world.Admit(world.Allocates(world.An(Role.Miner), world.ALotOfCobalt(Most).Entry.Subject, line)), 0, line);
        }).ToArray();
        return world.Receives(world.An(Role.Refiner), receiver, taken);
    }
}
