using System.Globalization;

namespace CriticalMinerals.Service.Log;

/// <summary>What a request means by a moment of the log: a size, or an instant with its offset.</summary>
public sealed class Moments(SignedLog log, EntryReader entries)
{
    /// <summary>The size meant; all that is signed when nothing is said; null when it is no moment.</summary>
    /// <remarks>What is signed is what is shown: an instant before the newest entries gives a smaller size, none a larger.</remarks>
    public async Task<long?> SizeAsync(string? at, CancellationToken cancel)
    {
        var signed = (await log.CurrentAsync(cancel)).Size;
        return string.IsNullOrEmpty(at) ? signed
            : long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? Math.Min(size, signed)
            : at.Length <= 40 && at.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(at.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
                ? Math.Min(await entries.SizeAtAsync(instant, cancel), signed)
                : null;
    }

    /// <summary>The refusal of a parameter that is none.</summary>
    public static Problem Malformed(string name) =>
        new(400, "moment-malformed", "Not a moment of the log", $"{name} is a size of the log, such as 120, or an instant with its offset, such as 2027-03-01T12:00:00Z; since is not after at.");
}
