using Microsoft.Net.Http.Headers;

namespace CriticalMinerals.Service.Passports;

/// <summary>The forms in which a passport is given.</summary>
public enum Representation
{
    /// <summary>For people; also what the address gives when nothing is asked for (GS1: the default link).</summary>
    Page,

    /// <summary>The passport document.</summary>
    Json,

    /// <summary>All that is needed to check it offline.</summary>
    Evidence,

    /// <summary>What there is under this address (RFC 9264).</summary>
    Linkset,
}

/// <summary>Chooses by <c>linkType</c>, else by <c>Accept</c> (RFC 9110 section 12.5.1).</summary>
public static class Representations
{
    /// <summary>Media type of an evidence bundle.</summary>
    public const string EvidenceType = "application/vnd.critical-minerals.evidence+json";

    /// <summary>Media type of a linkset.</summary>
    public const string LinksetType = "application/linkset+json";

    private static readonly (string Type, Representation Form)[] Offered =
        [("text/html", Representation.Page), ("application/json", Representation.Json), (EvidenceType, Representation.Evidence), (LinksetType, Representation.Linkset)];

    /// <summary>What the request asks for; null when nothing of it is on offer.</summary>
    public static Representation? Of(HttpRequest request)
    {
        switch (request.Query["linkType"].ToString())
        {
            case "evidence" or "gs1:verificationService" or "gs1:traceability":
                return Representation.Evidence;
            case "linkset" or "all":
                return Representation.Linkset;
            case "defaultLink" or "gs1:defaultLink" or "gs1:pip" or "gs1:dpp":
                return Representation.Page;
        }

        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted) || accepted.Count == 0)
        {
            return Representation.Page;
        }

        // The most specific range that fits decides how much a form is wanted; of equally wanted ones the first on offer is given.
        var best = Offered.Select(o => (o.Form, Wanted: Wanted(o.Type, accepted))).MaxBy(o => o.Wanted);
        return best.Wanted > 0 ? best.Form : null;
    }

    private static double Wanted(string type, IList<MediaTypeHeaderValue> accepted)
    {
        var offered = new MediaTypeHeaderValue(type);
        return accepted.Where(a => offered.IsSubsetOf(a))
            .OrderBy(a => a.MatchesAllTypes ? 2 : a.MatchesAllSubTypes ? 1 : 0)
            .Select(a => a.Quality ?? 1)
            .FirstOrDefault();
    }
}
