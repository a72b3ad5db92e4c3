using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NSec.Cryptography;

namespace CriticalMinerals.Ledger;

/// <summary>
/// An Ed25519 public key (RFC 8032) on whose signatures every common verifier agrees: encodings with y ≥ p and the eight points of small
/// order, which libraries treat differently, can't be made into one. Immutable and thread-safe.
/// </summary>
public sealed class VerifyingKey : IEquatable<VerifyingKey>
{
    /// <summary>Length of the raw key in bytes.</summary>
    public const int Length = 32;

    /// <summary>Length of a signature in bytes.</summary>
    public const int SignatureLength = 64;

    private const string PemLabel = "PUBLIC KEY";
    private const int PemLimit = 4096;

    // RFC 8410 section 4: SubjectPublicKeyInfo with id-Ed25519 (1.3.101.112) and no parameters has one encoding.
    private static readonly byte[] SpkiPrefix = Convert.FromHexString("302a300506032b6570032100");

    // p = 2^255 - 19, little-endian.
    private static readonly byte[] FieldPrime = Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

    // The y coordinates below p of the points of order 1, 2, 4 and 8, little-endian; the sign bit of x does not matter.
    private static readonly byte[][] SmallOrderY =
    [
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    ];

    private readonly PublicKey _key;
    private readonly byte[] _raw;

    private VerifyingKey(PublicKey key, byte[] raw)
    {
        _key = key;
        _raw = raw;
        X = StrictBase64Url.Encode(raw);
    }

    /// <summary>The key as 43 characters of base64url: member <c>x</c> of its JWK (RFC 8037 section 2).</summary>
    public string X { get; }

    /// <summary>
    /// Takes the 32 bytes of RFC 8032 section 5.1.5. <see cref="Failure.KeyMalformed"/> for another length; <see cref="Failure.KeyForbidden"/>
    /// for y ≥ p or a point of small order. A y without a point on the curve is taken and verifies nothing.
    /// </summary>
    public static VerifyingKey? Import(ReadOnlySpan<byte> raw, out Fault? fault)
    {
        if (raw.Length != Length)
        {
            fault = new Fault(Failure.KeyMalformed, $"An Ed25519 public key has {Length} bytes, not {raw.Length}.");
            return null;
        }

        Span<byte> y = stackalloc byte[Length];
        raw.CopyTo(y);
        y[^1] &= 0x7F;
        if (!IsBelowFieldPrime(y))
        {
            fault = new Fault(Failure.KeyForbidden, "The public key's y coordinate is not below 2^255 - 19: libraries disagree about such keys.");
            return null;
        }

        foreach (var small in SmallOrderY)
        {
            if (y.SequenceEqual(small))
            {
                fault = new Fault(Failure.KeyForbidden, "The public key is a point of small order: signatures under it prove nothing.");
                return null;
            }
        }

        if (!PublicKey.TryImport(SignatureAlgorithm.Ed25519, raw, KeyBlobFormat.RawPublicKey, out var key) || key is null)
        {
            fault = new Fault(Failure.KeyMalformed, "The bytes are no Ed25519 public key.");
            return null;
        }

        fault = null;
        return new VerifyingKey(key, raw.ToArray());
    }

    /// <summary>Reads the <c>x</c> of a JWK: 43 characters of unpadded base64url with zero trailing bits.</summary>
    public static VerifyingKey? FromX(string x, out Fault? fault)
    {
        Span<byte> raw = stackalloc byte[Length];
        if (x is { Length: 43 } && StrictBase64Url.TryDecode(x, raw, out var written) && written == Length)
        {
            return Import(raw, out fault);
        }

        fault = new Fault(Failure.KeyMalformed, "The member x of a key is 43 characters of unpadded base64url.");
        return null;
    }

    /// <summary>Reads an RFC 8037 OKP key with exactly the members <c>kty</c>, <c>crv</c> and <c>x</c>, in any order.</summary>
    public static VerifyingKey? FromJwk(JsonElement jwk, out Fault? fault)
    {
        fault = new Fault(Failure.KeyMalformed, "A key is a JSON object with exactly kty (OKP), crv (Ed25519) and x.");
        if (jwk.ValueKind != JsonValueKind.Object || jwk.GetPropertyCount() != 3)
        {
            return null;
        }

        string? kty = null, crv = null, x = null;
        try
        {
            foreach (var member in jwk.EnumerateObject())
            {
                var value = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : null;
                switch (member.Name)
                {
                    case "kty": kty = value; break;
                    case "crv": crv = value; break;
                    case "x": x = value; break;
                    default: return null;
                }
            }
        }
        catch (InvalidOperationException)
        {
            // The framework's answer to an escaped unpaired surrogate.
            return null;
        }

        // Three members and all three names seen: none was there twice.
        return kty == "OKP" && crv == "Ed25519" && x is not null ? FromX(x, out fault) : null;
    }

    /// <summary>Reads a SubjectPublicKeyInfo in PEM (RFC 8410 section 4): one block, nothing but white space around it.</summary>
    public static VerifyingKey? FromPem(string pem, out Fault? fault)
    {
        if (ReadPem(pem, PemLabel, SpkiPrefix, PemLimit) is { } raw)
        {
            return Import(raw, out fault);
        }

        fault = new Fault(Failure.KeyMalformed, "Not the PEM form of an Ed25519 public key: one block PUBLIC KEY as in RFC 8410 was expected.");
        return null;
    }

    /// <summary>The JWK with its members in the order kty, crv, x and no white space.</summary>
    public string ToJwk() => $$"""{"kty":"OKP","crv":"Ed25519","x":"{{X}}"}""";

    /// <summary>
    /// The JWK thumbprint (RFC 7638, for OKP keys RFC 8037 appendix A.3): what two people read to each other to know that they mean the same key.
    /// </summary>
    public Digest Thumbprint() => Digest.Sha256(Encoding.ASCII.GetBytes($$"""{"crv":"Ed25519","kty":"OKP","x":"{{X}}"}"""));

    /// <summary>The SubjectPublicKeyInfo in PEM, lines ended by a line feed.</summary>
    public string ToPem() => PemEncoding.WriteString(PemLabel, [.. SpkiPrefix, .. _raw]) + "\n";

    /// <summary>The 32 bytes, newly allocated.</summary>
    public byte[] ToArray() => [.. _raw];

    /// <summary>Whether the signature is this key's over the message: RFC 8032 section 5.1.7, without the cofactor. False for any wrong length.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureLength && SignatureAlgorithm.Ed25519.Verify(_key, message, signature);

    public bool Equals(VerifyingKey? other) => other is not null && _raw.AsSpan().SequenceEqual(other._raw);

    public override bool Equals(object? obj) => Equals(obj as VerifyingKey);

    public override int GetHashCode() => BitConverter.ToInt32(_raw);

    /// <summary>The same as <see cref="X"/>.</summary>
    public override string ToString() => X;

    /// <summary>The 32 key bytes behind a fixed DER prefix in the only PEM block of the text, or null.</summary>
    internal static byte[]? ReadPem(string? pem, string label, ReadOnlySpan<byte> prefix, int limit)
    {
        if (pem is null || pem.Length > limit || !PemEncoding.TryFind(pem, out var fields))
        {
            return null;
        }

        var (start, length) = fields.Location.GetOffsetAndLength(pem.Length);
        if (!pem.AsSpan(fields.Label).SequenceEqual(label)
            || !pem.AsSpan(0, start).IsWhiteSpace()
            || !pem.AsSpan(start + length).IsWhiteSpace()
            || fields.DecodedDataLength != prefix.Length + Length)
        {
            return null;
        }

        var der = new byte[fields.DecodedDataLength];
        return Convert.TryFromBase64Chars(pem.AsSpan(fields.Base64Data), der, out var written)
            && written == der.Length
            && der.AsSpan().StartsWith(prefix)
            ? der[prefix.Length..]
            : null;
    }

    private static bool IsBelowFieldPrime(ReadOnlySpan<byte> y)
    {
        for (var i = Length - 1; i >= 0; i--)
        {
            if (y[i] != FieldPrime[i])
            {
                return y[i] < FieldPrime[i];
            }
        }

        return false;
    }
}
