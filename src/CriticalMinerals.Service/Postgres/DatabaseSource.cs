using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace CriticalMinerals.Service.Postgres;

/// <summary>
/// Where the ledger's PostgreSQL comes from: the connection strings given, else a server of our own. Disposing ends a server of our own, and with it the
/// claim on the data folder.
/// </summary>
public sealed class DatabaseSource : IAsyncDisposable
{
    /// <summary>Owner of the tables in a server of our own; migrates.</summary>
    public const string OwnerRole = "ledger_owner";

    /// <summary>What the service runs as in a server of our own.</summary>
    public const string ServiceRole = "ledger_service";

    /// <summary>The database in a server of our own.</summary>
    public const string Database = "ledger";

    private readonly ClusterIdentity? _identity;
    private readonly Func<CancellationToken, Task>? _stop;

    private DatabaseSource(string owner, string service, string description, ClusterIdentity? identity = null, Func<CancellationToken, Task>? stop = null)
    {
        (OwnerConnectionString, ServiceConnectionString, Description, _identity, _stop) = (owner, service, description, identity, stop);
    }

    /// <summary>Connects as the role that owns the tables.</summary>
    public string OwnerConnectionString { get; }

    /// <summary>Connects as the role of the running service; equal to <see cref="OwnerConnectionString"/> when only one was given.</summary>
    public string ServiceConnectionString { get; }

    /// <summary>One line for the log: which server, and where its files stand.</summary>
    public string Description { get; }

    /// <summary>For the service: connection strings, else programs of this machine, else a container.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="command">The command that needs it beside the service; null for the service itself.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="StartupException">There is no PostgreSQL, it does not start, or another process has the data folder; the message says what to do.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The source owns the identity and releases it.")]
    public static async Task<DatabaseSource> OpenAsync(LedgerOptions options, string? command, CancellationToken cancel)
    {
        if ((options.Connection ?? options.OwnerConnection) is { } connection)
        {
            return new DatabaseSource(options.OwnerConnection ?? connection, connection, $"PostgreSQL at {Place(connection)}.");
        }

        var identity = ClusterIdentity.Open(options.DataFolder, command);
        return await StartAsync(
            identity,
            async () => await LocalAsync(identity, options.DataFolder, cancel) ?? await ContainerAsync(identity, keep: true, cancel));
    }

    /// <summary>For tests: a container when an engine answers, else programs of this machine. The data are meant to be thrown away with the folder.</summary>
    /// <exception cref="StartupException">There is no PostgreSQL, or it does not start.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The source owns the identity and releases it.")]
    public static async Task<DatabaseSource> OpenForTestsAsync(string dataFolder, CancellationToken cancel)
    {
        var identity = ClusterIdentity.Open(dataFolder, command: null);
        return await StartAsync(
            identity,
            async () => await ContainerAsync(identity, keep: false, cancel) ?? await LocalAsync(identity, dataFolder, cancel));
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_stop is not null)
            {
                NpgsqlConnection.ClearAllPools();
                await _stop(CancellationToken.None);
            }
        }
        finally
        {
            _identity?.Dispose();
        }
    }

    private static async Task<DatabaseSource> StartAsync(ClusterIdentity identity, Func<Task<DatabaseSource?>> start)
    {
        try
        {
            return await start() ?? throw new StartupException(
                identity.Folder is { } place ? $"The database of this data folder stands in a container ({place}), and no container engine answers. Start the engine."
                : $"There is no PostgreSQL on this machine and no container engine answers. Install it with: {ServerBinaries.InstallLine}\n" +
                "Or name a server: ConnectionStrings__Ledger=\"Host=...;Username=...;Password=...;Database=...\"");
        }
        catch
        {
            identity.Dispose();
            throw;
        }
    }

    private static async Task<DatabaseSource?> LocalAsync(ClusterIdentity identity, string dataFolder, CancellationToken cancel)
    {
        if (await LocalCluster.OpenAsync(identity, dataFolder, cancel) is not { } cluster)
        {
            return null;
        }

        try
        {
            await EnsureDatabaseAsync(cluster.ConnectionString(OwnerRole, identity.OwnerPassword, "postgres"), cancel);
        }
        catch
        {
            await cluster.StopAsync(CancellationToken.None);
            throw;
        }

        return new DatabaseSource(
            cluster.ConnectionString(OwnerRole, identity.OwnerPassword, Database),
            cluster.ConnectionString(ServiceRole, identity.ServicePassword, Database),
            $"Private PostgreSQL {cluster.Major} in {cluster.Folder}.",
            identity,
            cluster.StopAsync);
    }

    private static async Task<DatabaseSource?> ContainerAsync(ClusterIdentity identity, bool keep, CancellationToken cancel) =>
        await ContainerCluster.OpenAsync(identity, keep, cancel) is not { } cluster ? null : new DatabaseSource(
            cluster.ConnectionString(OwnerRole, identity.OwnerPassword, Database),
            cluster.ConnectionString(ServiceRole, identity.ServicePassword, Database),
            $"Private PostgreSQL in a container ({ContainerCluster.Image}).",
            identity,
            cluster.StopAsync);

    private static async Task EnsureDatabaseAsync(string connectionString, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(cancel);
        await using var exists = new NpgsqlCommand($"select exists (select from pg_database where datname = '{Database}')", connection);
        if (await exists.ExecuteScalarAsync(cancel) is false)
        {
            await using var create = new NpgsqlCommand($"create database {Database}", connection);
            await create.ExecuteNonQueryAsync(cancel);
        }
    }

    private static string Place(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return $"{parts.Host}:{parts.Port}, database {parts.Database}";
    }
}
