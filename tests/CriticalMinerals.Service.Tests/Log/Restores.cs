using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Restoring;
using CriticalMinerals.Service.Tests.Postgres;
using Marten;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>An operator may vanish, passports must not: a node made of a log's files is that log, and what does not fit is refused before anything is changed.</summary>
public sealed class Restores(PostgresServer postgres)
{
    /// <summary>Every table that says what the log is; Marten's sequence numbers and clocks are its own.</summary>
    private static readonly string[] Tables =
    [
        "select index, hash, chain, seq, entry_key, committed_at from ledger.leaf",
        "select stream_id, version, type, bdata from ledger.mt_events where stream_id <> 'mt_tombstone'",
        "select sub, kind, open, opened, seq, head, convert_from(state, 'UTF8'), undone_at from ledger.chain",
        "select * from ledger.line", "select * from ledger.redemption", "select * from ledger.claim", "select * from ledger.tile",
        "select leaf_index, row_number() over (partition by leaf_index order by ordinal), text from ledger.disclosure", "select * from ledger.document", "select leaf_index, digest, erased_by from ledger.erasure",
        "select origin, size, root, edge, committed_at from ledger.state",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_made_of_the_files_alone_holds_the_same_rows_serves_the_same_passports_and_goes_on()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: true);
        var (battery, given, allocated) = await ALifeAsync(world);
        using var files = await FilesOfALog.FetchedAsync(world);
        await files.DiscloseAsync(world);
        var (rows, passport, heads) = (await RowsAsync(world), await PassportAsync(world, battery), await HeadsAsync(world));
        await MoveAsync(world);

        Assert.Equal((0, ""), await world.RunAsync("restore", "--from", files.Path));
        Assert.Equal(rows, await RowsAsync(world));

        await world.StartAsync();
        Assert.Equal(files.Read("checkpoint"), System.Text.Encoding.UTF8.GetBytes((await world.CheckpointAsync()).Note));
        Assert.Equal(passport, await PassportAsync(world, battery));
        Assert.Equal(heads, await HeadsAsync(world));

        // It goes on: what was given there is taken here, once, and the book is kept to the gram.
        var refiner = await world.AnAsync(Role.Refiner);
        await world.AdmitAsync(world.Says.Refines(refiner, given.Subject, "400", Author.Take(allocated, 0, given)));
        Assert.Equal("quantity-exceeded", (await world.PostAsync(world.Says.Allocates(await world.AnAsync(Role.Miner), allocated.Entry.Subject, new GivenTo(Author.Uuid(), refiner, "601")))).Code);
        await world.ALotAsync();
        await IndependentAudit.AcceptsAsync(world);

        // Given again, the command finds that nothing is missing.
        Assert.StartsWith("Nothing is missing", await RestoreAsync(world, files), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_disclosures_what_was_signed_stays_withheld_and_what_was_erased_does_not_come_back()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: true);
        var (battery, given, allocated) = await ALifeAsync(world);
        var maker = await world.AnAsync(Role.BatteryMaker);
        var used = await world.AdmitAsync(world.Says.Sign(
            maker, "put-into-service.v1", battery, new JsonObject { ["application"] = "vehicle" }, new JsonObject { ["user"] = "CANARY-USER", ["site"] = "A site that stays" }));
        using var before = await FilesOfALog.FetchedAsync(world);
        await before.DiscloseAsync(world);
        await world.AdmitAsync(world.Says.Sign(maker, "erased.v1", battery, new JsonObject
        {
            ["digests"] = new JsonArray(used.Disclosures.Single(d => d.Name == "user").Digest.ToString()),
            ["ref"] = new JsonArray(new JsonObject { ["h"] = used.Entry.LeafHash.ToString(), ["sub"] = battery }),
        }));
        using var bare = await FilesOfALog.FetchedAsync(world);
        using var kept = await FilesOfALog.FetchedAsync(world);
        kept.Write("disclosures/0", before.Read("disclosures/0"));
        var (rows, passport, heads) = (await RowsAsync(world), await PassportAsync(world, battery), await HeadsAsync(world));

        // Files that still hold what was erased: it is written nowhere, not even for a moment.
        await MoveAsync(world);
        await world.DoAsync(EveryDisclosureEver);
        await RestoreAsync(world, kept);
        Assert.Equal(rows, await RowsAsync(world));
        Assert.True(await world.AskAsync<long>("select count(*) from ever") > 3);
        Assert.Equal(0, await world.AskAsync<long>("select count(*) from ever where convert_from(decode(rpad(translate(text, '-_', '+/'), (length(text) + 3) / 4 * 4, '='), 'base64'), 'UTF8') like '%CANARY%'"));

        await MoveAsync(world);
        Assert.Contains(" disclosures were not among the files", await RestoreAsync(world, bare), StringComparison.Ordinal);
        Assert.Equal(0, await world.AskAsync<long>("select count(*) from ledger.disclosure"));
        await world.StartAsync();
        Assert.Equal(passport, await PassportAsync(world, battery));
        Assert.Equal(heads, await HeadsAsync(world));

        // Order, rights and single taking are as ever; over quantities nobody here can tell.
        var refiner = await world.AnAsync(Role.Refiner);
        await world.AdmitAsync(world.Says.Refines(refiner, given.Subject, "5000", Author.Take(allocated, 0, given)));
        await world.AdmitAsync(world.Says.Allocates(await world.AnAsync(Role.Miner), allocated.Entry.Subject, new GivenTo(Author.Uuid(), refiner, "9000")));
    }

    [Fact]
    public async Task What_a_restore_was_not_brought_is_told_from_what_was_taken_away()
    {
        await using var world = await SmallLedger.InAsync(postgres);
        using var files = await FilesOfALog.FetchedAsync(world);
        await files.DiscloseAsync(world);
        var all = await world.AskAsync<long>("select count(*) from ledger.disclosure");
        var lot = world.Acknowledged.Single(a => a.Signed.Entry.Event == "allocated.v1");

        // One entry's disclosures were kept from whoever made the copy.
        var told = JsonNode.Parse(files.Read("disclosures/0"))!;
        told["entries"]!.AsArray().Remove(told["entries"]!.AsArray().Single(e => e!["index"]!.GetValue<long>() == lot.Index));
        files.Write("disclosures/0", System.Text.Encoding.UTF8.GetBytes(told.ToJsonString()));
        await MoveAsync(world);
        await RestoreAsync(world, files);
        Assert.Equal(lot.Signed.Disclosures.Count, all - await world.AskAsync<long>("select count(*) from ledger.disclosure"));
        var said = await SmallLedger.VerifyAsync(world);
        Assert.Contains("are what the entries give", said, StringComparison.Ordinal);
        Assert.Contains($"\n{lot.Signed.Disclosures.Count} disclosures were not in the files that this ledger was restored from, of entry {lot.Index} (", said, StringComparison.Ordinal);
        Assert.Equal((0, ""), await world.RunAsync("verify-state"));

        // What it was brought is missed, and nothing in the database can say otherwise.
        Assert.StartsWith("ledger.disclosure ", await SmallLedger.VerifyAsync(world, "delete from ledger.disclosure where leaf_index = (select min(leaf_index) from ledger.disclosure)"), StringComparison.Ordinal);

        // The ledger goes on: what is admitted from here on is all there, and then missed as ever.
        await world.StartAsync();
        var (next, count) = (await world.ALotAsync(), await world.AskAsync<long>("select size from ledger.state") - 1);
        Assert.Contains($"of entry {lot.Index} (", await SmallLedger.VerifyAsync(world), StringComparison.Ordinal);
        Assert.StartsWith($"ledger.disclosure {count}/", await SmallLedger.VerifyAsync(world, $"delete from ledger.disclosure where leaf_index = {count}"), StringComparison.Ordinal);
        Assert.NotEmpty(next.Disclosures);
        await world.StopAsync();

        // Without the file nobody here knows what was brought; a file of another ledger or a damaged one is none.
        var path = Path.Combine(world.Folder.Path, "withheld");
        var kept = await File.ReadAllTextAsync(path, Cancel);
        File.Delete(path);
        Assert.StartsWith($"ledger.disclosure {lot.Index}/", await SmallLedger.VerifyAsync(world), StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, kept.Replace(kept.Split('\n')[0], $"cm-withheld/1 {Guid.NewGuid()}", StringComparison.Ordinal), Cancel);
        Assert.Contains("is of another ledger than the database", await SmallLedger.VerifyAsync(world), StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, kept + kept.Split('\n')[1] + "\n", Cancel);
        Assert.Contains($"is damaged in line {kept.Split('\n').Length}.", await SmallLedger.VerifyAsync(world), StringComparison.Ordinal);

        // Brought by a later restore, they are no longer said to be missing.
        await File.WriteAllTextAsync(path, kept, Cancel);
        using var whole = await WholeAsync(world, lot);
        await MoveAsync(world);
        await RestoreAsync(world, whole);
        Assert.DoesNotContain("not in the files", await SmallLedger.VerifyAsync(world), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_backup_gets_what_it_lacks_even_when_the_command_was_cut_off_and_signs_on()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var miner = await world.AnAsync(Role.Miner);
        await world.ALotAsync();
        using var shorter = await FilesOfALog.FetchedAsync(world);
        var copy = await Rollbacks.CopyAsync(world);
        await world.AdmitAsync([.. Enumerable.Range(0, 600).Select(_ => world.Says.Extracts(miner, Author.Uuid()))]);
        using var files = await FilesOfALog.FetchedAsync(world);
        await files.DiscloseAsync(world);
        var rows = await RowsAsync(world);
        await world.StopAsync();
        world.Connect(Rollbacks.Named(world.OwnerConnection, copy), Rollbacks.Named(world.ServiceConnection, copy));

        Assert.Contains("The files in " + shorter.Path + " reach 3 entries and 603 were signed", await RefusedAsync(world, 3, shorter), StringComparison.Ordinal);

        // The second batch breaks: the first is there, and no start signs it alone.
        await world.DoAsync("create function stop() returns trigger language plpgsql as $$ begin if new.index = 400 then raise 'out of paper'; end if; return new; end $$");
        await world.DoAsync("create trigger stop before insert on ledger.leaf for each row execute function stop()");
        Assert.StartsWith("After 256 entries", (await Assert.ThrowsAsync<StartupException>(() => RestoreAsync(world, files))).Message, StringComparison.Ordinal);
        Assert.Contains("The database holds 256 entries, and 603 were signed", (await world.FailToStartAsync()).Errors, StringComparison.Ordinal);

        await world.DoAsync("drop trigger stop on ledger.leaf");
        await RestoreAsync(world, files);
        Assert.Equal(rows, await RowsAsync(world));
        await world.StartAsync();
        await world.ALotAsync();
        await IndependentAudit.AcceptsAsync(world);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_by_name_and_changes_nothing()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var miner = await world.AnAsync(Role.Miner);
        await world.ALotAsync();
        var copy = await Rollbacks.CopyAsync(world);
        await world.ALotAsync();
        using var files = await FilesOfALog.FetchedAsync(world);
        var leaves = EntryBundle.Decode(files.Read("tile/entries/000.p/4"), 4, out _)!;
        var newest = (world.OwnerConnection, world.ServiceConnection);
        await world.StopAsync();

        // Another entry 2 under the same key: another history than the database's.
        var otherLot = world.Says.Extracts(miner, Author.Uuid()).Entry.Leaf;
        using var fork = FilesOfALog.Of(world.Says.Origin, world.Says.LogKey.Key, leaves[0], leaves[1], otherLot, leaves[3], world.Says.Extracts(miner, Author.Uuid()).Entry.Leaf);
        Assert.Contains("two histories: they differ from entry 2 on", await RefusedAsync(world, 4, fork), StringComparison.Ordinal);

        // The database is older than the difference: the pin knows.
        world.Connect(Rollbacks.Named(newest.OwnerConnection, copy), Rollbacks.Named(newest.ServiceConnection, copy));
        using var late = FilesOfALog.Of(world.Says.Origin, world.Says.LogKey.Key, leaves[0], leaves[1], leaves[2], otherLot);
        Assert.Contains("two histories: they differ at an entry from 3 to 3", await RefusedAsync(world, 3, late), StringComparison.Ordinal);

        // An entry that no rule admits, rightly signed for by the log.
        using var wrong = FilesOfALog.Of(world.Says.Origin, world.Says.LogKey.Key, leaves[0], leaves[1], leaves[2], leaves[3], world.Says.Extracts(Party.Of("did:web:nobody.example"), Author.Uuid()).Entry.Leaf);
        Assert.Contains("entry 4: key-unknown (operator-unknown)", await RefusedAsync(world, 3, wrong), StringComparison.Ordinal);

        // Bytes that nobody signed, a file that is gone, a checkpoint by another key.
        var bundle = files.Read("tile/entries/000.p/4");
        files.Write("tile/entries/000.p/4", [.. bundle.Select((b, i) => i == bundle.Length - 100 ? (byte)(b ^ 1) : b)]);
        Assert.Contains("Entry 3 and the hash stored beside it differ", await RefusedAsync(world, 3, files), StringComparison.Ordinal);
        File.Delete(Path.Combine(files.Path, "tile/entries/000.p/4"));
        Assert.Contains("tile/entries/000.p/4 is missing", await RefusedAsync(world, 3, files), StringComparison.Ordinal);
        using var foreign = FilesOfALog.Of(world.Says.Origin, world.Says.Head.Key, leaves);
        Assert.Contains("does not verify", await RefusedAsync(world, 3, foreign), StringComparison.Ordinal);

        // A machine that has not the log's keys could not go on with it.
        using var whole = FilesOfALog.Of(world.Says.Origin, world.Says.LogKey.Key, leaves);
        whole.Write("vkey", System.Text.Encoding.UTF8.GetBytes(new NoteVerifier(world.Says.Origin, world.Says.LogKey.Key.VerifyingKey) + "\n"));
        var log = Path.Combine(world.Folder.Path, "keys", "log.pem");
        var pem = await File.ReadAllTextAsync(log, Cancel);
        await File.WriteAllTextAsync(log, SigningKey.Generate().ToPem(), Cancel);
        Assert.Contains("keys/log.pem in the data folder is not a key that", await RefusedAsync(world, 3, whole, "--vkey", Path.Combine(whole.Path, "vkey")), StringComparison.Ordinal);
        await File.WriteAllTextAsync(log, pem, Cancel);
        await RestoreAsync(world, whole);
    }

    // A mine, a refiner to whom something was given, a battery on the market.
    private static async Task<(string Battery, GivenTo Given, SignedEntry Allocated)> ALifeAsync(World world)
    {
        var lot = await world.ALotAsync();
        var given = new GivenTo(Author.Uuid(), await world.AnAsync(Role.Refiner), "400");
        var allocated = await world.AdmitAsync(world.Says.Allocates(await world.AnAsync(Role.Miner), lot.Entry.Subject, given));
        var battery = (await world.ABatteryOnTheMarketAsync()).Entry.Subject;
        await world.AdmitAsync(world.Says.Measures(await world.AnAsync(Role.BatteryMaker), battery));
        return (battery, given, allocated);
    }

    [Fact]
    public async Task What_an_earlier_restore_lacked_is_known_after_a_later_one_too()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var first = await world.ALotAsync();
        using var bare = await FilesOfALog.FetchedAsync(world);
        await MoveAsync(world);
        await RestoreAsync(world, bare);
        await world.StartAsync();
        var index = await world.IndexAsync(first);
        var copy = await Rollbacks.CopyAsync(world);
        var second = await world.ALotAsync();
        var later = await world.IndexAsync(second);
        using var files = await FilesOfALog.FetchedAsync(world);
        await world.StopAsync();
        world.Connect(Rollbacks.Named(world.OwnerConnection, copy), Rollbacks.Named(world.ServiceConnection, copy));
        await RestoreAsync(world, files);
        Assert.Contains(
            $"\n{first.Disclosures.Count + second.Disclosures.Count} disclosures were not in the files that this ledger was restored from, of entries {index}, {later} (", await SmallLedger.VerifyAsync(world), StringComparison.Ordinal);
    }

    // The log as its database has it, with the disclosures of one entry more.
    private static async Task<FilesOfALog> WholeAsync(World world, (SignedEntry Signed, long Index, string? Receipt) entry)
    {
        var leaves = await world.AskAsync<byte[][]>("select array_agg(e.bdata order by l.index) from ledger.leaf l join ledger.mt_events e on e.stream_id = l.chain and e.version = l.seq + 1");
        var whole = FilesOfALog.Of(world.Says.Origin, world.Says.LogKey.Key, [.. leaves.Select(leaf => new ReadOnlyMemory<byte>(leaf))]);
        await whole.DiscloseAsync(world);
        var here = JsonNode.Parse(whole.Read("disclosures/0"))!;
        here["entries"]!.AsArray().Add(new JsonObject { ["index"] = entry.Index, ["disclosures"] = new JsonArray([.. entry.Signed.Disclosures.Select(d => (JsonNode)d.Text)]) });
        whole.Write("disclosures/0", System.Text.Encoding.UTF8.GetBytes(here.ToJsonString()));
        return whole;
    }

    private const string EveryDisclosureEver =
        """
        create table ever (text text); grant insert on ever to public;
        create function keep() returns trigger language plpgsql as $$ begin insert into public.ever values (new.text); return new; end $$;
        create trigger keep before insert on ledger.disclosure for each row execute function keep();
        """;

    /// <summary>To another machine: nothing is left but the configuration and the log's keys.</summary>
    private async Task MoveAsync(World world)
    {
        if (world.IsUp)
        {
            await world.StopAsync();
        }

        File.Delete(Path.Combine(world.Folder.Path, "pin"));
        var (owner, service) = await postgres.CreateDatabaseAsync();
        world.Connect(owner, service);
        await using var source = await Migration.RunAsync(owner, service, Cancel);
    }

    /// <summary>The command, in this process.</summary>
    private static async Task<string> RestoreAsync(World world, FilesOfALog files, params string[] more)
    {
        var folder = world.Folder.Path;
        await using var source = await Migration.RunAsync(world.OwnerConnection, world.ServiceConnection, Cancel);
        await using var store = DocumentStore.For(options =>
        {
            Storage.Configure(options);
            options.Connection(source);
        });
        using var keys = LogKeys.Read(folder);
        var identity = new LogIdentity(new LedgerOptions { DataFolder = folder, Origin = world.Says.Origin }, keys);
        var tree = new TreeStore(source);
        return await new Restore(keys, new Pin(folder), identity, tree, new LogWriter(identity, tree), store, source, new Succession(new LedgerOptions { DataFolder = folder, Origin = world.Says.Origin }, new Pin(folder), tree, store, source, TimeProvider.System), TimeProvider.System).RunAsync(["--from", files.Path, .. more], Cancel);
    }

    private static async Task<string> RefusedAsync(World world, long size, FilesOfALog files, params string[] more)
    {
        var pin = await File.ReadAllBytesAsync(Path.Combine(world.Folder.Path, "pin"), Cancel);
        var refused = await Assert.ThrowsAsync<StartupException>(() => RestoreAsync(world, files, more));
        Assert.Equal(size, await world.AskAsync<long>("select size from ledger.state"));
        Assert.Equal(pin, await File.ReadAllBytesAsync(Path.Combine(world.Folder.Path, "pin"), Cancel));
        return refused.Message;
    }

    internal static async Task<List<string>> RowsAsync(World world)
    {
        var all = new List<string>();
        await using var owner = NpgsqlDataSource.Create(world.OwnerConnection);
        foreach (var table in Tables)
        {
            await using var command = owner.CreateCommand($"select to_jsonb(t)::text from ({table}) t order by 1");
            await using var rows = await command.ExecuteReaderAsync(Cancel);
            while (await rows.ReadAsync(Cancel))
            {
                all.Add($"{table}: {rows.GetString(0)}");
            }
        }

        return all;
    }

    private static async Task<string> PassportAsync(World world, string battery)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/" + Gs1.Path(battery));
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await world.Http().SendAsync(request, Cancel);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancel);
    }

    // What the log states of the newest entry of each chain; when it states it is another matter.
    private static async Task<List<string>> HeadsAsync(World world)
    {
        var heads = new List<string>();
        await using var owner = NpgsqlDataSource.Create(world.OwnerConnection);
        await using var command = owner.CreateCommand("select sub from ledger.chain order by sub");
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        while (await rows.ReadAsync(Cancel))
        {
            var text = await world.Http().GetStringAsync("/head?sub=" + Uri.EscapeDataString(rows.GetString(0)), Cancel);
            var head = JsonNode.Parse(StrictBase64Url.Decode(text.Split('.')[1])!)!;
            heads.Add($"{head["sub"]} {head["seq"]} {head["h"]} {head["size"]}");
        }

        return heads;
    }
}
