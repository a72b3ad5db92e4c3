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
        var (passport, heads) = (await PassportAsync(ended, battery), await HeadsAsync(ended));
        using var files = await FilesAsync(ended);
        await ended.StopAsync();

        await using var next = await World.AfterAsync(postgres, ended);
        Assert.Equal((0, ""), await TakeOverAsync(next, files));
        Assert.Contains("are what the entries give", await SmallLedger.VerifyAsync(next), StringComparison.Ordinal);
        await next.StartAsync();

        // Nothing goes on before the opening says from where.
        var measured = next.Says.Measures(maker, battery);
        Assert.Equal("log-not-open", (await next.PostAsync(measured)).Code);
        Assert.Equal("predecessor-foreign", (await next.PostAsync(next.Says.Opens())).Code);
        Assert.Equal("predecessor-foreign", (await next.PostAsync(next.Says.Opens(after: After(files, size: -1)))).Code);
        await next.AdmitAsync(next.Says.Opens(after: After(files)));
        Assert.Equal(heads, [.. (await HeadsAsync(next)).Where(head => !head.StartsWith(next.Says.LogChain + " ", StringComparison.Ordinal))]);

        // The battery's life is one, on the page as in the file.
        await next.AdmitAsync(measured);
        var after = await PassportAsync(next, battery);
        Assert.Equal(passport["battery"]!.GetValue<string>(), after["battery"]!.GetValue<string>());
        Assert.Equal(Events(passport).Append("health-measured.v1"), Events(after));
        var page = await next.Http().GetStringAsync("/" + Gs1.Path(battery), Cancel);
        Assert.Contains(battery, page, StringComparison.Ordinal);
        Assert.Equal((next.Says.Origin, measured.Entry.LeafHash.ToString()), (after["log"]!.GetValue<string>(), after["head"]!.GetValue<string>()));
        Assert.Equal(Events(passport), Events(await PassportAsync(next, battery, at: "0")));

        // What was given before the cut is taken after it, once; what was said before is known.
        await next.AdmitAsync(next.Says.Refines(refiner, line.Subject, "400", Author.Take(allocated, 0, line)));
        Assert.Equal("line-taken", (await next.PostAsync(next.Says.Sign(refiner, "inputs-added.v1", line.Subject, new JsonObject { ["in"] = new JsonArray(Author.Take(allocated, 0, line)) }))).Code);
        Assert.Equal("log-foreign", (await next.PostAsync(ended.Says.Extracts(mine, Author.Uuid()))).Code);
        var retried = await next.PostAsync(allocated);
        Assert.Equal(200, retried.Status);
        var receipt = Receipt.Parse(Encoding.UTF8.GetBytes(retried.Body), out _)!;
        Assert.Null(receipt.Verify(allocated.Entry.LeafHash, [KeyOf(ended)], out _));
        Assert.Equal(retried.Body, await next.Http().GetStringAsync($"/entries/{allocated.Entry.LeafHash}/receipt", Cancel));
        Assert.Equal(receipt.Index, (ulong)(await next.IndexAsync(allocated) + Size(files))!);

        await next.StopAsync();
        await next.StartAsync();
        await next.ALotAsync();
        var said = await SmallLedger.VerifyAsync(next);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Before them, {Size(files)} of {ended.Says.Origin}"), said, StringComparison.Ordinal);
        await AuditAsync(next, files, ended);

        // Whoever has the successor's key alone checks the whole life offline.
        var bundle = await next.Http().GetByteArrayAsync($"/evidence?sub={Uri.EscapeDataString(battery)}", Cancel);
        var verdict = EvidenceVerifier.Verify(bundle, new TrustPolicy([KeyOf(next)]) { Authority = next.Says.Authority.Key.VerifyingKey });
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
            (heads, passport, key) = (await HeadsAsync(http, demo.OwnerConnection), await PassportAsync(http, PlayedDemo.Path), demo.LogKeys[0]);
        }

        await using var next = await World.NotStartedAsync(postgres);
        Assert.Equal((0, ""), await TakeOverAsync(next, files));
        await next.StartAsync();
        await next.AdmitAsync(next.Says.Opens(after: After(files)));
        Assert.Equal(heads, [.. (await HeadsAsync(next)).Where(head => !head.StartsWith(next.Says.LogChain + " ", StringComparison.Ordinal))]);
        var after = await PassportAsync(next.Http(), PlayedDemo.Path);
        foreach (var member in passport.AsObject().Select(m => m.Key).Except(["log", "timeline"]))
        {
            Assert.Equal(WithoutIndexes(passport[member]), WithoutIndexes(after[member]));
        }

        Assert.Equal(Events(passport), Events(after));
        Assert.Contains("are what the entries give", await SmallLedger.VerifyAsync(next), StringComparison.Ordinal);
        var bundle = await next.Http().GetByteArrayAsync($"/evidence?sub={Uri.EscapeDataString(passport["battery"]!.GetValue<string>())}&with=predecessors,lots", Cancel);
        var verdict = EvidenceVerifier.Verify(bundle, new TrustPolicy([KeyOf(next)]) { Authority = next.Says.Authority.Key.VerifyingKey });
        Assert.True(!verdict.IsRejected, $"{verdict.Rejection}");
        using var mirror = await FilesOfALog.FetchedAsync(next);
        var report = await new Auditor(LogFiles.In(mirror.Path)) { Keys = [KeyOf(next)], Predecessors = [new EndedLog(LogFiles.In(files.Path)) { Keys = [key] }] }.AuditAsync(Cancel);
        Assert.Null(report.Rejection);
    }

    [Fact]
    public async Task Taking_over_goes_on_where_it_was_cut_off_and_nothing_starts_before()
    {
        await using var ended = await SmallLedger.InAsync(postgres);
        var mine = await ended.AnAsync(Role.Miner);
        await ended.AdmitAsync([.. Enumerable.Range(0, 300).Select(_ => ended.Says.Extracts(mine, Author.Uuid()))]);
        using var files = await FilesAsync(ended);
        await ended.StopAsync();

        await using var next = await World.AfterAsync(postgres, ended);
        await using (await Migration.RunAsync(next.OwnerConnection, next.ServiceConnection, Cancel))
        {
        }

        await next.DoAsync("create function stop() returns trigger language plpgsql as $$ begin if new.index > -50 then raise 'out of paper'; end if; return new; end $$");
        await next.DoAsync("create trigger stop before insert on ledger.leaf for each row execute function stop()");
        var (exit, errors) = await TakeOverAsync(next, files);
        Assert.Equal(1, exit);
        Assert.Contains("it goes on from what is committed", errors, StringComparison.Ordinal);
        Assert.Equal(256, await next.AskAsync<long>("select count(*) from ledger.leaf"));
        Assert.Contains("was cut off", (await next.FailToStartAsync()).Errors, StringComparison.Ordinal);

        await next.DoAsync("drop trigger stop on ledger.leaf");
        Assert.Equal((0, ""), await TakeOverAsync(next, files));
        await next.StartAsync();
        await next.AdmitAsync(next.Says.Opens(after: After(files)));
        await next.ALotAsync();
        Assert.Contains("are what the entries give", await SmallLedger.VerifyAsync(next), StringComparison.Ordinal);
        Assert.Contains("holds the log", (await TakeOverAsync(next, files)).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_by_name()
    {
        await using var ended = await SmallLedger.InAsync(postgres);
        using var files = await FilesAsync(ended);
        await ended.StopAsync();
        await using var next = await World.AfterAsync(postgres, ended);

        Assert.Contains("--vkey <file> --successor", (await next.RunAsync("restore", "--from", files.Path, "--successor")).Errors, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(files.Path, "other"), $"{KeyOf(next)}\n", Cancel);
        Assert.Contains("does not verify", (await next.RunAsync("restore", "--from", files.Path, "--vkey", Path.Combine(files.Path, "other"), "--successor")).Errors, StringComparison.Ordinal);
        next.With("Ledger__Origin", ended.Says.Origin);
        Assert.Contains("a successor needs a name of its own", (await TakeOverAsync(next, files)).Errors, StringComparison.Ordinal);
        next.With("Ledger__Origin", next.Says.Origin);
        var path = Directory.GetFiles(Path.Combine(files.Path, "tile", "entries", "000.p"))[0];
        var bundle = await File.ReadAllBytesAsync(path, Cancel);
        bundle[^100] ^= 1;
        await File.WriteAllBytesAsync(path, bundle, Cancel);
        Assert.Contains("and the hash stored beside it differ", (await TakeOverAsync(next, files)).Errors, StringComparison.Ordinal);
        Assert.Equal(0, await next.AskAsync<long>("select count(*) from ledger.leaf"));
    }

    /// <summary>A successor of a small ledger, with some entries of its own.</summary>
    internal static async Task<(World Ended, World Next)> SmallAsync(PostgresServer postgres)
    {
        var ended = await SmallLedger.InAsync(postgres);
        var mine = await ended.AnAsync(Role.Miner);
        await ended.AdmitAsync([.. Enumerable.Range(0, 256).Select(_ => ended.Says.Extracts(mine, Author.Uuid()))]);
        using var files = await FilesAsync(ended);
        await ended.StopAsync();
        var next = await World.AfterAsync(postgres, ended);
        Assert.Equal((0, ""), await TakeOverAsync(next, files));
        await next.StartAsync();
        await next.AdmitAsync(next.Says.Opens(after: After(files)));
        await next.ALotAsync();
        await next.CheckpointAsync(2);
        return (ended, next);
    }

    private static async Task<FilesOfALog> FilesAsync(World ended)
    {
        var files = await FilesOfALog.FetchedAsync(ended);
        await files.DiscloseAsync(ended);
        return files;
    }

    private static Task<(int ExitCode, string Errors)> TakeOverAsync(World next, FilesOfALog files) =>
        next.RunAsync("restore", "--from", files.Path, "--vkey", Path.Combine(files.Path, "vkey"), "--successor");

    private static NoteVerifier KeyOf(World world) => new(world.Says.Origin, world.Says.LogKey.Key.VerifyingKey);

    private static long Size(FilesOfALog files) => long.Parse(Encoding.UTF8.GetString(files.Read("checkpoint")).Split('\n')[1], CultureInfo.InvariantCulture);

    private static JsonObject After(FilesOfALog files, long size = 0)
    {
        var lines = Encoding.UTF8.GetString(files.Read("checkpoint")).Split('\n');
        return new JsonObject
        {
            ["origin"] = lines[0],
            ["size"] = Size(files) + size,
            ["root"] = new Digest(Convert.FromBase64String(lines[2])).ToString(),
        };
    }

    private static async Task AuditAsync(World next, FilesOfALog old, World ended)
    {
        using var files = await FilesOfALog.FetchedAsync(next);
        Auditor Auditor(params EndedLog[] before) => new(LogFiles.In(files.Path)) { Keys = [KeyOf(next)], Predecessors = before };
        var report = await Auditor(new EndedLog(LogFiles.In(old.Path)) { Keys = [KeyOf(ended)] }).AuditAsync(Cancel);
        Assert.Null(report.Rejection);
        Assert.Equal(Failure.PredecessorMissing, (await Auditor().AuditAsync(Cancel)).Rejection!.Failure);
    }

    private static Task<JsonNode> PassportAsync(World world, string battery, string? at = null) => PassportAsync(world.Http(), $"/{Gs1.Path(battery)}{(at is null ? "" : "?at=" + at)}");

    // An entry has another index in the log that it goes on in.
    private static string WithoutIndexes(JsonNode? value) => Regex.Replace(value?.ToJsonString() ?? "", "\"index\":-?[0-9]+", "\"index\":0");

    private static async Task<JsonNode> PassportAsync(HttpClient http, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!;
    }

    private static List<string> Events(JsonNode passport) => [.. passport["timeline"]!.AsArray().Select(entry => entry!["event"]!.GetValue<string>())];

    private static Task<List<string>> HeadsAsync(World world) => HeadsAsync(world.Http(), world.OwnerConnection);

    private static async Task<List<string>> HeadsAsync(HttpClient http, string database)
    {
        var heads = new List<string>();
        await using var owner = Npgsql.NpgsqlDataSource.Create(database);
        await using var command = owner.CreateCommand("select sub from ledger.chain order by sub");
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        while (await rows.ReadAsync(Cancel))
        {
            var text = await http.GetStringAsync("/head?sub=" + Uri.EscapeDataString(rows.GetString(0)), Cancel);
            var head = JsonNode.Parse(StrictBase64Url.Decode(text.Split('.')[1])!)!;
            heads.Add($"{head["sub"]} {head["seq"]} {head["h"]}");
        }

        return heads;
    }
}
