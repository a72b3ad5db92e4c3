using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Registry;

namespace CriticalMinerals.Client;

/// <summary>
/// The ledger's HTTP calls and nothing else: no retry, no memory, no verification. Every answer is read up to a limit. Each call throws
/// <see cref="LedgerApiException"/> when the ledger refuses or cannot be asked. Thread-safe.
/// </summary>
/// <param name="http">A client whose base address is the ledger's, ending in a slash. Its owner disposes of it.</param>
/// <param name="caller">Who asks: everything read is asked for, and every document brought, with a token of its own. Null to ask as the public.</param>
public sealed class LedgerApi(HttpClient http, Caller? caller = null)
{
    /// <summary>Most bytes of a passport or the answer to a window of entries (16 MiB).</summary>
    public const int MaximumAnswer = 16 * 1024 * 1024;

    private const int MaximumAttachment = 32 * 1024 * 1024;

    private const int MaximumProblem = 64 * 1024;
    private const int OperatorsAtOnce = 500;
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Where the ledger is.</summary>
    public Uri? Address => http.BaseAddress;

    /// <summary>Whether it asks as somebody.</summary>
    public bool HasCaller => caller is not null;

    /// <summary>Which log it is.</summary>
    public async Task<LogDescription> GetLogAsync(CancellationToken cancellation = default)
    {
        var json = Json(await GetAsync("log", "application/json", MaximumProblem, cancellation));
        return json.ValueKind == JsonValueKind.Object && Text(json, "origin") is { } origin && Names.IsOrigin(origin)
            ? new LogDescription(
                origin,
                json.TryGetProperty("authority", out var jwk) && jwk.ValueKind == JsonValueKind.Object ? Text(jwk, "x") : null,
                json.TryGetProperty("size", out var size) && size.TryGetInt64(out var entries) ? entries : 0,
                json.TryGetProperty("publicEntries", out var open) && open.ValueKind == JsonValueKind.True)
            : throw LedgerApiException.Unsound("The answer describes no log: origin is missing or malformed.");
    }

    /// <summary>The keys that sign the log's checkpoints, as the log itself tells. Trust them only after asking by another way.</summary>
    public async Task<IReadOnlyCollection<NoteVerifier>> GetVerifierKeysAsync(CancellationToken cancellation = default) =>
        TrustPolicy.Parse(Encoding.UTF8.GetString(await GetAsync("vkey", "text/plain", MaximumProblem, cancellation)), out var fault)?.LogKeys
            ?? throw LedgerApiException.Unsound(fault!.ToString());

    /// <summary>Sends one entry with its disclosures and gets its receipt.</summary>
    public async Task<PostedEntry> PostEntryAsync(string sdJwt, CancellationToken cancellation = default)
    {
        using var answer = await SendAsync(HttpMethod.Post, "entries", Body(sdJwt, "application/sd-jwt"), "text/plain", cancellation);
        return new PostedEntry(await ReadAsync(answer, Receipt.MaxLength, cancellation), answer.StatusCode == HttpStatusCode.Created);
    }

    /// <summary>Asks whether an entry would be admitted now; writes nothing. Gives its leaf hash.</summary>
    public async Task<Digest> CheckAsync(string sdJwt, CancellationToken cancellation = default)
    {
        using var answer = await SendAsync(HttpMethod.Post, "entries/check", Body(sdJwt, "application/sd-jwt"), "application/json", cancellation);
        var json = Json(await ReadAsync(answer, MaximumProblem, cancellation));
        return json.ValueKind == JsonValueKind.Object && Digest.TryParse(Text(json, "leaf_hash"), out var leafHash)
            ? leafHash
            : throw LedgerApiException.Unsound("The answer to a check names no leaf_hash.");
    }

    /// <summary>Sends many entries; one answer each, in their order. Not atomic.</summary>
    public async Task<IReadOnlyList<PostedLine>> PostEntriesAsync(IReadOnlyList<string> sdJwts, CancellationToken cancellation = default)
    {
        var lines = new StringBuilder();
        foreach (var sdJwt in sdJwts)
        {
            lines.Append(new JsonObject { ["sd_jwt"] = sdJwt }.ToJsonString(Compact)).Append('\n');
        }

        using var answer = await SendAsync(HttpMethod.Post, "entries", Body(lines.ToString(), "application/x-ndjson"), "application/x-ndjson", cancellation);
        var bytes = await ReadAsync(answer, MaximumAnswer, cancellation);
        var posted = new List<PostedLine>();
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            posted.Add(ReadLine(Json(Encoding.UTF8.GetBytes(line))));
        }

        return posted.Count == sdJwts.Count
            ? posted
            : throw new LedgerApiException(answer.StatusCode, LedgerApiException.Unreachable, $"{Counted.Of(sdJwts.Count, "entry was sent", "entries were sent")} and {posted.Count} answered.");
    }

    /// <summary>The leaf bytes of an entry.</summary>
    public Task<byte[]> GetEntryAsync(Digest leafHash, CancellationToken cancellation = default) =>
        GetAsync($"entries/{leafHash}", "application/jwt", Entry.MaximumLength, cancellation);

    /// <summary>The receipt of an entry.</summary>
    public Task<byte[]> GetReceiptAsync(Digest leafHash, CancellationToken cancellation = default) =>
        GetAsync($"entries/{leafHash}/receipt", "text/plain", Receipt.MaxLength, cancellation);

    /// <summary>What the log says is the chain's newest entry.</summary>
    public async Task<HeadStatement> GetHeadAsync(string subject, CancellationToken cancellation = default) =>
        HeadStatement.Parse(Encoding.UTF8.GetString(await GetAsync($"head?sub={Uri.EscapeDataString(subject)}", "application/jwt", HeadStatement.MaximumLength, cancellation)), out var fault)
            ?? throw LedgerApiException.Unsound(fault!.ToString());

    /// <summary>The evidence bundle of a chain, as bytes, with all that whoever asks may see.</summary>
    public Task<byte[]> GetEvidenceAsync(string subject, CancellationToken cancellation = default) => GetEvidenceAsync(subject, default(WholeGivers), null, cancellation);

    /// <summary>The evidence bundle of a chain, as bytes, with chosen disclosures only.</summary>
    public Task<byte[]> GetEvidenceAsync(string subject, IReadOnlyCollection<string> disclose, CancellationToken cancellation = default) => GetEvidenceAsync(subject, default(WholeGivers), disclose, cancellation);

    /// <summary>
    /// The evidence bundle of a chain, as bytes. With chosen disclosures an answer that shows another is refused here, so that it can be handed on as it is.
    /// </summary>
    /// <param name="subject">The chain.</param>
    /// <param name="whole">Which givers come along with their whole chains, where whoever asks may see them.</param>
    /// <param name="disclose">Names of the only disclosed properties to show, at most 64, empty to show none; null for all that whoever asks may see.</param>
    /// <param name="cancellation">Ends the asking.</param>
    public async Task<byte[]> GetEvidenceAsync(string subject, WholeGivers whole, IReadOnlyCollection<string>? disclose = null, CancellationToken cancellation = default)
    {
        var path = new StringBuilder("evidence?sub=").Append(Uri.EscapeDataString(subject));
        if (disclose is not null)
        {
            path.Append("&disclose=").Append(disclose.Count == 0 ? "none" : string.Join(',', disclose.Select(Uri.EscapeDataString)));
        }

        if (!whole.IsNone)
        {
            path.Append("&with=").Append(whole);
        }

        var bytes = await GetAsync(path.ToString(), EvidenceBundle.MediaType, EvidenceBundle.MaximumLength, cancellation);
        if (disclose is null)
        {
            return bytes;
        }

        var bundle = EvidenceBundle.Parse(bytes, out var rejection) ?? throw LedgerApiException.Unsound($"The answer is no evidence bundle. {rejection!.Detail}");
        return bundle.Disclosures().SelectMany(chain => chain.Shown).FirstOrDefault(name => !disclose.Contains(name)) is { } other
            ? throw LedgerApiException.Unsound($"The answer shows {other}, which was not asked for.")
            : bytes;
    }

    /// <summary>Who read a chain, as its responsible operator or holder is told, at most 1,000 records at once: <see cref="ReadingHistory"/> says whether they are right.</summary>
    /// <param name="subject">The chain.</param>
    /// <param name="after">Only records after this number; null from the first on.</param>
    /// <param name="cancellation">Ends the asking.</param>
    public async Task<ReadingPage> GetReadingsAsync(string subject, long? after = null, CancellationToken cancellation = default)
    {
        var from = after is { } number ? string.Create(CultureInfo.InvariantCulture, $"&after={number}") : "";
        var json = Json(await GetAsync($"readings?sub={Uri.EscapeDataString(subject)}{from}", "application/json", MaximumAnswer, cancellation));
        if (json.ValueKind != JsonValueKind.Object || Text(json, "sub") is not { } of || ReadingStatement.Parse(Text(json, "statement") ?? "", out _) is not { } statement ||
            !json.TryGetProperty("records", out var records) || records.ValueKind != JsonValueKind.Array ||
            !json.TryGetProperty("next", out var next) || next.ValueKind is not (JsonValueKind.Null or JsonValueKind.Number))
        {
            throw LedgerApiException.Unsound("The answer does not tell who read: sub, statement, records and next were expected.");
        }

        return new ReadingPage(of, statement, [.. records.EnumerateArray().Select(ReadRecord)], next.ValueKind == JsonValueKind.Number ? next.GetInt64() : null);
    }

    /// <summary>The disclosures of an entry bundle's entries that whoever asks may see, unchecked, by the entries' indexes.</summary>
    /// <param name="bundle">Number of the bundle of 256 entries, from 0.</param>
    /// <param name="cancellation">Ends the asking.</param>
    public async Task<IReadOnlyDictionary<ulong, IReadOnlyList<string>>> GetDisclosuresAsync(ulong bundle, CancellationToken cancellation = default) =>
        ToldDisclosures.Read(await GetAsync(ToldDisclosures.PathOf(bundle), "application/json", ToldDisclosures.MaximumLength, cancellation));

    /// <summary>A passport by the path on its label, such as <c>01/…/21/…</c>, as whoever asks may see it.</summary>
    public async Task<JsonElement> GetPassportAsync(string path, CancellationToken cancellation = default) =>
        Json(await GetAsync(path, "application/json", MaximumAnswer, cancellation));

    /// <summary>Who is enrolled, in the order of enrolment, as the ledger tells; asked for in parts as it is read.</summary>
    public async IAsyncEnumerable<EnrolledOperator> GetOperatorsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (long? after = -1; after is { } from;)
        {
            var query = from < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"after={from}&");
            var page = OperatorPage.Read(Json(await GetAsync($"operators?{query}limit={OperatorsAtOnce}", "application/json", MaximumAnswer, cancellation)))
                ?? throw LedgerApiException.Unsound("The answer is no list of operators.");
            foreach (var enrolled in page.Operators)
            {
                // A list that does not go on would never end.
                after = enrolled.Since > after ? enrolled.Since : throw LedgerApiException.Unsound("The operators are not in the order of their enrolment.");
                yield return enrolled;
            }

            after = page is { Next: not null, Operators.Count: > 0 } ? after : null;
        }
    }

    /// <summary>
    /// Brings a document that admitted entries of the caller name; false when it was brought for all of them before. An entry admitted later needs it brought again.
    /// </summary>
    /// <exception cref="LedgerApiException">There is no caller, no entry that it signed names it so, its bytes are others, or the ledger is unreachable.</exception>
    public async Task<bool> PutAttachmentAsync(Digest sha256, ReadOnlyMemory<byte> document, CancellationToken cancellation = default)
    {
        using var body = new ReadOnlyMemoryContent(document);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var answer = await SendAsync(HttpMethod.Put, $"attachments/{sha256}", body, "*/*", cancellation);
        return answer.StatusCode == HttpStatusCode.Created;
    }

    /// <summary>A document that an entry names, verified by its hash.</summary>
    /// <exception cref="LedgerApiException">It is not there, not for whoever asks, not what its name says, or the ledger is unreachable.</exception>
    public Task<byte[]> GetAttachmentAsync(Digest sha256, CancellationToken cancellation = default) => GetAttachmentAsync(sha256, default, cancellation);

    /// <summary>A document that an entry names with a nonce, verified by both.</summary>
    /// <exception cref="LedgerApiException">It is not there, not for whoever asks, not what its name says, or the ledger is unreachable.</exception>
    public async Task<byte[]> GetAttachmentAsync(Digest sha256, ReadOnlyMemory<byte> nonce, CancellationToken cancellation = default) =>
        await GetAsync($"attachments/{sha256}", "*/*", MaximumAttachment, cancellation) is var bytes && Digest.Sha256([.. nonce.Span, .. bytes]) == sha256
            ? bytes
            : throw LedgerApiException.Unsound("The document is not the one that its name says.");

    /// <summary>Any file of the log below its address, as it is: checkpoint, tiles, entry bundles.</summary>
    public Task<byte[]> GetFileAsync(string path, int limit, CancellationToken cancellation = default) => GetAsync(path, "*/*", limit, cancellation);

    private static PostedLine ReadLine(JsonElement line)
    {
        if (line.ValueKind == JsonValueKind.Object && line.TryGetProperty("status", out var number) && number.TryGetInt32(out var status))
        {
            if (status is 200 or 201 && line.TryGetProperty("index", out var at) && at.TryGetInt64(out var index) && Digest.TryParse(Text(line, "leaf_hash"), out var leafHash))
            {
                return new PostedLine(index, leafHash, null);
            }

            if (status >= 400 && line.TryGetProperty("problem", out var problem))
            {
                return new PostedLine(null, null, Problem((HttpStatusCode)status, problem, null));
            }
        }

        throw LedgerApiException.Unsound("A line of the answer is neither an index nor a problem.");
    }

    private static ReadingRecord ReadRecord(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && Text(item, "record") is { } record && Digest.TryParse(Text(item, "hash"), out var hash) &&
        item.TryGetProperty("who", out var who) && who.ValueKind is JsonValueKind.Null or JsonValueKind.String
            ? new ReadingRecord(record, hash, who.GetString())
            : throw LedgerApiException.Unsound("A record of a read has record, hash and who.");

    private async Task<byte[]> GetAsync(string path, string accept, int limit, CancellationToken cancellation)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, accept, cancellation);
        return await ReadAsync(answer, limit, cancellation);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, string accept, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body };
        request.Headers.TryAddWithoutValidation("Accept", accept + ", application/problem+json");
        if (caller is not null && (method == HttpMethod.Get || method == HttpMethod.Put))
        {
            // Made whole here, so that what is signed is what is sent.
            request.RequestUri = new Uri(http.BaseAddress!, request.RequestUri!);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", caller.TokenFor(method, request.RequestUri).Text);
        }

        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (Exception e) when (IsTransport(e, cancellation))
        {
            throw LedgerApiException.NoAnswer(Address, e);
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await ProblemOfAsync(answer, cancellation);
        }
    }

    // Only a problem with a code of ours is the ledger's word. Whatever else a proxy or another server says leaves the outcome unknown.
    private async Task<LedgerApiException> ProblemOfAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var retryAfter = answer.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date - DateTimeOffset.UtcNow) : null;
        var isProblem = answer.Content.Headers.ContentType?.MediaType == "application/problem+json";
        var bytes = isProblem ? await ReadAsync(answer, MaximumProblem, cancellation) : [];
        return isProblem && StrictJson.Parse(bytes, out _) is { ValueKind: JsonValueKind.Object } problem && Text(problem, "code") is not null
            ? Problem(answer.StatusCode, problem, retryAfter)
            : new LedgerApiException(answer.StatusCode, LedgerApiException.Unreachable, $"{Address} answered {(int)answer.StatusCode}, which is no answer of a ledger.") { RetryAfter = retryAfter };
    }

    private static LedgerApiException Problem(HttpStatusCode status, JsonElement problem, TimeSpan? retryAfter)
    {
        ChainHead? head = problem.TryGetProperty("head", out var at) && at.ValueKind == JsonValueKind.Object &&
            Text(at, "sub") is { } subject && at.TryGetProperty("seq", out var seq) && seq.TryGetInt64(out var sequence) && Digest.TryParse(Text(at, "h"), out var hash)
            ? new ChainHead(subject, sequence, hash)
            : null;
        return new LedgerApiException(status, Text(problem, "code") ?? "problem", Text(problem, "detail") ?? Text(problem, "title") ?? "No detail was given.")
        {
            Head = head,
            RetryAfter = retryAfter,
        };
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage answer, int limit, CancellationToken cancellation)
    {
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
            using var read = new MemoryStream();
            var buffer = new byte[16 * 1024];
            for (int count; (count = await stream.ReadAsync(buffer, cancellation)) > 0;)
            {
                if (read.Length + count > limit)
                {
                    throw LedgerApiException.Unsound($"The answer is longer than {limit} bytes.");
                }

                await read.WriteAsync(buffer.AsMemory(0, count), cancellation);
            }

            return read.ToArray();
        }
        catch (Exception e) when (IsTransport(e, cancellation))
        {
            throw LedgerApiException.NoAnswer(Address, e);
        }
    }

    private static bool IsTransport(Exception e, CancellationToken cancellation) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static StringContent Body(string text, string type) => new(text, Encoding.UTF8, new MediaTypeHeaderValue(type));

    // The ledger writes decimal texts and integers only, so the strict reader fits its answers too.
    private static JsonElement Json(byte[] bytes) =>
        StrictJson.Parse(bytes, out var fault) ?? throw LedgerApiException.Unsound($"The answer is not the JSON expected. {fault!.Detail}");

    private static string? Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>What a log says of itself.</summary>
/// <param name="Origin">Its name: goes into every entry as <c>aud</c>.</param>
/// <param name="AuthorityX">Its authority's public key, base64url; null while none is configured.</param>
/// <param name="Size">Entries signed so far.</param>
/// <param name="PublicEntries">Whether strangers may read every entry.</param>
public sealed record LogDescription(string Origin, string? AuthorityX, long Size, bool PublicEntries);

/// <summary>The answer to one entry.</summary>
/// <param name="Receipt">The receipt's bytes, not verified yet.</param>
/// <param name="IsNew">False when the log held these bytes before.</param>
public sealed record PostedEntry(byte[] Receipt, bool IsNew);

/// <summary>The answer to one entry among many: index and leaf hash, or the problem.</summary>
public sealed record PostedLine(long? Index, Digest? LeafHash, LedgerApiException? Problem);
