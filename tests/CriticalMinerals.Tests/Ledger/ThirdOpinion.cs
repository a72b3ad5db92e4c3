using System.Diagnostics;
using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>The public files of a log as the checksum database of Go reads them: <c>tests/go-verifier</c> over Debian's golang.org/x/mod, none of our code.</summary>
public sealed class ThirdOpinion : IDisposable
{
    private const int Longest = 700;

    private static readonly Lazy<(World World, Digest[] Leaves)> Log = new(() =>
    {
        var world = World.Opened();
        var mine = Party.Of("did:web:mine.example");
        world.Admit(world.Enrols(mine, Role.Miner));
        while (world.Log.Count < Longest)
        {
            world.Admit(world.Extracts(mine, World.Uuid(), "1"));
        }

        return (world, [.. world.Log.Select(e => e.Entry.LeafHash)]);
    });

    private static readonly Lazy<Task<string?>> Program = new(BuildAsync);

    private readonly Folder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1), InlineData(2), InlineData(255), InlineData(256), InlineData(257), InlineData(511), InlineData(512), InlineData(513), InlineData(Longest)]
    public async Task Go_accepts_checkpoint_tiles_receipts_and_consistency_proofs(int size)
    {
        var (receipts, older) = Publish(size);
        Assert.Equal((0, $"{size} entries, {receipts} receipts, {older} older checkpoints\n"), await VerifyAsync());
    }

    [Theory]
    [InlineData("tile/entries/001", 500, "entry 256: ")]
    [InlineData("tile/0/000", 40, "entry 0: ")]
    [InlineData("tile/0/002.p/188", 188 * 32 - 1, "entry 0: ")] // Every proof goes through the right edge.
    [InlineData("tile/1/000.p/2", 0, "entry 0: ")]
    [InlineData("checkpoint", 30, "")]
    [InlineData("receipts/699", 60, "entry 699: ")]
    [InlineData("older/257/proof", 3, "older checkpoint 257: ")]
    [InlineData("older/257/checkpoint", 40, "older checkpoint 257: ")]
    public async Task Go_rejects_a_changed_byte(string file, int at, string where)
    {
        Publish(Longest);
        var bytes = await File.ReadAllBytesAsync(_folder[file], Cancel);
        bytes[at] ^= 1;
        await File.WriteAllBytesAsync(_folder[file], bytes, Cancel);

        var (exitCode, said) = await VerifyAsync();

        Assert.Equal(1, exitCode);
        Assert.StartsWith(where, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Go_rejects_a_history_that_does_not_go_on_from_an_older_checkpoint()
    {
        Publish(Longest);
        var fork = Log.Value.Leaves[..300];
        fork[7] = fork[8];
        Write("older/300/checkpoint", Sign(fork));
        Write("older/300/proof", Lines(new InMemoryTiles(Log.Value.Leaves).Consistency(300, Longest)));

        var (exitCode, said) = await VerifyAsync();

        Assert.Equal((1, "older checkpoint 300: invalid transparency proof\n"), (exitCode, said));
    }

    private (int Receipts, int Older) Publish(int size)
    {
        var (world, leaves) = Log.Value;
        leaves = leaves[..size];
        var tiles = new InMemoryTiles(leaves);
        var checkpoint = Sign(leaves);
        Write("vkey", new NoteVerifier(World.Origin, world.LogKey.Key.VerifyingKey) + "\n");
        Write("checkpoint", checkpoint);
        foreach (var tile in Tile.AllOf((ulong)size))
        {
            Write(tile.Path, tiles.Content(tile));
            if (tile.Level == 0)
            {
                Write(tile.EntriesPath, EntryBundle.Encode([.. world.Log.Skip((int)tile.Index * Tile.FullWidth).Take(tile.Width).Select(e => e.Entry.Leaf)]));
            }
        }

        int[] indexes = [.. new[] { 0, 1, 254, 255, 256, size / 2, size - 2, size - 1 }.Where(i => i >= 0 && i < size).Distinct()];
        foreach (var index in indexes)
        {
            Write($"receipts/{index}", new Receipt((ulong)index, tiles.Inclusion((ulong)index, (ulong)size).Path, SignedNote.Parse(checkpoint, out _)!).ToString());
        }

        int[] older = [.. new[] { 1, 2, 3, 128, 255, 256, 257, 512, size - 1, size }.Where(s => s > 0 && s <= size).Distinct()];
        foreach (var before in older)
        {
            Write($"older/{before}/checkpoint", Sign(leaves[..before]));
            Write($"older/{before}/proof", Lines(tiles.Consistency((ulong)before, (ulong)size)));
        }

        return (indexes.Length, older.Length);
    }

    private static string Sign(Digest[] leaves) =>
        new Checkpoint(World.Origin, (ulong)leaves.Length, MerkleTree.Root(leaves)).Sign(Log.Value.World.LogKey.Key).ToString();

    private static string Lines(ConsistencyProof proof) => string.Concat(proof.Path.Select(hash => Convert.ToBase64String(hash.ToArray()) + "\n"));

    private void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    private void Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllBytes(_folder[path], bytes);
    }

    private async Task<(int ExitCode, string Said)> VerifyAsync()
    {
        var program = await Program.Value;
        Assert.SkipWhen(program is null && Environment.GetEnvironmentVariable("REQUIRE_TOOLS") != "1", "Go (Debian: golang-go, golang-golang-x-mod-dev) is not installed.");
        Assert.True(program is not null, "Go (Debian: golang-go, golang-golang-x-mod-dev) is not installed.");
        return await RunAsync(new ProcessStartInfo(program, [_folder.Path]));
    }

    /// <summary>The built program; null where Go or its module package is missing.</summary>
    private static async Task<string?> BuildAsync()
    {
        const string Packages = "/usr/share/gocode";
        var program = Path.Combine(AppContext.BaseDirectory, "go-verifier");
        var build = new ProcessStartInfo("go", ["build", "-o", program, Path.Combine(Repository(), "tests", "go-verifier", "main.go")]);
        build.Environment["GO111MODULE"] = "off";
        build.Environment["GOPATH"] = Packages;
        build.Environment["GOPROXY"] = "off";
        build.Environment["GOFLAGS"] = "";
        build.Environment["CGO_ENABLED"] = "0";
        build.Environment["GOCACHE"] = Path.Combine(AppContext.BaseDirectory, "go-cache");
        try
        {
            if (!Directory.Exists(Path.Combine(Packages, "src/golang.org/x/mod/sumdb/tlog")))
            {
                return null;
            }

            var (exitCode, said) = await RunAsync(build);
            return exitCode == 0 ? program : throw new InvalidOperationException($"go-verifier does not build: {said}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CriticalMinerals.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return (process.ExitCode, output + await errors);
    }
}
