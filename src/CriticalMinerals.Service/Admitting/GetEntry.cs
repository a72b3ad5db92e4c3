using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using Wolverine.Http;

namespace CriticalMinerals.Service.Admitting;

/// <summary>An entry by its leaf hash, and its receipt.</summary>
public static class GetEntry
{
    /// <summary>The leaf bytes; 403 for an entry of a closed chain.</summary>
    [WolverineGet("/entries/{leafHash}")]
    public static async Task<IResult> GetAsync(string leafHash, HttpContext context, [NotBody] EntryReader entries, [NotBody] LedgerOptions options, CancellationToken cancel)
    {
        var (found, problem) = await FindAsync(leafHash, entries, options, cancel);
        if (found is null)
        {
            return problem!;
        }

        context.Response.Headers["Entry-Index"] = found.Index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(found.Signed.Entry.Leaf, "application/jwt");
    }

    /// <summary>The proof that the entry stands in the log, under the tree signed last.</summary>
    [WolverineGet("/entries/{leafHash}/receipt")]
    public static async Task<IResult> ReceiptAsync(string leafHash, [NotBody] EntryReader entries, [NotBody] LedgerOptions options, [NotBody] SignedLog log, CancellationToken cancel)
    {
        var (found, problem) = await FindAsync(leafHash, entries, options, cancel);
        return found is null ? problem! : new ReceiptAnswer(StatusCodes.Status200OK, found.Signed.Entry.LeafHash, await log.ReceiptAsync(found.Index, cancel));
    }

    private static async Task<(StoredEntry? Entry, Problem? Problem)> FindAsync(string leafHash, EntryReader entries, LedgerOptions options, CancellationToken cancel)
    {
        if (!Digest.TryParse(leafHash, out var hash) || await entries.FindAsync(hash, cancel) is not { } found)
        {
            return (null, Problems.NotFound);
        }

        return options.PublicEntries || await entries.StateAsync(found.Signed.Entry.Subject, cancel) is { IsOpen: true } ? (found, null) : (null, Problems.ChainClosed);
    }
}
