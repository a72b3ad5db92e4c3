using System.Text;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Client;

/// <summary>Whole logs as folders of static files.</summary>
public sealed class Exporting : IDisposable
{
    private readonly Folder _log = new();
    private readonly Folder _copy = new();
    private readonly World _world = World.Opened();
    private readonly Party _mine = Party.Of("did:web:mine.example");

    public Exporting() => _world.Admit(_world.Enrols(_mine, Role.Miner));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private NoteVerifier Key => new(World.Origin, _world.LogKey.Key.VerifyingKey);

    public void Dispose()
    {
        _log.Dispose();
        _copy.Dispose();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(256)]
    [InlineData(600)]
    public async Task A_log_copied_from_a_plain_web_server_is_the_same_files_and_passes_an_audit_from_another(int size)
    {
        Grow(size);
        using var first = new StaticFiles(_log.Path);
        var report = await Export(first);
        Assert.Null(report.Rejection);
        Assert.Equal(Files(_log), Files(_copy));

        using var second = new StaticFiles(_copy.Path);
        var audit = await new Auditor(At(second)).AuditAsync(Now);
        Assert.Equal((null, (ulong)size), (audit.Rejection, audit.Entries));
        Assert.Contains(audit.NotChecked, n => n.Contains("withheld disclosures", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_second_export_fetches_only_what_is_new_and_drops_the_partial_tiles_it_replaces()
    {
        Grow(300);
        await Export();
        var full = File.GetLastWriteTimeUtc(_copy["tile/entries/000"]);
        Grow(600);
        var report = await Export();
        Assert.Equal((null, 1), (report.Rejection, report.Kept));
        Assert.Equal(Files(_log), Files(_copy));
        Assert.Equal(full, File.GetLastWriteTimeUtc(_copy["tile/entries/000"]));
        Assert.Equal(0, (await Export()).Written);
    }

    [Fact]
    public async Task When_entries_were_recorded_goes_along_where_the_log_says_it_and_is_fetched_anew_as_a_bundle_grows()
    {
        Grow(300);
        Directory.CreateDirectory(_log["times"]);
        await File.WriteAllTextAsync(_log["times/0"], "of 256", Now);
        await File.WriteAllTextAsync(_log["times/1"], "of 44", Now);
        await Export();
        Assert.Equal("of 44", await File.ReadAllTextAsync(_copy["times/1"], Now));

        Grow(400);
        await File.WriteAllTextAsync(_log["times/1"], "of 144", Now);
        await Export();
        Assert.Equal(("of 256", "of 144"), (await File.ReadAllTextAsync(_copy["times/0"], Now), await File.ReadAllTextAsync(_copy["times/1"], Now)));
    }

    [Fact]
    public async Task What_is_there_and_wrong_is_fetched_again()
    {
        Grow(600);
        await Export();
        foreach (var path in (string[])["tile/entries/000", "tile/0/001", "tile/1/000.p/2"])
        {
            var bytes = await File.ReadAllBytesAsync(_copy[path], Now);
            bytes[40] ^= 1;
            await File.WriteAllBytesAsync(_copy[path], bytes, Now);
        }

        // One whole bundle of another history, with a tile that fits it.
        var leaves = Enumerable.Range(0, 600 - 512).Select(_ => _world.Extracts(_mine, World.Uuid(), "1").Entry.Leaf).ToArray();
        await File.WriteAllBytesAsync(_copy["tile/entries/002.p/88"], EntryBundle.Encode(leaves), Now);
        await File.WriteAllBytesAsync(_copy["tile/0/002.p/88"], Tile.Join(EntryBundle.LeafHashes(leaves)), Now);
        await File.WriteAllTextAsync(_copy["tile/0/002.half"], "unfinished", Now);

        Assert.Null((await Export()).Rejection);
        Assert.Equal(Files(_log), Files(_copy));
    }

    [Fact]
    public async Task A_log_that_serves_what_it_did_not_sign_leaves_the_folder_at_its_last_checkpoint()
    {
        Grow(300);
        await Export();
        var checkpoint = await File.ReadAllTextAsync(_copy["checkpoint"], Now);
        Grow(400);
        var bundle = await File.ReadAllBytesAsync(_log["tile/entries/001.p/144"], Now);
        bundle[^1] ^= 1;
        await File.WriteAllBytesAsync(_log["tile/entries/001.p/144"], bundle, Now);

        var report = await Export();
        Assert.Equal(399UL, report.Rejection!.Index);
        Assert.NotNull(report.Rejection.Expected);
        Assert.Equal(checkpoint, await File.ReadAllTextAsync(_copy["checkpoint"], Now));
        Assert.True((await Audit()).IsVerified);
    }

    [Fact]
    public async Task A_log_that_became_shorter_or_is_another_is_not_written_over_what_was_exported()
    {
        Grow(20);
        await Export();
        Publish(_world, 10, _log.Path);
        Assert.Equal(Failure.ConsistencyUnproven, (await Export()).Rejection!.Failure);
        Assert.Equal(20UL, (await Audit()).Entries);
    }

    [Fact]
    public async Task An_export_that_was_stopped_goes_on()
    {
        Grow(900);
        using var stop = new CancellationTokenSource();
        var exporter = new LogExporter(LogFiles.In(_log.Path), _copy.Path) { Progress = new Stop(stop, 512) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => exporter.ExportAsync(stop.Token));
        Assert.False(File.Exists(_copy["checkpoint"]));

        var report = await Export();
        Assert.True(report.Kept >= 2, $"{report.Kept}");
        Assert.Equal(Files(_log), Files(_copy));
    }

    [Fact]
    public async Task Disclosures_that_the_caller_may_see_go_along_and_an_audit_of_the_folder_checks_quantities()
    {
        var lot = _world.Admit(_world.Extracts(_mine, World.Uuid(), "10"));
        _world.Log.Add(_world.Allocates(_mine, lot.Entry.Subject, new Line(World.Uuid(), _mine, "10.5")));
        using var door = new Door(_world);
        door.Files["/disclosures/0"] = Auditing.Disclosures(_world.Log);
        await new LogExporter(LogFiles.At(door.Api()), _copy.Path).ExportAsync(Now);
        Assert.False(Directory.Exists(_copy["disclosures"]));
        Assert.True((await Audit()).IsVerified);

        var api = new LedgerApi(new HttpClient(door, disposeHandler: false) { BaseAddress = new Uri(Door.Address) }, new Caller(World.Origin, _mine.KeyId, _mine.Key));
        await new LogExporter(LogFiles.At(api), _copy.Path).ExportAsync(Now);
        Assert.Equal(door.Files["/disclosures/0"], await File.ReadAllBytesAsync(_copy["disclosures/0"], Now));
        Assert.Equal("quantity-exceeded", (await Audit()).Rejection!.Rule);
    }

    [Fact]
    public async Task What_the_log_has_forgotten_its_copy_forgets()
    {
        var battery = _world.ABatteryOnTheMarket().Entry.Subject;
        var used = _world.Admit(_world.Says(_world.Maker(), "put-into-service.v1", battery, new System.Text.Json.Nodes.JsonObject { ["user"] = "Maria Muster" }));
        Grow(300);
        Directory.CreateDirectory(_log["disclosures"]);
        await File.WriteAllBytesAsync(_log["disclosures/0"], Auditing.Disclosures(_world.Log[..256]), Now);
        await Export();
        var user = used.Disclosures.Single(d => d.Name == "user");
        Assert.Contains(user.Text, await File.ReadAllTextAsync(_copy["disclosures/0"], Now), StringComparison.Ordinal);

        _world.Log.Add(_world.Erases(_world.Maker(), used, "user"));
        Publish(_world, _world.Log.Count, _log.Path);
        await File.WriteAllBytesAsync(_log["disclosures/0"], Auditing.Disclosures([.. _world.Log[..256].Select(e => e.Only(d => d.Digest != user.Digest))]), Now);
        await Export();
        Assert.DoesNotContain(user.Text, await File.ReadAllTextAsync(_copy["disclosures/0"], Now), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_sees_no_disclosures_exports_a_log_in_which_something_was_erased_all_the_same()
    {
        var battery = _world.ABatteryOnTheMarket().Entry.Subject;
        var used = _world.Admit(_world.Says(_world.Maker(), "put-into-service.v1", battery, new System.Text.Json.Nodes.JsonObject { ["user"] = "Maria Muster" }));
        _world.Log.Add(_world.Erases(_world.Maker(), used, "user"));
        Publish(_world, _world.Log.Count, _log.Path);
        Assert.Null((await Export()).Rejection);
        Assert.Equal(Files(_log), Files(_copy));
    }

    /// <summary>Writes a log's files as its address serves them.</summary>
    internal static void Publish(World world, int size, string folder)
    {
        var entries = world.Log.Take(size).ToList();
        var tiles = OpenTiles.Empty.Append([.. entries.Select(e => e.Entry.LeafHash)], out var full);
        foreach (var (tile, bytes) in full.Concat(tiles.Partial()))
        {
            Write(folder, tile.Path, bytes.ToArray());
            if (tile.Level == 0)
            {
                Write(folder, tile.EntriesPath, EntryBundle.Encode([.. entries.Skip((int)tile.Index * Tile.FullWidth).Take(tile.Width).Select(e => e.Entry.Leaf)]));
            }
        }

        Write(folder, "vkey", Encoding.UTF8.GetBytes(new NoteVerifier(World.Origin, world.LogKey.Key.VerifyingKey) + "\n"));
        Write(folder, "checkpoint", Encoding.UTF8.GetBytes(new Checkpoint(World.Origin, (ulong)size, tiles.Edge().Root()).Sign(world.LogKey.Key).ToString()));
    }

    private static void Write(string folder, string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
        File.WriteAllBytes(Path.Combine(folder, path), bytes);
    }

    private static LogFiles At(StaticFiles server) => LogFiles.At(new LedgerApi(new HttpClient { BaseAddress = new Uri(server.Address) }));

    private Task<ExportReport> Export(StaticFiles? from = null) => new LogExporter(from is null ? LogFiles.In(_log.Path) : At(from), _copy.Path) { Keys = [Key] }.ExportAsync(Now);

    private Task<AuditReport> Audit() => new Auditor(LogFiles.In(_copy.Path)) { Keys = [Key] }.AuditAsync(Now);

    private void Grow(int size)
    {
        while (_world.Log.Count < size)
        {
            _world.Admit(_world.Extracts(_mine, World.Uuid(), "1"));
        }

        // As a log serves them: old partial tiles are gone.
        foreach (var partial in Directory.EnumerateDirectories(_log.Path, "*.p", SearchOption.AllDirectories).ToArray())
        {
            Directory.Delete(partial, recursive: true);
        }

        Publish(_world, size, _log.Path);
    }

    private static List<string> Files(Folder folder) =>
        [.. Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Select(f => $"{Path.GetRelativePath(folder.Path, f)} {Digest.Sha256(File.ReadAllBytes(f))}").Order(StringComparer.Ordinal)];

    private sealed class Stop(CancellationTokenSource source, ulong at) : IProgress<AuditProgress>
    {
        public void Report(AuditProgress value)
        {
            if (value.Done >= at)
            {
                source.Cancel();
            }
        }
    }
}
