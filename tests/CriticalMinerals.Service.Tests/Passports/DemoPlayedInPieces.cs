using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>The demo against the ways in which it can be cut off.</summary>
public sealed class DemoPlayedInPieces(PostgresServer postgres)
{
    [Fact]
    public async Task A_demo_cut_off_again_and_again_says_everything_once()
    {
        await using var demo = new PlayedDemo(postgres);
        await demo.StartAsync(publicEntries: true);
        var pieces = 0;
        for (var finished = false; !finished; pieces++)
        {
            Assert.True(pieces < 60, "The demo does not get on.");
            using var kill = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

            // Every third piece dies before the ledger is told, the others after it was told and before the demo knows.
            using var cut = new Cut(kill, after: 1 + (pieces % 9), told: pieces % 3 != 0);
            using var life = demo.Life(cut);
            try
            {
                await life.PlayAsync(kill.Token);
                finished = true;
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
            }
        }

        Assert.InRange(pieces, 8, 60);
        using var whole = new PlayedSizes(demo);
        Assert.Equal(141, await whole.SizeAsync());
        using (var again = demo.Life())
        {
            await again.PlayAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(141, await whole.SizeAsync());
    }

    private sealed class PlayedSizes(PlayedDemo demo) : IDisposable
    {
        private readonly HttpClient _http = demo.Client();

        public async Task<long> SizeAsync() => (await new LedgerApi(_http).GetLogAsync(TestContext.Current.CancellationToken)).Size;

        public void Dispose() => _http.Dispose();
    }

    private sealed class Cut(CancellationTokenSource kill, int after, bool told) : DelegatingHandler
    {
        private int _posts;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var dies = request.Method == HttpMethod.Post && Interlocked.Increment(ref _posts) == after;
            if (dies && told)
            {
                using var lost = await base.SendAsync(request, cancellationToken);
            }

            if (dies)
            {
                await kill.CancelAsync();
                throw new OperationCanceledException(kill.Token);
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
