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
        var maker = await world.AnAsync(Role.BatteryMaker);
        var battery = (await world.ABatteryOnTheMarketAsync()).Entry.Subject;
        var (bytes, nonce) = (RandomNumberGenerator.GetBytes(300_000), RandomNumberGenerator.GetBytes(16));
        var name = Digest.Sha256([.. nonce, .. bytes]);
        var reported = await world.AdmitAsync(world.Says.Sign(maker, "incident-reported.v1", battery, hidden: new JsonObject
        {
            ["kind"] = "accident",
            ["severity"] = "minor",
            ["report"] = new JsonObject { ["title"] = "Report", ["mediaType"] = "application/pdf", ["size"] = bytes.Length, ["sha256"] = name.ToString(), ["nonce"] = StrictBase64Url.Encode(nonce) },
        }));

        // The erasure has deleted, in a transaction that is not at its end: what the log's commit does when erased.v1 is admitted.
        var service = new NpgsqlConnectionStringBuilder(world.ServiceConnection) { Pooling = false }.ConnectionString;
        await using var erasing = new NpgsqlConnection(service);
        await erasing.OpenAsync(Cancel);
        await using var transaction = await erasing.BeginTransactionAsync(Cancel);
        await using (var erased = new NpgsqlCommand("insert into ledger.erasure (leaf_index, digest, erased_by) select index, $2, index from ledger.leaf where hash = $1", erasing))
        {
            erased.Parameters.Add(new() { Value = reported.Entry.LeafHash.ToArray() });
            erased.Parameters.Add(new() { Value = reported.Disclosures.Single(d => d.Name == "report").Digest.ToArray() });
            Assert.Equal(1, await erased.ExecuteNonQueryAsync(Cancel));
        }

        Assert.Equal(1, await Erasure.ApplyAsync(erasing, 0, Cancel));

        // The upload comes to where it looks whether the document is still named.
        var keeping = KeepAsync(service, name, bytes);
        while (!keeping.IsCompleted && await world.AskAsync<bool>($"select not exists (select from pg_stat_activity where {erasing.ProcessID} = any(pg_blocking_pids(pid)))"))
        {
            await Task.Yield();
        }

        Assert.False(keeping.IsCompleted, "It did not wait for the erasure.");
        await transaction.CommitAsync(Cancel);
        Assert.Null(await keeping);
        var sha256 = $"sha256 = '\\x{Convert.ToHexString(name.ToArray())}'";
        Assert.Equal(0, await world.AskAsync<long>($"select (select count(*) from ledger.attachment where {sha256}) + (select count(*) from ledger.attachment_part where {sha256}) + (select count(*) from ledger.document where {sha256})"));
        Assert.Null(await KeepAsync(service, name, bytes));
    }

    private static async Task<bool?> KeepAsync(string service, Digest name, byte[] bytes)
    {
        await using var database = NpgsqlDataSource.Create(service);
        using var document = new MemoryStream(bytes);
        return await new AttachmentStore(database, new EntryReader(database)).KeepAsync(name, document, Cancel);
    }
}
