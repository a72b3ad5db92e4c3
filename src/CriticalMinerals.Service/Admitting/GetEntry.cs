using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Readings;
using Wolverine.Http;

namespace CriticalMinerals.Service.Admitting;

/// <summary>An entry by its leaf hash, and its receipt.</summary>
public static class GetEntry
{
    /// <summary>The leaf bytes; 404 for an entry that is not there or not for the caller.</summary>
    [WolverineGet("/entries/{leafHash}")]
    public static async Task<IResult> GetAsync(
        string leafHash, HttpContext context, [NotBody] Callers callers, [NotBody] EntryReader entries, [NotBody] Access access, [NotBody] ReadingLog readings, CancellationToken cancel)
    {
        var (found, problem) = await FindAsync(leafHash, "entry", context, callers, entries, access, readings);
        if (found is null)
        {
            return problem!;
        }

        context.Response.Headers["Entry-Index"] = found.Index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (await entries.StateAsync(found.Signed.Entry.Subject, cancel) is { } chain && access.IsOpen(chain) && context.Request.Headers.Authorization.Count == 0)
        {
            context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        }

        return Results.Bytes(found.Signed.Entry.Leaf, "application/jwt");
    }

    /// <summary>The proof that the entry stands in the log: under the newest public checkpoint that the witnesses' quorum has cosigned, where there is none that any of them has, else under the tree signed last.</summary>
    [WolverineGet("/entries/{leafHash}/receipt")]
    public static async Task<IResult> ReceiptAsync(
        string leafHash, HttpContext context, [NotBody] Callers callers, [NotBody] EntryReader entries, [NotBody] Access access, [NotBody] ReadingLog readings, [NotBody] SignedLog log, [NotBody] PublicCheckpoint checkpoint, CancellationToken cancel)
    {
        var (found, problem) = await FindAsync(leafHash, "receipt", context, callers, entries, access, readings);
        if (found is null)
        {
            return problem!;
        }

        var receipt = found.Index >= 0 && await checkpoint.WitnessedAsync(found.Index, cancel) is var (size, note)
            ? new Receipt((ulong)found.Index, (await log.ProofsAsync([(ulong)found.Index], (ulong)size, cancel))[0].Path, note)
            : await log.ReceiptAsync(found.Index, cancel);
        return new ReceiptAnswer(StatusCodes.Status200OK, found.Signed.Entry.LeafHash, receipt);
    }

    private static async Task<(StoredEntry? Entry, Problem? Problem)> FindAsync(
        string leafHash, string what, HttpContext context, Callers callers, EntryReader entries, Access access, ReadingLog readings)
    {
        context.Response.Headers.Vary = "Authorization";
        var cancel = context.RequestAborted;
        var (caller, problem) = await callers.OfAsync(context);
        if (caller is null)
        {
            return (null, problem);
        }

        if (!Digest.TryParse(leafHash, out var hash) || await entries.FindAsync(hash, cancel) is not { } found || !await access.MayReadAsync(caller, found, cancel))
        {
            return (null, Problems.NotFound);
        }

        // Nobody is recorded as somebody who he only says that he is.
        (var viewer, problem) = await access.ViewerAsync(caller, await access.ChainAsync(found, cancel), cancel);
        return viewer is null ? (null, problem)
            : await readings.RecordAsync(caller, viewer.Audience, [found.Signed.Entry.Subject], what, context) is { } unrecorded ? (null, unrecorded)
            : (found, null);
    }
}
