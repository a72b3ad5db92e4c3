using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using Npgsql;
using NpgsqlTypes;

namespace CriticalMinerals.Service.Genealogy;

/// <summary>A chain that a walk came to.</summary>
/// <param name="Opening">Its first entry.</param>
/// <param name="Index">Where that stands in the log.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Depth">The fewest steps to it.</param>
public sealed record ReachedChain(Entry Opening, long Index, ChainKind Kind, int Depth);

/// <summary>What a walk came to.</summary>
/// <param name="Chains">The part asked for, by index; one more than asked for when there are more.</param>
/// <param name="NotShown">Lines redeemed on or of the chains walked whose other side is closed.</param>
/// <param name="IsCut">Whether there was more than a walk goes through.</param>
public sealed record Walk(IReadOnlyList<ReachedChain> Chains, long NotShown, bool IsCut);

/// <summary>
/// Walks from chain to chain along the lines that were redeemed. It goes by chain and not by line, as the passport does: what a lot took in after it gave
/// something counts too, so a recall reaches rather one battery too many. It ends at closed chains, which are not followed: what lies behind them is not told either.
/// </summary>
public sealed class GenealogyReader(NpgsqlDataSource database, EntryReader entries, LedgerOptions options) : IDisposable
{
    /// <summary>Most chains that a walk goes through.</summary>
    public const int MaximumChains = 100_000;

    // Walks at once, and how long one may wait for its turn: writers need the database's connections too.
    private const int Turns = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Compiling the plan would take longer than most walks.
    private const string Limits = "set local statement_timeout = '5s'; set local jit = off";

    // Level by level, so that the first way to a chain is a shortest one. A level that finds too much keeps what was opened first.
    private const string Sql =
        """
        with recursive walk (depth, found, seen, hidden) as (
            select 0, array[c.opened], array[c.opened], 0::bigint from ledger.chain c where c.sub = $1 and c.opened < $2
            union all
            select w.depth + 1, level.found, w.seen || level.found, level.hidden
            from walk w cross join lateral (
                with edge as materialized (
                    select c.opened, c.open or $4 as shown
                    from (
                        select r.giver as opened from unnest(w.found) f (opened) join ledger.redemption r on r.taker = f.opened join ledger.chain t on t.opened = f.opened
                        where $3 and r.taking < $2 and (t.undone_at is null or t.undone_at >= $2)
                        union all
                        select r.taker from unnest(w.found) f (opened) join ledger.redemption r on r.giver = f.opened join ledger.chain t on t.opened = r.taker
                        where not $3 and r.taking < $2 and (t.undone_at is null or t.undone_at >= $2)
                    ) other join ledger.chain c on c.opened = other.opened
                )
                select
                    (select array_agg(fresh.opened) from (
                        select e.opened from edge e where e.shown except select unnest(w.seen) order by opened limit $5 + 2 - cardinality(w.seen)
                    ) fresh) as found,
                    (select count(*) from edge e where not e.shown) as hidden
            ) level
            where w.found is not null and cardinality(w.seen) < $5 + 2
        ),
        reached as (
            select f.opened, w.depth, row_number() over (order by w.depth, f.opened) as place from walk w cross join unnest(w.found) f (opened) where w.depth > 0
        ),
        page as (
            select r.opened, c.kind, r.depth from reached r join ledger.chain c on c.opened = r.opened
            where r.place <= $5 and r.opened > $6 and ($7 is null or c.kind = $7) order by r.opened limit $8
        )
        select (select coalesce(sum(hidden), 0)::bigint from walk), (select count(*) > $5 from reached), p.opened, p.kind, p.depth
        from (select 1) once left join page p on true order by p.opened
        """;

    private readonly SemaphoreSlim _turns = new(Turns);

    /// <summary>Walks.</summary>
    /// <param name="subject">From here; itself not among the answers.</param>
    /// <param name="towards">Which way.</param>
    /// <param name="size">As it was when the log had that many entries: what a chain undone by then had taken does not count.</param>
    /// <param name="kind">Only chains of that kind are given; all are walked through.</param>
    /// <param name="after">Only chains opened after this index are given.</param>
    /// <param name="count">At most so many and one more are given.</param>
    /// <param name="seesAll">Whether closed chains are walked through too, as for auditors.</param>
    /// <param name="cancel">The caller went away.</param>
    /// <param name="most">At most so many are walked through.</param>
    /// <returns>Null when the walk took too long.</returns>
    public async Task<Walk?> WalkAsync(string subject, Towards towards, long size, ChainKind? kind, long after, int count, bool seesAll, CancellationToken cancel, int most = MaximumChains)
    {
        if (!await _turns.WaitAsync(Patience, cancel))
        {
            return null;
        }

        try
        {
            var (hidden, isCut, found) = await AskAsync(subject, towards, size, kind, after, count, seesAll, most, cancel);
            var openings = await entries.AtAsync([.. found.Select(f => f.Index)], cancel);
            return new Walk([.. openings.Zip(found, (opening, f) => new ReachedChain(opening.Signed.Entry, f.Index, f.Kind, f.Depth))], hidden, isCut);
        }
        catch (PostgresException late) when (late.SqlState == PostgresErrorCodes.QueryCanceled && !cancel.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task<(long Hidden, bool IsCut, IReadOnlyList<(long Index, ChainKind Kind, int Depth)> Found)> AskAsync(
        string subject, Towards towards, long size, ChainKind? kind, long after, int count, bool seesAll, int most, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var limits = new NpgsqlCommand(Limits, connection, transaction))
        {
            await limits.ExecuteNonQueryAsync(cancel);
        }

        await using var command = new NpgsqlCommand(Sql, connection, transaction);
        command.Parameters.Add(new() { Value = subject });
        command.Parameters.Add(new() { Value = size });
        command.Parameters.Add(new() { Value = towards == Towards.Origins });
        command.Parameters.Add(new() { Value = seesAll || options.PublicEntries });
        command.Parameters.Add(new() { Value = most });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = kind is { } wanted ? (short)wanted : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Smallint });
        command.Parameters.Add(new() { Value = count + 1 });
        var (hidden, isCut, found) = (0L, false, new List<(long, ChainKind, int)>());
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            (hidden, isCut) = (rows.GetInt64(0), rows.GetBoolean(1));
            if (!rows.IsDBNull(2))
            {
                found.Add((rows.GetInt64(2), (ChainKind)rows.GetInt16(3), rows.GetInt32(4)));
            }
        }

        return (hidden, isCut, found);
    }
}
