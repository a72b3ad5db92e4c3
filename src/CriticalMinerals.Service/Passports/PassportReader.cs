using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Service.Passports;

/// <summary>Brings together the entries that a passport rests on and folds them; holds no rules and keeps nothing.</summary>
public sealed class PassportReader(EntryReader entries, SignedLog log, LedgerOptions options)
{
    /// <summary>Most chains of givers followed back.</summary>
    private const int MaximumGivers = 256;

    /// <summary>The passport as the public sees it when the log had that many entries; null when there was no such battery then.</summary>
    public async Task<BatteryPassport?> PublicAsync(string battery, long size, CancellationToken cancel)
    {
        if (await entries.StateAsync(battery, cancel) is not BatteryState state || await ChainAsync(battery, size, cancel) is not { Count: > 0 } chain)
        {
            return null;
        }

        var model = await ChainAsync(state.Model, size, cancel);
        var givers = await GiversAsync(chain, size, cancel);
        var operators = new Dictionary<string, IReadOnlyList<RecordedEntry>>(StringComparer.Ordinal);
        foreach (var entry in givers.Values.Append(chain).Append(model).SelectMany(c => c).Select(r => r.Signed.Entry))
        {
            foreach (var did in (string[])[entry.Issuer, entry.Actor])
            {
                if (!operators.ContainsKey(did))
                {
                    operators[did] = await ChainAsync(did == Names.LogOperator(log.Origin) ? Names.LogChain(log.Origin) : did, size, cancel);
                }
            }
        }

        return PassportFold.Of(new PassportSource { Battery = chain, Model = model, Operators = operators, Givers = givers }, Audience.Public, size);
    }

    // Back to the mines, chain by chain, through those that strangers may read.
    private async Task<IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>>> GiversAsync(IReadOnlyList<RecordedEntry> battery, long size, CancellationToken cancel)
    {
        var givers = new Dictionary<string, IReadOnlyList<RecordedEntry>>(StringComparer.Ordinal);
        var waiting = new Queue<Digest>(Taken(battery));
        while (givers.Count < MaximumGivers && waiting.TryDequeue(out var giving))
        {
            if (await entries.FindAsync(giving, cancel) is not { } entry || givers.ContainsKey(entry.Signed.Entry.Subject))
            {
                continue;
            }

            var subject = entry.Signed.Entry.Subject;
            if (options.PublicEntries || await entries.StateAsync(subject, cancel) is { IsOpen: true })
            {
                givers[subject] = await ChainAsync(subject, size, cancel);
                foreach (var taken in Taken(givers[subject]))
                {
                    waiting.Enqueue(taken);
                }
            }
        }

        return givers;
    }

    private static IEnumerable<Digest> Taken(IReadOnlyList<RecordedEntry> chain) => chain.SelectMany(r => r.Signed.Entry.Taken).Select(t => t.Entry);

    private async Task<IReadOnlyList<RecordedEntry>> ChainAsync(string subject, long size, CancellationToken cancel) =>
        [.. (await entries.ChainAsync(subject, size, cancel)).Select(e => new RecordedEntry(e.Index, e.Signed, e.CommittedAt))];
}
