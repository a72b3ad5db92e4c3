using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Client;

/// <summary>Bits of a log's exported files, flipped one at a time: an audit finds each and names its place. A sample; in the full size all of a small log.</summary>
public sealed class EveryBit : IDisposable
{
    private static readonly bool IsFullSize = Environment.GetEnvironmentVariable("FULL_SIZE") == "1";

    private readonly Folder _folder = new();
    private readonly World _world = World.Opened();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    /// <param name="size">Entries; 257 have a tile above the leaves'.</param>
    /// <param name="sample">How many bits of each file.</param>
    /// <param name="fullSample">The same in the full size.</param>
    [Theory]
    [InlineData(5, 40, int.MaxValue)]
    [InlineData(257, 6, 1_000)]
    public async Task A_flipped_bit_of_a_public_file_is_found_and_its_place_named(int size, int sample, int fullSample)
    {
        Publish(size);
        var random = new Random(size);
        foreach (var path in Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray())
        {
            var file = Path.GetRelativePath(_folder.Path, path);
            var sound = await File.ReadAllBytesAsync(path, Now);
            foreach (var bit in Bits(sound.Length * 8, IsFullSize ? fullSample : sample, random))
            {
                var altered = sound.ToArray();
                altered[bit / 8] ^= (byte)(1 << (bit % 8));
                await File.WriteAllBytesAsync(path, altered, Now);
                var missed = await MissedAsync(file, sound, bit / 8);
                Assert.True(missed is null, $"{file}, bit {bit}: {missed}");
            }

            await File.WriteAllBytesAsync(path, sound, Now);
        }

        Assert.True((await AuditAsync(askForKey: true)).IsVerified);
    }

    /// <summary>What an audit says instead of finding the altered byte and naming its place; null when it does.</summary>
    private async Task<string?> MissedAsync(string file, byte[] sound, int at)
    {
        if (file is "checkpoint" or "vkey")
        {
            try
            {
                return (await AuditAsync(askForKey: file == "vkey")).IsVerified ? "not found" : "audited under an altered promise";
            }
            catch (LedgerApiException unsound)
            {
                return unsound.Code == LedgerApiException.AnswerUnsound && unsound.Message.Contains(file, StringComparison.Ordinal) ? null : unsound.Message;
            }
        }

        var rejection = (await AuditAsync(askForKey: false)).Rejection;
        var index = Tile.TryParse(file, out var tile) ? tile.Level == 0 ? (tile.Index * Tile.FullWidth) + (ulong)(at / Digest.Length) : (ulong?)null
            : Tile.TryParseEntries(file, out tile) ? (tile.Index * Tile.FullWidth) + EntryAt(sound, at)
            : throw new InvalidOperationException($"{file} is no file of a log.");
        return rejection is not null && (rejection.Index == index || rejection.Detail.Contains(file, StringComparison.Ordinal)) ? null : $"{rejection}";
    }

    /// <summary>Which entry of a bundle the byte belongs to, its two bytes of length included.</summary>
    private static ulong EntryAt(byte[] bundle, int at)
    {
        var entry = 0UL;
        for (var from = 0; (from += 2 + (bundle[from] << 8) + bundle[from + 1]) <= at; entry++)
        {
        }

        return entry;
    }

    private static IEnumerable<int> Bits(int count, int sample, Random random) =>
        sample >= count ? Enumerable.Range(0, count) : Enumerable.Range(0, sample).Select(_ => random.Next(count));

    private Task<AuditReport> AuditAsync(bool askForKey) =>
        new Auditor(LogFiles.In(_folder.Path)) { Keys = askForKey ? [] : [new NoteVerifier(World.Origin, _world.LogKey.Key.VerifyingKey)] }.AuditAsync(Now);

    private void Publish(int size)
    {
        var mine = Party.Of("did:web:mine.example");
        _world.Admit(_world.Enrols(mine, Role.Miner));
        while (_world.Log.Count < size)
        {
            _world.Admit(_world.Extracts(mine, World.Uuid(), "1"));
        }

        File.WriteAllText(_folder["vkey"], new NoteVerifier(World.Origin, _world.LogKey.Key.VerifyingKey) + "\n");
        foreach (var path in Tile.AllOf((ulong)size).SelectMany(t => t.Level == 0 ? (string[])[t.Path, t.EntriesPath] : [t.Path]).Append("checkpoint"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
            File.WriteAllBytes(_folder[path], Door.File(_world, path)!);
        }
    }
}
