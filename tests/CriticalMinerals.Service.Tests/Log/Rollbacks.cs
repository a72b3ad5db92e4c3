using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>An older, another or an altered database under what was signed: nothing more is signed, and the words say how to go on.</summary>
public sealed class Rollbacks(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_older_copy_of_the_database_is_refused_at_start_with_every_way_on()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        await world.ALotAsync();
        var copy = await CopyAsync(world);
        await world.ALotAsync();
        await world.StopAsync();
        var newest = world.OwnerConnection;
        world.Connect(Named(world.OwnerConnection, copy), Named(world.ServiceConnection, copy));

        var (exitCode, errors) = await world.FailToStartAsync();

        Assert.Equal(1, exitCode);
        Assert.StartsWith("The database holds 3 entries, and 4 were signed", errors, StringComparison.Ordinal);
        Assert.Contains("Bring the newer database back; or bring what is missing from the log's files", errors, StringComparison.Ordinal);
        Assert.Contains("restore --from <folder>; or begin a new ledger", errors, StringComparison.Ordinal);
        Assert.Contains("new-ledger", errors, StringComparison.Ordinal);

        // It was meant: the newer database goes on. Restores and the test of new-ledger show the others.
        world.Connect(newest, Named(world.ServiceConnection, new NpgsqlConnectionStringBuilder(newest).Database!));
        await world.StartAsync();
        await world.ALotAsync();
        await IndependentAudit.AcceptsAsync(world);
    }

    [Fact]
    public async Task A_missing_pin_another_log_s_pin_and_altered_hashes_are_refused_at_start()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        await world.ALotAsync();
        await world.StopAsync();
        var pin = Path.Combine(world.Folder.Path, "pin");
        var kept = await File.ReadAllBytesAsync(pin, Cancel);

        File.Delete(pin);
        var (_, missing) = await world.FailToStartAsync();
        Assert.StartsWith($"The database holds 3 entries and {pin} is missing.", missing, StringComparison.Ordinal);
        Assert.Contains("Bring the pin back", missing, StringComparison.Ordinal);
        Assert.False(File.Exists(pin));

        new Service.Log.Pin(world.Folder.Path).Create(new Service.Log.PinnedTree(Guid.NewGuid(), 0, MerkleTree.EmptyRoot));
        var (_, foreign) = await world.FailToStartAsync();
        Assert.StartsWith($"{pin} belongs to another log than this database.", foreign, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(pin, kept.Select((b, i) => i % 128 == 60 ? (byte)(b ^ 1) : b).ToArray(), Cancel);
        var (_, damaged) = await world.FailToStartAsync();
        Assert.StartsWith($"{pin} is damaged", damaged, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(pin, kept, Cancel);
        await world.DoAsync("update ledger.leaf set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where index = 1");
        var (exitCode, altered) = await world.FailToStartAsync();
        Assert.Equal(1, exitCode);
        Assert.StartsWith("The first 3 entries of the database do not give the root that was signed", altered, StringComparison.Ordinal);
    }

    /// <summary>The case that a comparison of sizes alone would sign: the older copy has just as many entries again after one batch.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(5)]
    public async Task An_older_copy_under_the_running_service_stops_the_log_however_much_comes_next(int next)
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        await world.ALotAsync();
        var miner = await world.AnAsync(Role.Miner);
        var copy = await CopyAsync(world);
        await world.ALotAsync();
        await world.ALotAsync();
        await SwapAsync(world, copy);

        var answers = await world.StreamAsync([.. Enumerable.Range(0, next).Select(_ => world.Says.Extracts(miner, Author.Uuid()))]);

        Assert.All(answers, a => Assert.Equal((503, "log-halted"), (a.Status, a.Code)));
        Assert.Equal(3, await world.AskAsync<long>("select size from ledger.state"));
        Assert.Equal("log-halted", (await world.PostAsync(world.Says.Extracts(miner, Author.Uuid()))).Code);
    }

    [Fact]
    public async Task A_node_that_had_not_seen_the_newest_signature_does_not_sign_past_it_from_an_older_copy()
    {
        await using var world = await World.AnOpenLogAsync(postgres, nodes: 2);
        await world.ALotAsync();
        var miner = await world.AnAsync(Role.Miner);

        // The second node has signed everything up to the copy and nothing after it.
        await world.Http(1).GetStringAsync("/head?sub=" + Uri.EscapeDataString(miner.Did), Cancel);
        var copy = await CopyAsync(world);
        await world.ALotAsync();
        await world.ALotAsync();
        await SwapAsync(world, copy);

        var answers = await world.StreamAsync([.. Enumerable.Range(0, 10).Select(_ => world.Says.Extracts(miner, Author.Uuid()))], node: 1);

        Assert.All(answers, a => Assert.Equal((503, "log-halted"), (a.Status, a.Code)));
        Assert.Equal(3, await world.AskAsync<long>("select size from ledger.state"));
    }

    [Fact]
    public async Task New_ledger_sets_a_private_ledger_aside_and_the_next_start_begins_anew()
    {
        await PostgresServer.RequireProgramsAsync();
        using var folder = new DataFolder();
        var demo = new Dictionary<string, string> { ["Ledger__Demo"] = "true" };
        string first;
        using (var service = await ServiceProcess.Start(folder.Path, demo).ReadyAsync())
        {
            first = await VerifierKeyAsync(service);
            await service.KillAsync(); // Its database server goes on; the command stops it before it moves its files.
        }

        var server = folder.ServerProcess;
        using (var command = ServiceProcess.Start(folder.Path, demo, "new-ledger"))
        {
            var (exitCode, errors) = await command.EndedAsync();
            Assert.True(exitCode == 0, errors);
        }

        var aside = Assert.Single(Directory.GetDirectories(folder.Path, "set-aside-*"));
        Assert.Equal(["cluster.json", "demo", "keys", "pin", "postgres"], Directory.GetFileSystemEntries(aside).Select(Path.GetFileName).Order());
        Assert.False(File.Exists(Path.Combine(aside, "postgres", "postmaster.pid")));
        using var next = await ServiceProcess.Start(folder.Path, demo).ReadyAsync();
        Assert.NotEqual(first, await VerifierKeyAsync(next));
        Assert.NotEqual(server, folder.ServerProcess);
        Assert.Equal(0, await next.EndAsync());
    }

    [Fact]
    public async Task New_ledger_leaves_a_configured_database_with_entries_alone_and_over_an_empty_one_sets_only_the_pin_aside()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        await world.StopAsync();
        var pin = Path.Combine(world.Folder.Path, "pin");

        var (exitCode, errors) = await world.RunAsync("new-ledger");
        Assert.Equal(1, exitCode);
        Assert.Contains("holds 1 entry.", errors, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", errors, StringComparison.Ordinal);
        Assert.True(File.Exists(pin));

        var (owner, service) = await postgres.CreateDatabaseAsync();
        world.Connect(owner, service);
        Assert.Contains("it is an older copy", (await world.FailToStartAsync()).Errors, StringComparison.Ordinal);
        Assert.Equal((0, ""), await world.RunAsync("new-ledger"));
        Assert.Equal(["pin"], Directory.GetFileSystemEntries(Assert.Single(Directory.GetDirectories(world.Folder.Path, "set-aside-*"))).Select(Path.GetFileName));
        await world.StartAsync();
        world.Says.Forget();
        await world.AdmitAsync(world.Says.Opens());
    }

    private static async Task<string> VerifierKeyAsync(ServiceProcess service)
    {
        using var client = new HttpClient { BaseAddress = service.Address };
        return await client.GetStringAsync("/vkey", Cancel);
    }

    internal static string Named(string connection, string database) => new NpgsqlConnectionStringBuilder(connection) { Database = database }.ConnectionString;

    /// <summary>A copy of the world's database as it is now, as a restored backup would be; returns its name.</summary>
    internal static async Task<string> CopyAsync(World world)
    {
        var name = new NpgsqlConnectionStringBuilder(world.OwnerConnection).Database!;
        await AloneAsync(world, name, $"create database {name}_copy template {name}");
        return name + "_copy";
    }

    /// <summary>Puts the copy in the place of the database, under a service that runs on.</summary>
    private static async Task SwapAsync(World world, string copy)
    {
        var name = new NpgsqlConnectionStringBuilder(world.OwnerConnection).Database!;
        await AloneAsync(world, name, $"alter database {name} rename to {name}_newest", $"alter database {copy} rename to {name}");
    }

    // The service's connections are cut and kept out meanwhile; it comes back to whatever has the name then.
    private static async Task AloneAsync(World world, string name, params string[] statements)
    {
        await using var server = NpgsqlDataSource.Create(Named(world.OwnerConnection, "postgres"));
        string[] all =
        [
            $"alter database {name} allow_connections false",
            $"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{name}'",
            .. statements,
            $"update pg_database set datallowconn = true where datname like '{name}%'",
        ];
        foreach (var statement in all)
        {
            await using var command = server.CreateCommand(statement);
            await command.ExecuteNonQueryAsync(Cancel);
        }
    }
}
