using System.Globalization;
using System.Text;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Client;

/// <summary>
/// What a producer signed, kept in a folder before it is sent: bytes, salts and the openings of the lines given, none of which can be made again. A crash
/// at any step leaves either nothing or a file under <c>pending</c>, and sending that file again is safe because the ledger knows the bytes.
/// </summary>
/// <remarks>
/// <c>pending/&lt;number&gt;.json</c> holds one or more signed entries in the order they were signed; <c>done/&lt;leaf hash&gt;.json</c> and
/// <c>.tlog-proof</c> an entry and its verified receipt. Files hold confidential values and are readable by their owner alone. One process at a time.
/// </remarks>
public sealed class Journal : IDisposable
{
    private static readonly JsonSerializerOptions Form = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly string _pending, _done;
    private readonly FileStream _lock;
    private long _next;

    /// <summary>Opens the journal in a folder, which is made when it is missing.</summary>
    /// <exception cref="IOException">Another process has it open, or the folder cannot be written.</exception>
    public Journal(string folder)
    {
        Folder = folder;
        _pending = Make(Path.Combine(folder, "pending"));
        _done = Make(Path.Combine(folder, "done"));
        try
        {
            _lock = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"The journal {folder} is in use by another process. One process at a time signs with a key.", e);
        }

        // What a crash left half-written was never sent.
        foreach (var half in Directory.EnumerateFiles(folder, "*" + DurableFile.HalfSuffix, SearchOption.AllDirectories))
        {
            File.Delete(half);
        }

        _next = PendingFiles().Select(NumberOf).DefaultIfEmpty(0).Max() + 1;
    }

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    /// <summary>Whether a chain has entries whose outcome is not known.</summary>
    public bool IsPending(string subject) => Pending().Any(batch => batch.Entries.Any(e => e.Signed.Entry.Subject == subject));

    /// <summary>What was signed and has no verified receipt yet, in the order it was signed.</summary>
    /// <exception cref="InvalidDataException">A file was damaged; nothing is sent from a journal that cannot be read.</exception>
    public IReadOnlyList<JournalBatch> Pending() => [.. PendingFiles().OrderBy(NumberOf).Select(Read)];

    /// <summary>Keeps signed entries. When it returns they are on the disk.</summary>
    public JournalBatch Keep(IReadOnlyList<KeptEntry> entries)
    {
        var file = Path.Combine(_pending, string.Create(CultureInfo.InvariantCulture, $"{_next++:D12}.json"));
        DurableFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(entries.Select(Kept.Of).ToArray(), Form));
        return new JournalBatch(file, entries);
    }

    /// <summary>Keeps an admitted entry beside its verified receipt.</summary>
    public void KeepReceipt(KeptEntry entry, Receipt receipt)
    {
        var file = Path.Combine(_done, entry.Signed.Entry.LeafHash.ToString());

        // The entry first: a receipt file means that both are there.
        DurableFile.Write(file + ".json", JsonSerializer.SerializeToUtf8Bytes(Kept.Of(entry), Form));
        DurableFile.Write(file + Receipt.FileSuffix, Encoding.UTF8.GetBytes(receipt.ToString()));
    }

    /// <summary>Every entry whose verified receipt is kept here, in no order.</summary>
    /// <exception cref="InvalidDataException">A file was damaged.</exception>
    public IEnumerable<KeptEntry> Done() => Directory.EnumerateFiles(_done, "*" + Receipt.FileSuffix)
        .Select(receipt => ReadKept(receipt[..^Receipt.FileSuffix.Length] + ".json", bytes => JsonSerializer.Deserialize<Kept>(bytes, Form)!.Entry()));

    /// <summary>Forgets a batch of which every entry was answered: admitted with its receipt kept, or refused for good.</summary>
    /// <exception cref="ArgumentException">The batch is another journal's.</exception>
    public void Forget(JournalBatch batch) => DurableFile.Delete(
        Path.GetDirectoryName(batch.File) == _pending ? batch.File : throw new ArgumentException("The batch is another journal's.", nameof(batch)));

    public void Dispose() => _lock.Dispose();

    private static string Make(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return folder;
    }

    private static long NumberOf(string file) =>
        long.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static JournalBatch Read(string file) =>
        new(file, ReadKept(file, bytes => (IReadOnlyList<KeptEntry>)[.. JsonSerializer.Deserialize<Kept[]>(bytes, Form)!.Select(k => k.Entry())]));

    private static T ReadKept<T>(string file, Func<byte[], T> read)
    {
        try
        {
            return read(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or FormatException or NullReferenceException)
        {
            throw new InvalidDataException($"{file} is damaged: {e.Message} Move it away only when you know that its entries are in the log.", e);
        }
    }

    private IEnumerable<string> PendingFiles() => Directory.EnumerateFiles(_pending, "*.json");

    private sealed record Kept(string SdJwt, KeptLine[] Given)
    {
        internal static Kept Of(KeptEntry entry) =>
            new(entry.Signed.ToSdJwt(), [.. entry.Given.Select(g => new KeptLine(g.Subject, g.Operator, g.Quantity.ToString(), g.Codes?.ToArray(), g.Opening))]);

        internal KeptEntry Entry() => new(
            SignedEntry.Parse(Encoding.ASCII.GetBytes(SdJwt), out var fault) ?? throw new InvalidDataException(fault!.ToString()),
            [.. Given.Select(g => new GoodsGiven(g.Subject, g.Operator, Quantity.Parse(g.Quantity), g.Codes) { Opening = g.Opening })]);
    }

    private sealed record KeptLine(string Subject, string Operator, string Quantity, string[]? Codes, string Opening);
}

/// <summary>A signed entry and what its lines hide.</summary>
/// <param name="Signed">The entry with all its disclosures.</param>
/// <param name="Given">The lines of its <c>out</c>, in their order.</param>
public sealed record KeptEntry(SignedEntry Signed, IReadOnlyList<GoodsGiven> Given);

/// <summary>Entries kept together.</summary>
/// <param name="File">Their file.</param>
/// <param name="Entries">In the order they were signed.</param>
public sealed record JournalBatch(string File, IReadOnlyList<KeptEntry> Entries);
