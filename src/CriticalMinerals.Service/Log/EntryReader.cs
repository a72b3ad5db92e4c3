using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using Npgsql;

namespace CriticalMinerals.Service.Log;

/// <summary>An entry as it stands in the log.</summary>
/// <param name="Index">Position in the log, from 0; below 0 in the logs that it goes on from.</param>
/// <param name="Signed">The entry with the disclosures that are kept.</param>
/// <param name="CommittedAt">When its batch was committed: "recorded", never "happened".</param>
public sealed record StoredEntry(long Index, SignedEntry Signed, DateTimeOffset CommittedAt);

/// <summary>Reads what is committed. Nothing here is believed by whoever signs: <see cref="SignedLog"/> hashes the bytes again.</summary>
public sealed class EntryReader(NpgsqlDataSource database)
{
    private const string Entries =
        """
        select l.index, e.bdata, l.committed_at, (select array_agg(d.text order by d.ordinal) from ledger.disclosure d where d.leaf_index = l.index)
        from ledger.leaf l join ledger.mt_events e on e.stream_id = l.chain and e.version = l.seq + 1
        """;

    /// <summary>The chain's entries with an index below <paramref name="size"/>, in order; empty for a chain that is not there.</summary>
    public async Task<IReadOnlyList<StoredEntry>> ChainAsync(string subject, long size, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Entries + " where l.chain = $1 and l.index < $2 order by l.seq");
        command.Parameters.Add(new() { Value = subject });
        command.Parameters.Add(new() { Value = size });
        return await ReadAsync(command, cancel);
    }

    /// <summary>All committed entries of some chains, in log order.</summary>
    public async Task<IReadOnlyList<StoredEntry>> ChainsAsync(IReadOnlyList<string> subjects, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Entries + " where l.chain = any($1) order by l.index");
        command.Parameters.Add(new() { Value = subjects.ToArray() });
        return await ReadAsync(command, cancel);
    }

    /// <summary>The entry of that leaf hash, or null.</summary>
    public async Task<StoredEntry?> FindAsync(Digest leafHash, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Entries + " where l.hash = $1");
        command.Parameters.Add(new() { Value = leafHash.ToArray() });
        return await ReadAsync(command, cancel) is [var entry] ? entry : null;
    }

    /// <summary>The entries that held lines of these entries when the log had <paramref name="size"/> entries, in log order; those of chains undone by then hold none.</summary>
    public async Task<IReadOnlyList<StoredEntry>> TakersAsync(IReadOnlyList<Digest> giving, long size, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            Entries +
            """
             join ledger.chain c on c.sub = l.chain
            where l.index in (select r.taking from ledger.leaf g join ledger.redemption r on r.giving = g.index where g.hash = any($1) and r.taking < $2)
            and (c.undone_at is null or c.undone_at >= $2) order by l.index
            """);
        command.Parameters.Add(new() { Value = giving.Select(g => g.ToArray()).ToArray() });
        command.Parameters.Add(new() { Value = size });
        return await ReadAsync(command, cancel);
    }

    /// <summary>The entries of those indexes, in log order; what is not there is left out.</summary>
    public async Task<IReadOnlyList<StoredEntry>> AtAsync(IReadOnlyList<long> indexes, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Entries + " where l.index = any($1) order by l.index");
        command.Parameters.Add(new() { Value = indexes.ToArray() });
        return await ReadAsync(command, cancel);
    }

    /// <summary>Leaf bytes from an index on, in log order, at most <paramref name="count"/>.</summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> LeavesAsync(long from, int count, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            """
            select e.bdata from ledger.leaf l join ledger.mt_events e on e.stream_id = l.chain and e.version = l.seq + 1
            where l.index >= $1 and l.index < $2 order by l.index
            """);
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = from + count });
        var leaves = new List<ReadOnlyMemory<byte>>(count);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            leaves.Add(rows.GetFieldValue<byte[]>(0));
        }

        return leaves;
    }

    /// <summary>When entries were recorded, from an index on, in log order, at most <paramref name="count"/>.</summary>
    public async Task<IReadOnlyList<DateTimeOffset>> TimesAsync(long from, int count, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select committed_at from ledger.leaf where index >= $1 and index < $2 order by index");
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = from + count });
        var times = new List<DateTimeOffset>(count);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            times.Add(rows.GetFieldValue<DateTimeOffset>(0));
        }

        return times;
    }

    /// <summary>The folded state of a chain after its newest committed entry, or null.</summary>
    public async Task<ChainState?> StateAsync(string subject, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select state from ledger.chain where sub = $1");
        command.Parameters.Add(new() { Value = subject });
        return await command.ExecuteScalarAsync(cancel) is byte[] state ? ChainState.FromBytes(state) : null;
    }

    /// <summary>
    /// The same, and whether the operator signed on that chain, or somebody in its name, which is known of closed chains only. One question, and the same work
    /// whether the chain is there or not.
    /// </summary>
    public async Task<(ChainState? Chain, bool HasSigned)> StateAsync(string subject, string signer, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select (select state from ledger.chain where sub = $1), exists (select from ledger.signer where chain = $1 and operator = $2)");
        command.Parameters.Add(new() { Value = subject });
        command.Parameters.Add(new() { Value = signer });
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return (await row.IsDBNullAsync(0, cancel) ? null : ChainState.FromBytes(row.GetFieldValue<byte[]>(0)), row.GetBoolean(1));
    }

    /// <summary>The chain's newest entry with an index below <paramref name="size"/>, or null.</summary>
    public async Task<ChainHead?> HeadAsync(string subject, long size, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select seq, hash from ledger.leaf where chain = $1 and index < $2 order by seq desc limit 1");
        command.Parameters.Add(new() { Value = subject });
        command.Parameters.Add(new() { Value = size });
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? new ChainHead(subject, row.GetInt64(0), new Digest(row.GetFieldValue<byte[]>(1))) : null;
    }

    /// <summary>Who holds a name (<see cref="ClaimName"/>), or null.</summary>
    public async Task<string?> OwnerOfAsync(string claim, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select owner from ledger.claim where name = $1");
        command.Parameters.Add(new() { Value = claim });
        return (string?)await command.ExecuteScalarAsync(cancel);
    }

    /// <summary>Held names that begin so, at most 1,000, in byte order.</summary>
    public async Task<IReadOnlyList<string>> ClaimsBeginningAsync(string prefix, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select name from ledger.claim where name >= $1 and name < $2 order by name limit 1000");
        command.Parameters.Add(new() { Value = prefix });
        command.Parameters.Add(new() { Value = prefix + '\u007f' });
        var names = new List<string>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            names.Add(rows.GetString(0));
        }

        return names;
    }

    /// <summary>How large the log was at an instant: the largest size committed by then.</summary>
    public async Task<long> SizeAtAsync(DateTimeOffset instant, CancellationToken cancel)
    {
        // The commit time never goes back from one index to the next (Sequencer), so the latest by time is the latest by index.
        // Before the first entry it had none, and where it goes on from another log, none of that either.
        await using var command = database.CreateCommand(
            "select coalesce((select index + 1 from ledger.leaf where committed_at <= $1 order by committed_at desc, index desc limit 1), (select min(index) from ledger.leaf))");
        command.Parameters.Add(new() { Value = instant.ToUniversalTime() });
        return await command.ExecuteScalarAsync(cancel) as long? ?? 0;
    }

    /// <summary>Names of the newest chains of a kind, newest first.</summary>
    public async Task<IReadOnlyList<string>> NewestAsync(ChainKind kind, int count, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            "select sub from ledger.chain where kind = $1 order by opened desc limit $2");
        command.Parameters.Add(new() { Value = (short)kind });
        command.Parameters.Add(new() { Value = count });
        var names = new List<string>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            names.Add(rows.GetString(0));
        }

        return names;
    }

    private static async Task<IReadOnlyList<StoredEntry>> ReadAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        var entries = new List<StoredEntry>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            var disclosures = await rows.IsDBNullAsync(3, cancel) ? [] : rows.GetFieldValue<string[]>(3);
            var entry = Entry.Parse(rows.GetFieldValue<byte[]>(1), out var fault);
            var signed = entry is null ? null : SignedEntry.Join(entry, disclosures, complete: false, out fault);
            entries.Add(new StoredEntry(
                rows.GetInt64(0),
                signed ?? throw new InvalidDataException($"Entry {rows.GetInt64(0)} in the database is damaged: {fault}."),
                rows.GetFieldValue<DateTimeOffset>(2)));
        }

        return entries;
    }
}
