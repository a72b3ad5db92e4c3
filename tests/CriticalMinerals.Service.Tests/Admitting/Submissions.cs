using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Admitting;

/// <summary>Entries as they come in: again, too large, in pieces, with the wrong label, in streams.</summary>
public sealed class Submissions(PostgresServer postgres, SharedWorld shared)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_bytes_sent_by_many_to_both_nodes_are_one_entry_and_one_201()
    {
        var world = await shared.GetAsync(postgres);
        var lot = world.Says.Extracts(await world.AnAsync(Role.Miner), Author.Uuid());

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => world.PostAsync(lot, i % 2)));

        Assert.Equal(1, answers.Count(a => a.Status == 201));
        Assert.Equal(15, answers.Count(a => a.Status == 200));
        Assert.Single(answers.Select(a => a.Index).Distinct());
        Assert.Equal(200, (await world.PostAsync(lot)).Status);
        await IndependentAudit.AcceptsAsync(world);
    }

    [Fact]
    public async Task An_id_used_again_with_other_bytes_is_refused()
    {
        var world = await shared.GetAsync(postgres);
        var miner = await world.AnAsync(Role.Miner);
        var lot = await world.ALotAsync();

        var other = world.Says.Sign(miner, "lot-extracted.v1", Author.Uuid(), Clear(lot), new() { ["mass"] = "1", ["content"] = Author.Holding("1") }, lot.Entry.Id);

        var answer = await world.PostAsync(other, node: 1);
        Assert.Equal((409, "id-reused"), (answer.Status, answer.Code));
        Assert.Null(await world.IndexAsync(other));
    }

    [Fact]
    public async Task A_retry_is_answered_even_when_its_key_was_revoked_since_and_a_new_entry_under_that_key_is_not()
    {
        var world = await shared.GetAsync(postgres);
        var first = Party.Of($"did:web:retired-{Guid.NewGuid():N}.example");
        var second = new Party(first.Did, first.Did + "#2", SigningKey.Generate());
        await world.AdmitAsync(world.Says.Enrols(first, Role.Miner));
        var lot = await world.AdmitAsync(world.Says.Extracts(first, Author.Uuid()));
        await world.AdmitAsync(world.Says.AddsKey(first, second));
        await world.AdmitAsync(world.Says.RevokesKey(second, first));

        Assert.Equal(200, (await world.PostAsync(lot)).Status);
        Assert.Equal(200, (await world.PostAsync(lot, node: 1)).Status);
        var late = await world.PostAsync(world.Says.Extracts(first, Author.Uuid()), node: 1);
        Assert.Equal((403, "key-revoked"), (late.Status, late.Code));
    }

    [Fact]
    public async Task A_retry_without_its_disclosures_is_a_retry_and_a_first_try_without_them_is_refused()
    {
        var world = await shared.GetAsync(postgres);
        var miner = await world.AnAsync(Role.Miner);
        var lot = await world.ALotAsync();
        var unsent = world.Says.Extracts(miner, Author.Uuid());

        Assert.Equal(200, (await world.PostAsync(lot, Bare(lot))).Status);
        var refused = await world.PostAsync(unsent, Bare(unsent));
        Assert.Equal((400, "disclosure-missing"), (refused.Status, refused.Code));
        Assert.Null(await world.IndexAsync(unsent));
    }

    [Fact]
    public async Task Lines_of_a_stream_are_decided_in_their_order_so_that_each_may_rest_on_the_one_before()
    {
        var world = await shared.GetAsync(postgres);
        for (var round = 0; round < 10; round++)
        {
            var first = Party.Of($"did:web:new-{Guid.NewGuid():N}.example");
            var second = new Party(first.Did, first.Did + "#2", SigningKey.Generate());
            var says = world.Says;
            SignedEntry[] lines =
            [
                says.Stands(says.Enrols(first, Role.Miner)),
                says.Stands(says.AddsKey(first, second)),
                says.Stands(says.Extracts(second, Author.Uuid())),
                says.Stands(says.RevokesKey(second, first)),
                says.Extracts(first, Author.Uuid()),
                says.Stands(says.Extracts(second, Author.Uuid())),
            ];

            var answers = await world.StreamAsync(lines, round % 2);

            Assert.Equal([201, 201, 201, 201, 403, 201], answers.Select(a => a.Status));
            Assert.Equal("key-revoked", answers[4].Code);
            Assert.Equal(answers.Where(a => a.IsIn).Select(a => a.Index).Order(), answers.Where(a => a.IsIn).Select(a => a.Index));
        }
    }

    [Fact]
    public async Task One_bad_line_is_answered_in_its_place_and_stops_none_of_the_others()
    {
        var world = await shared.GetAsync(postgres);
        var miner = await world.AnAsync(Role.Miner);
        var (first, last) = (world.Says.Extracts(miner, Author.Uuid()), world.Says.Extracts(miner, Author.Uuid()));
        string[] bad =
        [
            "", "null", "{", "[]", """{"sd_jwt":1}""", """{"sd_jwt":"a~","sd_jwt":"a~"}""", """{"sd_jwt":"a~","more":1}""", """{"sd_jwt":"ä~"}""", """{"sd_jwt":""}""",
            """{"sd_jwt":"e30.e30.e30~"}""", $$"""{"sd_jwt":"{{new string('A', SignedEntry.MaximumLength + 1)}}"}""", $$"""{"sd_jwt":"{{new string('A', 2 * SignedEntry.MaximumLength)}}"}""",
        ];

        var answers = await world.StreamLinesAsync(World.Line(first) + string.Join('\n', bad) + "\n" + World.Line(last).TrimEnd('\n'));

        Assert.Equal(bad.Length + 2, answers.Count);
        Assert.Equal(201, answers[0].Status);
        Assert.All(answers.Skip(1).Take(bad.Length), a => Assert.True(a.Status is 400 or 413, a.ToString()));
        Assert.Equal(["too-large", "too-large"], answers.Skip(bad.Length - 1).Take(2).Select(a => a.Code));
        Assert.Equal(201, answers[^1].Status);
        Assert.NotNull(await world.IndexAsync(last));
    }

    [Fact]
    public async Task A_line_without_end_ends_the_stream_after_its_answer()
    {
        var world = await shared.GetAsync(postgres);
        var lot = world.Says.Extracts(await world.AnAsync(Role.Miner), Author.Uuid());

        var answers = await world.StreamLinesAsync(World.Line(lot) + new string('A', 3 * SignedEntry.MaximumLength));

        Assert.Equal([201, 413], answers.Select(a => a.Status));
        Assert.Equal("live", await world.Http().GetStringAsync("/health/live", Cancel));
    }

    [Fact]
    public async Task An_entry_of_64_KiB_is_admitted_and_one_byte_more_is_too_large_with_or_without_a_length()
    {
        var world = await shared.GetAsync(postgres);
        var miner = await world.AnAsync(Role.Miner);
        var lot = await world.ALotAsync();
        var full = Padded(world, miner, lot.Entry.Subject);
        Assert.Equal(SignedEntry.MaximumLength, full.ToSdJwt().Length);
        var text = Encoding.ASCII.GetBytes(full.ToSdJwt() + "~");

        Assert.Equal((413, "too-large"), Said(await world.PostAsync(full, new ByteArrayContent(text))));
        Assert.Equal((413, "too-large"), Said(await world.PostAsync(full, new InPieces(text, 4096))));
        Assert.Null(await world.IndexAsync(full));
        Assert.Equal(201, (await world.PostAsync(full, new InPieces(text[..^1], 1000))).Status);
    }

    [Fact]
    public async Task A_body_far_beyond_every_limit_is_answered_413_and_the_service_goes_on()
    {
        var world = await shared.GetAsync(postgres);
        var lot = world.Says.Extracts(await world.AnAsync(Role.Miner), Author.Uuid());
        var body = new byte[2 << 20];
        Array.Fill(body, (byte)'A');

        Assert.Equal(413, (await world.PostAsync(lot, new InPieces(body, 60_000))).Status);
        Assert.Equal(413, (await world.PostAsync(lot, new ByteArrayContent(body))).Status);
        Assert.Equal(201, (await world.PostAsync(lot)).Status);
    }

    [Fact]
    public async Task An_entry_may_come_byte_by_byte()
    {
        var world = await shared.GetAsync(postgres);
        var lot = world.Says.Extracts(await world.AnAsync(Role.Miner), Author.Uuid());
        Assert.Equal(201, (await world.PostAsync(lot, new InPieces(Encoding.ASCII.GetBytes(lot.ToSdJwt()), 1))).Status);
    }

    [Theory, InlineData("application/json"), InlineData("text/plain"), InlineData(null)]
    public async Task Another_media_type_is_answered_415(string? type)
    {
        var world = await shared.GetAsync(postgres);
        var lot = world.Says.Extracts(await world.AnAsync(Role.Miner), Author.Uuid());
        foreach (var path in new[] { "/entries", "/entries/check" })
        {
            using var body = new ByteArrayContent(Encoding.ASCII.GetBytes(lot.ToSdJwt()));
            body.Headers.ContentType = type is null ? null : new(type);
            using var response = await world.Http().PostAsync(path, body, Cancel);
            Assert.Equal(415, (int)response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }

        Assert.Null(await world.IndexAsync(lot));
    }

    [Fact]
    public async Task A_check_says_what_a_submission_would_and_writes_nothing()
    {
        var world = await shared.GetAsync(postgres);
        var lot = world.Says.Extracts(await world.AnAsync(Role.Miner), Author.Uuid());
        var battery = await world.ABatteryOnTheMarketAsync();

        Assert.Contains("\"admissible\":true", await CheckAsync(world, lot), StringComparison.Ordinal);
        Assert.Null(await world.IndexAsync(lot));
        Assert.Contains("role-missing", await CheckAsync(world, world.Says.Extracts(await world.AnAsync(Role.Recycler), Author.Uuid())), StringComparison.Ordinal);
        await world.AdmitAsync(lot);
        Assert.Contains("\"admissible\":true", await CheckAsync(world, battery), StringComparison.Ordinal);
    }

    private static async Task<string> CheckAsync(World world, SignedEntry signed)
    {
        using var body = new ByteArrayContent(Encoding.ASCII.GetBytes(signed.ToSdJwt())) { Headers = { ContentType = new("application/sd-jwt") } };
        using var response = await world.Http(1).PostAsync("/entries/check", body, Cancel);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    private static (int, string?) Said(Answer answer) => (answer.Status, answer.Code);

    private static ByteArrayContent Bare(SignedEntry signed) => new(Encoding.ASCII.GetBytes(signed.Entry + "~"));

    private static System.Text.Json.Nodes.JsonObject Clear(SignedEntry signed)
    {
        var data = System.Text.Json.Nodes.JsonNode.Parse(signed.Entry.Data.GetRawText())!.AsObject();
        data.Remove("_sd");
        return data;
    }

    /// <summary>Nine lines given, whose disclosures are padded with white space, which is free, up to exactly 64 KiB.</summary>
    private static SignedEntry Padded(World world, Party miner, string lot)
    {
        var lines = Enumerable.Range(0, 9).Select(_ => new GivenTo(Author.Uuid(), miner, "1")).ToArray();
        var draft = world.Says.Allocates(miner, lot, lines);
        var clear = Clear(draft);
        for (var attempt = 0; ; attempt++)
        {
            // Base64 texts have no length 1 beyond a multiple of 4, so the last ones share what is left.
            var rest = SignedEntry.MaximumLength - draft.Entry.Leaf.Length - 1 - attempt;
            var lengths = Enumerable.Range(0, 9).Select(i => (rest / 9) - 1).ToArray();
            lengths[8] += SignedEntry.MaximumLength - draft.Entry.Leaf.Length - 1 - lengths.Sum() - 9;
            if (lengths.Any(l => l % 4 == 1))
            {
                continue;
            }

            var disclosures = lengths.Select((length, i) => Spaced($"q{i}", length)).ToArray();
            return new EntryDraft
            {
                Origin = world.Says.Origin,
                KeyId = miner.KeyId,
                Subject = lot,
                Sequence = draft.Entry.Sequence,
                Previous = draft.Entry.Previous,
                Event = draft.Entry.Event,
                IssuedAt = DateTimeOffset.UnixEpoch,
                OccurredAt = DateTimeOffset.UnixEpoch,
                Clear = clear,
                Disclosures = disclosures,
            }.Sign(miner.Key);
        }
    }

    private static Disclosure Spaced(string name, int length)
    {
        var salt = StrictBase64Url.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        var array = $"[\"{salt}\",\"{name}\",\"1\"";
        var text = StrictBase64Url.Encode(Encoding.UTF8.GetBytes(array.PadRight((length * 6 / 8) - 1) + "]"));
        Assert.Equal(length, text.Length);
        return Disclosure.Parse(text, out var fault) ?? throw new InvalidOperationException(fault!.Detail);
    }

    /// <summary>A body of unknown length, flushed piece by piece.</summary>
    private sealed class InPieces(byte[] bytes, int size) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            for (var at = 0; at < bytes.Length; at += size)
            {
                await stream.WriteAsync(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)), Cancel);
                await stream.FlushAsync(Cancel);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
