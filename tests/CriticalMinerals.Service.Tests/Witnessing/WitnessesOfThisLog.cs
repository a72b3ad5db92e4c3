using System.Net;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Witnessing;

/// <summary>The service and witnesses of other people: who is asked, what is added, what holds, and what nobody can be made to cosign.</summary>
public sealed class WitnessesOfThisLog(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_quorum_of_two_of_three_holds_the_checkpoint_until_it_is_back_and_refuses_a_fork()
    {
        await using var witnesses = new ThreeWitnesses();
        await using var world = await World.AnOpenLogAsync(postgres, settings: witnesses.Settings(quorum: true));
        witnesses.Know(world);
        await witnesses.StartAsync(0);

        // One of three is not enough, a hole that takes connections and never answers is none: entries are admitted and nothing becomes public.
        using var hole = witnesses.Hole(1);
        await world.ALotAsync();
        while (witnesses.Seen(0) == 0)
        {
            await Task.Delay(50, Cancel);
        }

        using (var none = await world.Http().GetAsync("/checkpoint", Cancel))
        {
            Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        }

        // The third comes: enough.
        await witnesses.StartAsync(2);
        var note = await witnesses.CosignedAsync(world, atLeast: 1);
        Assert.Equal([0, 2], witnesses.By(note));

        // The quorum is gone again: what is public stays, and no more comes while entries go on.
        await witnesses.StopAsync(2);
        var entry = await world.ALotAsync();
        Assert.Equal(note.ToString(), (await world.CheckpointAsync()).Note);
        await witnesses.StartAsync(2);
        var later = await witnesses.CosignedAsync(world, atLeast: Checkpoint.Parse(note.Text, out _)!.Size + 1);

        // A receipt with the quorum verifies under the policy alone; after a kill, what was cosigned is still served.
        var receipt = Receipt.Parse(await world.Http().GetStringAsync($"/entries/{entry.Entry.LeafHash}/receipt", Cancel), out _)!;
        while (witnesses.Policy(world).Verify(receipt.Checkpoint, out _) is null)
        {
            receipt = Receipt.Parse(await world.Http().GetStringAsync($"/entries/{entry.Entry.LeafHash}/receipt", Cancel), out _)!;
        }

        Assert.Null(receipt.Verify(entry.Entry.LeafHash, witnesses.Policy(world), out _));
        await world.KillAsync();
        await world.StartAsync();
        Assert.NotNull(witnesses.Policy(world).Verify(SignedNote.Parse((await world.CheckpointAsync()).Note, out _)!, out _));

        // Who has the log's key and makes another history: no witness cosigns it, and whoever has the policy does not take it.
        var size = Checkpoint.Parse(later.Text, out _)!.Size;
        var seen = witnesses.Seen(0);
        var fork = new Checkpoint(world.Says.Origin, seen, Digest.Sha256([1])).Sign(world.Says.LogKey.Key);
        using var http = new HttpClient { BaseAddress = new Uri(witnesses.Address(0) + "/") };
        Assert.Equal(422, Assert.IsType<WitnessAnswer.Refused>(await new WitnessClient(http, witnesses.Verifier(0)).AddAsync(new AddCheckpoint(seen, [], fork), Cancel)).Status);
        Assert.Null(witnesses.Policy(world).Verify(fork, out var fault));
        Assert.Equal(Failure.QuorumMissing, fault!.Failure);
        Assert.True(size <= seen);
    }

    [Fact]
    public async Task In_best_effort_neither_a_hole_nor_a_liar_holds_anything_and_a_witness_that_saw_more_is_an_alarm()
    {
        await using var witnesses = new ThreeWitnesses();
        using var hole = witnesses.Hole(1);
        await using var world = await World.AnOpenLogAsync(postgres, settings: witnesses.Settings(quorum: false));
        witnesses.Know(world);

        // The thief of the log's key has shown the third witness a longer history.
        await witnesses.StartAsync(2);
        using (var http = new HttpClient { BaseAddress = new Uri(witnesses.Address(2) + "/") })
        {
            var theft = new Checkpoint(world.Says.Origin, 1_000_000, Digest.Sha256([1])).Sign(world.Says.LogKey.Key);
            var client = new WitnessClient(http, witnesses.Verifier(2));
            var answer = await client.AddAsync(new AddCheckpoint(0, [], theft), Cancel);
            if (answer is WitnessAnswer.Conflict(var before))
            {
                // The service was quicker: then the thief has no proof, and the witness stays with the true log.
                Assert.Equal(422, Assert.IsType<WitnessAnswer.Refused>(await client.AddAsync(new AddCheckpoint(before, [], theft), Cancel)).Status);
            }
            else
            {
                while (!(await world.Http().GetStringAsync("/health/ready", Cancel)).Contains("witness w3 contradicts this log", StringComparison.Ordinal))
                {
                    await Task.Delay(50, Cancel);
                }
            }
        }

        await witnesses.StartAsync(0);
        var lot = await world.ALotAsync();
        for (var i = 0; i < 2; i++)
        {
            await world.ALotAsync();
        }

        var note = await witnesses.CosignedAsync(world, atLeast: 4, by: 0);

        // Short of the quorum, a receipt has what came.
        Assert.Contains(0, witnesses.By(Receipt.Parse(await world.Http().GetStringAsync($"/entries/{lot.Entry.LeafHash}/receipt", Cancel), out _)!.Checkpoint));
        Assert.Contains(0, witnesses.By(note));
        Assert.DoesNotContain(1, witnesses.By(note));
        Assert.Equal(await world.AskAsync<long>("select size from ledger.state"), (long)(await world.CheckpointAsync(atLeast: 4)).Size);
    }

    [Fact]
    public async Task While_the_log_rests_its_witnesses_go_on_saying_that_there_is_nothing_newer()
    {
        await using var witnesses = new ThreeWitnesses();
        await using var world = await World.AnOpenLogAsync(postgres, settings: new Dictionary<string, string>(witnesses.Settings(quorum: true)) { ["Ledger__Witnesses__RenewAfter"] = "1s" });
        witnesses.Know(world);
        await witnesses.StartAsync(0);
        await witnesses.StartAsync(1);
        var first = witnesses.Policy(world).Verify(await witnesses.CosignedAsync(world, atLeast: 1), out _)!;
        while (witnesses.Policy(world).Verify(await witnesses.CosignedAsync(world, atLeast: 1), out _) is not { } now || now.WitnessedAt < first.WitnessedAt + 3)
        {
            await Task.Delay(50, Cancel);
        }

        // Each witness stands there once, and what was kept stays.
        var note = await witnesses.CosignedAsync(world, atLeast: 1);
        Assert.Equal([0, 1], witnesses.By(note));
        Assert.Equal(3, note.Signatures.Count);
        Assert.Equal(first.Checkpoint, Checkpoint.Parse(note.Text, out _));
        Assert.True(await world.AskAsync<long>("select count(*) from ledger.cosignature") >= 4);
    }

    [Fact]
    public async Task The_service_is_a_witness_of_another_log_that_keeps_what_it_cosigned_over_a_kill_and_for_all_nodes()
    {
        using var log = SigningKey.Generate();
        using var key = SigningKey.Generate();
        using var files = new DataFolder();
        var logs = Path.Combine(files.Parent, "logs");
        var other = new NoteVerifier("other.example/log", log.VerifyingKey);
        await File.WriteAllTextAsync(logs, $"log {other}\nquorum none\n", Cancel);
        await using var world = await World.AnOpenLogAsync(postgres);
        await world.StopAsync();
        Assert.Contains("cml key witness", (await world.With("Ledger__Witness__Name", "service.example/w").With("Ledger__Witness__Logs", logs).FailToStartAsync()).Errors, StringComparison.Ordinal);
        Service.PrivateFile.Write(Path.Combine(Service.Log.LogKeys.FolderIn(world.Folder.Path), Service.Witnessing.WitnessDesk.KeyFile), System.Text.Encoding.ASCII.GetBytes(key.ToPem()));
        await world.StartAsync();
        var client = Client();

        // Conflicting trees at once: one of them, and only that one.
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.AddAsync(new AddCheckpoint(0, [], new Checkpoint(other.Name, 2, Digest.Sha256([(byte)(i % 2)])).Sign(log)), Cancel)));
        var won = Assert.Single(answers.OfType<WitnessAnswer.Cosigned>());
        Assert.All(answers.Where(answer => answer != won), answer => Assert.Equal(2ul, Assert.IsType<WitnessAnswer.Conflict>(answer).Size));

        await world.KillAsync();
        await world.StartAsync();
        client = Client();
        Assert.Equal(won.Kept.Text, (await client.LatestAsync(other.Name, [other], Cancel))!.Note.Text);
        Assert.Equal(2ul, Assert.IsType<WitnessAnswer.Conflict>(await client.AddAsync(new AddCheckpoint(0, [], new Checkpoint(other.Name, 1, Digest.Zero).Sign(log)), Cancel)).Size);
        Assert.Equal(422, await Refusal(2, new Checkpoint(other.Name, 2, Digest.Sha256([7])).Sign(log)));
        Assert.Equal(400, await Refusal(3, new Checkpoint(other.Name, 2, Digest.Sha256([7])).Sign(log)));
        Assert.Equal(403, await Refusal(2, new Checkpoint(other.Name, 2, Digest.Sha256([7])).Sign(key)));
        Assert.Equal(404, await Refusal(0, new Checkpoint(world.Says.Origin, 2, Digest.Sha256([7])).Sign(world.Says.LogKey.Key)));
        Assert.IsType<WitnessAnswer.Cosigned>(await client.AddAsync(new AddCheckpoint(2, [], SignedNote.Of(won.Kept.Text, NoteSignature.Make(won.Kept.Text, other.Name, log))), Cancel));

        WitnessClient Client() => new(world.Http(), new NoteVerifier("service.example/w", key.VerifyingKey, NoteSignatureType.CosignatureV1));
        async Task<int> Refusal(ulong old, SignedNote note) => Assert.IsType<WitnessAnswer.Refused>(await client.AddAsync(new AddCheckpoint(old, [], note), Cancel)).Status;
    }
}
