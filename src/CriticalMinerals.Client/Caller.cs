using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>
/// Who asks: an enrolled operator that proves itself to a ledger with a token for each request. What it may read beyond the public is the ledger's to say;
/// the ledger records each such read with the operator and the purpose. Thread-safe when the signer is.
/// </summary>
public sealed class Caller
{
    /// <summary>How long a token lives.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private readonly Func<byte[], byte[]> _signer;

    /// <summary>A caller that signs with a key of its own, which stays its owner's to dispose of.</summary>
    /// <exception cref="ArgumentException">Origin, key id or purpose are malformed.</exception>
    public Caller(string origin, string keyId, SigningKey key, string? purpose = null)
        : this(origin, keyId, input => key.Sign(input), purpose)
    {
    }

    /// <summary>A caller whose key is elsewhere.</summary>
    /// <param name="origin">The log's origin.</param>
    /// <param name="keyId">The key in full, <c>did#name</c>.</param>
    /// <param name="signer">Gives the 64-byte Ed25519 signature of the bytes.</param>
    /// <param name="purpose">What it asks for, a word that <see cref="CallerToken.IsPurpose"/> knows; null when it does not say.</param>
    /// <exception cref="ArgumentException">Origin, key id or purpose are malformed.</exception>
    public Caller(string origin, string keyId, Func<byte[], byte[]> signer, string? purpose = null)
    {
        if (!Names.IsOrigin(origin) || !Names.IsKeyId(keyId) || (purpose is not null && !CallerToken.IsPurpose(purpose)))
        {
            throw new ArgumentException("An origin, a key id in full and, if any, a purpose of lower-case letters, digits and hyphens were expected.", nameof(origin));
        }

        _signer = signer;
        Origin = origin;
        KeyId = keyId;
        Purpose = purpose;
    }

    /// <summary>The log.</summary>
    public string Origin { get; }

    /// <summary>The signing key in full.</summary>
    public string KeyId { get; }

    /// <summary>The operator that asks.</summary>
    public string Operator => Names.OperatorOf(KeyId);

    /// <summary>What it asks for; null when it does not say.</summary>
    public string? Purpose { get; }

    /// <summary>Tells the time of signing.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Signs a new token for one request; every call gives another.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="address">Its absolute http or https address; the query may stand in it and is not signed.</param>
    /// <exception cref="ArgumentException">The address is no such address or too long for a token, or the signer gave no signature.</exception>
    public CallerToken TokenFor(HttpMethod method, Uri address)
    {
        var now = Clock.GetUtcNow();
        return CallerToken.Sign(_signer, KeyId, Origin, method.Method, address, Guid.NewGuid().ToString(), Purpose, now, now + Lifetime);
    }
}
