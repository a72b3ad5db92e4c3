using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace CriticalMinerals.Ledger;

/// <summary>
/// A SHA-256 value: exactly 32 bytes. Text form: 43 characters of base64url without padding (RFC 4648 section 5).
/// <c>default</c> is 32 zero bytes, the <c>prv</c> of a chain's first entry.
/// </summary>
public readonly record struct Digest : IComparable<Digest>
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 32;

    private const int MostOnStack = 2048;

    private readonly ulong _a, _b, _c, _d;

    /// <summary>Takes 32 bytes as they are.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 32 bytes long.</exception>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"A digest has {Length} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>32 zero bytes.</summary>
    public static Digest Zero => default;

    /// <summary>SHA-256 of the bytes, nothing added.</summary>
    public static Digest Sha256(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Length];
        SHA256.HashData(bytes, hash);
        return new Digest(hash);
    }

    /// <summary>RFC 6962 section 2.1 leaf hash, SHA-256(0x00 || leaf): also the link from an entry to its successor in the chain.</summary>
    public static Digest OfLeaf(ReadOnlySpan<byte> leaf)
    {
        // One call for the whole preimage costs half of what an incremental hash does; most leaves are about a kibibyte.
        byte[]? rented = null;
        Span<byte> preimage = leaf.Length < MostOnStack ? stackalloc byte[MostOnStack] : (rented = ArrayPool<byte>.Shared.Rent(leaf.Length + 1));
        preimage[0] = 0x00;
        leaf.CopyTo(preimage[1..]);
        var result = Sha256(preimage[..(leaf.Length + 1)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return result;
    }

    /// <summary>RFC 6962 section 2.1 interior hash, SHA-256(0x01 || left || right).</summary>
    public static Digest OfNode(Digest left, Digest right)
    {
        Span<byte> preimage = stackalloc byte[1 + Length + Length];
        preimage[0] = 0x01;
        left.CopyTo(preimage[1..]);
        right.CopyTo(preimage[(1 + Length)..]);
        return Sha256(preimage);
    }

    /// <summary>Reads the 43-character base64url form; false for anything another reader could take differently.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (text is { Length: 43 } && StrictBase64Url.TryDecode(text, bytes, out var written) && written == Length)
        {
            digest = new Digest(bytes);
            return true;
        }

        digest = default;
        return false;
    }

    /// <summary>Reads the 43-character base64url form.</summary>
    /// <exception cref="FormatException">The text is not one.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException("Not a digest: 43 characters of unpadded base64url were expected.");

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>The 32 bytes, newly allocated.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Byte-wise order, as unsigned big-endian numbers.</summary>
    public int CompareTo(Digest other)
    {
        var order = _a.CompareTo(other._a);
        order = order != 0 ? order : _b.CompareTo(other._b);
        order = order != 0 ? order : _c.CompareTo(other._c);
        return order != 0 ? order : _d.CompareTo(other._d);
    }

    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;

    /// <summary>The 43-character base64url form.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return StrictBase64Url.Encode(bytes);
    }

    /// <summary>Uniform already: any 32 bits of a SHA-256 value serve.</summary>
    public override int GetHashCode() => unchecked((int)_a);
}
