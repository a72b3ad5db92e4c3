using System.Data;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>A ledger of few entries that puts at least one row into every table that the entries give.</summary>
internal static class SmallLedger
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<World> InAsync(PostgresServer postgres)
    {
        var world = await World.AnOpenLogAsync(postgres);
        var (mine, refiner, maker) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.Refiner), await world.AnAsync(Role.BatteryMaker));
        await world.AdmitAsync(world.Says.Grants(maker, "952123"));
        var lot = await world.AdmitAsync(world.Says.Extracts(mine, Author.Uuid()));
        GivenTo[] given = [new(Author.Uuid(), refiner, "2.5"), new(Author.Uuid(), refiner, "0")];
        var allocated = await world.AdmitAsync(world.Says.Allocates(mine, lot.Entry.Subject, given));
        await world.AdmitAsync(world.Says.Refines(refiner, given[0].Subject, "2.5", Author.Take(allocated, 0, given[0])));
        var wrong = await world.AdmitAsync(world.Says.Extracts(mine, Author.Uuid()));
        await world.AdmitAsync(world.Says.Sign(mine, "voided.v1", wrong.Entry.Subject, new JsonObject { ["reason"] = "entered twice" }));
        var battery = (await world.ABatteryOnTheMarketAsync()).Entry.Subject;
        var used = await world.AdmitAsync(world.Says.Sign(
            maker, "put-into-service.v1", battery, new JsonObject { ["application"] = "vehicle" }, new JsonObject { ["user"] = "Maria Muster", ["site"] = "Utrecht" }));
        await world.AdmitAsync(world.Says.Sign(maker, "incident-reported.v1", battery, [], new JsonObject
        {
            ["kind"] = "accident",
            ["severity"] = "minor",
            ["report"] = new JsonObject
            {
                ["title"] = "Report", ["mediaType"] = "text/plain", ["size"] = 3, ["sha256"] = Digest.OfLeaf([1]).ToString(), ["nonce"] = StrictBase64Url.Encode(new byte[16]),
            },
        }));
        await world.AdmitAsync(world.Says.Sign(maker, "erased.v1", battery, new JsonObject
        {
            ["digests"] = new JsonArray(used.Disclosures.Single(d => d.Name == "user").Digest.ToString()),
            ["ref"] = new JsonArray(new JsonObject { ["h"] = used.Entry.LeafHash.ToString(), ["sub"] = battery }),
        }));
        await world.CheckpointAsync(world.Acknowledged.Count);
        return world;
    }

    /// <summary>What <c>verify-state</c> says of the database, or of what it would be after a change.</summary>
    public static async Task<string> VerifyAsync(World world, string? change = null)
    {
        await using var connection = new NpgsqlConnection(world.OwnerConnection);
        await connection.OpenAsync(Cancel);
        await using var changed = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, Cancel);
        if (change is not null)
        {
#pragma warning disable CA2100 // The statements stand in the tests.
            await using var command = new NpgsqlCommand(change, connection);
#pragma warning restore CA2100
            Assert.True(await command.ExecuteNonQueryAsync(Cancel) > 0, change);
        }

        return await VerifyAsync(world, connection);
    }

    /// <summary>The same of what the connection's transaction sees.</summary>
    public static async Task<string> VerifyAsync(World world, NpgsqlConnection connection)
    {
        try
        {
            var pin = new Pin(world.Folder.Path);
            return await ReplayedLog.VerifyAsync(connection, pin.Read(), Withheld.Read(pin), Cancel);
        }
        catch (StartupException wrong)
        {
            return wrong.Message;
        }
    }
}
