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
/// One thing cannot be hidden: a name that is taken cannot be opened again. Whoever could open the chain otherwise, knowing its UUID or holding the prefix of its
/// identifier, learns that it is there; nobody else does.
/// </remarks>
public sealed class Discretion(EntryReader entries, Access access, Sequencer sequencer) : IDisposable
{
    // Thousands of lines of a stream may be refused at once: writers need the database's connections too.
    private readonly SemaphoreSlim _turns = new(8, 8);

    /// <summary>The reason to give.</summary>
    public async Task<Refusal> TellAsync(Candidate candidate, Decision.Refused refused, CancellationToken cancel)
    {
        if (access.EntriesAreOpen || (refused.MayWrite && candidate.Signed.Entry.Taken.Count == 0))
        {
            return refused.Refusal;
        }

        await _turns.WaitAsync(cancel);
        try
        {
            return await DecideAgainAsync(candidate, refused, cancel);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task<Refusal> DecideAgainAsync(Candidate candidate, Decision.Refused refused, CancellationToken cancel)
    {
        var entry = candidate.Signed.Entry;
        var author = new Caller { Operator = entry.Issuer, Roles = (await entries.StateAsync(entry.Issuer, cancel) as OperatorState)?.Roles ?? [], Purpose = Audience.Auditor };
        var seen = new Needs();
        seen.Add(candidate);
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
