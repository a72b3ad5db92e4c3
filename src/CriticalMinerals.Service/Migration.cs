using JasperFx;
using Marten;
using Microsoft.Extensions.Hosting.Internal;
using Npgsql;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Persistence.Durability;

namespace CriticalMinerals.Service;

/// <summary>
/// Brings the database to what this version needs, as its owner, and gives the service's role the rights it needs and no more.
/// Safe to repeat and to run from several nodes at once.
/// </summary>
public static class Migration
{
    /// <summary>Key of the advisory lock; any number that nobody else in this database uses.</summary>
    private const long Turn = 0x434D_4C45_4447_4552;

    /// <summary>
    /// How long a transaction may wait for its node, in milliseconds: the server ends it then, so that a node that was stopped or cut off holds no lock for
    /// longer. Options of a connection string, which stand behind it, may say otherwise.
    /// </summary>
    private const string Silence = "-c idle_in_transaction_session_timeout=5000";

    /// <summary>Migrates, and returns the data source the service runs on.</summary>
    /// <remarks>
    /// With two connection strings the service logs in as its own role, which is made if it is missing. With one, the migrating role itself takes the rights of
    /// <c>&lt;database&gt;_service</c> on every connection: a guard against mistakes of this program, not against somebody who holds the password.
    /// </remarks>
    /// <exception cref="StartupException">The database cannot be reached or migrated, or the service's role could rewrite evidence.</exception>
    public static async Task<NpgsqlDataSource> RunAsync(string ownerConnection, string serviceConnection, CancellationToken cancel)
    {
        var service = new NpgsqlConnectionStringBuilder(serviceConnection);
        var own = service.Username is { } user && user != new NpgsqlConnectionStringBuilder(ownerConnection).Username;
        var role = own ? service.Username! : $"{service.Database}_service";
        ownerConnection = WithOptions(ownerConnection, Silence).ConnectionString;
        service = WithOptions(serviceConnection, Silence);
        try
        {
            await using (var owner = NpgsqlDataSource.Create(ownerConnection))
            {
                // One node at a time; the lock goes with its connection.
                await using var turn = await owner.OpenConnectionAsync(cancel);
                await using var wait = new NpgsqlCommand("select pg_advisory_lock(@turn)", turn) { CommandTimeout = 0, Parameters = { new("turn", Turn) } };
                await wait.ExecuteNonQueryAsync(cancel);
                await CreateRoleAsync(owner, role, own ? service.Password : null, cancel);
                await CreateTablesAsync(owner);
                await GrantAsync(owner, role, cancel);
            }

            if (!own)
            {
                service = WithOptions(service.ConnectionString, $"-c role={role}");
                service.NoResetOnClose = true; // The reset between two uses of a connection would also give the owner's rights back.
            }

            // Npgsql's own default is as many connections as a PostgreSQL server takes in all; one node leaves room for others.
            service.MaxPoolSize = Math.Min(service.MaxPoolSize, 24);
            var source = NpgsqlDataSource.Create(service);
            try
            {
                await RequireRestrictedAsync(source, cancel);
                return source;
            }
            catch
            {
                await source.DisposeAsync();
                throw;
            }
        }
        catch (NpgsqlException refused)
        {
            throw new StartupException($"The database at {service.Host}:{service.Port} cannot be prepared: {refused.Message}", refused);
        }
    }

    private static async Task CreateRoleAsync(NpgsqlDataSource owner, string role, string? password, CancellationToken cancel)
    {
        // Roles are shared by all databases of a server, the lock is not: the loser of a race finds the role made.
        await using var create = owner.CreateCommand(
            $$"""
            do $critical_minerals$ begin
              if not exists (select from pg_roles where rolname = {{Literal(role)}}) then
                create role {{Identifier(role)}} {{(password is null ? "nologin" : "login password " + Literal(password))}};
              end if;
              {{(password is null ? $"if not pg_has_role({Literal(role)}, 'member') then grant {Identifier(role)} to current_user; end if;" : "")}}
            exception when duplicate_object or unique_violation then null;
            end $critical_minerals$
            """);
        await create.ExecuteNonQueryAsync(cancel);
    }

    private static async Task CreateTablesAsync(NpgsqlDataSource owner)
    {
        // The service's composition as far as it says what Marten and Wolverine want in the database. Services only, not a second host: test hosts
        // listen for the first host that the program builds.
        var services = new ServiceCollection().AddLogging().AddSingleton(owner).AddSingleton<IHostEnvironment>(new HostingEnvironment { ApplicationName = "migration" });
        services.AddMarten(Storage.Configure).UseNpgsqlDataSource().IntegrateWithWolverine();
        services.AddWolverine(options =>
        {
            options.Discovery.DisableConventionalDiscovery();
            options.Durability.Mode = DurabilityMode.Solo;
        });
        await UpgradeAsync(owner);
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IDocumentStore>().Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);
        await provider.GetRequiredService<IMessageStore>().Admin.MigrateAsync(AutoCreate.CreateOrUpdate);
    }

    /// <summary>
    /// Fills what databases of before lack, from the entries. Of documents, whoever named a kept one first is taken for who brought it, the one whom nobody had
    /// told of the hash; others bring it for their own entries again.
    /// </summary>
    private static async Task UpgradeAsync(NpgsqlDataSource owner)
    {
        await using var upgrade = owner.CreateCommand(
            $$"""
            do $critical_minerals$ begin
              if to_regclass('{{Storage.Schema}}.chain') is not null and to_regclass('{{Storage.Schema}}.signer') is null then
                create function pg_temp.payload(leaf bytea) returns json language sql immutable as $payload$
                  select convert_from(decode(rpad(translate(p, '-_', '+/'), (length(p) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::json from split_part(convert_from(leaf, 'UTF8'), '.', 2) p
                $payload$;
                create table {{Storage.Schema}}.signer (chain text not null, operator text not null, constraint pkey_signer_chain_operator primary key (chain, operator));
                insert into {{Storage.Schema}}.signer
                  select distinct c.sub, who from {{Storage.Schema}}.chain c join {{Storage.Schema}}.mt_events e on e.stream_id = c.sub
                  cross join lateral (select pg_temp.payload(e.bdata) p) said cross join lateral unnest(array[p ->> 'iss', p -> 'd' ->> 'for']) who
                  where not c.open and who is not null;
                alter table {{Storage.Schema}}.document add column if not exists signer text, add column if not exists brought boolean not null default false;
                update {{Storage.Schema}}.document d set
                  signer = pg_temp.payload(e.bdata) ->> 'iss',
                  brought = exists (select from {{Storage.Schema}}.attachment a where a.sha256 = d.sha256)
                    and not exists (select from {{Storage.Schema}}.document earlier where earlier.sha256 = d.sha256 and earlier.leaf_index < d.leaf_index)
                from {{Storage.Schema}}.leaf l join {{Storage.Schema}}.mt_events e on e.stream_id = l.chain and e.version = l.seq + 1 where l.index = d.leaf_index and d.signer is null;
                alter table {{Storage.Schema}}.document alter column signer set not null;
                drop function pg_temp.payload;
              end if;
            end $critical_minerals$
            """);
        upgrade.CommandTimeout = 0;
        await upgrade.ExecuteNonQueryAsync();
    }

    private static async Task GrantAsync(NpgsqlDataSource owner, string role, CancellationToken cancel)
    {
        var (to, schema) = (Identifier(role), Storage.Schema);
        await using var grant = owner.CreateCommand(
            $"""
            grant usage on schema {schema} to {to};
            grant select, insert, update, delete on all tables in schema {schema} to {to};
            revoke update, delete, truncate on {string.Join(", ", Storage.AppendOnly.Select(table => $"{schema}.{table}"))} from {to};
            grant usage, select on all sequences in schema {schema} to {to};
            grant execute on all functions in schema {schema} to {to};
            """);
        await grant.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Asks the database itself: a role named in the configuration may own the tables, be a superuser or have rights from elsewhere.</summary>
    private static async Task RequireRestrictedAsync(NpgsqlDataSource service, CancellationToken cancel)
    {
        await using var ask = service.CreateCommand(
            """
            select current_user || ' on ' || string_agg(t, ', ') from unnest(@tables) t
            where has_table_privilege(@schema || '.' || t, 'UPDATE') or has_table_privilege(@schema || '.' || t, 'DELETE') or has_table_privilege(@schema || '.' || t, 'TRUNCATE')
            """);
        ask.Parameters.AddWithValue("tables", Storage.AppendOnly.ToArray());
        ask.Parameters.AddWithValue("schema", Storage.Schema);
        if (await ask.ExecuteScalarAsync(cancel) is string rights)
        {
            throw new StartupException(
                $"The service would run with the right to rewrite evidence ({rights}). Let ConnectionStrings__Ledger name a role without that right, and ConnectionStrings__LedgerOwner the owner.");
        }
    }

    private static NpgsqlConnectionStringBuilder WithOptions(string connectionString, string options)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        builder.Options = $"{options} {builder.Options}".Trim();
        return builder;
    }

    private static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
