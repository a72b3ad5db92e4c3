using System.Diagnostics;

namespace CriticalMinerals.Service.Postgres;

/// <summary>
/// The operating system user that PostgreSQL's programs run as: this process's own, or an unprivileged one when this process is root,
/// because PostgreSQL refuses root.
/// </summary>
public sealed class ServerAccount
{
    /// <summary>Ways to become another user, the one with the fewest side effects first. Which of them work differs between distributions, so each is tried.</summary>
    private static readonly Func<string, string[]>[] Doors =
    [
        user => ["setpriv", $"--reuid={user}", "--regid=" + user, "--init-groups", "--"],
        user => ["runuser", "-u", user, "--"],
        user => ["su", user, "-s", "/bin/sh", "-c", "exec \"$0\" \"$@\"", "--"],
    ];

    private readonly string[] _door;

    private ServerAccount(string? user, string[] door)
    {
        User = user;
        _door = door;
    }

    /// <summary>Name of the unprivileged user; null when the programs run as this process's user.</summary>
    public string? User { get; }

    /// <summary>Finds the account for this process.</summary>
    /// <exception cref="StartupException">This process is root and no unprivileged user can be reached.</exception>
    public static async Task<ServerAccount> FindAsync(CancellationToken cancel)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return new ServerAccount(null, []); // pg_ctl on Windows gives up an administrator's rights by itself.
        }

        foreach (var user in new[] { "postgres", "nobody" })
        {
            foreach (var door in Doors)
            {
                // A group of the user's name need not exist ("nobody" has "nogroup" on some systems); runuser and su then serve.
                var account = new ServerAccount(user, door(user));
                var answer = await account.RunAsync("id", ["-u"], cancel);
                if (answer.ExitCode == 0 && answer.Output.Trim() is not ("0" or ""))
                {
                    return account;
                }
            }
        }

        throw new StartupException(
            "PostgreSQL refuses to run as root, and neither user 'postgres' nor 'nobody' could be used through setpriv, runuser or su. Start the service as an ordinary user.");
    }

    /// <summary>Runs a program as this account to its end, in English and without the caller's PostgreSQL environment.</summary>
    /// <returns>Exit code 127 when the program does not exist.</returns>
    public async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, CancellationToken cancel)
    {
        string[] line = [.. _door, program, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetPathRoot(Path.GetFullPath(program))!, // The account may have no right to this process's folder.
        };
        start.Environment["LC_ALL"] = "C";
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (127, $"{line[0]} cannot be run.");
        }

        using (process!)
        {
            process!.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            var errors = process.StandardError.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return (process.ExitCode, await output + await errors);
        }
    }

    /// <summary>Makes a folder (0700) that belongs to the account.</summary>
    public async Task CreateFolderAsync(string path, CancellationToken cancel)
    {
        CreatePrivateFolder(path);
        await GiveAsync(path, cancel);
    }

    /// <summary>Hands a file or folder made by this process over to the account.</summary>
    public async Task GiveAsync(string path, CancellationToken cancel)
    {
        if (User is not null)
        {
            var ourselves = new ServerAccount(null, []);
            var (exit, output) = await ourselves.RunAsync("chown", [User, path], cancel);
            if (exit != 0)
            {
                throw new StartupException($"{path} cannot be given to user {User}: {output.Trim()}");
            }
        }
    }

    /// <summary>Makes a folder that only this process's user may enter; an existing one keeps its rights.</summary>
    public static void CreatePrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
