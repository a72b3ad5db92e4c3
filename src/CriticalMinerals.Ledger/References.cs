using System.Security.Cryptography;
using System.Text;

namespace CriticalMinerals.Ledger;

/// <summary>A thing taken (<c>in</c>): line <paramref name="Line"/> of the giving entry <paramref name="Entry"/>, with the opening of its commitment.</summary>
/// <param name="Entry">Leaf hash of the entry that gave.</param>
/// <param name="Line">Index into that entry's <c>out</c>, 0 to 63.</param>
/// <param name="Opening">22 base64url characters of 16 random bytes.</param>
public readonly record struct Redemption(Digest Entry, int Line, string Opening);

/// <summary>An entry that is read and never spent (<c>ref</c>): it stands at a lower index and on the chain named.</summary>
public readonly record struct Reference(Digest Entry, string Subject);

/// <summary>A thing given (<c>out</c>): a commitment that only its receiver can open, so that a giver's chain shows strangers no customers.</summary>
public static class Commitment
{
    /// <summary>Most lines that one entry gives.</summary>
    public const int MaximumLines = 64;

    /// <summary>Characters of an opening.</summary>
    public const int OpeningLength = 22;

    /// <summary>A fresh opening: 16 random bytes in base64url, handed by the giver to the receiver.</summary>
    public static string NewOpening() => StrictBase64Url.Encode(RandomNumberGenerator.GetBytes(16));

    /// <summary>SHA-256 over ASCII <c>cm-out/v1\n&lt;receiving chain&gt;\n&lt;receiving operator&gt;\n&lt;opening&gt;\n</c>.</summary>
    public static Digest To(string receivingSubject, string receivingOperator, string opening) =>
        Digest.Sha256(Encoding.ASCII.GetBytes($"cm-out/v1\n{receivingSubject}\n{receivingOperator}\n{opening}\n"));
}
