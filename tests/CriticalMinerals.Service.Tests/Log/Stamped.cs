using System.Net.Http.Json;
using System.Text.Json;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Tests.Postgres;
using CriticalMinerals.Tests.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>Two nodes of the service with a time stamping authority that sometimes does what no authority should.</summary>
public sealed class Stamped(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Checkpoints_are_stamped_by_an_authority_whose_failures_and_lies_harm_nothing()
    {
        using var local = new LocalAuthority();
        await using var authority = await Authority.StartAsync();
        byte[]? earlier = null;
        authority.Answer = query => Task.FromResult(earlier = local.Reply(query));
        await using var world = await World.AnOpenLogAsync(
            postgres, nodes: 2, settings: new Dictionary<string, string> { ["Ledger__TimeStamps__Authority"] = authority.Address, ["Ledger__TimeStamps__Every"] = "1s" });
        await UntilAsync(async () => (await SizesAsync(world)).Length > 0);

        // Each in turn, while entries are taken as ever.
        foreach (var answer in (Func<byte[], Task<byte[]>>[])
        [
            _ => throw new IOException("broken"),
            _ => Task.FromResult(earlier!), // of another nonce and text
            query => Task.FromResult(Altered(local.Reply(query))),
            _ => Task.FromResult(new byte[10 * 1024 * 1024]),
            _ => Task.FromResult(Array.Empty<byte>()),
            async _ =>
            {
                await Task.Delay(TimeSpan.FromMinutes(5), Cancel);
                return [];
            },
        ])
        {
            authority.Answer = answer;
            var (asked, before) = (authority.Asked, (await SizesAsync(world)).Length);
            await world.ALotAsync();
            await UntilAsync(() => Task.FromResult(authority.Asked > asked));
            await world.ALotAsync();
            Assert.InRange((await SizesAsync(world)).Length, before, before + (asked == 1 ? 1 : 0));
        }

        // What was kept is what an auditor accepts, and no node can take it back.
        var report = await new Auditor(LogFiles.At(new LedgerApi(world.Http()))) { Keys = [new NoteVerifier(world.Says.Origin, world.Says.LogKey.Key.VerifyingKey)] }.AuditAsync(Cancel);
        var stamps = await new TimeStampAuditor(LogFiles.At(new LedgerApi(world.Http(1))), [local.Root]).AuditAsync(report, Cancel);
        Assert.NotEmpty(stamps);
        Assert.All(stamps, stamp => Assert.Null(stamp.Fault));
        Assert.Equal(404, (int)(await world.Http().GetAsync("/timestamps/999999/token", Cancel)).StatusCode);
        Assert.Equal(404, (int)(await world.Http().GetAsync("/timestamps/-1/checkpoint", Cancel)).StatusCode);
    }

    private static byte[] Altered(byte[] reply)
    {
        reply[^1] ^= 1; // the last byte of the signature
        return reply;
    }

    private static async Task<ulong[]> SizesAsync(World world) =>
        [.. (await world.Http().GetFromJsonAsync<JsonElement>("/timestamps/index.json", Cancel)).GetProperty("timestamps").EnumerateArray().Select(stamp => stamp.GetProperty("size").GetUInt64())];

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(50, Cancel);
        }
    }

    private sealed class Authority : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private int _asked;

        private Authority()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.Logging.ClearProviders();
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            _app = builder.Build();
            _app.Run(async context =>
            {
                using var query = new MemoryStream();
                await context.Request.Body.CopyToAsync(query, Cancel);
                var answer = Answer;
                Interlocked.Increment(ref _asked);
                context.Response.ContentType = "application/timestamp-reply";
                await context.Response.Body.WriteAsync(await answer(query.ToArray()), Cancel);
            });
        }

        public string Address => _app.Urls.Single() + "/tsr";

        public int Asked => Volatile.Read(ref _asked);

        public Func<byte[], Task<byte[]>> Answer { get; set; } = _ => Task.FromResult(Array.Empty<byte>());

        public static async Task<Authority> StartAsync()
        {
            var authority = new Authority();
            await authority._app.StartAsync(Cancel);
            return authority;
        }

        public async ValueTask DisposeAsync()
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await _app.StopAsync(now.Token);
            await _app.DisposeAsync();
        }
    }
}
