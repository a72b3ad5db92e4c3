using System.Buffers.Binary;

namespace CriticalMinerals.Ledger;

/// <summary>
/// The entries of one tile of level 0 (C2SP tlog-tiles): for each, its length as 2 bytes big-endian, then its bytes. Entries are taken as
/// they are; whether they are sound is a later question.
/// </summary>
public static class EntryBundle
{
    /// <summary>The longest entry the format can hold, in bytes.</summary>
    public const int MaxEntryLength = ushort.MaxValue;

    /// <summary>Writes 1 to 256 entries.</summary>
    /// <exception cref="ArgumentException">Another number of entries, or one longer than <see cref="MaxEntryLength"/>.</exception>
    public static byte[] Encode(IReadOnlyCollection<ReadOnlyMemory<byte>> entries)
    {
        if (entries.Count is < 1 or > Tile.FullWidth || entries.Any(entry => entry.Length > MaxEntryLength))
        {
            throw new ArgumentException("A bundle has 1 to 256 entries of at most 65,535 bytes.", nameof(entries));
        }

        var bytes = new byte[entries.Sum(entry => 2 + entry.Length)];
        var position = 0;
        foreach (var entry in entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(position), (ushort)entry.Length);
            entry.Span.CopyTo(bytes.AsSpan(position + 2));
            position += 2 + entry.Length;
        }

        return bytes;
    }

    /// <summary>
    /// Reads the entries, which point into <paramref name="bytes"/>. <see cref="Failure.BundleMalformed"/> when there are not exactly as many
    /// as the tile is wide, one is cut off or something is left over; <see cref="Failure.TooLarge"/> when one is longer than
    /// <paramref name="maxEntryLength"/> bytes.
    /// </summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Decode(
        ReadOnlyMemory<byte> bytes, int width, out Fault? fault, int maxEntryLength = MaxEntryLength)
    {
        if (width is < 1 or > Tile.FullWidth)
        {
            throw new ArgumentException("A bundle has 1 to 256 entries.", nameof(width));
        }

        var entries = new List<ReadOnlyMemory<byte>>(width);
        while (entries.Count < width)
        {
            if (bytes.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(bytes.Span) is var length && bytes.Length < 2 + length)
            {
                fault = new Fault(Failure.BundleMalformed, $"The bundle ends inside entry {entries.Count} of {width}.");
                return null;
            }

            if (length > maxEntryLength)
            {
                fault = new Fault(Failure.TooLarge, $"Entry {entries.Count} of the bundle has {length} bytes; {maxEntryLength} are the most.");
                return null;
            }

            entries.Add(bytes.Slice(2, length));
            bytes = bytes[(2 + length)..];
        }

        fault = bytes.IsEmpty ? null : new Fault(Failure.BundleMalformed, $"{bytes.Length} bytes follow the {width} entries of the bundle.");
        return fault is null ? entries : null;
    }

    /// <summary>The leaf hashes of the entries: what the tile of level 0 beside the bundle holds.</summary>
    public static Digest[] LeafHashes(IReadOnlyCollection<ReadOnlyMemory<byte>> entries) => [.. entries.Select(entry => Digest.OfLeaf(entry.Span))];
}
