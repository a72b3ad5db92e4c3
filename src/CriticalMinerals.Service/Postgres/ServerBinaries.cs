using System.Globalization;
using System.Text.RegularExpressions;

namespace CriticalMinerals.Service.Postgres;

/// <summary>A folder with PostgreSQL's server programs, usable by the account that will run them.</summary>
/// <param name="Folder">Holds <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>.</param>
/// <param name="Major">Major version; a cluster belongs to exactly one.</param>
public sealed partial record ServerBinaries(string Folder, int Major)
{
    private static readonly string[] Programs = ["postgres", "initdb", "pg_ctl"];

    /// <summary>The oldest major version accepted for a new cluster.</summary>
    public const int OldestMajor = 13;

    /// <summary>The command that would bring the programs, for a person to type.</summary>
    public static string InstallLine =>
        OperatingSystem.IsMacOS() ? "brew install postgresql@17" :
        OperatingSystem.IsWindows() ? "winget install PostgreSQL.PostgreSQL.17" :
        File.Exists("/usr/bin/dnf") ? "sudo dnf install postgresql-server" :
        File.Exists("/sbin/apk") ? "sudo apk add postgresql17" : "sudo apt-get install postgresql";

    /// <summary>Full path of one of the programs.</summary>
    public string this[string program] => Path.Combine(Folder, Executable(program));

    /// <summary>All usable installations: those on the PATH in its order, then the usual places of the system, newest first.</summary>
    public static async Task<IReadOnlyList<ServerBinaries>> FindAsync(ServerAccount account, CancellationToken cancel)
    {
        var onPath = await UsableAsync((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), account, cancel);
        var elsewhere = await UsableAsync(UsualPlaces(), account, cancel);
        return [.. onPath, .. elsewhere.OrderByDescending(found => found.Major)];
    }

    private static async Task<List<ServerBinaries>> UsableAsync(IEnumerable<string> folders, ServerAccount account, CancellationToken cancel)
    {
        var usable = new List<ServerBinaries>();
        foreach (var folder in folders.Distinct(StringComparer.Ordinal).Where(folder => Path.IsPathFullyQualified(folder)))
        {
            if (Programs.All(program => File.Exists(Path.Combine(folder, Executable(program)))))
            {
                // Asked as the account that will run it: an installation below a closed folder is of no use.
                var (exit, output) = await account.RunAsync(Path.Combine(folder, Executable("postgres")), ["--version"], cancel);
                if (exit == 0 && Version().Match(output) is { Success: true } match)
                {
                    usable.Add(new ServerBinaries(folder, int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)));
                }
            }
        }

        return usable;
    }

    private static IEnumerable<string> UsualPlaces() => OperatingSystem.IsWindows()
        ? Below(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles) + @"\PostgreSQL", "*", "bin")
        : [
            .. Below("/usr/lib/postgresql", "*", "bin"),                            // Debian, Ubuntu
            .. Below("/usr", "pgsql-*", "bin"), "/usr/bin",                         // PostgreSQL's own packages for Red Hat, SUSE; Fedora
            .. Below("/usr/libexec", "postgresql*", ""),                            // Alpine
            .. Below("/opt/homebrew/opt", "postgresql*", "bin"), .. Below("/usr/local/opt", "postgresql*", "bin"),
            .. Below("/Applications/Postgres.app/Contents/Versions", "*", "bin"),
            .. Below("/Library/PostgreSQL", "*", "bin"), .. Below("/opt/local/lib", "postgresql*", "bin"),
        ];

    private static IEnumerable<string> Below(string parent, string pattern, string bin) =>
        Directory.Exists(parent) ? Directory.EnumerateDirectories(parent, pattern).Select(folder => Path.Combine(folder, bin)) : [];

    private static string Executable(string program) => OperatingSystem.IsWindows() ? program + ".exe" : program;

    [GeneratedRegex(@"\(PostgreSQL\) (\d{1,4})")]
    private static partial Regex Version();
}
