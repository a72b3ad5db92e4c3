using System.Text;

namespace CriticalMinerals.Ledger;

/// <summary>
/// Proof of possession: a new key signs the name it is enrolled under, so nobody enrols a key of somebody else. The signed text is ASCII,
/// each line ended by U+000A: <c>cm-key/v1</c>, origin, operator (a DID), kid in full (<c>did#name</c>), use, x.
/// </summary>
public static class KeyProof
{
    private const string Context = "cm-key/v1";

    /// <summary>The proof, 86 characters of base64url.</summary>
    /// <exception cref="ArgumentException">A part is not printable ASCII without spaces: no two sets of parts may give one text.</exception>
    public static string Make(SigningKey key, string origin, string operatorId, string kid, string use) =>
        TrySignedText(key.VerifyingKey, origin, operatorId, kid, use, out var text)
            ? StrictBase64Url.Encode(key.Sign(text))
            : throw new ArgumentException("Origin, operator, kid and use are printable ASCII without spaces.", nameof(origin));

    /// <summary>Whether the key itself signed these names; false for anything malformed.</summary>
    public static bool Verify(VerifyingKey key, string origin, string operatorId, string kid, string use, string proof)
    {
        Span<byte> signature = stackalloc byte[VerifyingKey.SignatureLength];
        return proof is { Length: 86 }
            && StrictBase64Url.TryDecode(proof, signature, out var written)
            && TrySignedText(key, origin, operatorId, kid, use, out var text)
            && key.Verify(text, signature[..written]);
    }

    private static bool TrySignedText(VerifyingKey key, string origin, string operatorId, string kid, string use, out byte[] text)
    {
        foreach (var part in (ReadOnlySpan<string>)[origin, operatorId, kid, use])
        {
            if (string.IsNullOrEmpty(part) || part.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                text = [];
                return false;
            }
        }

        text = Encoding.ASCII.GetBytes($"{Context}\n{origin}\n{operatorId}\n{kid}\n{use}\n{key.X}\n");
        return true;
    }
}
