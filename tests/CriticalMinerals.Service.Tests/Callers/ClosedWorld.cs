using CriticalMinerals.Service.Tests.Callers;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.OpenId;
using CriticalMinerals.Service.Tests.Postgres;

[assembly: AssemblyFixture(typeof(ClosedWorld))]

namespace CriticalMinerals.Service.Tests.Callers;

/// <summary>One open log on two nodes under one public address, whose closed chains are closed and which takes the tokens of a real issuer.</summary>
public sealed class ClosedWorld : IAsyncDisposable
{
    /// <summary>As which both nodes are known, so that a token for one is also a token for the other.</summary>
    public const string PublicUrl = "https://passport.example.com";

    private readonly SemaphoreSlim _once = new(1, 1);
    private IssuerProcess? _issuer;
    private Task<World>? _world;

    /// <summary>Whose tokens the log takes from people.</summary>
    public IssuerProcess Issuer => _issuer ?? throw new InvalidOperationException("Ask for the world first.");

    public async Task<World> GetAsync(PostgresServer postgres)
    {
        await _once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _issuer ??= await IssuerProcess.StartAsync();
            return await (_world ??= World.AnOpenLogAsync(postgres, nodes: 2, publicEntries: false, settings: new Dictionary<string, string>
            {
                ["Ledger__PublicUrl"] = PublicUrl,
                ["Ledger__OpenId__Issuer"] = _issuer.Issuer,
                ["Ledger__OpenId__Audience"] = "ledger",
            }));
        }
        finally
        {
            _once.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_world is { IsCompletedSuccessfully: true })
        {
            await (await _world).DisposeAsync();
        }

        if (_issuer is not null)
        {
            await _issuer.DisposeAsync();
        }

        _once.Dispose();
    }
}
