using System.Collections.Immutable;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

// A real OpenID Connect issuer for the tests of the ledger's tokens, a process of its own: discovery document, key set and signed access tokens over HTTP,
// by OpenIddict without a store. Whoever asks gets what he asks for, so it is for tests only and listens on loopback addresses only:
//   POST /token      grant_type=client_credentials&client_id=…&client_secret=…, with sub, aud, right (many), typ, and claims, a JSON object that is put over the others (null: without)
//   POST /rollover   ?alg=ES256 : a new key signs from here on; the key set still has the older ones. ?forget=true : it has them no more
//   GET  /asked      how often the discovery document and the key set were asked for
// It says its address in its first line and ends when its standard input does.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
builder.Services.AddOpenIddict().AddServer(server =>
{
    server.SetTokenEndpointUris("/token").AllowClientCredentialsFlow().EnableDegradedMode().DisableAccessTokenEncryption();
    server.AddEphemeralEncryptionKey().AddSigningCredentials(NewKey(SecurityAlgorithms.RsaSha256));
    server.UseAspNetCore().DisableTransportSecurityRequirement();
    server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(_ => default));
    server.AddEventHandler<HandleTokenRequestContext>(handler => handler.UseInlineHandler(context =>
    {
        var identity = new ClaimsIdentity("test");
        identity.SetClaim(Claims.Subject, (string?)context.Request["sub"] ?? context.ClientId);
        identity.SetClaims("battery_passport", [.. ((ImmutableArray<string?>?)context.Request["right"] ?? []).OfType<string>()]);
        identity.SetResources((string?)context.Request["aud"] ?? "ledger");
        identity.SetDestinations(_ => [Destinations.AccessToken]);
        context.SignIn(new ClaimsPrincipal(identity));
        return default;
    }));
    server.AddEventHandler<GenerateTokenContext>(handler => handler
        .SetOrder(OpenIddictServerHandlers.Protection.GenerateIdentityModelToken.Descriptor.Order - 1)
        .UseInlineHandler(context =>
        {
            var (token, request) = (context.SecurityTokenDescriptor, context.Transaction.Request);
            token.TokenType = (string?)request?["typ"] ?? token.TokenType;
            token.Claims ??= new Dictionary<string, object>();
            foreach (var (name, value) in JsonNode.Parse((string?)request?["claims"] ?? "{}")!.AsObject())
            {
                switch (name)
                {
                    case Claims.Issuer:
                        token.Issuer = (string?)value;
                        break;
                    case Claims.ExpiresAt:
                        token.Expires = value is null ? null : DateTimeOffset.FromUnixTimeSeconds((long)value).UtcDateTime;
                        break;
                    case Claims.NotBefore:
                        token.NotBefore = DateTimeOffset.FromUnixTimeSeconds((long)value!).UtcDateTime;
                        break;
                    case Claims.Audience:
                        token.Audience = null;
                        token.Audiences.Clear();
                        goto default;
                    default:
                        token.Subject.RemoveClaims(name);
                        token.Claims.Remove(name);
                        if (value is not null)
                        {
                            token.Claims[name] = value.Deserialize<JsonElement>();
                        }

                        break;
                }
            }

            return default;
        }));
});

var app = builder.Build();
var asked = 0;
app.Use((context, next) =>
{
    if (context.Request.Path.StartsWithSegments("/.well-known", StringComparison.Ordinal))
    {
        Interlocked.Increment(ref asked);
    }

    return next(context);
});
app.UseAuthentication();
app.MapGet("/asked", () => Volatile.Read(ref asked));
app.MapPost("/rollover", (string? alg, bool? forget, IOptionsMonitor<OpenIddictServerOptions> options) =>
{
    var keys = options.CurrentValue.SigningCredentials;
    if (forget == true)
    {
        keys.Clear();
    }

    keys.Insert(0, NewKey(alg ?? SecurityAlgorithms.RsaSha256));
});

await app.StartAsync();
var address = new Uri(app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
if (!address.IsLoopback)
{
    await Console.Error.WriteLineAsync("This issuer gives tokens to everybody: it listens on loopback addresses only.");
    return 1;
}

await Console.Out.WriteLineAsync(address.ToString());
await Console.In.ReadToEndAsync();
await app.StopAsync();
return 0;

static SigningCredentials NewKey(string algorithm)
{
    SecurityKey key = algorithm == SecurityAlgorithms.EcdsaSha256
        ? new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256))
        : new RsaSecurityKey(RSA.Create(2048));
    key.KeyId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    return new SigningCredentials(key, algorithm);
}
