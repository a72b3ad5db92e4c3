using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Passports;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>What whoever scans a battery gets, in every form.</summary>
public sealed class AddressOfABattery(PlayedDemo demo) : IClassFixture<PlayedDemo>
{
    private static readonly string[] WithheldValues = ["212.8", "0.0412", "98.1", "99.0", "99.2", "210.9", "8600", "346417-97-8"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", "text/html")]
    [InlineData("*/*", "", "text/html")]
    [InlineData("application/json", "", "application/json")]
    [InlineData("application/json;q=0.5, text/html;q=0.4", "", "application/json")]
    [InlineData("application/*;q=0.5, application/json;q=0", "?linkType=gs1:dpp", "text/html")]
    [InlineData("application/linkset+json", "", "application/linkset+json")]
    [InlineData("text/html", "?linkType=linkset", "application/linkset+json")]
    [InlineData("text/html", "?linkType=all", "application/linkset+json")]
    public async Task The_form_follows_the_link_type_or_else_what_is_accepted(string accept, string query, string type)
    {
        using var answer = await AskAsync(PlayedDemo.Path + query, accept);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(["Accept", "Authorization", "Battery-Passport-Purpose"], answer.Headers.Vary);
        Assert.True(answer.Headers.CacheControl!.NoCache);
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task Evidence_is_asked_for_at_the_same_address()
    {
        using var answer = await AskAsync(PlayedDemo.Path, Representations.EvidenceType);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
        using var evidence = await AskAsync(answer.Headers.Location!.ToString(), Representations.EvidenceType);
        var bundle = EvidenceBundle.Parse(await evidence.Content.ReadAsByteArrayAsync(Cancel), out var fault);
        Assert.True(bundle is not null, fault?.Detail);
    }

    [Fact]
    public async Task A_form_that_nobody_offers_is_refused()
    {
        using var answer = await AskAsync(PlayedDemo.Path, "image/webp");
        Assert.Equal(HttpStatusCode.NotAcceptable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Every_answer_carries_the_signed_head_also_when_nothing_changed()
    {
        foreach (var accept in (string[])["application/json", "text/html"])
        {
            using var answer = await AskAsync(PlayedDemo.Path, accept);
            using var again = await AskAsync(PlayedDemo.Path, accept, tag: answer.Headers.ETag);
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
            Assert.Empty(await again.Content.ReadAsByteArrayAsync(Cancel));
            foreach (var header in (HttpResponseHeaders[])[answer.Headers, again.Headers])
            {
                var head = HeadStatement.Parse(Assert.Single(header.GetValues(PassportAnswers.HeadHeader)), out _)!;
                Assert.True(head.IsSignedBy(demo.HeadKey.VerifyingKey));
                Assert.Equal(DemoLife.Battery, head.Subject);
            }
        }
    }

    [Fact]
    public async Task The_document_ends_at_the_entry_that_the_head_names()
    {
        using var answer = await AskAsync(PlayedDemo.Path, "application/json");
        var head = HeadStatement.Parse(Assert.Single(answer.Headers.GetValues(PassportAnswers.HeadHeader)), out _)!;
        var document = await JsonAsync(answer);
        Assert.Equal(head.Head.ToString(), document.GetProperty("head").GetString());
        Assert.Equal(head.Sequence, document.GetProperty("timeline").EnumerateArray().Last().GetProperty("sequence").GetInt64());
        Assert.Equal("public", document.GetProperty("audience").GetString());
        using var statement = await AskAsync(PlayedDemo.Path + "/head", "*/*");
        Assert.Equal(head.Head, HeadStatement.Parse(await statement.Content.ReadAsStringAsync(Cancel), out _)!.Head);
    }

    [Fact]
    public async Task As_of_an_earlier_size_or_instant_the_passport_is_as_it_was_and_says_that_more_has_happened()
    {
        using var now = await AskAsync(PlayedDemo.Path, "application/json");
        var timeline = (await JsonAsync(now)).GetProperty("timeline").EnumerateArray().ToList();

        // The last that was recorded in its instant: entries of one commit share theirs.
        var then = timeline.Zip(timeline.Skip(1)).Skip(2).First(pair => RecordedAt(pair.First) != RecordedAt(pair.Second)).First;
        foreach (var at in (string[])[$"{then.GetProperty("index").GetInt64() + 1}", RecordedAt(then)!])
        {
            using var answer = await AskAsync($"{PlayedDemo.Path}?at={Uri.EscapeDataString(at)}", "application/json");
            var document = await JsonAsync(answer);
            Assert.Equal(then.GetProperty("entry").GetString(), document.GetProperty("head").GetString());
            Assert.NotEqual(document.GetProperty("head").GetString(), HeadStatement.Parse(Assert.Single(answer.Headers.GetValues(PassportAnswers.HeadHeader)), out _)!.Head.ToString());
            Assert.NotEqual(now.Headers.ETag, answer.Headers.ETag);
        }

        using var before = await AskAsync($"{PlayedDemo.Path}?at={timeline[0].GetProperty("index").GetInt64()}", "application/json");
        Assert.Equal(HttpStatusCode.NotFound, before.StatusCode);
        using var page = await AskAsync($"{PlayedDemo.Path}?at={then.GetProperty("index").GetInt64() + 1}", "text/html");
        Assert.Contains("newer ones exist", await page.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private static string? RecordedAt(JsonElement step) => step.GetProperty("recordedAt").GetString();

    [Fact]
    public async Task The_version_of_a_document_is_the_hash_of_its_bytes_and_the_page_names_the_same()
    {
        using var json = await AskAsync(PlayedDemo.Path, "application/json");
        var version = Digest.Sha256(await json.Content.ReadAsByteArrayAsync(Cancel)).ToString();
        using var page = await AskAsync(PlayedDemo.Path, "text/html");
        foreach (var answer in (HttpResponseMessage[])[json, page])
        {
            Assert.Equal(version, Assert.Single(answer.Headers.GetValues(PassportAnswers.VersionHeader)));
        }
    }

    [Fact]
    public async Task Between_two_moments_the_entries_and_values_that_came_are_told()
    {
        using var then = await AskAsync(PlayedDemo.Path, "application/json");
        var timeline = (await JsonAsync(then)).GetProperty("timeline").EnumerateArray().ToList();
        var (second, fourth) = (timeline[1].GetProperty("index").GetInt64() + 1, timeline[3].GetProperty("index").GetInt64() + 1);
        using var answer = await AskAsync($"{PlayedDemo.Path}?at={fourth}&since={second}", "application/json");
        var difference = await JsonAsync(answer);
        Assert.Equal(timeline[2..4].Select(s => s.GetProperty("entry").GetString()), difference.GetProperty("events").EnumerateArray().Select(s => s.GetProperty("entry").GetString()));
        using var at = await AskAsync($"{PlayedDemo.Path}?at={fourth}", "application/json");
        Assert.Equal(Assert.Single(at.Headers.GetValues(PassportAnswers.VersionHeader)), difference.GetProperty("toVersion").GetString());

        using var fromNothing = await AskAsync($"{PlayedDemo.Path}?at={fourth}&since=0", "application/json");
        Assert.False((await JsonAsync(fromNothing)).TryGetProperty("fromVersion", out _));
    }

    [Fact]
    public async Task A_difference_from_no_moment_or_a_later_one_is_refused()
    {
        using var then = await AskAsync(PlayedDemo.Path, "application/json");
        var second = (await JsonAsync(then)).GetProperty("timeline").EnumerateArray().ElementAt(1).GetProperty("index").GetInt64() + 1;
        foreach (var query in (string[])["?since=yesterday", $"?at={second}&since={second + 1}"])
        {
            using var answer = await AskAsync(PlayedDemo.Path + query, "application/json");
            Assert.Equal((HttpStatusCode.BadRequest, "moment-malformed"), (answer.StatusCode, (await JsonAsync(answer)).GetProperty("code").GetString()));
        }
    }

    [Theory]
    [InlineData("/01/09506000134352/21/AU75-000123/", 200)]
    [InlineData("/01/09506000134353/21/AU75-000123", 400)]
    [InlineData("/01/9506000134352/21/AU75-000123", 400)]
    [InlineData("/01/09506000134352/21/au75-000123", 400)]
    [InlineData("/01/09506000134352/21/AU75%20000123", 400)]
    [InlineData("/01/09506000134352/21/AU75-000123%0A", 400)]
    [InlineData("/01/09506000134352/21/AU75-000124", 404)]
    [InlineData("/01/09506000134352/21/012345678901234567890", 400)]
    [InlineData("/8004/95060001", 404)]
    [InlineData("/8004/95_6", 400)]
    [InlineData("/id/5B0F3A5E-2F4B-4B6A-9A53-8D8F2F7A0C75", 404)]
    [InlineData("/id/5b0f3a5e", 400)]
    [InlineData("/alias/gbt34014/none", 404)]
    [InlineData("/alias/GBT/none", 400)]
    [InlineData("/01/09506000134352/21/AU75-000123?at=yesterday", 400)]
    [InlineData("/01/09506000134352/21/AU75-000123?at=-1", 400)]
    public async Task Addresses_are_read_strictly_and_refused_in_the_form_asked_for(string path, int status)
    {
        using var json = await AskAsync(path, "application/json");
        Assert.Equal(status, (int)json.StatusCode);
        using var page = await AskAsync(path, "text/html");
        Assert.Equal(status, (int)page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        if (status != 200)
        {
            Assert.Equal("application/problem+json", json.Content.Headers.ContentType!.MediaType);
            Assert.Matches("^[a-z-]+$", (await JsonAsync(json)).GetProperty("code").GetString()!);
            Assert.Contains("<h1>", await page.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_granted_alias_leads_to_its_battery_with_what_was_asked()
    {
        using var answer = await AskAsync("/alias/gbt34014/0HPPE0766HX000C360000123?linkType=linkset", "text/html");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
        Assert.Equal(PlayedDemo.Path + "?linkType=linkset", answer.Headers.Location!.ToString());
    }

    [Fact]
    public async Task HEAD_is_GET_without_a_body_and_OPTIONS_says_what_is_allowed()
    {
        using var client = demo.Client();
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, PlayedDemo.Path), Cancel);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.NotNull(head.Headers.ETag);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancel));
        using var options = await client.SendAsync(new HttpRequestMessage(HttpMethod.Options, PlayedDemo.Path), Cancel);
        Assert.Equal(HttpStatusCode.NoContent, options.StatusCode);
        Assert.Contains("GET", options.Content.Headers.Allow);
    }

    [Fact]
    public async Task The_linkset_has_one_default_link_under_the_public_address()
    {
        using var answer = await AskAsync(PlayedDemo.Path, Representations.LinksetType);
        var links = Assert.Single((await JsonAsync(answer)).GetProperty("linkset").EnumerateArray());
        Assert.Equal("https://passport.example.com" + PlayedDemo.Path, links.GetProperty("anchor").GetString());
        Assert.Single(links.GetProperty("https://ref.gs1.org/voc/defaultLink").EnumerateArray());
    }

    [Fact]
    public async Task Nothing_withheld_stands_in_the_document_or_on_the_page()
    {
        foreach (var accept in (string[])["application/json", "text/html"])
        {
            using var answer = await AskAsync(PlayedDemo.Path, accept);
            var text = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.All(WithheldValues, value => Assert.DoesNotContain(">" + value, text.Replace('"', '>'), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_page_needs_no_script_no_other_host_and_no_cookie()
    {
        using var answer = await AskAsync(PlayedDemo.Path, "text/html");
        var page = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.StartsWith("default-src 'none';", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" style=", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("(src|href)=\"(https?:)?//", page);
        Assert.Single(Regex.Matches(page, "<h1"));
        Assert.Contains("<html lang=\"en\">", page, StringComparison.Ordinal);
        Assert.Contains("<del>", page, StringComparison.Ordinal);
        var style = Regex.Match(page, "href=\"(/style/[^\"]+)\"").Groups[1].Value;
        using var sheet = await AskAsync(style, "text/css");
        Assert.Equal("text/css", sheet.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_ledger_that_is_no_demo_says_that_its_entries_are_public_and_does_not_call_itself_one()
    {
        foreach (var path in (string[])[PlayedDemo.Path, "/", "/01/09506000134352/21/none", "/alias/workshop/none"])
        {
            using var answer = await AskAsync(path, "text/html");
            var page = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.Contains(">All entries are public<", page, StringComparison.Ordinal);
            Assert.DoesNotContain("Demo", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_nobody_signed_a_mine_for_is_of_unknown_origin_and_its_refinery_is_called_one()
    {
        var rows = await RowsAsync("Where minerals come from");
        var manganese = Assert.Single(rows, row => row.StartsWith("Manganese |", StringComparison.Ordinal));
        Assert.Equal("Manganese | unknown | manganese sulphate monohydrate Refinery: Kokkola Works, Kokkola, Finland | Kokkola Battery Refining Oy", manganese);
        Assert.Contains("Cobalt | Kisanga Pit 2, Lualaba, Congo - Kinshasa | cobalt hydroxide | Lualaba Cobalt SARL", rows);

        // Every lot into which something came without a giver's signature has a row, and no other row lacks a mine.
        using var document = await AskAsync(PlayedDemo.Path, "application/json");
        var untraced = (await JsonAsync(document)).GetProperty("givers").EnumerateArray().Count(g => g.GetProperty("kind").GetString() == "lot" && g.TryGetProperty("inputsNotTraced", out _));
        Assert.Equal(untraced, rows.Count(row => row.Split(" | ")[1].StartsWith("unknown", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Sentences_of_a_list_stand_one_below_the_other_and_are_not_run_together_by_commas()
    {
        using var answer = await AskAsync(PlayedDemo.Path, "text/html");
        var page = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.Matches("<ul class=\"value listed\">\\s*<li>Crossed-out bin: hand the battery in separately, never with household waste.</li>\\s*<li>Burning cells are cooled with large amounts of water.</li>\\s*</ul>", page);
        Assert.DoesNotMatch("[a-z][.][,;]", page);
    }

    /// <summary>The rows of a table as text, cells with bars between.</summary>
    private async Task<IReadOnlyList<string>> RowsAsync(string caption)
    {
        using var answer = await AskAsync(PlayedDemo.Path, "text/html");
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
        var table = page[page.IndexOf($"<caption>{caption}</caption>", StringComparison.Ordinal)..];
        return [.. Regex.Matches(table[..table.IndexOf("</table>", StringComparison.Ordinal)], "<tr>\\s*<th scope=\"row\">(.*?)</tr>", RegexOptions.Singleline)
            .Select(row => string.Join(" | ", Regex.Split(row.Groups[1].Value, "</t[hd]>").Select(cell => Regex.Replace(Regex.Replace(cell, "<[^>]*>", " "), "\\s+", " ").Trim()).Where(cell => cell.Length > 0)))];
    }

    [Fact]
    public async Task Hostile_texts_of_a_signer_stay_texts()
    {
        const string Hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}";
        using (var key = DemoKeys.Open(Path.Combine(demo.Folder, "spree-inspection.pem")))
        using (var journal = new Journal(Path.Combine(demo.Folder, "hostile")))
        using (var producer = new Producer(new LedgerApi(demo.Client()), PlayedDemo.Origin, "did:web:spree-inspection.example#k1", key, demo.LogKeys, journal))
        {
            await producer.AppendAsync(DemoLife.NewBattery, new HealthMeasured { Method = Hostile, StateOfCertifiedEnergy = Quantity.Parse("98.8") }, cancellation: Cancel);
        }

        using var answer = await AskAsync("/" + Gs1.Path(DemoLife.NewBattery), "text/html");
        var page = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img src=x", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_label_carries_the_public_address_in_upper_case_and_nothing_of_the_request()
    {
        using var answer = await AskAsync(PlayedDemo.Path + "/label", "*/*");
        Assert.Equal("image/svg+xml", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("<title>HTTPS://PASSPORT.EXAMPLE.COM/01/09506000134352/21/AU75-000123</title>", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using var png = await AskAsync(PlayedDemo.Path + "/label?format=png", "*/*");
        Assert.Equal("image/png", png.Content.Headers.ContentType!.MediaType);
        using var unknown = await AskAsync("/01/09506000134352/21/AU75-000124/label", "*/*");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task The_start_page_lists_the_newest_batteries_where_entries_are_public()
    {
        using var answer = await AskAsync("/", "text/html");
        Assert.Contains(PlayedDemo.Path, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_DID_of_another_host_has_no_document_here()
    {
        using var answer = await AskAsync("/operators/havel-energy/did.json", "application/json");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(Cancel))).RootElement;

    private async Task<HttpResponseMessage> AskAsync(string path, string accept, EntityTagHeaderValue? tag = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (tag is not null)
        {
            request.Headers.IfNoneMatch.Add(tag);
        }

        return await demo.Client().SendAsync(request, Cancel);
    }
}
