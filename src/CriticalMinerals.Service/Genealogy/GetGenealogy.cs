using System.Globalization;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Readings;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Net.Http.Headers;
using Wolverine.Http;

namespace CriticalMinerals.Service.Genealogy;

/// <summary>Where a chain is from and where it went, to any depth: from a battery to its mines, from a lot to every battery that it went into.</summary>
public static class GetGenealogy
{
    private const int DefaultCount = 100;
    private const int MaximumCount = 1000;

    private static readonly Dictionary<string, Towards> Directions = Wire<Towards>(Enum.GetValues<Towards>());
    private static readonly Dictionary<string, ChainKind> Kinds = Wire<ChainKind>([ChainKind.Lot, ChainKind.Component, ChainKind.Consignment, ChainKind.Battery]);

    /// <summary>The chains that a chain leads to, in the order in which they were opened; 404 for a chain that is not there or not for the caller.</summary>
    /// <param name="sub">The chain's name.</param>
    /// <param name="towards"><c>origins</c>: what it took from, and so on. <c>uses</c>: what took from it, and so on.</param>
    /// <param name="kind">Only chains of this kind: <c>lot</c>, <c>component</c>, <c>consignment</c> or <c>battery</c>.</param>
    /// <param name="at">As it was at this size of the log or at this instant; without it, as it is now.</param>
    /// <param name="after">Only chains opened after this index: <c>next</c> says it.</param>
    /// <param name="limit">At most so many, 1 to 1000; without it, 100.</param>
    /// <param name="context">The exchange.</param>
    /// <param name="genealogy">Walks.</param>
    /// <param name="entries">Knows the chains.</param>
    /// <param name="moments">Reads <paramref name="at"/>.</param>
    /// <param name="address">Where passports are.</param>
    /// <param name="callers">Who asks.</param>
    /// <param name="access">What it may read.</param>
    /// <param name="readings">Records the read.</param>
    /// <param name="cancel">The caller went away.</param>
    [WolverineGet("/genealogy")]
    public static async Task<IResult> GetAsync(
        string? sub, string? towards, string? kind, string? at, string? after, string? limit, HttpContext context, [NotBody] GenealogyReader genealogy,
        [NotBody] EntryReader entries, [NotBody] Moments moments, [NotBody] PublicAddress address, [NotBody] Callers callers, [NotBody] Access access, [NotBody] ReadingLog readings, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers.Vary = "Authorization";
        var (caller, problem) = await callers.OfAsync(context);
        if (caller is null)
        {
            return problem!;
        }

        if (!Names.IsSubject(sub))
        {
            return Problems.ChainMalformed;
        }

        if (!Directions.TryGetValue(towards ?? "", out var direction))
        {
            return new Problem(400, "direction-unknown", "No such direction", $"towards is {string.Join(" or ", Directions.Keys)}.");
        }

        ChainKind? only = null;
        if (!string.IsNullOrEmpty(kind))
        {
            if (!Kinds.TryGetValue(kind, out var known))
            {
                return new Problem(400, "kind-unknown", "No such kind of chain", $"kind is {string.Join(", ", Kinds.Keys)}, or left out for all.");
            }

            only = known;
        }

        if (await moments.AfterAsync(after, cancel) is not { } from || Number(limit, DefaultCount, MaximumCount) is not (>= 1 and var count))
        {
            return new Problem(400, "page-malformed", "Not a part of the answer", "after is an index of the log, as next gives it; limit is 1 to 1000.");
        }

        if (await moments.SizeAsync(at, cancel) is not { } size)
        {
            return Moments.Malformed("at");
        }

        if (await access.ReadableAsync(caller, sub, cancel) is not { } chain)
        {
            return Unknown;
        }

        if (await entries.HeadAsync(sub, size, cancel) is null)
        {
            return Unknown;
        }

        (var viewer, problem) = await access.ViewerAsync(caller, chain, cancel);
        if (viewer is null)
        {
            return problem!;
        }

        if (await genealogy.WalkAsync(sub, direction, size, only, from, (int)count, access.IsAuditor(caller), cancel) is not { } walk)
        {
            return Problems.WalkTooLong;
        }

        IReadOnlyList<ReachedChain> shown = [.. walk.Chains.Take((int)count)];

        // Whoever holds a closed chain is told that it was named here.
        if (await readings.RecordAsync(caller, viewer.Audience, [sub, .. shown.Where(reached => IsClosed(reached.Opening, access)).Select(reached => reached.Opening.Subject)], $"genealogy {towards}", context) is { } unrecorded)
        {
            return unrecorded;
        }

        var next = walk.Chains.Count > shown.Count ? Next(sub, towards!, kind, size, shown[^1].Index, limit) : null;
        var page = new GenealogyPage
        {
            Sub = sub,
            Towards = direction,
            Kind = only,
            At = size,
            Chains = [.. shown.Select(reached => Show(reached, address))],
            NotShown = direction == Towards.Origins ? walk.NotShown : null,
            IsCut = walk.IsCut,
            Next = next,
        }.ToUtf8();

        if (next is not null)
        {
            context.Response.Headers.Link = $"<{next}>; rel=\"next\"";
        }

        return caller.IsPublic && EntityTags.IsUnchanged(context, new EntityTagHeaderValue($"\"{Digest.Sha256(page)}\"")) ? EntityTags.NotModified : Results.Bytes(page, "application/json");
    }

    private static Problem Unknown => Problems.NotFound with { Detail = "This log knows no such chain at that moment. Check the name in sub, or ask for a later moment." };

    private static bool IsClosed(Entry opening, Access access) => !access.EntriesAreOpen && opening.Data.TryGetProperty("open", out var open) && open.ValueKind == JsonValueKind.False;

    private static GenealogyChain Show(ReachedChain reached, PublicAddress address) => new()
    {
        Sub = reached.Opening.Subject,
        Kind = reached.Kind,
        Event = reached.Opening.Event,
        Index = reached.Index,
        Entry = reached.Opening.LeafHash.ToString(),
        Depth = reached.Depth,
        Href = reached.Kind == ChainKind.Battery ? address.Of(reached.Opening.Subject) : null,
    };

    // The size stands in it: all parts are of one moment, however the log grows meanwhile.
    private static string Next(string sub, string towards, string? kind, long size, long after, string? limit)
    {
        var query = new QueryBuilder { { "sub", sub }, { "towards", towards } };
        if (!string.IsNullOrEmpty(kind))
        {
            query.Add("kind", kind);
        }

        query.Add("at", size.ToString(CultureInfo.InvariantCulture));
        query.Add("after", after.ToString(CultureInfo.InvariantCulture));
        if (!string.IsNullOrEmpty(limit))
        {
            query.Add("limit", limit);
        }

        return "/genealogy" + query.ToQueryString();
    }

    private static long? Number(string? text, long otherwise, long most) =>
        string.IsNullOrEmpty(text) ? otherwise : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number : null;

    private static Dictionary<string, T> Wire<T>(IEnumerable<T> values)
        where T : struct, Enum => values.ToDictionary(value => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()), StringComparer.Ordinal);
}
