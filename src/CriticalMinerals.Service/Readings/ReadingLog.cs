using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Service.Log;
using Npgsql;

namespace CriticalMinerals.Service.Readings;

/// <summary>
/// Records each restricted read before it is answered: of which chain, when, what, as whom, by whom. The records of a chain are linked by their hashes, and
/// a statement by the log's head key says how many there are and what the last hash is: whoever keeps one, reader or responsible operator, finds out if
/// a record is altered, dropped or slipped in.
/// </summary>
public sealed class ReadingLog(NpgsqlDataSource database, SignedLog log, TimeProvider clock)
{
    /// <summary>Response header with the statement after this read.</summary>
    public const string StatementHeader = "Battery-Passport-Readings";

    /// <summary>Records a read of these chains and puts the statement about the first of them into the answer; what could not be recorded is not answered.</summary>
    /// <returns>Null, or the problem to answer with.</returns>
    public async Task<Problem?> RecordAsync(Caller caller, Audience? audience, IReadOnlyCollection<string> chains, string what, HttpContext context)
    {
        if (caller.IsPublic || chains.Count == 0)
        {
            return null;
        }

        try
        {
            var written = await WriteAsync(caller, audience, [.. chains.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], what, context.RequestAborted);
            var (first, count, hash) = written.Find(w => w.Chain == chains.First());
            context.Response.Headers[StatementHeader] = (await log.ReadingsAsync(first, count, hash, context.RequestAborted)).Text;
            return null;
        }
        catch (NpgsqlException)
        {
            return Problems.ReadUnavailable;
        }
    }

    /// <summary>Records of a chain after a number, in order.</summary>
    public async Task<IReadOnlyList<RecordedReading>> ReadAsync(string chain, long after, int count, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select n, record, hash from ledger.reading where chain = $1 and n > $2 order by n limit $3");
        command.Parameters.Add(new() { Value = chain });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = count });
        var records = new List<(RecordedReading Reading, Digest Who)>();
        await using (var rows = await command.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
            {
                var record = rows.GetString(1);
                records.Add((new RecordedReading(rows.GetInt64(0), record, new Digest(rows.GetFieldValue<byte[]>(2)), null), WhoOf(record)));
            }
        }

        var names = new Dictionary<Digest, string>();
        await using var who = database.CreateCommand("select digest, text from ledger.reader where digest = any($1)");
        who.Parameters.Add(new() { Value = records.Select(r => r.Who.ToArray()).ToArray() });
        await using var found = await who.ExecuteReaderAsync(cancel);
        while (await found.ReadAsync(cancel))
        {
            names[new Digest(found.GetFieldValue<byte[]>(0))] = found.GetString(1);
        }

        return records.ConvertAll(r => r.Reading with { Who = names.GetValueOrDefault(r.Who) });
    }

    /// <summary>How many records a chain has, and the hash of the last; zero and 32 zero bytes without any.</summary>
    public async Task<(long Count, Digest Hash)> LastAsync(string chain, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select n, hash from ledger.reading where chain = $1 order by n desc limit 1");
        command.Parameters.Add(new() { Value = chain });
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? (row.GetInt64(0) + 1, new Digest(row.GetFieldValue<byte[]>(1))) : (0, Digest.Zero);
    }

    private async Task<List<(string Chain, long Count, Digest Hash)>> WriteAsync(Caller caller, Audience? audience, string[] chains, string what, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        // One record after the other on each chain, whichever node writes; all nodes lock in the same order.
        await using (var turn = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended(c, 7)) from unnest($1) with ordinality t(c, n) order by n", connection) { Parameters = { new() { Value = chains } } })
        {
            await turn.ExecuteNonQueryAsync(cancel);
        }

        var last = new Dictionary<string, (long N, Digest Hash)>(StringComparer.Ordinal);
        await using (var find = new NpgsqlCommand("select distinct on (chain) chain, n, hash from ledger.reading where chain = any($1) order by chain, n desc", connection) { Parameters = { new() { Value = chains } } })
        {
            await using var rows = await find.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                last[rows.GetString(0)] = (rows.GetInt64(1), new Digest(rows.GetFieldValue<byte[]>(2)));
            }
        }

        var who = Disclosure.Create("who", caller.Name);
        var at = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var written = new List<(string Chain, long Count, Digest Hash)>(chains.Length);
        var records = new List<string>(chains.Length);
        foreach (var chain in chains)
        {
            var (n, before) = last.TryGetValue(chain, out var newest) ? (newest.N + 1, newest.Hash) : (0, Digest.Zero);
            var record = new JsonObject
            {
                ["at"] = at,
                ["n"] = n,
                ["sub"] = chain,
                ["what"] = what,
                ["who"] = who.Digest.ToString(),
                ["why"] = AccessPolicy.Wire(audience ?? Audience.Own),
            }.ToJsonString();
            records.Add(record);
            written.Add((chain, n + 1, ReadingStatement.Link(before, record)));
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("insert into ledger.reading (chain, n, record, hash) select * from unnest($1, $2, $3, $4)")
        {
            Parameters =
            {
                new() { Value = chains },
                new() { Value = written.Select(w => w.Count - 1).ToArray() },
                new() { Value = records.ToArray() },
                new() { Value = written.Select(w => w.Hash.ToArray()).ToArray() },
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand("insert into ledger.reader (digest, text, at) values ($1, $2, $3)")
        {
            Parameters = { new() { Value = who.Digest.ToArray() }, new() { Value = who.Text }, new() { Value = clock.GetUtcNow() } },
        });
        await batch.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        return written;
    }

    private static Digest WhoOf(string record) => Digest.TryParse(JsonNode.Parse(record)?["who"]?.GetValue<string>(), out var digest) ? digest : default;
}

/// <summary>A record as it is kept.</summary>
/// <param name="N">Its number on the chain, from 0.</param>
/// <param name="Record">JSON, as hashed.</param>
/// <param name="Hash">SHA-256 over the hash before it and the record.</param>
/// <param name="Who">Disclosure of the reader's name; null once it is deleted.</param>
public sealed record RecordedReading(long N, string Record, Digest Hash, string? Who);
