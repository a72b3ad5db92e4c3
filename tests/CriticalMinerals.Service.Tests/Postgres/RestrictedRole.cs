using Marten;
using Marten.Storage;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Postgres;

/// <summary>What the running service may do in the database: everything it needs, nothing that rewrites evidence.</summary>
public sealed class RestrictedRole(PostgresServer postgres)
{
    private const string Origin = "ledger.example.com/log/2026";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>With two connection strings the service has a login of its own; with one it takes the role of the service on each connection.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task The_service_cannot_change_or_remove_evidence(bool ownLogin)
    {
        await using var source = await MigratedAsync(ownLogin);
        foreach (var table in Storage.AppendOnly)
        {
            var column = table switch { "mt_events" => "bdata = null", "leaf" => "seq = 0", "redemption" => "line = 0", "tile" => "n = 0", "erasure" => "erased_by = 0", "reading" => "record = ''", "cosignature" => "line = ''", _ => "note = ''" };
            foreach (var statement in new[] { $"update ledger.{table} set {column}", $"delete from ledger.{table}", $"truncate ledger.{table}", $"drop table ledger.{table}", $"alter table ledger.{table} disable trigger all" })
            {
                await using var command = source.CreateCommand(statement);
                var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancel));
                Assert.True(refused.SqlState == PostgresErrorCodes.InsufficientPrivilege, $"{statement}: {refused.Message}");
            }
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task The_restriction_outlives_the_return_of_a_connection_to_the_pool(bool ownLogin)
    {
        await using var source = await MigratedAsync(ownLogin);
        for (var use = 0; use < 3; use++)
        {
            await using var who = source.CreateCommand("select current_user");
            var role = Assert.IsType<string>(await who.ExecuteScalarAsync(Cancel));
            Assert.EndsWith("_service", role, StringComparison.Ordinal);
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task The_service_can_append_entries_and_keep_everything_that_goes_with_them(bool ownLogin)
    {
        await using var source = await MigratedAsync(ownLogin);
        await using var store = DocumentStore.For(options =>
        {
            Storage.Configure(options);
            options.Connection(source);
        });
        byte[] every = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        await using (var session = store.LightweightSession())
        {
            session.Events.Append("urn:uuid:a", 1, new EntryAppended(every));
            await session.SaveChangesAsync(Cancel);
            session.Events.Append("urn:uuid:a", 2, new EntryAppended([1]));
            await session.SaveChangesAsync(Cancel);
        }

        await using (var session = store.QuerySession())
        {
            var stream = await session.Events.FetchStreamAsync("urn:uuid:a", token: Cancel);
            Assert.Equal([every, [1]], stream.Select(entry => Assert.IsType<EntryAppended>(entry.Data).Leaf));
        }

        await using var everything = source.CreateCommand(
            $"""
            insert into ledger.state (origin, pin_id, size, root, edge, committed_at) values ('{Origin}', gen_random_uuid(), 0, '', '', now());
            select size from ledger.state for update;
            update ledger.state set size = 1;
            insert into ledger.leaf values (0, '\x00', 'urn:uuid:a', 0, '\x00', now());
            insert into ledger.redemption values (1, 0, 0, 1, 0);
            insert into ledger.chain values ('urn:uuid:a', 1, true, 0, 0, '\x00', '\x00') on conflict (sub) do update set seq = excluded.seq;
            insert into ledger.signer values ('urn:uuid:a', 'did:web:a.example') on conflict do nothing;
            insert into ledger.line (entry, line, giver, commitment, quantity, unit, purpose) values ('\x00', 0, 'urn:uuid:a', '\x00', 1.5, 'kg', 0);
            update ledger.line set taken_by = '\x01', withdrawn = false;
            insert into ledger.claim values ('gtin/0951', 'did:web:a.example');
            delete from ledger.claim;
            insert into ledger.tile values (0, 0, '\x00');
            insert into ledger.disclosure values (0, 0, 'WyJ4Il0');
            delete from ledger.disclosure;
            insert into ledger.checkpoint values (1, 'note', now());
            insert into ledger.time_stamp values (1, 'note', '\x00', now(), now());
            insert into ledger.cosignature values (1, 'key', now(), 'line');
            insert into ledger.offer values (true, 1, 'note', now()) on conflict (one) do update set size = excluded.size;
            insert into ledger.witnessed values ('log', 'note') on conflict (origin) do update set note = excluded.note;
            insert into ledger.document values ('\x00', 0, 0, 'did:web:a.example');
            update ledger.document set brought = true;
            insert into ledger.attachment values ('\x00', 1);
            insert into ledger.attachment_part values ('\x00', 0, '\x00');
            delete from ledger.attachment_part;
            delete from ledger.attachment;
            delete from ledger.document;
            """);
        await everything.ExecuteNonQueryAsync(Cancel);
        await using var leaf = source.CreateCommand("select bdata from ledger.leaf l join ledger.mt_events e on e.stream_id = l.chain and e.version = l.seq + 1");
        Assert.Equal(every, await leaf.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task A_role_that_could_rewrite_evidence_is_refused_at_start()
    {
        var (owner, service) = await postgres.CreateDatabaseAsync();
        await using (var server = NpgsqlDataSource.Create(owner))
        {
            await using var create = server.CreateCommand("drop role if exists mighty; create role mighty login superuser password 'mighty'");
            await create.ExecuteNonQueryAsync(Cancel);
        }

        var mighty = new NpgsqlConnectionStringBuilder(service) { Username = "mighty", Password = "mighty" }.ConnectionString;
        var refused = await Assert.ThrowsAsync<StartupException>(() => Migration.RunAsync(owner, mighty, Cancel));
        Assert.Contains("mighty on mt_events, leaf, redemption, tile, checkpoint", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_nodes_may_migrate_at_once_and_a_second_migration_finds_nothing_to_do()
    {
        var (owner, service) = await postgres.CreateDatabaseAsync();
        foreach (var source in await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Migration.RunAsync(owner, service, Cancel))))
        {
            await source.DisposeAsync();
        }

        await using var store = DocumentStore.For(options =>
        {
            Storage.Configure(options);
            options.Connection(owner);
        });
        await ((IMartenDatabase)store.Storage.Database).AssertDatabaseMatchesConfigurationAsync(Cancel);
    }

    [Fact]
    public async Task Claims_are_in_byte_order_so_that_a_prefix_is_a_range_of_the_key()
    {
        await using var source = await MigratedAsync(ownLogin: true);
        await using var collation = source.CreateCommand("select collation_name from information_schema.columns where table_schema = 'ledger' and table_name = 'claim' and column_name = 'name'");
        Assert.Equal("C", await collation.ExecuteScalarAsync(Cancel));
    }

    private async Task<NpgsqlDataSource> MigratedAsync(bool ownLogin)
    {
        var (owner, service) = await postgres.CreateDatabaseAsync();
        return await Migration.RunAsync(owner, ownLogin ? service : owner, Cancel);
    }
}
