using System.Globalization;
using CriticalMinerals.Ledger;
using Microsoft.AspNetCore.Mvc;
using Wolverine.Http;

namespace CriticalMinerals.Service.Witnessing;

/// <summary>C2SP tlog-witness v1.0.0, for the logs that <c>Ledger__Witness__Logs</c> names; to everybody else these addresses are not there.</summary>
public static class PostCheckpoint
{
    /// <summary>Cosigns another log's checkpoint that continues the one cosigned before: 200 with the cosignature, 409 with the size cosigned last.</summary>
    [WolverinePost("/add-checkpoint")]
    [ProducesResponseType<string>(StatusCodes.Status200OK, "text/plain")]
    public static async Task<IResult> PostAsync(HttpContext context, [NotBody] WitnessDesk desk, CancellationToken cancel)
    {
        if (!desk.IsOpen)
        {
            return Problems.NotFound;
        }

        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, cancel)) > 0;)
        {
            if (body.Length + read > AddCheckpoint.MaxLength)
            {
                return Problems.Witness(StatusCodes.Status413PayloadTooLarge, $"A request to a witness has at most {AddCheckpoint.MaxLength} bytes.");
            }

            body.Write(buffer, 0, read);
        }

        return AddCheckpoint.Parse(body.GetBuffer().AsSpan(0, (int)body.Length), out var fault) is not { } request
            ? Problems.Witness(fault!.Failure == Failure.TooLarge ? StatusCodes.Status413PayloadTooLarge : WitnessAnswer.Malformed, fault.Detail)
            : await desk.DecideAsync(request, cancel) switch
            {
                WitnessAnswer.Cosigned(var line, _) => Results.Text($"{line}\n", "text/plain", System.Text.Encoding.UTF8),
                WitnessAnswer.Conflict(var size) => Results.Text(string.Create(CultureInfo.InvariantCulture, $"{size}\n"), AddCheckpoint.SizeMediaType, statusCode: StatusCodes.Status409Conflict),
                WitnessAnswer.Refused(var status, var why) => Problems.Witness(status, why.Detail),
                _ => throw new InvalidOperationException("An answer of no known kind."),
            };
    }

    /// <summary>The newest checkpoint of another log that this service cosigned, for monitors. The log is named by the SHA-256 of its origin, in hexadecimal.</summary>
    [WolverineGet("/{originHash:length(64)}/checkpoint")]
    public static async Task<IResult> GetAsync(string originHash, HttpContext context, [NotBody] WitnessDesk desk, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return desk.IsOpen && await desk.LatestAsync(originHash, cancel) is { } note ? Results.Text(note, "text/plain", System.Text.Encoding.UTF8) : Problems.NotFound;
    }
}
