using System.Buffers.Binary;
using System.Text;

namespace CriticalMinerals.Ledger;

/// <summary>One signature line of a note: em dash, key name, base64 of key id and signature.</summary>
/// <param name="Name">The key name as written.</param>
/// <param name="KeyId">The first 4 bytes of the line's base64, big-endian.</param>
/// <param name="Signature">What follows: 64 bytes for Ed25519, 8 of time and 64 for a cosignature, anything for types unknown here.</param>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Signature)
{
    /// <summary>The longest signature kept, in bytes: leaves room for the post-quantum types of others.</summary>
    public const int MaxLength = 8192;

    /// <summary>Signs a note's text with a plain Ed25519 signature (type 0x01). The same text gives the same line.</summary>
    /// <exception cref="ArgumentException">The name can't name a key.</exception>
    public static NoteSignature Make(string text, string name, SigningKey key)
    {
        var verifier = new NoteVerifier(name, key.VerifyingKey);
        return new NoteSignature(name, verifier.KeyId, key.Sign(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Cosigns a checkpoint's text as a witness (type 0x04).</summary>
    /// <param name="text">The text of the checkpoint, up to and with the line feed of its last line.</param>
    /// <param name="name">The witness's key name.</param>
    /// <param name="key">The witness's key, used for nothing else.</param>
    /// <param name="time">Seconds since 1970; at most 2^63 − 1.</param>
    /// <exception cref="ArgumentException">The name can't name a key, or the time is too large.</exception>
    public static NoteSignature Cosign(string text, string name, SigningKey key, ulong time)
    {
        if (time > long.MaxValue)
        {
            throw new ArgumentException("The time of a cosignature is at most 2^63 - 1.", nameof(time));
        }

        var verifier = new NoteVerifier(name, key.VerifyingKey, NoteSignatureType.CosignatureV1);
        var signature = new byte[sizeof(ulong) + VerifyingKey.SignatureLength];
        BinaryPrimitives.WriteUInt64BigEndian(signature, time);
        key.Sign(NoteVerifier.CosignedText(text, time)).CopyTo(signature, sizeof(ulong));
        return new NoteSignature(name, verifier.KeyId, signature);
    }

    /// <summary>The line without its line feed.</summary>
    public override string ToString()
    {
        var blob = new byte[4 + Signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(blob, KeyId);
        Signature.Span.CopyTo(blob.AsSpan(4));
        return $"\u2014 {Name} {StrictBase64.Encode(blob)}";
    }

    public bool Equals(NoteSignature? other) =>
        other is not null && KeyId == other.KeyId && Name == other.Name && Signature.Span.SequenceEqual(other.Signature.Span);

    public override int GetHashCode() => HashCode.Combine(Name, KeyId, Signature.Length);

    /// <summary>Reads a line without its line feed; null when it is not one.</summary>
    internal static NoteSignature? Parse(string line)
    {
        if (line.Split(' ') is not ["\u2014", var name, var blob] || !NoteVerifier.IsName(name) || blob.Length > (MaxLength + 8) / 3 * 4)
        {
            return null;
        }

        return StrictBase64.Decode(blob) is { Length: > 4 and <= 4 + MaxLength } bytes
            ? new NoteSignature(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(4))
            : null;
    }
}
