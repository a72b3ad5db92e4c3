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
            : Index(at, await log.FirstAsync(cancel)) is { } size ? Math.Min(size, signed)
            : at.Length <= 40 && at.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(at.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
                ? Math.Min(await entries.SizeAtAsync(instant, cancel), signed)
                : null;
    }

    /// <summary>The index after which a page begins; all when nothing is said; null when it is no index.</summary>
    public async Task<long?> AfterAsync(string? after, CancellationToken cancel) => string.IsNullOrEmpty(after) ? long.MinValue : Index(after, await log.FirstAsync(cancel));

    /// <summary>The index that a text names; null for what names none.</summary>
    /// <param name="text">Digits; a minus before them where the log goes on from others, whose entries stand below 0.</param>
    /// <param name="first">Index of the oldest entry.</param>
    public static long? Index(string text, long first) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) && text[0] != '+' && index >= first ? index : null;

    /// <summary>The refusal of a parameter that is none.</summary>
    public static Problem Malformed(string name) =>
        new(400, "moment-malformed", "Not a moment of the log", $"{name} is a size of the log, such as 120, or an instant with its offset, such as 2027-03-01T12:00:00Z; since is not after at.");
}
