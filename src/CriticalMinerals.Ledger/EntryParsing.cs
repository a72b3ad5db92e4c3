using System.Text.Json;

namespace CriticalMinerals.Ledger;

// From hostile bytes to an entry, or to the first reason why they are none.
public sealed partial class Entry
{
    private static readonly string[] HeaderMembers = ["alg", "kid", "typ"];
    private static readonly string[] PayloadMembers = ["v", "aud", "iss", "sub", "seq", "prv", "jti", "iat", "toe", "evt", "d"];

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

        if (Part(bytes[..first]) is not { } header || Part(bytes[(first + 1)..second]) is not { } payload || Part(bytes[(second + 1)..]) is not { } signature)
        {
            fault = new Fault(Failure.Base64Ambiguous, "A part of the entry is not unpadded base64url with zero trailing bits.");
            return null;
        }

        if (signature.Length != 64)
        {
            fault = new Fault(Failure.EntryMalformed, $"An Ed25519 signature has 64 bytes, this one {signature.Length}.");
            return null;
        }

        if (StrictJson.Parse(header, out fault) is not { } head || (fault = CheckHeader(head)) is not null ||
            StrictJson.Parse(payload, out fault) is not { } body || (fault = CheckPayload(body)) is not null)
        {
            return null;
        }

        var data = body.GetProperty("d");
        var digests = new List<Digest>();
        var given = new List<Digest>();
        var taken = new List<Redemption>();
        var references = new List<Reference>();
        fault = ReadDigests(data, body.TryGetProperty("_sd_alg", out var hash) ? hash : null, digests)
            ?? ReadGiven(data, given) ?? ReadTaken(data, taken) ?? ReadReferences(data, references)
            ?? CheckPrincipal(data, body.GetProperty("iss").GetString()!) ?? CheckKey(head, body);
        if (fault is not null)
        {
            return null;
        }

        return new Entry(leaf, second, signature)
        {
            Algorithm = head.GetProperty("alg").GetString()!,
            KeyId = head.GetProperty("kid").GetString()!,
            Origin = body.GetProperty("aud").GetString()!,
            Issuer = body.GetProperty("iss").GetString()!,
            Subject = body.GetProperty("sub").GetString()!,
            Sequence = body.GetProperty("seq").GetInt64(),
            Previous = Digest.Parse(body.GetProperty("prv").GetString()!),
            Id = body.GetProperty("jti").GetString()!,
            IssuedAt = body.GetProperty("iat").GetInt64(),
            OccurredAt = body.GetProperty("toe").GetInt64(),
            Event = body.GetProperty("evt").GetString()!,
            Data = data,
            Digests = digests,
            Given = given,
            Taken = taken,
            References = references,
            Principal = data.TryGetProperty("for", out var principal) ? principal.GetString() : null,
        };
    }

    private static byte[]? Part(ReadOnlySpan<byte> ascii)
    {
        Span<char> text = ascii.Length <= 1024 ? stackalloc char[ascii.Length] : new char[ascii.Length];
        for (var i = 0; i < ascii.Length; i++)
        {
            text[i] = (char)ascii[i];
        }

        return StrictBase64Url.Decode(text);
    }

    private static Fault? CheckHeader(JsonElement header)
    {
        if (!HasExactly(header, HeaderMembers, optional: null))
        {
            return new Fault(Failure.HeaderForbidden, "The protected header has exactly alg, kid and typ.");
        }

        if (Text(header, "alg") is not ("Ed25519" or "EdDSA"))
        {
            return new Fault(Failure.HeaderForbidden, "alg is Ed25519 (RFC 9864); EdDSA is accepted for it.");
        }

        if (Text(header, "typ") != Type)
        {
            return new Fault(Failure.HeaderForbidden, $"typ of an entry is {Type}.");
        }

        return Names.IsKeyId(Text(header, "kid")) ? null : new Fault(Failure.HeaderForbidden, "kid is written in full: did:web:…#name.");
    }

    private static Fault? CheckPayload(JsonElement payload)
    {
        if (!HasExactly(payload, PayloadMembers, optional: "_sd_alg"))
        {
            return new Fault(Failure.PayloadForbidden, "The payload has exactly v, aud, iss, sub, seq, prv, jti, iat, toe, evt, d, and _sd_alg when there are digests.");
        }

        string? wrong =
            Number(payload, "v") != 1 ? "v is 1" :
            !Names.IsOrigin(Text(payload, "aud")) ? "aud is a log origin: lower-case host[:port]/path without a scheme" :
            !Names.IsOperator(Text(payload, "iss")) ? "iss is an operator: did:web:…" :
            !Names.IsSubject(Text(payload, "sub")) ? $"sub is a chain: an absolute URI of printable ASCII, at most {Names.MaximumSubject} characters" :
            Number(payload, "seq") is not >= 0 ? "seq is an integer, zero or more" :
            !Digest.TryParse(Text(payload, "prv"), out var previous) ? "prv is a leaf hash: 43 characters of base64url" :
            Number(payload, "seq") == 0 != (previous == Digest.Zero) ? "prv is 32 zero bytes at seq 0 and only there" :
            !Names.IsUuid(Text(payload, "jti")) ? "jti is a UUID, 36 characters in lower case" :
            !IsTime(Number(payload, "iat")) ? "iat is whole seconds since 1970" :
            !IsTime(Number(payload, "toe")) ? "toe is whole seconds since 1970" :
            !Names.IsEvent(Text(payload, "evt")) ? "evt is an event's wire name, like battery-manufactured.v1" :
            payload.GetProperty("d").ValueKind != JsonValueKind.Object ? "d is an object" : null;
        return wrong is null ? null : new Fault(Failure.PayloadForbidden, wrong + ".");
    }

    private static Fault? CheckKey(JsonElement header, JsonElement payload) =>
        Names.OperatorOf(Text(header, "kid")!) == Text(payload, "iss")
            ? null
            : new Fault(Failure.PayloadForbidden, "kid is a key of iss itself: iss, #, key name.");

    private static Fault? ReadDigests(JsonElement data, JsonElement? algorithm, List<Digest> digests)
    {
        if (data.EnumerateObject().Any(p => p.Name is "..." or "_sd_alg" || (p.Name != "_sd" && HoldsDigests(p.Value))))
        {
            return new Fault(Failure.PayloadForbidden, "_sd stands only directly in d, and \"...\" nowhere.");
        }

        if (!data.TryGetProperty("_sd", out var array))
        {
            return algorithm is null ? null : new Fault(Failure.PayloadForbidden, "_sd_alg is present only when there are digests.");
        }

        if (algorithm is not { ValueKind: JsonValueKind.String } || algorithm.Value.GetString() != "sha-256")
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
        if (!data.TryGetProperty("out", out var array))
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
        if (!data.TryGetProperty("in", out var array))
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
            if (!HasExactly(item, ["h", "i", "s"], optional: null) || !Digest.TryParse(Text(item, "h"), out var entry) ||
                Number(item, "i") is not (>= 0 and < Commitment.MaximumLines) || Text(item, "s") is not { Length: Commitment.OpeningLength } opening ||
                !StrictBase64Url.IsCanonical(opening) || !seen.Add((entry, Number(item, "i")!.Value)))
            {
                return new Fault(Failure.ReferenceMalformed, "in holds {h, i, s}: a leaf hash, a line 0 to 63, an opening of 22 base64url characters; no line twice.");
            }

            taken.Add(new Redemption(entry, (int)Number(item, "i")!.Value, opening));
        }

        return null;
    }

    private static Fault? ReadReferences(JsonElement data, List<Reference> references)
    {
        if (!data.TryGetProperty("ref", out var array))
        {
            return null;
        }

        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0)
        {
            return new Fault(Failure.ReferenceMalformed, "ref is an array of at least one {h, sub}.");
        }

        foreach (var item in array.EnumerateArray())
        {
            if (!HasExactly(item, ["h", "sub"], optional: null) || !Digest.TryParse(Text(item, "h"), out var entry) ||
                Text(item, "sub") is not { } subject || !Names.IsSubject(subject) || references.Exists(r => r.Entry == entry))
            {
                return new Fault(Failure.ReferenceMalformed, "ref holds {h, sub}: a leaf hash and its chain; no entry twice.");
            }

            references.Add(new Reference(entry, subject));
        }

        return null;
    }

    private static Fault? CheckPrincipal(JsonElement data, string issuer) =>
        !data.TryGetProperty("for", out _) || (Text(data, "for") is { } principal && Names.IsOperator(principal) && principal != issuer)
            ? null
            : new Fault(Failure.ReferenceMalformed, "for names another operator, the principal: did:web:…");

    private static bool HasExactly(JsonElement value, string[] required, string? optional)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        // Names are unique already, so counting the known ones settles it.
        var known = 0;
        foreach (var member in value.EnumerateObject())
        {
            if (Array.IndexOf(required, member.Name) >= 0)
            {
                known++;
            }
            else if (member.Name != optional)
            {
                return false;
            }
        }

        return known == required.Length;
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    /// <summary>1970 up to the end of year 9999: what every date type holds.</summary>
    private static bool IsTime(long? seconds) => seconds is >= 0 and <= 253_402_300_799;
}
