using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Cli;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Postgres;
using CriticalMinerals.Tests.Vectors;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>A log, its successor and the successor's successor: one life over two cuts, for readers and for whoever checks it.</summary>
public sealed class ThreeLogs(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_chain_goes_on_over_two_cuts_and_outsiders_check_it_over_both()
    {
        await using var first = await SmallLedger.InAsync(postgres);
        var (mine, refiner, maker) = (await first.AnAsync(Role.Miner), await first.AnAsync(Role.Refiner), await first.AnAsync(Role.BatteryMaker));
        await first.AdmitAsync([.. Enumerable.Range(0, 260).Select(_ => first.Says.Extracts(mine, Author.Uuid()))]);
        var lot = await first.ALotAsync();
        GivenTo[] lines = [new(Author.Uuid(), refiner, "400"), new(Author.Uuid(), refiner, "300")];
        var allocated = await first.AdmitAsync(first.Says.Allocates(mine, lot.Entry.Subject, lines));
        var battery = (await first.ABatteryOnTheMarketAsync()).Entry.Subject;
        using var oldest = await FilesOfALog.DisclosedAsync(first);
        await first.StopAsync();

        await using var second = await World.AfterAsync(postgres, first);
        Assert.Equal((0, ""), await second.TakeOverAsync(oldest));
        await second.GoOnAsync(oldest);
        await second.AdmitAsync(second.Says.Measures(maker, battery));
        await second.AdmitAsync(second.Says.Refines(refiner, lines[0].Subject, "400", Author.Take(allocated, 0, lines[0])));
        await second.AdmitAsync([.. Enumerable.Range(0, 260).Select(_ => second.Says.Extracts(mine, Author.Uuid()))]);
        var between = await second.ALotAsync();
        var (passport, heads) = (await second.PassportAsync(battery), await second.HeadsAsync());
        using var middle = await FilesOfALog.DisclosedAsync(second);
        await second.StopAsync();

        await using var third = await World.AfterAsync(postgres, second);
        Assert.Contains("does not fit", await RefusedAsync(third, middle, oldest), StringComparison.Ordinal);
        Assert.Contains("does not fit", await RefusedAsync(third, middle), StringComparison.Ordinal);
        Assert.Equal(0, await third.AskAsync<long>("select count(*) from ledger.leaf"));
        Assert.Equal((0, ""), await third.TakeOverAsync(oldest, middle));
        Assert.Contains("are what the entries give", await SmallLedger.VerifyAsync(third), StringComparison.Ordinal);
        await third.GoOnAsync(middle);
        Assert.Equal(heads, [.. (await third.HeadsAsync()).Where(head => !head.StartsWith(third.Says.LogChain + " ", StringComparison.Ordinal))]);

        // One life; a line given in the first log is taken in the third, one taken in the second is taken.
        var measured = await third.AdmitAsync(third.Says.Measures(maker, battery));
        Assert.Equal(SuccessorWorld.Events(passport).Append("health-measured.v1"), SuccessorWorld.Events(await third.PassportAsync(battery)));
        await third.AdmitAsync(third.Says.Refines(refiner, lines[1].Subject, "300", Author.Take(allocated, 1, lines[1])));
        Assert.Equal("line-taken", (await third.PostAsync(third.Says.Sign(refiner, "inputs-added.v1", lines[0].Subject, new JsonObject { ["in"] = new JsonArray(Author.Take(allocated, 0, lines[0])) }))).Code);
        await third.AdmitAsync(third.Says.Allocates(mine, between.Entry.Subject, new GivenTo(Author.Uuid(), refiner, "1")));

        // Each entry's receipt is of the log in which it stands.
        foreach (var (world, entry) in ((World, SignedEntry)[])[(first, allocated), (second, between), (third, measured)])
        {
            var receipt = Receipt.Parse(await third.Http().GetStringAsync($"/entries/{entry.Entry.LeafHash}/receipt", Cancel), out _)!;
            Assert.Null(receipt.Verify(entry.Entry.LeafHash, [world.VerifierKey()], out _));
        }

        await third.StopAsync();
        await third.StartAsync();
        await third.ALotAsync();
        var said = await SmallLedger.VerifyAsync(third);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $" Before them, {oldest.Size} of {first.Says.Origin}, root {oldest.After()["root"]}. Before them, {middle.Size} of {second.Says.Origin}, root {middle.After()["root"]}."), said, StringComparison.Ordinal);

        await CheckEvidenceAsync(third, battery, [first, second]);
        using var newest = await FilesOfALog.FetchedAsync(third);
        await AuditAsync(third, newest, [oldest, middle], [first, second]);
    }

    [Fact]
    public async Task A_successor_gets_what_an_older_backup_lacks_and_is_made_anew_of_its_files_after_those_of_the_log_before_it()
    {
        var (ended, old) = await SuccessorWorld.EndedAsync(postgres);
        await using var before = ended;
        using var kept = old;
        await using var next = await World.AfterAsync(postgres, ended);
        Assert.Equal((0, ""), await next.TakeOverAsync(old));
        await next.GoOnAsync(old);
        await next.ALotAsync();
        var copy = await Rollbacks.CopyAsync(next);
        var lot = await next.ALotAsync();
        using var own = await FilesOfALog.DisclosedAsync(next);
        var (rows, heads) = (await Restores.RowsAsync(next), await next.HeadsAsync());
        await next.StopAsync();

        next.Connect(Rollbacks.Named(next.OwnerConnection, copy), Rollbacks.Named(next.ServiceConnection, copy));
        Assert.Contains("Give their folders before this one", (await next.RestoreAsync(own)).Errors, StringComparison.Ordinal);
        Assert.Equal((0, ""), await next.RestoreAsync(old, own));
        Assert.Equal(rows, await Restores.RowsAsync(next));

        // Nothing is left but the keys; cut off, it is no log yet, and goes on.
        File.Delete(Path.Combine(next.Folder.Path, "pin"));
        var (owner, service) = await postgres.CreateDatabaseAsync();
        next.Connect(owner, service);
        await using (await Migration.RunAsync(owner, service, Cancel))
        {
        }

        await next.DoAsync("create function stop() returns trigger language plpgsql as $$ begin raise 'out of paper'; end $$");
        await next.DoAsync("create trigger stop before insert on ledger.state for each row execute function stop()");
        Assert.Equal(1, (await next.RestoreAsync(old, own)).ExitCode);
        Assert.Equal(own.Size, new Service.Log.Pin(next.Folder.Path).Read()!.Size);
        Assert.Contains("was cut off", (await next.FailToStartAsync()).Errors, StringComparison.Ordinal);
        await next.DoAsync("drop trigger stop on ledger.state");
        Assert.Equal((0, ""), await next.RestoreAsync(old, own));
        Assert.Equal(rows, await Restores.RowsAsync(next));
        await next.StartAsync();
        Assert.Equal(heads, await next.HeadsAsync());
        await next.AdmitAsync(next.Says.Allocates(await next.AnAsync(Role.Miner), lot.Entry.Subject, new GivenTo(Author.Uuid(), await next.AnAsync(Role.Refiner), "1")));
        Assert.Contains("are what the entries give", await SmallLedger.VerifyAsync(next), StringComparison.Ordinal);
    }

    private static async Task<string> RefusedAsync(World third, params FilesOfALog[] files)
    {
        var (exit, errors) = await third.TakeOverAsync(files);
        Assert.Equal(1, exit);
        return errors.Replace("do not fit", "does not fit", StringComparison.Ordinal);
    }

    // By ours and by the other verifier, with the last log's key alone.
    private static async Task CheckEvidenceAsync(World third, string battery, World[] ended)
    {
        var bundle = await third.Http().GetByteArrayAsync($"/evidence?sub={Uri.EscapeDataString(battery)}&with=predecessors,lots", Cancel);
        var verdict = EvidenceVerifier.Verify(bundle, new TrustPolicy([third.VerifierKey()]) { Authority = third.Says.Authority.Key.VerifyingKey });
        Assert.True(!verdict.IsRejected, $"{verdict.Rejection}");
        Assert.All(ended, log => Assert.Contains(log.Says.Origin, ((LayerVerdict.Verified)verdict.Structure).What, StringComparison.Ordinal));

        var (file, trust) = (Path.Combine(third.Folder.Parent, "evidence.json"), Path.Combine(third.Folder.Parent, "trust.json"));
        await File.WriteAllBytesAsync(file, bundle, Cancel);
        await File.WriteAllTextAsync(trust, new JsonObject { ["vkeys"] = new JsonArray(third.VerifierKey().ToString()), ["authority"] = third.Says.Authority.Key.VerifyingKey.X }.ToJsonString(), Cancel);
        var (code, output) = await SecondVerifier.RunAsync("evidence", file, trust);
        Assert.True(code == 0, output);
    }

    private static async Task AuditAsync(World third, FilesOfALog newest, FilesOfALog[] files, World[] ended)
    {
        var keys = Path.Combine(third.Folder.Parent, "predecessors.vkey");
        await File.WriteAllTextAsync(keys, string.Concat(ended.Select(log => log.VerifierKey() + "\n")), Cancel);
        string[] audit = ["audit", newest.Path, "--vkey", third.VerifierKey().ToString(), "--predecessor-vkey", keys];
        var (exit, said) = await RunAsync([.. audit, "--predecessor", files[0].Path, "--predecessor", files[1].Path]);
        Assert.True(exit == ExitCode.Done, said);
        Assert.StartsWith($"verified: {third.Says.Origin}, size {newest.Size}", said, StringComparison.Ordinal);
        Assert.Contains($"checked: the predecessor {ended[0].Says.Origin}, size {files[0].Size}", said, StringComparison.Ordinal);
        Assert.Contains($"checked: the predecessor {ended[1].Says.Origin}, size {files[1].Size}", said, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, (await RunAsync([.. audit, "--predecessor", files[1].Path])).Exit);
        Assert.Equal(ExitCode.Rejected, (await RunAsync([.. audit, "--predecessor", files[1].Path, "--predecessor", files[0].Path])).Exit);
    }

    private static async Task<(int Exit, string Said)> RunAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var terminal = new Terminal(output, TextWriter.Null, new HttpClientHandler(), isWatched: false, null);
        return (await CommandLine.RunAsync(arguments, terminal), output.ToString());
    }
}
