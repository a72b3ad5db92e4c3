using System.Security.Cryptography;
using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Client;

/// <summary>
/// What an auditor keeps between audits, in one file of its own: the keys it trusted; the newest checkpoint that it saw, signatures and all, so that two signed
/// checkpoints that contradict each other are proof in its hands; and how far it has replayed the log, so that it need not begin again.
/// </summary>
/// <param name="Keys">The log's verifier keys.</param>
/// <param name="Note">The newest checkpoint as a signed note.</param>
/// <param name="Checkpoint">What it states.</param>
public sealed record AuditMemory(IReadOnlyCollection<NoteVerifier> Keys, SignedNote Note, Checkpoint Checkpoint)
{
    private const string Format = "cm-audit-state/v1 ";
    private const int MaximumHead = 256;

    // A replay is taken up only by the very program that wrote it: what it keeps of a chain may change with the program, the checkpoints may not.
    private static readonly string Program = typeof(LedgerReplay).Module.ModuleVersionId.ToString();

    /// <summary>The last checkpoint that was audited to its end, where that is an older one: the newest was then being audited.</summary>
    public SignedNote? Audited { get; init; }

    /// <summary>The replay as far as it is; null when another version of the program wrote it, which cannot be gone on with.</summary>
    internal LedgerReplay? Replay { get; init; }

    /// <summary>The tiles at the right edge of the entries replayed.</summary>
    internal OpenTiles Tiles { get; init; } = OpenTiles.Empty;

    /// <summary>Every checkpoint that the log has to go on from, the older first.</summary>
    internal IEnumerable<(SignedNote Note, Checkpoint Checkpoint)> Seen =>
        Audited is { } audited ? [(audited, Checked(audited, Keys)!), (Note, Checkpoint)] : [(Note, Checkpoint)];

    /// <summary>Reads a state file; null when there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or was altered; the message says what to do.</exception>
    public static AuditMemory? Read(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            using var stream = File.OpenRead(file);
            CheckSum(stream);
            return Read(stream);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or DecoderFallbackException)
        {
            throw new InvalidDataException($"{file} is no state of an audit, or was damaged: {e.Message} Delete it, and the next audit begins at entry 0; with a copy of it from a backup it goes on from there.", e);
        }
    }

    /// <summary>Writes the state file: whole or not at all.</summary>
    public void Write(string file) => DurableFile.Write(file, stream =>
    {
        using var hash = SHA256.Create();
        using (var hashed = new CryptoStream(stream, hash, CryptoStreamMode.Write, leaveOpen: true))
        {
            // In large parts, for the sake of the hash and of the disk.
            using var buffered = new BufferedStream(hashed, 1 << 16);
            Write(buffered);
        }

        stream.Write(hash.Hash!);
    });

    private void Write(Stream stream)
    {
        stream.Write(Encoding.ASCII.GetBytes($"{Format}{Program}\n"));
        using var to = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        to.Write(string.Join('\n', Keys));
        to.Write(Note.ToString());
        to.Write(Audited?.ToString() ?? "");
        to.Write(Replay is not null);
        if (Replay is null)
        {
            return;
        }

        to.Flush();
        Replay.WriteTo(stream);
        foreach (var (_, content) in Tiles.Partial())
        {
            to.Write(content.Span);
        }
    }

    private static AuditMemory Read(Stream stream)
    {
        var program = ReadHead(stream);
        using var from = new BinaryReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true), leaveOpen: true);
        var keys = TrustPolicy.Parse(from.ReadString(), out var fault)?.LogKeys ?? throw new InvalidDataException(fault!.Detail);
        SignedNote Note(string text) => SignedNote.Parse(text, out _) is { } note && Checked(note, keys) is not null ? note : throw new InvalidDataException("It holds a checkpoint that its keys did not sign.");
        var newest = Note(from.ReadString());
        var memory = new AuditMemory(keys, newest, Checked(newest, keys)!) { Audited = from.ReadString() is { Length: > 0 } audited ? Note(audited) : null };
        if (!from.ReadBoolean() || program != Program)
        {
            return memory;
        }

        var replay = LedgerReplay.ReadFrom(stream);
        var tiles = Tile.PartialOf(replay.Size).Select(tile => (ReadOnlyMemory<byte>)from.ReadBytes(tile.Length)).ToArray();
        return memory with
        {
            Replay = replay.State.Origin == memory.Checkpoint.Origin ? replay : throw new InvalidDataException("It holds the replay of another log."),
            Tiles = OpenTiles.Restore(replay.Edge, tiles, out fault) ?? throw new InvalidDataException(fault!.Detail),
        };
    }

    private static Checkpoint? Checked(SignedNote note, IReadOnlyCollection<NoteVerifier> keys) =>
        note.Verify(keys, out _) is { } verified ? Checkpoint.From(verified, out _) : null;

    private static string ReadHead(Stream stream)
    {
        var head = new StringBuilder();
        for (int next; (next = stream.ReadByte()) != '\n'; head.Append((char)next))
        {
            if (next < 0 || head.Length == MaximumHead)
            {
                throw new InvalidDataException("Its first line is missing.");
            }
        }

        var line = head.ToString();
        return line.StartsWith(Format, StringComparison.Ordinal)
            ? line[Format.Length..]
            : throw new InvalidDataException($"Its first line is not {Format.Trim()}.");
    }

    // The last 32 bytes are the SHA-256 of all before.
    private static void CheckSum(FileStream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        var rest = stream.Length - Digest.Length;
        while (rest > 0)
        {
            var count = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, rest));
            hash.AppendData(buffer, 0, count);
            rest -= count > 0 ? count : throw new EndOfStreamException();
        }

        var sum = new byte[Digest.Length];
        stream.ReadExactly(sum);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(sum))
        {
            throw new InvalidDataException("Its checksum does not fit.");
        }

        stream.Position = 0;
    }
}
