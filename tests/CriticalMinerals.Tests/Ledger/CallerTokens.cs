using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CsCheck;
using static CriticalMinerals.Tests.Ledger.RawEntry;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>Who asks: a token opens one address of one log once, for a minute, to who holds the key, and everything else opens nothing, by name.</summary>
public sealed class CallerTokens
{
    private const string Origin = "ledger.example.com/log/2026";
    private const string KeyId = "did:web:maker.example#k1";
    private const string Id = "c5ae5a73-2a2f-4d8c-8d9c-3a2f4c1b9e77";
    private const string Address = "https://ledger.example.com/disclosures/000";
    private const string TokenHeader = """{"alg":"Ed25519","kid":"did:web:maker.example#k1","typ":"cm-caller+jwt"}""";
    private const string TokenPayload =
        """{"aud":"ledger.example.com/log/2026","iss":"did:web:maker.example","htm":"GET","htu":"https://ledger.example.com/disclosures/000","iat":1767225600,"exp":1767225660,"jti":"c5ae5a73-2a2f-4d8c-8d9c-3a2f4c1b9e77","purpose":"recall-check"}""";

    private static readonly SigningKey Key = SigningKey.FromSeed(Digest.Sha256("caller"u8).ToArray());
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    [Fact]
    public void The_token_that_all_others_here_are_changed_from_is_in_order()
    {
        var token = Signed(TokenHeader, TokenPayload);
        Assert.True(token.IsSignedBy(Key.VerifyingKey));
        Assert.Null(token.Check(Origin, "GET", [Address], Now));
        Assert.Equal("recall-check", token.Purpose);
        Assert.Null(FailureOf(TokenHeader.Replace("Ed25519", "EdDSA", StringComparison.Ordinal), TokenPayload));
        Assert.Null(FailureOf(TokenHeader, Without("purpose")));
    }

    [Fact]
    public void What_is_signed_is_what_is_read()
    {
        var names = Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789-"].Array[0, 63].Select(rest => "a" + string.Concat(rest));
        var paths = Gen.Char["AZaz09._~!$&'()*+,;=:@-/"].Array[0, 200].Select(rest => "/x" + string.Concat(rest));
        Gen.Select(
            Gen.OneOf("GET", "HEAD", "POST", "QUERY"),
            Gen.Select(Gen.OneOf("http", "https"), Gen.OneOf("ledger.example.com", "127.0.0.1", "[::1]", "bücher.example"), Gen.OneOf(Gen.Int[1, 65535], Gen.Const(80), Gen.Const(443)), paths),
            Gen.OneOf(names, Gen.Const((string?)null)),
            Gen.Guid,
            Gen.Long[0, 200_000_000_000],
            Gen.Int[1, 300]).Sample((method, place, purpose, id, from, seconds) =>
        {
            var (scheme, host, port, path) = place;
            var address = new Uri($"{scheme}://{host}:{port}{path}?sub=x#y");
            var (issued, expires) = (DateTimeOffset.FromUnixTimeSeconds(from), DateTimeOffset.FromUnixTimeSeconds(from + seconds));
            var made = CallerToken.Sign(Key, KeyId, Origin, method, address, id.ToString(), purpose, issued, expires);
            var read = CallerToken.Parse(made.Text, out var fault)!;
            Assert.Null(fault);
            Assert.True(read.IsSignedBy(Key.VerifyingKey));
            Assert.Equal((made.Text, KeyId, "did:web:maker.example", Origin, method), (read.Text, read.KeyId, read.Issuer, read.Origin, read.Method));
            Assert.Equal((id.ToString(), purpose, issued, expires), (read.Id, read.Purpose, read.IssuedAt, read.ExpiresAt));

            // The host as it is resolved, and nothing of the query.
            var resolved = $"{scheme}://{(host == "bücher.example" ? "xn--bcher-kva.example" : host)}";
            Assert.Equal($"{resolved}{(address.IsDefaultPort ? "" : $":{port}")}{address.AbsolutePath}", read.Address);
            Assert.Null(read.Check(Origin, method, ["https://elsewhere.example/", $"{resolved}:{port}{address.AbsolutePath}"], issued));
        });
    }

    [Fact]
    public void A_signer_of_the_owners_own_signs_the_same_token()
    {
        var made = CallerToken.Sign(Key, KeyId, Origin, "GET", new Uri(Address), Id, "recall-check", Now, Now.AddMinutes(1));
        Assert.Equal(made.Text, CallerToken.Sign(input => Key.Sign(input), KeyId, Origin, "GET", new Uri(Address), Id, "recall-check", Now, Now.AddMinutes(1)).Text);
        Assert.Equal(Text(TokenHeader, TokenPayload, Key.Sign(Bytes($"{Encode(TokenHeader)}.{Encode(TokenPayload)}"))), made.Text);
    }

    [Theory]
    [InlineData("did:web:maker.example", Origin, "GET", Address, Id, null, 60)]
    [InlineData(KeyId, "https://ledger.example.com/log/2026", "GET", Address, Id, null, 60)]
    [InlineData(KeyId, Origin, "get", Address, Id, null, 60)]
    [InlineData(KeyId, Origin, "GET", "ftp://ledger.example.com/x", Id, null, 60)]
    [InlineData(KeyId, Origin, "GET", "/disclosures/000", Id, null, 60)]
    [InlineData(KeyId, Origin, "GET", Address, "C5AE5A73-2A2F-4D8C-8D9C-3A2F4C1B9E77", null, 60)]
    [InlineData(KeyId, Origin, "GET", Address, Id, "Recall", 60)]
    [InlineData(KeyId, Origin, "GET", Address, Id, "", 60)]
    [InlineData(KeyId, Origin, "GET", Address, Id, null, 0)]
    [InlineData(KeyId, Origin, "GET", Address, Id, null, -1)]
    [InlineData(KeyId, Origin, "GET", Address, Id, null, 301)]
    public void What_would_be_refused_is_not_signed(string keyId, string origin, string method, string address, string id, string? purpose, int seconds) =>
        Assert.Throws<ArgumentException>(() => CallerToken.Sign(Key, keyId, origin, method, new Uri(address, address[0] == '/' ? UriKind.Relative : UriKind.Absolute), id, purpose, Now, Now.AddSeconds(seconds)));

    [Fact]
    public void A_token_for_another_log_is_refused() => Refuses(Failure.TokenForeign, Signed(TokenHeader, TokenPayload).Check("ledger.example.com/log/2027", "GET", [Address], Now));

    [Theory, InlineData("HEAD"), InlineData("PUT"), InlineData("get"), InlineData("")]
    public void A_token_for_another_method_is_refused(string method) => Refuses(Failure.TokenMethodWrong, Signed(TokenHeader, TokenPayload).Check(Origin, method, [Address], Now));

    [Theory]
    [InlineData("https://ledger.example.com/disclosures/001")]
    [InlineData("https://ledger.example.com/disclosures/000/")]
    [InlineData("https://ledger.example.com/disclosures//000")]
    [InlineData("https://ledger.example.com/Disclosures/000")]
    [InlineData("https://ledger.example.com/disclosures/%30%30%30")]
    [InlineData("https://ledger.example.com/x/../disclosures/000")]
    [InlineData("https://ledger.example.com/disclosures/000?at=1")]
    [InlineData("https://ledger.example.com/disclosures/000#1")]
    [InlineData("https://ledger.example.com")]
    [InlineData("http://ledger.example.com/disclosures/000")]
    [InlineData("http://ledger.example.com:443/disclosures/000")]
    [InlineData("https://ledger.example.com:8443/disclosures/000")]
    [InlineData("https://ledger.example.com:0443/disclosures/000")]
    [InlineData("https://ledger.example.com./disclosures/000")]
    [InlineData("https://ledger.example.com@evil.example/disclosures/000")]
    [InlineData("https://user@ledger.example.com/disclosures/000")]
    [InlineData("https://evil.example/disclosures/000")]
    [InlineData("//ledger.example.com/disclosures/000")]
    [InlineData("/disclosures/000")]
    [InlineData("")]
    public void A_token_for_another_address_is_refused(string asked)
    {
        var token = Signed(TokenHeader, TokenPayload);
        Refuses(Failure.TokenAddressWrong, token.Check(Origin, "GET", [asked], Now));
        Refuses(Failure.TokenAddressWrong, token.Check(Origin, "GET", [], Now));
        Assert.Null(token.Check(Origin, "GET", [asked, Address], Now));
    }

    [Theory]
    [InlineData("HTTPS://LEDGER.Example.com/disclosures/000", Address)]
    [InlineData("https://ledger.example.com:443/disclosures/000", Address)]
    [InlineData("http://127.0.0.1:80/log", "http://127.0.0.1/log")]
    [InlineData("http://[2001:DB8::1]:5080/log", "http://[2001:db8::1]:5080/log")]
    [InlineData("https://ledger.example.com", "https://ledger.example.com/")]
    [InlineData("https://ledger.example.com/a%2fb", "https://ledger.example.com/a%2fb")]
    public void Two_spellings_of_scheme_host_and_default_port_are_one_address(string signed, string asked)
    {
        Assert.Null(Signed(TokenHeader, With(Address, signed)).Check(Origin, "GET", [asked], Now));
        Assert.Null(Signed(TokenHeader, With(Address, asked)).Check(Origin, "GET", [signed], Now));
    }

    [Fact]
    public void A_token_opens_from_a_minute_before_it_was_signed_until_it_expires()
    {
        var token = Signed(TokenHeader, TokenPayload);
        Refuses(Failure.TokenNotYetValid, token.Check(Origin, "GET", [Address], Now.AddSeconds(-60).AddTicks(-1)));
        Assert.Null(token.Check(Origin, "GET", [Address], Now.AddSeconds(-60)));
        Assert.Null(token.Check(Origin, "GET", [Address], Now.AddSeconds(60).AddTicks(-1)));
        Refuses(Failure.TokenExpired, token.Check(Origin, "GET", [Address], Now.AddSeconds(60)));
        Refuses(Failure.TokenExpired, token.Check(Origin, "GET", [Address], DateTimeOffset.MaxValue));
        Refuses(Failure.TokenNotYetValid, token.Check(Origin, "GET", [Address], DateTimeOffset.MinValue));
    }

    [Fact]
    public void A_token_made_for_more_than_five_minutes_is_refused_at_any_time()
    {
        Assert.Null(Signed(TokenHeader, With("1767225660", "1767225900")).Check(Origin, "GET", [Address], Now));
        foreach (var exp in (string[])["1767225901", "253402300799"])
        {
            Refuses(Failure.TokenTooLongLived, Signed(TokenHeader, With("1767225660", exp)).Check(Origin, "GET", [Address], Now));
            Refuses(Failure.TokenTooLongLived, Signed(TokenHeader, With("1767225660", exp)).Check(Origin, "GET", [Address], Now.AddDays(-1)));
        }
    }

    [Fact]
    public void A_token_signed_by_another_key_is_not_the_operators()
    {
        using var other = SigningKey.Generate();
        Assert.False(Signed(TokenHeader, TokenPayload).IsSignedBy(other.VerifyingKey));
    }

    [Fact]
    public void No_bit_of_the_signature_can_be_another()
    {
        var (input, signature) = ($"{Encode(TokenHeader)}.{Encode(TokenPayload)}", Key.Sign(Bytes($"{Encode(TokenHeader)}.{Encode(TokenPayload)}")));
        for (var bit = 0; bit < 512; bit++)
        {
            var changed = signature.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(CallerToken.Parse($"{input}.{StrictBase64Url.Encode(changed)}", out _)!.IsSignedBy(Key.VerifyingKey));
        }
    }

    [Fact]
    public void No_change_of_a_character_is_read_as_another_token_by_the_same_signer()
    {
        var text = Signed(TokenHeader, TokenPayload).Text;
        Gen.Select(Gen.Int[0, text.Length - 1], Gen.Char).Where(c => text[c.Item1] != c.Item2).Sample((at, value) =>
            CallerToken.Parse(text[..at] + value + text[(at + 1)..], out var fault) is not { } token ? fault is not null : !token.IsSignedBy(Key.VerifyingKey));
    }

    [Fact]
    public void An_entry_is_no_token_however_long_it_is()
    {
        Assert.Equal(Failure.TokenTypeWrong, FailureOf(Header, Payload()));
        Assert.Equal(Failure.TokenTypeWrong, FailureOfText(Text(Header, Payload("{\"note\":\"" + new string('x', 9000) + "\"}"))));
        Assert.Equal(Failure.TokenTypeWrong, FailureOfText(Text(Header, Payload()) + "~"));
        Assert.Equal(Failure.TokenTypeWrong, FailureOf(Header, TokenPayload));
    }

    [Fact]
    public void A_head_statement_is_no_token() => Assert.Equal(
        Failure.TokenTypeWrong,
        FailureOfText(HeadStatement.Sign(Key, KeyId, Origin, "urn:uuid:" + Id, 0, Digest.Sha256([1]), 1, Now, Now.AddMinutes(1)).Text));

    [Theory]
    [InlineData("CM-CALLER+JWT")]
    [InlineData("application/cm-caller+jwt")]
    [InlineData("JWT")]
    [InlineData("dpop+jwt")]
    [InlineData("")]
    public void No_other_type_is_a_token(string typ) => Assert.Equal(Failure.TokenTypeWrong, FailureOf(TokenHeader.Replace("cm-caller+jwt", typ, StringComparison.Ordinal), TokenPayload));

    [Fact]
    public void A_token_is_no_entry_and_no_head_statement()
    {
        var token = Signed(TokenHeader, TokenPayload).Text;
        Assert.Null(Entry.Parse(Bytes(token), out var fault));
        Refuses(Failure.HeaderForbidden, fault);
        Assert.Null(SignedEntry.Parse(Bytes(token + "~"), out fault));
        Refuses(Failure.HeaderForbidden, fault);
        Assert.Null(HeadStatement.Parse(token, out fault));
        Refuses(Failure.HeadMalformed, fault);
    }

    [Theory]
    [InlineData("\"crit\":[\"exp\"]")]
    [InlineData("\"crit\":[]")]
    [InlineData("\"b64\":false")]
    [InlineData("\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}")]
    [InlineData("\"jku\":\"https://evil.example/keys\"")]
    [InlineData("\"purpose\":\"x\"")]
    [InlineData("\"alg\":\"none\"")] // the second of two
    public void The_header_has_no_further_member(string member) => Assert.Equal(Failure.TokenMalformed, FailureOf(TokenHeader[..^1] + "," + member + "}", TokenPayload));

    [Theory]
    [InlineData("\"alg\":\"Ed25519\"", "\"alg\":\"none\"")]
    [InlineData("\"alg\":\"Ed25519\"", "\"alg\":\"HS256\"")]
    [InlineData("\"alg\":\"Ed25519\"", "\"alg\":\"ed25519\"")]
    [InlineData("\"alg\":\"Ed25519\"", "\"alg\":[\"Ed25519\"]")]
    [InlineData("\"alg\":\"Ed25519\",", "")]
    [InlineData(",\"typ\":\"cm-caller+jwt\"", "")]
    [InlineData("\"typ\":\"cm-caller+jwt\"", "\"typ\":null")]
    [InlineData("did:web:maker.example#k1", "k1")]
    [InlineData("did:web:maker.example#k1", "did:web:maker.example")]
    [InlineData("did:web:maker.example#k1", "did:web:Maker.example#k1")]
    public void The_header_has_exactly_its_members_in_exactly_their_form(string piece, string replacement)
    {
        Assert.Contains(piece, TokenHeader, StringComparison.Ordinal);
        Assert.Equal(Failure.TokenMalformed, FailureOf(TokenHeader.Replace(piece, replacement, StringComparison.Ordinal), TokenPayload));
    }

    [Theory]
    [InlineData("\"aud\":\"ledger.example.com/log/2026\"", "\"aud\":[\"ledger.example.com/log/2026\"]")]
    [InlineData("\"aud\":\"ledger.example.com/log/2026\"", "\"aud\":\"https://ledger.example.com/log/2026\"")]
    [InlineData("\"iss\":\"did:web:maker.example\"", "\"iss\":\"did:web:other.example\"")]
    [InlineData("\"iss\":\"did:web:maker.example\"", "\"iss\":null")]
    [InlineData("\"htm\":\"GET\"", "\"htm\":\"get\"")]
    [InlineData("\"htm\":\"GET\"", "\"htm\":\"\"")]
    [InlineData("\"htm\":\"GET\"", "\"htm\":\"GET\\n\"")]
    [InlineData("\"htm\":\"GET\"", "\"htm\":[\"GET\"]")]
    [InlineData(Address, "/disclosures/000")]
    [InlineData(Address, "ftp://ledger.example.com/disclosures/000")]
    [InlineData(Address, "https:///disclosures/000")]
    [InlineData(Address, "https://ledger.example.com/disclosures/000?at=1")]
    [InlineData(Address, "https://ledger.example.com/disclosures/000?")]
    [InlineData(Address, "https://ledger.example.com/disclosures/000#")]
    [InlineData(Address, "https://user:secret@ledger.example.com/disclosures/000")]
    [InlineData(Address, "https://ledger.example.com:/disclosures/000")]
    [InlineData(Address, "https://ledger.example.com:0443/disclosures/000")]
    [InlineData(Address, "https://ledger.example.com/disclosures/ 000")]
    [InlineData(Address, "https://ledger.example.com/disclosures/\u00e9")]
    [InlineData(Address, "https://\u212aledger.example.com/disclosures/000")] // the Kelvin sign, which case-insensitive readers take for a k
    [InlineData("\"iat\":1767225600", "\"iat\":-1")]
    [InlineData("\"iat\":1767225600", "\"iat\":\"1767225600\"")]
    [InlineData("\"iat\":1767225600", "\"iat\":1767225600.0")]
    [InlineData("\"iat\":1767225600", "\"iat\":1767225660")]
    [InlineData("\"exp\":1767225660", "\"exp\":253402300800")]
    [InlineData("\"exp\":1767225660", "\"exp\":null")]
    [InlineData("c5ae5a73-2a2f-4d8c-8d9c-3a2f4c1b9e77", "C5AE5A73-2A2F-4D8C-8D9C-3A2F4C1B9E77")]
    [InlineData("c5ae5a73-2a2f-4d8c-8d9c-3a2f4c1b9e77", "c5ae5a732a2f4d8c8d9c3a2f4c1b9e77")]
    [InlineData("c5ae5a73-2a2f-4d8c-8d9c-3a2f4c1b9e77", "1")]
    [InlineData("\"recall-check\"", "\"\"")]
    [InlineData("\"recall-check\"", "null")]
    [InlineData("\"recall-check\"", "\"Recall\"")]
    [InlineData("\"recall-check\"", "\"1-recall\"")]
    [InlineData("\"recall-check\"", "\"recall check\"")]
    [InlineData("\"recall-check\"", "\"recall\\n\"")]
    [InlineData("\"recall-check\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"")] // 65
    [InlineData("\"iat\"", "\"nbf\":1,\"iat\"")]
    [InlineData("\"iat\"", "\"sub\":\"x\",\"iat\"")]
    [InlineData("\"iat\"", "\"cnf\":{},\"iat\"")]
    [InlineData("\"iat\"", "\"aud\":\"ledger.example.com/log/2026\",\"iat\"")] // twice
    [InlineData("\"iat\"", "\"\\u0061ud\":\"ledger.example.com/log/2026\",\"iat\"")] // twice, once escaped
    public void The_payload_has_exactly_its_members_in_exactly_their_form(string piece, string replacement) => Assert.Equal(Failure.TokenMalformed, FailureOf(TokenHeader, With(piece, replacement)));

    [Fact]
    public void Each_member_of_the_payload_but_the_purpose_is_needed()
    {
        foreach (var name in JsonNode.Parse(TokenPayload)!.AsObject().Select(p => p.Key).Where(n => n != "purpose"))
        {
            Assert.Equal(Failure.TokenMalformed, FailureOf(TokenHeader, Without(name)));
        }

        Assert.Equal(Failure.TokenMalformed, FailureOf(TokenHeader, "[]"));
        Assert.Equal(Failure.TokenMalformed, FailureOf("[]", TokenPayload));
        Assert.Equal(Failure.TokenMalformed, FailureOf("{", TokenPayload));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("token")]
    [InlineData("{0}.{1}")]
    [InlineData("{0}.{1}.")]
    [InlineData(".{1}.{2}")]
    [InlineData("{0}..{2}")]
    [InlineData("{0}.{1}.{2}.{2}")]
    [InlineData("{0}.{1}.{2}=")]
    [InlineData("{0}.{1}.{2} ")]
    [InlineData("{0}.{1}.{2}A")]
    [InlineData("{0}.{1}.{2}~")]
    [InlineData(" {0}.{1}.{2}")]
    public void Three_parts_with_two_dots_and_nothing_else(string form) =>
        Assert.Equal(Failure.TokenMalformed, FailureOfText(form.Replace("{0}", Encode(TokenHeader), StringComparison.Ordinal)
            .Replace("{1}", Encode(TokenPayload), StringComparison.Ordinal).Replace("{2}", StrictBase64Url.Encode(Signature), StringComparison.Ordinal)));

    [Theory, InlineData(0), InlineData(63), InlineData(65), InlineData(128)]
    public void A_signature_has_64_bytes(int length) => Assert.Equal(Failure.TokenMalformed, FailureOfText(Text(TokenHeader, TokenPayload, new byte[length])));

    [Fact]
    public void A_token_has_at_most_2048_characters_inclusive()
    {
        // White space is free, so any length that base64url has can be made; 2,049 needs a header of another length too.
        string OfLength(int length) => (from header in Enumerable.Range(0, 3) from payload in Enumerable.Range(0, 1600) select (header, payload))
            .Select(blanks => Text(TokenHeader + new string(' ', blanks.header), TokenPayload + new string(' ', blanks.payload))).First(text => text.Length == length);
        Assert.Null(FailureOfText(OfLength(2048)));
        Assert.Equal(Failure.TokenMalformed, FailureOfText(OfLength(2049)));
        Assert.Equal(Failure.TokenMalformed, FailureOfText(new string('e', 1_000_000)));
        Assert.Throws<ArgumentException>(() => CallerToken.Sign(Key, KeyId, Origin, "GET", new Uri(Address + new string('x', 2000)), Id, null, Now, Now.AddMinutes(1)));
    }

    [Fact]
    public void What_a_stranger_wrote_stands_in_no_fault_as_it_was()
    {
        CallerToken.Parse(Text(TokenHeader.Replace("cm-caller+jwt", "\\u001b[31m" + new string('x', 500), StringComparison.Ordinal), TokenPayload), out var type);
        var address = Signed(TokenHeader, With(Address, "https://evil.example/" + new string('x', 900))).Check(Origin, "GET", ["\u001b[31m" + new string('y', 900)], Now);
        var method = Signed(TokenHeader, TokenPayload).Check(Origin, "\r\n" + new string('M', 900), [Address], Now);
        foreach (var fault in (Fault?[])[type, address, method])
        {
            Assert.DoesNotContain(fault!.Detail, c => char.IsControl(c));
            Assert.InRange(fault.Detail.Length, 1, 500);
        }
    }

    private static string With(string piece, string replacement)
    {
        Assert.Contains(piece, TokenPayload, StringComparison.Ordinal);
        return TokenPayload.Replace(piece, replacement, StringComparison.Ordinal);
    }

    private static string Without(string member)
    {
        var payload = JsonNode.Parse(TokenPayload)!.AsObject();
        Assert.True(payload.Remove(member));
        return payload.ToJsonString();
    }

    private static CallerToken Signed(string header, string payload)
    {
        var token = CallerToken.Parse(Text(header, payload, Key.Sign(Bytes($"{Encode(header)}.{Encode(payload)}"))), out var fault);
        Assert.Null(fault);
        return token!;
    }

    private static void Refuses(Failure failure, Fault? fault) => Assert.Equal(failure, fault?.Failure);

    private static Failure? FailureOf(string header, string payload) => FailureOfText(Text(header, payload, Key.Sign(Bytes($"{Encode(header)}.{Encode(payload)}"))));

    private static Failure? FailureOfText(string text)
    {
        var token = CallerToken.Parse(text, out var fault);
        Assert.Equal(token is null, fault is not null);
        return fault?.Failure;
    }
}
