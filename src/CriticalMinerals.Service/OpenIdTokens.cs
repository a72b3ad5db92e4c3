using System.Text.Json;
using System.Text.Unicode;
using CriticalMinerals.Ledger;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CriticalMinerals.Service;

/// <summary>A person, as the configured OpenID Connect issuer vouches for.</summary>
/// <param name="Issuer">The issuer, as configured; <paramref name="Subject"/> is unique within it.</param>
/// <param name="Subject">Whom the issuer means (<c>sub</c>), 1 to 255 printable ASCII characters.</param>
/// <param name="Rights">The values of the claim that <see cref="LedgerOptions.OpenIdClaim"/> names, as they stand in the token and in its order, at most <see cref="OpenIdTokens.MaximumRights"/>; none when the token lacks it.</param>
public sealed record OpenIdPerson(string Issuer, string Subject, IReadOnlyList<string> Rights);

/// <summary>
/// Tells who calls with an access token of the configured OpenID Connect issuer: a signed JWT (RFC 9068, RFC 8725) of typ <c>at+jwt</c> or <c>JWT</c>, by a
/// key that the issuer publishes, for this ledger's audience, within its time. Nothing of a token is logged or kept.
/// </summary>
public sealed class OpenIdTokens : IDisposable
{
    /// <summary>Longest token read, in characters (16 KiB).</summary>
    public const int MaximumLength = 16 * 1024;

    /// <summary>Most values of the claim that says what a person may do.</summary>
    public const int MaximumRights = 32;

    /// <summary>How far the issuer's clock may be off, 60 seconds.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    // Asymmetric only: whoever can check a signature here must not be able to make one.
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private readonly LedgerOptions _options;
    private readonly TimeProvider _clock;
    private readonly OpenIdKeys? _keys;
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaximumLength };

    /// <param name="options">The issuer, its name for this ledger, and the claim that is read.</param>
    /// <param name="clock">Decides what has expired.</param>
    /// <param name="logger">Hears why the issuer gave no keys, and nothing else.</param>
    public OpenIdTokens(LedgerOptions options, TimeProvider clock, ILogger<OpenIdTokens> logger)
    {
        (_options, _clock) = (options, clock);
        _keys = options.OpenIdIssuer is { } issuer ? new OpenIdKeys(issuer, clock, logger) : null;
    }

    /// <summary>The person behind a bearer token, or why it is refused: 401 for the token's faults, 503 when the issuer cannot be asked for its keys.</summary>
    /// <param name="token">What stands after <c>Bearer</c>; anything at all.</param>
    /// <param name="cancel">The caller went away.</param>
    public async Task<(OpenIdPerson? Person, Problem? Problem)> ValidateAsync(string token, CancellationToken cancel)
    {
        if (_keys is null)
        {
            return (null, Problems.TokenIssuerNone);
        }

        if (Claimed.Read(token, _options.OpenIdClaim, out var malformed) is not { } claimed)
        {
            return (null, Problems.TokenMalformed(malformed));
        }

        // What is cheap first, and before the issuer is asked: only tokens that say they are its own make the service ask.
        var problem = !claimed.IsBearerAccessToken ? Problems.TokenTypeWrong
            : !Algorithms.Contains(claimed.Algorithm) ? Problems.TokenAlgorithm
            : claimed.Issuer != _options.OpenIdIssuer ? Problems.TokenIssuerUnknown
            : null;
        if (problem is not null)
        {
            return (null, problem);
        }

        if (await _keys.ForAsync(claimed.KeyId, cancel) is not { } keys)
        {
            return (null, Problems.TokenIssuerUnreachable);
        }

        if (keys.Count == 0)
        {
            return (null, Problems.TokenKeyUnknown);
        }

        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = Algorithms,
            ValidIssuer = _options.OpenIdIssuer,
            ValidAudience = _options.OpenIdAudience,
            IssuerSigningKeys = keys.Where(key => Fits(key, claimed.Algorithm)),
            LifetimeValidator = (notBefore, expires, _, _) => IsWithinTime(notBefore, expires),
        });
        problem = !result.IsValid ? Why(result.Exception)
            : claimed.Subject is not { Length: > 0 and <= 255 } subject || subject.AsSpan().ContainsAnyExceptInRange(' ', '~') ? Problems.TokenSubject
            : claimed.Rights is not { Count: <= MaximumRights } ? Problems.TokenMalformed($"The token's claim {_options.OpenIdClaim} must be a text, or an array of at most {MaximumRights} texts. Ask the issuer's operator to give it so.")
            : null;
        return problem is null ? (new OpenIdPerson(_options.OpenIdIssuer!, claimed.Subject!, claimed.Rights!), null) : (null, problem);
    }

    public void Dispose() => _keys?.Dispose();

    private bool IsWithinTime(DateTime? notBefore, DateTime? expires)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        return expires > now - ClockSkew && !(notBefore > now + ClockSkew);
    }

    private Problem Why(Exception refused) => refused switch
    {
        SecurityTokenInvalidLifetimeException { Expires: null } => Problems.TokenMalformed("The token has no exp, a number of seconds. Ask the issuer for one that ends."),
        SecurityTokenInvalidLifetimeException time => time.Expires <= _clock.GetUtcNow().UtcDateTime - ClockSkew ? Problems.TokenExpired : Problems.TokenNotYetValid,
        SecurityTokenInvalidAudienceException => Problems.TokenAudience,
        SecurityTokenInvalidIssuerException => Problems.TokenIssuerUnknown,
        SecurityTokenMalformedException => Problems.TokenMalformed("The token is no JWT. Send the token exactly as the issuer gave it."),
        _ => Problems.TokenSignature,
    };

    /// <summary>RFC 8725 section 3.1, RFC 7518 section 3.1: a key serves one family of algorithms, a curve one, and where it names an algorithm, that one.</summary>
    private static bool Fits(JsonWebKey key, string? algorithm) => (key.Alg is null || key.Alg == algorithm) && algorithm switch
    {
        "ES256" => key.Crv == JsonWebKeyECTypes.P256,
        "ES384" => key.Crv == JsonWebKeyECTypes.P384,
        "ES512" => key.Crv == JsonWebKeyECTypes.P521,
        _ => key.Kty == JsonWebAlgorithmsKeyTypes.RSA,
    };

    /// <summary>What a token says before anybody has checked it.</summary>
    private sealed record Claimed(bool IsBearerAccessToken, string? Algorithm, string? KeyId, string? Issuer, string? Subject, IReadOnlyList<string>? Rights)
    {
        /// <summary>Reads the token's form; null and a sentence when it is no signed JWT that every reader reads alike.</summary>
        internal static Claimed? Read(string token, string claim, out string malformed)
        {
            malformed = "";
            if (token.Length > MaximumLength)
            {
                malformed = $"The token is longer than {MaximumLength} characters. Ask the issuer for one with fewer claims.";
                return null;
            }

            var parts = token.Split('.', 6);
            if (parts.Length == 5)
            {
                malformed = "The token is encrypted (JWE). Let the issuer sign tokens for this audience without encrypting them.";
                return null;
            }

            try
            {
                if (parts.Length == 3 && StrictBase64Url.IsCanonical(parts[2]))
                {
                    using var header = Parse(parts[0]);
                    using var payload = Parse(parts[1]);
                    var (top, body) = (header.RootElement, payload.RootElement);
                    return new Claimed(
                        IsBearerType(Text(top, "typ")) && !top.TryGetProperty("crit", out _) && !body.TryGetProperty("cnf", out _),
                        Text(top, "alg"),
                        Text(top, "kid"),
                        Text(body, "iss"),
                        Text(body, "sub"),
                        Texts(body, claim));
                }
            }
            catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
            {
            }

            malformed = "A token is three base64url parts with points between them, the first two JSON objects without a member twice. Send the token exactly as the issuer gave it.";
            return null;
        }

        private static JsonDocument Parse(string part)
        {
            if (StrictBase64Url.Decode(part) is not { } bytes || !Utf8.IsValid(bytes))
            {
                throw new JsonException();
            }

            var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = StrictJson.MaximumDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new JsonException();
        }

        // RFC 9068 section 2.1; media types are compared without case. Tokens of ours (entries, callers, heads) have typs of their own.
        private static bool IsBearerType(string? type) =>
            new[] { "at+jwt", "application/at+jwt", "JWT" }.Contains(type, StringComparer.OrdinalIgnoreCase);

        private static string? Text(JsonElement element, string name) =>
            element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        /// <summary>None for a claim that is missing, null for one that is neither a text nor an array of texts.</summary>
        private static IReadOnlyList<string>? Texts(JsonElement element, string name) =>
            !element.TryGetProperty(name, out var value) ? []
            : value.ValueKind == JsonValueKind.String ? [value.GetString()!]
            : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(one => one.GetString()!)]
            : null;
    }
}
