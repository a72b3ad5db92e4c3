using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Callers;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>Whoever asks for many long answers at once, which nobody has to say who he is for, leaves room for the others.</summary>
public sealed class LongAnswers(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_so_many_answers_that_rest_on_very_many_entries_are_put_together_at_once_and_short_ones_wait_for_none_of_them()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var maker = await world.AnAsync(Role.BatteryMaker);
        var (brief, lengthy) = ((await world.ABatteryOnTheMarketAsync()).Entry.Subject, (await world.ABatteryOnTheMarketAsync()).Entry.Subject);
        Assert.All(await world.StreamAsync([.. Enumerable.Range(0, LongReads.Short).Select(_ => world.Says.Stands(world.Says.Measures(maker, lengthy)))]), answer => Assert.True(answer.IsIn, answer.ToString()));
        static string[] Of(string battery) => [$"/evidence?sub={battery}", $"/id/{battery["urn:uuid:".Length..]}"];

        // While nobody can read a disclosure, no answer comes to its end.
        await using var held = new NpgsqlConnection(world.OwnerConnection);
        await held.OpenAsync(Cancel);
        await using var transaction = await held.BeginTransactionAsync(Cancel);
        await using (var hold = new NpgsqlCommand("lock table ledger.disclosure", held))
        {
            await hold.ExecuteNonQueryAsync(Cancel);
        }

        List<Task<Heard>> answers = [.. Enumerable.Range(0, LongReads.Turns).Select(i => world.AskAsync(Of(lengthy)[i % 2]))];
        await WaitingAsync(LongReads.Turns);
        var refused = await Task.WhenAll(Of(lengthy).Select(path => world.AskAsync(path)));
        Assert.All(refused, answer => Assert.Equal(("503 reads-busy", "1"), (answer.ToString(), answer.Header("Retry-After"))));
        answers.AddRange(Of(brief).Select(path => world.AskAsync(path)));
        await WaitingAsync(LongReads.Turns + 2);

        await transaction.CommitAsync(Cancel);
        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal("200", answer.ToString()));
        Assert.All(await Task.WhenAll(Of(lengthy).Concat(Of(lengthy)).Concat(Of(lengthy)).Select(path => world.AskAsync(path))), answer => Assert.Equal("200", answer.ToString()));

        async Task WaitingAsync(int count)
        {
            while (answers.Count == count && await world.AskAsync<long>($"select count(*) from pg_stat_activity where {held.ProcessID} = any(pg_blocking_pids(pid))") < count)
            {
                Assert.DoesNotContain(answers, answer => answer.IsCompleted);
                await Task.Yield();
            }
        }
    }
}
