using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Tests.Log;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace CriticalMinerals.Service.Tests.OpenId;

/// <summary>What tests of people's tokens share: the service's reader of them with a clock and a log of their own, and tokens taken apart.</summary>
internal static class People
{
    internal static LedgerOptions Options(string issuer) => new() { DataFolder = "", OpenIdIssuer = issuer, OpenIdAudience = "ledger" };

    internal static OpenIdTokens TokensOf(string issuer, DateTimeOffset? now = null) => new(Options(issuer), new SetClock(now), new KeptLog());

    internal static (int?, string?) Outcome((OpenIdPerson? Person, Problem? Problem) answer)
    {
        Assert.Equal(answer.Problem is null, answer.Person is not null);
        return (answer.Problem?.Status, answer.Problem?.Code);
    }

    internal static JsonObject Part(string token, int index) => JsonNode.Parse(StrictBase64Url.Decode(token.Split('.')[index])!)!.AsObject();

    /// <summary>The token with its header (0) or payload (1) changed and the signature as it was.</summary>
    internal static string With(string token, int index, Action<JsonObject> change)
    {
        var (parts, part) = (token.Split('.'), Part(token, index));
        change(part);
        parts[index] = StrictBase64Url.Encode(Encoding.UTF8.GetBytes(part.ToJsonString()));
        return string.Join('.', parts);
    }
}

/// <summary>A clock that goes when it is told to.</summary>
internal sealed class SetClock(DateTimeOffset? now = null) : TimeProvider
{
    private long _ticks = (now ?? DateTimeOffset.UtcNow).UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override long GetTimestamp() => Volatile.Read(ref _ticks);
}

internal sealed class KeptLog : ILogger<OpenIdTokens>
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue($"{formatter(state, exception)} {exception}");
}
