using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Attachments;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Tests.Callers;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Attachments;

/// <summary>A document is brought while what names it is being erased: whoever comes first, nothing of it stays.</summary>
public sealed class UploadsAndErasure(PostgresServer postgres, ClosedWorld closed)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_waits_for_an_erasure_under_way_and_then_keeps_nothing()
    {
        var world = await closed.GetAsync(postgres);
        var (bytes, nonce) = (RandomNumberGenerator.GetBytes(300_000), RandomNumberGenerator.GetBytes(16));
        var (reported, name, index) = await ReportAsync(world, bytes, nonce);
        await using var erasing = await OpenAsync(world);
        await using var transaction = await erasing.BeginTransactionAsync(Cancel);
        await EraseAsync(erasing, reported);

        // The upload comes to where it looks whether the document is still named.
        var keeping = KeepAsync(world, name, bytes, index);
        await WaitsForAsync(world, keeping, erasing);
        await transaction.CommitAsync(Cancel);
        Assert.Null(await keeping);
        Assert.Equal(0, await world.AskAsync<long>($"select (select count(*) from ledger.attachment where {Is(name)}) + (select count(*) from ledger.attachment_part where {Is(name)}) + (select count(*) from ledger.document where {Is(name)})"));
        Assert.Null(await KeepAsync(world, name, bytes, index));
    }

    [Fact]
    public async Task Where_two_entries_name_a_document_and_the_one_that_brought_it_is_erased_while_it_is_brought_for_the_other_it_is_whole_for_the_other()
    {
        var world = await closed.GetAsync(postgres);
        foreach (var isErasedFirst in (bool[])[true, false])
        {
            var (bytes, nonce) = (RandomNumberGenerator.GetBytes(300_000), RandomNumberGenerator.GetBytes(16));
            var (reported, name, index) = await ReportAsync(world, bytes, nonce);
            Assert.True(await KeepAsync(world, name, bytes, index));
            var (_, _, other) = await ReportAsync(world, bytes, nonce);
            await using var one = await OpenAsync(world);
            await using var transaction = await one.BeginTransactionAsync(Cancel);
            if (isErasedFirst)
            {
                await EraseAsync(one, reported);
                var keeping = KeepAsync(world, name, bytes, other);
                await WaitsForAsync(world, keeping, one);
                await transaction.CommitAsync(Cancel);
                Assert.True(await keeping);
            }
            else
            {
                // Somebody holds up the upload where it looks at the entry that it is for; the erasure comes while it waits.
                await using (var hold = new NpgsqlCommand("select from ledger.document where sha256 = $1 and leaf_index = $2 for update", one))
                {
                    hold.Parameters.Add(new() { Value = name.ToArray() });
                    hold.Parameters.Add(new() { Value = other });
                    await hold.ExecuteNonQueryAsync(Cancel);
                }

                var keeping = KeepAsync(world, name, bytes, other);
                await WaitsForAsync(world, keeping, one);
                await using var erasing = await OpenAsync(world);
                await using var erased = await erasing.BeginTransactionAsync(Cancel);
#pragma warning disable CA2025 // It is waited for below.
                var erasure = EraseAsync(erasing, reported);
#pragma warning restore CA2025
                while (!erasure.IsCompleted && await world.AskAsync<bool>($"select cardinality(pg_blocking_pids({erasing.ProcessID})) = 0"))
                {
                    await Task.Yield();
                }

                Assert.False(erasure.IsCompleted, "It did not wait for the upload.");
                await transaction.CommitAsync(Cancel);
                Assert.True(await keeping);
                await erasure;
                await erased.CommitAsync(Cancel);
            }

            Assert.Equal(bytes.Length, await world.AskAsync<long>($"select sum(length(p.bytes)) from ledger.attachment a join ledger.attachment_part p using (sha256) where {Is(name)}"));
            Assert.Equal(other, await world.AskAsync<long>($"select leaf_index from ledger.document where {Is(name)} and brought"));
        }
    }

    private static async Task<(SignedEntry Reported, Digest Name, long Index)> ReportAsync(World world, byte[] bytes, byte[] nonce)
    {
        var name = Digest.Sha256([.. nonce, .. bytes]);
        var battery = (await world.ABatteryOnTheMarketAsync()).Entry.Subject;
        var reported = await world.AdmitAsync(world.Says.Sign(await world.AnAsync(Role.BatteryMaker), "incident-reported.v1", battery, hidden: new JsonObject
        {
            ["kind"] = "accident",
            ["severity"] = "minor",
            ["report"] = new JsonObject { ["title"] = "Report", ["mediaType"] = "application/pdf", ["size"] = bytes.Length, ["sha256"] = name.ToString(), ["nonce"] = StrictBase64Url.Encode(nonce) },
        }));
        return (reported, name, await world.AskAsync<long>($"select index from ledger.leaf where hash = '\\x{Convert.ToHexString(reported.Entry.LeafHash.ToArray())}'"));
    }

    private static async Task<NpgsqlConnection> OpenAsync(World world)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(world.ServiceConnection) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Cancel);
        return connection;
    }

    // What the log's commit does when erased.v1 is admitted, in a transaction that is not at its end.
    private static async Task EraseAsync(NpgsqlConnection erasing, SignedEntry reported)
    {
        await using (var erased = new NpgsqlCommand("insert into ledger.erasure (leaf_index, digest, erased_by) select index, $2, index from ledger.leaf where hash = $1", erasing))
        {
            erased.Parameters.Add(new() { Value = reported.Entry.LeafHash.ToArray() });
            erased.Parameters.Add(new() { Value = reported.Disclosures.Single(d => d.Name == "report").Digest.ToArray() });
            Assert.Equal(1, await erased.ExecuteNonQueryAsync(Cancel));
        }

        Assert.Equal(1, await Erasure.ApplyAsync(erasing, 0, Cancel));
    }

    private static async Task WaitsForAsync(World world, Task waiting, NpgsqlConnection other)
    {
        while (!waiting.IsCompleted && await world.AskAsync<bool>($"select not exists (select from pg_stat_activity where {other.ProcessID} = any(pg_blocking_pids(pid)))"))
        {
            await Task.Yield();
        }

        Assert.False(waiting.IsCompleted, "It did not wait.");
    }

    private static string Is(Digest name) => $"sha256 = '\\x{Convert.ToHexString(name.ToArray())}'";

    private static async Task<bool?> KeepAsync(World world, Digest name, byte[] bytes, long index)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(world.ServiceConnection) { Pooling = false });
        using var document = new MemoryStream(bytes);
        return await new AttachmentStore(database, new EntryReader(database)).KeepAsync(name, document, [index], Cancel);
    }
}
