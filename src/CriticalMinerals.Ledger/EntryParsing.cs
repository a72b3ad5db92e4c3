using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace CriticalMinerals.Ledger;

// From hostile bytes to an entry, or to the first reason why they are none.
public sealed partial class Entry
{
    // In the order in which our own writer puts them, which makes finding them quick; any order is taken.
    private static readonly byte[][] PayloadMembers = Utf8("v", "aud", "iss", "sub", "seq", "prv", "jti", "iat", "toe", "evt", "d", "_sd_alg");
    private static readonly byte[][] TakenMembers = Utf8("h", "i", "s");
    private static readonly byte[][] ReferenceMembers = Utf8("h", "sub");

    // The last origin that was found to be one: all entries of a log have it, and share its text.
    private static volatile string _origin = "";

    /// <summary>
    /// Reads leaf bytes under the strict profile. The bytes are kept, not copied: the caller does not change them afterwards.
    /// </summary>
    public static Entry? Parse(ReadOnlyMemory<byte> leaf, out Fault? fault)
    {
        var bytes = leaf.Span;
        if (bytes.Length > MaximumLength)
        {
            fault = new Fault(Failure.TooLarge, $"The entry has {bytes.Length} bytes; {MaximumLength} are allowed. Split it, or attach documents by their hash.");
            return null;
        }

        var first = bytes.IndexOf((byte)'.');
        var second = first < 0 ? -1 : first + 1 + bytes[(first + 1)..].IndexOf((byte)'.');
        if (first <= 0 || second <= first + 1 || second == bytes.Length - 1 || bytes[(second + 1)..].Contains((byte)'.'))
        {
            fault = new Fault(Failure.EntryMalformed, "An entry is three base64url parts with two dots between: header, payload, signature.");
            return null;
        }

        var known = EntryHeader.Known(bytes[..first]);
        if ((known is null ? StrictBase64Url.Decode(bytes[..first]) : []) is not { } header ||
            StrictBase64Url.Decode(bytes[(first + 1)..second]) is not { } payload || StrictBase64Url.Decode(bytes[(second + 1)..]) is not { } signature)
        {
            fault = new Fault(Failure.Base64Ambiguous, "A part of the entry is not unpadded base64url with zero trailing bits.");
            return null;
        }

        if (signature.Length != 64)
        {
            fault = new Fault(Failure.EntryMalformed, $"An Ed25519 signature has 64 bytes, this one {signature.Length}.");
            return null;
        }

        fault = null;
        if ((known ?? EntryHeader.Read(bytes[..first], header, out fault)) is not { } by ||
            StrictJson.Parse(payload, out fault) is not { } body || (fault = CheckPayload(body, by, out var said)) is not null)
        {
            return null;
        }

        var digests = new List<Digest>();
        var given = new List<Digest>();
        var taken = new List<Redemption>();
        var references = new List<Reference>();
        string? principal = null;
        fault = ReadDigests(said.Data, said.DigestAlgorithm, digests)
            ?? ReadGiven(said.Data, given) ?? ReadTaken(said.Data, taken) ?? ReadReferences(said.Data, references)
            ?? CheckPrincipal(said.Data, said.Issuer, out principal) ?? CheckKey(by, said.Issuer);
        if (fault is not null)
        {
            return null;
        }

        return new Entry(leaf, second, signature)
        {
            Algorithm = by.Algorithm,
            KeyId = by.KeyId,
            Origin = said.Origin,
            Issuer = said.Issuer,
            Subject = said.Subject,
            Sequence = said.Sequence,
            Previous = said.Previous,
            Id = said.Id,
            IssuedAt = said.IssuedAt,
            OccurredAt = said.OccurredAt,
            Event = said.Event,
            Data = said.Data,
            Digests = digests,
            Given = given,
            Taken = taken,
            References = references,
            Principal = principal,
        };
    }

    private readonly record struct Payload(
        string Origin, string Issuer, string Subject, long Sequence, Digest Previous, string Id, long IssuedAt, long OccurredAt, string Event, JsonElement Data, JsonElement? DigestAlgorithm);

    private static Fault? CheckPayload(JsonElement payload, EntryHeader by, out Payload said)
    {
        said = default;
        if (Members(payload, PayloadMembers, optional: 1) is not [var v, var aud, var iss, var sub, var seq, var prv, var jti, var iat, var toe, var evt, var d, var sdAlg])
        {
            return new Fault(Failure.PayloadForbidden, "The payload has exactly v, aud, iss, sub, seq, prv, jti, iat, toe, evt, d, and _sd_alg when there are digests.");
        }

        // Read once: other threads read entries of other logs.
        var last = _origin;
        var (origin, issuer, subject, sequence, id, issued, occurred, happened) = (IsText(aud, last) ? last : Text(aud), IsText(iss, by.Operator) ? by.Operator : Text(iss), Text(sub), Number(seq), Text(jti), Number(iat), Number(toe), Text(evt));
        var previous = Digest.Zero;
        var wrong =
            Number(v) != 1 ? "v is 1" :
            !ReferenceEquals(origin, last) && !Names.IsOrigin(origin) ? "aud is a log origin: lower-case host[:port]/path without a scheme" :
            !ReferenceEquals(issuer, by.Operator) && !Names.IsOperator(issuer) ? "iss is an operator: did:web:…" :
            !Names.IsSubject(subject) ? $"sub is a chain: an absolute URI of printable ASCII, at most {Names.MaximumSubject} characters" :
            sequence is not >= 0 ? "seq is an integer, zero or more" :
            !Digest.TryParse(Text(prv), out previous) ? "prv is a leaf hash: 43 characters of base64url" :
            sequence == 0 != (previous == Digest.Zero) ? "prv is 32 zero bytes at seq 0 and only there" :
            !Names.IsUuid(id) ? "jti is a UUID, 36 characters in lower case" :
            !IsTime(issued) ? "iat is whole seconds since 1970" :
            !IsTime(occurred) ? "toe is whole seconds since 1970" :
            !Names.IsEvent(happened) ? "evt is an event's wire name, like battery-manufactured.v1" :
            d.ValueKind != JsonValueKind.Object ? "d is an object" : null;
        if (wrong is not null)
        {
            return new Fault(Failure.PayloadForbidden, wrong + ".");
        }

        _origin = origin!;
        said = new Payload(
            origin!, issuer!, subject!, sequence!.Value, previous, id!, issued!.Value, occurred!.Value, happened!, d, sdAlg.ValueKind == JsonValueKind.Undefined ? null : sdAlg);
        return null;
    }

    private static Fault? CheckKey(EntryHeader by, string issuer) =>
        by.Operator == issuer ? null : new Fault(Failure.PayloadForbidden, "kid is a key of iss itself: iss, #, key name.");

    // Compared where it stands: a text of each name would be the larger part of an entry's garbage.
    private static bool IsName(JsonProperty member) =>
        JsonMarshal.GetRawUtf8PropertyName(member) is var raw && raw.Contains((byte)'\\') ? Names.IsMember(member.Name) : Names.IsMember(raw);

    private static Fault? ReadDigests(JsonElement data, JsonElement? algorithm, List<Digest> digests)
    {
        foreach (var member in data.EnumerateObject())
        {
            if (!member.NameEquals("_sd"u8) && (!IsName(member) || HoldsDigests(member.Value)))
            {
                return new Fault(Failure.PayloadForbidden, "Members of d are named in lower camel case; _sd stands only directly in d, and \"...\" nowhere.");
            }
        }

        if (!data.TryGetProperty("_sd"u8, out var array))
        {
            return algorithm is null ? null : new Fault(Failure.PayloadForbidden, "_sd_alg is present only when there are digests.");
        }

        if (algorithm is null || !IsText(algorithm.Value, "sha-256"u8))
        {
            return new Fault(Failure.PayloadForbidden, "_sd_alg is sha-256 when there are digests.");
        }

        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() is 0 or > MaximumDisclosures)
        {
            return new Fault(Failure.PayloadForbidden, $"_sd is an array of 1 to {MaximumDisclosures} digests.");
        }

        string? before = null;
        foreach (var item in array.EnumerateArray())
        {
            var text = item.ValueKind == JsonValueKind.String ? item.GetString() : null;
            if (!Digest.TryParse(text, out var digest) || (before is not null && string.CompareOrdinal(before, text) >= 0))
            {
                return new Fault(Failure.PayloadForbidden, "_sd holds digests in strictly ascending order of their text.");
            }

            digests.Add(digest);
            before = text;
        }

        return null;
    }

    private static Fault? ReadGiven(JsonElement data, List<Digest> given)
    {
        if (!data.TryGetProperty("out"u8, out var array))
        {
            return null;
        }

        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() is 0 or > Commitment.MaximumLines)
        {
            return new Fault(Failure.ReferenceMalformed, $"out is an array of 1 to {Commitment.MaximumLines} commitments.");
        }

        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || !Digest.TryParse(item.GetString(), out var commitment) || given.Contains(commitment))
            {
                return new Fault(Failure.ReferenceMalformed, "out holds commitments, 43 characters of base64url each, none of them twice.");
            }

            given.Add(commitment);
        }

        return null;
    }

    private static Fault? ReadTaken(JsonElement data, List<Redemption> taken)
    {
        if (!data.TryGetProperty("in"u8, out var array))
        {
            return null;
        }

        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0)
        {
            return new Fault(Failure.ReferenceMalformed, "in is an array of at least one {h, i, s}.");
        }

        var seen = new HashSet<(Digest, long)>();
        foreach (var item in array.EnumerateArray())
        {
            if (Members(item, TakenMembers, optional: 0) is not [var h, var i, var s] || !Digest.TryParse(Text(h), out var entry) ||
                Number(i) is not { } line || line is not (>= 0 and < Commitment.MaximumLines) || Text(s) is not { Length: Commitment.OpeningLength } opening ||
                !StrictBase64Url.IsCanonical(opening) || !seen.Add((entry, line)))
            {
                return new Fault(Failure.ReferenceMalformed, "in holds {h, i, s}: a leaf hash, a line 0 to 63, an opening of 22 base64url characters; no line twice.");
            }

            taken.Add(new Redemption(entry, (int)line, opening));
        }

        return null;
    }

    private static Fault? ReadReferences(JsonElement data, List<Reference> references)
    {
        if (!data.TryGetProperty("ref"u8, out var array))
        {
            return null;
        }

        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0)
        {
            return new Fault(Failure.ReferenceMalformed, "ref is an array of at least one {h, sub}.");
        }

        foreach (var item in array.EnumerateArray())
        {
            if (Members(item, ReferenceMembers, optional: 0) is not [var h, var sub] || !Digest.TryParse(Text(h), out var entry) ||
                Text(sub) is not { } subject || !Names.IsSubject(subject) || references.Exists(r => r.Entry == entry))
            {
                return new Fault(Failure.ReferenceMalformed, "ref holds {h, sub}: a leaf hash and its chain; no entry twice.");
            }

            references.Add(new Reference(entry, subject));
        }

        return null;
    }

    private static Fault? CheckPrincipal(JsonElement data, string issuer, out string? principal)
    {
        principal = data.TryGetProperty("for"u8, out var named) ? Text(named) ?? "" : null;
        return principal is null || (Names.IsOperator(principal) && principal != issuer)
            ? null
            : new Fault(Failure.ReferenceMalformed, "for names another operator, the principal: did:web:…");
    }

    /// <summary>The values of the members of these names, in their order; of those that are optional, the last ones, undefined where they are not there. Null when another is there or one is missing.</summary>
    internal static JsonElement[]? Members(JsonElement value, byte[][] names, int optional)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        // Names are unique already, so counting the required ones settles it.
        var (members, required, next) = (new JsonElement[names.Length], 0, 0);
        foreach (var member in value.EnumerateObject())
        {
            if (next >= names.Length || !member.NameEquals(names[next]))
            {
                for (next = 0; next < names.Length && !member.NameEquals(names[next]); next++)
                {
                }
            }

            if (next == names.Length)
            {
                return null;
            }

            required += next < names.Length - optional ? 1 : 0;
            members[next++] = member.Value;
        }

        return required == names.Length - optional ? members : null;
    }

    internal static byte[][] Utf8(params string[] names) => [.. names.Select(Encoding.UTF8.GetBytes)];

    internal static bool IsText(JsonElement value, ReadOnlySpan<byte> text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    internal static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    /// <summary>1970 up to the end of year 9999: what every date type holds.</summary>
    private static bool IsTime(long? seconds) => seconds is >= 0 and <= 253_402_300_799;
}
