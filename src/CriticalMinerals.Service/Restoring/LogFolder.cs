using System.Globalization;
using System.Text.Json;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Service.Restoring;

/// <summary>
/// A log as files in a folder, at the paths of its address: <c>checkpoint</c>, <c>tile/...</c>, and where somebody kept them <c>disclosures/N</c> and
/// <c>times/N</c>. Nothing in it is believed but what the checkpoint's signature leads to; times are what the log said of itself.
/// </summary>
public sealed class LogFolder(string path)
{
    /// <summary>Longest file of disclosures: 256 entries with all they can have.</summary>
    private const int LongestDisclosures = 256 * (SignedEntry.MaximumLength + 4096);

    private const int LongestTimes = 256 * 64;

    /// <summary>Where it stands, the whole path.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The checkpoint, signed by one of these keys of its own log.</summary>
    /// <param name="keysOf">The keys believed, for the origin that the checkpoint names.</param>
    /// <exception cref="StartupException">There is none, or it is not signed so.</exception>
    public Checkpoint ReadCheckpoint(Func<string, IReadOnlyCollection<NoteVerifier>> keysOf) => ReadNote(keysOf).Checkpoint;

    /// <summary>The same with the signed note that states it.</summary>
    public (SignedNote Note, Checkpoint Checkpoint) ReadNote(Func<string, IReadOnlyCollection<NoteVerifier>> keysOf)
    {
        var bytes = Read("checkpoint", SignedNote.MaxLength) ?? throw new StartupException($"{Path} holds no file checkpoint: is it the folder of a log?");
        return SignedNote.Parse(bytes, out var fault) is { } note && Checkpoint.Parse(note.Text, out fault) is { } stated &&
            note.Verify(keysOf(stated.Origin), out fault) is { } verified && Checkpoint.From(verified, out fault) is { } checkpoint
            ? (note, checkpoint)
            : throw new StartupException($"The checkpoint in {Path} does not verify: {fault!.Detail} Name the log's verifier key: --vkey <file>, as the log served it under /vkey.");
    }

    /// <summary>The entries of a bundle of 256 and what stands beside them.</summary>
    /// <param name="number">Which, from 0.</param>
    /// <param name="size">Size of the tree that the checkpoint states; the bundle lies in it.</param>
    /// <exception cref="StartupException">The file is missing or damaged.</exception>
    public FolderBundle ReadBundle(ulong number, ulong size)
    {
        var tile = Tile.At(0, number, size)!.Value;
        var (bytes, width) = ReadTile(tile, t => t.EntriesPath, Tile.FullWidth * (2 + Entry.MaximumLength));
        if (bytes is null)
        {
            throw new StartupException($"{tile.EntriesPath} is missing from {Path}: the folder does not hold the {Counted.Entries(size)} of its checkpoint.");
        }

        var leaves = EntryBundle.Decode(bytes, width, out var fault, Entry.MaximumLength)?.Take(tile.Width).ToArray() ?? throw new StartupException($"{tile.EntriesPath} in {Path} is damaged: {fault!.Detail}");
        var (hashes, stored) = ReadTile(tile, t => t.Path, Tile.FullLength);
        return new FolderBundle(
            number * Tile.FullWidth,
            leaves,
            hashes is null ? null : new Tile(0, number, stored).Read(hashes)?[..tile.Width],
            ReadDisclosures(number),
            ReadTimes(number, tile.Width));
    }

    // A log may drop a partial tile once the full one is there (C2SP tlog-tiles): then the full one is read, and its beginning used.
    private (byte[]? Bytes, int Width) ReadTile(Tile tile, Func<Tile, string> pathOf, int limit) =>
        Read(pathOf(tile), limit) is { } bytes ? (bytes, tile.Width) : (Read(pathOf(new Tile(tile.Level, tile.Index, Tile.FullWidth)), limit), Tile.FullWidth);

    private Dictionary<ulong, IReadOnlyList<string>> ReadDisclosures(ulong number)
    {
        var file = Numbered("disclosures", number);
        return Read(file, LongestDisclosures) is not { } bytes ? [] : Json(file, bytes, root => root.GetProperty("entries").EnumerateArray().ToDictionary(
            entry => entry.GetProperty("index").GetUInt64(),
            entry => (IReadOnlyList<string>)[.. entry.GetProperty("disclosures").EnumerateArray().Select(d => d.GetString()!)]));
    }

    private List<DateTimeOffset>? ReadTimes(ulong number, int width)
    {
        var file = Numbered("times", number);
        return Read(file, LongestTimes) is not { } bytes ? null : Json(file, bytes, root => root.GetProperty("times").EnumerateArray().Select(t => t.GetDateTimeOffset()).ToList()) is { } times && times.Count >= width
            ? times
            : throw new StartupException($"{file} in {Path} has fewer times than bundle {number} has entries.");
    }

    private static string Numbered(string folder, ulong number) => string.Create(CultureInfo.InvariantCulture, $"{folder}/{number}");

    private T Json<T>(string file, byte[] bytes, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            return read(json.RootElement);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new StartupException($"{file} in {Path} is not what GET /{file} answers: {malformed.Message}", malformed);
        }
    }

    private byte[]? Read(string file, int limit)
    {
        var found = new FileInfo(System.IO.Path.Combine(Path, file));
        try
        {
            return !found.Exists ? null
                : found.Length > limit ? throw new StartupException($"{file} in {Path} is longer than {limit} bytes: it is no file of a log.")
                : File.ReadAllBytes(found.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{file} in {Path} cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>Up to 256 entries of a log and what stands beside them in its folder.</summary>
/// <param name="From">Index of the first.</param>
/// <param name="Leaves">Their bytes.</param>
/// <param name="Hashes">The leaf hashes stored beside them; null where there are none. They only serve to name what was altered.</param>
/// <param name="Disclosures">Disclosures by index; what is not there is withheld.</param>
/// <param name="Times">When they were recorded, as the log said; null where it is not said.</param>
public sealed record FolderBundle(
    ulong From, IReadOnlyList<ReadOnlyMemory<byte>> Leaves, Digest[]? Hashes, IReadOnlyDictionary<ulong, IReadOnlyList<string>> Disclosures, IReadOnlyList<DateTimeOffset>? Times);
