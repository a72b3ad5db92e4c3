using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Tests.Worlds;

/// <summary>
/// A world played through the public interface: firms, models, campaigns, lives, endings, what comes back of them into new batteries, and what is rare. A
/// refusal ends it.
/// </summary>
public sealed class GeneratedWorld(WorldPlan plan, string folder, LedgerApi api, string origin, IReadOnlyList<NoteVerifier> logKeys) : IDisposable
{
    private const int Parallel = 16;

    private readonly WorldFirms _firms = new(folder, api, origin, logKeys);
    private readonly List<WorldBattery> _batteries = [];

    /// <summary>Everybody in it.</summary>
    public WorldFirms Firms => _firms;

    /// <summary>Every battery, first lives and later ones.</summary>
    public IReadOnlyList<WorldBattery> Batteries => _batteries;

    /// <summary>Plays it.</summary>
    public async Task PlayAsync(CancellationToken cancel)
    {
        await _firms.EnrolAsync(cancel);
        var materials = new WorldMaterials(_firms, plan);
        var (lives, made) = (new WorldLives(_firms, plan), new WorldBatteries(_firms, plan, materials));
        var endings = new WorldEndings(_firms, plan, materials, lives);
        await endings.PrepareAsync(cancel);
        var models = new List<WorldModel>();
        for (var number = 0; number < WorldPlan.Models; number++)
        {
            models.Add(await new WorldModels(_firms, plan).DeclareAsync(number, cancel));
        }

        var early = plan.Batteries * 3 / 4;
        var first = await MakeAsync(made, models, early, fromDay: 500, toDay: 1500, ends: true, cancel);
        await EachAsync(first, (battery, number) => lives.LiveAsync(battery, number, cancel), cancel);
        await EndAsync(first, endings, lives, cancel);

        // What recyclers won goes into these.
        var second = await MakeAsync(made, models, plan.Batteries - early, fromDay: 2000, toDay: 2300, ends: false, cancel);
        await EachAsync(second, (battery, number) => lives.LiveAsync(battery, early + number, cancel), cancel);
        _batteries.AddRange([.. first, .. second, .. endings.Successors]);

        var exceptions = new WorldExceptions(_firms, api);
        await exceptions.OfOperatorsAsync(second[0], cancel);
        await exceptions.OfLotsAsync(cancel);
        await exceptions.OfBatteryAsync(second[1], cancel);
    }

    public void Dispose() => _firms.Dispose();

    private int _campaigns;

    private async Task<List<WorldBattery>> MakeAsync(WorldBatteries made, List<WorldModel> models, int count, int fromDay, int toDay, bool ends, CancellationToken cancel)
    {
        var batteries = new List<WorldBattery>(count);
        while (batteries.Count < count)
        {
            var day = fromDay + ((toDay - fromDay) * batteries.Count / count);
            batteries.AddRange(await made.MakeAsync(models[_campaigns % models.Count], Math.Min(plan.Campaign, count - batteries.Count), ++_campaigns, day, ends, cancel));
        }

        return batteries;
    }

    private static async Task EndAsync(List<WorldBattery> batteries, WorldEndings endings, WorldLives lives, CancellationToken cancel)
    {
        var used = new System.Collections.Concurrent.ConcurrentQueue<(string, Service.Demo.DemoFirm)>(lives.UsedModules);
        List<IReadOnlyList<WorldBattery>> Groups(Fate fate, int size) => [.. batteries.Where(b => b.Fate == fate).Chunk(size)];
        await EachAsync(
            Groups(Fate.Repurposed, 2),
            (group, number) => endings.RepurposeAsync(group, number % 2 == 0 && used.TryDequeue(out var part) ? part : null, number, cancel), cancel);
        await EachAsync(Groups(Fate.ReUsed, 1), (group, number) => endings.ReUseAsync(group[0], LinePurpose.ReUse, number, cancel), cancel);
        await EachAsync(Groups(Fate.Remanufactured, 1), (group, number) => endings.ReUseAsync(group[0], LinePurpose.Remanufacturing, 1_000_000 + number, cancel), cancel);
        await EachAsync(Groups(Fate.Dismantled, 1), (group, number) => endings.DismantleAsync(group[0], number, cancel), cancel);
        await EachAsync(Groups(Fate.Recycled, 5), (group, number) => endings.RecycleAsync(group, number, cancel), cancel);
        await EachAsync([.. batteries.Where(b => b.Fate is Fate.Disposed or Fate.Exported)], (battery, number) => endings.LeaveAsync(battery, number, cancel), cancel);
    }

    private static Task EachAsync<T>(IReadOnlyList<T> all, Func<T, int, Task> then, CancellationToken cancel) =>
        System.Threading.Tasks.Parallel.ForEachAsync(
            all.Select((one, number) => (one, number)), new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancel }, async (item, _) => await then(item.one, item.number));
}
