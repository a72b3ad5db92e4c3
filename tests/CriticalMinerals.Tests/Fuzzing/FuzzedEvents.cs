using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Fuzzing;

/// <summary>
/// The data of every event, said by somebody with all roles and the right key: event, chain, <c>d</c> in clear, then what is disclosed, a line each. Mutated
/// data is signed anew, so that it comes past hash and signature to the reader of the event and to the rules.
/// </summary>
internal sealed class FuzzedEvents
{
    private const int Patience = 40;

    private readonly SigningKey _maker = EvidenceWorld.Key("maker");
    private readonly SigningKey _authority = EvidenceWorld.Key("authority");
    private LedgerState _state = NewState();
    private int _admitted;

    /// <summary>An example of each event, on a chain of its kind.</summary>
    public static IReadOnlyList<byte[]> Seeds() => [.. EventCatalog.All.Select(type =>
    {
        var example = EventSchema.Example(type);
        var (clear, hidden) = (new JsonObject(), new List<string>());

        // A correction says where its values stand by the event that it corrects.
        var stated = EventCatalog.Find((string?)example["event"] ?? "") ?? type;
        foreach (var (name, value) in example)
        {
            if (SignedEntry.IsLineMember(name) || (type.Claim(name) ?? stated.Claim(name)) is { IsDisclosed: true })
            {
                hidden.Add(new JsonArray(EvidenceWorld.Salt(name), name, value?.DeepClone()).ToJsonString());
            }
            else
            {
                clear[name] = value?.DeepClone();
            }
        }

        return Encoding.UTF8.GetBytes(string.Join('\n', (string[])[type.Name, SubjectOf(type), clear.ToJsonString(), .. hidden]));
    })];

    /// <summary>Reads the event, asks the rules, and writes the event again as it was read.</summary>
    public bool Reads(byte[] bytes)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');

        // Signing what has twice the disclosures that an entry may have would cost more here than reading it does there.
        if (lines.Length is < 3 or > 3 + (2 * Entry.MaximumDisclosures) || Draft(lines) is not { } sdJwt)
        {
            return false;
        }

        if (SignedEntry.Parse(sdJwt, out var fault) is not { } signed)
        {
            return FuzzTargets.Named(fault);
        }

        if (Candidate.Read(signed, out var refusal) is not { } candidate)
        {
            return FuzzTargets.Named(refusal);
        }

        var written = EventEncoding.Of(candidate.Event);
        var again = EventEncoding.Of(Again(written, signed).Event);
        if (!JsonNode.DeepEquals(Values(written.Clear, written.Disclosures), Values(again.Clear, again.Disclosures)))
        {
            throw new UnlikeException(written.Clear.ToJsonString());
        }

        if (Admission.Decide(_state, candidate) is Decision.Admitted && ++_admitted % Patience == 0)
        {
            _state = NewState();
        }

        return true;
    }

    private static Candidate Again(EventEncoding written, SignedEntry signed)
    {
        var place = new EntryPlace(EvidenceWorld.Origin, signed.Entry.Subject, signed.Entry.Sequence, signed.Entry.Sequence == 0 ? Digest.Zero : Digest.Sha256([1]), EvidenceWorld.Start, EvidenceWorld.Start);
        using var key = EvidenceWorld.Key("maker");
        return Candidate.Read(written.Draft(EvidenceWorld.Maker + "#maker", place).Sign(key), out var refusal) ?? throw new UnlikeException($"Read, written, and then refused: {refusal}");
    }

    private static JsonObject Values(JsonObject clear, IReadOnlyList<Disclosure> disclosures)
    {
        var all = (JsonObject)clear.DeepClone();
        foreach (var disclosure in disclosures)
        {
            all["~" + disclosure.Name] = JsonNode.Parse(disclosure.Value.GetRawText());
        }

        return all;
    }

    // As text, so that what is hostile stays so.
    private byte[]? Draft(string[] lines)
    {
        var (name, subject, data) = (lines[0], lines[1], lines[2]);
        var disclosures = lines[3..].Where(l => l.Length > 0).Select(l => StrictBase64Url.Encode(Encoding.UTF8.GetBytes(l))).ToArray();
        if (disclosures.Length > 0)
        {
            if (!data.EndsWith('}'))
            {
                return null;
            }

            var digests = string.Join(',', disclosures.Select(d => Digest.Sha256(Encoding.ASCII.GetBytes(d)).ToString()).Order(StringComparer.Ordinal).Select(d => $"\"{d}\""));
            data = $"{data[..^1]}{(data == "{}" ? "" : ",")}\"_sd\":[{digests}]}}";
        }

        var chain = _state.Chain(subject);
        var isAuthority = EventCatalog.Find(name)?.Chains.Any(c => c is ChainKind.Log or ChainKind.Operator or ChainKind.Grants) == true;
        var (issuer, kid, key) = isAuthority ? (EvidenceWorld.LogDid, EvidenceWorld.LogDid + "#authority", _authority) : (EvidenceWorld.Maker, EvidenceWorld.Maker + "#maker", _maker);
        var payload = $$"""{"v":1,"aud":"{{EvidenceWorld.Origin}}","iss":"{{issuer}}","sub":{{JsonSerializer.Serialize(subject)}},"seq":{{(chain?.Sequence ?? -1) + 1}},"prv":"{{chain?.Head ?? Digest.Zero}}","jti":"{{EvidenceWorld.Uuid(data + name)}}","iat":1767225600,"toe":1767225600,"evt":{{JsonSerializer.Serialize(name)}},"d":{{data}}{{(disclosures.Length > 0 ? ",\"_sd_alg\":\"sha-256\"" : "")}}}""";
        var input = $"{StrictBase64Url.Encode(Encoding.UTF8.GetBytes($$"""{"alg":"Ed25519","kid":"{{kid}}","typ":"cm-entry+sd-jwt"}"""))}.{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(payload))}";
        return Encoding.ASCII.GetBytes($"{input}.{StrictBase64Url.Encode(key.Sign(Encoding.ASCII.GetBytes(input)))}~{string.Concat(disclosures.Select(d => d + "~"))}");
    }

    private static string SubjectOf(EventType type) => type.Chains[0] switch
    {
        ChainKind.Log => EvidenceWorld.LogChain,
        ChainKind.Operator => EvidenceWorld.Maker,
        ChainKind.Grants => Names.GrantsChain(EvidenceWorld.Maker),
        ChainKind.Model when type.Standing != Standing.Opens => EvidenceWorld.Model,
        ChainKind.Battery when type.Standing != Standing.Opens => EvidenceWorld.Battery,
        ChainKind.Lot when type.Standing != Standing.Opens => EvidenceWorld.Lot,
        _ => "urn:uuid:" + EvidenceWorld.Uuid(type.Name),
    };

    private static LedgerState NewState()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        foreach (var role in Enum.GetValues<Role>().Where(r => r is not (Role.BatteryMaker or Role.Miner)))
        {
            world.Append(EvidenceWorld.LogDid, "authority", EvidenceWorld.Maker, "role-granted.v1", new JsonObject { ["role"] = Lifecycle.World.Kebab(role) });
        }

        return world.State;
    }
}
