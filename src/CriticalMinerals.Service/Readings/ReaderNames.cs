using Npgsql;

namespace CriticalMinerals.Service.Readings;

/// <summary>
/// The names of readers, which stand apart from the records of what they read: the one part of a record that is forgotten. The record holds the digest of
/// the disclosure that says the name (<see cref="ReadingLog"/>), so it stays verifiable, and says of whom as little as random bytes do.
/// </summary>
public static class ReaderNames
{
    /// <summary>Forgets all names recorded before an instant.</summary>
    /// <returns>How many.</returns>
    public static async Task<int> ForgetAsync(NpgsqlDataSource database, DateTimeOffset before, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("delete from ledger.reader where at < $1");
        command.Parameters.Add(new() { Value = before.ToUniversalTime() });
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Forgets one name, wherever it stands.</summary>
    /// <param name="database">The ledger's.</param>
    /// <param name="name">The DID of an operator; of a person the issuer and the subject with a space between, as <c>/readings</c> tells it.</param>
    /// <param name="cancel">Ends the forgetting.</param>
    /// <returns>How many records named it.</returns>
    public static async Task<int> ForgetAsync(NpgsqlDataSource database, string name, CancellationToken cancel)
    {
        // A disclosure is base64url of [salt, "who", name] in UTF-8; each has a salt of its own, so all are read.
        await using var command = database.CreateCommand(
            """
            delete from ledger.reader
            where (convert_from(decode(rpad(translate(text, '-_', '+/'), (length(text) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb) ->> 2 = $1
            """);
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteNonQueryAsync(cancel);
    }
}
