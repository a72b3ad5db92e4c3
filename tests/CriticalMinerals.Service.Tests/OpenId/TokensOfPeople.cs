using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Tests.Log;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using static CriticalMinerals.Service.Tests.OpenId.People;

namespace CriticalMinerals.Service.Tests.OpenId;

/// <summary>Whom a bearer token of an OpenID Connect issuer lets in: that issuer's people, for this ledger, within their time.</summary>
public sealed class TokensOfPeople(IssuerProcess issuer) : IClassFixture<IssuerProcess>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(), InlineData("inspector"), InlineData("repairer", "no such right", "auditor")]
    public async Task A_token_of_the_issuer_says_who_asks_and_what_he_may(params string[] rights)
    {
        using var tokens = TokensOf(issuer.Issuer);
        var token = await issuer.TokenAsync([("sub", "anna"), .. rights.Select(right => ("right", right))]);
        var (person, problem) = await tokens.ValidateAsync(token, Cancel);
        Assert.Null(problem);
        Assert.Equal((issuer.Issuer, "anna"), (person!.Issuer, person.Subject));
        Assert.Equal(rights, person.Rights);
    }

    [Fact]
    public async Task The_claim_that_says_what_a_person_may_has_the_name_that_is_configured()
    {
        using var tokens = new OpenIdTokens(Options(issuer.Issuer) with { OpenIdClaim = "https://example.com/rights" }, new SetClock(), new KeptLog());
        var (person, _) = await tokens.ValidateAsync(await issuer.TokenAsync(("right", "auditor"), ("claims", """{"https://example.com/rights":["repairer"]}""")), Cancel);
        Assert.Equal(["repairer"], person!.Rights);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("true")]
    [InlineData("""{"may":"all"}""")]
    [InlineData("""["auditor",7]""")]
    [InlineData("33 texts")]
    public async Task Rights_that_are_no_text_and_no_short_list_of_texts_are_refused_instead_of_guessed(string claim)
    {
        var value = claim == "33 texts" ? $"[{string.Join(',', Enumerable.Repeat("\"x\"", OpenIdTokens.MaximumRights + 1))}]" : claim;
        await RefusedAsync("token-malformed", await issuer.TokenAsync(("claims", $$"""{"battery_passport":{{value}}}""")));
    }

    [Fact]
    public async Task A_list_of_thirty_two_rights_is_taken_whole()
    {
        using var tokens = TokensOf(issuer.Issuer);
        var rights = Enumerable.Range(0, OpenIdTokens.MaximumRights).Select(i => $"right {i}").ToArray();
        var (person, _) = await tokens.ValidateAsync(await issuer.TokenAsync([.. rights.Select(right => ("right", right))]), Cancel);
        Assert.Equal(rights, person!.Rights);
    }

    [Theory]
    [InlineData("another-ledger", false)]
    [InlineData("Ledger", false)]
    [InlineData("""["another","ledger"]""", true)]
    [InlineData("""["another","ledger2"]""", false)]
    [InlineData("[]", false)]
    [InlineData("null", false)]
    public async Task A_token_for_another_service_is_refused(string audience, bool ours)
    {
        var value = audience[0] is '[' or 'n' ? audience : $"\"{audience}\"";
        var token = await issuer.TokenAsync(("claims", $$"""{"aud":{{value}}}"""));
        if (ours)
        {
            await AcceptedAsync(token);
        }
        else
        {
            await RefusedAsync("token-audience", token);
        }
    }

    [Fact]
    public async Task A_token_serves_to_its_last_second_and_a_minute_more_for_clocks_that_differ()
    {
        var token = await issuer.TokenAsync();
        var ends = DateTimeOffset.FromUnixTimeSeconds((long)Part(token, 1)["exp"]!);
        await AcceptedAsync(token, ends + TimeSpan.FromSeconds(59.9));
        await RefusedAsync("token-expired", token, ends + TimeSpan.FromSeconds(60));
        await RefusedAsync("token-expired", token, ends + TimeSpan.FromDays(365));
    }

    [Fact]
    public async Task A_token_does_not_serve_more_than_a_minute_before_its_time()
    {
        var begins = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1000);
        var token = await issuer.TokenAsync(("claims", $$"""{"nbf":{{begins.ToUnixTimeSeconds()}}}"""));
        await RefusedAsync("token-not-yet-valid", token, begins - TimeSpan.FromSeconds(61));
        await AcceptedAsync(token, begins - TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_token_that_never_ends_is_refused() =>
        await RefusedAsync("token-malformed", await issuer.TokenAsync(("claims", """{"exp":null}""")));

    [Fact]
    public async Task A_token_of_another_issuer_is_refused_also_when_it_says_that_it_is_of_ours()
    {
        await using var other = await IssuerProcess.StartAsync();
        await RefusedAsync("token-issuer-unknown", await other.TokenAsync());
        await RefusedAsync("token-issuer-unknown", await issuer.TokenAsync(("claims", """{"iss":null}""")));
        var posing = ("claims", new JsonObject { ["iss"] = issuer.Issuer }.ToJsonString());
        await RefusedAsync("token-key-unknown", await other.TokenAsync(posing));

        // And when it also names our issuer's key.
        var parts = (await other.TokenAsync(posing)).Split('.');
        await RefusedAsync("token-signature", $"{(await issuer.TokenAsync()).Split('.')[0]}.{parts[1]}.{parts[2]}");
    }

    [Fact]
    public async Task No_character_of_a_token_can_be_changed()
    {
        var token = await issuer.TokenAsync(("sub", "anna"), ("right", "auditor"));
        using var tokens = TokensOf(issuer.Issuer);
        Assert.NotNull((await tokens.ValidateAsync(token, Cancel)).Person);
        await Gen.Select(Gen.Int[0, token.Length - 1], Gen.Char["ABCxyz019-_.=+/ é"]).Where((at, c) => token[at] != c).SampleAsync(async (at, c) =>
        {
            var (person, problem) = await tokens.ValidateAsync(string.Concat(token.AsSpan(0, at), [c], token.AsSpan(at + 1)), Cancel);
            return person is null && problem!.Status == 401;
        });
    }

    [Fact]
    public async Task A_person_who_gives_himself_another_name_or_right_is_refused()
    {
        var token = await issuer.TokenAsync(("sub", "anna"), ("right", "repairer"));
        await RefusedAsync("token-signature", With(token, 1, body => body["sub"] = "bertha"));
        await RefusedAsync("token-signature", With(token, 1, body => body["battery_passport"] = "auditor"));
        await RefusedAsync("token-signature", With(token, 1, body => body["exp"] = 9_999_999_999));
        await RefusedAsync("token-signature", token[..(token.LastIndexOf('.') + 1)]);
        await RefusedAsync("token-signature", token[..^2]);
    }

    [Theory, InlineData("none"), InlineData("None"), InlineData("HS256"), InlineData("RSA1_5"), InlineData("EdDSA"), InlineData(""), InlineData(null)]
    public async Task A_token_without_a_public_key_signature_is_refused(string? algorithm)
    {
        var token = With(await issuer.TokenAsync(), 0, header => header["alg"] = algorithm);
        await RefusedAsync("token-algorithm", token);
        await RefusedAsync("token-algorithm", token[..(token.LastIndexOf('.') + 1)]);
    }

    [Fact]
    public async Task The_issuer_s_public_key_is_no_shared_secret()
    {
        var token = With(await issuer.TokenAsync(("sub", "anna")), 0, header => header["alg"] = "HS256");
        var input = token[..token.LastIndexOf('.')];
        var key = (await issuer.KeysAsync()).Single(one => (string?)one!["kid"] == (string?)Part(token, 0)["kid"])!;
        using var rsa = RSA.Create(new RSAParameters { Modulus = StrictBase64Url.Decode((string)key["n"]!), Exponent = StrictBase64Url.Decode((string)key["e"]!) });
        byte[][] secrets =
        [
            rsa.ExportSubjectPublicKeyInfo(), rsa.ExportRSAPublicKey(), Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()),
            Encoding.ASCII.GetBytes(rsa.ExportRSAPublicKeyPem()), rsa.ExportParameters(false).Modulus!, Encoding.UTF8.GetBytes(key.ToJsonString()),
        ];
        foreach (var secret in secrets)
        {
            await RefusedAsync("token-algorithm", $"{input}.{StrictBase64Url.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(input)))}");
        }
    }

    [Theory, InlineData("at+jwt"), InlineData("AT+JWT"), InlineData("application/at+jwt"), InlineData("JWT")]
    public async Task An_access_token_says_that_it_is_one(string type) => await AcceptedAsync(await issuer.TokenAsync(("typ", type)));

    [Theory]
    [InlineData("cm-caller+jwt")]
    [InlineData("cm-entry+sd-jwt")]
    [InlineData("cm-head+jwt")]
    [InlineData("logout+jwt")]
    [InlineData("dpop+jwt")]
    [InlineData("at+jwt2")]
    public async Task A_token_of_another_kind_is_refused_though_the_issuer_signed_it(string type) =>
        await RefusedAsync("token-type-wrong", await issuer.TokenAsync(("typ", type)));

    [Fact]
    public async Task A_token_that_needs_its_owner_s_key_or_an_extension_is_no_bearer_token()
    {
        await RefusedAsync("token-type-wrong", await issuer.TokenAsync(("claims", """{"cnf":{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}""")));
        await RefusedAsync("token-type-wrong", With(await issuer.TokenAsync(), 0, header => header["crit"] = new JsonArray("exp")));
        await RefusedAsync("token-type-wrong", With(await issuer.TokenAsync(), 0, header => header.Remove("typ")));
    }

    [Fact]
    public async Task An_entry_of_the_ledger_is_no_token()
    {
        var author = new Author("localhost/tokens");
        var entry = author.Sign(author.Authority, "log-opened.v1", author.LogChain);
        await RefusedAsync("token-type-wrong", entry.Entry.ToString()!);
        await RefusedAsync("token-malformed", entry.ToSdJwt());
    }

    [Fact]
    public async Task A_token_names_somebody_whose_name_can_be_written_down()
    {
        await RefusedAsync("token-subject", await issuer.TokenAsync(("claims", """{"sub":null}""")));
        await RefusedAsync("token-subject", await issuer.TokenAsync(("claims", """{"sub":""}""")));
        await RefusedAsync("token-subject", await issuer.TokenAsync(("claims", """{"sub":17}""")));
        await RefusedAsync("token-subject", await issuer.TokenAsync(("claims", """{"sub":"anna\nbertha"}""")));
        await RefusedAsync("token-subject", await issuer.TokenAsync(("sub", new string('a', 256))));
        await AcceptedAsync(await issuer.TokenAsync(("sub", new string('a', 255))));
    }

    [Fact]
    public async Task A_token_is_read_up_to_its_limit_and_not_beyond()
    {
        var token = await issuer.TokenAsync(("claims", $$"""{"note":"{{new string('x', 11_400)}}"}"""));
        Assert.InRange(token.Length, 15_000, OpenIdTokens.MaximumLength);
        await AcceptedAsync(token);
        await RefusedAsync("token-malformed", await issuer.TokenAsync(("claims", $$"""{"note":"{{new string('x', 12_400)}}"}""")));
    }

    [Fact]
    public async Task What_is_no_token_is_refused_with_a_sentence_whatever_it_is()
    {
        using var tokens = TokensOf(issuer.Issuer);
        var token = await issuer.TokenAsync();
        var twice = StrictBase64Url.Encode(Encoding.UTF8.GetBytes("""{"alg":"RS256","typ":"JWT","alg":"none"}"""));
        var parts = token.Split('.');
        string[] no = ["", ".", "..", "...", "a.b.c", "....", token + ".", " " + token, token + "=", $"{twice}.{parts[1]}.{parts[2]}", $"{parts[0]}.{StrictBase64Url.Encode("[]"u8)}.{parts[2]}",
            $"{parts[0]}.{StrictBase64Url.Encode("""{"sub":"\ud800"}"""u8)}.{parts[2]}", $"{parts[0]}.{StrictBase64Url.Encode([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D])}.{parts[2]}", new string('.', 20_000)];
        Assert.All(no, text => Assert.Equal((401, "token-malformed"), Outcome(tokens.ValidateAsync(text, Cancel).Result)));
        await Gen.String.SampleAsync(async text => (await tokens.ValidateAsync(text, Cancel)).Problem is { Status: 401, Code: "token-malformed" });
        await Gen.Select(Gen.Byte.Array[0, 60], Gen.Byte.Array[0, 60]).SampleAsync(async (header, body) =>
            (await tokens.ValidateAsync($"{StrictBase64Url.Encode(header)}.{StrictBase64Url.Encode(body)}.{parts[2]}", Cancel)).Problem is { Status: 401, Code: "token-malformed" });
    }

    [Fact]
    public async Task Without_a_configured_issuer_nobody_s_token_is_taken()
    {
        using var tokens = new OpenIdTokens(new LedgerOptions { DataFolder = "" }, new SetClock(), new KeptLog());
        Assert.Equal((401, "token-issuer-none"), Outcome(await tokens.ValidateAsync(await issuer.TokenAsync(), Cancel)));
    }

    [Fact]
    public async Task A_token_without_the_name_of_its_key_is_by_one_of_the_issuer_s_keys_or_refused()
    {
        await using var own = await HandMadeIssuer.StartAsync();
        using var stranger = RSA.Create(2048);
        using var tokens = TokensOf(own.Issuer);
        Assert.Null((await tokens.ValidateAsync(own.Token(kid: null), Cancel)).Problem);
        Assert.Equal((401, "token-signature"), Outcome(await tokens.ValidateAsync(own.Token(kid: null, by: stranger), Cancel)));
        Assert.Equal(2, own.Asked);
    }

    [Fact]
    public async Task Nothing_of_a_token_goes_to_the_log()
    {
        var log = new KeptLog();
        await using var own = await HandMadeIssuer.StartAsync();
        own.Keys = HandMadeIssuer.Answer();
        var (clock, token) = (new SetClock(), own.Token());
        using var tokens = new OpenIdTokens(Options(own.Issuer), clock, log);
        Assert.Equal(503, (await tokens.ValidateAsync(token, Cancel)).Problem?.Status);
        own.Keys = HandMadeIssuer.Answer(own.Key);
        clock.Advance(OpenIdKeys.Pause);
        Assert.Null((await tokens.ValidateAsync(token, Cancel)).Problem);
        foreach (var bad in (string[])[With(token, 1, body => body["sub"] = "bertha"), With(token, 1, body => body["aud"] = "x"), With(token, 0, header => header["kid"] = "2"), token + "x"])
        {
            Assert.Equal(401, (await tokens.ValidateAsync(bad, Cancel)).Problem?.Status);
        }

        var said = Assert.Single(log.Lines);
        Assert.All([.. token.Split('.'), "anna", "bertha"], part => Assert.DoesNotContain(part, said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_caller_is_told_how_to_prove_who_he_is()
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await Problems.TokenExpired.ExecuteAsync(context);
        Assert.Equal((401, "Bearer error=\"invalid_token\""), (context.Response.StatusCode, context.Response.Headers.WWWAuthenticate.ToString()));
    }

    [Theory]
    [InlineData("https://login.example.com", true)]
    [InlineData("https://login.example.com/realms/batteries/", true)]
    [InlineData("http://127.0.0.1:9000", true)]
    [InlineData("http://localhost:9000/", true)]
    [InlineData("http://[::1]:9000/", true)]
    [InlineData("http://login.example.com", false)]
    [InlineData("http://127.0.0.1.example.com", false)]
    [InlineData("https://login.example.com/?tenant=1", false)]
    [InlineData("https://login.example.com/#", false)]
    [InlineData("https://somebody:secret@login.example.com", false)]
    [InlineData("login.example.com", false)]
    [InlineData("file:///etc/issuer", false)]
    public void An_issuer_is_asked_over_https_or_on_this_machine(string issuer, bool right)
    {
        var configuration = Configuration(("Ledger:OpenId:Issuer", issuer), ("Ledger:OpenId:Audience", "ledger"), ("Ledger:DataFolder", "data"));
        if (right)
        {
            var options = LedgerOptions.Read(configuration);
            Assert.Equal((issuer, "ledger", "battery_passport"), (options.OpenIdIssuer, options.OpenIdAudience, options.OpenIdClaim));
        }
        else
        {
            Assert.Contains("Ledger__OpenId__Issuer", Assert.Throws<StartupException>(() => LedgerOptions.Read(configuration)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_issuer_without_an_audience_and_an_audience_without_an_issuer_do_not_start()
    {
        Assert.Throws<StartupException>(() => LedgerOptions.Read(Configuration(("Ledger:OpenId:Issuer", "https://login.example.com"), ("Ledger:DataFolder", "data"))));
        Assert.Throws<StartupException>(() => LedgerOptions.Read(Configuration(("Ledger:OpenId:Audience", "ledger"), ("Ledger:DataFolder", "data"))));
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(one => KeyValuePair.Create(one.Key, (string?)one.Value))).Build();

    private async Task AcceptedAsync(string token, DateTimeOffset? now = null)
    {
        using var tokens = TokensOf(issuer.Issuer, now);
        var (person, problem) = await tokens.ValidateAsync(token, Cancel);
        Assert.True(person is not null, problem?.ToString());
    }

    private async Task RefusedAsync(string code, string token, DateTimeOffset? now = null)
    {
        using var tokens = TokensOf(issuer.Issuer, now);
        Assert.Equal((401, code), Outcome(await tokens.ValidateAsync(token, Cancel)));
    }
}
