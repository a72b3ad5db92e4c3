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

    private readonly CompactJws _jws;

    private HeadStatement(string text, CompactJws jws) => (Text, _jws) = (text, jws);

    /// <summary>The JWS in compact form.</summary>
    public string Text { get; }

    /// <summary>The head key in full.</summary>
    public string KeyId => _jws.KeyId;

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
    public bool IsSignedBy(VerifyingKey key) => _jws.IsSignedBy(key);

    /// <summary>Reads a statement; the signature is checked by <see cref="IsSignedBy"/>.</summary>
    public static HeadStatement? Parse(string text, out Fault? fault)
    {
        if (CompactJws.Parse(text, MaximumLength, out fault) is { } jws && jws.IsOf(Type, Members) &&
            jws.Text("origin") is { } origin && Names.IsOrigin(origin) && jws.Text("sub") is { } subject && Names.IsSubject(subject) && Digest.TryParse(jws.Text("h"), out var hash) &&
            jws.Integer("seq", 0) is { } sequence && jws.Integer("size", 1) is { } size && jws.Moment("iat") is { } issued && jws.Moment("exp") is { } expires)
        {
            return new HeadStatement(text, jws) { Origin = origin, Subject = subject, Sequence = sequence, Head = hash, Size = size, IssuedAt = issued, ExpiresAt = expires };
        }

        fault ??= new Fault(Failure.HeadMalformed, $"A head statement is a JWS in compact form: header exactly alg, kid and typ = {Type}; payload exactly origin, sub, seq, h, size, iat and exp; a signature of 64 bytes.");
        return null;
    }
}
