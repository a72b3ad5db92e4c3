using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Demo;

/// <summary>
/// A whole life, said through the public interface as its firms would: four minerals become cells, modules and batteries; one battery drives in a fleet, is
/// repaired and has an accident; with another it becomes a storage battery; a third is recycled, and its cobalt comes back in a new battery. Quantities and
/// values are of the size that real ones have, and no element weighs more anywhere than went in.
/// </summary>
/// <param name="folder">Where the demo's keys and journals are.</param>
/// <param name="api">The ledger.</param>
/// <param name="origin">The log.</param>
/// <param name="logKeys">Keys that receipts must be signed with.</param>
/// <param name="today">The day on which the demo plays; its story lies in the years before.</param>
public sealed class DemoLife(string folder, LedgerApi api, string origin, IReadOnlyList<NoteVerifier> logKeys, DateTimeOffset today) : IDisposable
{
    /// <summary>The battery whose first life is told in full; it went into <see cref="StorageBattery"/>.</summary>
    public static readonly string Battery = Gs1.Item(DemoModels.AuroraGtin, "AU75-000123");

    /// <summary>A battery of the same model that served a family, and then went into <see cref="StorageBattery"/> too.</summary>
    public static readonly string FamilyBattery = Gs1.Item(DemoModels.AuroraGtin, "AU75-000131");

    /// <summary>A battery of the same model that stood in a flood and was recycled.</summary>
    public static readonly string FloodedBattery = Gs1.Item(DemoModels.AuroraGtin, "AU75-000007");

    /// <summary>A new battery whose cells hold cobalt of <see cref="FloodedBattery"/>.</summary>
    public static readonly string NewBattery = Gs1.Item(DemoModels.AuroraGtin, "AU75-004711");

    /// <summary>The second life of two batteries.</summary>
    public static readonly string StorageBattery = Gs1.Item(DemoModels.StorageGtin, "SC140-00042");

    private readonly DemoCalendar _calendar = new(today);
    private DemoFirms? _firms;

    /// <summary>Plays what has not been played yet.</summary>
    /// <exception cref="LedgerApiException">The ledger refused or could not be reached; the next call goes on from there.</exception>
    public async Task PlayAsync(CancellationToken cancel)
    {
        _firms ??= new DemoFirms(folder, api, origin, logKeys, _calendar);
        await _firms.EnrolAsync(cancel);
        var models = new DemoModels(_firms, _calendar);
        var materials = new DemoMaterials(_firms, _calendar);
        var parts = new DemoParts(_firms, _calendar);
        var batteries = new DemoBatteries(_firms, _calendar, models);
        var use = new DemoUse(_firms, _calendar);
        var secondLife = new DemoSecondLife(_firms, _calendar, models);
        var recycling = new DemoRecycling(_firms, _calendar);

        await Task.WhenAll(models.DeclareAsync(cancel), materials.RefineAsync(cancel));
        await materials.MakeAsync(DemoLot.FirstCathode, cancel);
        await parts.MakeAsync(DemoBatch.First, cancel);
        await batteries.MakeAsync(FloodedBattery, DemoBatch.First, 16, 1730, 7, cancel);
        await batteries.MakeAsync(Battery, DemoBatch.First, 0, 1720, 123, cancel);
        await batteries.MakeAsync(FamilyBattery, DemoBatch.First, 8, 1715, 131, cancel);

        await Task.WhenAll(use.DriveInAFleetAsync(Battery, cancel), use.DriveAFamilyAsync(FamilyBattery, cancel), use.StandInAFloodAsync(FloodedBattery, cancel));
        await Task.WhenAll(secondLife.BeginAsync(StorageBattery, [Battery, FamilyBattery], cancel), recycling.RecycleAsync(FloodedBattery, cancel));

        await materials.MakeAsync(DemoLot.SecondCathode, cancel);
        await parts.MakeAsync(DemoBatch.Second, cancel);
        await batteries.MakeAsync(NewBattery, DemoBatch.Second, 0, 560, 4711, cancel);
    }

    public void Dispose() => _firms?.Dispose();
}
