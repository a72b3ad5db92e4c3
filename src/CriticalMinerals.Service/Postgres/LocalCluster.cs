using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace CriticalMinerals.Service.Postgres;

/// <summary>
/// A private PostgreSQL server on this machine, from programs found here. It listens on 127.0.0.1 only, asks for a password (SCRAM), never runs as root and
/// never gives up durability. It outlives a killed service and is found again by the next one; a service that ends in order stops it.
/// </summary>
public sealed class LocalCluster
{
    private const int SecondsToStart = 60;

    private readonly ClusterIdentity _identity;
    private readonly ServerAccount _account;
    private readonly ServerBinaries _binaries;
    private readonly string _folder;

    private LocalCluster(ClusterIdentity identity, ServerAccount account, ServerBinaries binaries, string folder)
    {
        (_identity, _account, _binaries, _folder) = (identity, account, binaries, folder);
    }

    /// <summary>TCP port on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>Major version of the server.</summary>
    public int Major => _binaries.Major;

    /// <summary>Folder of the database files.</summary>
    public string Folder => _folder;

    /// <summary>Finds, starts or first makes the cluster of a data folder.</summary>
    /// <returns>Null when there is neither a cluster nor a program to make one.</returns>
    /// <exception cref="StartupException">There is a cluster, but no programs of its version; or the server does not start.</exception>
    public static async Task<LocalCluster?> OpenAsync(ClusterIdentity identity, string dataFolder, CancellationToken cancel)
    {
        if (identity.Folder?.StartsWith(ClusterIdentity.VolumePrefix, StringComparison.Ordinal) is true)
        {
            return null; // An earlier start put the data into a container's volume; a second, empty database would hide them.
        }

        var account = await ServerAccount.FindAsync(cancel);
        var found = await ServerBinaries.FindAsync(account, cancel);
        var folder = identity.Folder;
        if (folder is null)
        {
            if (found.FirstOrDefault(binaries => binaries.Major >= ServerBinaries.OldestMajor) is not { } binaries)
            {
                return null;
            }

            folder = await CreateAsync(identity, account, binaries, dataFolder, cancel);
        }

        var cluster = new LocalCluster(identity, account, Matching(found, folder), folder);
        await cluster.FindOrStartAsync(cancel);
        return cluster;
    }

    /// <summary>Stops the server: open transactions are rolled back, everything committed is on disk.</summary>
    /// <exception cref="StartupException">It does not stop; the message has PostgreSQL's words.</exception>
    public async Task StopAsync(CancellationToken cancel)
    {
        var (exit, output) = await PgCtlAsync(["stop", "-m", "fast", "-w", "-t", "60"], cancel);
        if (exit != 0 && await IsRunningAsync(cancel))
        {
            throw new StartupException($"The database in {_folder} did not stop: {output.Trim()}");
        }
    }

    /// <summary>A connection string for a role of this cluster.</summary>
    public string ConnectionString(string role, string password, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = role,
        Password = password,
        Database = database,
        SslMode = SslMode.Disable, // Never leaves this machine.
    }.ConnectionString;

    private static ServerBinaries Matching(IReadOnlyList<ServerBinaries> found, string folder)
    {
        string version;
        try
        {
            version = File.ReadAllText(Path.Combine(folder, "PG_VERSION")).Trim();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The database that belongs to this data folder should stand in {folder}, but cannot be read there. Restore it; nothing was changed.", gone);
        }

        return found.FirstOrDefault(binaries => binaries.Major.ToString(CultureInfo.InvariantCulture) == version) ?? throw new StartupException(
            $"The database in {folder} was made by PostgreSQL {version}; on this machine there is {Names(found)}. Install PostgreSQL {version}, or move the data with pg_upgrade.");
    }

    private static string Names(IReadOnlyList<ServerBinaries> found) =>
        found.Count == 0 ? "none" : "only " + string.Join(", ", found.Select(binaries => binaries.Major).Distinct().Order());

    /// <summary>
    /// Makes an empty cluster beside its place and moves it there when it is complete: after a crash there is none, or a whole one.
    /// </summary>
    private static async Task<string> CreateAsync(ClusterIdentity identity, ServerAccount account, ServerBinaries binaries, string dataFolder, CancellationToken cancel)
    {
        var place = Path.Combine(dataFolder, "postgres");
        if (!await CanHoldAsync(account, place + ".new", cancel) && !OperatingSystem.IsWindows())
        {
            // Opening the way (a home of root is 0700) would lay bare what its owner closed; so the database goes where its user may be.
            place = $"/var/lib/critical-minerals/{identity.Id}";
            Directory.CreateDirectory(Path.GetDirectoryName(place)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            if (!await CanHoldAsync(account, place + ".new", cancel))
            {
                throw new StartupException($"User {account.User} can reach neither {dataFolder} nor {place}. Give the service a folder that user can reach: Ledger__DataFolder=/another/folder.");
            }
        }

        if (Directory.Exists(place))
        {
            // Complete, but not yet noted in the identity when an earlier start was cut off: its password is ours or the connection will say so.
            Directory.Delete(place + ".new", recursive: true);
            identity.PlaceAt(place);
            return place;
        }

        var password = place + ".password";
        await WritePrivateAsync(password, identity.OwnerPassword, cancel);
        try
        {
            await account.GiveAsync(password, cancel);
            var (exit, output) = await account.RunAsync(
                binaries["initdb"],
                ["--pgdata", place + ".new", "--username", DatabaseSource.OwnerRole, "--auth", "scram-sha-256", "--pwfile", password, "--encoding", "UTF8", "--no-locale"],
                cancel);
            if (exit != 0)
            {
                throw new StartupException($"PostgreSQL could not make a database in {place}: {output.Trim()}");
            }
        }
        finally
        {
            File.Delete(password);
        }

        Directory.Move(place + ".new", place);
        identity.PlaceAt(place);
        return place;
    }

    /// <summary>Makes an empty folder for the account and sees whether the account can write there; leaves none where it cannot.</summary>
    private static async Task<bool> CanHoldAsync(ServerAccount account, string folder, CancellationToken cancel)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true); // What an interrupted start left; we hold the lock of the data folder.
        }

        await account.CreateFolderAsync(folder, cancel);
        if (account.User is null || (await account.RunAsync("test", ["-w", folder], cancel)).ExitCode == 0)
        {
            return true;
        }

        Directory.Delete(folder);
        return false;
    }

    private static async Task WritePrivateAsync(string path, string text, CancellationToken cancel)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var writer = new StreamWriter(path, options);
        await writer.WriteAsync(text.AsMemory(), cancel);
    }

    private async Task FindOrStartAsync(CancellationToken cancel)
    {
        // A server of this cluster may still run (the service was killed), be on its way up, or be on its way down.
        for (var attempt = 0; await IsRunningAsync(cancel); attempt++)
        {
            if (await AnswersAsync(cancel))
            {
                return;
            }

            if (attempt == SecondsToStart * 10)
            {
                throw new StartupException(
                    $"A process holds the database in {_folder} (see postmaster.pid there), but does not answer as its server on port {RecordedPort()}. End that process, or look into {LogFile}.");
            }

            await Task.Delay(100, cancel);
        }

        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort();
            var (exit, output) = await PgCtlAsync(
                ["start", "-w", "-t", $"{SecondsToStart}", "-l", LogFile, "-o", Settings(port)], cancel);
            if (exit == 0 && await AnswersAsync(cancel))
            {
                return;
            }

            if (attempt == 3)
            {
                throw new StartupException($"PostgreSQL did not start in {_folder}: {output.Trim()} Its log ({LogFile}) ends: {LogEnd()}");
            }

            // Another program took the port in between, or the last processes of a killed server are still leaving its shared memory.
            await Task.Delay(500 * attempt, cancel);
        }
    }

    private string LogFile => Path.Combine(_folder, "server.log");

    /// <summary>Settings on the command line cannot be overridden by a file, so nothing edited in the folder can weaken durability or open the server to a network.</summary>
    private string Settings(int port) => string.Create(
        CultureInfo.InvariantCulture,
        $"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c cluster_name=critical-minerals-{_identity.Id} -c fsync=on -c synchronous_commit=on -c full_page_writes=on");

    private Task<(int ExitCode, string Output)> PgCtlAsync(string[] arguments, CancellationToken cancel) =>
        // pg_ctl gives the server a session of its own, so Ctrl-C at the terminal does not reach it before the service has stopped.
        _account.RunAsync(_binaries["pg_ctl"], [.. arguments, "-D", _folder], cancel);

    private async Task<bool> IsRunningAsync(CancellationToken cancel) => (await PgCtlAsync(["status"], cancel)).ExitCode == 0;

    /// <summary>True when the server at the recorded port knows our password, proves that it does too (SCRAM), and carries our id.</summary>
    private async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        if (RecordedPort() is not { } port)
        {
            return false;
        }

        Port = port;
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString(DatabaseSource.OwnerRole, _identity.OwnerPassword, "postgres") + ";Pooling=false;Timeout=5");
            await connection.OpenAsync(cancel);
            await using var show = new NpgsqlCommand("show cluster_name", connection);
            return await show.ExecuteScalarAsync(cancel) is string name && name == $"critical-minerals-{_identity.Id}";
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            throw new StartupException($"The database in {_folder} does not accept the password kept in this data folder: the two do not belong together.", refused);
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>Line 4 of postmaster.pid (PostgreSQL's utils/pidfile.h).</summary>
    private int? RecordedPort()
    {
        try
        {
            var lines = File.ReadAllLines(Path.Combine(_folder, "postmaster.pid"));
            return lines.Length > 3 && int.TryParse(lines[3], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private string LogEnd()
    {
        try
        {
            return string.Join(' ', File.ReadLines(LogFile).TakeLast(3));
        }
        catch (IOException)
        {
            return "(no log)";
        }
    }
}
