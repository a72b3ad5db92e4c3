using System.Globalization;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Tests.Worlds;

/// <summary>What a world is made of. The same seed and size say the same things of the same batteries, whatever their order in the log.</summary>
/// <param name="Seed">Where its randomness begins.</param>
/// <param name="Batteries">How many first lives.</param>
public sealed record WorldPlan(int Seed, int Batteries)
{
    /// <summary>Models of batteries, those that are brought in from elsewhere included.</summary>
    public const int Models = 20;

    private static readonly DateTimeOffset Epoch = new(2020, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The last day of the story, counted from its epoch.</summary>
    public const int LastDay = 2480;

    /// <summary>Batteries made of the same modules.</summary>
    public int Campaign => Math.Clamp(Batteries / 24, 4, 40);

    /// <summary>The randomness of one thing.</summary>
    public Random RandomOf(string what, int number) => new(HashCode(FormattableString.Invariant($"{Seed}/{what}/{number}")));

    /// <summary>A name that nothing else has.</summary>
    public static string Uuid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        bytes[7] = (byte)((bytes[7] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return "urn:uuid:" + new Guid(bytes).ToString("D");
    }

    /// <summary>Noon of a day, UTC.</summary>
    public static DateTimeOffset Day(int day) => Epoch.AddDays(Math.Clamp(day, 0, LastDay));

    /// <summary>The first second of the month of a day.</summary>
    public static DateTimeOffset MonthOf(int day) => new(Day(day).Year, Day(day).Month, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The month of a day as ISO 8601 writes it.</summary>
    public static string Month(int day) => Day(day).ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>A day as ISO 8601 writes it.</summary>
    public static string Date(int day) => Day(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A quantity of at most three places, rounded down.</summary>
    public static Quantity Kilograms(decimal mass) => Quantity.Of(decimal.Round(mass, 3, MidpointRounding.ToZero));

    // The runtime's own hashes differ from run to run.
    private static int HashCode(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));
}
