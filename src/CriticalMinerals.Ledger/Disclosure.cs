using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CriticalMinerals.Ledger;

/// <summary>
/// One property of an entry's data that is signed as a digest only (RFC 9901 section 4.2.1): base64url of the JSON array <c>[salt, name, value]</c>.
/// One disclosure is one whole property of <c>d</c>.
/// </summary>
public sealed class Disclosure
{
    /// <summary>Longest text, in characters (8 KiB).</summary>
    public const int MaximumLength = 8 * 1024;

    /// <summary>Fewest random bytes of a salt (RFC 9901 section 9.3).</summary>
    public const int SaltBytes = 16;

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private Disclosure(string text, string salt, string name, JsonElement value)
    {
        Text = text;
        Salt = salt;
        Name = name;
        Value = value;
        Digest = Digest.Sha256(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>The base64url text, exactly as issued: the digest is over these characters.</summary>
    public string Text { get; }

    /// <summary>At least 128 random bits, base64url.</summary>
    public string Salt { get; }

    /// <summary>The property of <c>d</c> that it fills.</summary>
    public string Name { get; }

    /// <summary>The property's value.</summary>
    public JsonElement Value { get; }

    /// <summary>SHA-256 of the ASCII of <see cref="Text"/>; the entry's <c>_sd</c> holds it in base64url (RFC 9901 section 4.2.3).</summary>
    public Digest Digest { get; }

    /// <summary>Makes a disclosure with a fresh random salt.</summary>
    public static Disclosure Create(string name, JsonNode? value) => Create(StrictBase64Url.Encode(RandomNumberGenerator.GetBytes(SaltBytes)), name, value);

    /// <summary>Makes a disclosure with a given salt, for a retry that must give the same bytes.</summary>
    /// <exception cref="ArgumentException">Salt, name or value are outside what <see cref="Parse"/> accepts.</exception>
    public static Disclosure Create(string salt, string name, JsonNode? value)
    {
        var json = new JsonArray(salt, name, value?.DeepClone()).ToJsonString(Compact);
        return Parse(StrictBase64Url.Encode(Encoding.UTF8.GetBytes(json)), out var fault)
            ?? throw new ArgumentException(fault!.ToString(), nameof(value));
    }

    /// <summary>Reads a disclosure that a stranger sent.</summary>
    public static Disclosure? Parse(string text, out Fault? fault)
    {
        if (text.Length > MaximumLength)
        {
            fault = new Fault(Failure.TooLarge, $"A disclosure has {text.Length} characters; {MaximumLength} are allowed. Split the property, or attach a document by its hash.");
            return null;
        }

        if (text.Length == 0 || StrictBase64Url.Decode(text) is not { } json)
        {
            fault = new Fault(Failure.Base64Ambiguous, "A disclosure is not unpadded base64url with zero trailing bits.");
            return null;
        }

        if (StrictJson.Parse(json, out fault) is not { } array)
        {
            return null;
        }

        fault = Check(array);
        return fault is null ? new Disclosure(text, array[0].GetString()!, array[1].GetString()!, array[2]) : null;
    }

    private static Fault? Check(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() != 3 ||
            array[0].ValueKind != JsonValueKind.String || array[1].ValueKind != JsonValueKind.String)
        {
            return new Fault(Failure.DisclosureMalformed, "A disclosure is the JSON array [salt, name, value].");
        }

        if (array[0].GetString()!.Length > 128 || StrictBase64Url.Decode(array[0].GetString()) is not { Length: >= SaltBytes })
        {
            return new Fault(Failure.DisclosureMalformed, $"A salt is base64url of at least {SaltBytes} random bytes.");
        }

        if (!Names.IsMember(array[1].GetString()) || Entry.IsSharedMember(array[1].GetString()!))
        {
            return new Fault(Failure.DisclosureMalformed, $"{StrictJson.Printable(array[1].GetString()!)} cannot be the name of a disclosed property.");
        }

        return Entry.HoldsDigests(array[2])
            ? new Fault(Failure.DisclosureMalformed, "Digests inside a disclosure are not allowed: _sd stands only directly in d.")
            : null;
    }
}
