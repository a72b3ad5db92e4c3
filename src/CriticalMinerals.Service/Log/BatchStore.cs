using System.Globalization;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Attachments;
using Npgsql;
using NpgsqlTypes;

namespace CriticalMinerals.Service.Log;

/// <summary>What one batch reads before it is decided and writes after, each in one round trip, on the connection that holds the state row.</summary>
public static class BatchStore
{
    /// <summary>
    /// Locks the state row: from here to the end of the transaction no other node decides anything. Waits for locks, here and later in the transaction, as
    /// long as a transaction may wait for its node.
    /// </summary>
    /// <exception cref="PostgresException">With <see cref="PostgresErrorCodes.LockNotAvailable"/>: somebody holds it for longer.</exception>
    public static async Task<CommittedTree> LockAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "select set_config('lock_timeout', current_setting('idle_in_transaction_session_timeout'), true); select origin, pin_id, size, root, committed_at from ledger.state for update", connection);
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.NextResultAsync(cancel);
        return await row.ReadAsync(cancel)
            ? new CommittedTree(row.GetString(0), row.GetGuid(1), row.GetInt64(2), new Digest(row.GetFieldValue<byte[]>(3)), row.GetFieldValue<DateTimeOffset>(4))
            : throw new InvalidOperationException("The ledger's state row is missing.");
    }

    /// <summary>
    /// Ends the service's sessions in which a transaction waits for its node longer than it may. The server does that by itself where the node stopped between
    /// two statements, and not where it stopped inside one. Whatever such a node had not committed is undone; it finds its connection lost when it goes on.
    /// </summary>
    /// <returns>How many there were.</returns>
    public static async Task<long> EndSilentAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        // As whoever logged in: the role that the service takes on each connection may not end the sessions of the one that takes it.
        await using var command = new NpgsqlCommand(
            """
            set local role none;
            with silent as materialized (
              select pid from pg_stat_activity, (select current_setting('idle_in_transaction_session_timeout')::interval) t (allowed)
              where datname = current_database() and usename = session_user and pid <> pg_backend_pid() and xact_start is not null and wait_event_type = 'Client'
              and allowed > interval '0' and greatest(query_start, state_change) < clock_timestamp() - allowed)
            select count(*) from silent where pg_terminate_backend(pid)
            """,
            connection);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Loads what some candidates need; what is not there stays unknown.</summary>
    public static async Task LoadAsync(NpgsqlConnection connection, Needs needs, LedgerState state, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, "select state from ledger.chain where sub = any($1)", [needs.Chains.ToArray()]);
        Add(
            batch,
            """
            select l.index, l.hash, e.bdata from ledger.leaf l join ledger.mt_events e on e.stream_id = l.chain and e.version = l.seq + 1
            where l.hash = any($1)
            """,
            [Bytes(needs.Entries)]);
        Add(batch, "select entry_key from ledger.leaf where entry_key = any($1)", [Bytes(needs.Ids)]);
        Add(
            batch,
            "select entry, line, giver, commitment, unit, quantity, taken_by, withdrawn, purpose, content from ledger.line where entry = any($1)",
            [Bytes(needs.Lines.Select(l => l.Entry).Distinct())]);

        Add(
            batch,
            """
            select e.bdata, coalesce((select array_agg(d.text order by d.ordinal) from ledger.disclosure d where d.leaf_index = l.index), array[]::text[])
            from ledger.leaf l join ledger.mt_events e on e.stream_id = l.chain and e.version = l.seq + 1 where l.hash = any($1)
            """,
            [Bytes(needs.Disclosed)]);

        // A prefix overlaps with its own beginnings and with whatever begins with it.
        var grants = needs.Grants.SelectMany(g => Enumerable.Range(1, g.Prefix.Length).Select(n => ClaimName.Grant(g.Scheme, g.Prefix[..n])));
        Add(batch, "select name, owner from ledger.claim where name = any($1)", [needs.Claims.Concat(grants).ToArray()]);
        foreach (var (scheme, prefix) in needs.Grants)
        {
            Add(batch, "select name, owner from ledger.claim where name >= $1 and name < $2", [ClaimName.Grant(scheme, prefix), ClaimName.Grant(scheme, prefix) + '\u007f']);
        }

        await using var rows = await batch.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            state.Load(ChainState.FromBytes(rows.GetFieldValue<byte[]>(0)));
        }

        await rows.NextResultAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            var entry = Entry.Parse(rows.GetFieldValue<byte[]>(2), out var fault) ?? throw new InvalidDataException($"Entry {rows.GetInt64(0)} is damaged: {fault}.");
            state.Load(entry.LeafHash, new EntryFact(rows.GetInt64(0), entry.Subject, entry.Event, entry.Issuer));
        }

        await rows.NextResultAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            state.Load(new Digest(rows.GetFieldValue<byte[]>(0)));
        }

        await rows.NextResultAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            state.Load(new Digest(rows.GetFieldValue<byte[]>(0)), rows.GetInt32(1), new GivenLine(
                rows.GetString(2), new Digest(rows.GetFieldValue<byte[]>(3)), rows.GetString(4), rows.IsDBNull(5) ? null : rows.GetDecimal(5))
            {
                TakenBy = rows.IsDBNull(6) ? null : new Digest(rows.GetFieldValue<byte[]>(6)),
                Withdrawn = rows.GetBoolean(7),
                Purpose = (LinePurpose)rows.GetInt16(8),
                Content = rows.IsDBNull(9) ? null : JsonSerializer.Deserialize<Composition>(rows.GetString(9)),
            });
        }

        await rows.NextResultAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            var entry = Entry.Parse(rows.GetFieldValue<byte[]>(0), out var fault);
            state.Load((entry is null ? null : SignedEntry.Join(entry, rows.GetFieldValue<string[]>(1), complete: false, out fault)) ?? throw new InvalidDataException($"An entry is damaged: {fault}."));
        }

        while (await rows.NextResultAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
            {
                state.Load(rows.GetString(0), rows.GetString(1));
            }
        }
    }

    /// <summary>Writes everything of a batch but the events, which Marten appends in the same transaction.</summary>
    public static async Task WriteAsync(
        NpgsqlConnection connection, IReadOnlyList<SignedEntry> admitted, IReadOnlyList<DateTimeOffset> times, LedgerChanges changes, GrownTree grown, IReadOnlyList<TileContent> tiles, CancellationToken cancel)
    {
        await using var batch = Entries((long)grown.Before.Size, admitted, times, changes, out var erases);
        batch.Connection = connection;
        if (tiles.Count > 0)
        {
            AddTiles(batch, tiles, level => (short)level);
        }

        Add(batch, "update ledger.state set size = $1, root = $2, edge = $3, committed_at = $4", [(long)grown.Size, grown.Root.ToArray(), grown.Edge.ToArray(), times[^1].ToUniversalTime()]);
        await batch.ExecuteNonQueryAsync(cancel);
        if (erases)
        {
            await Erasure.ApplyAsync(connection, (long)grown.Before.Size, cancel);
        }
    }

    /// <summary>Writes entries of an ended log, its full tiles, and chains and lines as they stood when the log ended.</summary>
    public static async Task WriteEndedAsync(
        NpgsqlConnection connection, EndedTree ended, long first, IReadOnlyList<SignedEntry> admitted, IReadOnlyList<DateTimeOffset> times, LedgerChanges changes, IReadOnlyList<TileContent> tiles, CancellationToken cancel)
    {
        await using var batch = Entries(first, admitted, times, changes, out _);
        batch.Connection = connection;
        if (tiles.Count > 0)
        {
            AddTiles(batch, tiles, ended.LevelOf);
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlBatch Entries(long first, IReadOnlyList<SignedEntry> admitted, IReadOnlyList<DateTimeOffset> times, LedgerChanges changes, out bool erases)
    {
        var batch = new NpgsqlBatch();
        Add(
            batch,
            "insert into ledger.leaf (index, hash, chain, seq, entry_key, committed_at) select * from unnest($1, $2, $3, $4, $5, $6)",
            [
            Enumerable.Range(0, admitted.Count).Select(i => first + i).ToArray(),
            Bytes(admitted.Select(a => a.Entry.LeafHash)),
            admitted.Select(a => a.Entry.Subject).ToArray(),
            admitted.Select(a => a.Entry.Sequence).ToArray(),
            Bytes(admitted.Select(a => LedgerState.EntryKey(a.Entry))),
            times.Select(t => t.ToUniversalTime()).ToArray()]);
        var undone = admitted.Select((a, i) => (a.Entry, Index: first + i)).Where(a => a.Entry.Event == EventCatalog.Of<Voided>().Name).ToDictionary(a => a.Entry.Subject, a => a.Index, StringComparer.Ordinal);
        var chains = changes.Chains.Values.ToArray();
        Add(
            batch,
            """
            insert into ledger.chain (sub, kind, open, seq, head, state, undone_at, opened)
            select t.*, l.index from unnest($1, $2, $3, $4, $5, $6, $7) t(sub, kind, open, seq, head, state, undone_at) join ledger.leaf l on l.chain = t.sub and l.seq = 0
            on conflict (sub) do update set seq = excluded.seq, head = excluded.head, state = excluded.state, undone_at = coalesce(chain.undone_at, excluded.undone_at)
            """,
            [
            chains.Select(c => c.Subject).ToArray(),
            chains.Select(c => (short)c.Kind).ToArray(),
            chains.Select(c => c.IsOpen).ToArray(),
            chains.Select(c => c.Sequence).ToArray(),
            Bytes(chains.Select(c => c.Head)),
            chains.Select(c => c.ToBytes()).ToArray(),
            chains.Select(c => undone.TryGetValue(c.Subject, out var by) ? by : (long?)null).ToArray()]);
        var signers = admitted.Where(a => !changes.Chains.TryGetValue(a.Entry.Subject, out var chain) || !chain.IsOpen)
            .SelectMany(a => (IEnumerable<(string, string)>)[(a.Entry.Subject, a.Entry.Issuer), (a.Entry.Subject, a.Entry.Actor)]).Distinct().ToArray();
        if (signers.Length > 0)
        {
            Add(
                batch,
                "insert into ledger.signer (chain, operator) select t.* from unnest($1, $2) t(chain, operator) join ledger.chain c on c.sub = t.chain and not c.open on conflict do nothing",
                [signers.Select(s => s.Item1).ToArray(), signers.Select(s => s.Item2).ToArray()]);
        }

        var redemptions = admitted.SelectMany((a, i) => a.Entry.Taken.Select(t => (Taking: first + i, Taker: a.Entry.Subject, Giving: t.Entry, t.Line))).ToArray();
        if (redemptions.Length > 0)
        {
            Add(
                batch,
                """
                insert into ledger.redemption (taking, giving, line, taker, giver) select t.taking, l.index, t.line, taker.opened, giver.opened
                from unnest($1, $2, $3, $4) t(taking, taker, giving, line)
                join ledger.leaf l on l.hash = t.giving join ledger.chain giver on giver.sub = l.chain join ledger.chain taker on taker.sub = t.taker
                """,
            [
                redemptions.Select(r => r.Taking).ToArray(),
                redemptions.Select(r => r.Taker).ToArray(),
                Bytes(redemptions.Select(r => r.Giving)),
                redemptions.Select(r => r.Line).ToArray()]);
        }

        if (changes.Lines.Count > 0)
        {
            var lines = changes.Lines.ToArray();
            Add(
                batch,
                """
                insert into ledger.line (entry, line, giver, commitment, unit, quantity, taken_by, withdrawn, purpose, content)
                select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                on conflict (entry, line) do update set taken_by = excluded.taken_by, withdrawn = excluded.withdrawn
                """,
            [
                Bytes(lines.Select(l => l.Key.Entry)),
                lines.Select(l => l.Key.Line).ToArray(),
                lines.Select(l => l.Value.Giver).ToArray(),
                Bytes(lines.Select(l => l.Value.Commitment)),
                lines.Select(l => l.Value.Unit).ToArray(),
                lines.Select(l => l.Value.Quantity).ToArray(),
                lines.Select(l => l.Value.TakenBy?.ToArray()).ToArray(),
                lines.Select(l => l.Value.Withdrawn).ToArray(),
                lines.Select(l => (short)l.Value.Purpose!.Value).ToArray(),
                lines.Select(l => l.Value.Content is { } content ? JsonSerializer.Serialize(content) : null).ToArray()]);
        }

        if (changes.Claims.Count > 0)
        {
            var taken = changes.Claims.Where(c => c.Value is not null).ToArray();
            Add(batch, "delete from ledger.claim where name = any($1)", [changes.Claims.Keys.ToArray()]);
            Add(batch, "insert into ledger.claim (name, owner) select * from unnest($1, $2)", [taken.Select(c => c.Key).ToArray(), taken.Select(c => c.Value!).ToArray()]);
        }

        var erased = admitted.Select((a, i) => (Index: first + i, a.Entry)).Where(a => a.Entry.Event == EventCatalog.Of<Erased>().Name)
            .SelectMany(a => a.Entry.Data.GetProperty("digests").EnumerateArray().Select(d => (By: a.Index, Target: a.Entry.References[0].Entry, Digest: Digest.TryParse(d.GetString(), out var digest) ? digest : default))).ToArray();

        // What came and was erased in one batch is never written.
        var gone = erased.Select(e => (e.Target, e.Digest)).ToHashSet();
        IReadOnlyList<SignedEntry> kept = gone.Count == 0 ? admitted : [.. admitted.Select(a => a.Only(d => !gone.Contains((a.Entry.LeafHash, d.Digest))))];
        var disclosures = kept.SelectMany((a, i) => a.Disclosures.Select((d, n) => (Index: first + i, Ordinal: (short)n, d.Text))).ToArray();
        if (disclosures.Length > 0)
        {
            Add(
                batch,
                "insert into ledger.disclosure (leaf_index, ordinal, text) select * from unnest($1, $2, $3)",
            [
                disclosures.Select(d => d.Index).ToArray(),
                disclosures.Select(d => d.Ordinal).ToArray(),
                disclosures.Select(d => d.Text).ToArray()]);
        }

        var documents = kept.SelectMany((a, i) => NamedDocument.Of(a).Select(d => (Index: first + i, d.Name, d.Access, Signer: a.Entry.Issuer))).ToArray();
        if (documents.Length > 0)
        {
            Add(
                batch,
                "insert into ledger.document (sha256, leaf_index, access, signer) select * from unnest($1, $2, $3, $4)",
            [
                Bytes(documents.Select(d => d.Name)),
                documents.Select(d => d.Index).ToArray(),
                documents.Select(d => (short)d.Access).ToArray(),
                documents.Select(d => d.Signer).ToArray()]);
        }

        if (erased.Length > 0)
        {
            Add(
                batch,
                "insert into ledger.erasure (leaf_index, digest, erased_by) select l.index, t.digest, t.by from unnest($1, $2, $3) t(target, digest, by) join ledger.leaf l on l.hash = t.target on conflict do nothing",
            [
                Bytes(erased.Select(e => e.Target)),
                Bytes(erased.Select(e => e.Digest)),
                erased.Select(e => e.By).ToArray()]);
        }

        erases = erased.Length > 0;
        return batch;
    }

    private static void AddTiles(NpgsqlBatch batch, IReadOnlyList<TileContent> tiles, Func<int, short> level) => Add(
        batch,
        "insert into ledger.tile (level, n, hashes) select * from unnest($1, $2, $3)",
        [
            tiles.Select(t => level(t.Tile.Level)).ToArray(),
            tiles.Select(t => (long)t.Tile.Index).ToArray(),
            tiles.Select(t => t.Bytes.ToArray()).ToArray()]);

    /// <summary>Leaf hashes that other nodes have added.</summary>
    public static async Task<Digest[]> HashesAsync(NpgsqlConnection connection, long from, long to, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select hash from ledger.leaf where index >= $1 and index < $2 order by index", connection);
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = to });
        var hashes = new List<Digest>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            hashes.Add(new Digest(rows.GetFieldValue<byte[]>(0)));
        }

        return hashes.Count == to - from
            ? [.. hashes]
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The database has {hashes.Count} leaves from {from} to {to}."));
    }

    private static byte[][] Bytes(IEnumerable<Digest> digests) => [.. digests.Select(d => d.ToArray())];

    // A list and no params array: a lone array of texts would be taken for the list of values.
    private static void Add(NpgsqlBatch batch, string sql, List<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(value is decimal?[] ? new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Numeric } : new NpgsqlParameter { Value = value });
        }

        batch.BatchCommands.Add(command);
    }
}
