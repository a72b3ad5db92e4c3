using CriticalMinerals.Ledger;
using Wolverine.Http;

namespace CriticalMinerals.Service.Evidence;

/// <summary>Everything that is needed to check a chain without asking this service again.</summary>
public static class GetEvidence
{
    /// <summary>The evidence bundle of a chain under the tree signed last; 403 for a closed chain, 404 for none.</summary>
    /// <param name="sub">The chain's name.</param>
    /// <param name="context">The exchange.</param>
    /// <param name="bundles">Puts it together.</param>
    /// <param name="cancel">The caller went away.</param>
    [WolverineGet("/evidence")]
    public static async Task<IResult> GetAsync(string sub, HttpContext context, [NotBody] BundleBuilder bundles, CancellationToken cancel)
    {
        var (bundle, problem) = await bundles.BuildAsync(sub, cancel);
        if (bundle is null)
        {
            return problem!;
        }

        // Its head statements are in force for minutes only.
        context.Response.Headers.CacheControl = "no-store";
        return Results.Bytes(bundle.ToUtf8(), EvidenceBundle.MediaType);
    }
}
