using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace CriticalMinerals.Service;

/// <summary>
/// The public keys of one OpenID Connect issuer, found by its discovery document (OpenID Connect Discovery 1.0 section 4) and key set (RFC 7517), and kept.
/// The issuer is asked at most once in <see cref="Pause"/>, whatever strangers send: for the first token, for a <c>kid</c> that is not known (a key changed)
/// and for keys older than <see cref="Fresh"/>. One question serves all who wait for it, and outlives a caller that goes away.
/// </summary>
public sealed class OpenIdKeys : IDisposable
{
    /// <summary>Shortest time between two questions, 30 seconds: a key that the issuer has only now begun to use is known here after that long at the latest.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    /// <summary>Keys older than this, 10 minutes, are asked for anew while they go on being used: a key that the issuer took back serves no longer than that while the issuer answers.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    /// <summary>Keys older than this, 1 hour, are used no more when the issuer does not answer.</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromHours(1);

    /// <summary>Longest discovery document and key set read, in bytes (256 KiB).</summary>
    public const int MaximumLength = 256 * 1024;

    /// <summary>Most keys taken from the issuer's set.</summary>
    public const int MaximumKeys = 32;

    /// <summary>Longest wait for each of the two answers of the issuer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _issuer;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SocketsHttpHandler _connections = new() { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = Fresh };
    private readonly HttpClient _http;
    private readonly Lock _gate = new();
    private Task<KeySet?>? _asked;
    private long _askedAt;
    private volatile KeySet? _kept;

    /// <param name="issuer">The issuer, exactly as its discovery document writes it.</param>
    /// <param name="clock">Tells how old keys are.</param>
    /// <param name="logger">Hears why the issuer gave no keys; never anything of a token.</param>
    public OpenIdKeys(string issuer, TimeProvider clock, ILogger logger)
    {
        (_issuer, _clock, _logger) = (issuer, clock, logger);
        _http = new HttpClient(_connections) { Timeout = Patience, MaxResponseContentBufferSize = MaximumLength };
    }

    /// <summary>Whether keys are asked for at such an address: https, or http on this machine's loopback addresses; no user name.</summary>
    public static bool MayBeAsked(Uri address) =>
        address.UserInfo.Length == 0 && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));

    /// <summary>
    /// The keys that a token with this <c>kid</c> may be signed with, all of them for a token without; none when the issuer publishes no such key; null when
    /// the issuer cannot be asked.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public async Task<IReadOnlyList<JsonWebKey>?> ForAsync(string? kid, CancellationToken cancel)
    {
        var kept = _kept;
        var age = kept is null ? TimeSpan.MaxValue : _clock.GetElapsedTime(kept.At);
        if (age > Oldest)
        {
            kept = await AskAsync().WaitAsync(cancel);
        }
        else if (age > Fresh)
        {
            _ = AskAsync(); // Nobody waits for it: the kept keys still serve.
        }

        if (kept?.Named(kid) is { Count: 0 })
        {
            kept = await AskAsync().WaitAsync(cancel);
        }

        return kept?.Named(kid);
    }

    public void Dispose()
    {
        _http.Dispose();
        _connections.Dispose();
    }

    /// <summary>The answer to the question that runs, or was put less than <see cref="Pause"/> ago; else to a new one.</summary>
    private Task<KeySet?> AskAsync()
    {
        lock (_gate)
        {
            if (_asked is { } asked && (!asked.IsCompleted || _clock.GetElapsedTime(_askedAt) < Pause))
            {
                return asked;
            }

            _askedAt = _clock.GetTimestamp();
            return _asked = Task.Run(FetchAsync);
        }
    }

    private async Task<KeySet?> FetchAsync()
    {
        var at = _clock.GetTimestamp();
        try
        {
            using var discovery = Parse(await _http.GetByteArrayAsync(new Uri(_issuer.TrimEnd('/') + "/.well-known/openid-configuration")));
            if (Text(discovery.RootElement, "issuer") != _issuer)
            {
                throw new JsonException("its discovery document names another issuer (Discovery section 4.3)");
            }

            if (!Uri.TryCreate(Text(discovery.RootElement, "jwks_uri"), UriKind.Absolute, out var address) || !MayBeAsked(address))
            {
                throw new JsonException("its jwks_uri is no https address");
            }

            using var set = Parse(await _http.GetByteArrayAsync(address));
            List<JsonWebKey> keys = set.RootElement.TryGetProperty("keys", out var all) && all.ValueKind == JsonValueKind.Array
                ? [.. all.EnumerateArray().Select(Key).OfType<JsonWebKey>().Take(MaximumKeys)]
                : [];
            return keys.Count > 0
                ? _kept = new KeySet(keys, at)
                : throw new JsonException("it publishes no RSA or elliptic curve key to check signatures with");
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidOperationException or ObjectDisposedException)
        {
            _logger.LogWarning("The OpenID Connect issuer {Issuer} did not give its keys: {Reason}", _issuer, failed.Message);
            return null;
        }
    }

    private static JsonDocument Parse(byte[] answer)
    {
        var document = JsonDocument.Parse(answer, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
        return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new JsonException("it answered with something else than a JSON object");
    }

    /// <summary>A key that can check signatures; null for others (for encryption, shared secrets, kinds unknown here), which an issuer may publish beside them.</summary>
    private static JsonWebKey? Key(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object || Text(element, "use") is not (null or "sig"))
        {
            return null;
        }

        // Members are taken one by one: certificates, private parts and addresses that a set may carry play no role.
        var key = new JsonWebKey { Kty = Text(element, "kty"), Kid = Text(element, "kid"), Alg = Text(element, "alg") };
        switch (key.Kty)
        {
            case JsonWebAlgorithmsKeyTypes.RSA:
                (key.N, key.E) = (Text(element, "n"), Text(element, "e"));
                return IsNumber(key.N, 2048 / 8, 8192 / 8) && IsNumber(key.E, 1, 8) ? key : null;
            case JsonWebAlgorithmsKeyTypes.EllipticCurve:
                (key.Crv, key.X, key.Y) = (Text(element, "crv"), Text(element, "x"), Text(element, "y"));
                var size = key.Crv switch { JsonWebKeyECTypes.P256 => 32, JsonWebKeyECTypes.P384 => 48, JsonWebKeyECTypes.P521 => 66, _ => 0 };
                return size > 0 && IsNumber(key.X, size, size) && IsNumber(key.Y, size, size) ? key : null;
            default:
                return null;
        }
    }

    private static bool IsNumber(string? text, int least, int most) => Ledger.StrictBase64Url.Decode(text) is { } bytes && bytes.Length >= least && bytes.Length <= most;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record KeySet(IReadOnlyList<JsonWebKey> Keys, long At)
    {
        internal IReadOnlyList<JsonWebKey> Named(string? kid) => kid is null ? Keys : [.. Keys.Where(key => key.Kid == kid)];
    }
}
