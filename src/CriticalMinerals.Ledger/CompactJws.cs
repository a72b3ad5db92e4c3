using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CriticalMinerals.Ledger;

/// <summary>JWS compact serialization (RFC 7515 section 7.1): what entries, statements of the head key and caller tokens have in common.</summary>
internal sealed class CompactJws
{
    /// <summary>Base64url wraps the text anyway: escaping for HTML would only cost bytes.</summary>
    internal static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonElement _header;
    private readonly JsonElement _payload;
    private readonly byte[] _signingInput;
    private readonly byte[] _signature;

    private CompactJws(JsonElement header, JsonElement payload, byte[] signingInput, byte[] signature) =>
        (_header, _payload, _signingInput, _signature) = (header, payload, signingInput, signature);

    /// <summary><c>kid</c>, once <see cref="IsOf"/> has said yes.</summary>
    internal string KeyId => Value(_header, "kid")!;

    internal static string Sign(string header, string payload, Func<byte[], byte[]> signer)
    {
        var input = $"{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(header))}.{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(payload))}";
        return $"{input}.{StrictBase64Url.Encode(signer(Encoding.ASCII.GetBytes(input)))}";
    }

    /// <summary>Reads one with an Ed25519 signature; null when it is none, with the fault of its JSON where that is why.</summary>
    internal static CompactJws? Parse(string text, int maximumLength, out Fault? fault)
    {
        fault = null;
        return text.Length <= maximumLength && text.Split('.') is [var head, var body, var sign] &&
            StrictBase64Url.Decode(head) is { } headerBytes && StrictBase64Url.Decode(body) is { } payloadBytes &&
            StrictBase64Url.Decode(sign) is { Length: VerifyingKey.SignatureLength } signature &&
            StrictJson.Parse(headerBytes, out fault) is { ValueKind: JsonValueKind.Object } header && StrictJson.Parse(payloadBytes, out fault) is { ValueKind: JsonValueKind.Object } payload
                ? new CompactJws(header, payload, Encoding.ASCII.GetBytes($"{head}.{body}"), signature)
                : null;
    }

    /// <summary>Whether the header is exactly alg, kid and this typ, and the payload has exactly these members, given in ascending order.</summary>
    internal bool IsOf(string type, IReadOnlyList<string> members) =>
        _header.EnumerateObject().Count() == 3 && Value(_header, "alg") is "Ed25519" or "EdDSA" && Value(_header, "typ") == type && Names.IsKeyId(Value(_header, "kid")) &&
        _payload.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal).SequenceEqual(members);

    /// <summary>A text of the payload; null for anything else.</summary>
    internal string? Text(string name) => Value(_payload, name);

    /// <summary>An integer of the payload within the range; null for anything else.</summary>
    internal long? Integer(string name, long least, long most = long.MaxValue) =>
        _payload.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.Number && v.GetInt64() is var number && number >= least && number <= most ? number : null;

    /// <summary>Seconds since 1970 up to the year 9999; null for anything else.</summary>
    internal DateTimeOffset? Moment(string name) => Integer(name, 0, 253_402_300_799) is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>Whether this key signed it. Never throws.</summary>
    internal bool IsSignedBy(VerifyingKey key) => key.Verify(_signingInput, _signature);

    private static string? Value(JsonElement from, string name) => from.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.String ? v.GetString() : null;
}
