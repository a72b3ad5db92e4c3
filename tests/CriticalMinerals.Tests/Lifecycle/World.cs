using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>
/// A log in memory with its four keys, in which anybody says anything: entries are made by <see cref="EntryDraft"/>, read by <see cref="Candidate"/> and
/// decided by <see cref="Admission"/>, as at the service's door. A refused one must have changed nothing.
/// </summary>
internal sealed class World
{
    public const string Origin = "ledger.example.com/log/2026";
    public const string Prefix = "9521234";

    public static readonly string LogDid = Names.LogOperator(Origin);
    public static readonly string LogChain = Names.LogChain(Origin);

    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<Role, Party> _operators = [];

    public World(ExpectedOpening? expected = null)
        : this(new LedgerState(Origin, expected))
    {
    }

    private World(LedgerState state)
    {
        State = state;
        (Authority, Recovery, Head, LogKey) = (Party.Of(Did, "authority"), Party.Of(Did, "recovery"), Party.Of(Did, "head"), Party.Of(Did, "log"));
    }

    /// <summary>The DID of the log itself.</summary>
    public string Did => Names.LogOperator(State.Origin);

    /// <summary>The chain of the log's own keys.</summary>
    public string Chain => Names.LogChain(State.Origin);

    public LedgerState State { get; }

    /// <summary>What was admitted, in order.</summary>
    public List<SignedEntry> Log { get; } = [];

    public Party Authority { get; init; }

    public Party Recovery { get; }

    public Party Head { get; }

    public Party LogKey { get; }

    public static World Opened()
    {
        var world = new World();
        world.Admit(world.Opening());
        return world;
    }

    /// <summary>A log that is not opened yet and goes on from another, with the same operators; the other is used up.</summary>
    public static World After(World ended, string origin = "ledger.example.com/log/2027")
    {
        ended.State.TakeChanges();
        var next = new World(ended.State.Succeed(origin, MerkleTree.Root([.. ended.Log.Select(e => e.Entry.LeafHash)])));
        foreach (var (role, party) in ended._operators)
        {
            next._operators[role] = party;
        }

        return next;
    }

    public static string Uuid() => "urn:uuid:" + Guid.NewGuid();

    /// <summary>A GTIN of 14 digits: packaging indicator 0, the 12 digits, check digit.</summary>
    public static string Gtin(string twelve)
    {
        var digits = "0" + twelve;
        return Enumerable.Range(0, 10).Select(check => digits + check).Single(Gs1.IsGtin);
    }

    public static string Battery(string serial = "A1", string prefix = Prefix) => Gs1.Item(Gtin(prefix + "00001"), serial);

    public SignedEntry Sign(
        Party by, string evt, string subject, JsonObject? clear = null, JsonObject? hidden = null,
        Party? principal = null, long? sequence = null, Digest? previous = null, string? id = null, string? origin = null, DateTimeOffset? occurred = null)
    {
        var data = (JsonObject)(clear ?? []).DeepClone();
        if (principal is not null)
        {
            data["for"] = principal.Did;
        }

        var chain = State.Chain(subject);
        return new EntryDraft
        {
            Origin = origin ?? State.Origin,
            KeyId = by.KeyId,
            Subject = subject,
            Sequence = sequence ?? (chain is null ? 0 : chain.Sequence + 1),
            Previous = previous ?? chain?.Head ?? Digest.Zero,
            Event = evt,
            Id = id ?? Guid.NewGuid().ToString(),
            IssuedAt = Noon,
            OccurredAt = occurred ?? Noon,
            Clear = data,
            Disclosures = [.. (hidden ?? []).Select(p => Disclosure.Create(p.Key, p.Value))],
        }.Sign(by.Key);
    }

    public Decision Decide(SignedEntry signed)
    {
        if (Candidate.Read(signed, out var refusal) is not { } candidate)
        {
            return new Decision.Refused(refusal!);
        }

        var decision = Admission.Decide(State, candidate);
        if (decision is Decision.Admitted admitted)
        {
            Assert.Equal(Log.Count, admitted.Index);
            Log.Add(signed);
        }

        return decision;
    }

    public SignedEntry Admit(SignedEntry signed)
    {
        var decision = Decide(signed);
        Assert.True(decision is Decision.Admitted, decision.ToString());
        return signed;
    }

    public Refusal Refuse(SignedEntry signed)
    {
        var before = Snapshot.Of(State);
        var refused = Assert.IsType<Decision.Refused>(Decide(signed));
        Assert.Equal(before, Snapshot.Of(State));
        return refused.Refusal;
    }

    // What can be said.

    public JsonObject Declare(Party party, KeyUse use) => KeyJson(KeyDeclaration.Of(party.Key, State.Origin, party.KeyId, use));

    public SignedEntry Opening(Party? by = null, JsonObject? changed = null)
    {
        var data = new JsonObject
        {
            ["origin"] = State.Origin,
            ["authority"] = Declare(Authority, KeyUse.Authority),
            ["recovery"] = Declare(Recovery, KeyUse.Recovery),
            ["head"] = Declare(Head, KeyUse.Head),
            ["log"] = Declare(LogKey, KeyUse.Log),
        };
        if (State.Predecessor is { } ended)
        {
            data["after"] = new JsonObject { ["origin"] = ended.Origin, ["size"] = ended.Size, ["root"] = ended.Root };
        }

        foreach (var (name, value) in changed ?? [])
        {
            data.Remove(name);
            if (value is not null)
            {
                data[name] = value.DeepClone();
            }
        }

        return Sign(by ?? Authority, "log-opened.v1", Chain, data);
    }

    public SignedEntry Enrols(Party party, params Role[] roles) => Sign(Authority, "operator-enrolled.v1", party.Did, new JsonObject
    {
        ["operator"] = party.Did,
        ["name"] = "Example",
        ["roles"] = new JsonArray([.. roles.Select(r => (JsonNode)Kebab(r))]),
        ["key"] = Declare(party, KeyUse.Operator),
    });

    public SignedEntry AddsKey(Party by, Party added, KeyUse use = KeyUse.Operator, Party? provenBy = null)
    {
        var data = KeyJson(KeyDeclaration.Of((provenBy ?? added).Key, State.Origin, added.KeyId, use));
        data["jwk"] = Declare(added, use)["jwk"]!.DeepClone();
        data["use"] = Kebab(use);
        return Sign(by, "key-added.v1", added.Did == Did ? Chain : added.Did, data);
    }

    public SignedEntry RevokesKey(Party by, Party revoked) =>
        Sign(by, "key-revoked.v1", revoked.Did == Did ? Chain : revoked.Did, new JsonObject { ["kid"] = revoked.KeyId, ["reason"] = "retired" });

    public SignedEntry ReportsKey(Party by, Party stolen, long from) =>
        Sign(by, "key-compromised.v1", stolen.KeyId.StartsWith("did:web:ledger.", StringComparison.Ordinal) ? Chain : stolen.Did, new JsonObject { ["kid"] = stolen.KeyId, ["fromIndex"] = from });

    public SignedEntry Grants(Party party, string prefix = Prefix, string scheme = "gtin") =>
        Sign(Authority, "identifier-granted.v1", Names.GrantsChain(party.Did), new JsonObject { ["scheme"] = scheme, ["prefix"] = prefix });

    public SignedEntry Delegates(Party by, Party to, string[] events, params string[] chains)
    {
        var data = new JsonObject { ["delegate"] = to.Did, ["events"] = new JsonArray([.. events.Select(e => (JsonNode)e)]) };
        if (chains.Length > 0)
        {
            data["chains"] = new JsonArray([.. chains.Select(c => (JsonNode)c)]);
        }

        return Sign(by, "delegated.v1", Names.GrantsChain(by.Did), data);
    }

    public SignedEntry Extracts(Party by, string lot, string kilograms, Party? principal = null) => Sign(
        by, "lot-extracted.v1", lot,
        new JsonObject { ["open"] = false, ["mineral"] = "cobalt", ["product"] = "cobalt hydroxide", ["site"] = new JsonObject { ["country"] = "CD" } },
        new JsonObject { ["mass"] = kilograms, ["content"] = Holding("cobalt", kilograms) }, principal);

    public SignedEntry Refines(Party by, string lot, string kilograms, params JsonObject[] taken) => Sign(
        by, "lot-refined.v1", lot,
        Taking(taken, new JsonObject { ["open"] = false, ["mineral"] = "cobalt", ["product"] = "cobalt sulphate", ["site"] = new JsonObject { ["country"] = "FI" } }),
        new JsonObject { ["mass"] = kilograms, ["content"] = Holding("cobalt", "0") });

    /// <summary>A statement of content: so much of one element.</summary>
    public static JsonArray Holding(string element, string kilograms) => new(new JsonObject { ["element"] = element, ["mass"] = kilograms });

    public SignedEntry MakesParts(Party by, string subject, string kind, string count, JsonObject[]? taken = null, params Line[] lines)
    {
        var (clear, hidden) = Giving(lines);
        clear["component"] = kind;
        clear["open"] = false;
        clear["partNumber"] = "C-21700";
        clear["plant"] = new JsonObject { ["country"] = "PL" };
        hidden["count"] = count;
        return Sign(by, "component-manufactured.v1", subject, Taking(taken ?? [], clear), hidden);
    }

    public SignedEntry Allocates(Party by, string subject, params Line[] lines)
    {
        var (clear, hidden) = Giving(lines);
        return Sign(by, "allocated.v1", subject, clear, hidden);
    }

    public SignedEntry Receives(Party by, string subject, params JsonObject[] taken) =>
        Sign(by, "received.v1", subject, new JsonObject { ["open"] = false, ["in"] = new JsonArray([.. taken.Select(t => (JsonNode)t)]) });

    public SignedEntry Withdraws(Party by, SignedEntry giving, int line) => Sign(
        by, "withdrawn.v1", giving.Entry.Subject, new JsonObject { ["line"] = line, ["ref"] = References(giving) });

    public SignedEntry DeclaresModel(Party by, string subject) => Sign(by, "model-declared.v1", subject, new JsonObject
    {
        ["model"] = "EV-82",
        ["manufacturer"] = "Example",
        ["category"] = "ev",
        ["plant"] = new JsonObject { ["country"] = "DE" },
        ["chemistry"] = "NMC 811",
        ["mass"] = "450",
        ["ratedCapacity"] = "200",
        ["nominalVoltage"] = "400",
    });

    public SignedEntry MakesBattery(Party by, string subject, SignedEntry? model, JsonObject[]? taken = null, JsonArray? aliases = null, Party? principal = null)
    {
        var data = Taking(taken ?? [], new JsonObject { ["manufacturedOn"] = "2026-11" });
        if (model is not null)
        {
            data["ref"] = References(model);
        }

        if (aliases is not null)
        {
            data["aliases"] = aliases;
        }

        return Sign(by, "battery-manufactured.v1", subject, data, principal: principal);
    }

    public SignedEntry PlacesOnMarket(Party by, string battery, Party? principal = null) =>
        Sign(by, "battery-placed-on-market.v1", battery, new JsonObject { ["market"] = "DE" }, principal: principal);

    public SignedEntry Measures(Party by, string battery) =>
        Sign(by, "health-measured.v1", battery, hidden: new JsonObject { ["stateOfCertifiedEnergy"] = "97.5" });

    public SignedEntry Corrects(Party by, SignedEntry wrong, JsonObject? clear = null, JsonObject? hidden = null, string? evt = null, Party? principal = null)
    {
        var data = (JsonObject)(clear ?? []).DeepClone();
        data["event"] = evt ?? wrong.Entry.Event;
        data["reason"] = "A typing mistake.";
        data["ref"] = References(wrong);
        return Sign(by, "corrected.v1", wrong.Entry.Subject, data, hidden, principal);
    }

    public static JsonArray References(params SignedEntry[] entries) =>
        new([.. entries.Select(e => (JsonNode)new JsonObject { ["h"] = e.Entry.LeafHash.ToString(), ["sub"] = e.Entry.Subject })]);

    public static JsonObject Take(SignedEntry giving, int line, Line given) =>
        new() { ["h"] = giving.Entry.LeafHash.ToString(), ["i"] = line, ["s"] = given.Opening };

    // Named states.

    /// <summary>An operator with that role, enrolled when first asked for.</summary>
    public Party An(Role role)
    {
        if (!_operators.TryGetValue(role, out var party))
        {
            party = Party.Of($"did:web:{Kebab(role)}.example");
            Admit(Enrols(party, role));
            _operators[role] = party;
        }

        return party;
    }

    public SignedEntry ALotOfCobalt(string kilograms = "1000") => Admit(Extracts(An(Role.Miner), Uuid(), kilograms));

    /// <summary>Cobalt on its way to the refiner: the lot, the giving entry and the line that the refiner may redeem on the chain it names.</summary>
    public (SignedEntry Giving, Line Line) ALineOfCobaltForTheRefiner(string kilograms = "400")
    {
        var lot = ALotOfCobalt();
        var line = new Line(Uuid(), An(Role.Refiner), kilograms);
        return (Admit(Allocates(An(Role.Miner), lot.Entry.Subject, line)), line);
    }

    public SignedEntry AModel(Role maker = Role.BatteryMaker) => Admit(DeclaresModel(An(maker), Uuid()));

    /// <summary>Sees to it that an operator may name batteries.</summary>
    public void NeedsAPrefix(Party party)
    {
        if ((State.Chain(Names.GrantsChain(party.Did)) as GrantsState)?.Covers("gtin", Prefix) != true)
        {
            Admit(Grants(party));
        }
    }

    /// <summary>A pack made of cells with a giver's signature, under a granted GTIN.</summary>
    public SignedEntry ABattery(string serial = "A1")
    {
        var maker = An(Role.BatteryMaker);
        NeedsAPrefix(maker);

        var line = new Line(Battery(serial), maker, "96");
        var cells = Admit(MakesParts(An(Role.CellMaker), Uuid(), "cells", "5000", [Declared], line));
        return Admit(MakesBattery(maker, line.Subject, AModel(), [Take(cells, 0, line)]));
    }

    public SignedEntry ABatteryOnTheMarket(string serial = "A1")
    {
        var battery = ABattery(serial);
        Admit(PlacesOnMarket(An(Role.BatteryMaker), battery.Entry.Subject));
        return battery;
    }

    /// <summary>Stands for inputs without a giver's signature.</summary>
    public static JsonObject Declared => new() { ["declared"] = true };

    public static string Kebab<T>(T value)
        where T : Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static JsonObject KeyJson(KeyDeclaration key) => new()
    {
        ["kid"] = key.Kid,
        ["jwk"] = new JsonObject { ["kty"] = key.Jwk.Kty, ["crv"] = key.Jwk.Crv, ["x"] = key.Jwk.X },
        ["proof"] = key.Proof,
    };

    private static JsonObject Taking(JsonObject[] taken, JsonObject data)
    {
        var lines = taken.Where(t => !t.ContainsKey("declared")).ToArray();
        if (lines.Length < taken.Length)
        {
            data["source"] = "declared";
        }

        if (lines.Length > 0)
        {
            data["in"] = new JsonArray([.. lines.Select(t => (JsonNode)t)]);
        }

        return data;
    }

    private static (JsonObject Clear, JsonObject Hidden) Giving(Line[] lines)
    {
        var clear = new JsonObject();
        var hidden = new JsonObject();
        if (lines.Length > 0)
        {
            clear["out"] = new JsonArray([.. lines.Select(l => (JsonNode)Commitment.To(l.Subject, l.To.Did, l.Opening).ToString())]);
        }

        for (var i = 0; i < lines.Length; i++)
        {
            hidden[$"q{i}"] = lines[i].Quantity;
        }

        return (clear, hidden);
    }
}
