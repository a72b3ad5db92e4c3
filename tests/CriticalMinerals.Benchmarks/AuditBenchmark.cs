using System.Diagnostics;
using System.Globalization;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using NSec.Cryptography;

namespace CriticalMinerals.Benchmarks;

/// <summary>
/// A whole audit of a folder, rules and all, beside bare NSec verification of the same signatures on all cores: rounds alternate, the median of the ratios counts.
/// Memory is that of an audit in a process of its own.
/// </summary>
internal static class AuditBenchmark
{
    // Bare verification goes over so many of the entries, held in memory before the clock starts.
    private const int Held = 50_000;

    internal static async Task<int> RunAsync(string[] args)
    {
        if (args is ["memory", var where, var key])
        {
            return await MeasureMemoryAsync(where, key);
        }

        var (entries, rounds) = (AppendBenchmark.Option(args, "--entries", 50_000), AppendBenchmark.Option(args, "--rounds", 5));
        var folder = Directory.CreateTempSubdirectory("critical-minerals-audit-");
        try
        {
            var clock = Stopwatch.StartNew();
            using var log = AuditedLog.Write(folder.FullName, entries, args.Contains("--disclosures"));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{log.Size} entries on {log.Chains} chains, {log.Bytes / (double)log.Size:F0} bytes an entry, disclosures {(args.Contains("--disclosures") ? "shown" : "withheld")}; signed in {clock.Elapsed.TotalSeconds:F0} s; {Environment.ProcessorCount} cores"));
            var signatures = Signatures(folder.FullName, log);
            var (ratios, busy) = (new List<double>(), new List<double>());
            for (var round = 0; round <= rounds; round++)
            {
                var begun = Processor();
                var bare = Verify(signatures);
                var between = Processor();
                var ours = await AuditAsync(folder.FullName, log.VerifierKey);
                var (bareWork, ourWork) = ((between - begun) / signatures.Length, (Processor() - between) / log.Size);
                if (round == 0)
                {
                    continue; // warm-up of both
                }

                ratios.Add(ours / bare);
                busy.Add(bareWork / ourWork);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round}: audit {ours:F0}/s, bare verification {bare:F0}/s, ratio {ours / bare:F2}; processor time {ourWork:F1} and {bareWork:F1} µs an entry, ratio {bareWork / ourWork:F2}"));
            }

            ratios.Sort();
            busy.Sort();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"median ratio {ratios[ratios.Count / 2]:F2} (min {ratios[0]:F2}, max {ratios[^1]:F2}); of processor time, which others on the machine disturb less, {busy[busy.Count / 2]:F2}"));
            using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. OwnAssembly(), "audit", "memory", folder.FullName, log.VerifierKey.ToString()]))!;
            await child.WaitForExitAsync();
            return child.ExitCode;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Microseconds that this process has used of all cores.
    private static double Processor() => Process.GetCurrentProcess().TotalProcessorTime.TotalMicroseconds;

    private static IEnumerable<string> OwnAssembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Path.Combine(AppContext.BaseDirectory, "CriticalMinerals.Benchmarks.dll")] : [];

    private static async Task<double> AuditAsync(string folder, NoteVerifier key)
    {
        var clock = Stopwatch.StartNew();
        var report = await new Auditor(LogFiles.In(folder)) { Keys = [key] }.AuditAsync();
        return report.IsVerified ? report.Entries / clock.Elapsed.TotalSeconds : throw new InvalidOperationException(report.Rejection!.ToString());
    }

    private static double Verify((PublicKey Key, byte[] Input, byte[] Signature)[] signatures)
    {
        var clock = Stopwatch.StartNew();
        Parallel.ForEach(signatures, s =>
        {
            if (!SignatureAlgorithm.Ed25519.Verify(s.Key, s.Input, s.Signature))
            {
                throw new InvalidOperationException("A signature is wrong.");
            }
        });
        return signatures.Length / clock.Elapsed.TotalSeconds;
    }

    private static (PublicKey Key, byte[] Input, byte[] Signature)[] Signatures(string folder, AuditedLog log)
    {
        var keys = log.Keys.ToDictionary(k => k.Key, k => PublicKey.Import(SignatureAlgorithm.Ed25519, k.Value.VerifyingKey.ToArray(), KeyBlobFormat.RawPublicKey), StringComparer.Ordinal);
        return [.. Tile.AllOf(Math.Min(log.Size, Held)).TakeWhile(t => t.Level == 0)
            .SelectMany(tile =>
            {
                var whole = Tile.At(0, tile.Index, log.Size)!.Value;
                return EntryBundle.Decode(File.ReadAllBytes(Path.Combine(folder, whole.EntriesPath)), whole.Width, out _)!.Take(tile.Width);
            })
            .Select(leaf => Entry.Parse(leaf, out _)!)
            .Select(entry => (keys[entry.KeyId], entry.SigningInput.ToArray(), System.Buffers.Text.Base64Url.DecodeFromUtf8(entry.Leaf.Span[(entry.SigningInput.Length + 1)..])))];
    }

    private static async Task<int> MeasureMemoryAsync(string folder, string key)
    {
        var (heap, resident) = (GC.GetTotalMemory(forceFullCollection: true), Status("VmRSS"));
        var watch = new Watch();
        var report = await new Auditor(LogFiles.In(folder)) { Keys = TrustPolicy.Parse(key, out _)!.LogKeys, Progress = watch }.AuditAsync();
        var peak = Status("VmHWM");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"memory of an audit alone: {(watch.Live - heap) / (double)report.Entries:F0} bytes an entry held at its end, {(watch.Peak - heap) / (double)report.Entries:F0} at the fullest heap; resident {peak >> 20} MB at most, {resident >> 20} MB empty, {(peak - resident) / (double)report.Entries:F0} bytes an entry"));
        return report.IsVerified ? 0 : 1;
    }

    // Bytes, as Linux tells them of this process; elsewhere what the framework tells.
    private static long Status(string name) => File.Exists("/proc/self/status")
        ? long.Parse(File.ReadLines("/proc/self/status").Single(l => l.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024
        : Process.GetCurrentProcess().PeakWorkingSet64;

    private sealed class Watch : IProgress<AuditProgress>
    {
        internal long Live { get; private set; }

        internal long Peak { get; private set; }

        public void Report(AuditProgress value)
        {
            Peak = Math.Max(Peak, GC.GetTotalMemory(forceFullCollection: false));
            Live = value.Done == value.Size ? GC.GetTotalMemory(forceFullCollection: true) : 0;
        }
    }
}
