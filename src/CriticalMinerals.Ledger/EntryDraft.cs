using System.Text;
using System.Text.Json.Nodes;

namespace CriticalMinerals.Ledger;

/// <summary>
/// A statement before it is signed. Salts, openings and <c>jti</c> are fixed when the draft is made, so that signing it again gives the same bytes:
/// a producer keeps the signed text and may send it as often as the network makes it.
/// </summary>
public sealed class EntryDraft
{
    /// <summary>Origin of the log it is for.</summary>
    public required string Origin { get; init; }

    /// <summary>The signing key in full, <c>did#name</c>; its operator is the issuer.</summary>
    public required string KeyId { get; init; }

    /// <summary>The chain.</summary>
    public required string Subject { get; init; }

    /// <summary>Position in the chain, 0 for its first entry.</summary>
    public required long Sequence { get; init; }

    /// <summary>Leaf hash of the chain's head; zero at sequence 0.</summary>
    public required Digest Previous { get; init; }

    /// <summary>Wire name of the event.</summary>
    public required string Event { get; init; }

    /// <summary>Client-chosen UUID.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString();

    /// <summary>When it is signed.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>When the thing happened.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Members of <c>d</c> in clear, without <c>_sd</c>.</summary>
    public JsonObject Clear { get; init; } = [];

    /// <summary>Properties of <c>d</c> that are signed as digests.</summary>
    public IReadOnlyList<Disclosure> Disclosures { get; init; } = [];

    /// <summary>Signs the draft.</summary>
    /// <exception cref="ArgumentException">The draft breaks a rule of the entry format; the message says which.</exception>
    public SignedEntry Sign(SigningKey key) => Sign(input => key.Sign(input));

    /// <summary>Signs the draft with a signer of the owner's own, such as a hardware module: it gets the signing input and returns 64 bytes.</summary>
    /// <exception cref="ArgumentException">The draft breaks a rule of the entry format; the message says which.</exception>
    public SignedEntry Sign(Func<byte[], byte[]> signer)
    {
        var data = (JsonObject)Clear.DeepClone();
        if (Disclosures.Count > 0)
        {
            data["_sd"] = new JsonArray([.. Disclosures.Select(d => d.Digest.ToString()).Order(StringComparer.Ordinal).Select(t => (JsonNode)t)]);
        }

        var header = new JsonObject { ["alg"] = "Ed25519", ["kid"] = KeyId, ["typ"] = Entry.Type };
        var payload = new JsonObject
        {
            ["v"] = 1,
            ["aud"] = Origin,
            ["iss"] = KeyId.Split('#')[0],
            ["sub"] = Subject,
            ["seq"] = Sequence,
            ["prv"] = Previous.ToString(),
            ["jti"] = Id,
            ["iat"] = IssuedAt.ToUnixTimeSeconds(),
            ["toe"] = OccurredAt.ToUnixTimeSeconds(),
            ["evt"] = Event,
            ["d"] = data,
        };
        if (Disclosures.Count > 0)
        {
            payload["_sd_alg"] = "sha-256";
        }

        var leaf = CompactJws.Sign(header.ToJsonString(CompactJws.Plain), payload.ToJsonString(CompactJws.Plain), signer);
        var entry = Entry.Parse(Encoding.ASCII.GetBytes(leaf), out var fault);
        return (entry is null ? null : SignedEntry.Join(entry, [.. Disclosures.Select(d => d.Text)], complete: true, out fault))
            ?? throw new ArgumentException(fault!.ToString());
    }
}
