using System.Text.Json;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Tests.Passports;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Worlds;

/// <summary>A generated world, played once: 300 batteries, 10,000 in the full size.</summary>
public sealed class PlayedWorld(PostgresServer postgres) : IAsyncLifetime
{
    public PlayedDemo Ledger { get; } = new(postgres);

    public GeneratedWorld World { get; private set; } = null!;

    public LedgerApi Api { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Ledger.StartAsync(publicEntries: true);
        Api = new LedgerApi(Ledger.Client());
        World = new GeneratedWorld(new WorldPlan(20261126, Log.World.IsFullSize ? 10_000 : 300), Ledger.Folder, Api, PlayedDemo.Origin, Ledger.LogKeys);
        await World.PlayAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        World?.Dispose();
        await Ledger.DisposeAsync();
    }
}

public sealed class LifeOfAWorld(PlayedWorld played) : IClassFixture<PlayedWorld>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_event_of_the_catalog_happens_in_it()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var entry in EntriesAsync())
        {
            seen.Add(entry.Event);
        }

        Assert.Empty(EventCatalog.All.Select(t => t.Name).Except(seen, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_battery_has_between_5_and_60_events_and_its_passport_says_where_it_stands()
    {
        Assert.True(played.World.Batteries.Count > (Log.World.IsFullSize ? 10_000 : 300));
        await Parallel.ForEachAsync(played.World.Batteries, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancel }, async (battery, cancel) =>
        {
            var passport = await played.Api.GetPassportAsync(Gs1.Path(battery.Chain)!, cancel);
            Assert.InRange(passport.GetRawText().Length, 1, 4 * 1024 * 1024);
            string Text(string member) => passport.GetProperty(member).GetString()!;
            Assert.InRange(battery.Events, 5, 60);
            Assert.Equal(battery.Chain, Text("battery"));
            Assert.Equal(
                (JsonNamingPolicy.KebabCaseLower.ConvertName(battery.Status.ToString()), JsonNamingPolicy.KebabCaseLower.ConvertName(battery.Record.ToString()), battery.Keeper.Did),
                (Text("status"), Text("recordStatus"), passport.GetProperty("responsible").GetProperty("id").GetString()!));
        });
    }

    [Fact]
    public async Task No_element_weighs_more_than_was_mined_or_declared()
    {
        // An imported battery may have lost since what it brought.
        var imported = played.World.Batteries.ToDictionary(b => b.Chain, b => Composition.Of(b.Model.ContentOf(b.Model.Modules))!, StringComparer.Ordinal);
        var (brought, held) = (Composition.Empty, Composition.Empty);
        await foreach (var state in StatesAsync())
        {
            // What a released battery held is with whoever took it over.
            var (content, given, intake) = state switch
            {
                StockState stock => (stock.Content, stock.GivenContent ?? Composition.Empty, stock.Intake),
                BatteryState { Release: null, Stage: not BatteryStage.Ended } battery => (battery.Content, Composition.Empty, battery.Intake),
                BatteryState battery => (Composition.Empty, Composition.Empty, battery.Intake),
                _ => (Composition.Empty, Composition.Empty, new Intake()),
            };
            Assert.NotNull(content);
            Assert.All(Enum.GetValues<Mineral>(), mineral => Assert.True(given[mineral] <= content[mineral], $"{state.Subject} gave more {mineral} than it had."));
            held = held.Plus(content.Less(given));
            brought = intake.Lines > 0 ? brought : brought.Plus(imported.GetValueOrDefault(state.Subject) ?? content);
        }

        Assert.All(Enum.GetValues<Mineral>(), mineral => Assert.True(held[mineral] <= brought[mineral], $"{mineral}: {held[mineral]} of {brought[mineral]} kg"));
        Assert.All([Mineral.Lithium, Mineral.Cobalt, Mineral.Nickel, Mineral.Graphite], mineral => Assert.True(held[mineral] > default(Ratio), $"{mineral}"));
    }

    [Fact]
    public async Task The_whole_log_passes_an_audit()
    {
        var report = await new Auditor(LogFiles.At(played.Api)) { Keys = played.Ledger.LogKeys }.AuditAsync(Cancel);
        Assert.Null(report.Rejection);
    }

    [Fact]
    public async Task Every_stored_row_is_what_its_entries_give()
    {
        await using var connection = new NpgsqlConnection(played.Ledger.OwnerConnection);
        await connection.OpenAsync(Cancel);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Cancel);
        Assert.Contains("are what the entries give", await Service.Log.ReplayedLog.VerifyAsync(connection, pinned: null, withheld: null, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_100_kg_that_sixteen_ask_for_at_once_exactly_100_kg_are_given()
    {
        var miner = played.World.Firms.All(Role.Miner)[1];
        var lot = WorldPlan.Uuid(new Random(1));
        await miner.SayAsync(lot, new LotExtracted
        {
            Open = true,
            Mineral = Mineral.Cobalt,
            Product = "cobalt hydroxide",
            Site = new Place { Country = "CD" },
            Mass = Quantity.Of(100),
            Content = [new ElementMass { Element = Mineral.Cobalt, Mass = Quantity.Of(31) }],
        }, WorldPlan.Day(WorldPlan.LastDay), null, Cancel);
        var given = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => AskAsync(number, miner.KeyId, lot)));
        Assert.Equal(10, given.Sum());
        var state = await StatesAsync().FirstAsync(s => s.Subject == lot, Cancel);
        Assert.Equal(100m, Assert.IsType<StockState>(state).Given);
    }

    // One that has the firm's key and a journal of its own asks for 10 kg until there is nothing left.
    private async Task<int> AskAsync(int number, string keyId, string lot)
    {
        var folder = Directory.CreateDirectory(Path.Combine(played.Ledger.Folder, FormattableString.Invariant($"racer-{number}"))).FullName;
        File.Copy(Path.Combine(played.Ledger.Folder, "miner-2.pem"), Path.Combine(folder, "key.pem"));
        using var firm = await DemoFirm.OpenAsync(folder, "key", keyId, played.Api, PlayedDemo.Origin, played.Ledger.LogKeys, Cancel);
        for (var given = 0; ;)
        {
            try
            {
                await firm.GiveAsync(lot, new GoodsGiven(WorldPlan.Uuid(new Random(number)), firm.Did, Quantity.Of(10)), WorldPlan.Day(WorldPlan.LastDay), Cancel);
                given++;
            }
            catch (LedgerApiException refused) when (refused.Code == "chain-moved")
            {
                // Another was faster, four times.
            }
            catch (LedgerApiException refused)
            {
                Assert.Equal("quantity-exceeded", refused.Code);
                return given;
            }
        }
    }

    private async IAsyncEnumerable<Entry> EntriesAsync()
    {
        await using var database = NpgsqlDataSource.Create(played.Ledger.OwnerConnection);
        await using var command = database.CreateCommand("select bdata from ledger.mt_events");
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        while (await rows.ReadAsync(Cancel))
        {
            yield return Entry.Parse(rows.GetFieldValue<byte[]>(0), out _)!;
        }
    }

    private async IAsyncEnumerable<ChainState> StatesAsync()
    {
        await using var database = NpgsqlDataSource.Create(played.Ledger.OwnerConnection);
        await using var command = database.CreateCommand("select state from ledger.chain");
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        while (await rows.ReadAsync(Cancel))
        {
            yield return ChainState.FromBytes(rows.GetFieldValue<byte[]>(0));
        }
    }
}
