using System.Diagnostics;
using System.Globalization;
using CriticalMinerals.Client;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Tests.Worlds;

namespace CriticalMinerals.Benchmarks;

/// <summary>
/// A small and a large generated world in two services side by side: appending, reading a passport and walking a genealogy, alternated; the median of the
/// ratios counts.
/// </summary>
internal static class ScaleBenchmark
{
    internal static async Task<int> RunAsync(string[] args)
    {
        int Option(string name, int otherwise) => AppendBenchmark.Option(args, name, otherwise);
        var (connections, entries, passports, rounds) = (Option("--connections", 64), Option("--entries", 4000), Option("--passports", 200), Option("--rounds", 5));
        await using var small = await PlayedAsync(Option("--small", 100));
        await using var large = await PlayedAsync(Option("--large", 10_000));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"each round {entries} entries over {connections} connections, one entry a request; {passports} passports and genealogies, one after another"));
        var ratios = new List<(double Append, double Passport, double Genealogy)>();
        for (var round = 0; round <= rounds; round++)
        {
            var before = await MeasureAsync(small, entries, connections, passports, round);
            var after = await MeasureAsync(large, entries, connections, passports, round);
            if (round == 0)
            {
                continue; // warm-up of both
            }

            ratios.Add((after.Rate / before.Rate, after.Passport / before.Passport, after.Genealogy / before.Genealogy));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"round {round}: append {before.Rate:F0}/s and {after.Rate:F0}/s, passport {before.Passport:F1} ms and {after.Passport:F1} ms, genealogy {before.Genealogy:F1} ms and {after.Genealogy:F1} ms (medians)"));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"large beside small: append rate {Median(ratios.Select(r => r.Append)):F2}, passport time {Median(ratios.Select(r => r.Passport)):F2}, genealogy time {Median(ratios.Select(r => r.Genealogy)):F2}"));
        return 0;
    }

    private static async Task<Played> PlayedAsync(int batteries)
    {
        var played = new Played(new LedgerUnderLoad());
        await played.PlayAsync(batteries);
        return played;
    }

    private static async Task<(double Rate, double Passport, double Genealogy)> MeasureAsync(Played played, int entries, int connections, int passports, int round)
    {
        var requests = played.Ledger.Lots(entries).Select(l => HttpConnection.Request(l.ToSdJwt())).ToArray();
        var (rate, _) = await AppendBenchmark.PostAsync(played.Ledger, requests, connections);
        var random = new Random(round);
        var (reads, walks) = (new List<double>(), new List<double>());
        for (var i = 0; i < passports; i++)
        {
            var battery = played.Batteries[random.Next(played.Batteries.Count)].Chain;
            reads.Add(await TimeAsync(() => played.Api.GetPassportAsync(Gs1.Path(battery)!)));
            walks.Add(await TimeAsync(() => played.Api.GetFileAsync("genealogy?towards=origins&sub=" + Uri.EscapeDataString(battery), 1 << 20)));
        }

        return (rate, Median(reads), Median(walks));
    }

    private static async Task<double> TimeAsync(Func<Task> call)
    {
        var begun = Stopwatch.GetTimestamp();
        await call();
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private sealed class Played(LedgerUnderLoad ledger) : IAsyncDisposable
    {
        private readonly HttpClient _http = new();

        internal LedgerUnderLoad Ledger => ledger;

        internal LedgerApi Api { get; private set; } = null!;

        internal IReadOnlyList<WorldBattery> Batteries { get; private set; } = [];

        internal async Task PlayAsync(int batteries)
        {
            await ledger.StartAsync();
            _http.BaseAddress = new Uri($"http://{ledger.Address}/");
            Api = new LedgerApi(_http);
            var clock = Stopwatch.StartNew();
            using (var world = new GeneratedWorld(
                new WorldPlan(1, batteries), DemoKeys.FolderIn(ledger.DataFolder), Api, LedgerUnderLoad.Origin, [.. await Api.GetVerifierKeysAsync()]))
            {
                await world.PlayAsync(CancellationToken.None);
                Batteries = world.Batteries;
            }

            await ledger.EnrolMinerAsync();
            var size = (await Api.GetLogAsync()).Size;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a world of {batteries} first lives: {Batteries.Count} batteries, {size} entries, played in {clock.Elapsed.TotalSeconds:F0} s"));
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await ledger.DisposeAsync();
        }
    }
}
