using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Readings;
using Wolverine.Http;

namespace CriticalMinerals.Service.Evidence;

/// <summary>The disclosures of an entry bundle, for those with the right: what an auditor needs beside the leaf bytes to check quantities.</summary>
public static class GetDisclosures
{
    /// <summary>Disclosures of the entries of bundle <paramref name="bundle"/> (256 entries, as in <c>/tile/entries</c>) that the caller may see; never cached, each read recorded.</summary>
    /// <param name="bundle">Number of the bundle, from 0.</param>
    /// <param name="context">The exchange.</param>
    /// <param name="callers">Who asks.</param>
    /// <param name="access">What it may read.</param>
    /// <param name="entries">Reads the entries.</param>
    /// <param name="log">How far the log is.</param>
    /// <param name="readings">Records the read.</param>
    /// <param name="cancel">The caller went away.</param>
    [WolverineGet("/disclosures/{bundle}")]
    public static async Task<IResult> GetAsync(
        string bundle, HttpContext context, [NotBody] Callers callers, [NotBody] Access access, [NotBody] EntryReader entries, [NotBody] SignedLog log, [NotBody] ReadingLog readings, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "private, no-store";
        var (caller, problem) = await callers.OfAsync(context);
        if (caller is null)
        {
            return problem!;
        }

        if (caller.IsPublic)
        {
            return Problems.Unauthenticated;
        }

        var size = (await log.CurrentAsync(cancel)).Size;
        if (!long.TryParse(bundle, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= (size + Tile.FullWidth - 1) / Tile.FullWidth)
        {
            return Problems.NotFound;
        }

        (var viewer, problem) = await access.ViewerAsync(caller, null, cancel);
        if (viewer is null)
        {
            return problem!;
        }

        var from = number * Tile.FullWidth;
        var stored = await entries.AtAsync([.. Enumerable.Range(0, (int)Math.Min(Tile.FullWidth, size - from)).Select(i => from + i)], cancel);
        var shown = new JsonArray();
        var chains = new Dictionary<string, (bool MayRead, bool IsKept)>(StringComparer.Ordinal);
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in stored)
        {
            var subject = entry.Signed.Entry.Subject;
            if (!chains.TryGetValue(subject, out var chain))
            {
                var state = await access.ReadableAsync(caller, subject, cancel);
                chains[subject] = chain = (state is not null, state?.Keeper == caller.Operator);
            }

            var visible = chain.MayRead || await access.RedeemedAsync(caller, entry, cancel)
                ? (chain.IsKept ? viewer with { Kept = [subject] } : viewer).See(entry.Signed).Disclosures
                : [];
            if (visible.Count > 0)
            {
                read.Add(subject);
                shown.Add(new JsonObject { ["index"] = entry.Index, ["disclosures"] = new JsonArray([.. visible.Select(d => (JsonNode)d.Text)]) });
            }
        }

        return await readings.RecordAsync(caller, viewer.Audience, read, $"disclosures/{number}", context) is { } unrecorded
            ? unrecorded
            : Results.Json(new JsonObject { ["bundle"] = number, ["size"] = size, ["entries"] = shown });
    }
}
