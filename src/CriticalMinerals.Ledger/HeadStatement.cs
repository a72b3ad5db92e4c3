using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CriticalMinerals.Ledger;

/// <summary>
/// "This was the newest entry of that chain": a JWS by the log's head key. Whoever later finds an entry of the chain with a higher sequence and an index
/// below <see cref="Size"/> holds proof that the service hid it. <see cref="ExpiresAt"/> limits freshness, not truth.
/// </summary>
public sealed class HeadStatement
{
    /// <summary>The only <c>typ</c> of a head statement.</summary>
    public const string Type = "cm-head+jwt";

    /// <summary>Longest text accepted, in characters.</summary>
    public const int MaximumLength = 2048;

    private static readonly string[] Members = ["exp", "h", "iat", "origin", "seq", "size", "sub"];

    private readonly string _signingInput;
    private readonly byte[] _signature;

    private HeadStatement(string text, string signingInput, byte[] signature)
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

    /// <summary>The chain.</summary>
    public string Subject { get; private init; } = "";

    /// <summary>Sequence of the chain's newest entry.</summary>
    public long Sequence { get; private init; }

    /// <summary>Leaf hash of the chain's newest entry.</summary>
    public Digest Head { get; private init; }

    /// <summary>Tree size at which it was the newest, at least 1.</summary>
    public long Size { get; private init; }

    /// <summary>When the statement was made.</summary>
    public DateTimeOffset IssuedAt { get; private init; }

    /// <summary>Until when it counts as fresh; minutes after <see cref="IssuedAt"/>.</summary>
    public DateTimeOffset ExpiresAt { get; private init; }

    /// <summary>Makes and signs a statement.</summary>
    public static HeadStatement Sign(
        SigningKey key, string keyId, string origin, string subject, long sequence, Digest head, long size, DateTimeOffset issuedAt, DateTimeOffset expiresAt)
    {
        var header = new JsonObject { ["alg"] = "Ed25519", ["kid"] = keyId, ["typ"] = Type };
        var payload = new JsonObject
        {
            ["origin"] = origin,
            ["sub"] = subject,
            ["seq"] = sequence,
            ["h"] = head.ToString(),
            ["size"] = size,
            ["iat"] = issuedAt.ToUnixTimeSeconds(),
            ["exp"] = expiresAt.ToUnixTimeSeconds(),
        };
        return Parse(CompactJws.Sign(header.ToJsonString(), payload.ToJsonString(), input => key.Sign(input)), out var fault) ?? throw new ArgumentException(fault!.ToString());
    }

    /// <summary>Whether this head key signed it. Never throws.</summary>
    public bool IsSignedBy(VerifyingKey key) => key.Verify(Encoding.ASCII.GetBytes(_signingInput), _signature);

    /// <summary>Reads a statement; the signature is checked by <see cref="IsSignedBy"/>.</summary>
    public static HeadStatement? Parse(string text, out Fault? fault)
    {
        if (text.Length > MaximumLength || text.Split('.') is not [var head, var body, var sign] ||
            StrictBase64Url.Decode(head) is not { } headerBytes || StrictBase64Url.Decode(body) is not { } payloadBytes ||
            StrictBase64Url.Decode(sign) is not { Length: 64 } signature)
        {
            fault = new Fault(Failure.HeadMalformed, "A head statement is a JWS in compact form with a signature of 64 bytes.");
            return null;
        }

        if (StrictJson.Parse(headerBytes, out fault) is not { ValueKind: JsonValueKind.Object } header || StrictJson.Parse(payloadBytes, out fault) is not { ValueKind: JsonValueKind.Object } payload)
        {
            fault ??= new Fault(Failure.HeadMalformed, "Header and payload of a head statement are JSON objects.");
            return null;
        }

        string? Value(JsonElement from, string name) => from.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.String ? v.GetString() : null;
        long? Integer(string name) => payload.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.Number ? v.GetInt64() : null;

        if (header.EnumerateObject().Count() != 3 || Value(header, "alg") is not ("Ed25519" or "EdDSA") || Value(header, "typ") != Type || !Names.IsKeyId(Value(header, "kid")))
        {
            fault = new Fault(Failure.HeadMalformed, $"The header of a head statement has exactly alg, kid and typ = {Type}.");
            return null;
        }

        if (!payload.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal).SequenceEqual(Members) ||
            !Names.IsOrigin(Value(payload, "origin")) || !Names.IsSubject(Value(payload, "sub")) || !Digest.TryParse(Value(payload, "h"), out var hash) ||
            Integer("seq") is not >= 0 || Integer("size") is not >= 1 ||
            Integer("iat") is not (>= 0 and <= 253_402_300_799) || Integer("exp") is not (>= 0 and <= 253_402_300_799))
        {
            fault = new Fault(Failure.HeadMalformed, "The payload of a head statement has exactly origin, sub, seq, h, size, iat and exp.");
            return null;
        }

        fault = null;
        return new HeadStatement(text, $"{head}.{body}", signature)
        {
            KeyId = Value(header, "kid")!,
            Origin = Value(payload, "origin")!,
            Subject = Value(payload, "sub")!,
            Sequence = Integer("seq")!.Value,
            Head = hash,
            Size = Integer("size")!.Value,
            IssuedAt = DateTimeOffset.FromUnixTimeSeconds(Integer("iat")!.Value),
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(Integer("exp")!.Value),
        };
    }
}
