using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Attachments;

/// <summary>A document as an entry names it.</summary>
/// <param name="Name">The hash under which it is named.</param>
/// <param name="Access">Class of the property that names it.</param>
/// <param name="MediaType">Media type, without parameters.</param>
/// <param name="Size">Length in bytes, 1 to <see cref="MaximumSize"/>.</param>
/// <param name="Nonce">16 bytes that are hashed before the document; empty when none are.</param>
public sealed record NamedDocument(Digest Name, AccessClass Access, string MediaType, long Size, ReadOnlyMemory<byte> Nonce)
{
    /// <summary>Longest document (32 MiB).</summary>
    public const long MaximumSize = 32 * 1024 * 1024;

    /// <summary>The documents that an admitted entry names, in clear or in the disclosures at hand; each hash once, in clear where it is both.</summary>
    public static IReadOnlyList<NamedDocument> Of(SignedEntry signed)
    {
        if (EventType.Stated(signed.Entry) is not { } type)
        {
            return [];
        }

        var named = new List<NamedDocument>();
        foreach (var claim in type.Claims.Where(c => c.Property.PropertyType == typeof(Document) || c.Property.PropertyType == typeof(IReadOnlyList<Document>)))
        {
            foreach (var document in signed.Property(claim.Name) switch
            {
                { ValueKind: JsonValueKind.Object } one => [one],
                { ValueKind: JsonValueKind.Array } many => many.EnumerateArray(),
                _ => Enumerable.Empty<JsonElement>(),
            })
            {
                if (Read(document, claim.Claim.Access) is { } read)
                {
                    named.Add(read);
                }
            }
        }

        return [.. named.GroupBy(n => n.Name).Select(same => same.OrderBy(n => n.Access == AccessClass.P ? 0 : 1).First())];
    }

    // The entry was admitted, so the members are there; a text of 43 characters whose last bits are no hash's names nothing.
    private static NamedDocument? Read(JsonElement document, AccessClass access)
    {
        ReadOnlyMemory<byte> nonce = default;
        if (document.TryGetProperty("nonce", out var text))
        {
            if (StrictBase64Url.Decode(text.GetString()) is not { } bytes)
            {
                return null;
            }

            nonce = bytes;
        }

        return Digest.TryParse(document.GetProperty("sha256").GetString(), out var name)
            ? new NamedDocument(name, access, document.GetProperty("mediaType").GetString()!, document.GetProperty("size").GetInt64(), nonce)
            : null;
    }
}
