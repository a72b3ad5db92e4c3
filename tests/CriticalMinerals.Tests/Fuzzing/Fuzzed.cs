using System.Globalization;

namespace CriticalMinerals.Tests.Fuzzing;

/// <summary>
/// Every parser under fire from a fixed seed: whatever it is given, it answers with its closed verdict, allocates no more than its input allows, and what it
/// accepts is written as it was read. A finding is mended, and its input kept under <c>tests/corpus</c>, where it is tried in every run.
/// </summary>
public sealed class Fuzzed
{
    private static readonly Lazy<IReadOnlyDictionary<string, Target>> Targets = new(() => FuzzTargets.All().ToDictionary(t => t.Name, StringComparer.Ordinal));

    public static TheoryData<string> Names => [.. FuzzTargets.Names];

    private static int Budget => Environment.GetEnvironmentVariable("FULL_SIZE") == "1" ? 200_000 : 600;

    [Theory, MemberData(nameof(Names))]
    public void Whatever_it_is_given_it_answers(string parser)
    {
        var target = Targets.Value[parser];
        Assert.All(target.Seeds, seed => Assert.True(target.Accepts(seed), System.Text.Encoding.UTF8.GetString(seed)));
        var pool = target.Seeds.Concat(target.Corpus).ToArray();
        Assert.All(pool, input => Assert.Null(target.Breaks(input)));
        var mutations = new Mutations(1);
        var random = new Random(2);
        for (var i = 0; i < Budget; i++)
        {
            var input = mutations.Of(pool[random.Next(pool.Length)], pool[random.Next(pool.Length)]);
            if (target.Breaks(input) is { } broken)
            {
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{Keep(target, input)}: {broken}"));
            }
        }
    }

    // Where a person finds it to look at it and to keep it.
    internal static string Keep(Target target, byte[] input)
    {
        var file = Path.Combine(Path.GetTempPath(), $"fuzz-{target.Name}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input))[..12]}");
        File.WriteAllBytes(file, input);
        return file;
    }
}
