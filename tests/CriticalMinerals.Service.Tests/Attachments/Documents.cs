using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Cli;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Callers;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Attachments;

/// <summary>Documents that entries name: brought once, kept whole or not at all, shown as strangers' files.</summary>
public sealed class Documents(PostgresServer postgres, SharedWorld shared)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(1), InlineData(262_144), InlineData(600_001)]
    public async Task A_document_named_in_clear_is_kept_once_and_served_to_everybody_byte_for_byte(int size)
    {
        var world = await shared.GetAsync(postgres);
        var (name, bytes) = await NamedAsync(world, size);

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(world, name));
        Assert.Equal((201, null), await PutAsync(world, name, bytes));
        Assert.Equal((200, null), await PutAsync(world, name, bytes, node: 1));

        using var answer = await world.Http(1).GetAsync($"/attachments/{name}", Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(bytes, await new LedgerApi(world.Http()).GetAttachmentAsync(Digest.Parse(name), Cancel));
        Assert.Equal("application/pdf", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["default-src 'none'; sandbox"], answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("immutable", answer.Headers.GetValues("Cache-Control").Single(), StringComparison.Ordinal);
        Assert.Equal($"\"{name}\"", answer.Headers.ETag?.ToString());

        using var again = new HttpRequestMessage(HttpMethod.Get, $"/attachments/{name}");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using var unchanged = await world.Http().SendAsync(again, Cancel);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        using var head = await world.Http().SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/attachments/{name}"), Cancel);
        Assert.Equal((HttpStatusCode.OK, (long?)size), (head.StatusCode, head.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Other_bytes_than_those_named_are_refused_and_leave_nothing()
    {
        var world = await shared.GetAsync(postgres);
        var (name, bytes) = await NamedAsync(world, 1000);
        var other = (byte[])bytes.Clone();
        other[^1] ^= 1;

        Assert.Equal((422, "attachment-hash"), await PutAsync(world, name, other));
        Assert.Equal((422, "attachment-size"), await PutAsync(world, name, bytes[..^1]));
        Assert.Equal((422, "attachment-size"), await PutAsync(world, name, [.. bytes, 0]));
        Assert.Equal((422, "attachment-size"), await PutAsync(world, name, [.. bytes, 0], chunked: true));
        Assert.Equal((422, "attachment-size"), await PutAsync(world, name, bytes[..^1], chunked: true));
        await NothingKeptAsync(world, name);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(world, name));

        Assert.Equal((201, null), await PutAsync(world, name, bytes, chunked: true));
    }

    [Fact]
    public async Task A_document_that_no_entry_names_is_refused_and_so_is_one_that_no_entry_could_name()
    {
        var world = await shared.GetAsync(postgres);
        var bytes = RandomNumberGenerator.GetBytes(100);
        var name = Digest.Sha256(bytes).ToString();

        Assert.Equal((422, "attachment-unnamed"), await PutAsync(world, name, bytes));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(world, name));
        Assert.Equal((404, "not-found"), await PutAsync(world, name[..^1], bytes));

        var (largest, _) = await NamedAsync(world, 1, size: 33_554_432);
        using var tooLarge = new HttpRequestMessage(HttpMethod.Put, $"/attachments/{largest}") { Content = new ByteArrayContent(new byte[33_554_433]) };
        tooLarge.Headers.ExpectContinue = true;
        using var answer = await world.Http().SendAsync(tooLarge, Cancel);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "attachment-too-large"), (answer.StatusCode, CodeOf(await answer.Content.ReadAsStringAsync(Cancel))));
    }

    [Fact]
    public async Task A_document_named_in_a_disclosure_is_kept_under_the_hash_with_its_nonce_and_not_given_to_the_public()
    {
        var world = await shared.GetAsync(postgres);
        var maker = await world.AnAsync(Role.BatteryMaker);
        var model = await world.AdmitAsync(world.Says.DeclaresModel(maker, Author.Uuid()));
        var (bytes, nonce) = (RandomNumberGenerator.GetBytes(5000), RandomNumberGenerator.GetBytes(16));
        var name = Digest.Sha256([.. nonce, .. bytes]).ToString();
        var document = Named(name, bytes.Length);
        document["nonce"] = StrictBase64Url.Encode(nonce);
        await world.AdmitAsync(world.Says.Sign(maker, "circularity-declared.v1", model.Entry.Subject, hidden: new JsonObject { ["dismantling"] = new JsonArray(document) }));

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(world, name));
        Assert.Equal((422, "attachment-hash"), await PutAsync(world, name, RandomNumberGenerator.GetBytes(5000)));
        Assert.Equal((422, "attachment-unnamed"), await PutAsync(world, Digest.Sha256(bytes).ToString(), bytes));
        Assert.Equal((201, null), await PutAsync(world, name, bytes));
        Assert.Equal((200, null), await PutAsync(world, name, bytes));

        using var answer = await world.Http().GetAsync($"/attachments/{name}", Cancel);
        Assert.Equal((HttpStatusCode.Forbidden, "attachment-restricted"), (answer.StatusCode, CodeOf(await answer.Content.ReadAsStringAsync(Cancel))));
    }

    [Fact]
    public async Task A_document_that_a_correction_names_is_kept_for_the_correction()
    {
        var world = await shared.GetAsync(postgres);
        var maker = await world.AnAsync(Role.BatteryMaker);
        var (bytes, wrong) = (RandomNumberGenerator.GetBytes(300), RandomNumberGenerator.GetBytes(300));
        var model = await world.AdmitAsync(world.Says.DeclaresModel(maker, Author.Uuid()));
        var report = await world.AdmitAsync(world.Says.Sign(maker, "due-diligence-reported.v1", model.Entry.Subject, new JsonObject { ["report"] = Named(Digest.Sha256(wrong).ToString(), 300), ["year"] = 2026 }));
        var name = Digest.Sha256(bytes).ToString();
        await world.AdmitAsync(world.Says.Sign(maker, "corrected.v1", model.Entry.Subject, new JsonObject
        {
            ["event"] = "due-diligence-reported.v1", ["reason"] = "The draft was named.", ["report"] = Named(name, 300),
            ["ref"] = new JsonArray(new JsonObject { ["h"] = report.Entry.LeafHash.ToString(), ["sub"] = model.Entry.Subject }),
        }));

        Assert.Equal((201, null), await PutAsync(world, name, bytes));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(world, name));
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing_and_can_be_sent_again()
    {
        var world = await shared.GetAsync(postgres);
        var (name, bytes) = await NamedAsync(world, 500_000);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync("127.0.0.1", world.Http().BaseAddress!.Port, Cancel);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"PUT /attachments/{name} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {bytes.Length}\r\n\r\n"), Cancel);
            await stream.WriteAsync(bytes.AsMemory(0, 400_000), Cancel);
        }

        await NothingKeptAsync(world, name);
        Assert.Equal((201, null), await PutAsync(world, name, bytes));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(world, name));
    }

    [Fact]
    public async Task Many_who_bring_the_same_document_at_once_keep_it_once()
    {
        var world = await shared.GetAsync(postgres);
        var (name, bytes) = await NamedAsync(world, 700_000);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => PutAsync(world, name, bytes, node: i % 2)));

        Assert.Equal(1, answers.Count(a => a.Status == 201));
        Assert.Equal(7, answers.Count(a => a.Status == 200));
        Assert.Equal(700_000L, await world.AskAsync<long>($"select sum(length(bytes)) from ledger.attachment_part where {Is(name)}"));
    }

    [Fact]
    public async Task Whoever_names_a_document_again_changes_neither_its_media_type_nor_that_it_is_public()
    {
        var world = await shared.GetAsync(postgres);
        var (name, bytes) = await NamedAsync(world, 64);
        Assert.Equal((201, null), await PutAsync(world, name, bytes));
        var maker = await world.AnAsync(Role.BatteryMaker);
        var model = await world.AdmitAsync(world.Says.DeclaresModel(maker, Author.Uuid()));
        var other = Named(name, 64);
        other["mediaType"] = "text/html";
        await world.AdmitAsync(world.Says.Sign(maker, "due-diligence-reported.v1", model.Entry.Subject, new JsonObject { ["report"] = other, ["year"] = 2027 }));
        await world.AdmitAsync(world.Says.Sign(maker, "circularity-declared.v1", model.Entry.Subject, hidden: new JsonObject { ["safety"] = Named(name, 64) }));

        using var answer = await world.Http().GetAsync($"/attachments/{name}", Cancel);
        Assert.Equal("application/pdf", answer.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task The_command_line_says_how_an_event_names_a_document_and_brings_it_when_an_entry_does()
    {
        var world = await shared.GetAsync(postgres);
        using var folder = new DataFolder();
        var (path, url) = (Path.Combine(Directory.CreateDirectory(folder.Path).FullName, "report.pdf"), world.Http().BaseAddress!.AbsoluteUri);
        await File.WriteAllBytesAsync(path, RandomNumberGenerator.GetBytes(5000), Cancel);
        var (_, described) = await CmlAsync("attach", path, "--private");
        var document = JsonNode.Parse(described)!.AsObject();
        Assert.Equal(["title", "mediaType", "size", "sha256", "nonce"], document.Select(m => m.Key));
        var name = document["sha256"]!.GetValue<string>();

        // What it is, its name tells or who names it.
        Assert.Equal("application/pdf", (string?)document["mediaType"]);
        foreach (var (ending, mediaType) in ((string, string?)[])[(".txt", "text/plain"), (".json", "application/json"), (".unheard", null), ("", null)])
        {
            var other = path[..^".pdf".Length] + ending;
            File.Copy(path, other);
            var (code, told) = await CmlAsync("attach", other);
            Assert.Equal((mediaType is null ? 2 : 0, mediaType), (code, mediaType is null ? null : (string?)JsonNode.Parse(told)!["mediaType"]));
        }

        var maker = await world.AnAsync(Role.BatteryMaker);
        var key = Path.Combine(folder.Path, "maker.pem");
        PrivateFile.Write(key, Encoding.ASCII.GetBytes(maker.Key.ToPem()));
        string[] brings = ["attach", path, "--url", url, "--as", key, "--kid", maker.KeyId];
        Assert.Equal(1, (await CmlAsync([.. brings, "--sha256", name])).Code);
        var model = await world.AdmitAsync(world.Says.DeclaresModel(maker, Author.Uuid()));
        await world.AdmitAsync(world.Says.Sign(maker, "circularity-declared.v1", model.Entry.Subject, hidden: new JsonObject { ["safety"] = document }));
        Assert.Equal((0, $"{name} is kept."), await CmlAsync([.. brings, "--sha256", name]));
        Assert.Equal((0, $"{name} was kept before."), await CmlAsync([.. brings, "--sha256", name]));
        Assert.Equal(1, (await CmlAsync(brings)).Code);
        Assert.Equal(2, (await CmlAsync("attach", path, "--url", url, "--sha256", name)).Code);
    }

    private static async Task<(int Code, string Output)> CmlAsync(params string[] args)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        using var network = new SocketsHttpHandler();
        using var terminal = new Terminal(output, TextWriter.Null, network, isWatched: false);
        return (await CommandLine.RunAsync(args, terminal), output.ToString().TrimEnd('\n'));
    }

    /// <summary>A document of so many random bytes that a report on a new model names in clear.</summary>
    private static async Task<(string Name, byte[] Bytes)> NamedAsync(World world, int length, long? size = null)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        var name = size is null ? Digest.Sha256(bytes).ToString() : Digest.Sha256(RandomNumberGenerator.GetBytes(16)).ToString();
        var maker = await world.AnAsync(Role.BatteryMaker);
        var model = await world.AdmitAsync(world.Says.DeclaresModel(maker, Author.Uuid()));
        await world.AdmitAsync(world.Says.Sign(maker, "due-diligence-reported.v1", model.Entry.Subject, new JsonObject { ["report"] = Named(name, size ?? length), ["year"] = 2026 }));
        return (name, bytes);
    }

    private static JsonObject Named(string name, long size) => new() { ["title"] = "Report", ["mediaType"] = "application/pdf", ["size"] = size, ["sha256"] = name };

    private static async Task<(int Status, string? Code)> PutAsync(World world, string name, byte[] bytes, int node = 0, bool chunked = false)
    {
        using HttpContent content = chunked ? new StreamContent(new Unannounced(bytes)) : new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var answer = await world.BringAsync(await world.AnAsync(Role.BatteryMaker), name, content, node);
        return ((int)answer.Status, (int)answer.Status < 300 ? null : CodeOf(answer.Text));
    }

    private static async Task<HttpStatusCode> StatusAsync(World world, string name)
    {
        using var answer = await world.Http().GetAsync($"/attachments/{name}", Cancel);
        return answer.StatusCode;
    }

    private static async Task NothingKeptAsync(World world, string name) => Assert.Equal(
        0L, await world.AskAsync<long>($"select (select count(*) from ledger.attachment where {Is(name)}) + (select count(*) from ledger.attachment_part where {Is(name)})"));

    private static string Is(string name) => $"sha256 = '\\x{Convert.ToHexString(Digest.Parse(name).ToArray())}'";

    private static string? CodeOf(string problem)
    {
        using var json = JsonDocument.Parse(problem);
        return json.RootElement.GetProperty("code").GetString();
    }

    /// <summary>Bytes of which nobody says beforehand how many.</summary>
    private sealed class Unannounced(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
