using System.Buffers;
using System.Buffers.Text;

namespace CriticalMinerals.Ledger;

/// <summary>
/// Base64url (RFC 4648 section 5) with exactly one text per byte string: no padding, no white space, zero trailing bits.
/// The framework's decoder accepts padding and white space, so the text is checked first.
/// </summary>
public static class StrictBase64Url
{
    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    private static readonly SearchValues<byte> Bytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>Encodes without padding.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>Decodes; null when the text is not the one and only encoding of some bytes.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        if (!IsCanonical(text))
        {
            return null;
        }

        var bytes = new byte[text.Length * 3 / 4];
        return Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == bytes.Length ? bytes : null;
    }

    /// <summary>Decodes text given as bytes; null when it is not the one and only encoding of some bytes.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> ascii)
    {
        if (ascii.ContainsAnyExcept(Bytes) || !IsTailZero(ascii.Length, ascii.IsEmpty ? '\0' : (char)ascii[^1]))
        {
            return null;
        }

        var bytes = new byte[ascii.Length * 3 / 4];
        return Base64Url.TryDecodeFromUtf8(ascii, bytes, out var written) && written == bytes.Length ? bytes : null;
    }

    /// <summary>Decodes into <paramref name="destination"/>; false when the text is not canonical or does not fit.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        return IsCanonical(text) && text.Length * 3 / 4 <= destination.Length && Base64Url.TryDecodeFromChars(text, destination, out written);
    }

    /// <summary>Whether the text is the one encoding of some byte string.</summary>
    public static bool IsCanonical(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Characters) && IsTailZero(text.Length, text.IsEmpty ? '\0' : text[^1]);

    // 2 left-over characters carry 12 bits for 8, 3 carry 18 bits for 16: what is over must be zero.
    private static bool IsTailZero(int length, char last) => (length % 4) switch
    {
        0 => true,
        2 => (ValueOf(last) & 0b1111) == 0,
        3 => (ValueOf(last) & 0b11) == 0,
        _ => false,
    };

    private static int ValueOf(char c) => c switch
    {
        >= 'A' and <= 'Z' => c - 'A',
        >= 'a' and <= 'z' => c - 'a' + 26,
        >= '0' and <= '9' => c - '0' + 52,
        '-' => 62,
        _ => 63,
    };
}
