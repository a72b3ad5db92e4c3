using System.Text.Json;

namespace CriticalMinerals.Ledger;

/// <summary>
/// The protected header of an entry, read and checked. Every entry of a key has the same, so the last ones are remembered by their bytes: whoever reads a whole
/// log does not read each a thousand times. What is remembered is a few hundred short headers, whatever comes.
/// </summary>
internal sealed class EntryHeader
{
    private const int MostRemembered = 256;
    private const int LongestRemembered = 512;

    private static readonly byte[][] Members = Entry.Utf8("alg", "kid", "typ");
    private static readonly EntryHeader?[] Remembered = new EntryHeader?[MostRemembered];

    private readonly byte[] _encoded;

    private EntryHeader(byte[] encoded, string algorithm, string keyId)
    {
        _encoded = encoded;
        (Algorithm, KeyId, Operator) = (algorithm, keyId, Names.OperatorOf(keyId));
    }

    /// <summary><c>Ed25519</c> or <c>EdDSA</c>.</summary>
    internal string Algorithm { get; }

    /// <summary>The signing key in full.</summary>
    internal string KeyId { get; }

    /// <summary>Its operator.</summary>
    internal string Operator { get; }

    /// <summary>The header of these very characters, if one was read lately.</summary>
    internal static EntryHeader? Known(ReadOnlySpan<byte> encoded) =>
        Volatile.Read(ref Remembered[PlaceOf(encoded)]) is { } header && encoded.SequenceEqual(header._encoded) ? header : null;

    /// <summary>Reads a header.</summary>
    /// <param name="encoded">Its base64url text.</param>
    /// <param name="utf8">What that decodes to.</param>
    /// <param name="fault">Why it is none.</param>
    internal static EntryHeader? Read(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> utf8, out Fault? fault)
    {
        if (StrictJson.Parse(utf8, out fault) is not { } json || (fault = Check(json, out var algorithm, out var keyId)) is not null)
        {
            return null;
        }

        var header = new EntryHeader(encoded.Length <= LongestRemembered ? encoded.ToArray() : [], algorithm, keyId);
        if (header._encoded.Length > 0)
        {
            Volatile.Write(ref Remembered[PlaceOf(encoded)], header);
        }

        return header;
    }

    private static int PlaceOf(ReadOnlySpan<byte> encoded)
    {
        var hash = default(HashCode);
        hash.AddBytes(encoded);
        return hash.ToHashCode() & (MostRemembered - 1);
    }

    private static Fault? Check(JsonElement header, out string algorithm, out string keyId)
    {
        (algorithm, keyId) = ("", "");
        if (Entry.Members(header, Members, optional: 0) is not [var alg, var kid, var typ])
        {
            return new Fault(Failure.HeaderForbidden, "The protected header has exactly alg, kid and typ.");
        }

        algorithm = Entry.IsText(alg, "Ed25519"u8) ? "Ed25519" : "EdDSA";
        if (algorithm == "EdDSA" && !Entry.IsText(alg, "EdDSA"u8))
        {
            return new Fault(Failure.HeaderForbidden, "alg is Ed25519 (RFC 9864); EdDSA is accepted for it.");
        }

        if (!Entry.IsText(typ, "cm-entry+sd-jwt"u8))
        {
            return new Fault(Failure.HeaderForbidden, $"typ of an entry is {Entry.Type}.");
        }

        keyId = Entry.Text(kid) ?? "";
        return Names.IsKeyId(keyId) ? null : new Fault(Failure.HeaderForbidden, "kid is written in full: did:web:…#name.");
    }
}
