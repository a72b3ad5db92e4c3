using System.Buffers.Binary;
using System.Security.Cryptography;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Service.Log;

/// <summary>What was signed last: a promise to the world that no restored or swapped database may break.</summary>
/// <param name="Id">Random; the database's state row carries it too, so that a pin of another log is noticed.</param>
/// <param name="Size">Size of the last signed tree.</param>
/// <param name="Root">Its root.</param>
public sealed record PinnedTree(Guid Id, long Size, Digest Root);

/// <summary>
/// The pin of one log: a file outside the database, shared by its nodes, moved under a lock and flushed to disk before anything is signed. Two slots are
/// written in turn, each with its checksum: a crash in the middle of a write leaves the other.
/// </summary>
public sealed class Pin(string dataFolder)
{
    private const int SlotLength = 128;
    private static readonly byte[] Magic = "cm-pin/1"u8.ToArray();

    /// <summary>Where it stands.</summary>
    public string Path { get; } = System.IO.Path.Combine(dataFolder, "pin");

    /// <summary>What is pinned, or null when no pin was ever made here.</summary>
    /// <exception cref="StartupException">The file is there and neither slot is whole.</exception>
    public PinnedTree? Read()
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        using var file = OpenLocked();
        return Newest(file)?.Tree ?? throw new StartupException($"{Path} is damaged: neither of its slots is whole. Bring the file back from a backup of the same moment as the database or later.");
    }

    /// <summary>Makes the first pin of a new log and returns it, or the one that another node made a moment before.</summary>
    public PinnedTree Create(PinnedTree first)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        using var file = OpenLocked();
        if (Newest(file) is { } made)
        {
            return made.Tree;
        }

        Write(file, 1, first);
        return first;
    }

    /// <summary>
    /// Moves the pin from one tree to the next and returns the next once it is on disk. When it stands elsewhere, because another node signed, it stays
    /// there and that is returned: the caller has not shown yet that its tree goes on from that one.
    /// </summary>
    public PinnedTree Advance(PinnedTree from, PinnedTree next)
    {
        using var file = OpenLocked();
        var (counter, current) = Newest(file) ?? throw new InvalidOperationException($"{Path} lost its content while the service ran.");
        if (current != from)
        {
            return current;
        }

        Write(file, counter + 1, next);
        return next;
    }

    // The share mode is an exclusive lock of the file among all processes; holders keep it for one write.
    private FileStream OpenLocked()
    {
        for (var wait = new SpinWait(); ; wait.SpinOnce())
        {
            try
            {
                return PrivateFile.Open(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(Path) && wait.Count < 100_000)
            {
                // Another node holds it for the time of one flush.
            }
        }
    }

    private static (long Counter, PinnedTree Tree)? Newest(FileStream file)
    {
        Span<byte> slot = stackalloc byte[SlotLength];
        (long Counter, PinnedTree Tree)? newest = null;
        for (var i = 0; i < 2; i++)
        {
            if (RandomAccess.Read(file.SafeFileHandle, slot, i * SlotLength) == SlotLength && Parse(slot) is { } found && (newest is null || found.Counter > newest.Value.Counter))
            {
                newest = found;
            }
        }

        return newest;
    }

    private static (long Counter, PinnedTree Tree)? Parse(ReadOnlySpan<byte> slot)
    {
        Span<byte> checksum = stackalloc byte[32];
        SHA256.HashData(slot[..72], checksum);
        return slot.StartsWith(Magic) && checksum.SequenceEqual(slot[72..104])
            ? (BinaryPrimitives.ReadInt64BigEndian(slot[8..]), new PinnedTree(new Guid(slot[16..32]), BinaryPrimitives.ReadInt64BigEndian(slot[32..]), new Digest(slot[40..72])))
            : null;
    }

    private static void Write(FileStream file, long counter, PinnedTree tree)
    {
        Span<byte> slot = stackalloc byte[SlotLength];
        slot.Clear();
        Magic.CopyTo(slot);
        BinaryPrimitives.WriteInt64BigEndian(slot[8..], counter);
        tree.Id.TryWriteBytes(slot[16..]);
        BinaryPrimitives.WriteInt64BigEndian(slot[32..], tree.Size);
        tree.Root.CopyTo(slot[40..]);
        SHA256.HashData(slot[..72], slot[72..104]);
        RandomAccess.Write(file.SafeFileHandle, slot, counter % 2 * SlotLength);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
    }
}
