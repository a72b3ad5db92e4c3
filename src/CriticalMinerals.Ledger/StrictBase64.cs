namespace CriticalMinerals.Ledger;

/// <summary>
/// Standard base64 (RFC 4648 section 4) with exactly one text per byte string: padded, no white space, zero trailing bits. C2SP formats use
/// it; everything of our own is <see cref="StrictBase64Url"/>.
/// </summary>
public static class StrictBase64
{
    /// <summary>Encodes with padding.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes);

    /// <summary>Decodes; null when the text is not the one and only encoding of some bytes.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        if (text.Length % 4 != 0)
        {
            return null;
        }

        var bytes = new byte[text.Length / 4 * 3];
        return Convert.TryFromBase64Chars(text, bytes, out var written) && text.SequenceEqual(Convert.ToBase64String(bytes.AsSpan(0, written)))
            ? bytes[..written]
            : null;
    }

    /// <summary>Decodes a hash of 32 bytes.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out Digest digest)
    {
        if (text.Length == 44 && Decode(text) is { Length: Digest.Length } bytes)
        {
            digest = new Digest(bytes);
            return true;
        }

        digest = default;
        return false;
    }

    /// <summary>Encodes a hash in 44 characters.</summary>
    public static string Encode(Digest digest) => Encode(digest.ToArray());
}
