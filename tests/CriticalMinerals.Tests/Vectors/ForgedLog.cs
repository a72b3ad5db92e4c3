using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Tests.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>An entry of a forged log.</summary>
internal sealed record Said(long Index, string Hash, string Subject, byte[] Leaf, string[] Disclosures);

/// <summary>How an entry differs from the one that its honest signer would sign next.</summary>
internal sealed record Forgery
{
    public long? Sequence { get; init; }

    public string? Previous { get; init; }

    public string? Id { get; init; }

    public string? Origin { get; init; }

    /// <summary>Name of the example key that signs; that of the kid when null.</summary>
    public string? SignedBy { get; init; }
}

/// <summary>
/// A log whose operator is an attacker: whatever anybody signs is taken in, and the tree, the tiles and the checkpoint are made anew around it, so that a
/// case is wrong in one place only. Every key is the public one of the specification's section 1.1.
/// </summary>
internal sealed class ForgedLog
{
    public const string Origin = EvidenceWorld.Origin;
    public const string Mine = "did:web:mine.example";
    public const string Maker = EvidenceWorld.Maker;
    public static readonly string LogDid = EvidenceWorld.LogDid;
    public static readonly string LogChain = EvidenceWorld.LogChain;
    public static readonly string Authority = LogDid + "#authority";
    public static readonly string Lot = "urn:uuid:" + EvidenceWorld.Uuid("lot");
    public static readonly string Consignment = "urn:uuid:" + EvidenceWorld.Uuid("consignment");

    internal static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The log that this one goes on from; null for one that begins by itself.</summary>
    public ForgedLog? After { get; private init; }

    public List<Said> Entries { get; } = [];

    /// <summary>The name of this log.</summary>
    public string Name { get; private init; } = Origin;

    /// <summary>The DID of this log.</summary>
    public string Did => Names.LogOperator(Name);

    /// <summary>The chain of this log's own keys.</summary>
    public string OwnChain => Names.LogChain(Name);

    /// <summary>An example key of this log by its use: those of a successor begin with its year.</summary>
    public string KeyName(string use) => After is null ? use : $"{Name.Split('/')[^1]}-{use}";

    private IEnumerable<Said> Life => [.. After?.Life ?? [], .. Entries];

    public Digest[] Hashes => [.. Entries.Select(said => Digest.OfLeaf(said.Leaf))];

    public static NoteVerifier VerifierKey(string key) => new(Origin, EvidenceWorld.Key(key).VerifyingKey);

    /// <summary>Opened, with a mine and a maker.</summary>
    public static ForgedLog Begun()
    {
        var log = new ForgedLog();
        log.Open();
        log.Enrol(Mine, "mine", "miner");
        log.Enrol(Maker, "maker", "battery-maker", "cell-maker", "refiner");
        return log;
    }

    /// <summary>The same, with a lot of the mine at index 3.</summary>
    public static ForgedLog WithALot()
    {
        var log = Begun();
        log.Extract(Lot);
        return log;
    }

    /// <summary>A log that goes on from another as it stands, opened so.</summary>
    /// <param name="ended">The other.</param>
    /// <param name="changed">What its opening says of the other in place of the truth.</param>
    public static ForgedLog Succeeding(ForgedLog ended, Action<JsonObject>? changed = null)
    {
        var log = new ForgedLog { After = ended, Name = "ledger.example.com/log/2027" };
        var data = new JsonObject { ["origin"] = log.Name };
        foreach (var (member, use) in new[] { ("authority", KeyUse.Authority), ("recovery", KeyUse.Recovery), ("head", KeyUse.Head), ("log", KeyUse.Log) })
        {
            data[member] = EvidenceWorld.Declare(log.Did, log.KeyName(member), use, log.Name);
        }

        data["after"] = new JsonObject { ["origin"] = ended.Name, ["size"] = ended.Entries.Count, ["root"] = MerkleTree.Root(ended.Hashes).ToString() };
        changed?.Invoke(data);
        log.Say($"{log.Did}#{log.KeyName("authority")}", log.OwnChain, "log-opened.v1", data);
        return log;
    }

    public Said Say(string kid, string subject, string name, JsonObject? d = null, Forgery? forgery = null, params (string Name, JsonNode Value)[] hidden)
    {
        var number = Life.Count().ToString(CultureInfo.InvariantCulture);
        var chain = Life.Where(said => said.Subject == subject).ToList();
        var disclosed = hidden.Select(h => Disclosure.Create(EvidenceWorld.Salt($"salt {number} {h.Name}"), h.Name, h.Value)).ToList();
        var data = d ?? [];
        if (disclosed.Count > 0)
        {
            data["_sd"] = new JsonArray([.. disclosed.Select(x => x.Digest.ToString()).Order(StringComparer.Ordinal).Select(x => (JsonNode)x)]);
        }

        var payload = new JsonObject
        {
            ["v"] = 1,
            ["aud"] = forgery?.Origin ?? Name,
            ["iss"] = kid.Split('#')[0],
            ["sub"] = subject,
            ["seq"] = forgery?.Sequence ?? chain.Count,
            ["prv"] = forgery?.Previous ?? (chain.Count == 0 ? RawEntry.Zeros : chain[^1].Hash),
            ["jti"] = forgery?.Id ?? EvidenceWorld.Uuid("jti " + number),
            ["iat"] = EvidenceWorld.Start.ToUnixTimeSeconds() + (60 * Entries.Count),
            ["toe"] = EvidenceWorld.Start.ToUnixTimeSeconds(),
            ["evt"] = name,
            ["d"] = data,
        };
        if (disclosed.Count > 0)
        {
            payload["_sd_alg"] = "sha-256";
        }

        var header = new JsonObject { ["alg"] = "Ed25519", ["kid"] = kid, ["typ"] = Entry.Type };
        var leaf = Sign(header.ToJsonString(Plain), payload.ToJsonString(Plain), forgery?.SignedBy ?? kid.Split('#')[1]);
        return Add(Encoding.ASCII.GetBytes(leaf), subject, [.. disclosed.Select(x => x.Text)]);
    }

    public Said Add(byte[] leaf, string subject, params string[] disclosures)
    {
        var said = new Said(Entries.Count, Digest.OfLeaf(leaf).ToString(), subject, leaf, disclosures);
        Entries.Add(said);
        return said;
    }

    /// <summary>Compact JWS of texts that may be anything.</summary>
    public static string Sign(string header, string payload, string key)
    {
        var input = $"{RawEntry.Encode(header)}.{RawEntry.Encode(payload)}";
        return $"{input}.{StrictBase64Url.Encode(EvidenceWorld.Key(key).Sign(Encoding.ASCII.GetBytes(input)))}";
    }

    // What can be said.

    public Said Open(string by = "authority", string origin = Origin) => Say($"{LogDid}#{by}", LogChain, "log-opened.v1", new JsonObject
    {
        ["origin"] = origin,
        ["authority"] = EvidenceWorld.Declare(LogDid, "authority", KeyUse.Authority),
        ["recovery"] = EvidenceWorld.Declare(LogDid, "recovery", KeyUse.Recovery),
        ["head"] = EvidenceWorld.Declare(LogDid, "head", KeyUse.Head),
        ["log"] = EvidenceWorld.Declare(LogDid, "log", KeyUse.Log),
    });

    public Said Enrol(string did, string key, params string[] roles) => Enrols(Authority, did, key, roles);

    public Said Enrols(string by, string did, string key, params string[] roles) => Say(by, did, "operator-enrolled.v1", new JsonObject
    {
        ["operator"] = did,
        ["name"] = "Example " + key,
        ["roles"] = new JsonArray([.. roles.Select(r => (JsonNode)r)]),
        ["key"] = EvidenceWorld.Declare(did, key, KeyUse.Operator),
    });

    public Said AddKey(string by, string did, string key, KeyUse use = KeyUse.Operator, Action<JsonObject>? changed = null)
    {
        var declared = EvidenceWorld.Declare(did, key, use);
        declared["use"] = World.Kebab(use);
        changed?.Invoke(declared);
        return Say(by, did == LogDid ? LogChain : did, "key-added.v1", declared);
    }

    public Said RevokeKey(string by, string kid) => Say(by, ChainOf(kid), "key-revoked.v1", new JsonObject { ["kid"] = kid, ["reason"] = "retired" });

    public Said ReportKey(string by, string kid, long from) => Say(by, ChainOf(kid), "key-compromised.v1", new JsonObject { ["kid"] = kid, ["fromIndex"] = from });

    public Said Affirm(string by, string kid, long from, long to) => Say(by, ChainOf(kid), "affirmed.v1", new JsonObject { ["kid"] = kid, ["from"] = from, ["to"] = to });

    public Said Suspend(string did) => Say(Authority, did, "operator-suspended.v1", new JsonObject { ["reason"] = "Under investigation." });

    public Said Delegate(string by, string to, string name, string? chain = null) => Say(by, Names.GrantsChain(by.Split('#')[0]), "delegated.v1", chain is null
        ? new JsonObject { ["delegate"] = to, ["events"] = new JsonArray(name) }
        : new JsonObject { ["delegate"] = to, ["events"] = new JsonArray(name), ["chains"] = new JsonArray(chain) });

    public Said Grant(string did, string prefix = "9521234") =>
        Say(Authority, Names.GrantsChain(did), "identifier-granted.v1", new JsonObject { ["scheme"] = "gtin", ["prefix"] = prefix });

    public Said Extract(string lot, string by = Mine + "#mine", Forgery? forgery = null, string? principal = null)
    {
        var d = new JsonObject { ["open"] = false, ["mineral"] = "lithium", ["product"] = "spodumene concentrate", ["site"] = new JsonObject { ["country"] = "FI" } };
        if (principal is not null)
        {
            d["for"] = principal;
        }

        return Say(by, lot, "lot-extracted.v1", d, forgery, ("mass", "1000"), ("content", new JsonArray(new JsonObject { ["element"] = "lithium", ["mass"] = "28" })));
    }

    /// <summary>One line from a lot.</summary>
    public Said Give(string to, string receiver = Maker, string by = Mine + "#mine", string? principal = null, Forgery? forgery = null)
    {
        var d = new JsonObject { ["out"] = new JsonArray(Commitment.To(to, receiver, EvidenceWorld.Opening(to)).ToString()) };
        if (principal is not null)
        {
            d["for"] = principal;
        }

        return Say(by, Lot, "allocated.v1", d, forgery, ("q0", "40"));
    }

    public Said Receive(string chain, Said giving, string by = Maker + "#maker", int line = 0, string? opening = null) => Say(
        by, chain, "received.v1", new JsonObject { ["open"] = false, ["in"] = new JsonArray(Take(giving.Hash, chain, line, opening)) });

    public static JsonObject Take(string giving, string chain, int line = 0, string? opening = null) =>
        new() { ["h"] = giving, ["i"] = line, ["s"] = opening ?? EvidenceWorld.Opening(chain) };

    public static JsonArray Reference(Said said, string? subject = null) => new(new JsonObject { ["h"] = said.Hash, ["sub"] = subject ?? said.Subject });

    public static string Chain(string name) => "urn:uuid:" + EvidenceWorld.Uuid(name);

    // What is published.

    public byte[] Checkpoint(params string[] keys) => Encoding.UTF8.GetBytes(
        new Checkpoint(Name, (ulong)Entries.Count, MerkleTree.Root(Hashes)).Sign([.. (keys.Length == 0 ? [KeyName("log")] : keys).Select(EvidenceWorld.Key)]).ToString());

    /// <summary>The log as files under <c>log/</c>: checkpoint, tiles, entry bundles.</summary>
    public Dictionary<string, byte[]> Files(params string[] logKeys)
    {
        var tiles = new InMemoryTiles(Hashes);
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal) { ["log/checkpoint"] = Checkpoint(logKeys) };
        foreach (var tile in Tile.AllOf((ulong)Entries.Count))
        {
            files["log/" + tile.Path] = tiles.Content(tile);
            if (tile.Level == 0)
            {
                files["log/" + tile.EntriesPath] = EntryBundle.Encode([.. Entries.Skip((int)tile.Index * Tile.FullWidth).Take(tile.Width).Select(said => new ReadOnlyMemory<byte>(said.Leaf))]);
            }
        }

        return files;
    }

    public string Head(string subject, string key = "head", int? size = null)
    {
        var end = size ?? Entries.Count;
        List<Said> chain = [.. (After?.Life ?? []).Concat(Entries.Take(end)).Where(said => said.Subject == subject)];
        var now = EvidenceWorld.Start.AddMinutes(Entries.Count);
        return HeadStatement.Sign(EvidenceWorld.Key(KeyName(key)), $"{Did}#{KeyName(key)}", Name, subject, chain.Count - 1, Digest.Parse(chain[^1].Hash), end, now, now.AddMinutes(5)).Text;
    }

    public string[] Proof(long index) => [.. new GrownTree(RightEdge.Empty, Hashes).ProofOf((ulong)index).Path.Select(hash => hash.ToString())];

    public string Receipt(long index) => new Receipt(
        (ulong)index, new GrownTree(RightEdge.Empty, Hashes).ProofOf((ulong)index).Path, SignedNote.Parse(Encoding.UTF8.GetString(Checkpoint()), out _)!).ToString();

    /// <summary>An evidence bundle of whole chains and single entries, as they are named.</summary>
    public JsonObject Bundle(string[] chains, params Said[] cited) => new()
    {
        ["format"] = EvidenceBundle.Format,
        ["origin"] = Name,
        ["subject"] = chains[0],
        ["checkpoint"] = Encoding.UTF8.GetString(Checkpoint()),
        ["chains"] = new JsonArray([.. chains.Select(chain => (JsonNode)new JsonObject
        {
            ["sub"] = chain,
            ["head"] = Head(chain),
            ["entries"] = new JsonArray([.. (After?.Entries ?? []).Where(said => said.Subject == chain).Select(said => After!.Placed(said)), .. Entries.Where(said => said.Subject == chain).Select(Placed)]),
        })]),
        ["cited"] = new JsonArray([.. cited.Select(said => Entries.Contains(said) ? Placed(said) : After!.Placed(said))]),
    };

    public JsonNode Placed(Said said) => new JsonObject
    {
        ["index"] = said.Index,
        ["leaf"] = Encoding.ASCII.GetString(said.Leaf),
        ["disclosures"] = new JsonArray([.. said.Disclosures.Select(text => (JsonNode)text)]),
        ["proof"] = new JsonArray([.. Proof(said.Index).Select(hash => (JsonNode)hash)]),
    };

    private static string ChainOf(string kid) => kid.Split('#')[0] is var did && did == LogDid ? LogChain : did;
}
