using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Passports;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>A log ends; a service with a new database, a new name and new keys takes its files over, and every chain goes on there.</summary>
public sealed class Successors(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_chain_of_a_log_that_ended_goes_on_in_the_log_that_took_over_its_files()
    {
        await using var ended = await SmallLedger.InAsync(postgres);
        var (mine, refiner, maker) = (await ended.AnAsync(Role.Miner), await ended.AnAsync(Role.Refiner), await ended.AnAsync(Role.BatteryMaker));
        await ended.AdmitAsync([.. Enumerable.Range(0, 300).Select(_ => ended.Says.Extracts(mine, Author.Uuid()))]);
        var lot = await ended.ALotAsync();
        var line = new GivenTo(Author.Uuid(), refiner, "400");
        var allocated = await ended.AdmitAsync(ended.Says.Allocates(mine, lot.Entry.Subject, line));
        var battery = (await ended.ABatteryOnTheMarketAsync()).Entry.Subject;
        var (passport, heads) = (await ended.PassportAsync(battery), await ended.HeadsAsync());
        using var files = await FilesOfALog.DisclosedAsync(ended);
        await ended.StopAsync();

        await using var next = await World.AfterAsync(postgres, ended);
        Assert.Equal((0, ""), await next.TakeOverAsync(files));
        Assert.Contains("are what the entries give", await SmallLedger.VerifyAsync(next), StringComparison.Ordinal);
        await next.StartAsync();

        // Nothing goes on before the opening says from where.
        var measured = next.Says.Measures(maker, battery);
        Assert.Equal("log-not-open", (await next.PostAsync(measured)).Code);
        Assert.Equal("predecessor-foreign", (await next.PostAsync(next.Says.Opens())).Code);
        Assert.Equal("predecessor-foreign", (await next.PostAsync(next.Says.Opens(after: files.After(more: -1)))).Code);
        await next.AdmitAsync(next.Says.Opens(after: files.After()));
        Assert.Equal(heads, [.. (await next.HeadsAsync()).Where(head => !head.StartsWith(next.Says.LogChain + " ", StringComparison.Ordinal))]);

        // The battery's life is one, on the page as in the file.
        await next.AdmitAsync(measured);
        var after = await next.PassportAsync(battery);
        Assert.Equal(passport["battery"]!.GetValue<string>(), after["battery"]!.GetValue<string>());
        Assert.Equal(SuccessorWorld.Events(passport).Append("health-measured.v1"), SuccessorWorld.Events(after));
        var page = await next.Http().GetStringAsync("/" + Gs1.Path(battery), Cancel);
        Assert.Contains(battery, page, StringComparison.Ordinal);
        Assert.Equal((next.Says.Origin, measured.Entry.LeafHash.ToString()), (after["log"]!.GetValue<string>(), after["head"]!.GetValue<string>()));
        Assert.Equal(SuccessorWorld.Events(passport), SuccessorWorld.Events(await next.PassportAsync(battery, at: "0")));

        // What was given before the cut is taken after it, once; what was said before is known.
        await next.AdmitAsync(next.Says.Refines(refiner, line.Subject, "400", Author.Take(allocated, 0, line)));
        Assert.Equal("line-taken", (await next.PostAsync(next.Says.Sign(refiner, "inputs-added.v1", line.Subject, new JsonObject { ["in"] = new JsonArray(Author.Take(allocated, 0, line)) }))).Code);
        Assert.Equal("log-foreign", (await next.PostAsync(ended.Says.Extracts(mine, Author.Uuid()))).Code);
        var retried = await next.PostAsync(allocated);
        Assert.Equal(200, retried.Status);
        var receipt = Receipt.Parse(Encoding.UTF8.GetBytes(retried.Body), out _)!;
        Assert.Null(receipt.Verify(allocated.Entry.LeafHash, [ended.VerifierKey()], out _));
        Assert.Equal(retried.Body, await next.Http().GetStringAsync($"/entries/{allocated.Entry.LeafHash}/receipt", Cancel));
        Assert.Equal(receipt.Index, (ulong)(await next.IndexAsync(allocated) + files.Size)!);

        await next.StopAsync();
        await next.StartAsync();
        await next.ALotAsync();
        var said = await SmallLedger.VerifyAsync(next);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Before them, {files.Size} of {ended.Says.Origin}"), said, StringComparison.Ordinal);
        await AuditAsync(next, files, ended);

        // Whoever has the successor's key alone checks the whole life offline.
        var bundle = await next.Http().GetByteArrayAsync($"/evidence?sub={Uri.EscapeDataString(battery)}", Cancel);
        var verdict = EvidenceVerifier.Verify(bundle, new TrustPolicy([next.VerifierKey()]) { Authority = next.Says.Authority.Key.VerifyingKey });
        Assert.True(!verdict.IsRejected, $"{verdict.Rejection}");
        Assert.Contains($"before it in {ended.Says.Origin}", ((LayerVerdict.Verified)verdict.Structure).What, StringComparison.Ordinal);

        var uses = JsonNode.Parse(await next.Http().GetStringAsync($"/genealogy?sub={Uri.EscapeDataString(lot.Entry.Subject)}&towards=uses", Cancel))!;
        Assert.Contains(line.Subject, uses.ToJsonString(), StringComparison.Ordinal);
        var operators = JsonNode.Parse(await next.Http().GetStringAsync("/operators", Cancel))!.ToJsonString();
        Assert.All(new[] { mine, refiner, maker }, party => Assert.Contains(party.Did, operators, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_chain_of_the_demo_keeps_its_head_and_its_battery_its_passport()
    {
        using var files = new FilesOfALog();
        List<string> heads;
        JsonNode passport;
        NoteVerifier key;
        await using (var demo = new PlayedDemo(postgres))
        {
            await demo.InitializeAsync();
            using var http = demo.Client();
            var size = JsonNode.Parse(await http.GetStringAsync("/log", Cancel))!["size"]!.ToJsonString();
            while ((await http.GetStringAsync("/checkpoint", Cancel)).Split('\n')[1] != size)
            {
                await Task.Delay(100, Cancel);
            }

            Assert.Null((await new LogExporter(LogFiles.At(new LedgerApi(http)), files.Path).ExportAsync(Cancel)).Rejection);
            await files.DiscloseAsync(demo.OwnerConnection);
            (heads, passport, key) = (await SuccessorWorld.HeadsAsync(http, demo.OwnerConnection), await SuccessorWorld.PassportAsync(http, PlayedDemo.Path), demo.LogKeys[0]);
        }

        await using var next = await World.NotStartedAsync(postgres);
        Assert.Equal((0, ""), await next.TakeOverAsync(files));
        await next.GoOnAsync(files);
        Assert.Equal(heads, [.. (await next.HeadsAsync()).Where(head => !head.StartsWith(next.Says.LogChain + " ", StringComparison.Ordinal))]);
        var after = await SuccessorWorld.PassportAsync(next.Http(), PlayedDemo.Path);
        foreach (var member in passport.AsObject().Select(m => m.Key).Except(["log", "timeline"]))
        {
            Assert.Equal(SuccessorWorld.WithoutIndexes(passport[member]), SuccessorWorld.WithoutIndexes(after[member]));
        }

        Assert.Equal(SuccessorWorld.Events(passport), SuccessorWorld.Events(after));
        Assert.Contains("are what the entries give", await SmallLedger.VerifyAsync(next), StringComparison.Ordinal);
        var bundle = await next.Http().GetByteArrayAsync($"/evidence?sub={Uri.EscapeDataString(passport["battery"]!.GetValue<string>())}&with=predecessors,lots", Cancel);
        var verdict = EvidenceVerifier.Verify(bundle, new TrustPolicy([next.VerifierKey()]) { Authority = next.Says.Authority.Key.VerifyingKey });
        Assert.True(!verdict.IsRejected, $"{verdict.Rejection}");
        using var mirror = await FilesOfALog.FetchedAsync(next);
        var report = await new Auditor(LogFiles.In(mirror.Path)) { Keys = [next.VerifierKey()], Predecessors = [new EndedLog(LogFiles.In(files.Path)) { Keys = [key] }] }.AuditAsync(Cancel);
        Assert.Null(report.Rejection);
    }

    [Fact]
    public async Task Taking_over_goes_on_where_it_was_cut_off_and_nothing_starts_before()
    {
        var (ended, files) = await SuccessorWorld.EndedAsync(postgres);
        await using var before = ended;
        using var kept = files;
        await using var next = await World.AfterAsync(postgres, ended);
        await using (await Migration.RunAsync(next.OwnerConnection, next.ServiceConnection, Cancel))
        {
        }

        await next.DoAsync("create function stop() returns trigger language plpgsql as $$ begin if new.index > -50 then raise 'out of paper'; end if; return new; end $$");
        await next.DoAsync("create trigger stop before insert on ledger.leaf for each row execute function stop()");
        Directory.Move(Path.Combine(files.Path, "disclosures"), Path.Combine(files.Path, "aside"));
        var (exit, errors) = await next.TakeOverAsync(files);
        Assert.Equal(1, exit);
        Assert.Contains("it goes on from what is committed", errors, StringComparison.Ordinal);
        Assert.Equal(256, await next.AskAsync<long>("select count(*) from ledger.leaf"));
        Assert.Contains("was cut off", (await next.FailToStartAsync()).Errors, StringComparison.Ordinal);

        // What was committed without its disclosures stays without them, and is known to.
        Directory.Move(Path.Combine(files.Path, "aside"), Path.Combine(files.Path, "disclosures"));
        await next.DoAsync("drop trigger stop on ledger.leaf");
        Assert.Equal((0, ""), await next.TakeOverAsync(files));
        await next.GoOnAsync(files);
        await next.ALotAsync();
        var said = await SmallLedger.VerifyAsync(next);
        Assert.Contains("are what the entries give", said, StringComparison.Ordinal);
        Assert.Contains(" disclosures were not in the files that this ledger was restored from, of entries -", said, StringComparison.Ordinal);
        Assert.StartsWith("ledger.disclosure -1/", await SmallLedger.VerifyAsync(next, "delete from ledger.disclosure where leaf_index = -1"), StringComparison.Ordinal);
        Assert.Contains("holds the log", (await next.TakeOverAsync(files)).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_by_name()
    {
        await using var ended = await SmallLedger.InAsync(postgres);
        using var files = await FilesOfALog.DisclosedAsync(ended);
        await ended.StopAsync();
        await using var next = await World.AfterAsync(postgres, ended);

        Assert.Contains("--vkey <file> --successor", (await next.RunAsync("restore", "--from", files.Path, "--successor")).Errors, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(files.Path, "other"), $"{next.VerifierKey()}\n", Cancel);
        Assert.Contains("does not verify", (await next.RunAsync("restore", "--from", files.Path, "--vkey", Path.Combine(files.Path, "other"), "--successor")).Errors, StringComparison.Ordinal);
        next.With("Ledger__Origin", ended.Says.Origin);
        Assert.Contains("a successor needs a name of its own", (await next.TakeOverAsync(files)).Errors, StringComparison.Ordinal);
        next.With("Ledger__Origin", next.Says.Origin);
        var path = Directory.GetFiles(Path.Combine(files.Path, "tile", "entries", "000.p"))[0];
        var bundle = await File.ReadAllBytesAsync(path, Cancel);
        bundle[^100] ^= 1;
        await File.WriteAllBytesAsync(path, bundle, Cancel);
        Assert.Contains("and the hash stored beside it differ", (await next.TakeOverAsync(files)).Errors, StringComparison.Ordinal);
        Assert.Equal(0, await next.AskAsync<long>("select count(*) from ledger.leaf"));
    }

    private static async Task AuditAsync(World next, FilesOfALog old, World ended)
    {
        using var files = await FilesOfALog.FetchedAsync(next);
        Auditor Auditor(params EndedLog[] before) => new(LogFiles.In(files.Path)) { Keys = [next.VerifierKey()], Predecessors = before };
        var report = await Auditor(new EndedLog(LogFiles.In(old.Path)) { Keys = [ended.VerifierKey()] }).AuditAsync(Cancel);
        Assert.Null(report.Rejection);
        Assert.Equal(Failure.PredecessorMissing, (await Auditor().AuditAsync(Cancel)).Rejection!.Failure);
    }
}
