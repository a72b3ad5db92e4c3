using Docker.DotNet;
using DotNet.Testcontainers.Configurations;
using Npgsql;
using Testcontainers.PostgreSql;

namespace CriticalMinerals.Service.Postgres;

/// <summary>
/// A private PostgreSQL server in a container, for machines with a container engine but no PostgreSQL. The data stand in a volume named after the cluster,
/// so they outlive the container.
/// </summary>
public sealed class ContainerCluster
{
    /// <summary>The pinned image: a cluster's files belong to one major version.</summary>
    public const string Image = "postgres:17.6";

    private readonly PostgreSqlContainer _container;
    private readonly bool _keep;

    private ContainerCluster(PostgreSqlContainer container, bool keep) => (_container, _keep) = (container, keep);

    /// <summary>Starts, or finds, the container of a cluster.</summary>
    /// <param name="keep">True: stopped at the end and started again next time, data in a volume. False: gone at the end with its data.</param>
    /// <param name="identity">Whose cluster.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <returns>Null when no engine answers; a client without an engine is none.</returns>
    public static async Task<ContainerCluster?> OpenAsync(ClusterIdentity identity, bool keep, CancellationToken cancel)
    {
        if (!await EngineAnswersAsync(cancel))
        {
            return null;
        }

        var builder = new PostgreSqlBuilder(Image).WithUsername(DatabaseSource.OwnerRole).WithPassword(identity.OwnerPassword).WithDatabase(DatabaseSource.Database);
        if (keep)
        {
            // The fixed name makes the engine refuse a second server on the same volume; reuse finds the one that a killed service left running.
            var name = $"critical-minerals-{identity.Id}";
            builder = builder.WithName(name).WithVolumeMount(name, "/var/lib/postgresql/data").WithReuse(true);
            identity.PlaceAt(ClusterIdentity.VolumePrefix + name);
        }

        var container = builder.Build();
        await container.StartAsync(cancel);
        return new ContainerCluster(container, keep);
    }

    /// <summary>A connection string for a role of this cluster.</summary>
    public string ConnectionString(string role, string password, string database) => new NpgsqlConnectionStringBuilder(_container.GetConnectionString())
    {
        Username = role,
        Password = password,
        Database = database,
    }.ConnectionString;

    /// <summary>Stops the server in order; without <c>keep</c> also removes it.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        await _container.StopAsync(cancel);
        if (!_keep)
        {
            await _container.DisposeAsync();
        }
    }

    private static async Task<bool> EngineAnswersAsync(CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(3));
        try
        {
            if (TestcontainersSettings.OS.DockerEndpointAuthConfig is not { } endpoint)
            {
                return false;
            }

            using var client = endpoint.GetDockerClientBuilder(Guid.NewGuid()).Build();
            await client.System.PingAsync(patience.Token).WaitAsync(patience.Token);
            return true;
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            return false; // No socket, no rights to it, or nothing behind it: in every case there is no engine for us.
        }
    }
}
