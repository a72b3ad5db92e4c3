using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace CriticalMinerals.Tests.Fuzzing;

/// <summary>
/// Which branches instrumented code took, as AFL counts them: one byte for each pair of branches that followed one another. Empty while the code is as it was
/// built. One thread at a time.
/// </summary>
internal static unsafe class BranchMap
{
    private const int Length = 1 << 16;

    private static readonly byte* Counts = (byte*)NativeMemory.AllocZeroed(Length);
    private static readonly byte[] Seen = new byte[Length];

    /// <summary>Pairs of branches seen so far.</summary>
    public static int Edges => Length - Seen.AsSpan().Count((byte)0);

    /// <summary>Before any instrumented code runs, discovery of tests included.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Nothing else of this assembly runs earlier, and it is no library.")]
    internal static void Begin() => Trace.SharedMem = Counts;

    /// <summary>Another target.</summary>
    public static void Forget() => Seen.AsSpan().Clear();

    /// <summary>Runs once; whether it took a pair of branches that was not seen, and whether it took one so often as never before.</summary>
    public static (bool IsNewEdge, bool IsNewCount) Run(Action action)
    {
        var counts = new Span<byte>(Counts, Length);
        counts.Clear();
        Trace.PrevLocation = 0;
        action();
        var (edge, often) = (false, false);
        for (var at = counts.IndexOfAnyExcept((byte)0); at >= 0 && at < Length;)
        {
            var bucket = Bucket(counts[at]);
            if ((Seen[at] & bucket) == 0)
            {
                edge |= Seen[at] == 0;
                often = true;
                Seen[at] |= bucket;
            }

            var next = counts[(at + 1)..].IndexOfAnyExcept((byte)0);
            at = next < 0 ? Length : at + 1 + next;
        }

        return (edge, often);
    }

    private static byte Bucket(byte count) => count switch
    {
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
