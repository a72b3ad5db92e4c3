using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CriticalMinerals.Ledger;

/// <summary>
/// "So many restricted reads of that chain were recorded, and the last has this hash": a JWS by the log's head key. Whoever is later shown other records of
/// the same numbers, or fewer, holds proof that they were tampered with.
/// </summary>
public sealed class ReadingStatement
{
    /// <summary>The only <c>typ</c> of such a statement.</summary>
    public const string Type = "cm-readings+jwt";

    /// <summary>Longest text accepted, in characters.</summary>
    public const int MaximumLength = 2048;

    private static readonly string[] Members = ["count", "h", "iat", "origin", "sub"];

    private readonly string _signingInput;
    private readonly byte[] _signature;

    private ReadingStatement(string text, string signingInput, byte[] signature)
    {
        Text = text;
        _signingInput = signingInput;
        _signature = signature;
    }

    /// <summary>The JWS in compact form.</summary>
    public string Text { get; }

    /// <summary>The head key in full.</summary>
    public string KeyId { get; private init; } = "";

    /// <summary>The log.</summary>
    public string Origin { get; private init; } = "";

    /// <summary>The chain that was read.</summary>
    public string Subject { get; private init; } = "";

    /// <summary>How many reads were recorded, from 0.</summary>
    public long Count { get; private init; }

    /// <summary>Hash of the last record (<see cref="Link"/>); 32 zero bytes without any.</summary>
    public Digest Hash { get; private init; }

    /// <summary>When the statement was made.</summary>
    public DateTimeOffset IssuedAt { get; private init; }

    /// <summary>Links a record to those before it: SHA-256 over <c>cm-reading/v1</c>, a line feed, the 32 bytes of the hash before it and the record's UTF-8 bytes.</summary>
    public static Digest Link(Digest before, string record) => Digest.Sha256([.. "cm-reading/v1\n"u8, .. before.ToArray(), .. Encoding.UTF8.GetBytes(record)]);

    /// <summary>Makes and signs a statement.</summary>
    public static ReadingStatement Sign(SigningKey key, string keyId, string origin, string subject, long count, Digest hash, DateTimeOffset issuedAt)
    {
        var header = new JsonObject { ["alg"] = "Ed25519", ["kid"] = keyId, ["typ"] = Type };
        var payload = new JsonObject { ["origin"] = origin, ["sub"] = subject, ["count"] = count, ["h"] = hash.ToString(), ["iat"] = issuedAt.ToUnixTimeSeconds() };
        return Parse(CompactJws.Sign(header.ToJsonString(), payload.ToJsonString(), input => key.Sign(input)), out var fault) ?? throw new ArgumentException(fault!.ToString());
    }

    /// <summary>Whether this head key signed it. Never throws.</summary>
    public bool IsSignedBy(VerifyingKey key) => key.Verify(Encoding.ASCII.GetBytes(_signingInput), _signature);

    /// <summary>Reads a statement; the signature is checked by <see cref="IsSignedBy"/>.</summary>
    public static ReadingStatement? Parse(string text, out Fault? fault)
    {
        fault = new Fault(Failure.ReadingsMalformed, $"A statement of readings is a JWS in compact form: header alg, kid, typ = {Type}; payload origin, sub, count, h and iat.");
        if (text.Length > MaximumLength || text.Split('.') is not [var head, var body, var sign] ||
            StrictBase64Url.Decode(head) is not { } headerBytes || StrictBase64Url.Decode(body) is not { } payloadBytes || StrictBase64Url.Decode(sign) is not { Length: 64 } signature ||
            StrictJson.Parse(headerBytes, out _) is not { ValueKind: JsonValueKind.Object } header || StrictJson.Parse(payloadBytes, out _) is not { ValueKind: JsonValueKind.Object } payload)
        {
            return null;
        }

        string? Value(JsonElement from, string name) => from.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.String ? v.GetString() : null;
        long? Integer(string name) => payload.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.Number ? v.GetInt64() : null;
        if (header.EnumerateObject().Count() != 3 || Value(header, "alg") is not ("Ed25519" or "EdDSA") || Value(header, "typ") != Type || !Names.IsKeyId(Value(header, "kid")) ||
            !payload.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal).SequenceEqual(Members) ||
            !Names.IsOrigin(Value(payload, "origin")) || !Names.IsSubject(Value(payload, "sub")) || !Digest.TryParse(Value(payload, "h"), out var hash) ||
            Integer("count") is not >= 0 || Integer("iat") is not (>= 0 and <= 253_402_300_799))
        {
            return null;
        }

        fault = null;
        return new ReadingStatement(text, $"{head}.{body}", signature)
        {
            KeyId = Value(header, "kid")!,
            Origin = Value(payload, "origin")!,
            Subject = Value(payload, "sub")!,
            Count = Integer("count")!.Value,
            Hash = hash,
            IssuedAt = DateTimeOffset.FromUnixTimeSeconds(Integer("iat")!.Value),
        };
    }
}
