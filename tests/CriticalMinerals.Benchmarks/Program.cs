using CriticalMinerals.Benchmarks;

// dotnet run -c Release --project tests/CriticalMinerals.Benchmarks -- append|start|scale|audit [options]
// Everything is measured side by side in one run; quote ratios and medians, not single figures.
return args switch
{
    ["append", .. var rest] => await AppendBenchmark.RunAsync(rest),
    ["start", .. var rest] => await StartBenchmark.RunAsync(rest),
    ["scale", .. var rest] => await ScaleBenchmark.RunAsync(rest),
    ["audit", .. var rest] => await AuditBenchmark.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        append [--connections 64] [--entries 6000] [--rounds 5]   POST /entries beside bare Marten, alternated
        start [--entries 10000]                                   cold start on an empty and on an existing folder, memory, bytes on disk
        scale [--small 100] [--large 10000] [--rounds 5]          append rate, passport and genealogy time in a large world beside a small one
        audit [--entries 50000] [--rounds 5] [--disclosures]      an audit with all rules beside bare Ed25519 verification, and its memory
        """);
    return 2;
}
