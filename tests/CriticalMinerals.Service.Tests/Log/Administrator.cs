using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>
/// Whoever administers the database, and signs for an operator, rewrites what that operator said and recomputes everything after it: every signature, link, hash,
/// tile and folded state is right again. What others have kept is not.
/// </summary>
public sealed class Administrator(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_rewrites_an_entry_and_everything_after_it_is_caught_by_the_pin()
    {
        await using var rewritten = await RewrittenAsync();
        var world = rewritten.World;

        // An honest data folder under the rewritten database.
        var (exitCode, errors) = await world.FailToStartAsync();

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"The first {rewritten.Said.Length} entries of the database do not give the root that was signed", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_rewrites_the_pin_too_is_caught_by_a_checkpoint_that_an_auditor_kept_and_by_nothing_in_the_ledger_of_now()
    {
        await using var rewritten = await RewrittenAsync();
        var world = rewritten.World;
        await rewritten.ShowAsync();

        // He has the data folder too, and with it the log's keys: for who looks only at the ledger of now, nothing is wrong.
        Assert.Null((await AuditAsync(world, stateFile: null)).Rejection);
        Assert.Equal(0, (await world.RunAsync("verify-state")).ExitCode);

        // With the checkpoint shown now the kept one is proof of two histories.
        var audit = await AuditAsync(world, rewritten.StateFile);
        Assert.Equal(Failure.ConsistencyUnproven, audit.Rejection?.Failure);
        Assert.Equal(AuditMemory.Read(rewritten.StateFile)!.Note.ToString(), audit.Contradicted);
    }

    [Fact]
    public async Task Who_rewrites_the_pin_too_is_caught_by_a_witness()
    {
        await using var rewritten = await RewrittenAsync();
        using var key = SigningKey.Generate();
        var witness = new Witness("witness.example.com/w1", key, [Verifier(rewritten.World)]);
        var (before, _, shown) = rewritten.Before;
        var cosigned = Assert.IsType<WitnessAnswer.Cosigned>(witness.Decide(new AddCheckpoint(0, [], SignedNote.Parse(shown, out _)!), latest: null, time: 1)).Kept;
        await rewritten.ShowAsync();

        // No proof leads from the tree that it cosigned to this one.
        var (size, _, note) = await rewritten.World.CheckpointAsync();
        var (way, _) = await rewritten.World.Tiles(size).ConsistencyAsync(before, size, Cancel);
        var refused = Assert.IsType<WitnessAnswer.Refused>(witness.Decide(new AddCheckpoint(before, way!.Path, SignedNote.Parse(note, out _)!), cosigned, time: 2));

        Assert.Equal((WitnessAnswer.Inconsistent, Failure.ConsistencyUnproven), (refused.Status, refused.Fault.Failure));
    }

    [Fact]
    public async Task Who_rewrites_the_pin_too_is_caught_by_every_old_receipt_from_the_rewritten_entry_on()
    {
        await using var rewritten = await RewrittenAsync();
        var (world, said, lot) = (rewritten.World, rewritten.Said, rewritten.Lot);
        await rewritten.ShowAsync();
        var (size, root, _) = await world.CheckpointAsync();

        // The rewritten entry's or anybody else's: its tree is not the beginning of this one.
        foreach (var (signed, index, text) in said)
        {
            var old = SignedCheckpoint(world, Receipt.Parse(text!, out _)!);
            var (proof, _) = await world.Tiles(size).ConsistencyAsync(old.Size, size, Cancel);
            Assert.Equal(index < IndexOf(said, lot) ? null : Failure.ConsistencyUnproven, proof!.Verify(old.Root, root)?.Failure);
            Assert.Equal(index >= IndexOf(said, lot) && signed.Entry.Subject == lot.Entry.Subject, await world.IndexAsync(signed) is null);
        }
    }

    [Fact]
    public async Task Who_alters_only_what_was_folded_is_caught_by_replaying_it()
    {
        await using var world = await SmallLedger.InAsync(postgres);
        var lot = world.Acknowledged.First(a => a.Signed.Entry.Event == "lot-extracted.v1").Signed.Entry.Subject;
        Assert.Contains("are what the entries give", await SmallLedger.VerifyAsync(world), StringComparison.Ordinal);
        foreach (var (alter, row) in ((string, string)[])
        [
            ($"update ledger.chain set state = convert_to(regexp_replace(convert_from(state, 'UTF8'), '\"given\":[0-9.]+', '\"given\":0'), 'UTF8') where sub = '{lot}'", $"chain {lot} "),
            ($"update ledger.chain set open = true where sub = '{lot}'", $"chain {lot} "),
            ($"delete from ledger.chain where sub = '{lot}'", $"chain {lot} "),
            ($"update ledger.line set taken_by = null where giver = '{lot}'", "line "),
            ($"update ledger.line set quantity = quantity - 1 where giver = '{lot}'", "line "),
            ($"delete from ledger.line where giver = '{lot}'", "line "),
            ("update ledger.claim set owner = 'did:web:thief.example' where name like 'key:%'", "claim key:"),
            ("delete from ledger.claim where name like 'key:%'", "claim key:"),
            ("insert into ledger.claim values ('grant:gtin:4012345', 'did:web:thief.example')", "claim grant:gtin:4012345 "),
            ("update ledger.redemption set taker = 0", "redemption "),
            ("delete from ledger.redemption", "redemption "),
            ("update ledger.document set access = 0", "document "),
            ("delete from ledger.erasure", "erasure "),
        ])
        {
            var said = await SmallLedger.VerifyAsync(world, alter);
            Assert.True(said.StartsWith($"ledger.{row}", StringComparison.Ordinal) && said.Contains("is not what the entries give.\nexpected: ", StringComparison.Ordinal), $"{alter}\n{said}");
        }
    }

    [Fact]
    public async Task What_an_altered_state_lets_in_is_found_by_the_command_before_and_by_an_audit_after()
    {
        await using var world = await SmallLedger.InAsync(postgres);
        var refines = world.Acknowledged.First(a => a.Signed.Entry.Event == "lot-refined.v1").Signed;
        var taken = refines.Entry.Taken[0];
        var sound = await world.RunAsync("verify-state");
        await world.StopAsync();
        await world.DoAsync("update ledger.line set taken_by = null where taken_by is not null");
        var (exitCode, errors) = await world.RunAsync("verify-state");
        Assert.Equal((0, ""), sound);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("ledger.line ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);

        // The line is taken a second time by who had it: no rule that reads the altered row objects, all that read the entries do.
        await world.StartAsync();
        var again = await world.AdmitAsync(world.Says.Sign(
            await world.AnAsync(Role.Refiner), "inputs-added.v1", refines.Entry.Subject, new JsonObject
            {
                ["in"] = new JsonArray(new JsonObject { ["h"] = taken.Entry.ToString(), ["i"] = taken.Line, ["s"] = taken.Opening }),
            }));
        await world.CheckpointAsync(world.Acknowledged.Count);
        var audit = await AuditAsync(world, stateFile: null);
        Assert.Equal((ulong)(await world.IndexAsync(again))!, audit.Rejection?.Index);
    }

    private static async Task<AuditReport> AuditAsync(World world, string? stateFile) =>
        await new Auditor(LogFiles.At(new LedgerApi(world.Http()))) { Keys = [Verifier(world)], StateFile = stateFile }.AuditAsync(Cancel);

    private static NoteVerifier Verifier(World world) => new(world.Says.Origin, world.Says.LogKey.Key.VerifyingKey);

    /// <summary>A log with entries of two firms, audited once, then stopped and rewritten.</summary>
    private async Task<Rewritten> RewrittenAsync()
    {
        var world = await World.AnOpenLogAsync(postgres);
        try
        {
            var (mine, other) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.BatteryMaker));
            var lot = await world.AdmitAsync(world.Says.Extracts(mine, Author.Uuid(), "1000"));
            await world.AdmitAsync(world.Says.DeclaresModel(other, Author.Uuid()));
            await world.AdmitAsync(world.Says.Allocates(mine, lot.Entry.Subject, new GivenTo(Author.Uuid(), other, "5")));
            var said = world.Acknowledged.ToArray();
            var before = await world.CheckpointAsync(said.Length);
            var state = Path.Combine(world.Folder.Parent, "audit.json");
            Assert.Null((await AuditAsync(world, state)).Rejection);
            await world.StopAsync();
            await RewriteAsync(world, said.Select(s => s.Signed), lot);
            return new Rewritten(world, said, lot, before, state);
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Puts in the place of the database one in which that lot weighed twice as much. What he could compute by hand the service computes for him: the same
    /// entries, those of the altered chain signed anew, told to an empty database; and the honest pin's id in its state row.
    /// </summary>
    private async Task RewriteAsync(World world, IEnumerable<SignedEntry> said, SignedEntry lot)
    {
        var pin = new Service.Log.Pin(world.Folder.Path);
        var id = pin.Read()!.Id;
        File.Move(pin.Path, pin.Path + ".honest");
        var (owner, service) = await postgres.CreateDatabaseAsync();
        world.Connect(owner, service);
        await world.StartAsync();
        world.Says.Forget();
        var mine = await world.AnAsync(Role.Miner);
        foreach (var signed in said)
        {
            await world.AdmitAsync(signed.Entry.Subject != lot.Entry.Subject ? signed
                : signed.Entry.Sequence == 0 ? world.Says.Extracts(mine, lot.Entry.Subject, "2000")
                : world.Says.Allocates(mine, lot.Entry.Subject, new GivenTo(Author.Uuid(), mine, "5")));
        }

        await world.StopAsync();
        File.Move(pin.Path + ".honest", pin.Path, overwrite: true);
        await world.DoAsync($"update ledger.state set pin_id = '{id}'");
    }

    /// <summary>A pin that says what the database says.</summary>
    private static async Task RepinAsync(World world)
    {
        var pin = new Service.Log.Pin(world.Folder.Path);
        File.Delete(pin.Path);
        pin.Create(new Service.Log.PinnedTree(
            await world.AskAsync<Guid>("select pin_id from ledger.state"), await world.AskAsync<long>("select size from ledger.state"), new Digest(await world.AskAsync<byte[]>("select root from ledger.state"))));
    }

    private static Checkpoint SignedCheckpoint(World world, Receipt receipt) => Checkpoint.From(receipt.Checkpoint.Verify([Verifier(world)], out _)!, out _)!;

    private static long IndexOf((SignedEntry Signed, long Index, string? Receipt)[] said, SignedEntry entry) => said.Single(s => s.Signed == entry).Index;

    /// <summary>What others have of the time before, and the world as it was left.</summary>
    private sealed record Rewritten(
        World World, (SignedEntry Signed, long Index, string? Receipt)[] Said, SignedEntry Lot, (ulong Size, Digest Root, string Note) Before, string StateFile) : IAsyncDisposable
    {
        /// <summary>Rewrites the pin as well, and shows the log to the world again.</summary>
        internal async Task ShowAsync()
        {
            await RepinAsync(World);
            await World.StartAsync();
            await World.CheckpointAsync(Said.Length);
        }

        public ValueTask DisposeAsync() => World.DisposeAsync();
    }
}
