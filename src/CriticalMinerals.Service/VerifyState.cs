using System.Data;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Postgres;
using Npgsql;

namespace CriticalMinerals.Service;

/// <summary>
/// The command <c>verify-state</c>: replays the whole log from its leaf bytes and holds every row that the service keeps beside them against it. The rules are
/// asked about folded states, given lines and names, so whoever alters one lets in what the log would refuse, without touching an entry; an audit from
/// outside sees it with the next entry, this command at once. Reads one snapshot; a service may go on writing meanwhile, unless its database is the private one of the data folder.
/// </summary>
public static class VerifyState
{
    /// <summary>The first argument of the command line.</summary>
    public const string Command = "verify-state";

    /// <summary>Verifies everything and says what.</summary>
    /// <exception cref="StartupException">A row is not what the entries give, first of all this one; or database or data folder cannot be read.</exception>
    public static async Task<string> RunAsync(LedgerOptions options, CancellationToken cancel)
    {
        await using var source = await DatabaseSource.OpenAsync(options, Command, cancel);
        try
        {
            // Before the snapshot: what is signed by now is in it.
            var pin = new Pin(options.DataFolder);
            var (pinned, withheld) = (pin.Read(), Withheld.Read(pin));
            await using var connection = new NpgsqlConnection(source.ServiceConnectionString);
            await connection.OpenAsync(cancel);
            await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
            return await ReplayedLog.VerifyAsync(connection, pinned, withheld, cancel);
        }
        catch (NpgsqlException refused)
        {
            throw new StartupException($"The ledger's tables cannot be read: {refused.Message}", refused);
        }
    }
}
