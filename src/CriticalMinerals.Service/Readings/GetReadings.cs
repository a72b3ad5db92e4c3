using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Log;
using Wolverine.Http;

namespace CriticalMinerals.Service.Readings;

/// <summary>Who read what of a chain that was not for everybody: for the operator that answers for it.</summary>
public static class GetReadings
{
    private const int MaximumCount = 1000;

    /// <summary>The records of a chain in order, with the statement of how many there are; 401 for the public, 403 for others than the responsible operator or holder.</summary>
    /// <param name="sub">The chain's name.</param>
    /// <param name="after">Only records after this number.</param>
    /// <param name="context">The exchange.</param>
    /// <param name="callers">Who asks.</param>
    /// <param name="entries">Knows the chains.</param>
    /// <param name="readings">Keeps the records.</param>
    /// <param name="log">Signs the statement.</param>
    /// <param name="cancel">The caller went away.</param>
    [WolverineGet("/readings")]
    public static async Task<IResult> GetAsync(
        string sub, string? after, HttpContext context, [NotBody] Callers callers, [NotBody] EntryReader entries, [NotBody] ReadingLog readings, [NotBody] SignedLog log, CancellationToken cancel)
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

        if (!Names.IsSubject(sub))
        {
            return Problems.ChainMalformed;
        }

        if (await entries.StateAsync(sub, cancel) is not { } chain || caller.Operator is null || chain.Keeper != caller.Operator)
        {
            return Problems.ReadingsOfOthers;
        }

        var from = -1L;
        if (!string.IsNullOrEmpty(after) && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out from))
        {
            return new Problem(400, "page-malformed", "Not a part of the answer", "after is a number of a record, as next gives it.");
        }

        var (count, hash) = await readings.LastAsync(sub, cancel);
        var records = await readings.ReadAsync(sub, from, MaximumCount, cancel);
        return Results.Json(new JsonObject
        {
            ["sub"] = sub,
            ["statement"] = (await log.ReadingsAsync(sub, count, hash, cancel)).Text,
            ["records"] = new JsonArray([.. records.Select(r => (JsonNode)new JsonObject { ["record"] = r.Record, ["hash"] = r.Hash.ToString(), ["who"] = r.Who })]),
            ["next"] = records.Count == MaximumCount ? records[^1].N : null,
        });
    }
}
