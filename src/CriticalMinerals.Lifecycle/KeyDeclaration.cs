using System.ComponentModel;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>An Ed25519 public key as a JSON Web Key (RFC 8037 section 2) with exactly these three members.</summary>
public sealed record JsonWebKey
{
    [Description("Key type: OKP.")]
    [Text(Pattern = "^OKP$")]
    [Example("OKP")]
    public required string Kty { get; init; }

    [Description("Curve: Ed25519.")]
    [Text(Pattern = "^Ed25519$")]
    [Example("Ed25519")]
    public required string Crv { get; init; }

    [Description("The public key, 32 bytes in base64url.")]
    [Text(Pattern = "^[A-Za-z0-9_-]{43}$")]
    [Example("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    public required string X { get; init; }
}

/// <summary>A key that enters the ledger, with the signature that shows its owner has the private half.</summary>
public sealed record KeyDeclaration
{
    [Description("The key in full: operator, #, key name.")]
    [Text(MaximumLength = 265, Pattern = "^did:web:[!-~]+#[A-Za-z0-9_-]{1,64}$")]
    [Example("did:web:mine.example#2026")]
    public required string Kid { get; init; }

    [Description("The public key.")]
    public required JsonWebKey Jwk { get; init; }

    [Description("Signature by the new key over cm-key/v1, origin, operator, kid, use and x, each on a line of its own; base64url.")]
    [Text(Pattern = "^[A-Za-z0-9_-]{86}$")]
    [Example("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")]
    public required string Proof { get; init; }

    /// <summary>Declares a key with its proof.</summary>
    public static KeyDeclaration Of(SigningKey key, string origin, string keyId, KeyUse use) => new()
    {
        Kid = keyId,
        Jwk = new JsonWebKey { Kty = "OKP", Crv = "Ed25519", X = key.VerifyingKey.X },
        Proof = KeyProof.Make(key, origin, Names.OperatorOf(keyId), keyId, KebabCase.Of(use.ToString())),
    };

    /// <summary>Registers the key at the entry's index.</summary>
    internal RegisteredKey Register(KeyUse use, Situation now) =>
        new() { KeyId = Kid, Use = use, X = Jwk.X, AddedAt = now.Index, AddedBy = now.Entry.KeyId };

    /// <summary>Refuses a key of another owner, a weak one, one already used, one without proof.</summary>
    internal Refusal? Check(string owner, KeyUse use, Situation now)
    {
        if (!Names.IsKeyId(Kid) || Names.OperatorOf(Kid) != owner)
        {
            return new Refusal(RefusalCode.DataInvalid, $"kid is written in full and belongs to {owner}.");
        }

        if (VerifyingKey.FromX(Jwk.X, out var fault) is not { } key)
        {
            return new Refusal(RefusalCode.DataInvalid, fault!.Detail);
        }

        if (now.OwnerOf(ClaimName.PublicKey(Jwk.X)) is not null)
        {
            return new Refusal(RefusalCode.KeyReused, "This public key is registered already. Make a new key: a key is never used twice.");
        }

        return KeyProof.Verify(key, now.Entry.Origin, owner, Kid, KebabCase.Of(use.ToString()), Proof)
            ? null
            : new Refusal(RefusalCode.KeyProofInvalid, "proof is not a signature by the new key over cm-key/v1, origin, operator, kid, use and x.");
    }
}
