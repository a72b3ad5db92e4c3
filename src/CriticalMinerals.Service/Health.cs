using Microsoft.AspNetCore.Http.HttpResults;
using CriticalMinerals.Service.Witnessing;
using Npgsql;
using Wolverine.Http;

namespace CriticalMinerals.Service;

/// <summary>For whoever runs the service: is the process up, and can it serve.</summary>
public static class Health
{
    /// <summary>200 as long as the process answers at all; asks nothing of the database.</summary>
    [WolverineGet("/health/live")]
    public static string Live() => "live";

    /// <summary>200 when the ledger's tables can be read within two seconds, else 503. Below it, one a line, what witnesses say against this log.</summary>
    [WolverineGet("/health/ready")]
    public static async Task<Results<ContentHttpResult, ProblemHttpResult>> ReadyAsync(NpgsqlDataSource database, [NotBody] WitnessAsker witnesses, CancellationToken cancel)
    {
        try
        {
            await using var command = database.CreateCommand($"select size from {Storage.Schema}.state");
            command.CommandTimeout = 2;
            await command.ExecuteScalarAsync(cancel);
            return TypedResults.Text("ready" + string.Concat(witnesses.Contradictions.Select(said => $"\nwitness {said.Key} contradicts this log: {said.Value}")));
        }
        catch (NpgsqlException)
        {
            return TypedResults.Problem("The database does not answer.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
