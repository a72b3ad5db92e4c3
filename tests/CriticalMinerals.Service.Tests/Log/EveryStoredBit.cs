using System.Data;
using System.Text;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>
/// Bits of the ledger's rows, flipped one at a time: <c>verify-state</c> finds each and names its row. A sample of every column; in the full size every bit of a
/// small ledger.
/// </summary>
public sealed class EveryStoredBit(PostgresServer postgres)
{
    /// <summary>Columns that are no evidence, each with its reason; in Marten's and Wolverine's tables all but the leaf bytes, which stand in one of them.</summary>
    private static readonly Dictionary<string, string> Exempt = new()
    {
        ["leaf.committed_at"] = "said by the service, signed by nobody; that it never goes back is checked",
        ["state.committed_at"] = "the same",
        ["state.one"] = "always true",
        ["checkpoint.published_at"] = "said by the service, signed by nobody",
        ["cosignature.size"] = "signed by witnesses: whoever reads a checkpoint under a policy checks each line that is served with it",
        ["cosignature.witness"] = "the same",
        ["cosignature.line"] = "the same",
        ["cosignature.kept_at"] = "said by the service, signed by nobody",
        ["offer.one"] = "what witnesses are asked to cosign next; there is none here, and each checks what it is asked",
        ["offer.size"] = "the same",
        ["offer.note"] = "the same",
        ["offer.offered_at"] = "the same",
        ["witnessed.origin"] = "other logs' checkpoints, signed by them and by this service, which checks before it cosigns the next",
        ["witnessed.note"] = "the same",
        ["time_stamp.size"] = "signed by a time stamping authority over the checkpoint beside it: an audit that trusts the authority checks both",
        ["time_stamp.note"] = "the same",
        ["time_stamp.token"] = "the same",
        ["time_stamp.stamped_at"] = "stands in the token, which the audit reads",
        ["time_stamp.kept_at"] = "said by the service, signed by nobody",
        ["disclosure.ordinal"] = "the order in which they came; nothing depends on it",
        ["document.brought"] = "that its signer sent the bytes, which no entry says; whoever can write it can read the bytes beside it",
        ["attachment.sha256"] = "documents are no entries; each is named by its hash",
        ["attachment.size"] = "the same",
        ["attachment_part.sha256"] = "the same",
        ["attachment_part.part"] = "the same",
        ["attachment_part.bytes"] = "the same",
        ["reading.chain"] = "records of who read, a chain of hashes that the reader's own audit recomputes",
        ["reading.n"] = "the same",
        ["reading.record"] = "the same",
        ["reading.hash"] = "the same",
        ["reader.digest"] = "the same",
        ["reader.text"] = "the same",
        ["reader.at"] = "the same",
        ["caller_token.id"] = "tokens seen, gone in minutes",
        ["caller_token.expires_at"] = "the same",
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flipped_bit_of_a_stored_row_is_found_and_its_place_named()
    {
        await using var world = await SmallLedger.InAsync(postgres);
        await using var connection = new NpgsqlConnection(world.OwnerConnection);
        await connection.OpenAsync(Cancel);
        var random = new Random(20261126);
        var columns = await ColumnsAsync(connection);
        foreach (var (table, column) in columns.Where(c => c.Table != "tile"))
        {
            Assert.True(await FlipAsync(world, connection, table, column, World.IsFullSize ? int.MaxValue : 2, random) > 0, $"{table}.{column} has no row.");
        }

        // Full tiles need 256 entries, and each audit its time.
        var miner = await world.AnAsync(Role.Miner);
        await world.AdmitAsync([.. Enumerable.Range(0, 256).Select(_ => world.Says.Extracts(miner, Author.Uuid()))]);
        foreach (var (table, column) in columns.Where(c => c.Table == "tile"))
        {
            Assert.True(await FlipAsync(world, connection, table, column, World.IsFullSize ? int.MaxValue : 2, random) > 0, $"{table}.{column} has no row.");
        }

        Assert.Contains("are what the entries give", await SmallLedger.VerifyAsync(world), StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_it_is_where_the_log_goes_on_from_another_below_index_0_and_above()
    {
        var (ended, world) = await SuccessorWorld.SmallAsync(postgres);
        await using (ended)
        await using (world)
        {
            await using var connection = new NpgsqlConnection(world.OwnerConnection);
            await connection.OpenAsync(Cancel);
            var random = new Random(20261126);
            foreach (var (table, column) in await ColumnsAsync(connection))
            {
                Assert.True(await FlipAsync(world, connection, table, column, World.IsFullSize ? 500 : 2, random) > 0, $"{table}.{column} has no row.");
            }

            Assert.Contains("are what the entries give", await SmallLedger.VerifyAsync(world), StringComparison.Ordinal);
        }
    }

    /// <summary>Every column of the ledger's schema but the exempt ones; a new column is one or the other.</summary>
    private static async Task<List<(string Table, string Column)>> ColumnsAsync(NpgsqlConnection connection)
    {
        await using var ask = new NpgsqlCommand(
            """
            select table_name, column_name from information_schema.columns
            where table_schema = 'ledger' and (table_name !~ '^(mt|wolverine)_' or (table_name = 'mt_events' and column_name = 'bdata')) order by table_name, ordinal_position
            """,
            connection);
        var columns = new List<(string Table, string Column)>();
        await using var rows = await ask.ExecuteReaderAsync(Cancel);
        while (await rows.ReadAsync(Cancel))
        {
            columns.Add((rows.GetString(0), rows.GetString(1)));
        }

        Assert.Empty(Exempt.Keys.Except(columns.Select(c => $"{c.Table}.{c.Column}")));
        return [.. columns.Where(c => !Exempt.ContainsKey($"{c.Table}.{c.Column}"))];
    }

    /// <summary>Flips bits of a column's values, each alone and only as long as it is looked at; returns how many.</summary>
    private static async Task<int> FlipAsync(World world, NpgsqlConnection connection, string table, string column, int sample, Random random)
    {
#pragma warning disable CA2100 // Names of tables and columns, as the database itself tells them.
        var rows = new List<(string Row, object Value, string Place)>();
        await using (var read = new NpgsqlCommand($"select t.ctid::text, t.{column}, {Place(table, column)} from ledger.{table} t where t.{column} is not null{(table == "mt_events" ? " and stream_id <> 'mt_tombstone'" : "")}", connection))
        {
            await using var row = await read.ExecuteReaderAsync(Cancel);
            while (await row.ReadAsync(Cancel))
            {
                rows.Add((row.GetString(0), row.GetValue(1), row.GetString(2)));
            }
        }

        var all = rows.SelectMany(r => Enumerable.Range(0, Bits(r.Value)).Select(bit => (r, bit))).ToArray();
        var chosen = sample >= all.Length ? all : random.GetItems(all, sample);
        foreach (var ((row, value, place), bit) in chosen)
        {
            if (Flip(value, bit) is not { } flipped)
            {
                continue;
            }

            await using var changed = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, Cancel);
            try
            {
                await using var change = new NpgsqlCommand($"update ledger.{table} set {column} = $1 where ctid = '{row}'::tid", connection) { Parameters = { new() { Value = flipped } } };
                Assert.Equal(1, await change.ExecuteNonQueryAsync(Cancel));
            }
#pragma warning restore CA2100
            catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation)
            {
                continue; // The database itself does not take it.
            }

            var said = await SmallLedger.VerifyAsync(world, connection);
            Assert.True(said.StartsWith($"ledger.{place}", StringComparison.Ordinal), $"{table}.{column} at {row} ({place}), bit {bit}: {said}");
        }

        return chosen.Length;
    }

    /// <summary>How the command names a row; where the altered column is part of its name, the table at least.</summary>
    private static string Place(string table, string column) => (table, column) switch
    {
        ("mt_events", _) => "'leaf ' || (select l.index from ledger.leaf l where l.chain = t.stream_id and l.seq + 1 = t.version)",
        ("leaf", not "index") => "'leaf ' || index",
        ("chain", not "sub") => "'chain ' || sub",
        ("line", not ("entry" or "line")) => "'line ' || encode(entry, 'hex') || '/' || line",
        ("claim", not "name") => "'claim ' || name",
        ("tile", "hashes") => "'tile ' || level || '/' || n",
        ("checkpoint", "note") => "'checkpoint ' || size",
        ("disclosure", "text") => "'disclosure ' || leaf_index",
        ("state", _) => $"'state {column}'",
        _ => $"'{table} '",
    };

    private static int Bits(object value) => value switch
    {
        byte[] bytes => bytes.Length * 8,
        string text => Encoding.UTF8.GetByteCount(text) * 8,
        long => 64,
        int => 32,
        short => 16,
        Guid => 128,
        bool or decimal => 1,
        _ => throw new InvalidOperationException(value.GetType().Name),
    };

    /// <summary>The value with one bit of it the other way; null where PostgreSQL has no such value.</summary>
    private static object? Flip(object value, int bit)
    {
        switch (value)
        {
            case byte[] bytes:
                return Flip(bytes, bit);
            case Guid id:
                return new Guid(Flip(id.ToByteArray(), bit));
            case string text:
                try
                {
                    var flipped = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Flip(Encoding.UTF8.GetBytes(text), bit));
                    return flipped.Contains('\0') ? null : flipped;
                }
                catch (DecoderFallbackException)
                {
                    return null;
                }

            case long number:
                return number ^ (1L << bit);
            case int number:
                return number ^ (1 << bit);
            case short number:
                return unchecked((short)(number ^ (1 << bit)));
            case bool flag:
                return !flag;
            case decimal number:
                return number + 0.000000001m; // PostgreSQL's digits are not bits; the least that can change.
            default:
                throw new InvalidOperationException(value.GetType().Name);
        }
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        var flipped = bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
