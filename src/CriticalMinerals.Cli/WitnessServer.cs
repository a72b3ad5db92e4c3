using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CriticalMinerals.Cli;

/// <summary>
/// A witness on HTTP (C2SP tlog-witness v1.0.0): <c>POST /add-checkpoint</c>, and <c>GET /&lt;SHA-256 of the origin&gt;/checkpoint</c> for monitors. Anybody may
/// call it: what it believes is the signature of the log. TLS is for a proxy in front.
/// </summary>
public sealed class WitnessServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WitnessServer(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public IReadOnlyCollection<string> Addresses => [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    /// <summary>Starts it.</summary>
    /// <param name="witness">Who decides.</param>
    /// <param name="folder">What it keeps.</param>
    /// <param name="urls">Where to listen, with semicolons between.</param>
    /// <param name="clock">For the time of cosignatures.</param>
    /// <param name="cancellation">Ends the starting.</param>
    /// <exception cref="IOException">An address is taken.</exception>
    public static async Task<WitnessServer> StartAsync(Witness witness, WitnessFolder folder, string urls, TimeProvider clock, CancellationToken cancellation = default)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(urls).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = AddCheckpoint.MaxLength;
            kestrel.Limits.MaxConcurrentConnections = 256;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        var app = builder.Build();
        app.MapPost("/add-checkpoint", (RequestDelegate)(context => AddAsync(context, witness, folder, clock)));
        app.MapGet("/{origin:length(64)}/checkpoint", (RequestDelegate)(context => LatestAsync(context, folder)));
        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new WitnessServer(app);
    }

    /// <summary>Until it is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation) => _app.WaitForShutdownAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task AddAsync(HttpContext context, Witness witness, WitnessFolder folder, TimeProvider clock)
    {
        Fault? fault;
        AddCheckpoint? request;
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            request = AddCheckpoint.Parse(body.GetBuffer().AsSpan(0, (int)body.Length), out fault);
        }
        catch (BadHttpRequestException e)
        {
            await AnswerAsync(context, e.StatusCode, e.Message);
            return;
        }

        if (request is null)
        {
            await AnswerAsync(context, fault!.Failure == Failure.TooLarge ? 413 : WitnessAnswer.Malformed, fault.ToString());
            return;
        }

        try
        {
            switch (folder.Decide(witness, request, (ulong)clock.GetUtcNow().ToUnixTimeSeconds()))
            {
                case WitnessAnswer.Cosigned(var line, _):
                    await AnswerAsync(context, 200, line.ToString());
                    break;
                case WitnessAnswer.Conflict(var size):
                    await AnswerAsync(context, 409, size.ToString(System.Globalization.CultureInfo.InvariantCulture), AddCheckpoint.SizeMediaType);
                    break;
                case WitnessAnswer.Refused(var status, var why):
                    await AnswerAsync(context, status, why.ToString());
                    break;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // Not kept, so not cosigned; the reason names files and is not for strangers.
            await Console.Error.WriteLineAsync($"cml: file: {e.Message}");
            await AnswerAsync(context, 500, "The witness could not keep the checkpoint and did not cosign it.");
        }
    }

    private static async Task LatestAsync(HttpContext context, WitnessFolder folder)
    {
        context.Response.Headers.CacheControl = "no-cache";
        var note = folder.Latest((string)context.Request.RouteValues["origin"]!);
        await AnswerAsync(context, note is null ? 404 : 200, note?.ToString() ?? "Never cosigned here.");
    }

    private static Task AnswerAsync(HttpContext context, int status, string text, string type = "text/plain; charset=utf-8")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text.EndsWith('\n') ? text : text + "\n");
    }
}
