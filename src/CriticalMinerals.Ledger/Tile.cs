using System.Globalization;

namespace CriticalMinerals.Ledger;

/// <summary>
/// The place of one tile (C2SP tlog-tiles): up to 256 consecutive hashes of the tree's level 8 × <see cref="Level"/>. A tile of level 0 has
/// leaf hashes; its place is also that of the bundle with the entries themselves. <c>default</c> is no tile: its width is 0.
/// </summary>
public readonly record struct Tile
{
    /// <summary>Hashes in a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>Bytes of a full tile.</summary>
    public const int FullLength = FullWidth * Digest.Length;

    /// <summary>The highest level a tree of <see cref="MerkleTree.MaxSize"/> leaves has tiles on.</summary>
    public const int MaxLevel = 7;

    private const string Prefix = "tile/";
    private const string Entries = "entries/";

    /// <summary>Names a tile.</summary>
    /// <exception cref="ArgumentException">No tree of at most 2^62 leaves has such a tile.</exception>
    public Tile(int level, ulong index, int width)
    {
        if (!Exists(level, index, width))
        {
            throw new ArgumentException($"There is no tile of level {level}, index {index}, width {width}.", nameof(level));
        }

        Level = level;
        Index = index;
        Width = width;
    }

    /// <summary>0 for leaf hashes; each level above has one hash for a full tile below.</summary>
    public int Level { get; }

    /// <summary>Number of the tile on its level, from the left, from 0.</summary>
    public ulong Index { get; }

    /// <summary>Number of hashes, 1 to 256; fewer than 256 only at the right edge.</summary>
    public int Width { get; }

    /// <summary>Whether all 256 hashes are there: such a tile never changes again.</summary>
    public bool IsFull => Width == FullWidth;

    /// <summary>Length of the content in bytes.</summary>
    public int Length => Width * Digest.Length;

    /// <summary>The path of its hashes, <c>tile/&lt;L&gt;/&lt;N&gt;[.p/&lt;W&gt;]</c>.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Level}/{NumberAndWidth()}");

    /// <summary>The path of its entries, <c>tile/entries/&lt;N&gt;[.p/&lt;W&gt;]</c>.</summary>
    /// <exception cref="InvalidOperationException">The tile is not of level 0.</exception>
    public string EntriesPath => Level == 0
        ? Prefix + Entries + NumberAndWidth()
        : throw new InvalidOperationException("Only tiles of level 0 have entries.");

    /// <summary>Reads a path of hashes in its one form: no leading slash, no needless zeros or groups.</summary>
    public static bool TryParse(string? path, out Tile tile)
    {
        tile = default;
        return path is { Length: > 7 and <= 64 }
            && path.StartsWith(Prefix, StringComparison.Ordinal)
            && path[5] is >= '0' and <= '7'
            && path[6] == '/'
            && TryParseNumberAndWidth(path[5] - '0', path.AsSpan(7), out tile)
            && tile.Path == path;
    }

    /// <summary>Reads a path of entries in its one form; the tile is the one of level 0 with their hashes.</summary>
    public static bool TryParseEntries(string? path, out Tile tile)
    {
        tile = default;
        return path is { Length: <= 64 }
            && path.StartsWith(Prefix + Entries, StringComparison.Ordinal)
            && TryParseNumberAndWidth(0, path.AsSpan(Prefix.Length + Entries.Length), out tile)
            && tile.EntriesPath == path;
    }

    /// <summary>The tile at this place in a tree of this size, full or partial; null when the tree does not reach it.</summary>
    public static Tile? At(int level, ulong index, ulong size)
    {
        if (level is < 0 or > MaxLevel || size > MerkleTree.MaxSize)
        {
            return null;
        }

        var hashes = size >> (8 * level);
        var full = hashes / FullWidth;
        var rest = (int)(hashes % FullWidth);
        return index < full ? new Tile(level, index, FullWidth)
            : index == full && rest > 0 ? new Tile(level, index, rest)
            : null;
    }

    /// <summary>The partial tiles of a tree of this size, from level 0 up; at most one a level.</summary>
    public static IEnumerable<Tile> PartialOf(ulong size)
    {
        for (var level = 0; level <= MaxLevel; level++)
        {
            if (At(level, (size >> (8 * level)) / FullWidth, size) is { } tile)
            {
                yield return tile;
            }
        }
    }

    /// <summary>All tiles of a tree of this size, level by level from 0, from the left; made as they are asked for.</summary>
    public static IEnumerable<Tile> AllOf(ulong size)
    {
        for (var level = 0; level <= MaxLevel; level++)
        {
            for (ulong index = 0; At(level, index, size) is { } tile; index++)
            {
                yield return tile;
            }
        }
    }

    /// <summary>Cuts a content into its hashes; null when its length is not the tile's.</summary>
    public Digest[]? Read(ReadOnlySpan<byte> content) => Width > 0 && content.Length == Length ? Split(content) : null;

    /// <summary>Hashes as a tile's content.</summary>
    public static byte[] Join(ReadOnlySpan<Digest> hashes)
    {
        var bytes = new byte[hashes.Length * Digest.Length];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i].CopyTo(bytes.AsSpan(i * Digest.Length));
        }

        return bytes;
    }

    /// <summary>The path of the hashes.</summary>
    public override string ToString() => Path;

    internal static Digest[] Split(ReadOnlySpan<byte> bytes)
    {
        var hashes = new Digest[bytes.Length / Digest.Length];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = new Digest(bytes.Slice(i * Digest.Length, Digest.Length));
        }

        return hashes;
    }

    private static bool Exists(int level, ulong index, int width) =>
        level is >= 0 and <= MaxLevel
        && width is >= 1 and <= FullWidth
        && index <= (MerkleTree.MaxSize >> (8 * level)) / FullWidth
        && (index * FullWidth) + (ulong)width <= MerkleTree.MaxSize >> (8 * level);

    private string NumberAndWidth()
    {
        var number = (Index % 1000).ToString("000", CultureInfo.InvariantCulture);
        for (var rest = Index / 1000; rest > 0; rest /= 1000)
        {
            number = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:000}/{number}");
        }

        return IsFull ? number : string.Create(CultureInfo.InvariantCulture, $"{number}.p/{Width}");
    }

    // Reads too much on purpose: the caller compares with the one form the tile would be written in.
    private static bool TryParseNumberAndWidth(int level, ReadOnlySpan<char> text, out Tile tile)
    {
        tile = default;
        ulong index = 0, width = FullWidth;
        if (text.IndexOf(".p/") is >= 0 and var at)
        {
            if (!StrictDecimal.TryParse(text[(at + 3)..], out width) || width >= FullWidth)
            {
                return false;
            }

            text = text[..at];
        }

        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                if (index > MerkleTree.MaxSize / 10)
                {
                    return false;
                }

                index = (index * 10) + (ulong)(c - '0');
            }
        }

        if (!Exists(level, index, (int)width))
        {
            return false;
        }

        tile = new Tile(level, index, (int)width);
        return true;
    }
}
