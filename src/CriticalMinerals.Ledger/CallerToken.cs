using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CriticalMinerals.Ledger;

/// <summary>
/// "This operator asks this log for this address, now": a JWS that an enrolled operator signs for one request and sends as bearer token (RFC 6750 section
/// 2.1). Method and address are bound as in RFC 9449 section 4.2, so that a token which somebody saw opens nothing else. Whether the key is in force, and
/// whether <see cref="Id"/> came before, only the log can tell.
/// </summary>
public sealed partial class CallerToken
{
    /// <summary>The only <c>typ</c> of a caller token.</summary>
    public const string Type = "cm-caller+jwt";

    /// <summary>Longest text accepted, in characters.</summary>
    public const int MaximumLength = 2048;

    /// <summary>Longest time between <see cref="IssuedAt"/> and <see cref="ExpiresAt"/>.</summary>
    public static readonly TimeSpan MaximumLifetime = TimeSpan.FromSeconds(300);

    /// <summary>How far the signer's clock may be ahead of the reader's.</summary>
    public static readonly TimeSpan MaximumLead = TimeSpan.FromSeconds(60);

    private static readonly string[] HeaderMembers = ["alg", "kid", "typ"];
    private static readonly string[] PayloadMembers = ["aud", "exp", "htm", "htu", "iat", "iss", "jti"];

    private readonly string _signingInput;
    private readonly byte[] _signature;

    private CallerToken(string text, string signingInput, byte[] signature)
    {
        Text = text;
        _signingInput = signingInput;
        _signature = signature;
    }

    /// <summary>The JWS in compact form: what follows <c>Bearer</c> in the request.</summary>
    public string Text { get; }

    /// <summary>The signing key in full, <c>did#name</c>.</summary>
    public string KeyId { get; private init; } = "";

    /// <summary><c>iss</c>: the operator that asks.</summary>
    public string Issuer { get; private init; } = "";

    /// <summary><c>aud</c>: the origin of the log that is asked.</summary>
    public string Origin { get; private init; } = "";

    /// <summary><c>htm</c>: the HTTP method, in upper case.</summary>
    public string Method { get; private init; } = "";

    /// <summary><c>htu</c>: the address asked for, without query and fragment, as signed.</summary>
    public string Address { get; private init; } = "";

    /// <summary><c>jti</c>: UUID chosen for this one request.</summary>
    public string Id { get; private init; } = "";

    /// <summary>What the operator asks for, in a word that <see cref="IsPurpose"/> knows; null when it does not say.</summary>
    public string? Purpose { get; private init; }

    /// <summary><c>iat</c>: when it was signed, whole seconds, as claimed.</summary>
    public DateTimeOffset IssuedAt { get; private init; }

    /// <summary><c>exp</c>: from when on it opens nothing, whole seconds; after <see cref="IssuedAt"/>.</summary>
    public DateTimeOffset ExpiresAt { get; private init; }

    /// <summary>A purpose: lower-case letters, digits and hyphens, a letter first, 1 to 64 characters.</summary>
    public static bool IsPurpose(string? text) => text is not null && PurposeForm().IsMatch(text);

    /// <summary>Makes and signs a token for one request.</summary>
    /// <param name="key">A key of the operator.</param>
    /// <param name="keyId">The key in full; its operator is the issuer.</param>
    /// <param name="origin">The log that is asked.</param>
    /// <param name="method">The HTTP method, in upper case.</param>
    /// <param name="address">The absolute http or https address asked for; query and fragment are left away.</param>
    /// <param name="id">A new UUID, 36 characters in lower case.</param>
    /// <param name="purpose">What is asked for, or null.</param>
    /// <param name="issuedAt">Now; cut to whole seconds.</param>
    /// <param name="expiresAt">At most <see cref="MaximumLifetime"/> later; cut to whole seconds.</param>
    /// <exception cref="ArgumentException">A value breaks a rule of the format; the message says which.</exception>
    public static CallerToken Sign(
        SigningKey key, string keyId, string origin, string method, Uri address, string id, string? purpose, DateTimeOffset issuedAt, DateTimeOffset expiresAt) =>
        Sign(input => key.Sign(input), keyId, origin, method, address, id, purpose, issuedAt, expiresAt);

    /// <summary>Makes a token with a signer of the owner's own, such as a hardware module: it gets the signing input and returns 64 bytes.</summary>
    /// <exception cref="ArgumentException">A value breaks a rule of the format; the message says which.</exception>
    public static CallerToken Sign(
        Func<byte[], byte[]> signer, string keyId, string origin, string method, Uri address, string id, string? purpose, DateTimeOffset issuedAt, DateTimeOffset expiresAt)
    {
        var header = new JsonObject { ["alg"] = "Ed25519", ["kid"] = keyId, ["typ"] = Type };
        var payload = new JsonObject
        {
            ["aud"] = origin,
            ["iss"] = keyId.Split('#')[0],
            ["htm"] = method,
            ["htu"] = WithoutQuery(address),
            ["iat"] = issuedAt.ToUnixTimeSeconds(),
            ["exp"] = expiresAt.ToUnixTimeSeconds(),
            ["jti"] = id,
        };
        if (purpose is not null)
        {
            payload["purpose"] = purpose;
        }

        var token = Parse(CompactJws.Sign(header.ToJsonString(CompactJws.Plain), payload.ToJsonString(CompactJws.Plain), signer), out var fault);
        fault ??= token!.CheckLifetime();
        return fault is null ? token! : throw new ArgumentException(fault.ToString());
    }

    /// <summary>Whether this key signed it. False for anything else; never throws.</summary>
    public bool IsSignedBy(VerifyingKey key) => key.Verify(Encoding.ASCII.GetBytes(_signingInput), _signature);

    /// <summary>Whether it was made for this request and is in force; null when it is, else the first thing that is wrong.</summary>
    /// <param name="origin">The log that was asked.</param>
    /// <param name="method">The method of the request.</param>
    /// <param name="addresses">
    /// The absolute addresses, without query, under which what was asked for is reached. Scheme, host and a default port are compared as RFC 3986 sections
    /// 6.2.2.1 and 6.2.3 say, the path byte for byte. What is no such address equals none.
    /// </param>
    /// <param name="now">When the request came.</param>
    public Fault? Check(string origin, string method, IReadOnlyCollection<string> addresses, DateTimeOffset now) =>
        Origin != origin ? new Fault(Failure.TokenForeign, $"The token is for the log {Origin}, this is {origin}. Sign one whose aud is the log that you ask.") :
        Method != method ? new Fault(Failure.TokenMethodWrong, $"The token is for {Method}, the request is {StrictJson.Printable(method)}. Sign one for each request.") :
        !addresses.Any(a => Normal(a) is { } asked && asked == Normal(Address)) ? new Fault(
            Failure.TokenAddressWrong,
            $"The token is for {StrictJson.Printable(Address, 160)}, the request is for {StrictJson.Printable(addresses.FirstOrDefault() ?? "", 160)}. Sign the address that you ask for, without its query.") :
        CheckLifetime() ?? (
        IssuedAt - now > MaximumLead ? new Fault(Failure.TokenNotYetValid, $"The token is from {IssuedAt:u}, here it is {now:u}. Set the clock where it is signed.") :
        now >= ExpiresAt ? new Fault(Failure.TokenExpired, $"The token expired at {ExpiresAt:u}, here it is {now:u}. Sign one for each request; if it was new, set the clock where it is signed.") :
        null);

    /// <summary>Reads a token; the signature is checked by <see cref="IsSignedBy"/>. Every fault is <see cref="Failure.TokenMalformed"/> or <see cref="Failure.TokenTypeWrong"/>.</summary>
    public static CallerToken? Parse(string text, out Fault? fault)
    {
        // The type before all else: who sends an entry of whatever length as a token reads that it is an entry, not that it is too long.
        var dot = text.AsSpan(0, Math.Min(text.Length, MaximumLength)).IndexOf('.');
        if (ReadPart(text.AsSpan(0, Math.Max(dot, 0)), out fault) is not { } header || (fault = CheckHeader(header)) is not null)
        {
            return null;
        }

        if (text.Length > MaximumLength || text.Split('.') is not [var head, var body, var sign] || StrictBase64Url.Decode(sign) is not { Length: VerifyingKey.SignatureLength } signature)
        {
            fault = Malformed($"It is a JWS in compact form of at most {MaximumLength} characters, with a signature of {VerifyingKey.SignatureLength} bytes.");
            return null;
        }

        var keyId = Value(header, "kid")!;
        if (ReadPart(body, out fault) is not { } payload || (fault = CheckPayload(payload, keyId)) is not null)
        {
            return null;
        }

        return new CallerToken(text, $"{head}.{body}", signature)
        {
            KeyId = keyId,
            Issuer = Value(payload, "iss")!,
            Origin = Value(payload, "aud")!,
            Method = Value(payload, "htm")!,
            Address = Value(payload, "htu")!,
            Id = Value(payload, "jti")!,
            Purpose = Value(payload, "purpose"),
            IssuedAt = DateTimeOffset.FromUnixTimeSeconds(Time(payload, "iat")!.Value),
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(Time(payload, "exp")!.Value),
        };
    }

    private static JsonElement? ReadPart(ReadOnlySpan<char> text, out Fault? fault)
    {
        if (StrictBase64Url.Decode(text) is not { Length: > 0 } bytes)
        {
            fault = Malformed("It is three parts of unpadded base64url with two dots between: header, payload, signature.");
            return null;
        }

        if (StrictJson.Parse(bytes, out fault) is { ValueKind: JsonValueKind.Object } json)
        {
            return json;
        }

        fault = Malformed(fault?.Detail ?? "Its header and payload are JSON objects.");
        return null;
    }

    private static Fault? CheckHeader(JsonElement header) =>
        Value(header, "typ") is { } type && type != Type ? new Fault(Failure.TokenTypeWrong, $"typ of a caller token is {Type}, not {StrictJson.Printable(type)}: something signed for another end proves nothing here.") :
        !HasExactly(header, HeaderMembers, optional: null) || Value(header, "typ") is null ? Malformed($"The header has exactly alg, kid and typ = {Type}.") :
        Value(header, "alg") is not ("Ed25519" or "EdDSA") ? Malformed("alg is Ed25519 (RFC 9864); EdDSA is accepted for it.") :
        !Names.IsKeyId(Value(header, "kid")) ? Malformed("kid is written in full: did:web:…#name.") : null;

    private static Fault? CheckPayload(JsonElement payload, string keyId)
    {
        var wrong =
            !HasExactly(payload, PayloadMembers, optional: "purpose") ? "The payload has exactly aud, iss, htm, htu, iat, exp, jti, and purpose where the purpose is said" :
            !Names.IsOrigin(Value(payload, "aud")) ? "aud is a log origin: lower-case host[:port]/path without a scheme" :
            Value(payload, "iss") != Names.OperatorOf(keyId) ? "iss is the operator of kid: kid is iss, #, key name" :
            Value(payload, "htm") is not { } method || !MethodForm().IsMatch(method) ? "htm is an HTTP method in upper case" :
            Value(payload, "htu") is not { } address || Normal(address) is null ? "htu is an absolute http or https URL without query and fragment" :
            Time(payload, "iat") is not { } issued ? "iat is whole seconds since 1970" :
            Time(payload, "exp") is not { } expires || expires <= issued ? "exp is whole seconds since 1970, after iat" :
            !Names.IsUuid(Value(payload, "jti")) ? "jti is a UUID, 36 characters in lower case" :
            payload.TryGetProperty("purpose", out _) && !IsPurpose(Value(payload, "purpose")) ? "purpose is lower-case letters, digits and hyphens, a letter first, at most 64" : null;
        return wrong is null ? null : Malformed(wrong + ".");
    }

    private Fault? CheckLifetime() => ExpiresAt - IssuedAt <= MaximumLifetime
        ? null
        : new Fault(Failure.TokenTooLongLived, $"The token is made for {(long)(ExpiresAt - IssuedAt).TotalSeconds} seconds; {(long)MaximumLifetime.TotalSeconds} are allowed. Sign one for each request.");

    private static Fault Malformed(string detail) => new(Failure.TokenMalformed, "Not a caller token. " + detail);

    private static bool HasExactly(JsonElement value, string[] required, string? optional) =>
        value.EnumerateObject().Select(p => p.Name).Where(n => n != optional).Order(StringComparer.Ordinal).SequenceEqual(required);

    private static string? Value(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Time(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.GetInt64() is >= 0 and <= 253_402_300_799 and var seconds ? seconds : null;

    // What a client puts on the wire, so the host as it is resolved, not as it is shown.
    private static string WithoutQuery(Uri address) => !address.IsAbsoluteUri
        ? throw new ArgumentException("The address is absolute.", nameof(address))
        : $"{address.Scheme}://{(address.HostNameType == UriHostNameType.IPv6 ? address.Host : address.IdnHost)}{(address.IsDefaultPort ? "" : FormattableString.Invariant($":{address.Port}"))}{address.AbsolutePath}";

    /// <summary>The one spelling of an address in which two are compared; null for what is no absolute http or https URL without query, fragment and user.</summary>
    private static string? Normal(string address)
    {
        if (AddressForm().Match(address) is not { Success: true } match)
        {
            return null;
        }

        var (scheme, port, path) = (match.Groups["scheme"].Value.ToLowerInvariant(), match.Groups["port"].Value, match.Groups["path"].Value);
        return $"{scheme}://{match.Groups["host"].Value.ToLowerInvariant()}:{(port.Length > 0 ? port : scheme == "https" ? "443" : "80")}{(path.Length > 0 ? path : "/")}";
    }

    // Visible ASCII but ? and # in the path: what is not percent-encoded there is compared, never resolved.
    [GeneratedRegex("""\A(?<scheme>[Hh][Tt][Tt][Pp][Ss]?)://(?<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?<port>[1-9][0-9]{0,4}))?(?<path>/[!-"$->@-~]*)?\z""", RegexOptions.CultureInvariant)]
    private static partial Regex AddressForm();

    [GeneratedRegex(@"\A[A-Z]{1,16}\z", RegexOptions.CultureInvariant)]
    private static partial Regex MethodForm();

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PurposeForm();
}
