using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace CriticalMinerals.Tests.Fuzzing;

/// <summary>
/// The parsers' assemblies are copied and instrumented, and an input that reaches code which none reached before becomes a seed itself: for a moment in every
/// run, for long in the full size. With <c>UPDATE_CORPUS=1</c> small ones are kept under <c>tests/corpus</c>, from where every later run begins.
/// </summary>
public sealed class Guided
{
    private const int LongestKept = 2048, MostKept = 16;
    private static readonly string[] Instrumented = ["CriticalMinerals.Ledger.dll", "CriticalMinerals.Lifecycle.dll", "CriticalMinerals.Client.dll"];

    private static bool IsCopy => Environment.GetEnvironmentVariable("FUZZ_COPY") == "1";

    // For each parser: so many inputs, and then as long as asked for.
    private static int Inputs => 100;

    private static TimeSpan Time => TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("FUZZ_SECONDS") ?? (Environment.GetEnvironmentVariable("FULL_SIZE") == "1" ? "20" : "0"), CultureInfo.InvariantCulture));

    [Fact]
    public async Task Every_parser_stands_fire_that_is_led_by_the_code_it_reaches()
    {
        if (IsCopy)
        {
            Assert.All(FuzzTargets.All(), Lead);
            return;
        }

        var copy = Directory.CreateTempSubdirectory("cm-fuzz-");
        try
        {
            foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(copy.FullName, Path.GetRelativePath(AppContext.BaseDirectory, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }

            Assert.All(Instrumented, name => Assert.NotEmpty(SharpFuzz.Fuzzer.Instrument(Path.Combine(copy.FullName, name), _ => true, SharpFuzz.Options.Value)));
            using var run = Process.Start(new ProcessStartInfo("dotnet", ["exec", Path.Combine(copy.FullName, "CriticalMinerals.Tests.dll"), "-class", typeof(Guided).FullName!])
            {
                Environment = { ["FUZZ_COPY"] = "1" },
                RedirectStandardOutput = true,
            })!;
            var said = await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await run.WaitForExitAsync(TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper?.WriteLine(said);
            Assert.True(run.ExitCode == 0 && said.Contains("pairs of branches at first", StringComparison.Ordinal), said);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static void Lead(Target target)
    {
        BranchMap.Forget();
        var pool = target.Seeds.Concat(target.Corpus).ToList();
        pool.ForEach(input => Fire(input));
        var (known, kept, begun) = (pool.Count, 0, BranchMap.Edges);
        Assert.NotEqual(0, begun);
        var (mutations, random, clock, runs) = (new Mutations(3), new Random(4), Stopwatch.StartNew(), 0L);
        for (; runs < Inputs || clock.Elapsed < Time; runs++)
        {
            // The newest as often as all the others.
            var from = random.Next(2) == 0 ? random.Next(pool.Count) : random.Next(Math.Max(0, pool.Count - 64), pool.Count);
            var input = mutations.Of(pool[from], pool[random.Next(pool.Count)]);
            var (isNewEdge, isNewCount) = Fire(input);
            if (isNewCount)
            {
                pool.Add(input);
            }

            if (isNewEdge && input.Length <= LongestKept && known + kept < MostKept + target.Seeds.Count && Environment.GetEnvironmentVariable("UPDATE_CORPUS") == "1")
            {
                Directory.CreateDirectory(target.CorpusFolder);
                File.WriteAllBytes(Path.Combine(target.CorpusFolder, Convert.ToHexStringLower(SHA256.HashData(input))[..16]), input);
                kept++;
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {runs} inputs, {begun} pairs of branches at first, {BranchMap.Edges} now, {pool.Count - known} seeds found"));

        (bool IsNewEdge, bool IsNewCount) Fire(byte[] input)
        {
            string? broken = null;
            var found = BranchMap.Run(() => broken = target.Breaks(input));
            if (broken is not null)
            {
                Assert.Fail($"{Fuzzed.Keep(target, input)}: {broken}");
            }

            return found;
        }
    }
}
