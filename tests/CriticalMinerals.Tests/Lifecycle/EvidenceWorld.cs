using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>
/// A whole log in memory, made of fixed seeds: the same keys, ids, salts and openings, so the same bytes in every run. Each secret is SHA-256 of its name.
/// </summary>
internal sealed class EvidenceWorld
{
    public const string Origin = "ledger.example.com/log/2026";
    public const string Maker = "did:web:maker.example";
    public const string Gtin = "09521234543213";
    public static readonly string LogDid = Names.LogOperator(Origin);
    public static readonly string LogChain = Names.LogChain(Origin);
    public const string Battery = $"https://id.gs1.org/01/{Gtin}/21/A0001";
    public static readonly string Model = "urn:uuid:" + Uuid("model");
    public static readonly string Lot = "urn:uuid:" + Uuid("lot");
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    private readonly List<SignedEntry> _entries = [];
    private readonly LedgerState _state = new(Origin);

    public IReadOnlyList<SignedEntry> Entries => _entries;

    public LedgerState State => _state;

    public Digest[] Leaves => [.. _entries.Select(signed => signed.Entry.LeafHash)];

    /// <summary>When a head statement of this world is made: one minute after the newest entry.</summary>
    public DateTimeOffset Now => Start.AddMinutes(_entries.Count);

    public static byte[] Secret(string name) => SHA256.HashData(Encoding.ASCII.GetBytes("example " + name));

    public static SigningKey Key(string name) => SigningKey.FromSeed(Secret(name));

    public static string Salt(string name) => StrictBase64Url.Encode(Secret(name).AsSpan(0, 16));

    public static string Uuid(string name)
    {
        var bytes = Secret(name)[..16];
        bytes[6] = (byte)(0x40 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true).ToString();
    }

    public static TrustPolicy Policy => new([new NoteVerifier(Origin, Key("log").VerifyingKey)]) { Authority = Key("authority").VerifyingKey };

    /// <summary>The log, one firm that mines and makes, its prefix, a model, a closed lot of 1,000 kg that gives 40 kg to a battery, the battery.</summary>
    public static EvidenceWorld ABatteryWasMade()
    {
        var world = new EvidenceWorld();
        world.Open();
        world.Enrol(Maker, "maker", "battery-maker", "miner");
        world.Grant(Maker, "9521234");
        world.Append(Maker, "maker", Model, "model-declared.v1", new JsonObject
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
        world.Append(Maker, "maker", Lot, "lot-extracted.v1", new JsonObject
        {
            ["open"] = false,
            ["mineral"] = "lithium",
            ["product"] = "spodumene concentrate",
            ["site"] = new JsonObject { ["country"] = "FI" },
        }, ("mass", "1000"), ("content", new JsonArray(new JsonObject { ["element"] = "lithium", ["mass"] = "28" })));
        world.Give(Lot, Battery, "40");
        world.Make(Battery, 0);
        return world;
    }

    public void Open() => Append(LogDid, "authority", LogChain, "log-opened.v1", new JsonObject
    {
        ["origin"] = Origin,
        ["authority"] = Declare(LogDid, "authority", KeyUse.Authority),
        ["recovery"] = Declare(LogDid, "recovery", KeyUse.Recovery),
        ["head"] = Declare(LogDid, "head", KeyUse.Head),
        ["log"] = Declare(LogDid, "log", KeyUse.Log),
    });

    public void Enrol(string did, string key, params string[] roles) => Append(LogDid, "authority", did, "operator-enrolled.v1", new JsonObject
    {
        ["operator"] = did,
        ["name"] = "Example " + key,
        ["roles"] = new JsonArray([.. roles.Select(r => (JsonNode)r)]),
        ["key"] = Declare(did, key, KeyUse.Operator),
    });

    public void Grant(string did, string prefix) =>
        Append(LogDid, "authority", Names.GrantsChain(did), "identifier-granted.v1", new JsonObject { ["scheme"] = "gtin", ["prefix"] = prefix });

    public void Suspend(string did) => Append(LogDid, "authority", did, "operator-suspended.v1", new JsonObject { ["reason"] = "Under investigation." });

    /// <summary>One line of stock to a chain of the same firm.</summary>
    public SignedEntry Give(string from, string to, string quantity) => Append(Maker, "maker", from, "allocated.v1", new JsonObject
    {
        ["out"] = new JsonArray(Commitment.To(to, Maker, Opening(to)).ToString()),
    }, ("q0", quantity));

    public SignedEntry Make(string battery, int line)
    {
        var giving = _entries[^1].Entry.LeafHash.ToString();
        var model = _entries.First(signed => signed.Entry.Subject == Model).Entry.LeafHash.ToString();
        return Append(Maker, "maker", battery, "battery-manufactured.v1", new JsonObject
        {
            ["ref"] = new JsonArray(new JsonObject { ["h"] = model, ["sub"] = Model }),
            ["in"] = new JsonArray(new JsonObject { ["h"] = giving, ["i"] = line, ["s"] = Opening(battery) }),
            ["manufacturedOn"] = "2026-01",
        }, ("initialCapacity", "150.2"));
    }

    public SignedEntry Measure(string battery, string did = Maker, string key = "maker") =>
        Append(did, key, battery, "health-measured.v1", [], ("remainingCapacity", "149.1"));

    public static string Opening(string to) => StrictBase64Url.Encode(Secret("opening " + to).AsSpan(0, 16));

    public static JsonObject Declare(string did, string key, KeyUse use, string origin = Origin)
    {
        using var signing = Key(key);
        var declared = KeyDeclaration.Of(signing, origin, $"{did}#{key}", use);
        return new JsonObject
        {
            ["kid"] = declared.Kid,
            ["jwk"] = new JsonObject { ["kty"] = "OKP", ["crv"] = "Ed25519", ["x"] = declared.Jwk.X },
            ["proof"] = declared.Proof,
        };
    }

    /// <summary>Signs the next entry of a chain; an entry that the rules refuse fails the test unless it is forced in, as a dishonest log would.</summary>
    public SignedEntry Append(string did, string key, string subject, string name, JsonObject clear, params (string Name, JsonNode Value)[] disclosed) =>
        Add(Draft(did, key, subject, name, clear, disclosed), force: false);

    public SignedEntry Draft(string did, string key, string subject, string name, JsonObject clear, params (string Name, JsonNode Value)[] disclosed)
    {
        var number = _entries.Count.ToString(CultureInfo.InvariantCulture);
        var chain = _entries.Where(signed => signed.Entry.Subject == subject).ToList();
        using var signing = Key(key);
        return new EntryDraft
        {
            Origin = Origin,
            KeyId = $"{did}#{key}",
            Subject = subject,
            Sequence = chain.Count,
            Previous = chain.Count == 0 ? Digest.Zero : chain[^1].Entry.LeafHash,
            Event = name,
            Id = Uuid("jti " + number),
            IssuedAt = Now,
            OccurredAt = Start,
            Clear = clear,
            Disclosures = [.. disclosed.Select(d => Disclosure.Create(Salt($"salt {number} {d.Name}"), d.Name, d.Value))],
        }.Sign(signing);
    }

    public SignedEntry Add(SignedEntry signed, bool force)
    {
        _entries.Add(signed);
        if (!force)
        {
            var decision = Admission.Decide(_state, Candidate.Read(signed, out var refusal) ?? throw new InvalidOperationException(refusal!.ToString()));
            Assert.True(decision is Decision.Admitted, decision.ToString());
        }

        return signed;
    }

    public SignedNote Checkpoint(string key = "log")
    {
        using var log = Key(key);
        return new Checkpoint(Origin, (ulong)_entries.Count, MerkleTree.Root(Leaves)).Sign(log);
    }

    public InclusionProof ProofOf(ulong index) => new GrownTree(RightEdge.Empty, Leaves).ProofOf(index);

    public HeadStatement Head(string subject, string key = "head")
    {
        using var head = Key(key);
        var newest = _entries.Last(signed => signed.Entry.Subject == subject).Entry;
        return HeadStatement.Sign(head, $"{LogDid}#{key}", Origin, subject, newest.Sequence, newest.LeafHash, _entries.Count, Now, Now.AddMinutes(5));
    }

    /// <summary>The bundle as a log makes it for a reader who may see some disclosures or none, and closed lots or none.</summary>
    public async Task<EvidenceBundle> BundleAsync(string subject, bool disclosures, bool closed = false, bool givers = true, WholeGivers whole = default)
    {
        LoggedEntry See(int index) => new(index, disclosures ? _entries[index] : _entries[index].WithoutDisclosures());
        bool MayRead(Entry entry) => closed || _state.Chain(entry.Subject)?.IsOpen != false;
        Task<IReadOnlyList<LoggedEntry>> Chain(string name) => Task.FromResult<IReadOnlyList<LoggedEntry>>(
            [.. Enumerable.Range(0, _entries.Count).Where(i => _entries[i].Entry.Subject == name && MayRead(_entries[i].Entry)).Select(See)]);
        Task<LoggedEntry?> One(Digest hash) => Task.FromResult(
            _entries.FindIndex(signed => signed.Entry.LeafHash == hash) is >= 0 and var index && (givers || MayRead(_entries[index].Entry)) ? See(index) : (LoggedEntry?)null);

        var (selection, fault) = await EvidenceSelection.SelectAsync(subject, Origin, Chain, One, whole);
        Assert.Null(fault);
        var grown = new GrownTree(RightEdge.Empty, Leaves);
        return selection!.ToBundle(
            Origin,
            Checkpoint(),
            selection.Chains.Keys.ToDictionary(name => name, name => Head(name)),
            selection.Indexes.ToDictionary(index => index, index => grown.ProofOf((ulong)index).Path));
    }
}
