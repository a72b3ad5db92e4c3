using System.Globalization;
using CriticalMinerals.Ledger;
using Npgsql;

namespace CriticalMinerals.Service.Log;

/// <summary>
/// The checkpoint that the world sees. Every node reads it from the same rows, the largest size first, so it never goes back; it advances about once a
/// second, so that witnesses all see the same ones. Their cosignatures are added as they come; where a quorum is asked for, a checkpoint is first offered to
/// the witnesses and becomes public when enough of them have cosigned it.
/// </summary>
public sealed class PublicCheckpoint(NpgsqlDataSource database, SignedLog signed, LedgerOptions options, TimeProvider clock)
{
    // With the cosignatures that came for it by now, of each witness the newest.
    private const string Cosigned = """
        p.size, p.note || coalesce((select string_agg(c.line || chr(10), '' order by c.witness) from
          (select distinct on (witness) witness, line from ledger.cosignature where size = p.size order by witness, kept_at desc) c), '')
        """;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How long an offer stands before a larger one takes its place: longer than each witness is waited for, so that enough of them sign the same one.</summary>
    private static readonly TimeSpan Offer = TimeSpan.FromSeconds(15);

    private DateTimeOffset _publishedAt;
    private int _waiting;

    /// <summary>The published checkpoint and its size; null before the first.</summary>
    public async Task<(long Size, string Note)?> CurrentAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand($"select {Cosigned} from ledger.checkpoint p where p.size >= 0 order by p.size desc limit 1");
        return await ReadAsync(command, cancel);
    }

    /// <summary>
    /// The newest published checkpoint that the quorum of the configured policy has cosigned, above a size; as long as there is none, the newest that any of its
    /// witnesses has, which may be enough for whoever asks for fewer. Null when there is neither, or no policy.
    /// </summary>
    public async Task<(long Size, SignedNote Note)?> WitnessedAsync(long above, CancellationToken cancel)
    {
        if (options.Witnesses is not { } policy)
        {
            return null;
        }

        await using var command = database.CreateCommand(
            $"select {Cosigned} from ledger.checkpoint p where p.size > $1 and exists (select from ledger.cosignature c where c.size = p.size) order by p.size desc limit 8");
        command.Parameters.Add(new() { Value = above });
        await using var row = await command.ExecuteReaderAsync(cancel);
        (long, SignedNote)? some = null;
        while (await row.ReadAsync(cancel))
        {
            if (SignedNote.Parse(row.GetString(1), out _) is not { } note)
            {
                continue;
            }

            NoteVerifier[] cosigned = [.. policy.Witnesses.Select(witness => witness.Key).Where(key => note.Signatures.Any(key.Answers))];
            if (policy.IsQuorum(cosigned))
            {
                return (row.GetInt64(0), note);
            }

            some ??= cosigned.Length > 0 ? (row.GetInt64(0), note) : null;
        }

        return some;
    }

    /// <summary>What witnesses are to be asked about now: the newest checkpoint that is public or offered; null before the first.</summary>
    public async Task<(long Size, string Note)?> OfferedAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            "select size, note from (select size, note from ledger.checkpoint where size >= 0 union all select size, note from ledger.offer where $1) p order by size desc limit 1");
        command.Parameters.Add(new() { Value = options.WitnessQuorum });
        return await ReadAsync(command, cancel);
    }

    /// <summary>The largest size that a witness has cosigned and when its newest cosignature of it came, as far as is known here; null when it never did.</summary>
    public async Task<(long Size, DateTimeOffset At)?> CosignedAsync(NoteVerifier witness, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select size, kept_at from ledger.cosignature where witness = $1 order by size desc, kept_at desc limit 1");
        command.Parameters.Add(new() { Value = witness.ToString() });
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? (row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1)) : null;
    }

    /// <summary>Keeps a cosignature that was verified, and makes what was offered public when its quorum is complete.</summary>
    public async Task KeepAsync(long size, NoteVerifier witness, NoteSignature line, CancellationToken cancel)
    {
        await using (var keep = database.CreateCommand("insert into ledger.cosignature (size, witness, line, kept_at) values ($1, $2, $3, $4) on conflict do nothing"))
        {
            keep.Parameters.Add(new() { Value = size });
            keep.Parameters.Add(new() { Value = witness.ToString() });
            keep.Parameters.Add(new() { Value = line.ToString() });
            keep.Parameters.Add(new() { Value = clock.GetUtcNow() });
            await keep.ExecuteNonQueryAsync(cancel);
        }

        if (!options.WitnessQuorum)
        {
            return;
        }

        await using var ask = database.CreateCommand("select array(select distinct witness from ledger.cosignature where size = $1)");
        ask.Parameters.Add(new() { Value = size });
        var cosigned = (string[])(await ask.ExecuteScalarAsync(cancel))!;
        if (options.Witnesses!.IsQuorum([.. options.Witnesses.Witnesses.Select(known => known.Key).Where(key => cosigned.Contains(key.ToString()))]))
        {
            await using var publish = database.CreateCommand(
                "insert into ledger.checkpoint (size, note, published_at) select size, note, $2 from ledger.offer where size = $1 and not exists (select from ledger.checkpoint where size >= $1) on conflict do nothing");
            publish.Parameters.Add(new() { Value = size });
            publish.Parameters.Add(new() { Value = clock.GetUtcNow() });
            await publish.ExecuteNonQueryAsync(cancel);
        }
    }

    /// <summary>
    /// Publishes everything committed by now, whichever node committed it, unless a larger size stands already; with a quorum offers it to the witnesses,
    /// unless an offer stands that is still young and not public.
    /// </summary>
    public async Task PublishAsync(CancellationToken cancel)
    {
        // The message of a commit may be here before its signature, and may be another node's, which may be gone.
        var tree = await signed.AdvanceAsync(cancel);
        _publishedAt = clock.GetUtcNow();
        await using var command = database.CreateCommand(options.WitnessQuorum
            ? string.Create(CultureInfo.InvariantCulture, $"""
                insert into ledger.offer as o (one, size, note, offered_at) select true, $1, $2, $3 where not exists (select from ledger.checkpoint where size >= $1)
                on conflict (one) do update set size = excluded.size, note = excluded.note, offered_at = excluded.offered_at
                where excluded.size > o.size and (o.offered_at < excluded.offered_at - interval '{(int)Offer.TotalSeconds} seconds' or exists (select from ledger.checkpoint where size >= o.size))
                """)
            : "insert into ledger.checkpoint (size, note, published_at) select $1, $2, $3 where not exists (select from ledger.checkpoint where size >= $1) on conflict do nothing");
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

    private static async Task<(long Size, string Note)?> ReadAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? (row.GetInt64(0), row.GetString(1)) : null;
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
