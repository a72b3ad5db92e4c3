using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Log;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;

namespace CriticalMinerals.Service;

/// <summary>Who asks: nobody in particular, an enrolled operator, or a person that an OpenID Connect issuer knows.</summary>
public sealed record Caller
{
    /// <summary>Nobody in particular.</summary>
    public static Caller Public { get; } = new();

    /// <summary>DID of an operator; null for the public and for persons. The log's own DID for its authority.</summary>
    public string? Operator { get; init; }

    /// <summary>The operator's roles.</summary>
    public IReadOnlyList<Role> Roles { get; init; } = [];

    /// <summary>Whether the log's authority opened confidential quantities to this auditor.</summary>
    public bool SeesQuantities { get; init; }

    /// <summary>The person; null for the public and for operators.</summary>
    public OpenIdPerson? Person { get; init; }

    /// <summary>As whom it asks; null when it does not say.</summary>
    public Audience? Purpose { get; init; }

    /// <summary>Whether nobody in particular asks.</summary>
    public bool IsPublic => Operator is null && Person is null;

    /// <summary>What it is called in the record of what was read.</summary>
    public string Name => Operator ?? $"{Person!.Issuer} {Person.Subject}";

    /// <summary>Whether it may ask as this audience on any battery: by a role of the operator, or by what the issuer says of the person.</summary>
    public bool MayAskAs(Audience audience, AccessPolicy policy) => Person is not null
        ? Person.Rights.Contains(AccessPolicy.Wire(audience), StringComparer.Ordinal)
        : policy.Roles.TryGetValue(audience, out var roles) && Roles.Any(roles.Contains);
}

/// <summary>
/// Tells from a request who asks, by <c>Authorization: Bearer</c> (RFC 6750) and nothing else: no cookies, no token in an address. An operator brings a
/// <see cref="CallerToken"/> that it signed for this one request, a person an access token of the configured issuer.
/// </summary>
public sealed class Callers(LogIdentity identity, EntryReader entries, NpgsqlDataSource database, PublicAddress address, OpenIdTokens people, TimeProvider clock)
{
    /// <summary>Request header in which a person says as whom it asks; operators say so in their token.</summary>
    public const string PurposeHeader = "Battery-Passport-Purpose";

    /// <summary>How long a used token is remembered after its end, so that nodes whose clocks differ do not let it be used twice.</summary>
    private static readonly TimeSpan UsedKeptFor = TimeSpan.FromMinutes(10);

    private static readonly Problem Malformed = new(
        401, "authorization-malformed", "Malformed Authorization", "There is one Authorization header, Bearer and a token: a cm-caller+jwt signed for this request, or an access token of the issuer. Leave it out for the public view.");

    private static readonly Problem PurposeUnknown = new(
        400, "purpose-unknown", "No such purpose", $"A purpose is one of {string.Join(", ", Enum.GetValues<Audience>().Where(a => a is not (Audience.Public or Audience.Own)).Select(AccessPolicy.Wire))}.");

    /// <summary>Who asks, or why that cannot be believed.</summary>
    public async Task<(Caller? Caller, Problem? Problem)> OfAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.Authorization.Count == 0)
        {
            return (Caller.Public, null);
        }

        if (headers.Authorization.Count > 1 || headers.Authorization[0] is not { } authorization || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return (null, Malformed);
        }

        // Whatever follows is for this caller alone.
        context.Response.Headers.CacheControl = "private, no-store";
        var token = authorization["Bearer ".Length..].Trim(' ');
        try
        {
            return TypeOf(token)?.StartsWith("cm-", StringComparison.Ordinal) == true
                ? await OperatorAsync(token, context)
                : await PersonAsync(token, headers[PurposeHeader], context.RequestAborted);
        }
        catch (NpgsqlException)
        {
            return (null, Problems.ReadUnavailable);
        }
    }

    private async Task<(Caller? Caller, Problem? Problem)> PersonAsync(string token, Microsoft.Extensions.Primitives.StringValues said, CancellationToken cancel)
    {
        var (person, problem) = await people.ValidateAsync(token, cancel);
        if (person is null)
        {
            return (null, problem);
        }

        if (said.Count > 1)
        {
            return (null, PurposeUnknown);
        }

        var rights = person.Rights.Select(AccessPolicy.Find).OfType<Audience>().Where(a => a is not (Audience.Public or Audience.Own)).Distinct().ToList();
        if (said.Count == 0)
        {
            // Who has one right only means that one.
            return (new Caller { Person = person, Purpose = rights is [var only] ? only : null }, null);
        }

        return Purpose(said[0]) is { } purpose ? (new Caller { Person = person, Purpose = purpose }, null) : (null, PurposeUnknown);
    }

    private async Task<(Caller? Caller, Problem? Problem)> OperatorAsync(string text, HttpContext context)
    {
        var cancel = context.RequestAborted;
        var now = clock.GetUtcNow();
        var fault = default(Fault);
        if (CallerToken.Parse(text, out fault) is not { } token || (fault = token.Check(identity.Origin, MethodOf(context), Addresses(context), now)) is not null)
        {
            return (null, Problems.Of(fault!));
        }

        var purpose = token.Purpose is null ? null : Purpose(token.Purpose);
        if (token.Purpose is not null && purpose is null)
        {
            return (null, PurposeUnknown);
        }

        var log = await entries.StateAsync(Names.LogChain(identity.Origin), cancel) as LogState;
        var isLog = token.Issuer == Names.LogOperator(identity.Origin);
        var enrolled = isLog ? null : await entries.StateAsync(token.Issuer, cancel) as OperatorState;
        if ((isLog ? log?.Keys : enrolled?.Keys)?.Find(token.KeyId) is not { } key || VerifyingKey.FromX(key.X, out _) is not { } verifying)
        {
            return (null, Problems.TokenSignerUnknown);
        }

        // The signature first: whoever does not hold the key learns nothing about it.
        if (!token.IsSignedBy(verifying))
        {
            return (null, Problems.TokenSignature with { Detail = $"The signature is not by {token.KeyId}. Sign the token with the key that kid names." });
        }

        if (key.Use != (isLog ? KeyUse.Authority : KeyUse.Operator))
        {
            return (null, Problems.TokenKeyUse);
        }

        if (key.RevokedAt is not null || enrolled?.Keys.RestsOnDisputed(key, log!.Keys) == true)
        {
            return (null, Problems.TokenKeyRevoked);
        }

        if (enrolled?.Suspended == true)
        {
            return (null, Problems.CallerSuspended);
        }

        if (!await IsFirstUseAsync(token, cancel))
        {
            return (null, Problems.TokenReplayed);
        }

        var audit = enrolled is null ? null : (await entries.StateAsync(Names.GrantsChain(token.Issuer), cancel) as GrantsState)?.AuditAccessUntil;
        return (new Caller { Operator = token.Issuer, Roles = enrolled?.Roles ?? [], Purpose = purpose, SeesQuantities = audit > now.ToUnixTimeSeconds() }, null);
    }

    /// <summary>Each token opens one request, whichever node it comes to.</summary>
    private async Task<bool> IsFirstUseAsync(CallerToken token, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("delete from ledger.caller_token where expires_at < $1") { Parameters = { new() { Value = clock.GetUtcNow() - UsedKeptFor } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand("insert into ledger.caller_token (id, expires_at) values ($1, $2) on conflict do nothing returning true")
        {
            Parameters = { new() { Value = SHA256.HashData(Encoding.ASCII.GetBytes($"{token.KeyId}\n{token.Id}")) }, new() { Value = token.ExpiresAt } },
        });
        return await batch.ExecuteScalarAsync(cancel) is true;
    }

    private static Audience? Purpose(string? text) => AccessPolicy.Find(text) is { } audience and not (Audience.Public or Audience.Own) ? audience : null;

    // HEAD comes here as GET with a body that goes nowhere.
    private static string MethodOf(HttpContext context) => context.Response.Body == Stream.Null ? HttpMethods.Head : context.Request.Method;

    private IReadOnlyCollection<string> Addresses(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];

        // A request line may name the host too (RFC 9112 section 3.2.2); the server holds it against the Host header.
        if (target.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme)
        {
            var path = target.IndexOf('/', scheme + 3);
            target = path < 0 ? "/" : target[path..];
        }

        return IsHostOfThisMachine(context) ? [address.Root + target, $"{context.Request.Scheme}://{context.Request.Host}{target}"] : [address.Root + target];
    }

    // A host that a request only says of itself binds nothing: a stranger who has tokens signed for his own host would pass them on under that name. What no
    // stranger can be asked under is this machine's own loopback, and the IP address that this very connection came to.
    private static bool IsHostOfThisMachine(HttpContext context)
    {
        var (host, connection) = (context.Request.Host, context.Connection);
        if (host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return IPAddress.TryParse(host.Host, out var ip) && (IPAddress.IsLoopback(ip) ||
            (ip.Equals(connection.LocalIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : connection.LocalIpAddress) && host.Port == connection.LocalPort));
    }

    private static string? TypeOf(string token) =>
        StrictBase64Url.Decode(token.AsSpan(0, Math.Max(0, token.AsSpan(0, Math.Min(token.Length, 4096)).IndexOf('.')))) is { Length: > 0 } head &&
        StrictJson.Parse(head, out _) is { ValueKind: JsonValueKind.Object } header && header.TryGetProperty("typ", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;
}
