using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Tests.Log;

namespace CriticalMinerals.Service.Tests.Callers;

/// <summary>An answer, read to its end.</summary>
internal sealed record Heard(HttpStatusCode Status, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>Status, and the code of a problem.</summary>
    public override string ToString() =>
        Header("Content-Type") == "application/problem+json" && Body.Length > 0 ? $"{(int)Status} {(string?)JsonNode.Parse(Body)!["code"]}" : $"{(int)Status}";
}

/// <summary>Asks a ledger as somebody. Caller tokens are written here by hand, from the description alone, so that any of them can be wrong.</summary>
internal static class Asking
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A token that opens one request for this path; <paramref name="change"/> spoils its payload before it is signed, <paramref name="key"/> is the key that signs.</summary>
    public static string Token(
        this World world, Party by, string path, string method = "GET", string? purpose = null, Action<JsonObject>? change = null, SigningKey? key = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var payload = new JsonObject
        {
            ["aud"] = world.Says.Origin,
            ["iss"] = by.KeyId.Split('#')[0],
            ["htm"] = method,
            ["htu"] = ClosedWorld.PublicUrl + path.Split('?')[0],
            ["iat"] = now,
            ["exp"] = now + 120,
            ["jti"] = Guid.NewGuid().ToString(),
        };
        if (purpose is not null)
        {
            payload["purpose"] = purpose;
        }

        change?.Invoke(payload);
        var input = $"{Encoded($$"""{"alg":"Ed25519","kid":"{{by.KeyId}}","typ":"cm-caller+jwt"}""")}.{Encoded(payload.ToJsonString())}";
        return $"{input}.{StrictBase64Url.Encode((key ?? by.Key).Sign(Encoding.ASCII.GetBytes(input)))}";
    }

    /// <summary>Asks with these headers; Authorization may come twice.</summary>
    public static Task<Heard> SendAsync(this HttpClient http, string path, HttpMethod method, params (string Name, string Value)[] headers) => SendAsync(http, path, method, null, headers);

    public static async Task<Heard> SendAsync(this HttpClient http, string path, HttpMethod method, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var response = await http.SendAsync(request, Cancel);
        return new Heard(
            response.StatusCode,
            await response.Content.ReadAsByteArrayAsync(Cancel),
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Asks for JSON as the public, or with a bearer token.</summary>
    public static Task<Heard> AskAsync(this World world, string path, string? bearer = null, int node = 0, string accept = "application/json") => bearer is null
        ? world.Http(node).SendAsync(path, HttpMethod.Get, ("Accept", accept))
        : world.Http(node).SendAsync(path, HttpMethod.Get, ("Accept", accept), ("Authorization", "Bearer " + bearer));

    /// <summary>Asks as an operator, to an end.</summary>
    public static Task<Heard> AskAsync(this World world, string path, Party by, string? purpose = null, int node = 0, string accept = "application/json") =>
        world.AskAsync(path, world.Token(by, path, purpose: purpose), node, accept);

    /// <summary>Brings a document as an operator, or as nobody.</summary>
    public static Task<Heard> BringAsync(this World world, Party? by, string name, HttpContent document, int node = 0)
    {
        var path = $"/attachments/{name}";
        return by is null
            ? world.Http(node).SendAsync(path, HttpMethod.Put, document)
            : world.Http(node).SendAsync(
                path, HttpMethod.Put, document, ("Authorization", $"Bearer {world.Token(by, path, "PUT", change: p => p["htu"] = new Uri(world.Http(node).BaseAddress!, path).AbsoluteUri)}"));
    }

    public static async Task<Heard> BringAsync(this World world, Party? by, string name, byte[] document, int node = 0)
    {
        using var content = new ByteArrayContent(document);
        return await world.BringAsync(by, name, content, node);
    }

    private static string Encoded(string text) => StrictBase64Url.Encode(Encoding.UTF8.GetBytes(text));
}
