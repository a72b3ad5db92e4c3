using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Values;

/// <summary>
/// A document that an entry names: its bytes stand outside, under their hash. One that is not public is named inside a disclosure, by a hash over 16 random
/// bytes and the document, so that nobody can guess at it from outside and forgetting the disclosure forgets the name.
/// </summary>
public sealed record Document
{
    [Description("What it is, in a few words.")]
    [Text(MaximumLength = 200)]
    [Example("EU declaration of conformity, Aurora 75")]
    public required string Title { get; init; }

    [Description("Media type (RFC 6838) without parameters.")]
    [Text(MaximumLength = 100, Pattern = "^[a-z]+/[a-z0-9.+-]+$")]
    [Example("application/pdf")]
    public required string MediaType { get; init; }

    [Description("Length of the document.")]
    [Measure("byte", Minimum = "1", Maximum = "33554432")]
    public required long Size { get; init; }

    [Description("SHA-256 of the document, or where nonce is given of its 16 bytes and the document; base64url.")]
    [Text(Pattern = "^[A-Za-z0-9_-]{43}$")]
    [Example("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg")]
    public required string Sha256 { get; init; }

    [Description("16 random bytes in base64url, hashed before a document that is not public.")]
    [Text(Pattern = "^[A-Za-z0-9_-]{22}$")]
    [Example("AAECAwQFBgcICQoLDA0ODw")]
    public string? Nonce { get; init; }

    [Description("Where its owner publishes it.")]
    [Text(MaximumLength = 500, Pattern = "^https://[!-~]+$")]
    [Example("https://maker.example/aurora-75/doc.pdf")]
    public string? Address { get; init; }
}
