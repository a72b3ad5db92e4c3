using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Wolverine.Http;

namespace CriticalMinerals.Service.Attachments;

/// <summary>Serves the documents that entries name in clear.</summary>
public static class GetAttachment
{
    /// <summary>
    /// A document by the hash in the entry: its bytes as a download, in the entry's media type. 403 for one that is named in a disclosure only, 404 for one that
    /// nobody names or nobody has brought.
    /// </summary>
    [WolverineGet("/attachments/{sha256}")]
    [ProducesResponseType<byte[]>(StatusCodes.Status200OK, "application/octet-stream")]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    [ProducesResponseType(StatusCodes.Status403Forbidden)]
    [ProducesResponseType(StatusCodes.Status404NotFound)]
    public static async Task<IResult> GetAsync(string sha256, HttpContext context, [NotBody] AttachmentStore store, CancellationToken cancel)
    {
        if (!Digest.TryParse(sha256, out var name) || await store.NamedAsync(name, cancel) is not { Count: > 0 } named)
        {
            return Problems.NotFound;
        }

        NamedDocument? shown = null;
        foreach (var (entry, document) in named.Where(n => n.Document.Access == AccessClass.P))
        {
            if (await store.IsOpenAsync(entry, cancel))
            {
                shown = document;
                break;
            }
        }

        if (shown is null)
        {
            return Problems.AttachmentRestricted;
        }

        return await store.SizeAsync(name, cancel) is { } size ? new AttachmentAnswer(shown, size, store) : Problems.NotFound;
    }
}

/// <summary>
/// A stranger's document as an answer. It is never shown inside this host's pages: it is a download, nobody guesses its type, and a browser that shows it all the
/// same gives it no script and no origin.
/// </summary>
public sealed class AttachmentAnswer(NamedDocument document, long size, AttachmentStore store) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var tag = new EntityTagHeaderValue($"\"{document.Name}\"");
        response.Headers.ETag = tag.ToString();
        response.Headers.CacheControl = "public, max-age=31536000, immutable";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        response.Headers.ContentDisposition = "attachment";
        if (httpContext.Request.GetTypedHeaders().IfNoneMatch.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(tag, useStrongComparison: false)))
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
