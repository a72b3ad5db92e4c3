using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace CriticalMinerals.Service.Postgres;

/// <summary>
/// What a data folder knows about its private database: a random id by which a server is recognised, the passwords, and where the files stand.
/// While it lives, this process is the only one that may use the database of that folder; the operating system ends that with the process, however it ends.
/// </summary>
public sealed class ClusterIdentity : IDisposable
{
    /// <summary>Marks a place that is no folder but a container volume.</summary>
    public const string VolumePrefix = "volume:";

    private readonly FileStream _lock;
    private readonly string _file;

    private ClusterIdentity(FileStream held, string file, Content content)
    {
        (_lock, _file) = (held, file);
        (Id, OwnerPassword, ServicePassword, Folder) = content;
    }

    /// <summary>32 hexadecimal digits, random. The server carries it as its <c>cluster_name</c>.</summary>
    public string Id { get; }

    /// <summary>Password of <see cref="DatabaseSource.OwnerRole"/>.</summary>
    public string OwnerPassword { get; }

    /// <summary>Password of <see cref="DatabaseSource.ServiceRole"/>.</summary>
    public string ServicePassword { get; }

    /// <summary>Folder of the database files, or <see cref="VolumePrefix"/> and a volume of the container engine; null until it is decided.</summary>
    public string? Folder { get; private set; }

    private sealed record Content(string Id, string OwnerPassword, string ServicePassword, string? Folder);

    /// <summary>Reads the identity of a data folder, or gives it one.</summary>
    /// <param name="dataFolder">The folder.</param>
    /// <param name="command">The command that asks, so that the refusal can say what to give again; null for a service.</param>
    /// <exception cref="StartupException">Another process uses the folder, or the file is damaged.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The identity owns the lock and releases it.")]
    public static ClusterIdentity Open(string dataFolder, string? command)
    {
        CreateDataFolder(dataFolder);
        var held = Lock(dataFolder, command);
        try
        {
            var file = Path.Combine(dataFolder, "cluster.json");
            if (!File.Exists(file))
            {
                var identity = new ClusterIdentity(held, file, new Content(Random(), Random(), Random(), null));
                identity.Save();
                return identity;
            }

            return JsonSerializer.Deserialize<Content>(File.ReadAllBytes(file)) is { Id.Length: 32, OwnerPassword: not null, ServicePassword: not null } content
                ? new ClusterIdentity(held, file, content)
                : throw new StartupException($"{file} is damaged. It holds the passwords of the database: restore it from a backup.");
        }
        catch (JsonException broken)
        {
            held.Dispose();
            throw new StartupException($"{Path.Combine(dataFolder, "cluster.json")} is damaged. It holds the passwords of the database: restore it from a backup.", broken);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Remembers where the database files stand.</summary>
    public void PlaceAt(string folder)
    {
        Folder = folder;
        Save();
    }

    /// <summary>Lets another process have the folder.</summary>
    public void Dispose() => _lock.Dispose();

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static void CreateDataFolder(string dataFolder)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            ServerAccount.CreatePrivateFolder(dataFolder);
        }
        else
        {
            // The server's own user must be able to walk through to its folder; nobody else can list or read anything in here.
            Directory.CreateDirectory(dataFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    private static FileStream Lock(string dataFolder, string? command)
    {
        var holder = Path.Combine(dataFolder, "service.pid");
        try
        {
            // FileShare.None is flock(LOCK_EX) on Unix and is never inherited by the database server.
            var held = new FileStream(Path.Combine(dataFolder, "service.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return held;
        }
        catch (IOException taken) when (taken is not (FileNotFoundException or DirectoryNotFoundException))
        {
            var process = File.Exists(holder) ? $" (process {File.ReadAllText(holder)})" : "";
            throw new StartupException(
                command is null
                    ? $"Another service{process} is using {dataFolder}. Stop it, or give this one a data folder of its own: Ledger__DataFolder=/another/folder."
                    : $"A service{process} is using {dataFolder} and the private database in it. Stop it, give {command} again, then start it again. Nothing was done.",
                taken);
        }
        catch (UnauthorizedAccessException closed)
        {
            throw new StartupException($"The data folder {dataFolder} cannot be written to. Give the service one that can: Ledger__DataFolder=/another/folder.", closed);
        }
    }

    /// <summary>Written beside and moved over, so that a crash leaves the old file or the new one.</summary>
    private void Save()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(_file + ".new", options))
        {
            JsonSerializer.Serialize(file, new Content(Id, OwnerPassword, ServicePassword, Folder));
            file.Flush(flushToDisk: true);
        }

        File.Move(_file + ".new", _file, overwrite: true);
    }
}
