using System.Security.Cryptography;
using NSec.Cryptography;

namespace CriticalMinerals.Ledger;

/// <summary>
/// An Ed25519 private key (RFC 8032), held in guarded memory until disposed. Signing is deterministic: the same message gives the same
/// 64 bytes. Thread-safe.
/// </summary>
public sealed class SigningKey : IDisposable
{
    /// <summary>Length in bytes of the RFC 8032 private key (the seed).</summary>
    public const int SeedLength = 32;

    private const string PemLabel = "PRIVATE KEY";
    private const int PemLimit = 4096;

    // RFC 8410 section 7: PKCS#8 version 0, id-Ed25519, the seed as an OCTET STRING in an OCTET STRING; no attributes, no public key.
    private static readonly byte[] Pkcs8Prefix = Convert.FromHexString("302e020100300506032b657004220420");

    private readonly Key _key;

    private SigningKey(Key key)
    {
        _key = key;
        VerifyingKey = VerifyingKey.Import(key.PublicKey.Export(KeyBlobFormat.RawPublicKey), out var fault)
            ?? throw new ArgumentException(fault?.Detail, nameof(key));
    }

    /// <summary>The public half.</summary>
    public VerifyingKey VerifyingKey { get; }

    /// <summary>Makes a new key from the system's random source.</summary>
    public static SigningKey Generate() => new(Key.Create(SignatureAlgorithm.Ed25519, Exportable));

    /// <summary>Takes the 32-byte private key of RFC 8032 section 5.1.5.</summary>
    /// <exception cref="ArgumentException"><paramref name="seed"/> is not 32 bytes long.</exception>
    public static SigningKey FromSeed(ReadOnlySpan<byte> seed) => seed.Length == SeedLength
        ? new SigningKey(Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey, Exportable))
        : throw new ArgumentException($"An Ed25519 private key has {SeedLength} bytes, not {seed.Length}.", nameof(seed));

    /// <summary>
    /// Reads PKCS#8 in PEM (RFC 8410 section 7): one unencrypted block, nothing but white space around it. <see cref="Failure.KeyMalformed"/>
    /// otherwise; the fault's text never holds a part of the input.
    /// </summary>
    public static SigningKey? FromPem(string pem, out Fault? fault)
    {
        if (VerifyingKey.ReadPem(pem, PemLabel, Pkcs8Prefix, PemLimit) is not { } seed)
        {
            fault = new Fault(Failure.KeyMalformed, "Not the PEM form of an Ed25519 private key: one block PRIVATE KEY as in RFC 8410 was expected.");
            return null;
        }

        try
        {
            fault = null;
            return FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>PKCS#8 in PEM, unencrypted, lines ended by a line feed: keep the file at mode 0600.</summary>
    public string ToPem()
    {
        var seed = _key.Export(KeyBlobFormat.RawPrivateKey);
        byte[] der = [.. Pkcs8Prefix, .. seed];
        try
        {
            return PemEncoding.WriteString(PemLabel, der) + "\n";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>The 64-byte signature of RFC 8032 section 5.1.6 (no context, no pre-hash).</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(_key, message);

    public void Dispose() => _key.Dispose();

    // The owner writes its key to a PEM file; nothing else of ours exports it.
    private static KeyCreationParameters Exportable => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
}
