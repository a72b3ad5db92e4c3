using System.Globalization;
using Npgsql;

namespace CriticalMinerals.Benchmarks;

/// <summary>From the start of the process to "listens", on an empty folder and on the one left behind; memory and disk after some entries.</summary>
internal static class StartBenchmark
{
    internal static async Task<int> RunAsync(string[] args)
    {
        var entries = AppendBenchmark.Option(args, "--entries", 10_000);
        await using var ledger = new LedgerUnderLoad();
        Say($"cold start, empty folder: {(await ledger.StartAsync()).TotalSeconds:F2} s");
        await ledger.OpenLogAsync();
        var before = await SizeAsync(ledger);
        Say($"memory before: {Resident(ledger):F0} MB resident");
        var (rate, _) = await AppendBenchmark.PostAsync(ledger, [.. ledger.Lots(entries).Select(l => HttpConnection.Request(l.ToSdJwt()))], 64);
        Say($"memory after {entries} entries: {Resident(ledger):F0} MB resident ({rate:F0} entries/s on the way)");
        var after = await SizeAsync(ledger);
        Say($"database: {(after - before) / (double)entries:F0} bytes an entry, indexes and disclosures included");
        await ledger.StopAsync();
        for (var i = 0; i < 3; i++)
        {
            Say($"start on the existing folder: {(await ledger.StartAsync()).TotalSeconds:F2} s");
            await ledger.StopAsync();
        }

        return 0;
    }

    private static double Resident(LedgerUnderLoad ledger)
    {
        ledger.Process.Refresh();
        return ledger.Process.WorkingSet64 / 1048576.0;
    }

    private static async Task<long> SizeAsync(LedgerUnderLoad ledger)
    {
        await using var owner = NpgsqlDataSource.Create(AppendBenchmark.OwnerConnection(ledger) + ";Pooling=false");
        await using var size = owner.CreateCommand("select pg_database_size(current_database())");
        return (long)(await size.ExecuteScalarAsync())!;
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
