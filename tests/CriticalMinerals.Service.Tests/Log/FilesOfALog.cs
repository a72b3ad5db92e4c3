using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>A folder with a log's files, as a mirror keeps them: exported from its address, or made of leaves and signed.</summary>
public sealed class FilesOfALog : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("critical-minerals-files-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public string Path => _folder.FullName;

    /// <summary>Everything under the newest checkpoint as <c>cml export</c> writes it for a stranger, without disclosures: those who may see them bring them.</summary>
    public static async Task<FilesOfALog> FetchedAsync(World world)
    {
        var files = new FilesOfALog();
        await world.CheckpointAsync(await world.AskAsync<long>("select size from ledger.state"));
        Assert.Null((await new LogExporter(LogFiles.At(new LedgerApi(world.Http())), files.Path).ExportAsync(Cancel)).Rejection);
        return files;
    }

    /// <summary>The same with every disclosure.</summary>
    public static async Task<FilesOfALog> DisclosedAsync(World world)
    {
        var files = await FetchedAsync(world);
        await files.DiscloseAsync(world);
        return files;
    }

    /// <summary>A log of these leaves, signed by the key.</summary>
    public static FilesOfALog Of(string origin, SigningKey log, params IReadOnlyList<ReadOnlyMemory<byte>> leaves)
    {
        var files = new FilesOfALog();
        var open = OpenTiles.Empty.Append(EntryBundle.LeafHashes([.. leaves]), out var full);
        files.Write("checkpoint", System.Text.Encoding.UTF8.GetBytes(new Checkpoint(origin, open.Size, open.Edge().Root()).Sign(log).ToString()));
        foreach (var tile in full.Concat(open.Partial()))
        {
            files.Write(tile.Tile.Path, tile.Bytes.ToArray());
            if (tile.Tile.Level == 0)
            {
                files.Write(tile.Tile.EntriesPath, EntryBundle.Encode([.. leaves.Skip((int)tile.Tile.Index * Tile.FullWidth).Take(tile.Tile.Width)]));
            }
        }

        return files;
    }

    /// <summary>Brings every disclosure that the world's database holds, as GET /disclosures/N would answer to one who may see all.</summary>
    public Task DiscloseAsync(World world) => DiscloseAsync(world.OwnerConnection);

    /// <summary>The same of a database.</summary>
    public async Task DiscloseAsync(string database)
    {
        await using var owner = NpgsqlDataSource.Create(database);
        await using var command = owner.CreateCommand("select leaf_index, array_agg(text order by ordinal) from ledger.disclosure where leaf_index >= 0 group by leaf_index order by leaf_index");
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        var entries = new Dictionary<long, string[]>();
        while (await rows.ReadAsync(Cancel))
        {
            entries[rows.GetInt64(0)] = rows.GetFieldValue<string[]>(1);
        }

        foreach (var bundle in entries.GroupBy(e => e.Key / Tile.FullWidth))
        {
            var shown = new JsonArray([.. bundle.Select(e => (JsonNode)new JsonObject { ["index"] = e.Key, ["disclosures"] = new JsonArray([.. e.Value.Select(d => (JsonNode)d)]) })]);
            Write($"disclosures/{bundle.Key}", System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["bundle"] = bundle.Key, ["entries"] = shown }.ToJsonString()));
        }
    }

    /// <summary>How many entries its checkpoint covers.</summary>
    public long Size => (long)Checkpoint.Parse(System.Text.Encoding.UTF8.GetString(Read("checkpoint")).Split("\n\n")[0] + "\n", out _)!.Size;

    /// <summary>What a successor's opening says of it.</summary>
    public JsonObject After(long more = 0)
    {
        var stated = Checkpoint.Parse(System.Text.Encoding.UTF8.GetString(Read("checkpoint")).Split("\n\n")[0] + "\n", out _)!;
        return new JsonObject { ["origin"] = stated.Origin, ["size"] = (long)stated.Size + more, ["root"] = stated.Root.ToString() };
    }

    public byte[] Read(string file) => File.ReadAllBytes(System.IO.Path.Combine(Path, file));

    public void Write(string file, byte[] bytes)
    {
        var path = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
