using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Readings;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Wolverine.Http;

namespace CriticalMinerals.Service.Attachments;

/// <summary>Serves the documents that entries name: in clear to everybody, in disclosures to those who may see these.</summary>
public static class GetAttachment
{
    /// <summary>
    /// A document by the hash in the entry: its bytes as a download, in the entry's media type, once the operator that signed the entry has brought it. 403 for one
    /// whose naming the caller may not see, 404 for one that nobody names, or only chains that are closed to the caller, or that was not brought.
    /// </summary>
    /// <param name="sha256">The hash.</param>
    /// <param name="battery">Name of the battery to which the caller was let in: its grant opens the documents of its model too.</param>
    /// <param name="context">The exchange.</param>
    /// <param name="store">Keeps the documents.</param>
    /// <param name="callers">Who asks.</param>
    /// <param name="access">What it may see.</param>
    /// <param name="readings">Records the read.</param>
    /// <param name="cancel">The caller went away.</param>
    [WolverineGet("/attachments/{sha256}")]
    [ProducesResponseType<byte[]>(StatusCodes.Status200OK, "application/octet-stream")]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    [ProducesResponseType(StatusCodes.Status403Forbidden)]
    [ProducesResponseType(StatusCodes.Status404NotFound)]
    public static async Task<IResult> GetAsync(
        string sha256, string? battery, HttpContext context, [NotBody] AttachmentStore store, [NotBody] Callers callers, [NotBody] Access access, [NotBody] ReadingLog readings, CancellationToken cancel)
    {
        context.Response.Headers.Vary = "Authorization";
        var (caller, problem) = await callers.OfAsync(context);
        if (caller is null)
        {
            return problem!;
        }

        if (!Digest.TryParse(sha256, out var name) || await store.NamedAsync(name, caller, cancel) is not { Count: > 0 } named)
        {
            return Problems.NotFound;
        }

        // What everybody may read comes first: then there is nothing to record.
        var isThere = false;
        foreach (var (entry, document, isBrought) in named.OrderBy(n => n.Document.Access == AccessClass.P ? 0 : 1))
        {
            if (await access.ChainAsync(entry, cancel) is not { } chain)
            {
                continue;
            }

            var isPublic = document.Access == AccessClass.P && chain.IsOpen;
            var viewer = isPublic ? null : await ViewerAsync(caller, chain, battery, entry, document, access, cancel);
            if (!isPublic && viewer is null)
            {
                // A document that only closed chains name is to others one that nobody names.
                isThere = isThere || access.IsOpen(chain) || await access.MayReadAsync(caller, entry, cancel);
                continue;
            }

            // Whoever named it may have heard no more than the hash.
            if (!isBrought)
            {
                continue;
            }

            if (await store.SizeAsync(name, cancel) is not { } size)
            {
                return Problems.NotFound;
            }

            return await readings.RecordAsync(caller, viewer?.Audience, isPublic ? [] : chain is ModelState && viewer!.Chains is { } letIn ? letIn : [chain.Subject], $"attachment {name}", context) is { } unrecorded
                ? unrecorded
                : new AttachmentAnswer(document, size, store, isPublic && caller.IsPublic);
        }

        return isThere ? Problems.AttachmentRestricted : Problems.NotFound;
    }

    // As whom it may see the document; null when it may not. Which battery's grant opens a model's document only the caller can say: a model has many batteries.
    private static async Task<Viewer?> ViewerAsync(
        Caller caller, ChainState chain, string? battery, StoredEntry entry, NamedDocument document, Access access, CancellationToken cancel)
    {
        if (caller.IsPublic || !await access.MayReadAsync(caller, entry, cancel))
        {
            return null;
        }

        if (await access.ViewerAsync(caller, chain, cancel) is { Viewer: { } viewer } && viewer.MaySee(entry.Signed.Entry, document.Access))
        {
            return viewer;
        }

        return chain is ModelState && await access.LetInAsync(caller, battery, cancel) is { } letIn && letIn.MaySee(entry.Signed.Entry, document.Access) ? letIn : null;
    }
}

/// <summary>
/// A stranger's document as an answer. It is never shown inside this host's pages: it is a download, nobody guesses its type, and a browser that shows it all the
/// same gives it no script and no origin.
/// </summary>
public sealed class AttachmentAnswer(NamedDocument document, long size, AttachmentStore store, bool isForAll) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var tag = new EntityTagHeaderValue($"\"{document.Name}\"");
        if (isForAll)
        {
            response.Headers.ETag = tag.ToString();
            response.Headers.CacheControl = "public, max-age=31536000, immutable";
        }

        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        response.Headers.ContentDisposition = "attachment";
        if (isForAll && httpContext.Request.GetTypedHeaders().IfNoneMatch.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = document.MediaType;
        response.ContentLength = size;

        // HEAD comes here as GET with a body that goes nowhere.
        return response.Body == Stream.Null ? Task.CompletedTask : store.CopyAsync(document.Name, size, response.Body, httpContext.RequestAborted);
    }
}
