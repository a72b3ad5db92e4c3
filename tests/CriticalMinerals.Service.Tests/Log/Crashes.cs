using System.Diagnostics;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>The service, its database server or the connections between them end at any moment: nothing acknowledged is lost, doubled or renumbered.</summary>
public sealed class Crashes(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_killed_under_load_again_and_again_starts_again_by_itself_with_everything_acknowledged()
    {
        await using var world = await World.OnAServerOfItsOwnAsync();
        var writers = await Writer.ManyAsync(world, 8);
        for (var round = 0; round < (World.IsFullSize ? 50 : 3); round++)
        {
            var enough = world.Acknowledged.Count + 20 + (round * 7);
            var writing = writers.Select(writer => writer.WriteUntilLostAsync()).ToArray();
            while (world.Acknowledged.Count < enough && !writing.Any(w => w.IsFaulted))
            {
                await Task.Yield();
            }

            await world.KillAsync();
            await Task.WhenAll(writing);
            await world.StartAsync();
            await Task.WhenAll(writers.Select(writer => writer.SettleAsync()));
        }

        await IndependentAudit.AcceptsAsync(world);
    }

    [Fact]
    public async Task A_database_server_killed_under_load_is_recovered_by_the_next_start()
    {
        await using var world = await World.OnAServerOfItsOwnAsync();
        var writers = await Writer.ManyAsync(world, 8);
        var writing = writers.Select(writer => writer.WriteUntilLostAsync()).ToArray();
        while (world.Acknowledged.Count < 60 && !writing.Any(w => w.IsFaulted))
        {
            await Task.Yield();
        }

        using (var server = Process.GetProcessById(world.Folder.ServerProcess))
        {
            server.Kill();
            await world.KillAsync();
            await server.WaitForExitAsync(Cancel);
        }

        await Task.WhenAll(writing);
        await world.StartAsync();
        await Task.WhenAll(writers.Select(writer => writer.SettleAsync()));
        await IndependentAudit.AcceptsAsync(world);
    }

    [Fact]
    public async Task A_running_service_outlives_a_crash_recovery_of_its_database_server()
    {
        await using var world = await World.OnAServerOfItsOwnAsync();
        var writers = await Writer.ManyAsync(world, 8);
        for (var round = 0; round < 2; round++)
        {
            var enough = world.Acknowledged.Count + 30;
            using var stop = new CancellationTokenSource();
            var writing = writers.Select(writer => writer.WriteAsync(stop.Token)).ToArray();
            await ReachAsync(world, enough, writing);

            // One backend killed outright: the server ends all others and recovers from its log, as after a power cut.
            using (var backend = Process.GetProcessById(await world.AskAsync<int>("select pid from pg_stat_activity where usename = 'ledger_service' limit 1")))
            {
                backend.Kill();
            }

            await ReachAsync(world, world.Acknowledged.Count + 30, writing);
            await stop.CancelAsync();
            await Task.WhenAll(writing);
        }

        await Task.WhenAll(writers.Select(writer => writer.SettleAsync()));
        await IndependentAudit.AcceptsAsync(world);
    }

    [Fact]
    public async Task Connections_cut_under_load_cost_nobody_an_entry()
    {
        await using var world = await World.AnOpenLogAsync(postgres, nodes: 2);
        var writers = await Writer.ManyAsync(world, 8);
        using var stop = new CancellationTokenSource();
        var writing = writers.Select(writer => writer.WriteAsync(stop.Token)).ToArray();
        for (var cut = 0; cut < (World.IsFullSize ? 200 : 10); cut++)
        {
            await ReachAsync(world, world.Acknowledged.Count + 10, writing);
            await world.DoAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'ledger_service'");
        }

        await ReachAsync(world, world.Acknowledged.Count + 20, writing);
        await stop.CancelAsync();
        await Task.WhenAll(writing);
        await Task.WhenAll(writers.Select(writer => writer.SettleAsync()));
        await IndependentAudit.AcceptsAsync(world);
    }

    [Fact]
    public async Task What_was_committed_and_not_yet_signed_is_signed_by_the_next_start()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var lot = world.Says.Extracts(await world.AnAsync(Role.Miner), Author.Uuid());
        var size = await CommitUnsignedAsync(world, lot);

        await world.StartAsync();

        Assert.Equal((ulong)size, (await world.CheckpointAsync()).Size);
        Assert.Equal(size - 1, await world.IndexAsync(lot));
        Assert.Equal(200, (await world.PostAsync(lot)).Status);
        await IndependentAudit.AcceptsAsync(world);
    }

    [Fact]
    public async Task A_leaf_altered_between_commit_and_signature_is_not_signed()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var lot = world.Says.Extracts(await world.AnAsync(Role.Miner), Author.Uuid());
        var size = await CommitUnsignedAsync(world, lot);
        await world.DoAsync($"update ledger.mt_events set bdata = set_byte(bdata, 40, get_byte(bdata, 40) # 1) where stream_id = '{lot.Entry.Subject}'");

        var (exitCode, errors) = await world.FailToStartAsync();

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"The {size} stored entries give root ", errors, StringComparison.Ordinal);
        Assert.Contains("nothing was signed", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_goes_on_with_the_same_log()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var lot = await world.ALotAsync();
        var before = await world.CheckpointAsync(await world.AskAsync<long>("select size from ledger.state"));
        await world.StopAsync();
        await world.StartAsync();

        Assert.True((await world.CheckpointAsync()).Size >= before.Size);
        Assert.Equal(200, (await world.PostAsync(lot)).Status);
        var line = new GivenTo(Author.Uuid(), await world.AnAsync(Role.Refiner), "1");
        await world.AdmitAsync(world.Says.Allocates(await world.AnAsync(Role.Miner), lot.Entry.Subject, line));
        await IndependentAudit.AcceptsAsync(world);
    }

    /// <summary>
    /// Kills the service exactly between its commit and its signature: the batch is held inside its insert until a lock on the leaves is queued behind it, which
    /// it gives way to by committing, and which keeps the service from reading back what it would sign. Returns the committed size.
    /// </summary>
    private static async Task<long> CommitUnsignedAsync(World world, SignedEntry entry)
    {
        var size = await world.AskAsync<long>("select size from ledger.state");
        await using var owner = NpgsqlDataSource.Create(world.OwnerConnection);
        await using var gate = await owner.OpenConnectionAsync(Cancel);
        await RunAsync(
            gate,
            """
            create function ledger.hold() returns trigger language plpgsql as $hold$ begin perform pg_advisory_xact_lock(1); return new; end $hold$;
            create trigger hold before insert on ledger.leaf for each row execute function ledger.hold();
            select pg_advisory_lock(1);
            """);
        var unanswered = world.PostAsync(entry);
        await WaitedForAsync(world, "locktype = 'advisory'");
        await using (var reader = await owner.OpenConnectionAsync(Cancel))
        {
            await using var transaction = await reader.BeginTransactionAsync(Cancel);
#pragma warning disable CA2025 // Awaited below, before its connection is given back.
            var locking = RunAsync(reader, "lock table ledger.leaf in access exclusive mode");
#pragma warning restore CA2025
            await WaitedForAsync(world, "mode = 'AccessExclusiveLock'");
            await RunAsync(gate, "select pg_advisory_unlock(1)");
            await locking;
            Assert.Equal(size + 1, await world.AskAsync<long>("select size from ledger.state"));
            Assert.False(unanswered.IsCompleted);
            await world.KillAsync();
        }

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => unanswered);
        await RunAsync(gate, "drop trigger hold on ledger.leaf");
        return size + 1;
    }

    private static async Task WaitedForAsync(World world, string what)
    {
        while (await world.AskAsync<long>("select count(*) from pg_locks where not granted and database = (select oid from pg_database where datname = current_database()) and " + what) == 0)
        {
            // Each question takes its time; the run's own limit ends it.
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // The statements stand above.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task ReachAsync(World world, int acknowledged, Task[] writing)
    {
        while (world.Acknowledged.Count < acknowledged && !writing.Any(w => w.IsCompleted))
        {
            await world.Http().GetStringAsync("/health/live", Cancel);
        }
    }

    /// <summary>One submitter with a chain of its own, who sends again whatever was not answered.</summary>
    private sealed class Writer(World world, Party maker, string battery, int node)
    {
        private SignedEntry? _unanswered;

        public static async Task<Writer[]> ManyAsync(World world, int count)
        {
            var maker = await world.AnAsync(Role.BatteryMaker);
            return await Task.WhenAll(Enumerable.Range(0, count).Select(async i => new Writer(world, maker, (await world.ABatteryOnTheMarketAsync()).Entry.Subject, i % world.Nodes)));
        }

        /// <summary>Writes until the service answers no more.</summary>
        public async Task WriteUntilLostAsync()
        {
            try
            {
                await WriteAsync(CancellationToken.None);
            }
            catch (HttpRequestException)
            {
                // Killed in the middle: whether the last entry is in is unknown.
            }
        }

        public async Task WriteAsync(CancellationToken stop)
        {
            await Task.Yield();
            while (!stop.IsCancellationRequested)
            {
                _unanswered ??= world.Says.Measures(maker, battery);
                var answer = await world.PostAsync(_unanswered, node);
                if (answer.IsIn)
                {
                    world.Says.Stands(_unanswered);
                    _unanswered = null;
                }
                else
                {
                    Assert.True(answer.Status == 503, $"{answer}\n{world.Node(node).Said}");
                }
            }
        }

        /// <summary>Sends what was not answered, until it is in.</summary>
        public async Task SettleAsync()
        {
            while (_unanswered is { } entry)
            {
                var answer = await world.PostAsync(entry, node);
                Assert.True(answer.IsIn || answer.Status == 503, answer.ToString());
                if (answer.IsIn)
                {
                    world.Says.Stands(entry);
                    _unanswered = null;
                }
            }
        }
    }
}
