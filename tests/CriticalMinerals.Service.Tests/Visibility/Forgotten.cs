using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Callers;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Visibility;

/// <summary>What was erased is nowhere: in no table, no answer, no log line; and neither a retry nor a backup brings it back.</summary>
public sealed class Forgotten(PostgresServer postgres)
{
    private static readonly string[] Names = ["user", "vehicle"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_erased_name_is_in_no_table_and_comes_back_by_no_retry_and_no_backup()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false);
        var (_, used) = await ABatteryInServiceAsync(world);
        var traces = Traces(used, Names, ["CANARY-USER", "CANARY0000000WXYZ"]);
        var before = await DumpAsync(world);
        Assert.All(used.Disclosures, d => Assert.Contains(d.Text, before, StringComparison.Ordinal));
        var backup = await RowsAsync(world);

        var erased = Erases(world, await world.AnAsync(Role.BatteryMaker), used, Names);
        await world.AdmitAsync(erased);
        await NowhereAsync(world, traces);

        // What may not be forgotten is there as before.
        Assert.Equal(used.Disclosures.Count - Names.Length, await CountAsync(world, used));

        // The signer sends the whole entry again, disclosures and all, alone and in a stream.
        Assert.Equal(200, (await world.PostAsync(used)).Status);
        Assert.Equal(200, Assert.Single(await world.StreamAsync([used])).Status);
        await NowhereAsync(world, traces);

        // A backup of the tables that may change is played back over a log that has gone on.
        await world.StopAsync();
        foreach (var (index, ordinal, text) in backup)
        {
            await world.DoAsync(FormattableString.Invariant($"insert into ledger.disclosure (leaf_index, ordinal, text) values ({index}, {ordinal}, '{text}') on conflict do nothing"));
        }

        Assert.Contains(traces[0], await DumpAsync(world), StringComparison.Ordinal);
        await world.StartAsync();
        await NowhereAsync(world, traces);
    }

    [Fact]
    public async Task A_name_erased_in_the_same_stream_in_which_it_came_is_never_kept()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false);
        var maker = await world.AnAsync(Role.BatteryMaker);
        await using var holder = new NpgsqlConnection(world.OwnerConnection);
        await holder.OpenAsync(Cancel);

        // Whoever holds the log's row makes both wait, and what waits together is decided together. Another entry goes first and begins to wait alone.
        for (var attempt = 1; ; attempt++)
        {
            var battery = (await world.ABatteryOnTheMarketAsync()).Entry.Subject;
            var used = world.Says.Stands(world.Says.Sign(maker, "put-into-service.v1", battery, new JsonObject { ["application"] = "vehicle" }, new JsonObject { ["user"] = "CANARY-USER" }));
            var erased = Erases(world, maker, used, ["user"]);
            await using (var held = await holder.BeginTransactionAsync(Cancel))
            {
                await using var row = new NpgsqlCommand("select from ledger.state for update", holder);
                await row.ExecuteNonQueryAsync(Cancel);
                var before = world.PostAsync(world.Says.Enrols(Party.Of($"did:web:before{attempt}.example"), Role.Miner));
                var both = world.StreamAsync([used, erased]);
                await Task.Delay(TimeSpan.FromMilliseconds(100 << attempt), Cancel);
                await held.CommitAsync(Cancel);
                Assert.Equal(201, (await before).Status);
                Assert.All(await both, answer => Assert.Equal(201, answer.Status));
            }

            await NowhereAsync(world, Traces(used, ["user"], ["CANARY-USER"]));
            if (await world.AskAsync<long>($"select count(distinct committed_at) from ledger.leaf where chain = '{battery}' and seq >= 2") == 1)
            {
                return;
            }

            Assert.True(attempt < 6, "They never came into one batch.");
        }
    }

    [Fact]
    public async Task A_document_that_only_an_erased_disclosure_named_goes_with_it_and_cannot_be_brought_again()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false);
        var maker = await world.AnAsync(Role.BatteryMaker);
        var (battery, _) = await ABatteryInServiceAsync(world);
        var (bytes, nonce) = (Encoding.UTF8.GetBytes("CANARY-REPORT " + Guid.NewGuid()), RandomNumberGenerator.GetBytes(16));
        var name = Digest.Sha256([.. nonce, .. bytes]).ToString();
        var reported = await world.AdmitAsync(world.Says.Sign(maker, "incident-reported.v1", battery, new JsonObject(), new JsonObject
        {
            ["kind"] = "accident",
            ["severity"] = "minor",
            ["report"] = new JsonObject { ["title"] = "Report", ["mediaType"] = "text/plain", ["size"] = bytes.Length, ["sha256"] = name, ["nonce"] = StrictBase64Url.Encode(nonce) },
        }));
        Assert.Equal(HttpStatusCode.Created, (await world.BringAsync(maker, name, bytes)).Status);
        Assert.Contains(Convert.ToHexStringLower(bytes), await DumpAsync(world), StringComparison.Ordinal);

        await world.AdmitAsync(Erases(world, maker, reported, ["report"]));
        await NowhereAsync(world, [.. Traces(reported, ["report"], []), Convert.ToHexStringLower(bytes), Encoding.UTF8.GetString(bytes), Convert.ToHexStringLower(Digest.Parse(name).ToArray())]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await world.BringAsync(maker, name, bytes)).Status);
    }

    [Fact]
    public async Task What_rules_rest_on_is_not_erased_and_nobody_but_signer_and_authority_erases()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false);
        var lot = await world.ALotAsync();
        var miner = await world.AnAsync(Role.Miner);
        Assert.Equal("erasure-forbidden", (await world.PostAsync(Erases(world, miner, lot, ["mass"]))).Code);

        // In one stream with the entry it is no other.
        var fresh = world.Says.Stands(world.Says.Extracts(miner, Author.Uuid()));
        Assert.Equal([null, "erasure-forbidden"], (await world.StreamAsync([fresh, Erases(world, miner, fresh, ["mass"])])).Select(a => a.Code));

        var (_, used) = await ABatteryInServiceAsync(world);
        Assert.Equal("keeper-required", (await world.PostAsync(Erases(world, miner, used, ["user"]))).Code);
        await world.AdmitAsync(Erases(world, world.Says.Authority, used, ["user"]));
        await NowhereAsync(world, Traces(used, ["user"], ["CANARY-USER"]));
    }

    [Fact]
    public async Task A_log_exported_by_an_auditor_replays_alike_with_quantities_without_erasables_and_without_any_disclosure()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false);
        var lot = await world.ALotAsync();
        var (refiner, auditor) = (await world.AnAsync(Role.Refiner), await world.AnAsync(Role.Auditor));
        var given = new GivenTo(Author.Uuid(), refiner, "400");
        var allocated = await world.AdmitAsync(world.Says.Allocates(await world.AnAsync(Role.Miner), lot.Entry.Subject, given));
        await world.AdmitAsync(world.Says.Refines(refiner, given.Subject, "400", Author.Take(allocated, 0, given)));
        var (_, used) = await ABatteryInServiceAsync(world);
        await world.AdmitAsync(Erases(world, await world.AnAsync(Role.BatteryMaker), used, Names));
        await world.AdmitAsync(world.Says.Sign(world.Says.Authority, "audit-access-granted.v1", Ledger.Names.GrantsChain(auditor.Did), new JsonObject { ["until"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds() }));

        // As files: the leaf bytes by tiles, the disclosures by bundle.
        var size = (int)(await world.CheckpointAsync(world.Acknowledged.Max(a => a.Index) + 1)).Size;
        var bundle = await world.Http().SendAsync(As(world, auditor, $"/tile/entries/000.p/{size}"), Cancel);
        Assert.Equal(HttpStatusCode.OK, bundle.StatusCode);
        var leaves = EntryBundle.Decode(await bundle.Content.ReadAsByteArrayAsync(Cancel), size, out var fault)!;
        Assert.Null(fault);
        using var answer = await world.Http().SendAsync(As(world, auditor, "/disclosures/0"), Cancel);
        var disclosures = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!["entries"]!.AsArray()
            .ToDictionary(e => (int)e!["index"]!, e => e!["disclosures"]!.AsArray().Select(d => (string)d!).ToArray());
        Assert.Equal(size, leaves.Count);

        var whole = Replay(leaves, index => disclosures.GetValueOrDefault(index, []));
        var bare = Replay(leaves, _ => []);
        Assert.Equal((null, null), (whole.Rejection, bare.Rejection));
        Assert.Equal(whole.Root, bare.Root);
        Assert.Equal(0, whole.WithheldQuantities);
        Assert.Equal(1, bare.WithheldQuantities);
        Assert.Equal((await world.CheckpointAsync(size)).Root, whole.Root);

        LedgerReplay Replay(IReadOnlyList<ReadOnlyMemory<byte>> all, Func<int, string[]> shown)
        {
            var replay = new LedgerReplay(world.Says.Origin);
            for (var i = 0; i < all.Count; i++)
            {
                replay.Add(all[i], shown(i));
            }

            return replay;
        }
    }

    private static HttpRequestMessage As(World world, Party party, string path)
    {
        var address = new Uri(world.Http().BaseAddress!, path);
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new("Bearer", new Client.Caller(world.Says.Origin, party.KeyId, party.Key, "auditor").TokenFor(HttpMethod.Get, address).Text);
        return request;
    }

    private static async Task<(string Battery, SignedEntry Used)> ABatteryInServiceAsync(World world)
    {
        var battery = (await world.ABatteryOnTheMarketAsync()).Entry.Subject;
        var used = await world.AdmitAsync(world.Says.Sign(
            await world.AnAsync(Role.BatteryMaker), "put-into-service.v1", battery, new JsonObject { ["application"] = "vehicle" },
            new JsonObject { ["user"] = "CANARY-USER", ["vehicle"] = "CANARY0000000WXYZ", ["site"] = "A site that stays" }));
        return (battery, used);
    }

    private static SignedEntry Erases(World world, Party by, SignedEntry entry, string[] names) => world.Says.Sign(by, "erased.v1", entry.Entry.Subject, new JsonObject
    {
        ["digests"] = new JsonArray([.. names.Select(n => (JsonNode)entry.Disclosures.Single(d => d.Name == n).Digest.ToString())]),
        ["ref"] = new JsonArray(new JsonObject { ["h"] = entry.Entry.LeafHash.ToString(), ["sub"] = entry.Entry.Subject }),
    });

    // The disclosure, its salt and the value: as text, and as bytes in hexadecimal.
    private static string[] Traces(SignedEntry signed, string[] names, string[] canaries) =>
    [
        .. signed.Disclosures.Where(d => names.Contains(d.Name)).SelectMany(d => (string[])[d.Text, d.Salt]).Concat(canaries)
            .SelectMany(text => (string[])[text, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text))]),
    ];

    private static async Task NowhereAsync(World world, string[] traces)
    {
        var dump = await DumpAsync(world);
        var surfaces = new StringBuilder(world.Node().Said);
        foreach (var path in (string[])["/disclosures/0", "/tile/entries/000", "/openapi/v1.json"])
        {
            surfaces.Append(await (await world.Http().SendAsync(As(world, await world.AnAsync(Role.BatteryMaker), path), Cancel)).Content.ReadAsStringAsync(Cancel));
        }

        foreach (var trace in traces)
        {
            Assert.DoesNotContain(trace, dump, StringComparison.Ordinal);
            Assert.DoesNotContain(trace, surfaces.ToString(), StringComparison.Ordinal);
        }
    }

    /// <summary>Every row of every table of every schema, the envelopes' too, as text; bytes in hexadecimal.</summary>
    private static async Task<string> DumpAsync(World world)
    {
        await using var owner = NpgsqlDataSource.Create(world.OwnerConnection);
        var tables = new List<string>();
        await using (var names = owner.CreateCommand("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"))
        {
            await using var rows = await names.ExecuteReaderAsync(Cancel);
            while (await rows.ReadAsync(Cancel))
            {
                tables.Add(rows.GetString(0));
            }
        }

        Assert.Contains(tables, t => t.Contains("wolverine_incoming", StringComparison.Ordinal));
        Assert.Contains(tables, t => t.Contains("wolverine_dead_letters", StringComparison.Ordinal));
        var dump = new StringBuilder();
        foreach (var table in tables)
        {
            await using var command = owner.CreateCommand($"select coalesce(string_agg(t::text, E'\\n'), '') from {table} t");
            dump.AppendLine((string)(await command.ExecuteScalarAsync(Cancel))!);
        }

        return dump.ToString();
    }

    private static async Task<List<(long Index, short Ordinal, string Text)>> RowsAsync(World world)
    {
        await using var owner = NpgsqlDataSource.Create(world.OwnerConnection);
        await using var command = owner.CreateCommand("select leaf_index, ordinal, text from ledger.disclosure");
        var kept = new List<(long, short, string)>();
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        while (await rows.ReadAsync(Cancel))
        {
            kept.Add((rows.GetInt64(0), rows.GetInt16(1), rows.GetString(2)));
        }

        return kept;
    }

    private static Task<long> CountAsync(World world, SignedEntry signed) => world.AskAsync<long>(
        $"select count(*) from ledger.disclosure d join ledger.leaf l on l.index = d.leaf_index where l.hash = '\\x{Convert.ToHexStringLower(signed.Entry.LeafHash.ToArray())}'");
}
