using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>The running service under the eyes of a monitor, which knows its verifier key and its address.</summary>
public sealed class Watched(PostgresServer postgres, SharedWorld shared)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_service_gives_no_cause_for_alarm_while_two_nodes_write()
    {
        var world = await shared.GetAsync(postgres);
        var miner = await world.AnAsync(Role.Miner);
        var lot = await world.ALotAsync();
        var writing = Task.WhenAll(Enumerable.Range(0, 2).Select(async node =>
        {
            for (var round = 0; round < 20; round++)
            {
                await world.AdmitAsync([.. Enumerable.Range(0, 5).Select(_ => world.Says.Extracts(miner, Author.Uuid()))], node);
            }
        }));

        using var folder = new DataFolder();
        Directory.CreateDirectory(folder.Path);
        var sizes = new List<ulong>();
        for (var look = 0; look < 3 || !writing.IsCompleted; look++)
        {
            // Whichever node answers, and the other as the place to compare with.
            var round = await Monitor(world, folder, look % 2, lot.Entry.Subject).LookAsync(Cancel);
            Assert.True(round.Alarm is null, round.Alarm?.ToString());
            Assert.Empty(round.NotLooked);
            sizes.Add(round.Report!.Size);
        }

        await writing;
        Assert.Equal(sizes.Order(), sizes);
    }

    [Fact]
    public async Task Whoever_holds_the_keys_of_the_service_and_lies_is_proved_wrong_by_its_public_files()
    {
        var world = await shared.GetAsync(postgres);
        var lot = await world.ALotAsync();
        await world.AdmitAsync(world.Says.Allocates(await world.AnAsync(Role.Miner), lot.Entry.Subject, new GivenTo(Author.Uuid(), await world.AnAsync(Role.Miner), "1")));
        var (size, _, _) = await world.CheckpointAsync((await world.AskAsync<long>("select size from ledger.state")));
        using var folder = new DataFolder();
        Directory.CreateDirectory(folder.Path);

        var hiding = HeadStatement.Sign(
            world.Says.Head.Key, world.Says.Head.KeyId, world.Says.Origin, lot.Entry.Subject, 0, lot.Entry.LeafHash, (long)size, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddMinutes(5));
        var omission = (await Monitor(world, folder, 0, lot.Entry.Subject, hiding).LookAsync(Cancel)).Alarm!;
        Assert.Equal(AlarmKind.Omission, omission.Kind);

        var another = new Checkpoint(world.Says.Origin, size - 1, Digest.OfLeaf("another"u8)).Sign(world.Says.LogKey.Key);
        var fork = (await Monitor(world, folder, 0, lot.Entry.Subject, another: another).LookAsync(Cancel)).Alarm!;
        Assert.Equal(AlarmKind.Fork, fork.Kind);
        foreach (var evidence in (Contradiction[])[omission.Evidence!, fork.Evidence!])
        {
            Assert.Null(Contradiction.Parse(evidence.ToUtf8(), out _)!.Verify(Keys(world), out var word));
            Assert.Null(word);
        }
    }

    private static NoteVerifier[] Keys(World world) => [new NoteVerifier(world.Says.Origin, world.Says.LogKey.Key.VerifyingKey)];

    private static LogMonitor Monitor(World world, DataFolder folder, int node, string watched, HeadStatement? statement = null, SignedNote? another = null)
    {
        var api = new LedgerApi(world.Http(node));
        return new LogMonitor(LogFiles.At(api), api)
        {
            Policy = new TrustPolicy(Keys(world)),
            StateFile = Path.Combine(folder.Path, "state"),
            Watched = [watched],
            Statements = () => statement is null ? [] : [("a reader", statement.Text)],
            Others =
            [
                ("the other node", async cancel => await new LedgerApi(world.Http(1 - node)).GetFileAsync("checkpoint", SignedNote.MaxLength, cancel)),
                .. another is null ? Array.Empty<(string, Func<CancellationToken, Task<byte[]?>>)>() : [("a reader", _ => Task.FromResult<byte[]?>(System.Text.Encoding.UTF8.GetBytes(another.ToString())))],
            ],
        };
    }
}
