using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
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
    /// <param name="with"><c>predecessors</c>, <c>lots</c> or both with a comma: batteries and lots that gave what went in come with their whole chains, back to the mines, where the caller may see them.</param>
    /// <param name="context">The exchange.</param>
    /// <param name="callers">Who asks.</param>
    /// <param name="bundles">Puts it together.</param>
    /// <param name="readings">Records the read.</param>
    /// <param name="cancel">The caller went away.</param>
    [WolverineGet("/evidence")]
    public static async Task<IResult> GetAsync(
        string sub, string? disclose, string? with, HttpContext context, [NotBody] Callers callers, [NotBody] BundleBuilder bundles, [NotBody] ReadingLog readings, CancellationToken cancel)
    {
        // Its head statements are in force for minutes only.
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

        string[]? chosen = string.IsNullOrEmpty(disclose) ? null : disclose == "none" ? [] : disclose.Split(',');
        if (chosen is { Length: > MaximumChosen } || chosen?.Any(name => name.Length is 0 or > 64 || !name.All(char.IsAsciiLetterOrDigit)) == true)
        {
            return new Problem(400, "names-malformed", "Not names of properties", $"disclose is at most {MaximumChosen} names of disclosed properties with commas between, such as mass,content, or none.");
        }

        if ((string.IsNullOrEmpty(with) ? default(WholeGivers) : WholeGivers.Parse(with)) is not { } whole)
        {
            return new Problem(400, "givers-malformed", "Not what can come along", $"with is {WholeGivers.Forms}: whose whole chains come along with the bundle. Leave it out for the giving entries alone.");
        }

        (var built, problem) = await bundles.BuildAsync(sub, caller, chosen, whole, cancel);
        if (built is null)
        {
            return problem!;
        }

        var utf8 = built.Bundle.ToUtf8();
        if (utf8.Length > EvidenceBundle.MaximumLength)
        {
            return Problems.BundleTooLarge($"This bundle has {utf8.Length} bytes; {EvidenceBundle.MaximumLength} are allowed. {EvidenceSelection.Instead(whole)}");
        }

        var what = (chosen is null ? "evidence" : $"evidence of {(chosen.Length == 0 ? "none" : string.Join(',', chosen))}") + (whole.IsNone ? "" : $" with {whole}");

        // The bundle opens other chains too: their holders are told as well.
        if (await readings.RecordAsync(caller, built.Viewer.Audience, [sub, .. built.Opened], what, context) is { } unrecorded)
        {
            return unrecorded;
        }

        return Results.Bytes(utf8, EvidenceBundle.MediaType);
    }
}
