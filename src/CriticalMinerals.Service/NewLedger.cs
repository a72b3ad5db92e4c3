using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Postgres;
using Npgsql;

namespace CriticalMinerals.Service;

/// <summary>
/// The command <c>new-ledger</c>: what the data folder knows of the old ledger is set aside, nothing is deleted, and the next start finds an empty place.
/// The keys go with it: the same log key over a second history would be a forked log.
/// </summary>
public static class NewLedger
{
    /// <summary>The first argument of the command line.</summary>
    public const string Command = "new-ledger";

    /// <summary>Sets aside and says what and where.</summary>
    /// <exception cref="StartupException">A configured database holds entries, a service uses the data folder, or there is nothing to set aside.</exception>
    public static async Task<string> BeginAsync(LedgerOptions options, DateTimeOffset now, CancellationToken cancel)
    {
        var isPrivate = (options.OwnerConnection ?? options.Connection) is null;
        if ((options.OwnerConnection ?? options.Connection) is { } connection)
        {
            await RequireEmptyAsync(connection, cancel);
        }
        else
        {
            await StopServerAsync(options, cancel);
        }

        // Held until all is moved: no service starts in between.
        using var identity = isPrivate && File.Exists(Path.Combine(options.DataFolder, "cluster.json")) ? ClusterIdentity.Open(options.DataFolder, Command) : null;
        string[] names = isPrivate
            ? ["cluster.json", Path.GetFileName(new Pin(options.DataFolder).Path), Withheld.FileName, Path.GetFileName(LogKeys.FolderIn(options.DataFolder)), Path.GetFileName(DemoKeys.FolderIn(options.DataFolder)), "postgres"]
            : [Path.GetFileName(new Pin(options.DataFolder).Path), Withheld.FileName];
        var found = names.Where(name => Path.Exists(Path.Combine(options.DataFolder, name))).ToArray();
        if (found.Length == 0)
        {
            throw new StartupException($"There is nothing to set aside in {options.DataFolder}: the next start begins a new ledger.");
        }

        var aside = Path.Combine(options.DataFolder, string.Create(CultureInfo.InvariantCulture, $"set-aside-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}"));
        ServerAccount.CreatePrivateFolder(aside);

        // The identity first: cut off after it, the next start takes none of the old files for its own, and the command can be given again.
        foreach (var name in found)
        {
            Directory.Move(Path.Combine(options.DataFolder, name), Path.Combine(aside, name));
        }

        var elsewhere = identity?.Folder is { } place && place != Path.Combine(options.DataFolder, "postgres") ? $" The database files stay in {place}, as cluster.json there says." : "";
        return $"Set aside in {aside}: {string.Join(", ", found)}.{elsewhere} The next start begins a new ledger; to go back, move them to where they were.";
    }

    private static async Task RequireEmptyAsync(string connection, CancellationToken cancel)
    {
        try
        {
            await using var database = NpgsqlDataSource.Create(connection);
            await using var isThere = database.CreateCommand($"select to_regclass('{Storage.Schema}.leaf') is not null");
            if (await isThere.ExecuteScalarAsync(cancel) is not true)
            {
                return;
            }

            await using var count = database.CreateCommand($"select count(*) from {Storage.Schema}.leaf");
            if (await count.ExecuteScalarAsync(cancel) is long entries and > 0)
            {
                var parts = new NpgsqlConnectionStringBuilder(connection);
                throw new StartupException(
                    $"The database {parts.Database} at {parts.Host}:{parts.Port} holds {Counted.Entries(entries)}. A new ledger begins in an empty database: create one and name it in ConnectionStrings__Ledger. Nothing was changed.");
            }
        }
        catch (NpgsqlException refused)
        {
            throw new StartupException($"Whether the configured database is empty cannot be seen: {refused.Message} Nothing was changed.", refused);
        }
    }

    /// <summary>A killed service leaves its server running; its files are moved only when it has stopped in order.</summary>
    private static async Task StopServerAsync(LedgerOptions options, CancellationToken cancel)
    {
        if (!File.Exists(Path.Combine(options.DataFolder, "cluster.json")))
        {
            return;
        }

        string? folder;
        using (var identity = ClusterIdentity.Open(options.DataFolder, Command))
        {
            folder = identity.Folder;
        }

        if (folder is not null && File.Exists(Path.Combine(folder, "postmaster.pid")))
        {
            await (await DatabaseSource.OpenAsync(options, Command, cancel)).DisposeAsync();
        }
    }
}
