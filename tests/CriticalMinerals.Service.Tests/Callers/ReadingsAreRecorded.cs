using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Callers;

/// <summary>Who read what is known to the operator that answers for the battery, and nobody can make it otherwise afterwards.</summary>
public sealed class ReadingsAreRecorded(PostgresServer postgres, ClosedWorld closed)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_restricted_read_of_a_battery_is_told_to_its_responsible_operator_with_who_what_when_and_why()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var (repairer, authority, auditor) = (await world.AnAsync(Role.Repairer), await world.AnAsync(Role.PublicAuthority), await world.AnAsync(Role.Auditor));
        var anna = await closed.Issuer.TokenAsync(("sub", "anna"), ("right", "repairer"));
        var bundle = $"/disclosures/{world.Acknowledged.Single(a => a.Signed.Entry.LeafHash == battery.Marking[^1].Entry.LeafHash).Index / 256}";
        await PublishedAsync(world);
        var before = DateTimeOffset.UtcNow;

        async Task GiveAsync(Task<Heard> asked) => Assert.Equal("200", (await asked).ToString());
        await GiveAsync(world.AskAsync(battery.Path, repairer, "repairer"));
        await GiveAsync(world.AskAsync(battery.Path, authority, "market-surveillance", accept: "text/html", node: 1));
        await GiveAsync(world.AskAsync(battery.Evidence, auditor, "auditor"));
        await GiveAsync(world.AskAsync(battery.Evidence + "&disclose=none", repairer));
        await GiveAsync(world.AskAsync(battery.Path, anna, node: 1));
        await GiveAsync(world.AskAsync(bundle, repairer, "repairer"));
        await GiveAsync(world.AskAsync($"/head?sub={battery.Name}", repairer, "repairer"));
        await GiveAsync(world.AskAsync($"/genealogy?sub={battery.Name}&towards=origins", repairer, "repairer", node: 1));

        var (records, _) = await ReadAsync(world, battery.Maker, battery.Name);
        Assert.Equal(
            [
                ("passport", "repairer", repairer.Did),
                ("page", "market-surveillance", authority.Did),
                ("evidence", "auditor", auditor.Did),
                ("evidence of none", "own", repairer.Did),
                ("passport", "repairer", $"{closed.Issuer.Issuer} anna"),
                (bundle[1..], "repairer", repairer.Did),
                ("head", "repairer", repairer.Did),
                ("genealogy origins", "repairer", repairer.Did),
            ],
            records.Select(r => (r.What, r.Why, r.Who!)));
        Assert.All(records, r => Assert.InRange(r.At, before.AddSeconds(-1), DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task A_document_that_a_disclosure_of_the_model_names_is_recorded_on_the_models_chain_under_the_end_that_opened_it()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var repairer = await world.AnAsync(Role.Repairer);
        var answer = await world.AskAsync(battery.Attachment, repairer, "repairer");
        Assert.Equal(("200", "private, no-store"), (answer.ToString(), Sorted(answer.Header("Cache-Control"))));
        Assert.Equal("403 attachment-restricted", (await world.AskAsync(battery.Attachment)).ToString());

        var (records, _) = await ReadAsync(world, battery.Maker, battery.Model.Entry.Subject);
        Assert.Equal([($"attachment {battery.Document}", "repairer", repairer.Did)], records.Select(r => (r.What, r.Why, r.Who!)));
    }

    [Fact]
    public async Task What_everybody_reads_and_what_was_refused_is_not_recorded()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        foreach (var path in (string[])[battery.Path, battery.Evidence, $"/head?sub={battery.Name}", $"/entries/{battery.Made.Entry.LeafHash}", $"/genealogy?sub={battery.Name}&towards=origins"])
        {
            Assert.Equal("200", (await world.AskAsync(path)).ToString());
        }

        Assert.Equal("403 purpose-refused", (await world.AskAsync(battery.Path, await world.AnAsync(Role.Repairer), "purchaser")).ToString());
        var (records, statement) = await ReadAsync(world, battery.Maker, battery.Name);
        Assert.Empty(records);
        Assert.Equal((0, Digest.Zero), (statement.Count, statement.Hash));
    }

    [Fact]
    public async Task Nobody_is_recorded_as_what_he_only_says_that_he_is()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var entry = $"/entries/{battery.Made.Entry.LeafHash}";
        foreach (var path in (string[])[battery.Path, battery.Evidence, entry, entry + "/receipt", $"/head?sub={battery.Name}", $"/genealogy?sub={battery.Name}&towards=origins"])
        {
            Assert.Equal("403 purpose-refused", (await world.AskAsync(path, await world.AnAsync(Role.Miner), "market-surveillance")).ToString());
            Assert.Equal("200", (await world.AskAsync(path, await world.AnAsync(Role.PublicAuthority), "market-surveillance")).ToString());
        }

        var (records, _) = await ReadAsync(world, battery.Maker, battery.Name);
        Assert.Equal(6, records.Count);
        Assert.All(records, record => Assert.Equal(("market-surveillance", "did:web:publicauthority.example"), (record.Why, record.Who)));
    }

    [Fact]
    public async Task Nobody_else_is_told_who_read()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);

        Assert.Equal("401 authentication-required", (await world.AskAsync(battery.Readings)).ToString());
        Assert.Equal("403 readings-of-others", (await world.AskAsync(battery.Readings, await world.AnAsync(Role.Repairer), "repairer")).ToString());
        Assert.Equal("403 readings-of-others", (await world.AskAsync(battery.Readings, await world.AnAsync(Role.Auditor), "auditor")).ToString());
        Assert.Equal("403 readings-of-others", (await world.AskAsync(battery.Readings, world.Says.Authority)).ToString());
        Assert.Equal("403 readings-of-others", (await world.AskAsync(battery.Readings, await closed.Issuer.TokenAsync(("sub", "anna"), ("right", "market-surveillance")))).ToString());

        // Also not whether there is such a chain.
        Assert.Equal("403 readings-of-others", (await world.AskAsync($"/readings?sub={Author.Uuid()}", battery.Maker)).ToString());
    }

    [Fact]
    public async Task The_statement_that_each_reader_was_given_is_the_one_that_the_records_lead_to()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var kept = await KeepAsync(world, battery, 5);
        var (records, newest) = await ReadAsync(world, battery.Maker, battery.Name);

        Assert.Equal([1L, 2, 3, 4, 5], kept.Select(k => k.Count));
        Assert.All(kept.Append(newest), statement => Assert.Null(WrongWith(records, statement, world)));
    }

    [Fact]
    public async Task The_service_itself_can_neither_change_nor_remove_a_record()
    {
        var world = await closed.GetAsync(postgres);
        await using var service = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(world.ServiceConnection) { Pooling = false }.ConnectionString);
        foreach (var statement in (string[])["update ledger.reading set record = ''", "delete from ledger.reading", "truncate ledger.reading"])
        {
            await using var command = service.CreateCommand(statement);
            var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancel));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    // What an administrator of the database does to the records of one battery; where {0} is its name.
    [Theory]
    [InlineData("update ledger.reading set record = replace(record, 'repairer', 'recycler') where chain = '{0}' and n = 2")]
    [InlineData("update ledger.reading set record = replace(record, '\"n\":4', '\"n\": 4') where chain = '{0}' and n = 4")]
    [InlineData("delete from ledger.reading where chain = '{0}' and n = 4")]
    [InlineData("delete from ledger.reading where chain = '{0}' and n = 2")]
    [InlineData("delete from ledger.reading where chain = '{0}' and n = 0")]
    [InlineData("delete from ledger.reading where chain = '{0}'")]
    [InlineData("delete from ledger.reading where chain = '{0}' and n = 2; update ledger.reading set n = n - 1 where chain = '{0}' and n = 3; update ledger.reading set n = n - 1 where chain = '{0}' and n = 4")]
    [InlineData("update ledger.reading set n = 99 where chain = '{0}' and n = 1; update ledger.reading set n = 1 where chain = '{0}' and n = 3; update ledger.reading set n = 3 where chain = '{0}' and n = 99")]
    [InlineData("insert into ledger.reading select chain, 5, record, hash from ledger.reading where chain = '{0}' and n = 4")]
    public async Task Whoever_changes_the_records_behind_the_service_is_found_out_by_whoever_kept_a_statement(string crime)
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var kept = await KeepAsync(world, battery, 5);
        await world.DoAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, crime, battery.Name));
        var (records, newest) = await ReadAsync(world, battery.Maker, battery.Name);

        Assert.Contains(kept.Append(newest), statement => WrongWith(records, statement, world) is not null);
    }

    [Fact]
    public async Task Records_that_were_rewritten_with_all_their_hashes_agree_with_each_other_and_not_with_what_readers_kept()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var kept = await KeepAsync(world, battery, 4);
        var (records, _) = await ReadAsync(world, battery.Maker, battery.Name);
        var hash = Digest.Zero;
        foreach (var record in records)
        {
            var forged = record.Text.Replace("repairer", "recycler", StringComparison.Ordinal);
            hash = Link(hash, forged);
            await world.DoAsync($"update ledger.reading set record = '{forged}', hash = '\\x{Convert.ToHexString(hash.ToArray())}' where chain = '{battery.Name}' and n = {record.N}");
        }

        var (shown, newest) = await ReadAsync(world, battery.Maker, battery.Name);
        Assert.Null(WrongWith(shown, newest, world));
        Assert.All(kept, statement => Assert.NotNull(WrongWith(shown, statement, world)));
    }

    [Fact]
    public async Task Whoever_answers_for_the_battery_next_is_told_what_was_read_before_and_the_one_before_no_more()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var fleet = await world.AnAsync(Role.FleetOperator);
        await KeepAsync(world, battery, 2);
        Assert.Equal("403 readings-of-others", (await world.AskAsync(battery.Readings, fleet)).ToString());
        var offer = await world.AdmitAsync(world.Says.Sign(battery.Maker, "responsibility-offered.v1", battery.Name, new JsonObject { ["to"] = fleet.Did }));
        Assert.Equal("403 readings-of-others", (await world.AskAsync(battery.Readings, fleet)).ToString());
        await world.AdmitAsync(world.Says.Sign(fleet, "responsibility-accepted.v1", battery.Name, new JsonObject { ["ref"] = PeopleAndGrants.Reference(offer) }));

        Assert.Equal(2, (await ReadAsync(world, fleet, battery.Name)).Records.Count);
        Assert.Equal("403 readings-of-others", (await world.AskAsync(battery.Readings, battery.Maker)).ToString());
    }

    [Fact]
    public async Task Many_who_read_at_once_on_two_nodes_leave_one_chain_without_gaps_or_forks()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var repairer = await world.AnAsync(Role.Repairer);
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => world.AskAsync(i % 3 == 0 ? battery.Evidence : battery.Path, repairer, "repairer", i % 2)));

        Assert.All(answers, answer => Assert.Equal("200", answer.ToString()));
        var kept = answers.Select(a => ReadingStatement.Parse(a.Header("Battery-Passport-Readings")!, out _)!).ToList();
        var (records, newest) = await ReadAsync(world, battery.Maker, battery.Name);
        Assert.Equal(Enumerable.Range(1, 32).Select(n => (long)n), kept.Select(k => k.Count).Order());
        Assert.Equal(32, records.Count);
        Assert.All(kept.Append(newest), statement => Assert.Null(WrongWith(records, statement, world)));
    }

    [Fact]
    public async Task Records_come_in_parts_of_which_each_says_where_the_next_begins()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        await KeepAsync(world, battery, 3);
        var rest = JsonNode.Parse((await world.AskAsync(battery.Readings + "&after=0", battery.Maker)).Body)!;

        Assert.Equal([1L, 2], rest["records"]!.AsArray().Select(r => (long)JsonNode.Parse((string)r!["record"]!)!["n"]!));
        Assert.Null(rest["next"]);
        Assert.Equal("400 page-malformed", (await world.AskAsync(battery.Readings + "&after=-1", battery.Maker)).ToString());
    }

    /// <summary>Reads by a repairer, with the statements that it was given.</summary>
    private static async Task<IReadOnlyList<ReadingStatement>> KeepAsync(World world, MarkedBattery battery, int count)
    {
        var kept = new List<ReadingStatement>();
        for (var i = 0; i < count; i++)
        {
            kept.Add(ReadingStatement.Parse((await world.AskAsync(battery.Path, await world.AnAsync(Role.Repairer), "repairer", i % 2)).Header("Battery-Passport-Readings")!, out _)!);
        }

        return kept;
    }

    private static async Task<(IReadOnlyList<Recorded> Records, ReadingStatement Statement)> ReadAsync(World world, Party by, string chain)
    {
        var answer = await world.AskAsync($"/readings?sub={chain}", by);
        Assert.Equal(("200", "private, no-store"), (answer.ToString(), Sorted(answer.Header("Cache-Control"))));
        var json = JsonNode.Parse(answer.Body)!;
        return ([.. json["records"]!.AsArray().Select(r => Recorded.Read(r!))], ReadingStatement.Parse((string)json["statement"]!, out _)!);
    }

    /// <summary>What does not fit the records to a statement; null when they lead to it.</summary>
    private static string? WrongWith(IReadOnlyList<Recorded> records, ReadingStatement statement, World world)
    {
        if (!statement.IsSignedBy(world.Says.Head.Key.VerifyingKey))
        {
            return "It is not the log's.";
        }

        var hash = Digest.Zero;
        for (var n = 0; n < statement.Count; n++)
        {
            if (n >= records.Count)
            {
                return $"There are {records.Count} of {statement.Count}.";
            }

            hash = Link(hash, records[n].Text);
            if (records[n].N != n || records[n].Subject != statement.Subject || records[n].Hash != hash)
            {
                return $"Record {n} does not follow.";
            }
        }

        return hash == statement.Hash ? null : "They lead elsewhere.";
    }

    // By the description, not by the service's own code.
    private static Digest Link(Digest before, string record) => new(SHA256.HashData([.. Encoding.ASCII.GetBytes("cm-reading/v1\n"), .. before.ToArray(), .. Encoding.UTF8.GetBytes(record)]));

    private static string Sorted(string? header) => string.Join(", ", header!.Split(", ").OrderDescending(StringComparer.Ordinal));

    private static async Task PublishedAsync(World world) => await world.CheckpointAsync(await world.AskAsync<long>("select size from ledger.state"));

    private sealed record Recorded(string Text, long N, string Subject, string What, string Why, DateTimeOffset At, Digest Hash, string? Who)
    {
        public static Recorded Read(JsonNode shown)
        {
            var text = (string)shown["record"]!;
            var record = JsonNode.Parse(text)!;
            string? who = null;
            if ((string?)shown["who"] is { } disclosure)
            {
                Assert.Equal((string)record["who"]!, Digest.Sha256(Encoding.ASCII.GetBytes(disclosure)).ToString());
                who = (string)JsonNode.Parse(StrictBase64Url.Decode(disclosure)!)![2]!;
            }

            return new Recorded(
                text, (long)record["n"]!, (string)record["sub"]!, (string)record["what"]!, (string)record["why"]!,
                DateTimeOffset.Parse((string)record["at"]!, System.Globalization.CultureInfo.InvariantCulture), Digest.Parse((string)shown["hash"]!), who);
        }
    }
}
