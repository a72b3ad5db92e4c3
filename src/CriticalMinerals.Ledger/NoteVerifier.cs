using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CriticalMinerals.Ledger;

/// <summary>What a signature line of a note states: the type byte of C2SP signed-note.</summary>
[SuppressMessage("Design", "CA1008", Justification = "The format assigns no type 0x00.")]
[SuppressMessage("Design", "CA1027", Justification = "Numbers of a registry, no bits.")]
public enum NoteSignatureType : byte
{
    /// <summary>0x01: Ed25519 over the text of the note.</summary>
    Ed25519 = 0x01,

    /// <summary>0x04: a witness's timestamped Ed25519 cosignature of a checkpoint (C2SP tlog-cosignature v1).</summary>
    CosignatureV1 = 0x04,
}

/// <summary>A key known by name that signs notes. Key name and key id together pick the signature lines it must account for.</summary>
public sealed record NoteVerifier
{
    /// <summary>The longest key name read or written, in characters.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Names a key.</summary>
    /// <exception cref="ArgumentException">The name is empty, too long, or has white space, control characters or a plus.</exception>
    public NoteVerifier(string name, VerifyingKey key, NoteSignatureType type = NoteSignatureType.Ed25519)
    {
        if (!IsName(name) || !Enum.IsDefined(type))
        {
            throw new ArgumentException("A key name has 1 to 256 characters, no white space and no plus.", nameof(name));
        }

        Name = name;
        Key = key;
        Type = type;
        KeyId = ComputeKeyId(name, key, type);
    }

    /// <summary>The key name; a log's is its origin.</summary>
    public string Name { get; }

    /// <summary>The public key.</summary>
    public VerifyingKey Key { get; }

    /// <summary>What the key signs.</summary>
    public NoteSignatureType Type { get; }

    /// <summary>First 4 bytes of SHA-256(name || 0x0A || type || key), big-endian. An identifier, no proof of anything: easily collided.</summary>
    public uint KeyId { get; }

    /// <summary>
    /// Reads the text form, <c>name+hex8(key id)+base64(type || key)</c>. <see cref="Failure.KeyMalformed"/> for another form, type, or a key
    /// id that is not the key's; <see cref="Failure.KeyForbidden"/> as for <see cref="VerifyingKey.Import"/>.
    /// </summary>
    public static NoteVerifier? Parse(string vkey, out Fault? fault)
    {
        fault = new Fault(Failure.KeyMalformed, "A verifier key is name+id+base64 with 8 lower-case hex digits and an Ed25519 key of type 0x01 or 0x04.");
        if (vkey is null || vkey.Length > MaxNameLength + 64 || vkey.Split('+', 3) is not [var name, { Length: 8 } id, var keyText] || !IsName(name))
        {
            return null;
        }

        if (StrictBase64.Decode(keyText) is not { Length: 1 + VerifyingKey.Length } bytes || !Enum.IsDefined((NoteSignatureType)bytes[0]))
        {
            return null;
        }

        if (VerifyingKey.Import(bytes.AsSpan(1), out var keyFault) is not { } key)
        {
            fault = keyFault;
            return null;
        }

        var verifier = new NoteVerifier(name, key, (NoteSignatureType)bytes[0]);
        if (verifier.ToString() != vkey)
        {
            fault = new Fault(Failure.KeyMalformed, $"The key id is not that of the key: {verifier.KeyId:x8} was expected.");
            return null;
        }

        fault = null;
        return verifier;
    }

    /// <summary>Whether the line names this key: the same name and id.</summary>
    public bool Answers(NoteSignature line) => line.KeyId == KeyId && line.Name == Name;

    /// <summary>
    /// Whether the line is this key's signature of the note's text. <paramref name="time"/> is a cosignature's, in seconds since 1970, as
    /// stated by the witness; null for other types.
    /// </summary>
    public bool Verify(string text, NoteSignature line, out ulong? time)
    {
        time = null;
        if (!Answers(line))
        {
            return false;
        }

        var signature = line.Signature.Span;
        if (Type == NoteSignatureType.Ed25519)
        {
            return Key.Verify(Encoding.UTF8.GetBytes(text), signature);
        }

        if (signature.Length != sizeof(ulong) + VerifyingKey.SignatureLength)
        {
            return false;
        }

        var stated = BinaryPrimitives.ReadUInt64BigEndian(signature);
        if (stated > long.MaxValue || !Key.Verify(CosignedText(text, stated), signature[sizeof(ulong)..]))
        {
            return false;
        }

        time = stated;
        return true;
    }

    /// <summary>The text form, as read by <see cref="Parse"/>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}+{KeyId:x8}+{StrictBase64.Encode([(byte)Type, .. Key.ToArray()])}");

    /// <summary>Whether a text can name a key: 1 to 256 characters, no white space, no control characters, no plus.</summary>
    public static bool IsName(string? name) =>
        name is { Length: >= 1 and <= MaxNameLength } && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || char.IsSurrogate(c) || c == '+');

    /// <summary>The message of a cosignature: C2SP tlog-cosignature, "Ed25519 signed message".</summary>
    internal static byte[] CosignedText(string text, ulong time) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {time}\n{text}"));

    private static uint ComputeKeyId(string name, VerifyingKey key, NoteSignatureType type)
    {
        Span<byte> hash = stackalloc byte[Digest.Length];
        SHA256.HashData([.. Encoding.UTF8.GetBytes(name), 0x0A, (byte)type, .. key.ToArray()], hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }
}
