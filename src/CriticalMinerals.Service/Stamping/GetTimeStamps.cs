using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Wolverine.Http;

namespace CriticalMinerals.Service.Stamping;

/// <summary>The time stamps of checkpoints (RFC 3161), at paths that a folder of files can have too.</summary>
public static class GetTimeStamps
{
    private const string Immutable = "public, max-age=31536000, immutable";

    /// <summary>All of them: size of the checkpoint, and the time that the authority states.</summary>
    [WolverineGet("/timestamps/index.json")]
    public static async Task<IResult> ListAsync(HttpContext context, [NotBody] NpgsqlDataSource database, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return Results.Json(new JsonObject
        {
            ["timestamps"] = new JsonArray([.. (await TimeStamps.ListAsync(database, cancel)).Select(stamp => (JsonNode)new JsonObject
            {
                ["size"] = stamp.Size,
                ["time"] = stamp.Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture),
            })]),
        });
    }

    /// <summary>The token over the text of the checkpoint of that size (RFC 3161 section 2.4.2, DER).</summary>
    [WolverineGet("/timestamps/{size}/token")]
    public static async Task<IResult> TokenAsync(string size, HttpContext context, [NotBody] NpgsqlDataSource database, CancellationToken cancel) =>
        await FindAsync(size, context, database, cancel) is { } stamp ? Results.Bytes(stamp.Token, "application/vnd.etsi.timestamp-token") : Problems.NotFound;

    /// <summary>That checkpoint, as a signed note.</summary>
    [WolverineGet("/timestamps/{size}/checkpoint")]
    public static async Task<IResult> CheckpointAsync(string size, HttpContext context, [NotBody] NpgsqlDataSource database, CancellationToken cancel) =>
        await FindAsync(size, context, database, cancel) is { } stamp ? Results.Text(stamp.Note, "text/plain", Encoding.UTF8) : Problems.NotFound;

    private static async Task<(string Note, byte[] Token)?> FindAsync(string size, HttpContext context, NpgsqlDataSource database, CancellationToken cancel)
    {
        if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || await TimeStamps.FindAsync(database, number, cancel) is not { } stamp)
        {
            return null;
        }

        context.Response.Headers.CacheControl = Immutable;
        return stamp;
    }
}
