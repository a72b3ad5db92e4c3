using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using Npgsql;

namespace CriticalMinerals.Benchmarks;

/// <summary>Single <c>POST /entries</c> over kept-alive connections beside bare Marten with as many callers: rounds alternate, the median of the ratios counts.</summary>
internal static class AppendBenchmark
{
    internal static async Task<int> RunAsync(string[] args)
    {
        var (connections, entries, rounds) = (Option(args, "--connections", 64), Option(args, "--entries", 6000), Option(args, "--rounds", 5));
        await using var ledger = new LedgerUnderLoad();
        await ledger.StartAsync();
        await ledger.OpenLogAsync();
        await using var bare = new BareMarten(await BareDatabaseAsync(ledger));
        await bare.MigrateAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{connections} connections, {entries} entries a round, leaf {ledger.Lots(1)[0].Entry.Leaf.Length} bytes, 3 disclosures each"));

        var ratios = new List<double>();
        for (var round = 0; round <= rounds; round++)
        {
            var lots = ledger.Lots(entries);
            var requests = lots.Select(l => HttpConnection.Request(l.ToSdJwt())).ToArray();
            var (ours, latencies) = await PostAsync(ledger, requests, connections);
            var theirs = await AppendAsync(bare, lots, connections);
            if (round == 0)
            {
                continue; // warm-up of both
            }

            ratios.Add(ours / theirs);
            Array.Sort(latencies);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"round {round}: ledger {ours:F0}/s (p50 {latencies[latencies.Length / 2]:F1} ms, p99 {latencies[latencies.Length * 99 / 100]:F1} ms), bare Marten {theirs:F0}/s, ratio {ours / theirs:F2}"));
        }

        ratios.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median ratio {ratios[ratios.Count / 2]:F2} (min {ratios[0]:F2}, max {ratios[^1]:F2})"));
        return 0;
    }

    internal static int Option(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

    /// <summary>Posts all requests; entries a second and each one's latency in milliseconds.</summary>
    internal static async Task<(double Rate, double[] Latencies)> PostAsync(LedgerUnderLoad ledger, byte[][] requests, int connections)
    {
        var next = -1;
        var latencies = new double[requests.Length];
        var open = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => HttpConnection.OpenAsync(ledger.Address)));
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(open.Select(async connection =>
        {
            while (Interlocked.Increment(ref next) is var i && i < requests.Length)
            {
                var begun = Stopwatch.GetTimestamp();
                if (await connection.SendAsync(requests[i]) is not 201 and var status)
                {
                    throw new InvalidOperationException($"An entry was answered with {status}.");
                }

                latencies[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }
        }));
        var rate = requests.Length / clock.Elapsed.TotalSeconds;
        foreach (var connection in open)
        {
            await connection.DisposeAsync();
        }

        return (rate, latencies);
    }

    private static async Task<double> AppendAsync(BareMarten bare, SignedEntry[] lots, int callers)
    {
        var next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < lots.Length)
            {
                await bare.AppendAsync(lots[i]);
            }
        })));
        return lots.Length / clock.Elapsed.TotalSeconds;
    }

    private static async Task<string> BareDatabaseAsync(LedgerUnderLoad ledger)
    {
        await using (var owner = NpgsqlDataSource.Create(OwnerConnection(ledger)))
        {
            await using var create = owner.CreateCommand("create database bare");
            await create.ExecuteNonQueryAsync();
        }

        return new NpgsqlConnectionStringBuilder(OwnerConnection(ledger)) { Database = "bare", MaxPoolSize = 64 }.ConnectionString;
    }

    /// <summary>The owner's way into the service's private database.</summary>
    internal static string OwnerConnection(LedgerUnderLoad ledger)
    {
        var identity = JsonNode.Parse(File.ReadAllText(Path.Combine(ledger.DataFolder, "cluster.json")))!;
        var port = File.ReadLines(Path.Combine((string)identity["Folder"]!, "postmaster.pid")).ElementAt(3);
        return $"Host=127.0.0.1;Port={port};Username=ledger_owner;Password={identity["OwnerPassword"]};Database=ledger";
    }
}
