using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Postgres;

/// <summary>The database that the service starts for itself, through the ends a process can come to.</summary>
public sealed class PrivateCluster
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_on_an_empty_folder_makes_its_database_and_leaves_no_server_behind_when_it_ends()
    {
        await PostgresServer.RequireProgramsAsync();
        using var folder = new DataFolder();
        using var service = await ServiceProcess.Start(folder.Path).ReadyAsync();
        var server = folder.ServerProcess;
        Assert.True(IsAlive(server));

        Assert.Equal(0, await service.EndAsync());

        Assert.False(IsAlive(server));
        Assert.False(File.Exists(Path.Combine(folder.Cluster, "postmaster.pid")));
    }

    [Fact]
    public async Task A_killed_service_is_followed_by_one_that_finds_the_same_server_with_its_data()
    {
        await PostgresServer.RequireProgramsAsync();
        using var folder = new DataFolder();
        using (var killed = await ServiceProcess.Start(folder.Path).ReadyAsync())
        {
            await WriteAsync(folder);
            await killed.KillAsync();
        }

        var server = folder.ServerProcess;
        Assert.True(IsAlive(server)); // Else the next line proves a start, not a find.

        using var next = await ServiceProcess.Start(folder.Path).ReadyAsync();
        Assert.Equal(server, folder.ServerProcess);
        Assert.True(await IsWrittenAsync(folder));
        Assert.Equal(0, await next.EndAsync());
        Assert.False(IsAlive(server));
    }

    [Fact]
    public async Task A_server_that_was_killed_too_is_started_again_with_everything_committed()
    {
        await PostgresServer.RequireProgramsAsync();
        using var folder = new DataFolder();
        using (var killed = await ServiceProcess.Start(folder.Path).ReadyAsync())
        {
            await WriteAsync(folder);
            using var server = Process.GetProcessById(folder.ServerProcess);
            await killed.KillAsync();
            server.Kill();
            await server.WaitForExitAsync(Cancel);
        }

        using var next = await ServiceProcess.Start(folder.Path).ReadyAsync();
        Assert.True(await IsWrittenAsync(folder));
        Assert.Equal(0, await next.EndAsync());
    }

    [Fact]
    public async Task A_second_service_on_a_folder_is_refused_and_told_who_has_it()
    {
        await PostgresServer.RequireProgramsAsync();
        using var folder = new DataFolder();
        using var first = await ServiceProcess.Start(folder.Path).ReadyAsync();

        using var second = ServiceProcess.Start(folder.Path);
        var (exitCode, errors) = await second.EndedAsync();

        Assert.Equal(1, exitCode);
        Assert.Equal($"Another service (process {first.Id}) is using {folder.Path}. Stop it, or give this one a data folder of its own: Ledger__DataFolder=/another/folder.", errors.Trim());
        Assert.Equal(0, await first.EndAsync());
    }

    [Fact]
    public async Task A_command_on_the_private_database_of_a_running_service_says_to_stop_that_and_give_it_again()
    {
        await PostgresServer.RequireProgramsAsync();
        using var folder = new DataFolder();
        using var first = await ServiceProcess.Start(folder.Path).ReadyAsync();

        foreach (var command in (string[][])[["verify-state"], ["forget-reader", "did:web:workshop.example"], ["new-ledger"], ["restore", "--from", "."]])
        {
            using var second = ServiceProcess.Start(folder.Path, command);
            var (exitCode, errors) = await second.EndedAsync();
            Assert.Equal(
                (1, $"A service (process {first.Id}) is using {folder.Path} and the private database in it. Stop it, give {command[0]} again, then start it again. Nothing was done."), (exitCode, errors.Trim()));
        }

        Assert.Equal(0, await first.EndAsync());
    }

    [Fact]
    public async Task A_folder_to_restore_from_that_is_not_there_is_named_by_its_whole_path()
    {
        await PostgresServer.RequireProgramsAsync();
        using var folder = new DataFolder();
        DemoKeys.Ensure(folder.Path);
        using var restore = ServiceProcess.Start(folder.Path, "restore", "--from", "missing-folder");
        var (exitCode, errors) = await restore.EndedAsync();
        Assert.Equal((1, $"There is no folder {Path.Combine(folder.Parent, "missing-folder")}. Name the folder with the log's files by its whole path. Nothing was changed."), (exitCode, errors.Trim()));
    }

    [Fact]
    public async Task A_service_on_an_address_that_is_taken_says_one_line_and_nothing_else()
    {
        await PostgresServer.RequireProgramsAsync();
        using var folder = new DataFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        using var service = ServiceProcess.Start(folder.Path, new Dictionary<string, string>(), "--urls", taken);
        var (exitCode, errors) = await service.EndedAsync();
        Assert.Equal((1, $"Another program listens on {taken}. Stop it, or choose another address: --urls http://127.0.0.1:5081"), (exitCode, errors.Trim()));
        Assert.Equal("", await service.OutputAsync());
    }

    [Fact]
    public async Task Where_the_unprivileged_user_cannot_go_the_database_stands_elsewhere_and_no_rights_are_changed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess, "Only root has a home that its database cannot reach.");
        await PostgresServer.RequireProgramsAsync();
        using var folder = new DataFolder(closed: true);
        await using (var source = await DatabaseSource.OpenAsync(new LedgerOptions { DataFolder = folder.Path }, null, Cancel))
        {
            Assert.Equal($"/var/lib/critical-minerals/{folder.Identity["Id"]}", folder.Cluster);
            Assert.Contains(folder.Cluster, source.Description, StringComparison.Ordinal);
            await using var connection = new NpgsqlConnection(source.OwnerConnectionString);
            await connection.OpenAsync(Cancel);
        }

#pragma warning disable CA1416 // Skipped on Windows above.
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder.Parent));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder.Cluster));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.Path, "cluster.json")));
#pragma warning restore CA1416
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "postgres.new")));
    }

    [Fact]
    public async Task A_cluster_of_another_major_version_is_named_and_left_alone()
    {
        await PostgresServer.RequireProgramsAsync();
        using var folder = new DataFolder();
        var options = new LedgerOptions { DataFolder = folder.Path };
        await (await DatabaseSource.OpenAsync(options, null, Cancel)).DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(folder.Cluster, "PG_VERSION"), "9\n", Cancel);

        var refused = await Assert.ThrowsAsync<StartupException>(() => DatabaseSource.OpenAsync(options, null, Cancel));

        Assert.StartsWith($"The database in {folder.Cluster} was made by PostgreSQL 9; on this machine there is only ", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder.Cluster, "postmaster.pid")));
    }

    [Fact]
    public async Task The_server_is_durable_and_listens_on_loopback_only()
    {
        await PostgresServer.RequireProgramsAsync();
        using var folder = new DataFolder();
        await using var source = await DatabaseSource.OpenAsync(new LedgerOptions { DataFolder = folder.Path }, null, Cancel);
        await using var owner = NpgsqlDataSource.Create(source.OwnerConnectionString);
        await using var ask = owner.CreateCommand(
            "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'unix_socket_directories', 'server_encoding', 'password_encryption')");
        Assert.Equal(
            "fsync=on full_page_writes=on listen_addresses=127.0.0.1 password_encryption=scram-sha-256 server_encoding=UTF8 synchronous_commit=on unix_socket_directories=",
            await ask.ExecuteScalarAsync(Cancel));

        var stranger = new NpgsqlConnectionStringBuilder(source.OwnerConnectionString) { Password = "guess", Pooling = false };
        await using var guess = new NpgsqlConnection(stranger.ConnectionString);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await Assert.ThrowsAsync<PostgresException>(() => guess.OpenAsync(Cancel))).SqlState);
    }

    private static async Task WriteAsync(DataFolder folder)
    {
        await using var owner = NpgsqlDataSource.Create(folder.OwnerConnection);
        await using var insert = owner.CreateCommand("insert into ledger.checkpoint values (1, 'kept', now())");
        await insert.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<bool> IsWrittenAsync(DataFolder folder)
    {
        await using var owner = NpgsqlDataSource.Create(folder.OwnerConnection);
        await using var read = owner.CreateCommand("select exists (select from ledger.checkpoint where note = 'kept')");
        return await read.ExecuteScalarAsync(Cancel) is true;
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);

            // Whoever adopted the server may be slow to bury it (some containers' first process never does): a zombie, "Z" after the name, is not alive.
            var state = $"/proc/{process}/stat";
            return !found.HasExited && !(File.Exists(state) && File.ReadAllText(state).Split(") ")[^1].StartsWith('Z'));
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
