using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Service.Passports;

/// <summary>A passport for one caller.</summary>
/// <param name="Passport">As the caller sees it.</param>
/// <param name="Opened">The other chains of which it rests on what is not for everybody: closed ones, and those of which the caller sees disclosures.</param>
public sealed record PassportForCaller(BatteryPassport Passport, IReadOnlyList<string> Opened);

/// <summary>Brings together the entries that a passport rests on and folds them; holds no rules and keeps nothing.</summary>
public sealed class PassportReader(EntryReader entries, SignedLog log, TreeStore tree, Access access, LongReads reads)
{
    /// <summary>Most chains of givers followed back.</summary>
    private const int MaximumGivers = 256;

    /// <summary>
    /// The passport as a caller sees it, as the viewer that it is of this battery, when the log had that many entries, or the problem to answer with; neither when
    /// there was no such battery then.
    /// </summary>
    public async Task<(PassportForCaller? Read, Problem? Problem)> ReadAsync(string battery, Caller caller, Viewer viewer, long size, CancellationToken cancel)
    {
        if (await entries.StateAsync(battery, cancel) is not BatteryState state)
        {
            return (null, null);
        }

        using var read = reads.Begin();
        if (!await read.CountAsync(state.Sequence + 1, cancel))
        {
            return (null, Problems.ReadsBusy);
        }

        if (await ChainAsync(battery, size, cancel) is not { Count: > 0 } chain)
        {
            return (null, null);
        }

        var model = await ChainAsync(state.Model, size, cancel);
        var closed = new HashSet<string>(StringComparer.Ordinal);
        if (!await read.CountAsync(model.Count, cancel) || await GiversAsync(chain, caller, size, closed, read, cancel) is not { } givers)
        {
            return (null, Problems.ReadsBusy);
        }

        var takers = await TakersAsync(battery, chain, caller, size, closed, cancel);
        var operators = new Dictionary<string, IReadOnlyList<RecordedEntry>>(StringComparer.Ordinal);
        var logs = (await tree.EndedAsync(cancel)).Select(ended => ended.Origin).Append(log.Origin).ToList();
        foreach (var entry in givers.Values.Append(chain).Append(model).Append(takers).SelectMany(c => c).Select(r => r.Signed.Entry))
        {
            foreach (var did in (string[])[entry.Issuer, entry.Actor, .. Offered(entry)])
            {
                if (!operators.ContainsKey(did))
                {
                    operators[did] = logs.Exists(origin => Names.LogOperator(origin) == did) ? await LogChainsAsync(logs, size, cancel) : await ChainAsync(did, size, cancel);
                }
            }
        }

        // Where the log goes on from others, indexes are counted from the opening of each.
        foreach (var did in logs.Count > 1 ? logs.Select(Names.LogOperator).Where(did => !operators.ContainsKey(did)) : [])
        {
            operators[did] = await LogChainsAsync(logs, size, cancel);
        }

        if (PassportFold.Of(new PassportSource { Log = log.Origin, Battery = chain, Model = model, Operators = operators, Givers = givers, Takers = takers }, viewer, size) is not { } passport)
        {
            return (null, null);
        }

        var shown = caller.IsPublic ? [] : givers.Values.Concat(operators.Values).Append(model).Append(takers).SelectMany(c => c)
            .Where(r => r.Signed.Disclosures.Any(d => viewer.MaySee(r.Signed, d))).Select(r => r.Signed.Entry.Subject);
        return (new PassportForCaller(passport, [.. closed.Concat(shown).Where(c => c != battery).Distinct(StringComparer.Ordinal)]), null);
    }

    // Whoever is offered responsibility is named before it signs anything.
    private static IEnumerable<string> Offered(Entry entry) =>
        entry.Event == EventCatalog.Of<ResponsibilityOffered>().Name && entry.Data.TryGetProperty("to", out var to) && to.GetString() is { } did ? [did] : [];

    // What was taken from the battery, where the chain that took it may be read.
    private async Task<IReadOnlyList<RecordedEntry>> TakersAsync(string battery, IReadOnlyList<RecordedEntry> chain, Caller caller, long size, HashSet<string> closed, CancellationToken cancel)
    {
        IReadOnlyList<Digest> giving = [.. chain.Select(r => r.Signed.Entry).Where(e => e.Given.Count > 0).Select(e => e.LeafHash)];
        var takers = new List<RecordedEntry>();
        foreach (var taker in giving.Count > 0 ? await entries.TakersAsync(giving, size, cancel) : [])
        {
            var subject = taker.Signed.Entry.Subject;
            if (subject != battery && await access.ReadableAsync(caller, subject, cancel) is { } state)
            {
                Note(state, closed);
                takers.Add(new RecordedEntry(taker.Index, taker.Signed, taker.CommittedAt));
            }
        }

        return takers;
    }

    // Back to the mines, chain by chain, through those that the caller may read. Null when it waited for too long.
    private async Task<IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>>?> GiversAsync(
        IReadOnlyList<RecordedEntry> battery, Caller caller, long size, HashSet<string> closed, LongRead read, CancellationToken cancel)
    {
        var givers = new Dictionary<string, IReadOnlyList<RecordedEntry>>(StringComparer.Ordinal);
        var own = battery[0].Signed.Entry.Subject;
        var waiting = new Queue<Digest>(Taken(battery));
        while (givers.Count < MaximumGivers && waiting.TryDequeue(out var giving))
        {
            if (await entries.FindAsync(giving, cancel) is not { } entry || entry.Signed.Entry.Subject == own || givers.ContainsKey(entry.Signed.Entry.Subject))
            {
                continue;
            }

            var subject = entry.Signed.Entry.Subject;
            if (await access.ReadableAsync(caller, subject, cancel) is { } state)
            {
                if (!await read.CountAsync(state.Sequence + 1, cancel))
                {
                    return null;
                }

                Note(state, closed);
                givers[subject] = await ChainAsync(subject, size, cancel);
                foreach (var taken in Taken(givers[subject]))
                {
                    waiting.Enqueue(taken);
                }
            }
        }

        return givers;
    }

    private void Note(ChainState chain, HashSet<string> closed)
    {
        if (!access.IsOpen(chain))
        {
            closed.Add(chain.Subject);
        }
    }

    private static IEnumerable<Digest> Taken(IReadOnlyList<RecordedEntry> chain) => chain.SelectMany(r => r.Signed.Entry.Taken).Select(t => t.Entry);

    private async Task<IReadOnlyList<RecordedEntry>> LogChainsAsync(IEnumerable<string> origins, long size, CancellationToken cancel)
    {
        var entries = new List<RecordedEntry>();
        foreach (var origin in origins)
        {
            entries.AddRange(await ChainAsync(Names.LogChain(origin), size, cancel));
        }

        return entries;
    }

    private async Task<IReadOnlyList<RecordedEntry>> ChainAsync(string subject, long size, CancellationToken cancel) =>
        [.. (await entries.ChainAsync(subject, size, cancel)).Select(e => new RecordedEntry(e.Index, e.Signed, e.CommittedAt))];
}
