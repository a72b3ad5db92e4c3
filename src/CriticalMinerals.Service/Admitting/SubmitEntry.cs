using System.Buffers;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Wolverine.Http;

namespace CriticalMinerals.Service.Admitting;

/// <summary>The one way to write: a signed entry, alone or in a stream.</summary>
public static class SubmitEntry
{
    private const string SdJwt = "application/sd-jwt";
    private const string Lines = "application/x-ndjson";

    /// <summary>
    /// Admits one entry (<c>application/sd-jwt</c>: 201 with the receipt, 200 for a retry) or a stream of them (<c>application/x-ndjson</c>: 200 with one
    /// answer a line, each entry on its own).
    /// </summary>
    [WolverinePost("/entries")]
    [ProducesResponseType<string>(StatusCodes.Status201Created, "text/plain")]
    [ProducesResponseType(StatusCodes.Status200OK)]
    public static async Task<IResult> PostAsync(HttpContext context, [NotBody] Intake intake, [NotBody] SignedLog log, CancellationToken cancel)
    {
        switch (MediaType(context.Request))
        {
            case SdJwt:
                var (candidate, outcome) = await ReadAsync(context.Request, intake, cancel);
                return await AnswerAsync(outcome ?? await intake.SubmitAsync(candidate!), log, cancel);
            case Lines:
                return new EntryStream(intake);
            default:
                return Problems.MediaType;
        }
    }

    /// <summary>Says what <c>POST /entries</c> would say to the entry if it came next, and writes nothing.</summary>
    [WolverinePost("/entries/check")]
    [ProducesResponseType(StatusCodes.Status200OK)]
    public static async Task<IResult> CheckAsync(HttpContext context, [NotBody] Intake intake, CancellationToken cancel)
    {
        if (MediaType(context.Request) != SdJwt)
        {
            return Problems.MediaType;
        }

        var (candidate, outcome) = await ReadAsync(context.Request, intake, cancel);
        return outcome switch
        {
            Outcome.Refused(var problem) => problem,
            Outcome.Repeated(var hash, _) => Admissible(hash),
            _ => await intake.PreviewAsync(candidate!, cancel) ?? Admissible(candidate!.Signed.Entry.LeafHash),
        };
    }

    private static IResult Admissible(Digest leafHash) => Results.Json(new { admissible = true, leaf_hash = leafHash.ToString() });

    private static async Task<IResult> AnswerAsync(Outcome outcome, SignedLog log, CancellationToken cancel) => outcome switch
    {
        Outcome.Admitted(var hash, _, var receipt) => new ReceiptAnswer(StatusCodes.Status201Created, hash, receipt),
        Outcome.Repeated(var hash, var index) => new ReceiptAnswer(StatusCodes.Status200OK, hash, await log.ReceiptAsync(index, cancel)),
        Outcome.Refused(var problem) => problem,
        _ => throw new InvalidOperationException("An outcome of no known kind."),
    };

    private static string? MediaType(HttpRequest request) => request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();

    private static async Task<(Candidate? Candidate, Outcome? Outcome)> ReadAsync(HttpRequest request, Intake intake, CancellationToken cancel)
    {
        // Our own limit is lower than the server's, whose refusal would come as an exception out of the read.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        // One byte more than is allowed tells an oversized body from a full one, whatever its Content-Length says.
        var buffer = ArrayPool<byte>.Shared.Rent(SignedEntry.MaximumLength + 1);
        try
        {
            var length = await request.Body.ReadAtLeastAsync(buffer.AsMemory(0, SignedEntry.MaximumLength + 1), SignedEntry.MaximumLength + 1, throwOnEndOfStream: false, cancel);
            return await intake.ReadAsync(buffer.AsMemory(0, length), cancel);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>A receipt as the answer to a submission or a question.</summary>
public sealed class ReceiptAnswer(int status, Digest leafHash, Receipt receipt) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.Location = $"/entries/{leafHash}";
        return response.WriteAsync(receipt.ToString(), httpContext.RequestAborted);
    }
}
