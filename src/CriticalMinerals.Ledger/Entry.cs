using System.Text;
using System.Text.Json;

namespace CriticalMinerals.Ledger;

/// <summary>
/// One signed statement: the issuer-signed JWT of an SD-JWT (RFC 9901) in JWS compact form (RFC 7515), exactly as received. Parsing checks all that can be
/// checked from the bytes alone; the signature needs a key (<see cref="IsSignedBy"/>), order and rights need the log.
/// </summary>
public sealed partial class Entry
{
    /// <summary>Longest leaf, in bytes (16 KiB).</summary>
    public const int MaximumLength = 16 * 1024;

    /// <summary>Most digests in <c>_sd</c>, so most disclosures of an entry.</summary>
    public const int MaximumDisclosures = 64;

    /// <summary>The only <c>typ</c> of an entry.</summary>
    public const string Type = "cm-entry+sd-jwt";

    private readonly int _signingInputLength;
    private readonly byte[] _signature;

    private Entry(ReadOnlyMemory<byte> leaf, int signingInputLength, byte[] signature)
    {
        Leaf = leaf;
        LeafHash = Digest.OfLeaf(leaf.Span);
        _signingInputLength = signingInputLength;
        _signature = signature;
    }

    /// <summary>The bytes that are stored, served, hashed: ASCII, two dots, no tilde.</summary>
    public ReadOnlyMemory<byte> Leaf { get; }

    /// <summary>SHA-256(0x00 || leaf): the leaf's hash in the tree and the link that the next entry of the chain names.</summary>
    public Digest LeafHash { get; }

    /// <summary><c>Ed25519</c> (RFC 9864) or <c>EdDSA</c> (RFC 8037): both name the same signature; the registered key decides, never the header.</summary>
    public string Algorithm { get; private init; } = "";

    /// <summary>The signing key in full, <c>did#name</c>.</summary>
    public string KeyId { get; private init; } = "";

    /// <summary><c>aud</c>: the origin of the one log that this entry is for.</summary>
    public string Origin { get; private init; } = "";

    /// <summary><c>iss</c>: the operator that makes the statement.</summary>
    public string Issuer { get; private init; } = "";

    /// <summary><c>sub</c>: the chain.</summary>
    public string Subject { get; private init; } = "";

    /// <summary><c>seq</c>: 0, 1, 2, … within the chain.</summary>
    public long Sequence { get; private init; }

    /// <summary><c>prv</c>: leaf hash of the entry before it in the chain; zero at sequence 0.</summary>
    public Digest Previous { get; private init; }

    /// <summary><c>jti</c>: UUID chosen by the producer; with the key id it makes a retry safe.</summary>
    public string Id { get; private init; } = "";

    /// <summary><c>iat</c>: when it was signed, seconds since 1970, as claimed.</summary>
    public long IssuedAt { get; private init; }

    /// <summary><c>toe</c> (RFC 8417): when the thing happened, seconds since 1970, as claimed.</summary>
    public long OccurredAt { get; private init; }

    /// <summary><c>evt</c>: wire name of the event.</summary>
    public string Event { get; private init; } = "";

    /// <summary><c>d</c>: the event's data as signed, digests included.</summary>
    public JsonElement Data { get; private init; }

    /// <summary><c>d._sd</c>: digests of the disclosures, strictly ascending by the ASCII of their text.</summary>
    public IReadOnlyList<Digest> Digests { get; private init; } = [];

    /// <summary><c>d.out</c>: commitments of the things given; empty when nothing is.</summary>
    public IReadOnlyList<Digest> Given { get; private init; } = [];

    /// <summary><c>d.in</c>: the lines taken; empty when nothing is.</summary>
    public IReadOnlyList<Redemption> Taken { get; private init; } = [];

    /// <summary><c>d.ref</c>: entries read and not spent.</summary>
    public IReadOnlyList<Reference> References { get; private init; } = [];

    /// <summary><c>d.for</c>: the principal for whom a delegate signs; null when the issuer speaks for itself.</summary>
    public string? Principal { get; private init; }

    /// <summary>The operator on whose right the entry stands: the principal if there is one, else the issuer.</summary>
    public string Actor => Principal ?? Issuer;

    /// <summary>What the signature is over (RFC 7515 section 5.1): header and payload with the dot between.</summary>
    public ReadOnlySpan<byte> SigningInput => Leaf.Span[.._signingInputLength];

    /// <summary>Whether this key signed it. False for anything else; never throws.</summary>
    public bool IsSignedBy(VerifyingKey key) => key.Verify(SigningInput, _signature);

    /// <summary>The leaf as text.</summary>
    public override string ToString() => Encoding.ASCII.GetString(Leaf.Span);

    /// <summary>Members of <c>d</c> with one name and one meaning in every event; none of them may be disclosed or defined by an event.</summary>
    internal static bool IsSharedMember(string name) => name is "out" or "in" or "ref" or "for" or "_sd";

    /// <summary>Whether <c>_sd</c>, <c>_sd_alg</c> or <c>...</c> stands anywhere inside: digests have one place only.</summary>
    internal static bool HoldsDigests(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    if (member.NameEquals("_sd"u8) || member.NameEquals("_sd_alg"u8) || member.NameEquals("..."u8) || HoldsDigests(member.Value))
                    {
                        return true;
                    }
                }

                return false;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (HoldsDigests(item))
                    {
                        return true;
                    }
                }

                return false;
            default:
                return false;
        }
    }
}
