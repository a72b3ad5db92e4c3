using System.Globalization;
using CriticalMinerals.Service.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Readings;

/// <summary>
/// The command <c>forget-reader &lt;name&gt;</c> of the ledger's operator: the name of one who read something restricted is forgotten now. The service may run
/// meanwhile, unless its database is the private one of the data folder. A restored backup brings the name back: then the command is given again.
/// </summary>
public static class ForgetReader
{
    /// <summary>The first argument of the command line; the name is the second.</summary>
    public const string Command = "forget-reader";

    /// <summary>Forgets and says how often the name stood there.</summary>
    /// <exception cref="StartupException">The database cannot be reached or holds no ledger, or a service uses the data folder.</exception>
    public static async Task<string> RunAsync(LedgerOptions options, string name, CancellationToken cancel)
    {
        await using var server = await DatabaseSource.OpenAsync(options, Command, cancel);
        await using var database = NpgsqlDataSource.Create(server.OwnerConnectionString);
        try
        {
            var count = await ReaderNames.ForgetAsync(database, name, cancel);
            return count == 0
                ? $"No read is recorded under {name}. An operator is named by its DID, a person by issuer and subject with a space between, as /readings tells it."
                : string.Create(CultureInfo.InvariantCulture, $"{name} is forgotten in {count} records. They stay and are verified as before; a backup from before now still has the name.");
        }
        catch (NpgsqlException failed)
        {
            throw new StartupException($"Nothing was forgotten. {failed.Message} Check ConnectionStrings__LedgerOwner: the database must answer and hold the ledger.", failed);
        }
    }
}
