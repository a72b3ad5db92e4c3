using System.Collections.Concurrent;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Service.Admitting;

/// <summary>
/// What the author of a refused entry is told: of a closed chain that it may not see, what it would be told if the chain were not there. The rules decide what is
/// admitted, and they see everything; only the reason comes from deciding again without what is hidden.
/// </summary>
/// <remarks>
/// Two things cannot be hidden. A name that is taken cannot be opened again: whoever could open the chain otherwise, knowing its UUID or holding the prefix of its
/// identifier, learns that it is there. And whoever may write on any chain of a kind, as inspectors and the authority may, learns of one by writing.
/// </remarks>
public sealed class Discretion(EntryReader entries, Access access, Sequencer sequencer) : IDisposable
{
    private const int OpenKept = 100_000;

    // Chains that everybody may read; an open one is never closed. Nearly all that is referenced are model sheets.
    private readonly ConcurrentDictionary<string, bool> _open = new(StringComparer.Ordinal);

    // Thousands of lines of a stream may be refused at once: writers need the database's connections too.
    private readonly SemaphoreSlim _turns = new(8, 8);

    /// <summary>
    /// Why an entry is not even decided: it references what its author may not see, and by its being admitted somebody who guessed a name and read a leaf hash off
    /// the tiles would learn that the two belong together. The reason is the one to give if what is referenced were not there; null when there is nothing such.
    /// </summary>
    public async Task<Refusal?> PreventAsync(Candidate candidate, CancellationToken cancel)
    {
        var entry = candidate.Signed.Entry;
        if (access.EntriesAreOpen || entry.Issuer == Names.LogOperator(entry.Origin) || entry.References.All(r => r.Subject == entry.Subject || _open.ContainsKey(r.Subject)))
        {
            return null;
        }

        await _turns.WaitAsync(cancel);
        try
        {
            var hidden = await HiddenAsync(entry, cancel);
            return hidden.Count > 0 && await sequencer.PreviewAsync(candidate, Without(candidate, hidden), cancel) is Decision.Refused refused
                ? IsTold(candidate, refused) ? refused.Refusal : await DecideAgainAsync(candidate, refused, Without(candidate, hidden), cancel)
                : null;
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>The reason to give.</summary>
    public async Task<Refusal> TellAsync(Candidate candidate, Decision.Refused refused, CancellationToken cancel)
    {
        if (IsTold(candidate, refused))
        {
            return refused.Refusal;
        }

        await _turns.WaitAsync(cancel);
        try
        {
            return await DecideAgainAsync(candidate, refused, Without(candidate, []), cancel);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private bool IsTold(Candidate candidate, Decision.Refused refused) => access.EntriesAreOpen || (refused.MayWrite && candidate.Signed.Entry.Taken.Count == 0);

    private static Needs Without(Candidate candidate, IReadOnlyList<Reference> hidden)
    {
        var seen = new Needs();
        seen.Add(candidate);
        seen.Chains.ExceptWith(hidden.Select(h => h.Subject));
        seen.Entries.ExceptWith(hidden.Select(h => h.Entry));
        return seen;
    }

    // What the author references on closed chains that neither it nor the one it signs for may see. That it signs for somebody, the rules look at first.
    private async Task<IReadOnlyList<Reference>> HiddenAsync(Entry entry, CancellationToken cancel)
    {
        var authors = (List<Caller>)[await AuthorAsync(entry, cancel)];
        if (entry.Actor != entry.Issuer)
        {
            authors.Add(new Caller { Operator = entry.Actor });
        }

        var hidden = new List<Reference>();
        foreach (var reference in entry.References.Where(r => r.Subject != entry.Subject && !_open.ContainsKey(r.Subject)))
        {
            if (await entries.StateAsync(reference.Subject, cancel) is not { } chain)
            {
                continue;
            }

            if (access.IsOpen(chain))
            {
                if (_open.Count < OpenKept)
                {
                    _open[chain.Subject] = true;
                }

                continue;
            }

            var found = await entries.FindAsync(reference.Entry, cancel) is { } stored && stored.Signed.Entry.Subject == reference.Subject ? stored : null;
            var isSeen = found is not null && entry.Taken.Any(t => t.Entry == reference.Entry && Opens(entry, t, found.Signed.Entry));
            foreach (var author in authors)
            {
                isSeen = isSeen || await access.ReadableAsync(author, reference.Subject, cancel) is not null || (found is not null && await access.RedeemedAsync(author, found, cancel));
            }

            if (!isSeen)
            {
                hidden.Add(reference);
            }
        }

        return hidden;
    }

    private async Task<Caller> AuthorAsync(Entry entry, CancellationToken cancel) =>
        new() { Operator = entry.Issuer, Roles = (await entries.StateAsync(entry.Issuer, cancel) as OperatorState)?.Roles ?? [], Purpose = Audience.Auditor };

    private async Task<Refusal> DecideAgainAsync(Candidate candidate, Decision.Refused refused, Needs seen, CancellationToken cancel)
    {
        var entry = candidate.Signed.Entry;
        var author = await AuthorAsync(entry, cancel);
        var isHidden = false;

        // What is not there goes the same way as what is hidden, so that neither the answer nor the work for it tells the two apart.
        if (!refused.MayWrite && await access.ReadableAsync(author, entry.Subject, cancel) is null)
        {
            isHidden = seen.Chains.Remove(entry.Subject);
        }

        foreach (var taken in entry.Taken.GroupBy(t => t.Entry))
        {
            if (!(await entries.FindAsync(taken.Key, cancel) is { } giving && (taken.Any(t => Opens(entry, t, giving.Signed.Entry)) || await access.MayReadAsync(author, giving, cancel))))
            {
                isHidden |= seen.Lines.RemoveWhere(line => line.Entry == taken.Key) > 0;
            }
        }

        return isHidden && await sequencer.PreviewAsync(candidate, seen, cancel) is Decision.Refused(var told) ? told : refused.Refusal;
    }

    private static bool Opens(Entry entry, Redemption taken, Entry giving) =>
        taken.Line < giving.Given.Count && Commitment.To(entry.Subject, entry.Actor, taken.Opening) == giving.Given[taken.Line];
}
