using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>Somebody with a key.</summary>
public sealed record Party(string Did, string KeyId, SigningKey Key)
{
    public static Party Of(string did, string keyName = "1") => new(did, $"{did}#{keyName}", SigningKey.Generate());
}

/// <summary>A line to give: who may redeem it on which chain, how much, with which opening.</summary>
public sealed record GivenTo(string Subject, Party To, string Quantity)
{
    public string Opening { get; init; } = Commitment.NewOpening();
}

/// <summary>Signs what producers of one log say, and remembers where each chain stands as far as it was told.</summary>
public sealed class Author(string origin)
{
    private readonly ConcurrentDictionary<string, (long Sequence, Digest Hash)> _heads = new(StringComparer.Ordinal);

    public string Origin { get; } = origin;

    public string LogDid => Names.LogOperator(Origin);

    public string LogChain => Names.LogChain(Origin);

    public Party Authority { get; } = Party.Of(Names.LogOperator(origin), "authority");

    public Party Recovery { get; } = Party.Of(Names.LogOperator(origin), "recovery");

    public Party Head { get; } = Party.Of(Names.LogOperator(origin), "head");

    public Party LogKey { get; } = Party.Of(Names.LogOperator(origin), "log");

    public static string Uuid() => "urn:uuid:" + Guid.NewGuid();

    /// <summary>A GTIN of 14 digits from its 12 digits between indicator and check digit.</summary>
    public static string Gtin(string twelve) => Enumerable.Range(0, 10).Select(check => $"0{twelve}{check}").Single(Gs1.IsGtin);

    /// <summary>The entry stands: the chain goes on from it.</summary>
    public SignedEntry Stands(SignedEntry signed)
    {
        _heads[signed.Entry.Subject] = (signed.Entry.Sequence, signed.Entry.LeafHash);
        return signed;
    }

    /// <summary>Every chain goes on from where another log's author knows it.</summary>
    public void GoOnFrom(Author ended)
    {
        foreach (var (subject, head) in ended._heads)
        {
            _heads[subject] = head;
        }
    }

    /// <summary>A new log under the same name: no chain has begun.</summary>
    public void Forget() => _heads.Clear();

    public SignedEntry Sign(Party by, string evt, string subject, JsonObject? clear = null, JsonObject? hidden = null, string? id = null)
    {
        var (sequence, hash) = _heads.TryGetValue(subject, out var head) ? (head.Sequence + 1, head.Hash) : (0, Digest.Zero);
        return new EntryDraft
        {
            Origin = Origin,
            KeyId = by.KeyId,
            Subject = subject,
            Sequence = sequence,
            Previous = hash,
            Event = evt,
            Id = id ?? Guid.NewGuid().ToString(),
            IssuedAt = DateTimeOffset.UnixEpoch,
            OccurredAt = DateTimeOffset.UnixEpoch,
            Clear = clear ?? [],
            Disclosures = [.. (hidden ?? []).Select(p => Disclosure.Create(p.Key, p.Value))],
        }.Sign(by.Key);
    }

    public SignedEntry Opens(Party? by = null, JsonObject? after = null)
    {
        var data = new JsonObject
        {
            ["origin"] = Origin,
            ["authority"] = Declare(by ?? Authority, KeyUse.Authority),
            ["recovery"] = Declare(Recovery, KeyUse.Recovery),
            ["head"] = Declare(Head, KeyUse.Head),
            ["log"] = Declare(LogKey, KeyUse.Log),
        };
        if (after is not null)
        {
            data["after"] = after;
        }

        return Sign(by ?? Authority, "log-opened.v1", LogChain, data);
    }

    public SignedEntry Enrols(Party party, params Role[] roles) => Sign(Authority, "operator-enrolled.v1", party.Did, new JsonObject
    {
        ["operator"] = party.Did,
        ["name"] = "Example",
        ["roles"] = new JsonArray([.. roles.Select(r => (JsonNode)JsonNamingPolicy.KebabCaseLower.ConvertName(r.ToString()))]),
        ["key"] = Declare(party, KeyUse.Operator),
    });

    public SignedEntry AddsKey(Party by, Party added)
    {
        var data = Declare(added, KeyUse.Operator);
        data["use"] = "operator";
        return Sign(by, "key-added.v1", added.Did, data);
    }

    public SignedEntry RevokesKey(Party by, Party revoked) =>
        Sign(by, "key-revoked.v1", revoked.Did, new JsonObject { ["kid"] = revoked.KeyId, ["reason"] = "retired" });

    public SignedEntry Grants(Party party, string prefix) =>
        Sign(Authority, "identifier-granted.v1", Names.GrantsChain(party.Did), new JsonObject { ["scheme"] = "gtin", ["prefix"] = prefix });

    public SignedEntry Extracts(Party by, string lot, string kilograms = "1000") => Sign(
        by, "lot-extracted.v1", lot,
        new JsonObject { ["open"] = false, ["mineral"] = "cobalt", ["product"] = "cobalt hydroxide", ["site"] = new JsonObject { ["country"] = "CD" } },
        new JsonObject { ["mass"] = kilograms, ["content"] = Holding(kilograms) });

    public SignedEntry Refines(Party by, string lot, string kilograms, params JsonObject[] taken) => Sign(
        by, "lot-refined.v1", lot,
        new JsonObject
        {
            ["open"] = false,
            ["mineral"] = "cobalt",
            ["product"] = "cobalt sulphate",
            ["site"] = new JsonObject { ["country"] = "FI" },
            ["in"] = new JsonArray([.. taken.Select(t => (JsonNode)t)]),
        },
        new JsonObject { ["mass"] = kilograms, ["content"] = Holding("0") });

    public static JsonArray Holding(string kilograms) => new(new JsonObject { ["element"] = "cobalt", ["mass"] = kilograms });

    public SignedEntry Allocates(Party by, string lot, params GivenTo[] lines)
    {
        var hidden = new JsonObject();
        for (var i = 0; i < lines.Length; i++)
        {
            hidden[$"q{i}"] = lines[i].Quantity;
        }

        return Sign(
            by, "allocated.v1", lot,
            new JsonObject { ["out"] = new JsonArray([.. lines.Select(l => (JsonNode)Commitment.To(l.Subject, l.To.Did, l.Opening).ToString())]) },
            hidden);
    }

    public SignedEntry DeclaresModel(Party by, string model) => Sign(by, "model-declared.v1", model, new JsonObject
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

    public SignedEntry MakesBattery(Party by, string battery, SignedEntry model) => Sign(by, "battery-manufactured.v1", battery, new JsonObject
    {
        ["manufacturedOn"] = "2026-11",
        ["source"] = "declared",
        ["ref"] = new JsonArray(new JsonObject { ["h"] = model.Entry.LeafHash.ToString(), ["sub"] = model.Entry.Subject }),
    });

    public SignedEntry PlacesOnMarket(Party by, string battery) => Sign(by, "battery-placed-on-market.v1", battery, new JsonObject { ["market"] = "DE" });

    public SignedEntry Measures(Party by, string battery) => Sign(by, "health-measured.v1", battery, hidden: new JsonObject { ["stateOfCertifiedEnergy"] = "97.5" });

    public static JsonObject Take(SignedEntry giving, int line, GivenTo given) =>
        new() { ["h"] = giving.Entry.LeafHash.ToString(), ["i"] = line, ["s"] = given.Opening };

    private JsonObject Declare(Party party, KeyUse use) => Declare(party, Origin, use);

    public static JsonObject Declare(Party party, string origin, KeyUse use)
    {
        var key = KeyDeclaration.Of(party.Key, origin, party.KeyId, use);
        return new JsonObject
        {
            ["kid"] = key.Kid,
            ["jwk"] = new JsonObject { ["kty"] = key.Jwk.Kty, ["crv"] = key.Jwk.Crv, ["x"] = key.Jwk.X },
            ["proof"] = key.Proof,
        };
    }
}
