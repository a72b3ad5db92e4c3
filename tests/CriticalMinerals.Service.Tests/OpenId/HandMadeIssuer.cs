using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CriticalMinerals.Service.Tests.OpenId;

/// <summary>An issuer that answers what a test wants, for what a real one never does; by itself it is a good one with one key.</summary>
public sealed class HandMadeIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RSA _rsa = RSA.Create(2048);
    private int _asked;

    private HandMadeIssuer()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(context =>
        {
            Interlocked.Increment(ref _asked);
            return context.Request.Path == "/keys" ? Keys(context) : Discovery(context);
        });
    }

    public string Issuer => _app.Urls.Single();

    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What it answers when asked for its discovery document.</summary>
    public RequestDelegate Discovery { get; set; } = _ => Task.CompletedTask;

    /// <summary>What it answers when asked for its keys.</summary>
    public RequestDelegate Keys { get; set; } = _ => Task.CompletedTask;

    public JsonObject DiscoveryDocument => new() { ["issuer"] = Issuer, ["jwks_uri"] = Issuer + "/keys" };

    /// <summary>Its key as published.</summary>
    public JsonObject Key
    {
        get
        {
            var key = _rsa.ExportParameters(false);
            return new JsonObject { ["kty"] = "RSA", ["kid"] = "1", ["use"] = "sig", ["n"] = StrictBase64Url.Encode(key.Modulus), ["e"] = StrictBase64Url.Encode(key.Exponent) };
        }
    }

    public static async Task<HandMadeIssuer> StartAsync()
    {
        var issuer = new HandMadeIssuer();
        await issuer._app.StartAsync(TestContext.Current.CancellationToken);
        issuer.Discovery = context => context.Response.WriteAsync(issuer.DiscoveryDocument.ToJsonString());
        issuer.Keys = Answer(issuer.Key);
        return issuer;
    }

    /// <summary>A key set with these keys.</summary>
    public static RequestDelegate Answer(params JsonNode[] keys)
    {
        var set = new JsonObject { ["keys"] = new JsonArray(keys) }.ToJsonString();
        return context => context.Response.WriteAsync(set);
    }

    /// <summary>A token that is good for <see cref="OpenIdTokens"/>.</summary>
    public string Token(string algorithm = "RS256", string? kid = "1", RSA? by = null) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Audience = "ledger",
        TokenType = "at+jwt",
        Expires = DateTime.UtcNow.AddHours(1),
        Claims = new Dictionary<string, object> { ["sub"] = "anna" },
        SigningCredentials = new SigningCredentials(new RsaSecurityKey(by ?? _rsa) { KeyId = kid }, algorithm),
    });

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _rsa.Dispose();
    }
}
