using Microsoft.Net.Http.Headers;

namespace CriticalMinerals.Service;

/// <summary>Spares a caller what it has already (RFC 9110 section 13.1.2).</summary>
public static class EntityTags
{
    /// <summary>The answer to a caller that has it.</summary>
    public static IResult NotModified => Results.StatusCode(StatusCodes.Status304NotModified);

    /// <summary>Names the version of the answer, and says whether the caller named the same.</summary>
    public static bool IsUnchanged(HttpContext context, EntityTagHeaderValue tag)
    {
        context.Response.Headers.ETag = tag.ToString();
        return context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false));
    }
}
