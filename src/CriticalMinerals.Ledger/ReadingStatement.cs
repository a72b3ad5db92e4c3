using System.Text;
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

    private readonly CompactJws _jws;

    private ReadingStatement(string text, CompactJws jws) => (Text, _jws) = (text, jws);

    /// <summary>The JWS in compact form.</summary>
    public string Text { get; }

    /// <summary>The head key in full.</summary>
    public string KeyId => _jws.KeyId;

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
    public bool IsSignedBy(VerifyingKey key) => _jws.IsSignedBy(key);

    /// <summary>Reads a statement; the signature is checked by <see cref="IsSignedBy"/>.</summary>
    public static ReadingStatement? Parse(string text, out Fault? fault)
    {
        if (CompactJws.Parse(text, MaximumLength, out fault) is { } jws && jws.IsOf(Type, Members) &&
            jws.Text("origin") is { } origin && Names.IsOrigin(origin) && jws.Text("sub") is { } subject && Names.IsSubject(subject) && Digest.TryParse(jws.Text("h"), out var hash) &&
            jws.Integer("count", 0) is { } count && jws.Moment("iat") is { } issued)
        {
            return new ReadingStatement(text, jws) { Origin = origin, Subject = subject, Count = count, Hash = hash, IssuedAt = issued };
        }

        fault ??= new Fault(Failure.ReadingsMalformed, $"A statement of readings is a JWS in compact form: header exactly alg, kid and typ = {Type}; payload exactly origin, sub, count, h and iat; a signature of 64 bytes.");
        return null;
    }
}
