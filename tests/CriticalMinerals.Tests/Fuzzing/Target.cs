using System.Globalization;
using System.Runtime.CompilerServices;

namespace CriticalMinerals.Tests.Fuzzing;

/// <summary>A parser under fire: what it is given to begin with, and how it reads. Reading checks that what is accepted is read and written alike.</summary>
/// <param name="Name">Its folder under <c>tests/corpus</c>.</param>
/// <param name="Seeds">Sound inputs.</param>
/// <param name="Accepts">Reads; whether it was accepted. Throws nothing but <see cref="UnlikeException"/>.</param>
internal sealed record Target(string Name, IReadOnlyList<byte[]> Seeds, Func<byte[], bool> Accepts)
{
    /// <summary>Bytes that reading may allocate whatever it is given, and for each byte that it is given.</summary>
    private const long Allowance = 512 * 1024, AllowanceForAByte = 160;

    /// <summary>Inputs that were once worth keeping: those that failed, and those that reached code which none before had.</summary>
    public IReadOnlyList<byte[]> Corpus => Directory.Exists(CorpusFolder) ? [.. Directory.EnumerateFiles(CorpusFolder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)] : [];

    public string CorpusFolder => Path.Combine(Root, Name);

    private static string Root { get; } = Environment.GetEnvironmentVariable("FUZZ_CORPUS") ?? Here();

    /// <summary>What reading these bytes breaks; null when nothing.</summary>
    public string? Breaks(byte[] input)
    {
        try
        {
            // What is made once in the life of a process counts for no input: too much is looked at again.
            var most = Allowance + (AllowanceForAByte * input.Length);
            if (Allocated(input) <= most)
            {
                return null;
            }

            var allocated = Allocated(input);
            return allocated <= most ? null : string.Create(CultureInfo.InvariantCulture, $"{allocated} bytes allocated for {input.Length}");
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message}\n{e.StackTrace}";
        }
    }

    private long Allocated(byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Accepts(input);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    public override string ToString() => Name;

    private static string Here([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../corpus"));
}

/// <summary>Something was accepted and is written otherwise than it was read.</summary>
internal sealed class UnlikeException(string what) : Exception(what);
