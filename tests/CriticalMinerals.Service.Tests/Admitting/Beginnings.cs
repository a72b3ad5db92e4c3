using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Admitting;

/// <summary>The first entry of a log, and more entries than it takes at once.</summary>
public sealed class Beginnings(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_log_takes_its_opening_by_its_own_authority_and_nothing_before_it()
    {
        await using var world = await World.AClosedLogAsync(postgres);
        var says = world.Says;
        var miner = Party.Of("did:web:miner.example");

        Assert.Equal("409 log-not-open", await SaidAsync(world, says.Enrols(miner, Role.Miner)));
        Assert.Equal("409 log-not-open", await SaidAsync(world, says.Extracts(miner, Author.Uuid())));
        Assert.Equal("403 authority-foreign", await SaidAsync(world, says.Opens(by: Party.Of(says.LogDid, "authority"))));
        Assert.Equal("422 predecessor-missing", await SaidAsync(world, says.Opens(after: new JsonObject { ["origin"] = "ledger.example.com/log/2025", ["size"] = 7, ["root"] = Digest.Zero.ToString() })));
        Assert.Equal("422 log-foreign", await SaidAsync(world, new Author("ledger.example.com/another").Opens()));
        Assert.Equal("403 log-key-foreign", await SaidAsync(world, Opening(says, Party.Of(says.LogDid, "log"))));
        Assert.Equal(0, await world.AskAsync<long>("select count(*) from ledger.leaf"));

        await world.AdmitAsync(says.Opens());
        Assert.Equal("409 log-already-open", await SaidAsync(world, says.Opens()));
        await world.AdmitAsync(says.Enrols(miner, Role.Miner));
        await IndependentAudit.AcceptsAsync(world);
    }

    [Fact]
    public async Task Two_nodes_that_start_at_once_on_nothing_keep_one_log()
    {
        await using var world = await World.AnOpenLogAsync(postgres, nodes: 2);
        var lot = await world.ALotAsync();
        Assert.Equal(200, (await world.PostAsync(lot, node: 1)).Status);
        await world.AdmitAsync(world.Says.Extracts(await world.AnAsync(Role.Miner), Author.Uuid()), node: 1);
        await IndependentAudit.AcceptsAsync(world);
    }

    [Fact]
    public async Task When_more_entries_wait_than_the_ledger_takes_the_next_is_told_to_come_again_and_none_that_waited_is_lost()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var miner = await world.AnAsync(Role.Miner);
        Task<IReadOnlyList<Answer>>[] streams;
        var (alone, refused) = (new List<(SignedEntry Entry, Task<Answer> Answer)>(), new List<SignedEntry>());
        await using (var blocker = new NpgsqlConnection(world.OwnerConnection))
        {
            // With the state row held, nothing is decided and everything waits.
            await blocker.OpenAsync(Cancel);
            await using var transaction = await blocker.BeginTransactionAsync(Cancel);
            await using var hold = new NpgsqlCommand("select size from ledger.state for update", blocker, transaction);
            await hold.ExecuteScalarAsync(Cancel);

            // Streams are slowed down, never refused: each has at most 1,024 lines under way.
            streams = [.. Enumerable.Range(0, 6).Select(_ =>
                world.StreamAsync([.. Enumerable.Range(0, ((Sequencer.QueueLength + Sequencer.BatchSize) / 6) + 200).Select(_ => world.Says.Extracts(miner, Author.Uuid()))]))];
            while (refused.Count < 3)
            {
                var entry = world.Says.Extracts(miner, Author.Uuid());
                var answer = world.PostAsync(entry);
                await world.Http().GetStringAsync("/health/live", Cancel);
                if (!answer.IsCompleted)
                {
                    alone.Add((entry, answer));
                    continue;
                }

                var said = await answer;
                Assert.Equal((503, "overloaded"), (said.Status, said.Code));
                refused.Add(entry);
            }

            await transaction.RollbackAsync(Cancel);
        }

        foreach (var stream in streams)
        {
            Assert.All(await stream, a => Assert.Equal(201, a.Status));
        }

        foreach (var (entry, answer) in alone)
        {
            // Some may have been refused a moment after they were counted as waiting.
            if ((await answer).Status == 503)
            {
                refused.Add(entry);
            }
        }

        Assert.All(await Task.WhenAll(refused.Select(entry => world.IndexAsync(entry))), Assert.Null);
        Assert.All(await world.StreamAsync(refused), a => Assert.Equal(201, a.Status));
        await IndependentAudit.AcceptsAsync(world);
    }

    private static async Task<string> SaidAsync(World world, SignedEntry entry)
    {
        var answer = await world.PostAsync(entry);
        return $"{answer.Status} {answer.Code}";
    }

    /// <summary>An opening that names another log key than the service holds.</summary>
    private static SignedEntry Opening(Author says, Party log)
    {
        var data = JsonNode.Parse(says.Opens().Entry.Data.GetRawText())!.AsObject();
        data["log"] = Author.Declare(log, says.Origin, Lifecycle.KeyUse.Log);
        return says.Sign(says.Authority, "log-opened.v1", says.LogChain, data);
    }
}
