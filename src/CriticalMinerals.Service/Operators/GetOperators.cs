using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Registry;
using CriticalMinerals.Service.Log;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Net.Http.Headers;
using Wolverine.Http;

namespace CriticalMinerals.Service.Operators;

/// <summary>Who is enrolled, with which roles, keys and prefixes, and who is suspended. All of it stands in public chains; this spares reading them.</summary>
public static class GetOperators
{
    private const int DefaultCount = 100;
    private const int MaximumCount = 1000;

    /// <summary>Operators in the order of their enrolment, as they are now. A natural person's name is not among what is told.</summary>
    /// <param name="after">Only operators enrolled after this index: <c>next</c> says it.</param>
    /// <param name="limit">At most so many, 1 to 1000; without it, 100.</param>
    /// <param name="context">The exchange.</param>
    /// <param name="operators">Knows them.</param>
    /// <param name="cancel">The caller went away.</param>
    [WolverineGet("/operators")]
    public static async Task<IResult> GetAsync(string? after, string? limit, HttpContext context, [NotBody] OperatorReader operators, CancellationToken cancel)
    {
        if ((string.IsNullOrEmpty(after) ? long.MinValue : Moments.Index(after, await operators.FirstAsync(cancel))) is not { } from || Number(limit, DefaultCount, MaximumCount) is not (>= 1 and var count))
        {
            return new Problem(400, "page-malformed", "Not a part of the answer", "after is an index of the log, as next gives it; limit is 1 to 1000.");
        }

        var found = await operators.AfterAsync(from, (int)count + 1, cancel);
        IReadOnlyList<EnrolledOperator> shown = [.. found.Take((int)count)];
        var next = found.Count > shown.Count ? Next(shown[^1].Since, limit) : null;
        var page = new OperatorPage { Operators = shown, Next = next }.ToUtf8();

        context.Response.Headers.CacheControl = "no-cache";
        if (next is not null)
        {
            context.Response.Headers.Link = $"<{next}>; rel=\"next\"";
        }

        return EntityTags.IsUnchanged(context, new EntityTagHeaderValue($"\"{Digest.Sha256(page)}\"")) ? EntityTags.NotModified : Results.Bytes(page, "application/json");
    }

    private static string Next(long after, string? limit)
    {
        var query = new QueryBuilder { { "after", after.ToString(CultureInfo.InvariantCulture) } };
        if (!string.IsNullOrEmpty(limit))
        {
            query.Add("limit", limit);
        }

        return "/operators" + query.ToQueryString();
    }

    private static long? Number(string? text, long otherwise, long most) =>
        string.IsNullOrEmpty(text) ? otherwise : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number : null;
}
