using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Readings;
using Wolverine.Http;

namespace CriticalMinerals.Service.Log;

/// <summary>What auditors and witnesses pull: C2SP checkpoint, tiles and entry bundles, the log's verifier key; and the head of any open chain.</summary>
public static class GetLog
{
    private const string Immutable = "public, max-age=31536000, immutable";

    /// <summary>The log's name, size and settings, for clients that begin.</summary>
    [WolverineGet("/log")]
    public static async Task<IResult> LogAsync([NotBody] SignedLog log, [NotBody] EntryReader entries, [NotBody] LedgerOptions options, CancellationToken cancel)
    {
        var authority = (await entries.StateAsync(Names.LogChain(log.Origin), cancel) as LogState)?.Keys.All.LastOrDefault(k => k is { Use: KeyUse.Authority, RevokedAt: null });
        return Results.Json(new JsonObject
        {
            ["origin"] = log.Origin,
            ["size"] = (await log.CurrentAsync(cancel)).Size,
            ["authority"] = authority is null ? null : new JsonObject { ["kty"] = "OKP", ["crv"] = "Ed25519", ["x"] = authority.X },
            ["publicEntries"] = options.PublicEntries,
        });
    }

    /// <summary>The log's verifier keys (C2SP signed-note), one a line.</summary>
    [WolverineGet("/vkey")]
    public static IResult VerifierKey([NotBody] SignedLog log) => Results.Text(log.VerifierKeys, "text/plain");

    /// <summary>The newest published checkpoint; it never goes back.</summary>
    [WolverineGet("/checkpoint")]
    public static async Task<IResult> CheckpointAsync(HttpContext context, [NotBody] PublicCheckpoint checkpoint, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return await checkpoint.CurrentAsync(cancel) is { } current ? Results.Text(current.Note, "text/plain", System.Text.Encoding.UTF8) : Problems.NotFound;
    }

    /// <summary>Hash tiles and entry bundles of the published tree (C2SP tlog-tiles).</summary>
    [WolverineGet("/tile/{*path}")]
    public static async Task<IResult> TileAsync(
        string path, HttpContext context, [NotBody] TreeStore tree, [NotBody] EntryReader entries, [NotBody] PublicCheckpoint checkpoint, [NotBody] LedgerOptions options,
        [NotBody] Callers callers, [NotBody] Access access, [NotBody] ReadingLog readings, [NotBody] SignedLog log, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = Immutable;
        context.Response.Headers.Vary = "Authorization";
        var isBundle = Tile.TryParseEntries("tile/" + path, out var tile);
        if (!isBundle && !Tile.TryParse("tile/" + path, out tile))
        {
            return Problems.NotFound;
        }

        if (isBundle && !options.PublicEntries)
        {
            var (caller, problem) = await callers.OfAsync(context);
            if (caller is null)
            {
                return problem!;
            }

            if (!access.IsAuditor(caller))
            {
                return Problems.EntriesClosed;
            }

            // The leaf bytes of every chain: one record, on the log's own.
            if (await readings.RecordAsync(caller, caller.Purpose, [Names.LogChain(log.Origin)], $"tile/{path}", context) is { } unrecorded)
            {
                return unrecorded;
            }
        }

        var size = await checkpoint.CurrentAsync(cancel) is { } current ? (ulong)current.Size : 0;
        if (Tile.At(tile.Level, tile.Index, size) is not { } there || there.Width < tile.Width)
        {
            return Problems.NotFound;
        }

        return Results.Bytes(
            isBundle ? EntryBundle.Encode([.. await entries.LeavesAsync((long)(tile.Index * Tile.FullWidth), tile.Width, cancel)]) : await tree.TileAsync(tile, cancel),
            "application/octet-stream");
    }

    /// <summary>
    /// When the entries of bundle <paramref name="bundle"/> (256 entries, as in <c>/tile/entries</c>) of the published tree were recorded: what the log says of itself and
    /// signs nowhere. A node made from the log's files says the same.
    /// </summary>
    [WolverineGet("/times/{bundle}")]
    public static async Task<IResult> TimesAsync(string bundle, HttpContext context, [NotBody] EntryReader entries, [NotBody] PublicCheckpoint checkpoint, CancellationToken cancel)
    {
        var size = (await checkpoint.CurrentAsync(cancel))?.Size ?? 0;
        if (!ulong.TryParse(bundle, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || Tile.At(0, number, (ulong)size) is not { } tile)
        {
            return Problems.NotFound;
        }

        context.Response.Headers.CacheControl = tile.IsFull ? Immutable : "no-cache";
        var times = await entries.TimesAsync((long)(number * Tile.FullWidth), tile.Width, cancel);
        return Results.Json(new JsonObject { ["bundle"] = number, ["times"] = new JsonArray([.. times.Select(t => (JsonNode)t.UtcDateTime.ToString("O", CultureInfo.InvariantCulture))]) });
    }

    /// <summary>The signed statement which entry of a chain is its newest; 404 for a chain that is not there or not for the caller.</summary>
    [WolverineGet("/head")]
    public static async Task<IResult> HeadAsync(
        string sub, HttpContext context, [NotBody] SignedLog log, [NotBody] EntryReader entries, [NotBody] Callers callers, [NotBody] Access access, [NotBody] ReadingLog readings, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (caller, problem) = await callers.OfAsync(context);
        if (caller is null)
        {
            return problem!;
        }

        if (!Names.IsSubject(sub))
        {
            return Problems.ChainMalformed;
        }

        if (await access.ReadableAsync(caller, sub, cancel) is not { } chain)
        {
            return Problems.NotFound;
        }

        (var viewer, problem) = await access.ViewerAsync(caller, chain, cancel);
        if (viewer is null)
        {
            return problem!;
        }

        if (await readings.RecordAsync(caller, viewer.Audience, [sub], "head", context) is { } unrecorded)
        {
            return unrecorded;
        }

        // What another node has signed counts too: whoever was answered 201 there finds the entry here.
        return await log.HeadAsync(sub, await log.AdvanceAsync(cancel), cancel) is { } head ? Results.Text(head.Text, "application/jwt") : Problems.NotFound;
    }
}
