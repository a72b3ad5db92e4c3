using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Readings;
using Wolverine.Http;

namespace CriticalMinerals.Service.Evidence;

/// <summary>Everything that is needed to check a chain without asking this service again.</summary>
public static class GetEvidence
{
    private const int MaximumChosen = 64;

    /// <summary>The evidence bundle of a chain under the tree signed last, with the disclosures that the caller may see; 404 for a chain that is not there or not for the caller.</summary>
    /// <param name="sub">The chain's name.</param>
    /// <param name="disclose">Names of disclosed properties, with commas: only these are shown, <c>none</c> for none. Without it all that the caller may see.</param>
    /// <param name="context">The exchange.</param>
    /// <param name="callers">Who asks.</param>
    /// <param name="bundles">Puts it together.</param>
    /// <param name="readings">Records the read.</param>
    /// <param name="cancel">The caller went away.</param>
    [WolverineGet("/evidence")]
    public static async Task<IResult> GetAsync(
        string sub, string? disclose, HttpContext context, [NotBody] Callers callers, [NotBody] BundleBuilder bundles, [NotBody] ReadingLog readings, CancellationToken cancel)
    {
        // Its head statements are in force for minutes only.
        context.Response.Headers.CacheControl = "no-store";
        var (caller, problem) = await callers.OfAsync(context);
        if (caller is null)
        {
            return problem!;
        }

        string[]? chosen = string.IsNullOrEmpty(disclose) ? null : disclose == "none" ? [] : disclose.Split(',');
        if (chosen is { Length: > MaximumChosen } || chosen?.Any(name => name.Length is 0 or > 64 || !name.All(char.IsAsciiLetterOrDigit)) == true)
        {
            return new Problem(400, "names-malformed", "Not names of properties", $"disclose is at most {MaximumChosen} names of disclosed properties with commas between, such as mass,content, or none.");
        }

        (var bundle, var viewer, problem) = await bundles.BuildAsync(sub, caller, chosen, cancel);
        if (bundle is null)
        {
            return problem!;
        }

        var what = chosen is null ? "evidence" : $"evidence of {(chosen.Length == 0 ? "none" : string.Join(',', chosen))}";

        // The bundle opens values of other chains too: their holders are told as well.
        var opened = bundle.InLogOrder().Where(placed => placed.Signed.Disclosures.Count > 0).Select(placed => placed.Signed.Entry.Subject).Where(chain => chain != sub).Distinct(StringComparer.Ordinal);
        if (await readings.RecordAsync(caller, viewer!.Audience, [sub, .. opened], what, context) is { } unrecorded)
        {
            return unrecorded;
        }

        return Results.Bytes(bundle.ToUtf8(), EvidenceBundle.MediaType);
    }
}
