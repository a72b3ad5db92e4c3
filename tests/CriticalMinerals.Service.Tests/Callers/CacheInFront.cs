using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CriticalMinerals.Service.Tests.Callers;

/// <summary>
/// A shared cache in front of a service. The careful one is ASP.NET Core's own (RFC 9111: nothing is kept that a request with Authorization asked for, nor
/// what is not said to be public). The naive one minds only what answers say of themselves, <c>Cache-Control</c>, <c>Vary</c> and <c>ETag</c>, and does not
/// know what a token is: whatever may be kept it keeps for everybody.
/// </summary>
internal sealed class CacheInFront : IAsyncDisposable
{
    private static readonly string[] OfTheHop = ["Transfer-Encoding", "Connection", "Keep-Alive", "Host", "Date", "Server"];

    private readonly WebApplication _app;
    private readonly HttpClient _origin;
    private readonly ConcurrentDictionary<string, List<Kept>> _kept = new(StringComparer.Ordinal);
    private int _hits;
    private int _renewed;

    private CacheInFront(Uri origin, bool isNaive, bool isDeaf)
    {
        _origin = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = origin };
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddResponseCaching();
        _app = builder.Build();
        if (!isNaive)
        {
            _app.UseResponseCaching();
        }

        _app.Run(isNaive ? context => FromCacheAsync(context, isDeaf) : async context =>
        {
            Interlocked.Increment(ref _asked);
            await AnswerAsync(context, await ForwardAsync(context.Request, null));
        });
    }

    private int _asked;

    /// <summary>How often it answered without asking the service.</summary>
    public int Hits => Volatile.Read(ref _hits);

    /// <summary>How often it answered with what it had, after the service had said that this is still so.</summary>
    public int Renewed => Volatile.Read(ref _renewed);

    /// <summary>How often the service was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public HttpClient Http { get; private set; } = null!;

    public static Task<CacheInFront> CarefulAsync(Uri origin) => StartAsync(new CacheInFront(origin, isNaive: false, isDeaf: false));

    /// <summary>A naive cache; a deaf one does not even get the headers that the service sends for it.</summary>
    public static Task<CacheInFront> NaiveAsync(Uri origin, bool isDeaf = false) => StartAsync(new CacheInFront(origin, isNaive: true, isDeaf));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        _origin.Dispose();
    }

    private static async Task<CacheInFront> StartAsync(CacheInFront cache)
    {
        await cache._app.StartAsync(TestContext.Current.CancellationToken);
        cache.Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(cache._app.Urls.Single()) };
        return cache;
    }

    private async Task FromCacheAsync(HttpContext context, bool isDeaf)
    {
        var request = context.Request;
        var of = _kept.GetOrAdd($"{request.Method} {request.Path}{request.QueryString}", _ => []);
        Kept? kept;
        lock (of)
        {
            kept = of.Find(k => k.Varying.All(v => v.Value == request.Headers[v.Name].ToString()));
        }

        if (kept is { IsFresh: true })
        {
            Interlocked.Increment(ref _hits);
            await AnswerAsync(context, kept.Answer);
            return;
        }

        Interlocked.Increment(ref _asked);
        var answer = await ForwardAsync(request, kept?.Answer.Header("ETag"));
        if (answer.Status == HttpStatusCode.NotModified && kept is not null)
        {
            Interlocked.Increment(ref _renewed);
            await AnswerAsync(context, kept.Answer);
            return;
        }

        if (isDeaf)
        {
            answer = answer with { Headers = answer.Headers.Where(h => h.Key is not ("Cache-Control" or "Vary" or "ETag")).ToDictionary(StringComparer.OrdinalIgnoreCase) };
        }

        var control = CacheControlHeaderValue.TryParse(answer.Header("Cache-Control"), out var said) ? said : new CacheControlHeaderValue();
        var varying = (answer.Header("Vary") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (answer.Status == HttpStatusCode.OK && control is { NoStore: false, Private: false } && !varying.Contains("*"))
        {
            lock (of)
            {
                of.RemoveAll(k => k == kept);
                of.Add(new Kept(answer, [.. varying.Select(name => (name, request.Headers[name].ToString()))], !control.NoCache && control.MaxAge != TimeSpan.Zero));
            }
        }

        await AnswerAsync(context, answer);
    }

    private async Task<Heard> ForwardAsync(HttpRequest request, string? tag)
    {
        // What somebody has already is the cache's matter where it has something itself.
        var headers = request.Headers.Where(h => !OfTheHop.Contains(h.Key, StringComparer.OrdinalIgnoreCase) && (tag is null || h.Key != "If-None-Match"))
            .SelectMany(h => h.Value.Select(value => (h.Key, value!)));
        return await _origin.SendAsync($"{request.Path}{request.QueryString}", new HttpMethod(request.Method), [.. headers, .. tag is null ? [] : (ReadOnlySpan<(string, string)>)[("If-None-Match", tag)]]);
    }

    private static async Task AnswerAsync(HttpContext context, Heard answer)
    {
        var response = context.Response;
        foreach (var (name, value) in answer.Headers.Where(h => !OfTheHop.Contains(h.Key, StringComparer.OrdinalIgnoreCase)))
        {
            response.Headers[name] = value;
        }

        if (answer.Status == HttpStatusCode.OK && answer.Header("ETag") is { } tag && context.Request.Headers.IfNoneMatch == tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            response.ContentLength = null;
            return;
        }

        response.StatusCode = (int)answer.Status;
        if (answer.Status != HttpStatusCode.NotModified && context.Request.Method != "HEAD")
        {
            await response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }

    private sealed record Kept(Heard Answer, IReadOnlyList<(string Name, string Value)> Varying, bool IsFresh);
}
