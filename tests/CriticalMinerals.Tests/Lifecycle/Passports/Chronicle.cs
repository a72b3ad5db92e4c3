using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;

namespace CriticalMinerals.Tests.Lifecycle.Passports;

/// <summary>A log in memory that refuses what the real one refuses. Keys, salts and ids follow from names, so that two runs give the same bytes.</summary>
internal sealed class Chronicle
{
    internal const string Origin = "ledger.example.com/log/2026";
    internal static readonly DateTimeOffset Start = new(2026, 11, 2, 8, 0, 0, TimeSpan.Zero);

    private readonly LedgerState _state = new(Origin);
    private readonly List<RecordedEntry> _entries = [];
    private readonly string _log = Names.LogOperator(Origin);

    internal Chronicle()
    {
        JsonObject Declared(string name, KeyUse use) => Declare($"{_log}#{name}", use);
        Say($"{_log}#authority", Names.LogChain(Origin), "log-opened.v1", new JsonObject
        {
            ["origin"] = Origin,
            ["authority"] = Declared("authority", KeyUse.Authority),
            ["recovery"] = Declared("recovery", KeyUse.Recovery),
            ["head"] = Declared("head", KeyUse.Head),
            ["log"] = Declared("log", KeyUse.Log),
        });
    }

    internal IReadOnlyList<RecordedEntry> Entries => _entries;

    internal string Authority => $"{_log}#authority";

    internal static SigningKey Key(string keyId) => SigningKey.FromSeed(SHA256.HashData(Encoding.UTF8.GetBytes(keyId)));

    internal static JsonObject Declare(string keyId, KeyUse use) => JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(
        KeyDeclaration.Of(Key(keyId), Origin, keyId, use), System.Text.Json.JsonSerializerOptions.Web))!.AsObject();

    internal IReadOnlyList<RecordedEntry> Chain(string subject) => [.. _entries.Where(e => e.Signed.Entry.Subject == subject)];

    internal string Enrol(string did, string name, params string[] roles)
    {
        Say(Authority, did, "operator-enrolled.v1", new JsonObject
        {
            ["operator"] = did,
            ["name"] = name,
            ["roles"] = new JsonArray([.. roles.Select(r => (JsonNode)r)]),
            ["key"] = Declare(did + "#k1", KeyUse.Operator),
        });
        return did + "#k1";
    }

    /// <summary>Signs and admits one entry, an hour after the one before.</summary>
    internal RecordedEntry Say(string keyId, string subject, string name, JsonObject clear, params (string Name, JsonNode Value)[] disclosed)
    {
        var before = _state.Chain(subject);
        var now = Start.AddHours(_entries.Count);
        using var key = Key(keyId);
        var signed = new EntryDraft
        {
            Origin = Origin,
            KeyId = keyId,
            Subject = subject,
            Sequence = before is null ? 0 : before.Sequence + 1,
            Previous = before?.Head ?? Digest.Zero,
            Event = name,
            Id = new Guid(MD5(FormattableString.Invariant($"{_entries.Count}"))).ToString(),
            IssuedAt = now,
            OccurredAt = name is "put-into-service.v1" or "incident-reported.v1" ? new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero) : now.AddDays(-1),
            Clear = clear,
            Disclosures = [.. disclosed.Select(d => Disclosure.Create(Salt($"{_entries.Count}/{d.Name}"), d.Name, d.Value))],
        }.Sign(key);
        var candidate = Candidate.Read(signed, out var refusal);
        Assert.True(candidate is not null, refusal?.Detail);
        var decision = Admission.Decide(_state, candidate);
        Assert.True(decision is Decision.Admitted, (decision as Decision.Refused)?.Refusal.Detail);
        var recorded = new RecordedEntry(_entries.Count, signed, now.AddMinutes(5));
        _entries.Add(recorded);
        return recorded;
    }

    /// <summary>Gives one line to a chain and returns what the receiver puts into <c>in</c>.</summary>
    internal JsonObject Give(string keyId, string from, string quantity, string to, string receiver)
    {
        var opening = Salt($"opening {_entries.Count}");
        var giving = Say(keyId, from, "allocated.v1", new JsonObject { ["out"] = new JsonArray(Commitment.To(to, receiver, opening).ToString()) }, ("q0", quantity));
        return new JsonObject { ["h"] = giving.Signed.Entry.LeafHash.ToString(), ["i"] = 0, ["s"] = opening };
    }

    internal PassportSource Source(string battery, string model, bool disclosures = true)
    {
        RecordedEntry Shown(RecordedEntry e) => disclosures ? e : e with { Signed = SignedEntry.Join(e.Signed.Entry, [], complete: false, out _)! };
        IReadOnlyList<RecordedEntry> Of(string subject) => [.. Chain(subject).Select(Shown)];
        var chains = _entries.Select(e => e.Signed.Entry.Subject).Distinct().ToList();
        return new PassportSource
        {
            Battery = Of(battery),
            Model = Of(model),
            Operators = chains.Where(c => _state.Chain(c) is OperatorState).ToDictionary(c => c, Of).Append(new(_log, Of(Names.LogChain(Origin)))).ToDictionary(),
            Givers = chains.Where(c => c != battery && IsOpen(c)).ToDictionary(c => c, Of),
            Takers = [.. _entries.Where(e => e.Signed.Entry.Subject != battery && IsOpen(e.Signed.Entry.Subject) && e.Signed.Entry.Taken.Any(t => Chain(battery).Any(g => g.Signed.Entry.LeafHash == t.Entry))).Select(Shown)],
        };
    }

    /// <summary>Says an event as its schema's example has it, with some members changed, each in clear or disclosed as its claim asks.</summary>
    internal RecordedEntry SayExample(string keyId, string subject, string name, JsonObject? changed = null)
    {
        var type = EventCatalog.Find(name)!;
        var data = EventSchema.Example(type);
        foreach (var member in (string[])["in", "out", "ref", "q0", "codes0", "aliases"])
        {
            data.Remove(member);
        }

        foreach (var (member, value) in changed ?? [])
        {
            data.Remove(member);
            if (value is not null)
            {
                data[member] = value.DeepClone();
            }
        }

        bool IsHidden(string member) => SignedEntry.IsLineMember(member) || type.Claim(member)?.IsDisclosed == true;
        var clear = new JsonObject(data.Where(p => !IsHidden(p.Key)).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        return Say(keyId, subject, name, clear, [.. data.Where(p => IsHidden(p.Key)).Select(p => (p.Key, p.Value!.DeepClone()))]);
    }

    /// <summary>Gives the battery up, and returns what the taker puts into <c>in</c>.</summary>
    internal JsonObject Release(string keyId, string battery, string operation, string to, string receiver)
    {
        var opening = Salt($"opening {_entries.Count}");
        var giving = Say(keyId, battery, "released.v1", new() { ["operation"] = operation, ["out"] = new JsonArray(Commitment.To(to, receiver, opening).ToString()) }, ("q0", "1"));
        return new JsonObject { ["h"] = giving.Signed.Entry.LeafHash.ToString(), ["i"] = 0, ["s"] = opening };
    }

    internal static JsonArray References(RecordedEntry entry) => new(new JsonObject { ["h"] = entry.Signed.Entry.LeafHash.ToString(), ["sub"] = entry.Signed.Entry.Subject });

    private bool IsOpen(string subject) => _state.Chain(subject) is StockState { Open: true } or BatteryState;

    private static byte[] MD5(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text))[..16];

    private static string Salt(string name) => StrictBase64Url.Encode(MD5("salt " + name));
}
