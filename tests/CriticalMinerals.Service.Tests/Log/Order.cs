using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>One order, whoever writes and to whichever node.</summary>
public sealed class Order(PostgresServer postgres, SharedWorld shared)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_64_writers_on_one_battery_one_wins_each_round_and_the_others_are_told_its_head()
    {
        var world = await shared.GetAsync(postgres);
        var maker = await world.AnAsync(Role.BatteryMaker);
        var battery = await world.ABatteryOnTheMarketAsync();
        for (var round = 0; round < (World.IsFullSize ? 50 : 5); round++)
        {
            var tries = Enumerable.Range(0, 64).Select(_ => world.Says.Measures(maker, battery.Entry.Subject)).ToArray();

            var answers = await Task.WhenAll(tries.Select((entry, i) => world.PostAsync(entry, i % 2)));

            var winner = tries[Array.FindIndex(answers, a => a.Status == 201)];
            Assert.Equal(1, answers.Count(a => a.IsIn));
            Assert.All(answers.Where(a => !a.IsIn), a =>
            {
                Assert.Equal((409, "chain-moved"), (a.Status, a.Code));
                using var problem = JsonDocument.Parse(a.Body);
                var head = problem.RootElement.GetProperty("head");
                Assert.Equal(battery.Entry.Subject, head.GetProperty("sub").GetString());
                Assert.Equal(winner.Entry.Sequence, head.GetProperty("seq").GetInt64());
                Assert.Equal(winner.Entry.LeafHash.ToString(), head.GetProperty("h").GetString());
            });
            world.Says.Stands(winner);
        }

        await IndependentAudit.AcceptsAsync(world, node: 1);
    }

    [Fact]
    public async Task Whatever_many_submitters_say_to_two_nodes_an_independent_audit_derives_the_same_log()
    {
        var world = await shared.GetAsync(postgres);
        var total = World.IsFullSize ? 100_000 : 600;
        var writers = World.IsFullSize ? 32 : 8;
        var firms = new FirmNames();

        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => new RandomTrade(world, firms, new Random(writer), node: writer % 2).PlayAsync(total / writers)));

        Assert.True(await IndependentAudit.AcceptsAsync(world) >= total);
    }

    [Fact]
    public async Task What_the_database_refuses_fails_alone_and_the_rest_of_its_batch_is_admitted()
    {
        var world = await World.AnOpenLogAsync(postgres);
        await using var _ = world;
        var miner = await world.AnAsync(Role.Miner);
        var lots = Enumerable.Range(0, 100).Select(_ => world.Says.Extracts(miner, Author.Uuid())).ToArray();
        await world.DoAsync(
            $"""
            alter table ledger.leaf add constraint refused check (chain <> '{lots[37].Entry.Subject}') not valid;
            create function ledger.no() returns trigger language plpgsql as $no$ begin raise exception 'no'; end $no$;
            create trigger no before insert on ledger.chain for each row when (new.sub = '{lots[60].Entry.Subject}') execute function ledger.no();
            """);

        var answers = await world.StreamAsync(lots);

        Assert.Equal([37, 60], Enumerable.Range(0, 100).Where(i => !answers[i].IsIn));
        Assert.All(new[] { answers[37], answers[60] }, a => Assert.Equal((500, "storage-refused"), (a.Status, a.Code)));
        await world.DoAsync("alter table ledger.leaf drop constraint refused; drop trigger no on ledger.chain");
        Assert.Equal([201, 201], (await world.StreamAsync([lots[37], lots[60]])).Select(a => a.Status));
        await IndependentAudit.AcceptsAsync(world);
    }

    [Fact]
    public async Task The_head_that_one_node_states_is_as_new_as_what_the_other_has_acknowledged()
    {
        var world = await shared.GetAsync(postgres);
        var maker = await world.AnAsync(Role.BatteryMaker);
        var battery = await world.ABatteryOnTheMarketAsync();
        for (var round = 0; round < 20; round++)
        {
            var newest = await world.AdmitAsync(world.Says.Measures(maker, battery.Entry.Subject), round % 2);
            var text = await world.Http((round + 1) % 2).GetStringAsync("/head?sub=" + Uri.EscapeDataString(battery.Entry.Subject), Cancel);
            var head = HeadStatement.Parse(text, out var fault);
            Assert.True(head is not null, fault?.Detail);
            Assert.Equal(newest.Entry.LeafHash, head.Head);
        }
    }

    [Fact]
    public async Task After_everything_the_outbox_is_empty_and_the_checkpoint_has_come_to_the_end()
    {
        await using var world = await World.AnOpenLogAsync(postgres, nodes: 2);
        var miner = await world.AnAsync(Role.Miner);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(node => world.AdmitAsync([.. Enumerable.Range(0, 200).Select(_ => world.Says.Extracts(miner, Author.Uuid()))], node)));

        var size = await world.AskAsync<long>("select size from ledger.state");
        Assert.Equal(402, size);
        Assert.Equal((ulong)size, (await world.CheckpointAsync(size)).Size);
        Assert.Equal((ulong)size, (await world.CheckpointAsync(size, node: 1)).Size);
        while (await world.AskAsync<long>("select (select count(*) from ledger.wolverine_incoming_envelopes where status <> 'Handled') + (select count(*) from ledger.wolverine_outgoing_envelopes)") > 0)
        {
            // Each question takes its time; the run's own limit ends it.
        }

        Assert.Equal(0, await world.AskAsync<long>("select count(*) from ledger.wolverine_dead_letters"));
    }
}
