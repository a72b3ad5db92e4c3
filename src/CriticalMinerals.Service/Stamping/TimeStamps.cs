using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Log;
using Npgsql;

namespace CriticalMinerals.Service.Stamping;

/// <summary>
/// Has the public checkpoint time stamped when the last stamp is old enough and the log has grown since. Any node does, one at a time. Nothing else waits for
/// it: an authority that fails, lies or sleeps costs a line in the log book and another try.
/// </summary>
public sealed class TimeStamps(NpgsqlDataSource database, PublicCheckpoint checkpoint, LedgerOptions options, TimeProvider clock, ILogger<TimeStamps> logger) : BackgroundService
{
    /// <summary>Key of the advisory lock that says whose turn it is.</summary>
    private const long Turn = 0x434D_5453_4131_3631;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>All stamps by size: the size and the time that the authority states.</summary>
    public static async Task<IReadOnlyList<(long Size, DateTimeOffset Time)>> ListAsync(NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select size, stamped_at from ledger.time_stamp order by size");
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var stamps = new List<(long, DateTimeOffset)>();
        while (await rows.ReadAsync(cancel))
        {
            stamps.Add((rows.GetInt64(0), rows.GetFieldValue<DateTimeOffset>(1)));
        }

        return stamps;
    }

    /// <summary>One stamp: the checkpoint as a signed note, and the token over its text; null when there is none of that size.</summary>
    public static async Task<(string Note, byte[] Token)?> FindAsync(NpgsqlDataSource database, long size, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select note, token from ledger.time_stamp where size = $1");
        command.Parameters.Add(new() { Value = size });
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? (row.GetString(0), row.GetFieldValue<byte[]>(1)) : null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var authority = new TimeStampAuthority(options.TimeStampAuthority!);
        var pause = options.TimeStampEvery < LongestPause ? options.TimeStampEvery : LongestPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StampAsync(authority, stoppingToken);
                await Task.Delay(pause, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                Log(logger, e.Message);
                await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task StampAsync(TimeStampAuthority authority, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (!await TurnAsync(connection, isMine: true, cancel))
        {
            return;
        }

        try
        {
            if (await checkpoint.CurrentAsync(cancel) is not { Size: > 0 } current || !await IsDueAsync(connection, current.Size, cancel) || SignedNote.Parse(current.Note, out _) is not { } note)
            {
                return;
            }

            var (token, time, why) = await authority.StampAsync(Encoding.UTF8.GetBytes(note.Text), cancel);
            if (token is null)
            {
                Log(logger, $"{options.TimeStampAuthority}: {why}");
                return;
            }

            await using var insert = new NpgsqlCommand("insert into ledger.time_stamp (size, note, token, stamped_at, kept_at) values ($1, $2, $3, $4, $5) on conflict do nothing", connection);
            foreach (var value in (object[])[current.Size, current.Note, token, time.ToUniversalTime(), clock.GetUtcNow()])
            {
                insert.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            await insert.ExecuteNonQueryAsync(cancel);
        }
        finally
        {
            await TurnAsync(connection, isMine: false, CancellationToken.None);
        }
    }

    // By our clock: the authority's may be off, and is not believed for this.
    private async Task<bool> IsDueAsync(NpgsqlConnection connection, long size, CancellationToken cancel)
    {
        await using var last = new NpgsqlCommand("select size, kept_at from ledger.time_stamp order by size desc limit 1", connection);
        await using var row = await last.ExecuteReaderAsync(cancel);
        return !await row.ReadAsync(cancel) || (row.GetInt64(0) < size && row.GetFieldValue<DateTimeOffset>(1) + options.TimeStampEvery <= clock.GetUtcNow());
    }

    private static async Task<bool> TurnAsync(NpgsqlConnection connection, bool isMine, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select case when $2 then pg_try_advisory_lock($1) else pg_advisory_unlock($1) end", connection)
        {
            Parameters = { new() { Value = Turn }, new() { Value = isMine } },
        };
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static void Log(ILogger logger, string why) => logger.LogWarning("The checkpoint was not time stamped and is tried again: {Why}.", why);
}
