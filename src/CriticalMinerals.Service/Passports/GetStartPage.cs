using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using Wolverine.Http;

namespace CriticalMinerals.Service.Passports;

/// <summary>For whoever comes to the bare address.</summary>
public static class GetStartPage
{
    private const int Newest = 20;

    /// <summary>What this is, and the newest batteries where entries are public.</summary>
    [WolverineGet("/")]
    public static async Task<IResult> PageAsync(HttpContext context, [NotBody] SignedLog log, [NotBody] EntryReader entries, [NotBody] LedgerOptions options, CancellationToken cancel)
    {
        PageHeaders.Set(context.Response);
        context.Response.Headers.CacheControl = "no-cache";
        var size = (await log.CurrentAsync(cancel)).Size;
        var batteries = options.PublicEntries ? await entries.NewestAsync(ChainKind.Battery, Newest, cancel) : [];
        return Page.Of<StartPage>(new() { ["Origin"] = log.Origin, ["Size"] = size, ["PublicEntries"] = options.PublicEntries, ["Batteries"] = batteries });
    }
}
