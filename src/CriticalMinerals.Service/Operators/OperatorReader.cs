using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Registry;
using CriticalMinerals.Service.Log;
using Npgsql;

namespace CriticalMinerals.Service.Operators;

/// <summary>Reads who is enrolled, in the order of enrolment; holds no rules and keeps nothing.</summary>
public sealed class OperatorReader(NpgsqlDataSource database, EntryReader entries, SignedLog log)
{
    // The kind stands in the text, so that the index over operators alone serves however many batteries there are.
    private static readonly string Sql =
        $"""
        select c.opened, c.state, g.state from ledger.chain c left join ledger.chain g on g.sub = c.sub || '{Names.GrantsSuffix}'
        where {Storage.IsOperator("c")} and c.opened > $1 order by c.opened limit $2
        """;

    /// <summary>Index of the log's oldest entry.</summary>
    public Task<long> FirstAsync(CancellationToken cancel) => log.FirstAsync(cancel);

    /// <summary>Operators enrolled after that index, as they are now.</summary>
    /// <param name="after">Index of an enrolment; the least number for all.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancel">The caller went away.</param>
    public async Task<IReadOnlyList<EnrolledOperator>> AfterAsync(long after, int count, CancellationToken cancel)
    {
        var found = new List<(long Since, OperatorState Operator, GrantsState? Grants)>();
        await using (var command = database.CreateCommand(Sql))
        {
            command.Parameters.Add(new() { Value = after });
            command.Parameters.Add(new() { Value = count });
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                found.Add((
                    rows.GetInt64(0),
                    (OperatorState)ChainState.FromBytes(rows.GetFieldValue<byte[]>(1)),
                    rows.IsDBNull(2) ? null : (GrantsState)ChainState.FromBytes(rows.GetFieldValue<byte[]>(2))));
            }
        }

        if (found.Count == 0)
        {
            return [];
        }

        // A log that goes on from another has operators before it is open.
        var logKeys = (await entries.StateAsync(Names.LogChain(log.Origin), cancel) as LogState)?.Keys ?? new KeyRing([]);
        var chains = (await entries.ChainsAsync([.. found.Select(f => f.Operator.Subject)], cancel))
            .Select(e => new RecordedEntry(e.Index, e.Signed, e.CommittedAt)).ToLookup(e => e.Signed.Entry.Subject, StringComparer.Ordinal);
        return [.. found.Select(f => EnrolledOperator.Of(f.Operator, f.Grants, logKeys, [.. chains[f.Operator.Subject]]))];
    }
}
