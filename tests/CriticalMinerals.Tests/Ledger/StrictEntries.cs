using System.Text;
using CriticalMinerals.Ledger;
using CsCheck;
using static CriticalMinerals.Tests.Ledger.RawEntry;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>The strict profile of an entry: every way to write one differently is refused, each by its own reason.</summary>
public sealed class StrictEntries
{
    [Fact]
    public void The_entry_that_all_others_here_are_changed_from_is_in_order()
    {
        var entry = Parse(Header, Payload(), out var fault);
        Assert.Null(fault);
        Assert.Equal("did:web:mine.example", entry!.Issuer);
        Assert.Equal(Digest.OfLeaf(entry.Leaf.Span), entry.LeafHash);
        Assert.NotNull(Parse(Header.Replace("Ed25519", "EdDSA", StringComparison.Ordinal), Payload(), out _));
    }

    [Fact]
    public void Entries_of_several_logs_read_at_once_each_keep_their_own_origin()
    {
        var logs = Enumerable.Range(0, 4).Select(n => $"ledger{n}.example.com/log").Select(origin =>
            (Origin: origin, Leaf: Bytes(Text(Header, PayloadWith("ledger.example.com/log/2026", origin))))).ToArray();
        var wrong = 0;
        Parallel.For(0, 200_000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            var (origin, leaf) = logs[i % logs.Length];
            if (Entry.Parse(leaf, out _)!.Origin != origin)
            {
                Interlocked.Increment(ref wrong);
            }
        });
        Assert.Equal(0, wrong);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("{0}.{1}")]
    [InlineData("{0}.{1}.")]
    [InlineData(".{1}.{2}")]
    [InlineData("{0}..{2}")]
    [InlineData("{0}.{1}.{2}.{2}")]
    [InlineData("{0}.{1}.{2}.")]
    public void Three_parts_with_two_dots_and_nothing_else(string form) =>
        Assert.Equal(Failure.EntryMalformed, FailureOfText(form.Replace("{0}", Encode(Header), StringComparison.Ordinal)
            .Replace("{1}", Encode(Payload()), StringComparison.Ordinal).Replace("{2}", StrictBase64Url.Encode(Signature), StringComparison.Ordinal)));

    [Theory]
    [InlineData("=")]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("+")]
    [InlineData("/")]
    [InlineData("\u00e9")]
    [InlineData("~")]
    public void Only_unpadded_base64url_is_read(string addition)
    {
        var (h, p, s) = (Encode(Header), Encode(Payload()), StrictBase64Url.Encode(Signature));
        Assert.Equal(Failure.Base64Ambiguous, FailureOfText($"{h}{addition}.{p}.{s}"));
        Assert.Equal(Failure.Base64Ambiguous, FailureOfText($"{h}.{addition}{p}.{s}"));
        Assert.Equal(Failure.Base64Ambiguous, FailureOfText($"{h}.{p}.{s}{addition}"));
    }

    [Fact]
    public void Bits_left_over_at_the_end_are_zero()
    {
        var text = Text(Header, Payload());
        Assert.EndsWith("A", text, StringComparison.Ordinal);
        foreach (var last in "BCDEFGHP")
        {
            Assert.Equal(Failure.Base64Ambiguous, FailureOfText(text[..^1] + last));
        }
    }

    [Theory, InlineData(0), InlineData(63), InlineData(65), InlineData(128)]
    public void A_signature_has_64_bytes(int length) => Assert.Equal(Failure.EntryMalformed, FailureOfText(Text(Header, Payload(), new byte[length])));

    [Theory]
    [InlineData("""{"kid":"did:web:mine.example#1","typ":"cm-entry+sd-jwt"}""")]
    [InlineData("""{"alg":"Ed25519","typ":"cm-entry+sd-jwt"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"did:web:mine.example#1"}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"alg\"")]
    public void The_header_lacks_nothing(string header) => Assert.Equal(Failure.HeaderForbidden, FailureOfParts(header, Payload()));

    [Theory]
    [InlineData("\"crit\":[\"b64\"]")]
    [InlineData("\"crit\":[]")]
    [InlineData("\"b64\":false")]
    [InlineData("\"b64\":true")]
    [InlineData("\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}")]
    [InlineData("\"jku\":\"https://evil.example/keys\"")]
    [InlineData("\"x5u\":\"https://evil.example/cert\"")]
    [InlineData("\"x5c\":[]")]
    [InlineData("\"zip\":\"DEF\"")]
    [InlineData("\"cty\":\"json\"")]
    [InlineData("\"unknown\":1")]
    public void The_header_has_no_further_member(string member) =>
        Assert.Equal(Failure.HeaderForbidden, FailureOfParts(Header[..^1] + "," + member + "}", Payload()));

    [Theory]
    [InlineData("\"none\"")]
    [InlineData("\"HS256\"")]
    [InlineData("\"ES256\"")]
    [InlineData("\"RS256\"")]
    [InlineData("\"Ed448\"")]
    [InlineData("\"ed25519\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("[\"Ed25519\"]")]
    public void No_other_algorithm_is_named(string alg) =>
        Assert.Equal(Failure.HeaderForbidden, FailureOfParts(Header.Replace("\"Ed25519\"", alg, StringComparison.Ordinal), Payload()));

    [Theory]
    [InlineData("cm-entry+jwt")]
    [InlineData("CM-ENTRY+SD-JWT")]
    [InlineData("application/cm-entry+sd-jwt")]
    [InlineData("cm-head+jwt")]
    [InlineData("JWT")]
    [InlineData("")]
    public void No_other_type_is_an_entry(string typ) =>
        Assert.Equal(Failure.HeaderForbidden, FailureOfParts(Header.Replace("cm-entry+sd-jwt", typ, StringComparison.Ordinal), Payload()));

    [Theory]
    [InlineData("1")]
    [InlineData("#1")]
    [InlineData("did:web:mine.example")]
    [InlineData("did:web:mine.example#")]
    [InlineData("did:web:mine.example#a b")]
    [InlineData("did:web:mine.example#1#2")]
    [InlineData("did:web:Mine.example#1")]
    [InlineData("did:key:z6Mk#1")]
    public void The_key_is_named_in_full(string kid) =>
        Assert.Equal(Failure.HeaderForbidden, FailureOfParts(Header.Replace("did:web:mine.example#1", kid, StringComparison.Ordinal), Payload()));

    [Fact]
    public void A_key_of_another_operator_is_none_of_the_issuer() =>
        Assert.Equal(Failure.PayloadForbidden, FailureOfParts(Header.Replace("did:web:mine.example#1", "did:web:mine.example:sub#1", StringComparison.Ordinal), Payload()));

    [Theory]
    [InlineData("\"v\":1,", "")]
    [InlineData("\"v\":1,", "\"v\":2,")]
    [InlineData("\"v\":1,", "\"v\":\"1\",")]
    [InlineData("\"v\":1,", "\"v\":1,\"exp\":1,")]
    [InlineData("\"v\":1,", "\"v\":1,\"nbf\":1,")]
    [InlineData("\"v\":1,", "\"v\":1,\"cnf\":{},")]
    [InlineData("\"v\":1,", "\"v\":1,\"_sd\":[],")]
    [InlineData("\"aud\":\"ledger.example.com/log/2026\"", "\"aud\":\"https://ledger.example.com/log/2026\"")]
    [InlineData("\"aud\":\"ledger.example.com/log/2026\"", "\"aud\":\"ledger.example.com/log/2026/\"")]
    [InlineData("\"aud\":\"ledger.example.com/log/2026\"", "\"aud\":\"ledger.example.com\"")]
    [InlineData("\"aud\":\"ledger.example.com/log/2026\"", "\"aud\":\"Ledger.example.com/log\"")]
    [InlineData("\"aud\":\"ledger.example.com/log/2026\"", "\"aud\":[\"ledger.example.com/log/2026\"]")]
    [InlineData("\"iss\":\"did:web:mine.example\"", "\"iss\":\"did:web:mine.example:\"")]
    [InlineData("\"iss\":\"did:web:mine.example\"", "\"iss\":\"did:web:mine.example%3a80\"")]
    [InlineData("\"iss\":\"did:web:mine.example\"", "\"iss\":\"https://mine.example\"")]
    [InlineData("\"iss\":\"did:web:mine.example\"", "\"iss\":null")]
    [InlineData("urn:uuid:0e37df36-f698-11e6-8dd4-cb9ced3df976", "0e37df36")]
    [InlineData("urn:uuid:0e37df36-f698-11e6-8dd4-cb9ced3df976", "urn:uuid: x")]
    [InlineData("urn:uuid:0e37df36-f698-11e6-8dd4-cb9ced3df976", "urn:uuid:\u00e9")]
    [InlineData("\"seq\":0", "\"seq\":-1")]
    [InlineData("\"seq\":0", "\"seq\":\"0\"")]
    [InlineData("\"seq\":0", "\"seq\":1")]
    [InlineData(Zeros, SomeDigest)]
    [InlineData(Zeros, "AAAA")]
    [InlineData(Zeros, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")]
    [InlineData("c5ae5a73-2a2f-4d8c-8d9c-3a2f4c1b9e77", "C5AE5A73-2A2F-4D8C-8D9C-3A2F4C1B9E77")]
    [InlineData("c5ae5a73-2a2f-4d8c-8d9c-3a2f4c1b9e77", "c5ae5a732a2f4d8c8d9c3a2f4c1b9e77")]
    [InlineData("c5ae5a73-2a2f-4d8c-8d9c-3a2f4c1b9e77", "{c5ae5a73-2a2f-4d8c-8d9c-3a2f4c1b9e77}")]
    [InlineData("\"iat\":1763899200", "\"iat\":-1")]
    [InlineData("\"iat\":1763899200", "\"iat\":253402300800")]
    [InlineData("\"iat\":1763899200", "\"iat\":\"1763899200\"")]
    [InlineData("\"toe\":1763899200", "\"toe\":-1")]
    [InlineData("\"toe\":1763899200", "\"toe\":253402300800")]
    [InlineData("lot-extracted.v1", "lot-extracted")]
    [InlineData("lot-extracted.v1", "Lot-Extracted.v1")]
    [InlineData("lot-extracted.v1", "lot--extracted.v1")]
    [InlineData("lot-extracted.v1", "lot-extracted.v0")]
    [InlineData("lot-extracted.v1", "lot-extracted.v01")]
    [InlineData("lot-extracted.v1", "../lot-extracted.v1")]
    [InlineData("\"d\":{}", "\"d\":[]")]
    [InlineData("\"d\":{}", "\"d\":null")]
    [InlineData("\"d\":{}", "\"d\":{},\"_sd_alg\":\"sha-256\"")]
    public void The_payload_has_exactly_its_members_in_exactly_their_form(string piece, string replacement) =>
        Assert.Equal(Failure.PayloadForbidden, FailureOfParts(Header, PayloadWith(piece, replacement)));

    [Fact]
    public void Each_member_of_the_payload_is_needed()
    {
        var payload = System.Text.Json.Nodes.JsonNode.Parse(Payload())!.AsObject();
        foreach (var name in payload.Select(p => p.Key).ToArray())
        {
            var lacking = payload.DeepClone().AsObject();
            lacking.Remove(name);
            Assert.Equal(Failure.PayloadForbidden, FailureOfParts(Header, lacking.ToJsonString()));
        }

        Assert.Equal(Failure.PayloadForbidden, FailureOfParts(Header, "[]"));
    }

    [Fact]
    public void Faults_of_the_JSON_keep_their_names_in_header_and_payload()
    {
        Assert.Equal(Failure.JsonDuplicateMember, FailureOfParts(Header[..^1] + ",\"alg\":\"none\"}", Payload()));
        Assert.Equal(Failure.JsonDuplicateMember, FailureOf("""{"a":{"b":1,"b":1}}"""));
        Assert.Equal(Failure.JsonTextForbidden, FailureOf("""{"a":"\u202e"}"""));
        Assert.Equal(Failure.JsonNumberForbidden, FailureOf("""{"a":1.5}"""));
        Assert.Equal(Failure.JsonTooDeep, FailureOf("{\"a\":" + new string('[', 15) + new string(']', 15) + "}"));
        Assert.Null(FailureOf("{\"a\":" + new string('[', 14) + new string(']', 14) + "}"));
        Assert.Equal(Failure.JsonMalformed, FailureOfParts("{", Payload()));
    }

    [Fact]
    public void Digests_stand_directly_in_d_ascending_and_once()
    {
        var (a, b) = (Zeros, SomeDigest);
        Assert.Null(FailureOf($$"""{"_sd":["{{a}}","{{b}}"]}""", "sha-256"));
        foreach (var (d, algorithm) in new (string, string?)[]
        {
            ($$"""{"_sd":["{{b}}","{{a}}"]}""", "sha-256"),
            ($$"""{"_sd":["{{a}}","{{a}}"]}""", "sha-256"),
            ("""{"_sd":[]}""", "sha-256"),
            ("""{"_sd":{}}""", "sha-256"),
            ("""{"_sd":["x"]}""", "sha-256"),
            ("""{"_sd":[1]}""", "sha-256"),
            ($$"""{"_sd":["{{a}}"]}""", null),
            ($$"""{"_sd":["{{a}}"]}""", "sha-512"),
            ($$"""{"_sd":["{{a}}"]}""", "SHA-256"),
            ($$$"""{"a":{"_sd":["{{{a}}}"]}}""", "sha-256"),
            ($$"""{"a":[{"_sd":["{{a}}"]}]}""", "sha-256"),
            ($$"""{"a":[{"...":"{{a}}"}]}""", "sha-256"),
            ("""{"...":1}""", null),
            ("""{"_sd_alg":"sha-256"}""", null),
            ("""{"a":{"_sd_alg":"sha-256"}}""", null),
        })
        {
            Assert.Equal(Failure.PayloadForbidden, FailureOf(d, algorithm));
        }
    }

    [Fact]
    public void Up_to_64_digests_stand_in_an_entry()
    {
        string Digests(int count) => "{\"_sd\":[" + string.Join(',', Enumerable.Range(0, count).Select(i => Digest.Sha256([(byte)i]).ToString())
            .Order(StringComparer.Ordinal).Select(t => $"\"{t}\"")) + "]}";
        Assert.Null(FailureOf(Digests(64), "sha-256"));
        Assert.Equal(Failure.PayloadForbidden, FailureOf(Digests(65), "sha-256"));
    }

    [Theory]
    [InlineData("""{"out":[]}""")]
    [InlineData("""{"out":{}}""")]
    [InlineData("""{"out":null}""")]
    [InlineData("""{"out":[1]}""")]
    [InlineData("""{"out":["AAAA"]}""")]
    [InlineData($$"""{"out":["{{SomeDigest}}","{{SomeDigest}}"]}""")]
    [InlineData("""{"in":[]}""")]
    [InlineData("""{"in":{}}""")]
    [InlineData("""{"in":[null]}""")]
    [InlineData($$"""{"in":[{"h":"{{SomeDigest}}","i":0}]}""")]
    [InlineData($$"""{"in":[{"h":"{{SomeDigest}}","i":0,"s":"AAECAwQFBgcICQoLDA0ODw","x":1}]}""")]
    [InlineData($$"""{"in":[{"h":"{{SomeDigest}}","i":-1,"s":"AAECAwQFBgcICQoLDA0ODw"}]}""")]
    [InlineData($$"""{"in":[{"h":"{{SomeDigest}}","i":64,"s":"AAECAwQFBgcICQoLDA0ODw"}]}""")]
    [InlineData($$"""{"in":[{"h":"{{SomeDigest}}","i":"0","s":"AAECAwQFBgcICQoLDA0ODw"}]}""")]
    [InlineData($$"""{"in":[{"h":"{{SomeDigest}}","i":0,"s":"AAECAwQFBgcICQoLDA0OD"}]}""")]
    [InlineData($$"""{"in":[{"h":"{{SomeDigest}}","i":0,"s":"AAECAwQFBgcICQoLDA0ODx"}]}""")]
    [InlineData("""{"in":[{"h":"AAAA","i":0,"s":"AAECAwQFBgcICQoLDA0ODw"}]}""")]
    [InlineData($$"""{"in":[{"h":"{{SomeDigest}}","i":0,"s":"AAECAwQFBgcICQoLDA0ODw"},{"h":"{{SomeDigest}}","i":0,"s":"BAECAwQFBgcICQoLDA0ODw"}]}""")]
    [InlineData("""{"ref":[]}""")]
    [InlineData("""{"ref":"x"}""")]
    [InlineData($$"""{"ref":[{"h":"{{SomeDigest}}"}]}""")]
    [InlineData($$"""{"ref":[{"h":"{{SomeDigest}}","sub":1}]}""")]
    [InlineData($$"""{"ref":[{"h":"{{SomeDigest}}","sub":"no uri"}]}""")]
    [InlineData($$"""{"ref":[{"h":"{{SomeDigest}}","sub":"urn:a:b","i":1}]}""")]
    [InlineData($$"""{"ref":[{"h":"{{SomeDigest}}","sub":"urn:a:b"},{"h":"{{SomeDigest}}","sub":"urn:a:c"}]}""")]
    [InlineData("""{"for":1}""")]
    [InlineData("""{"for":null}""")]
    [InlineData("""{"for":"mine.example"}""")]
    [InlineData("""{"for":"did:web:mine.example"}""")] // the issuer itself
    public void Shared_members_have_one_form(string d) => Assert.Equal(Failure.ReferenceMalformed, FailureOf(d));

    [Fact]
    public void Up_to_64_lines_are_given_by_an_entry()
    {
        string Lines(int count) => "{\"out\":[" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{Digest.Sha256([(byte)i])}\"")) + "]}";
        Assert.Null(FailureOf(Lines(64)));
        Assert.Equal(Failure.ReferenceMalformed, FailureOf(Lines(65)));
    }

    [Fact]
    public void A_leaf_has_at_most_16_KiB_inclusive()
    {
        string Leaf(int length)
        {
            // Base64url grows by 4 characters for 3 bytes, so some lengths need white space in the header too.
            for (var blanks = 0; ; blanks++)
            {
                var header = Header + new string(' ', blanks);
                for (var padding = (length - Text(header, Payload()).Length) * 3 / 4 - 4; Text(header, Payload() + new string(' ', Math.Max(0, padding))).Length <= length; padding++)
                {
                    if (Text(header, Payload() + new string(' ', padding)) is { } text && text.Length == length)
                    {
                        return text;
                    }
                }
            }
        }

        Assert.Null(FailureOfText(Leaf(16 * 1024)));
        Assert.Equal(Failure.TooLarge, FailureOfText(Leaf((16 * 1024) + 1)));
    }

    [Fact]
    public void No_change_of_a_byte_is_read_as_another_entry_by_the_same_signer()
    {
        using var key = SigningKey.Generate();
        var text = Encode(Header) + "." + Encode(Payload());
        var leaf = Bytes($"{text}.{StrictBase64Url.Encode(key.Sign(Bytes(text)))}");
        Assert.True(Entry.Parse(leaf, out _)!.IsSignedBy(key.VerifyingKey));
        Gen.Select(Gen.Int[0, leaf.Length - 1], Gen.Byte).Where(c => leaf[c.Item1] != c.Item2).Sample((at, value) =>
        {
            var changed = leaf.ToArray();
            changed[at] = value;
            return Entry.Parse(changed, out var fault) is not { } entry ? fault is not null : !entry.IsSignedBy(key.VerifyingKey);
        });
    }

    private static Failure? FailureOfParts(string header, string payload) => FailureOfText(Text(header, payload));

    private static Failure? FailureOfText(string text)
    {
        var entry = Entry.Parse(Bytes(text), out var fault);
        Assert.Equal(entry is null, fault is not null);
        return fault?.Failure;
    }
}
