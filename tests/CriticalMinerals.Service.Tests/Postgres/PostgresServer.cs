using CriticalMinerals.Service.Postgres;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace CriticalMinerals.Service.Tests.Postgres;

/// <summary>One PostgreSQL for the whole run, started by the first test that asks; every test that asks gets an empty database of its own.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly DataFolder _folder = new();
    private readonly SemaphoreSlim _once = new(1, 1);
    private DatabaseSource? _source;
    private StartupException? _missing;
    private int _databases;

    /// <summary>Connection strings of an empty database: its owner and the service's role, as the service would be given them.</summary>
    public async Task<(string Owner, string Service)> CreateDatabaseAsync()
    {
        var source = await StartedAsync();
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using var owner = NpgsqlDataSource.Create(source.OwnerConnectionString);
        await using var create = owner.CreateCommand($"create database {name}");
        await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return (Named(source.OwnerConnectionString, name), Named(source.ServiceConnectionString, name));
    }

    /// <summary>Skips the running test where this machine has no server programs; with REQUIRE_TOOLS=1 it fails instead.</summary>
    public static async Task RequireProgramsAsync()
    {
        var found = await ServerBinaries.FindAsync(await ServerAccount.FindAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        SkipUnless(found.Count > 0, $"PostgreSQL's server programs are missing. Install them with: {ServerBinaries.InstallLine}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
        {
            await _source.DisposeAsync();
        }

        _folder.Dispose();
        _once.Dispose();
    }

    private async Task<DatabaseSource> StartedAsync()
    {
        await _once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_source is null && _missing is null)
            {
                _source = await DatabaseSource.OpenForTestsAsync(_folder.Path, TestContext.Current.CancellationToken);
            }
        }
        catch (StartupException missing)
        {
            _missing = missing;
        }
        finally
        {
            _once.Release();
        }

        SkipUnless(_source is not null, _missing?.Message ?? "");
        return _source!;
    }

    private static void SkipUnless(bool present, string reason)
    {
        if (!present && Environment.GetEnvironmentVariable("REQUIRE_TOOLS") == "1")
        {
            Assert.Fail(reason);
        }

        Assert.SkipUnless(present, reason);
    }

    private static string Named(string connectionString, string database) => new NpgsqlConnectionStringBuilder(connectionString) { Database = database }.ConnectionString;
}
