using Npgsql;

namespace CriticalMinerals.Service.Log;

/// <summary>
/// The checkpoint that the world sees. Every node reads it from the same rows, the largest size first, so it never goes back; it advances about once a
/// second, so that witnesses all see the same ones.
/// </summary>
public sealed class PublicCheckpoint(NpgsqlDataSource database, SignedLog signed, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private DateTimeOffset _publishedAt;
    private int _waiting;

    /// <summary>The published checkpoint and its size; null before the first.</summary>
    public async Task<(long Size, string Note)?> CurrentAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select size, note from ledger.checkpoint order by size desc limit 1");
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? (row.GetInt64(0), row.GetString(1)) : null;
    }

    /// <summary>Publishes everything committed by now, whichever node committed it, unless a larger size stands already.</summary>
    public async Task PublishAsync(CancellationToken cancel)
    {
        // The message of a commit may be here before its signature, and may be another node's, which may be gone.
        var tree = await signed.AdvanceAsync(cancel);
        _publishedAt = clock.GetUtcNow();
        await using var command = database.CreateCommand(
            "insert into ledger.checkpoint (size, note, published_at) select $1, $2, $3 where not exists (select from ledger.checkpoint where size >= $1) on conflict do nothing");
        command.Parameters.Add(new() { Value = tree.Size });
        command.Parameters.Add(new() { Value = tree.Checkpoint.ToString() });
        command.Parameters.Add(new() { Value = _publishedAt });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// Sees to it that what is signed now is public within about a second: publishes, or waits for its turn to; returns at once when somebody waits already.
    /// </summary>
    internal async Task PublishSoonAsync(CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref _waiting, 1) == 1)
        {
            return;
        }

        try
        {
            if (_publishedAt + Interval - clock.GetUtcNow() is var wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, clock, cancel);
            }
        }
        finally
        {
            // Before publishing: what is signed from here on has its own message.
            Volatile.Write(ref _waiting, 0);
        }

        await PublishAsync(cancel);
    }
}

/// <summary>What follows a commit: the public checkpoint. Messages may come twice or late; publishing what is signed now is right every time.</summary>
public static class PublishCheckpointHandler
{
    public static Task HandleAsync(EntriesCommitted committed, PublicCheckpoint checkpoint, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(committed);
        return checkpoint.PublishSoonAsync(cancel);
    }
}
