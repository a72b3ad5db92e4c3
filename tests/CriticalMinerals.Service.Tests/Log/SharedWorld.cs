using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

[assembly: AssemblyFixture(typeof(SharedWorld))]

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>One open log with two nodes for all tests that do no harm: each brings its own chains, and the audits see them all.</summary>
public sealed class SharedWorld : IAsyncDisposable
{
    private readonly SemaphoreSlim _once = new(1, 1);
    private Task<World>? _world;

    public async Task<World> GetAsync(PostgresServer postgres)
    {
        await _once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return await (_world ??= World.AnOpenLogAsync(postgres, nodes: 2));
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

        _once.Dispose();
    }
}
