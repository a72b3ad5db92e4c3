using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Callers;

/// <summary>What a caller token opens: one request of one operator, for one address, once; and by what name every other one is refused.</summary>
public sealed class TokensOfOperators(PostgresServer postgres, ClosedWorld closed)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_good_token_opens_more_than_the_public_sees_and_the_answer_is_kept_by_nobody_and_says_that_it_was_recorded()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var answer = await world.AskAsync(battery.Path, await world.AnAsync(Role.Repairer), "repairer");

        Assert.Equal("200", answer.ToString());
        Assert.Equal("RU", battery.Shown(answer));
        Assert.Equal(["no-store", "private"], answer.Header("Cache-Control")!.Split(", ").Order(StringComparer.Ordinal));
        var statement = ReadingStatement.Parse(answer.Header("Battery-Passport-Readings")!, out _);
        Assert.Equal((world.Says.Origin, battery.Name, 1), (statement!.Origin, statement.Subject, statement.Count));
        Assert.True(statement.IsSignedBy(world.Says.Head.Key.VerifyingKey));

        var open = await world.AskAsync(battery.Path);
        Assert.Equal("", battery.Shown(open));
        Assert.Null(open.Header("Battery-Passport-Readings"));
    }

    [Theory]
    [InlineData("token-foreign", "aud", "ledger.example.com/log/another")]
    [InlineData("token-address-wrong", "htu", "https://passport.example.com/id/00000000-0000-0000-0000-000000000000")]
    [InlineData("token-address-wrong", "htu", "https://evil.example/id/00000000-0000-0000-0000-000000000000")]
    [InlineData("token-method-wrong", "htm", "HEAD")]
    [InlineData("token-method-wrong", "htm", "POST")]
    [InlineData("token-malformed", "htm", "get")]
    [InlineData("token-malformed", "jti", "1")]
    [InlineData("token-malformed", "admin", "true")]
    public async Task A_token_for_something_else_opens_nothing(string code, string member, string value)
    {
        var world = await closed.GetAsync(postgres);
        await RefusedAsync(world, code, change: payload => payload[member] = value);
    }

    [Theory]
    [InlineData("token-expired", -600, -480)]
    [InlineData("token-expired", -300, 0)]
    [InlineData("token-not-yet-valid", 3600, 3660)]
    [InlineData("token-too-long-lived", 0, 301)]
    [InlineData("token-too-long-lived", -86400, 86400)]
    [InlineData("token-malformed", 0, -1)]
    public async Task A_token_outside_its_minutes_opens_nothing(string code, int issued, int expires)
    {
        var world = await closed.GetAsync(postgres);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await RefusedAsync(world, code, change: payload =>
        {
            payload["iat"] = now + issued;
            payload["exp"] = now + expires;
        });
    }

    [Theory]
    [InlineData("evil.example", "401 token-address-wrong")]
    [InlineData("localhost.evil.example:80", "401 token-address-wrong")]
    [InlineData("198.51.100.7", "401 token-address-wrong")]
    [InlineData("127.0.0.1:1", "200")]
    [InlineData("LOCALHOST", "200")]
    [InlineData("[::1]:8080", "200")]
    public async Task A_stranger_who_had_a_token_signed_for_his_own_host_does_not_bring_it_here_by_calling_this_host_so(string host, string expected)
    {
        var world = await closed.GetAsync(postgres);
        var (path, repairer) = ((await MarkedBattery.MakeAsync(world)).Path, await world.AnAsync(Role.Repairer));
        var token = world.Token(repairer, path, change: payload => payload["htu"] = $"http://{host}{path}");

        Assert.Equal(expected, (await world.Http().SendAsync(path, HttpMethod.Get, ("Host", host), ("Accept", "application/json"), ("Authorization", $"Bearer {token}"))).ToString());
    }

    [Fact]
    public async Task A_request_that_writes_its_host_into_the_request_line_is_bound_like_any_other()
    {
        var world = await closed.GetAsync(postgres);
        var (path, repairer) = ((await MarkedBattery.MakeAsync(world)).Path, await world.AnAsync(Role.Repairer));
        async Task<string> AskAsync(string host, string signed)
        {
            var token = world.Token(repairer, path, change: payload => payload["htu"] = signed + path);
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync("127.0.0.1", world.Http().BaseAddress!.Port, Cancel);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET http://{host}{path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"), Cancel);
            using var reader = new StreamReader(stream);
            return (await reader.ReadToEndAsync(Cancel))[..12];
        }

        Assert.Equal("HTTP/1.1 401", await AskAsync("evil.example", "http://evil.example"));
        Assert.Equal("HTTP/1.1 200", await AskAsync("localhost", "http://localhost"));
        Assert.Equal("HTTP/1.1 200", await AskAsync("passport.example.com", ClosedWorld.PublicUrl));
    }

    [Fact]
    public async Task A_token_for_GET_opens_no_HEAD_and_one_for_HEAD_no_GET()
    {
        var world = await closed.GetAsync(postgres);
        var (path, repairer) = ((await MarkedBattery.MakeAsync(world)).Path, await world.AnAsync(Role.Repairer));
        Task<Heard> SendAsync(HttpMethod method, string signed) => world.Http().SendAsync(path, method, ("Accept", "application/json"), ("Authorization", $"Bearer {world.Token(repairer, path, signed)}"));

        Assert.Equal("401 token-method-wrong", (await SendAsync(HttpMethod.Get, "HEAD")).ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Head, "GET")).Status);
        var head = await SendAsync(HttpMethod.Head, "HEAD");
        Assert.Equal("200", head.ToString());
        Assert.NotNull(head.Header("Battery-Passport-Readings"));
    }

    [Fact]
    public async Task A_token_opens_one_request_whichever_node_it_comes_to_first()
    {
        var world = await closed.GetAsync(postgres);
        var (path, repairer) = ((await MarkedBattery.MakeAsync(world)).Path, await world.AnAsync(Role.Repairer));
        foreach (var first in (int[])[0, 1])
        {
            var token = world.Token(repairer, path);
            Assert.Equal("200", (await world.AskAsync(path, token, first)).ToString());
            Assert.Equal("401 token-replayed", (await world.AskAsync(path, token, first)).ToString());
            Assert.Equal("401 token-replayed", (await world.AskAsync(path, token, 1 - first)).ToString());
        }
    }

    [Fact]
    public async Task Of_many_who_bring_the_same_token_at_once_one_is_answered()
    {
        var world = await closed.GetAsync(postgres);
        var (path, repairer) = ((await MarkedBattery.MakeAsync(world)).Path, await world.AnAsync(Role.Repairer));
        var token = world.Token(repairer, path);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => world.AskAsync(path, token, i % 2)));

        Assert.Equal(["200", .. Enumerable.Repeat("401 token-replayed", 15)], answers.Select(a => a.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_refused_token_is_not_used_up_by_whoever_only_saw_its_name()
    {
        var world = await closed.GetAsync(postgres);
        var (path, repairer) = ((await MarkedBattery.MakeAsync(world)).Path, await world.AnAsync(Role.Repairer));
        var id = Guid.NewGuid().ToString();
        using var stranger = SigningKey.Generate();
        Assert.Equal("401 token-signature", (await world.AskAsync(path, world.Token(repairer, path, change: p => p["jti"] = id, key: stranger))).ToString());
        Assert.Equal("200", (await world.AskAsync(path, world.Token(repairer, path, change: p => p["jti"] = id))).ToString());
    }

    [Fact]
    public async Task A_key_that_its_owner_revoked_or_reported_opens_nothing_from_then_on_and_neither_do_the_keys_it_added()
    {
        var world = await closed.GetAsync(postgres);
        var path = (await MarkedBattery.MakeAsync(world)).Path;
        var first = Party.Of($"did:web:{Guid.NewGuid():N}.example");
        Party Another(string name) => Party.Of(first.Did, name);
        var (second, third, fourth) = (Another("2"), Another("3"), Another("4"));
        await world.AdmitAsync(world.Says.Enrols(first, Role.Repairer));
        await world.AdmitAsync(world.Says.AddsKey(first, second));
        await world.AdmitAsync(world.Says.AddsKey(first, third));
        await world.AdmitAsync(world.Says.AddsKey(third, fourth));
        foreach (var key in (Party[])[first, second, third, fourth])
        {
            Assert.Equal("200", (await world.AskAsync(path, key, "repairer")).ToString());
        }

        await world.AdmitAsync(world.Says.RevokesKey(first, second));
        await world.AdmitAsync(world.Says.Sign(first, "key-compromised.v1", first.Did, new JsonObject { ["kid"] = third.KeyId, ["fromIndex"] = 0 }));

        foreach (var node in (int[])[0, 1])
        {
            Assert.Equal("200", (await world.AskAsync(path, first, "repairer", node)).ToString());
            foreach (var key in (Party[])[second, third, fourth])
            {
                Assert.Equal("401 token-key-revoked", (await world.AskAsync(path, key, "repairer", node)).ToString());

                // A stranger does not learn by it that the key was revoked.
                Assert.Equal("401 token-signature", (await world.AskAsync(path, world.Token(key, path, key: first.Key), node)).ToString());
            }
        }
    }

    [Fact]
    public async Task A_key_of_another_operator_or_of_nobody_opens_nothing()
    {
        var world = await closed.GetAsync(postgres);
        var (path, repairer, recycler) = ((await MarkedBattery.MakeAsync(world)).Path, await world.AnAsync(Role.Repairer), await world.AnAsync(Role.Recycler));

        Assert.Equal("401 token-signature", (await world.AskAsync(path, world.Token(repairer, path, key: recycler.Key))).ToString());
        Assert.Equal("401 token-signer-unknown", (await world.AskAsync(path, Party.Of("did:web:stranger.example"))).ToString());
        Assert.Equal("401 token-signer-unknown", (await world.AskAsync(path, repairer with { KeyId = $"{repairer.Did}#none" })).ToString());
        Assert.Equal("401 token-malformed", (await world.AskAsync(path, world.Token(recycler, path, change: p => p["iss"] = repairer.Did))).ToString());
    }

    [Fact]
    public async Task The_authority_asks_with_its_own_key_as_the_log_and_no_other_key_of_the_log_asks_anything()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);

        var answer = await world.AskAsync(battery.Path, world.Says.Authority);
        Assert.Equal("200", answer.ToString());
        Assert.Equal("", battery.Shown(answer));
        foreach (var key in (Party[])[world.Says.Recovery, world.Says.Head, world.Says.LogKey])
        {
            Assert.Equal("401 token-key-use", (await world.AskAsync(battery.Path, key)).ToString());
        }
    }

    [Fact]
    public async Task Something_signed_for_another_end_is_no_token_and_a_token_is_no_entry()
    {
        var world = await closed.GetAsync(postgres);
        var (battery, repairer) = (await MarkedBattery.MakeAsync(world), await world.AnAsync(Role.Repairer));
        var head = (await world.AskAsync($"/head?sub={battery.Name}")).Text;
        var statement = (await world.AskAsync(battery.Path, repairer)).Header("Battery-Passport-Readings")!;

        foreach (var other in (string[])[Encoding.ASCII.GetString(battery.Made.Entry.Leaf.ToArray()), head, statement])
        {
            Assert.Equal("401 token-type-wrong", (await world.AskAsync(battery.Path, other)).ToString());
        }

        using var content = new StringContent(world.Token(repairer, "/entries", "POST") + "~", Encoding.ASCII);
        content.Headers.ContentType = new("application/sd-jwt");
        Assert.Equal("400 header-forbidden", (await world.Http().SendAsync("/entries", HttpMethod.Post, content)).ToString());
    }

    [Theory]
    [InlineData("Basic dXNlcjpwYXNz", "authorization-malformed")]
    [InlineData("Bearer", "authorization-malformed")]
    [InlineData("DPoP x", "authorization-malformed")]
    [InlineData("Bearer x", "token-malformed")]
    [InlineData("Bearer ..", "token-malformed")]
    public async Task Whoever_says_who_he_is_in_no_way_that_is_known_is_refused_instead_of_taken_for_the_public(string authorization, string code)
    {
        var world = await closed.GetAsync(postgres);
        var path = (await MarkedBattery.MakeAsync(world)).Path;
        foreach (var (accept, said) in ((string, string)[])[("application/json", $"401 {code}"), ("text/html", "401")])
        {
            var answer = await world.Http().SendAsync(path, HttpMethod.Get, ("Accept", accept), ("Authorization", authorization));

            Assert.Equal(said, answer.ToString());
            Assert.Contains(code, answer.Text, StringComparison.Ordinal);
            Assert.Equal("no-store", answer.Header("Cache-Control"));
            Assert.StartsWith("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_Authorization_headers_are_refused_also_when_each_is_good()
    {
        var world = await closed.GetAsync(postgres);
        var (path, repairer) = ((await MarkedBattery.MakeAsync(world)).Path, await world.AnAsync(Role.Repairer));
        (string, string) Good() => ("Authorization", $"Bearer {world.Token(repairer, path)}");
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync("127.0.0.1", world.Http().BaseAddress!.Port, Cancel);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\nAuthorization: {Good().Item2}\r\nAuthorization: {Good().Item2}\r\n\r\n"), Cancel);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Cancel);
        Assert.StartsWith("HTTP/1.1 401", answer, StringComparison.Ordinal);
        Assert.Contains("authorization-malformed", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("thief", "400 purpose-unknown")]
    [InlineData("public", "400 purpose-unknown")]
    [InlineData("own", "400 purpose-unknown")]
    [InlineData("Repairer", "401 token-malformed")]
    [InlineData("recycler", "403 purpose-refused")]
    [InlineData("purchaser", "403 purpose-refused")]
    [InlineData("market-surveillance", "403 purpose-refused")]
    [InlineData("auditor", "403 purpose-refused")]
    [InlineData("repairer", "200")]
    [InlineData(null, "200")]
    public async Task An_operator_asks_to_an_end_that_its_role_serves_or_to_none(string? purpose, string expected)
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var answer = await world.AskAsync(battery.Path, await world.AnAsync(Role.Repairer), purpose);
        Assert.Equal(expected, answer.ToString());
        Assert.Equal(purpose == "repairer" ? "RU" : "", battery.Shown(answer));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_role_that_was_withdrawn_serves_no_end_any_more(bool withdrawn)
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var firm = Party.Of($"did:web:{Guid.NewGuid():N}.example");
        await world.AdmitAsync(world.Says.Enrols(firm, Role.Repairer));
        if (withdrawn)
        {
            await world.AdmitAsync(world.Says.Sign(world.Says.Authority, "role-withdrawn.v1", firm.Did, new JsonObject { ["role"] = "repairer" }));
        }

        Assert.Equal(withdrawn ? "403 purpose-refused" : "200", (await world.AskAsync(battery.Path, firm, "repairer", node: 1)).ToString());
    }

    private static async Task RefusedAsync(World world, string code, Action<JsonObject> change)
    {
        var (path, repairer) = ((await MarkedBattery.MakeAsync(world)).Path, await world.AnAsync(Role.Repairer));
        var answer = await world.AskAsync(path, world.Token(repairer, path, change: change));
        Assert.Equal($"401 {code}", answer.ToString());
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Null(answer.Header("Battery-Passport-Readings"));
    }
}
