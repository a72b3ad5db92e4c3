using System.Net;
using System.Text;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Client;

/// <summary>What a client that asks as somebody sends: a token for exactly this request, never twice the same, and to nobody but whom it asks.</summary>
public sealed class Asking : IDisposable
{
    private const string Battery = "https://id.gs1.org/01/09521234543213/21/A0001";
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, 500, TimeSpan.Zero);

    private readonly SigningKey _key = SigningKey.Generate();
    private readonly Recorder _recorder = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _key.Dispose();
        _recorder.Dispose();
    }

    [Theory]
    [InlineData("http://ledger.test/", "http://ledger.test/")]
    [InlineData("https://Ledger.test:443/", "https://ledger.test/")]
    [InlineData("https://ledger.test:8443/behind/a/path/", "https://ledger.test:8443/behind/a/path/")]
    public async Task Everything_read_is_asked_for_with_a_token_of_its_own_for_exactly_that_address(string at, string root)
    {
        var api = Api(at, Caller("recall-check"));
        var hash = Digest.Sha256([1]);
        foreach (var (path, ask) in new (string, Func<Task>)[]
        {
            ("log", () => api.GetLogAsync(Now)),
            ("vkey", () => api.GetVerifierKeysAsync(Now)),
            ($"entries/{hash}", () => api.GetEntryAsync(hash, Now)),
            ($"entries/{hash}/receipt", () => api.GetReceiptAsync(hash, Now)),
            ("head", () => api.GetHeadAsync(Battery, Now)),
            ("evidence", () => api.GetEvidenceAsync(Battery, Now)),
            ("evidence", () => api.GetEvidenceAsync(Battery, ["mass"], Now)),
            ("readings", () => api.GetReadingsAsync(Battery, 5, Now)),
            ("disclosures/7", () => api.GetDisclosuresAsync(7, Now)),
            ("01/09521234543213/21/A0001", () => api.GetPassportAsync("01/09521234543213/21/A0001", Now)),
            ("01/09521234543213/21/A0001", () => api.GetPassportAsync("01/09521234543213/21/A0001?at=5", Now)),
            ("alias/supplier/a%2Fb%20c", () => api.GetPassportAsync("alias/supplier/a%2Fb%20c", Now)),
            ($"attachments/{hash}", () => api.GetAttachmentAsync(hash, Now)),
            ("tile/entries/000.p/7", () => api.GetFileAsync("tile/entries/000.p/7", 100, Now)),
        })
        {
            _recorder.Requests.Clear();
            Assert.Equal("not-found", (await Assert.ThrowsAsync<LedgerApiException>(ask)).Code);
            var (address, token) = Assert.Single(_recorder.Requests);
            Assert.Equal(root + path, address.GetLeftPart(UriPartial.Path));
            Assert.Null(token!.Check(World.Origin, "GET", [root + path], Noon));
            Assert.True(token.IsSignedBy(_key.VerifyingKey));
            Assert.Equal(("did:web:maker.example#k1", "recall-check"), (token.KeyId, token.Purpose));
            Assert.Equal((DateTimeOffset.FromUnixTimeSeconds(Noon.ToUnixTimeSeconds()), TimeSpan.FromSeconds(60)), (token.IssuedAt, token.ExpiresAt - token.IssuedAt));
        }
    }

    [Fact]
    public async Task No_two_requests_carry_one_token_not_even_a_second_try()
    {
        _recorder.Status = HttpStatusCode.ServiceUnavailable;
        var files = LogFiles.At(Api("http://ledger.test/", Caller()));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Now);
        _recorder.Asked = count =>
        {
            if (count == 3)
            {
                enough.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => files.ReadAsync("checkpoint", 100, enough.Token));
        Assert.Equal(3, _recorder.Requests.Count);
        Assert.Equal(3, _recorder.Requests.Select(r => r.Token!.Id).Distinct().Count());
        Assert.All(_recorder.Requests, r => Assert.Null(r.Token!.Purpose));
    }

    [Fact]
    public async Task Who_asks_as_the_public_and_who_says_something_sends_no_token()
    {
        await Assert.ThrowsAsync<LedgerApiException>(() => Api("http://ledger.test/", null).GetLogAsync(Now));
        var api = Api("http://ledger.test/", Caller());
        await Assert.ThrowsAsync<LedgerApiException>(() => api.PostEntryAsync("x~", Now));
        await Assert.ThrowsAsync<LedgerApiException>(() => api.PostEntriesAsync(["x~"], Now));
        await Assert.ThrowsAsync<LedgerApiException>(() => api.CheckAsync("x~", Now));
        Assert.Equal(4, _recorder.Requests.Count);
        Assert.All(_recorder.Requests, r => Assert.Null(r.Token));
    }

    [Fact]
    public async Task Who_brings_a_document_says_who_it_is_by_a_token_for_that_and_nothing_else()
    {
        var (api, hash) = (Api("http://ledger.test/", Caller()), Digest.Sha256([1]));
        await Assert.ThrowsAsync<LedgerApiException>(() => api.PutAttachmentAsync(hash, new byte[1], Now));
        var token = Assert.Single(_recorder.Requests).Token!;
        Assert.Null(token.Check(World.Origin, "PUT", [$"http://ledger.test/attachments/{hash}"], Noon));
        Assert.NotNull(token.Check(World.Origin, "GET", [$"http://ledger.test/attachments/{hash}"], Noon));
    }

    [Fact]
    public void A_caller_whose_key_is_elsewhere_asks_with_its_own_signer()
    {
        List<byte[]> signed = [];
        var caller = new Caller(World.Origin, "did:web:maker.example#k1", input => { signed.Add(input); return _key.Sign(input); });
        var token = caller.TokenFor(HttpMethod.Get, new Uri("http://ledger.test/log"));
        Assert.True(token.IsSignedBy(_key.VerifyingKey));
        Assert.Equal(token.Text[..token.Text.LastIndexOf('.')], Encoding.ASCII.GetString(Assert.Single(signed)));
        Assert.Equal("did:web:maker.example", caller.Operator);

        // A signer that gives no signature makes no token.
        Assert.Throws<ArgumentException>(() => new Caller(World.Origin, "did:web:maker.example#k1", _ => new byte[63]).TokenFor(HttpMethod.Get, new Uri("http://ledger.test/log")));
    }

    [Theory]
    [InlineData("https://ledger.example.com/log", "did:web:maker.example#k1", null)]
    [InlineData(World.Origin, "did:web:maker.example", null)]
    [InlineData(World.Origin, "did:web:maker.example#k1", "Recall check")]
    public void A_caller_is_named_in_full_when_it_is_made(string origin, string keyId, string? purpose) =>
        Assert.Throws<ArgumentException>(() => new Caller(origin, keyId, _key, purpose));

    [Fact]
    public async Task A_document_that_was_named_with_a_nonce_is_verified_with_it()
    {
        byte[] nonce = [1, 2, 3];
        var api = Api("http://ledger.test/", Caller());
        (_recorder.Status, _recorder.Body) = (HttpStatusCode.OK, [4, 5]);
        Assert.Equal([4, 5], await api.GetAttachmentAsync(Digest.Sha256([1, 2, 3, 4, 5]), nonce, Now));
        Assert.Equal([4, 5], await api.GetAttachmentAsync(Digest.Sha256([4, 5]), Now));
        Assert.Equal(LedgerApiException.AnswerUnsound, (await Assert.ThrowsAsync<LedgerApiException>(() => api.GetAttachmentAsync(Digest.Sha256([4, 5]), nonce, Now))).Code);
    }

    private Caller Caller(string? purpose = null) => new(World.Origin, "did:web:maker.example#k1", _key, purpose) { Clock = new Stopped() };

    private LedgerApi Api(string at, Caller? caller) => new(new HttpClient(_recorder, disposeHandler: false) { BaseAddress = new Uri(at) }, caller);

    private sealed class Stopped : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Noon;
    }

    /// <summary>Notes what was asked for and with which token, and gives one answer to all.</summary>
    private sealed class Recorder : HttpMessageHandler
    {
        public List<(Uri Address, CallerToken? Token)> Requests { get; } = [];

        public HttpStatusCode Status { get; set; } = HttpStatusCode.NotFound;

        public byte[] Body { get; set; } = """{"code":"not-found","detail":"Nothing stands here."}"""u8.ToArray();

        public Action<int> Asked { get; set; } = _ => { };

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var token = request.Headers.Authorization is { Scheme: "Bearer", Parameter: { } text } ? CallerToken.Parse(text, out _) : null;
            Assert.Equal(request.Headers.Authorization is null, token is null);
            Requests.Add((request.RequestUri!, token));
            Asked(Requests.Count);
            var answer = new HttpResponseMessage(Status) { Content = new ByteArrayContent(Body) };
            answer.Content.Headers.ContentType = new("application/problem+json");
            return Task.FromResult(answer);
        }
    }
}
