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

/// <summary>When the service asks the issuer for its keys, how long these serve, and what strangers can make it do.</summary>
public sealed class KeysOfTheIssuer(IssuerProcess issuer) : IClassFixture<IssuerProcess>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_issuer_is_down_a_token_is_neither_taken_nor_refused_and_when_it_is_back_it_is_taken()
    {
        var first = await IssuerProcess.StartAsync();
        var (address, early) = (first.Issuer, await first.TokenAsync());
        await first.DisposeAsync();
        var (clock, log) = (new SetClock(), new KeptLog());
        using var tokens = new OpenIdTokens(Options(address), clock, log);
        Assert.Equal((503, "token-issuer-unreachable"), Outcome(await tokens.ValidateAsync(early, Cancel)));

        await using var second = await IssuerProcess.StartAsync(address);
        var token = await second.TokenAsync();
        clock.Advance(OpenIdKeys.Pause);
        Assert.Null((await tokens.ValidateAsync(token, Cancel)).Problem);
        Assert.Equal((401, "token-key-unknown"), Outcome(await tokens.ValidateAsync(early, Cancel)));
        Assert.Contains(address, Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Known_keys_serve_for_an_hour_while_the_issuer_is_down_and_then_no_more()
    {
        var own = await IssuerProcess.StartAsync();
        var clock = new SetClock();
        using var tokens = new OpenIdTokens(Options(own.Issuer), clock, new KeptLog());
        var token = await own.TokenAsync(("claims", $$"""{"exp":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 86_400}}}"""));
        Assert.Null((await tokens.ValidateAsync(token, Cancel)).Problem);
        await own.DisposeAsync();

        clock.Advance(OpenIdKeys.Oldest);
        Assert.Null((await tokens.ValidateAsync(token, Cancel)).Problem);
        clock.Advance(OpenIdKeys.Pause);
        Assert.Equal((503, "token-issuer-unreachable"), Outcome(await tokens.ValidateAsync(token, Cancel)));
    }

    [Fact]
    public async Task When_the_issuer_changes_its_key_tokens_by_the_new_and_the_older_one_are_taken_whatever_the_algorithm()
    {
        await using var own = await IssuerProcess.StartAsync();
        var clock = new SetClock();
        using var tokens = new OpenIdTokens(Options(own.Issuer), clock, new KeptLog());
        List<string> all = [await own.TokenAsync()];
        Assert.Null((await tokens.ValidateAsync(all[0], Cancel)).Problem);
        foreach (var algorithm in (string[])["PS256", "ES256", "RS256"])
        {
            await own.RolloverAsync(algorithm);
            all.Add(await own.TokenAsync());
            Assert.Equal(algorithm, (string?)Part(all[^1], 0)["alg"]);
            Assert.Equal((401, "token-key-unknown"), Outcome(await tokens.ValidateAsync(all[^1], Cancel))); // asked less than Pause ago
            clock.Advance(OpenIdKeys.Pause);
            foreach (var token in all)
            {
                Assert.Null((await tokens.ValidateAsync(all[^1], Cancel)).Problem);
                Assert.Null((await tokens.ValidateAsync(token, Cancel)).Problem);
            }
        }
    }

    [Fact]
    public async Task A_key_that_the_issuer_has_taken_back_is_refused_as_soon_as_the_issuer_was_asked_again()
    {
        await using var own = await IssuerProcess.StartAsync();
        var clock = new SetClock();
        using var tokens = new OpenIdTokens(Options(own.Issuer), clock, new KeptLog());
        var old = await own.TokenAsync();
        Assert.Null((await tokens.ValidateAsync(old, Cancel)).Problem);
        await own.RolloverAsync(forgetOlder: true);
        clock.Advance(OpenIdKeys.Pause);
        Assert.Null((await tokens.ValidateAsync(await own.TokenAsync(), Cancel)).Problem);
        Assert.Equal((401, "token-key-unknown"), Outcome(await tokens.ValidateAsync(old, Cancel)));
    }

    [Fact]
    public async Task Ten_minutes_after_the_last_time_any_token_makes_the_service_ask_again_and_nobody_waits_for_it()
    {
        await using var own = await HandMadeIssuer.StartAsync();
        var clock = new SetClock();
        using var tokens = new OpenIdTokens(Options(own.Issuer), clock, new KeptLog());
        var old = own.Token();
        Assert.Null((await tokens.ValidateAsync(old, Cancel)).Problem);

        var (again, answer, renamed) = (new TaskCompletionSource(), new TaskCompletionSource(), own.Key);
        renamed["kid"] = "2";
        own.Keys = async context =>
        {
            again.SetResult();
            await answer.Task;
            await HandMadeIssuer.Answer(renamed)(context);
        };
        clock.Advance(OpenIdKeys.Fresh);
        Assert.Null((await tokens.ValidateAsync(old, Cancel)).Problem);
        Assert.Equal(2, own.Asked);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null((await tokens.ValidateAsync(old, Cancel)).Problem);
        await again.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        Assert.Null((await tokens.ValidateAsync(old, Cancel)).Problem);
        answer.SetResult();
        Assert.Null((await tokens.ValidateAsync(own.Token(kid: "2"), Cancel)).Problem);
        Assert.Equal((401, "token-key-unknown"), Outcome(await tokens.ValidateAsync(old, Cancel)));
    }

    [Fact]
    public async Task A_flood_of_unknown_keys_makes_the_service_ask_the_issuer_once_in_half_a_minute()
    {
        await using var own = await IssuerProcess.StartAsync();
        var clock = new SetClock();
        using var tokens = new OpenIdTokens(Options(own.Issuer), clock, new KeptLog());
        var good = await own.TokenAsync();
        for (var round = 1; round <= 3; round++)
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, 500), Cancel, async (i, cancel) =>
            {
                var hostile = With(good, 0, header => header["kid"] = $"{round}-{i}");
                Assert.Equal((401, "token-key-unknown"), Outcome(await tokens.ValidateAsync(hostile, cancel)));
                Assert.Null((await tokens.ValidateAsync(good, cancel)).Problem);
            });
            Assert.Equal(2 * round, await own.AskedAsync()); // discovery document and key set
            clock.Advance(OpenIdKeys.Pause);
        }
    }

    [Fact]
    public async Task Tokens_that_do_not_say_that_they_are_the_issuer_s_make_nobody_ask_it()
    {
        await using var own = await IssuerProcess.StartAsync();
        using var tokens = TokensOf(own.Issuer);
        var good = await own.TokenAsync();
        string[] no = [await issuer.TokenAsync(), With(good, 0, header => header["alg"] = "none"), With(good, 0, header => header["typ"] = "cm-caller+jwt"), "a.b.c"];
        Assert.All(no, token => Assert.Equal(401, tokens.ValidateAsync(token, Cancel).Result.Problem?.Status));
        Assert.Equal(0, await own.AskedAsync());
    }

    [Fact]
    public async Task A_caller_that_goes_away_spoils_nothing_for_those_who_wait_with_him()
    {
        await using var own = await HandMadeIssuer.StartAsync();
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        var discovery = own.Discovery;
        own.Discovery = async context =>
        {
            asked.SetResult();
            await answer.Task;
            await discovery(context);
        };
        using var tokens = TokensOf(own.Issuer);
        using var leaves = new CancellationTokenSource();
        var leaving = tokens.ValidateAsync(own.Token(), leaves.Token);
        await asked.Task;
        var staying = tokens.ValidateAsync(own.Token(), Cancel);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        answer.SetResult();
        Assert.Null((await staying).Problem);
        Assert.Equal(2, own.Asked);
    }

    [Theory]
    [InlineData("another issuer", "names another issuer")]
    [InlineData("keys at a plain address elsewhere", "no https address")]
    [InlineData("keys nowhere", "no https address")]
    [InlineData("not JSON")]
    [InlineData("not an object", "something else than a JSON object")]
    [InlineData("a member twice")]
    [InlineData("not UTF-8")]
    [InlineData("redirect")]
    [InlineData("error")]
    [InlineData("silence")]
    [InlineData("cut off")]
    [InlineData("too long")]
    [InlineData("no keys", "publishes no")]
    [InlineData("keys are no array", "publishes no")]
    public async Task An_issuer_that_answers_with_something_else_than_its_keys_is_one_that_cannot_be_asked(string what, string reason = "")
    {
        await using var own = await HandMadeIssuer.StartAsync();
        var log = new KeptLog();
        using var tokens = new OpenIdTokens(Options(own.Issuer), new SetClock(), log);
        RequestDelegate Says(string text) => context => context.Response.WriteAsync(text);
        own.Discovery = what switch
        {
            "another issuer" => Says(new JsonObject { ["issuer"] = own.Issuer + "/", ["jwks_uri"] = own.Issuer + "/keys" }.ToJsonString()),
            "keys at a plain address elsewhere" => Says(new JsonObject { ["issuer"] = own.Issuer, ["jwks_uri"] = "http://192.0.2.1/keys" }.ToJsonString()),
            "keys nowhere" => Says(new JsonObject { ["issuer"] = own.Issuer }.ToJsonString()),
            "not JSON" => Says("<html>"),
            "not an object" => Says("[]"),
            "a member twice" => Says($$"""{"issuer":"{{own.Issuer}}","issuer":"{{own.Issuer}}","jwks_uri":"{{own.Issuer}}/keys"}"""),
            "not UTF-8" => context => context.Response.Body.WriteAsync(new byte[] { 0x7B, 0x22, 0x69, 0x73, 0x73, 0x75, 0x65, 0x72, 0x22, 0x3A, 0x22, 0xFF, 0x22, 0x7D }, context.RequestAborted).AsTask(),
            "redirect" => context =>
            {
                if (context.Request.Path == "/elsewhere")
                {
                    return context.Response.WriteAsync(own.DiscoveryDocument.ToJsonString());
                }

                context.Response.Redirect("/elsewhere");
                return Task.CompletedTask;
            },
            "error" => context =>
            {
                context.Response.StatusCode = 500;
                return Task.CompletedTask;
            },
            "silence" => context => Task.Delay(Timeout.Infinite, context.RequestAborted),
            "cut off" => async context =>
            {
                context.Response.ContentLength = 100;
                await context.Response.WriteAsync("{", context.RequestAborted);
                context.Abort();
            },
            _ => own.Discovery,
        };
        own.Keys = what switch
        {
            "too long" => Says(new string(' ', OpenIdKeys.MaximumLength) + new JsonObject { ["keys"] = new JsonArray(own.Key) }.ToJsonString()),
            "no keys" => HandMadeIssuer.Answer(),
            "keys are no array" => Says("""{"keys":{}}"""),
            _ => own.Keys,
        };
        Assert.Equal((503, "token-issuer-unreachable"), Outcome(await tokens.ValidateAsync(own.Token(), Cancel)));
        Assert.Contains(own.Issuer, Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.Contains(reason, log.Lines.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_are_not_for_signatures_are_passed_over_and_the_others_serve()
    {
        await using var own = await HandMadeIssuer.StartAsync();
        using var weak = RSA.Create(1024);
        var modulus = StrictBase64Url.Encode(weak.ExportParameters(false).Modulus);
        JsonObject Key(string kid, Action<JsonObject> change)
        {
            var key = own.Key;
            key["kid"] = kid;
            change(key);
            return key;
        }

        own.Keys = HandMadeIssuer.Answer(
            "no key", Key("encryption", key => key["use"] = "enc"), Key("weak", key => key["n"] = modulus), Key("shared", key => (key["kty"], key["k"]) = ("oct", "AAAA")),
            Key("curve", key => (key["kty"], key["crv"], key["x"], key["y"]) = ("EC", "P-256", "AAAA", "AAAA")), Key("unknown", key => key["kty"] = "OKP"),
            Key("for PS256", key => key["alg"] = "PS256"), own.Key);
        using var tokens = TokensOf(own.Issuer);
        Assert.Null((await tokens.ValidateAsync(own.Token(), Cancel)).Problem);
        Assert.Null((await tokens.ValidateAsync(own.Token("PS256", "for PS256"), Cancel)).Problem);
        Assert.Equal((401, "token-signature"), Outcome(await tokens.ValidateAsync(own.Token("RS256", "for PS256"), Cancel)));
        foreach (var kid in (string[])["encryption", "weak", "shared", "curve", "unknown"])
        {
            Assert.Equal((401, "token-key-unknown"), Outcome(await tokens.ValidateAsync(own.Token(kid: kid), Cancel)));
        }
    }
}
