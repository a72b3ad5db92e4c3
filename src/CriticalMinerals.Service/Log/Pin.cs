using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
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
/// <remarks>
/// A node that is stopped while it holds the lock holds nobody up for long: after <see cref="Patience"/> another puts a copy of the file in its place, one byte
/// longer, whose lock is another one. Whoever has written looks whether his file is still the one in force; if it is not, he begins again with that one.
/// </remarks>
public sealed class Pin(string dataFolder)
{
    private const int SlotLength = 128;
    private const int SlotsLength = 2 * SlotLength;
    private static readonly byte[] Magic = "cm-pin/1"u8.ToArray();

    /// <summary>Where it stands.</summary>
    public string Path { get; } = System.IO.Path.Combine(dataFolder, "pin");

    /// <summary>How long the lock may be held; a write takes milliseconds.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What is pinned, or null when no pin was ever made here.</summary>
    /// <exception cref="StartupException">The file is there and neither slot is whole.</exception>
    public PinnedTree? Read()
    {
        // An empty one was about to be made when its maker ended.
        if (!File.Exists(Path) || new FileInfo(Path).Length == 0)
        {
            return null;
        }

        // Twice: a slot that is just being written may look torn, and the other one a moment later.
        using var file = Open();
        return (Newest(file) ?? Newest(file))?.Tree ?? throw new StartupException($"{Path} is damaged: neither of its slots is whole. Bring the file back from a backup of the same moment as the database or later.");
    }

    /// <summary>Makes the first pin of a new log and returns it, or the one that another node made a moment before.</summary>
    public PinnedTree Create(PinnedTree first)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        return Move(newest => newest is null ? (1, first) : null);
    }

    /// <summary>
    /// Moves the pin from one tree to the next and returns the next once it is on disk. When it stands elsewhere, because another node signed, it stays
    /// there and that is returned: the caller has not shown yet that its tree goes on from that one.
    /// </summary>
    public PinnedTree Advance(PinnedTree from, PinnedTree next) => Move(newest =>
    {
        var (counter, current) = newest ?? throw new InvalidOperationException($"{Path} lost its content while the service ran.");
        return current == from ? (counter + 1, next) : null;
    });

    /// <summary>Writes what is decided under the lock, if anything, and returns what is pinned then.</summary>
    private PinnedTree Move(Func<(long Counter, PinnedTree Tree)?, (long Counter, PinnedTree Tree)?> decide)
    {
        while (true)
        {
            using var file = Open();
            using var turn = WaitForTurn(file);
            if (turn is null || !IsInForce(file))
            {
                continue;
            }

            var newest = Newest(file);
            if (decide(newest) is not var (counter, tree))
            {
                return newest!.Value.Tree;
            }

            Write(file, counter, tree);
            if (IsInForce(file))
            {
                return tree;
            }
        }
    }

    // Shared with everybody: the lock is a file of its own, so that the pin can be read while a node that holds it is stopped.
    private FileStream Open() => PrivateFile.Open(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    // The share mode is an exclusive lock among all processes.
    private FileStream Lock(long copy) => PrivateFile.Open(LockOf(copy), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private string LockOf(long copy) => string.Create(CultureInfo.InvariantCulture, $"{Path}.lock{copy}");

    /// <summary>How often the file was copied to take it over from a node that had stopped.</summary>
    private static long CopyOf(long length) => Math.Max(0, length - SlotsLength);

    private bool IsInForce(FileStream file) => CopyOf(new FileInfo(Path).Length) == CopyOf(file.Length);

    /// <summary>The lock of the open file, once it is free; null when that took too long and the file was taken over.</summary>
    private FileStream? WaitForTurn(FileStream file)
    {
        var copy = CopyOf(file.Length);
        var since = Stopwatch.GetTimestamp();
        for (var wait = new SpinWait(); ; wait.SpinOnce())
        {
            try
            {
                return Lock(copy);
            }
            catch (IOException) when (File.Exists(LockOf(copy)))
            {
                // Another node holds it for the time of one flush.
                if (Stopwatch.GetElapsedTime(since) > Patience)
                {
                    TakeOver(file);
                    return null;
                }
            }
        }
    }

    /// <summary>
    /// Puts a copy in the place of a file whose lock is not given back. What its holder wrote and found in force stood there before the copy came into force:
    /// looking again afterwards misses none of it.
    /// </summary>
    private void TakeOver(FileStream held)
    {
        var next = Path + ".next";
        if (File.Exists(next) && DateTime.UtcNow - File.GetLastWriteTimeUtc(next) > Patience)
        {
            File.Delete(next); // Whoever made it ended in the middle.
        }

        try
        {
            using var file = PrivateFile.Open(next, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            if (!IsInForce(held))
            {
                File.Delete(next);
                return;
            }

            using var turn = Lock(CopyOf(held.Length) + 1);
            file.SetLength(held.Length + 1);
            CopySlots(held, file);
            File.Move(next, Path, overwrite: true);
            CopySlots(held, file);
            File.Delete(LockOf(CopyOf(held.Length)));
        }
        catch (IOException)
        {
            // Another node is taking over.
        }
    }

    private static void CopySlots(FileStream from, FileStream to)
    {
        Span<byte> slots = stackalloc byte[SlotsLength];
        RandomAccess.Write(to.SafeFileHandle, slots[..RandomAccess.Read(from.SafeFileHandle, slots, 0)], 0);
        RandomAccess.FlushToDisk(to.SafeFileHandle);
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
