using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Lifecycle;
using CsCheck;

namespace CriticalMinerals.Tests.Client;

/// <summary>Who read a chain, as a ledger tells it that is honest, damaged or dishonest.</summary>
public sealed class WhoRead : IDisposable
{
    private const string Chain = "https://id.gs1.org/01/09521234543213/21/A0001";
    private const string KeyId = "did:web:ledger.example.com:log:2026#head";

    private readonly Folder _folder = new();
    private readonly SigningKey _head = SigningKey.Generate();
    private readonly Teller _teller = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _head.Dispose();
        _teller.Dispose();
    }

    [Fact]
    public void Records_are_believed_in_whatever_parts_they_come_and_a_forgotten_reader_leaves_them_whole() => Gen.Select(Gen.Int[0, 30], Gen.Int[1, 12], Gen.Int[0, 29]).Sample(
        (count, part, forgotten) =>
        {
            var told = Told(count);
            if (forgotten < count)
            {
                told[forgotten] = told[forgotten] with { Who = null };
            }

            var history = new ReadingHistory(Chain);
            for (var from = 0; from == 0 || from < count; from += part)
            {
                Assert.False(history.IsComplete);
                Assert.Null(history.Add(new ReadingPage(Chain, State(told), [.. told.Skip(from).Take(part)], from + part < count ? from + part - 1 : null)));
            }

            Assert.True(history.IsComplete);
            Assert.Equal(Enumerable.Range(0, count).Select(i => i == forgotten ? null : Reader(i)), history.Readings.Select(r => r.Who));
            Assert.All(history.Readings, r => Assert.Equal(("evidence", "own", r.Number), (r.What, r.Why, r.At.ToUnixTimeSeconds())));
        },
        iter: 100);

    [Theory]
    [InlineData("altered", Failure.ChainLink, 0)]
    [InlineData("altered and hashed again", Failure.ChainLink, 1)]
    [InlineData("altered and all hashed again", Failure.HeadMismatch, null)]
    [InlineData("another hash beside it", Failure.ChainLink, 0)]
    [InlineData("dropped", Failure.ChainSequence, 0)]
    [InlineData("dropped and numbered again", Failure.ChainLink, 0)]
    [InlineData("moved behind the next", Failure.ChainSequence, 0)]
    [InlineData("doubled", Failure.ChainSequence, 1)]
    [InlineData("cut off with all after it", Failure.HeadMismatch, 0)]
    [InlineData("of another chain", Failure.ChainForeign, 0)]
    [InlineData("of another reader", Failure.DisclosureUnmatched, 0)]
    [InlineData("of a reader under another name", Failure.DisclosureUnmatched, 0)]
    [InlineData("no record", Failure.ReadingsMalformed, 0)]
    public void A_record_that_is_not_as_it_was_made_is_found_and_named(string how, Failure failure, int? after) => Gen.Select(Gen.Int[2, 12], Gen.Int[0, 99]).Sample(
        (count, any) =>
        {
            var at = any % (count - 1);
            var honest = Told(count);
            var told = honest.ToList();
            switch (how)
            {
                case "altered":
                    told[at] = told[at] with { Record = told[at].Record.Replace("evidence", "passport", StringComparison.Ordinal) };
                    break;
                case "altered and hashed again":
                    told[at] = told[at] with { Record = told[at].Record.Replace("evidence", "passport", StringComparison.Ordinal) };
                    told[at] = told[at] with { Hash = ReadingStatement.Link(at == 0 ? Digest.Zero : told[at - 1].Hash, told[at].Record) };
                    break;
                case "altered and all hashed again":
                    told[at] = told[at] with { Record = told[at].Record.Replace("evidence", "passport", StringComparison.Ordinal) };
                    told = Hashed(told);
                    break;
                case "another hash beside it":
                    told[at] = told[at] with { Hash = Digest.Sha256([1]) };
                    break;
                case "dropped":
                    told.RemoveAt(at);
                    break;
                case "dropped and numbered again":
                    told.RemoveAt(at);
                    told = [.. told.Select((record, i) => record with { Record = Numbered(record.Record, i) })];
                    break;
                case "moved behind the next":
                    (told[at], told[at + 1]) = (told[at + 1], told[at]);
                    break;
                case "doubled":
                    told.Insert(at, told[at]);
                    break;
                case "cut off with all after it":
                    told.RemoveRange(at, count - at);
                    break;
                case "of another chain":
                    told[at] = told[at] with { Record = told[at].Record.Replace("A0001", "A0002", StringComparison.Ordinal) };
                    told = Hashed(told);
                    break;
                case "of another reader":
                    told[at] = told[at] with { Who = told[at + 1].Who };
                    break;
                case "of a reader under another name":
                    told[at] = told[at] with { Who = Disclosure.Create("who", "did:web:other.example").Text };
                    break;
                default:
                    told[at] = told[at] with { Record = told[at].Record.Replace("\"why\"", "\"because\"", StringComparison.Ordinal) };
                    break;
            }

            var history = new ReadingHistory(Chain);
            var fault = history.Add(new ReadingPage(Chain, State(honest), told, null))!;
            var named = after is { } more ? at + more : count - 1;
            Assert.Equal((failure, (long?)named), (fault.Failure, history.WrongRecord));
            Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"Record {named} "), fault.Detail, StringComparison.Ordinal);
            Assert.Equal(fault, history.Add(new ReadingPage(Chain, State(honest), [], null)));
            Assert.False(history.IsComplete);
        },
        iter: 40);

    [Fact]
    public async Task What_was_read_while_it_was_told_is_told_with_a_statement_of_its_own()
    {
        _teller.Answers = [Page(Told(2), Told(3), next: null), Page(Told(5), [.. Told(5).Skip(3)], next: null)];
        var report = await new ReadingsAuditor(Api()).AuditAsync(Chain, Now);
        Assert.Null(report.Fault);
        Assert.Equal(5, report.History.Readings.Count);
        Assert.Equal(["?sub=" + Uri.EscapeDataString(Chain), $"?sub={Uri.EscapeDataString(Chain)}&after=2"], _teller.Asked);
    }

    [Fact]
    public async Task A_record_that_no_statement_covers_is_found_also_when_it_is_the_last()
    {
        _teller.Answers = [Page(Told(2), Told(3), next: null), Page(Told(2), [], next: null)];
        var report = await new ReadingsAuditor(Api()).AuditAsync(Chain, Now);
        Assert.Equal((Failure.HeadMismatch, 2L), (report.Fault!.Failure, report.History.WrongRecord));
    }

    [Fact]
    public async Task A_page_that_names_no_next_of_its_own_is_not_followed()
    {
        foreach (var (records, next) in new (IReadOnlyList<ReadingRecord>, long)[] { ([], 0), ([.. Told(2)], 0), ([.. Told(2)], 7) })
        {
            _teller.Answers = [Page(Told(3), records, next)];
            Assert.Equal(Failure.ReadingsMalformed, (await new ReadingsAuditor(Api()).AuditAsync(Chain, Now)).Fault!.Failure);
        }
    }

    [Fact]
    public async Task A_kept_statement_is_gone_on_from_and_proves_it_when_the_records_of_then_are_not_those_of_now()
    {
        _teller.Answers = [Page(Told(3), Told(3), next: null)];
        Assert.Null((await Audit()).Earlier);
        _teller.Answers = [Page(Told(5), Told(5), next: null)];
        var report = await Audit();
        Assert.Equal((3L, true, true), (report.Earlier!.Count, report.IsVerified, report.IsSignatureChecked));
        var kept = await File.ReadAllTextAsync(_folder["last"], Now);

        // Fewer than before, and as many with one before the last altered: each well signed.
        var altered = Told(5);
        altered[1] = altered[1] with { Record = altered[1].Record.Replace("evidence", "passport", StringComparison.Ordinal) };
        altered = Hashed(altered);
        foreach (var (told, record) in new[] { (Told(4), 4L), (altered, 4L) })
        {
            _teller.Answers = [Page(told, told, next: null)];
            report = await Audit();
            Assert.Equal((Failure.ConsistencyUnproven, record, true), (report.Fault!.Failure, report.History.WrongRecord, report.IsContradicted));
            Assert.Equal(5, report.Earlier!.Count);
            Assert.Equal(kept, await File.ReadAllTextAsync(_folder["last"], Now));
        }
    }

    [Fact]
    public async Task A_statement_by_another_key_is_refused_and_not_kept_and_an_altered_one_is_not_believed()
    {
        using var other = SigningKey.Generate();
        _teller.Answers = [Page(Told(3), Told(3), next: null)];
        Assert.Equal(Failure.SignatureInvalid, (await Audit(other)).Fault!.Failure);
        Assert.False(File.Exists(_folder["last"]));

        await File.WriteAllTextAsync(_folder["last"], ReadingStatement.Sign(other, KeyId, World.Origin, Chain, 1, Told(1)[0].Hash, DateTimeOffset.UnixEpoch).Text, Now);
        _teller.Answers = [Page(Told(3), Told(3), next: null)];
        await Assert.ThrowsAsync<InvalidDataException>(() => Audit());
        await File.WriteAllTextAsync(_folder["last"], "nonsense", Now);
        await Assert.ThrowsAsync<InvalidDataException>(() => Audit());
    }

    [Fact]
    public async Task A_statement_of_another_chain_or_another_log_s_key_says_nothing_of_this_one()
    {
        _teller.Answers = [Page(Told(3), Told(3), next: null).Replace(Chain, Chain + "X", StringComparison.Ordinal)];
        Assert.Equal(Failure.ChainForeign, (await new ReadingsAuditor(Api()).AuditAsync(Chain, Now)).Fault!.Failure);
        Assert.Equal(
            Failure.LogForeign,
            new ReadingHistory(Chain).Add(new ReadingPage(Chain, ReadingStatement.Sign(_head, "did:web:other.example#head", World.Origin, Chain, 0, Digest.Zero, DateTimeOffset.UnixEpoch), [], null))!.Failure);

        _teller.Answers = [Page(Told(3), Told(3), next: null)];
        await File.WriteAllTextAsync(_folder["last"], ReadingStatement.Sign(_head, KeyId, World.Origin, Chain + "X", 1, Digest.Zero, DateTimeOffset.UnixEpoch).Text, Now);
        var report = await Audit();
        Assert.Equal((Failure.ChainForeign, false), (report.Fault!.Failure, report.IsContradicted));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("nonsense")]
    public async Task What_is_no_answer_is_not_taken_for_one(string answer)
    {
        _teller.Answers = [answer];
        Assert.Equal(LedgerApiException.AnswerUnsound, (await Assert.ThrowsAsync<LedgerApiException>(() => Api().GetReadingsAsync(Chain, cancellation: Now))).Code);
    }

    private Task<ReadingsReport> Audit(SigningKey? key = null)
    {
        var known = (key ?? _head).VerifyingKey;
        return new ReadingsAuditor(Api())
        {
            StatementFile = _folder["last"],
            HeadKey = (string _, out Fault? fault) =>
            {
                fault = null;
                return known;
            },
        }.AuditAsync(Chain, Now);
    }

    private LedgerApi Api() => new(new HttpClient(_teller, disposeHandler: false) { BaseAddress = new Uri("http://ledger.test/") });

    private static string Reader(int number) => string.Create(CultureInfo.InvariantCulture, $"did:web:reader{number}.example");

    /// <summary>The same records each time, each a second after the one before it.</summary>
    private static List<ReadingRecord> Told(int count) => Hashed([.. Enumerable.Range(0, count).Select(i =>
    {
        var who = Disclosure.Create(EvidenceWorld.Salt(Reader(i)), "who", Reader(i));
        var record = new JsonObject
        {
            ["at"] = DateTimeOffset.FromUnixTimeSeconds(i).ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["n"] = i,
            ["sub"] = Chain,
            ["what"] = "evidence",
            ["who"] = who.Digest.ToString(),
            ["why"] = "own",
        };
        return new ReadingRecord(record.ToJsonString(), default, who.Text);
    })]);

    private static List<ReadingRecord> Hashed(List<ReadingRecord> records)
    {
        var hash = Digest.Zero;
        return records.ConvertAll(record => record with { Hash = hash = ReadingStatement.Link(hash, record.Record) });
    }

    private static string Numbered(string record, int number)
    {
        var json = JsonNode.Parse(record)!;
        json["n"] = number;
        return json.ToJsonString();
    }

    private ReadingStatement State(List<ReadingRecord> records) =>
        ReadingStatement.Sign(_head, KeyId, World.Origin, Chain, records.Count, records.Count == 0 ? Digest.Zero : records[^1].Hash, DateTimeOffset.UnixEpoch);

    private string Page(List<ReadingRecord> stated, IReadOnlyList<ReadingRecord> records, long? next) => new JsonObject
    {
        ["sub"] = Chain,
        ["statement"] = State(stated).Text,
        ["records"] = new JsonArray([.. records.Select(r => (JsonNode)new JsonObject { ["record"] = r.Record, ["hash"] = r.Hash.ToString(), ["who"] = r.Who })]),
        ["next"] = next,
    }.ToJsonString();

    /// <summary>Gives one answer after the other, and the last one again.</summary>
    private sealed class Teller : HttpMessageHandler
    {
        private int _next;

        public IReadOnlyList<string> Answers
        {
            get;
            set => (field, _next) = (value, 0);
        } = [];

        public List<string> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!.Query);
            var answer = Answers[Math.Min(_next++, Answers.Count - 1)];
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer, Encoding.UTF8, "application/json") });
        }
    }
}
