namespace CriticalMinerals.Service.Tests.Postgres;

/// <summary>An empty folder for one test, gone with all that a private cluster put there or elsewhere.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("critical-minerals-");

    /// <param name="closed">Leave the parent folder as a home of root is: 0700.</param>
    public DataFolder(bool closed = false)
    {
        if (!closed && !OperatingSystem.IsWindows())
        {
            _parent.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        }
    }

    public string Parent => _parent.FullName;

    /// <summary>The data folder itself; not made yet.</summary>
    public string Path => System.IO.Path.Combine(Parent, "data");

    /// <summary>What the identity in the folder says about the cluster.</summary>
    public System.Text.Json.Nodes.JsonNode Identity => System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(System.IO.Path.Combine(Path, "cluster.json")))!;

    public string Cluster => (string)Identity["Folder"]!;

    /// <summary>First line of postmaster.pid.</summary>
    public int ServerProcess => int.Parse(File.ReadLines(System.IO.Path.Combine(Cluster, "postmaster.pid")).First());

    public string OwnerConnection =>
        $"Host=127.0.0.1;Port={File.ReadLines(System.IO.Path.Combine(Cluster, "postmaster.pid")).ElementAt(3)};Username=ledger_owner;Password={Identity["OwnerPassword"]};Database=ledger;Pooling=false";

    public void Dispose()
    {
        if (File.Exists(System.IO.Path.Combine(Path, "cluster.json")) && Cluster is { } cluster && !cluster.StartsWith("volume:", StringComparison.Ordinal))
        {
            Directory.Delete(cluster, recursive: true);
        }

        _parent.Delete(recursive: true);
    }
}
