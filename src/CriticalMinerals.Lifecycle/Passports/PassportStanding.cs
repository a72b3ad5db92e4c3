using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>
/// Where a battery stands after its entries: the events' own <see cref="LifecycleEvent.Apply"/>, one after another. Disclosures are left aside, so that what
/// comes out is the same for every audience. An event of a later version changes nothing here.
/// </summary>
internal sealed class PassportStanding
{
    private readonly List<(Alias Alias, RecordedEntry Entry, string Pointer)> _aliases = [];
    private readonly List<PassportFormerAlias> _former = [];

    private PassportStanding(BatteryState state, RecordedEntry first) => (State, StatusSince) = (state, first);

    internal BatteryState State { get; private set; }

    /// <summary>The entry that made the status what it is.</summary>
    internal RecordedEntry StatusSince { get; private set; }

    /// <summary>The entry that ended the battery; null when it goes on, or another took it over.</summary>
    internal RecordedEntry? EndedBy { get; private set; }

    /// <summary>The report that it is missing; null when it is not.</summary>
    internal RecordedEntry? Loss { get; private set; }

    /// <summary>The newest statement that it was exported.</summary>
    internal RecordedEntry? Export { get; private set; }

    /// <summary>The names that it has, each with the entry and the place in it that gave it.</summary>
    internal IReadOnlyList<(Alias Alias, RecordedEntry Entry, string Pointer)> Aliases => _aliases;

    /// <summary>The names that were struck.</summary>
    internal IReadOnlyList<PassportFormerAlias> FormerAliases => _former;

    /// <summary>Null when the chain does not begin as a battery's.</summary>
    /// <param name="chain">The battery's chain.</param>
    /// <param name="model">The model sheet's chain, where it is at hand.</param>
    internal static PassportStanding? Of(IReadOnlyList<RecordedEntry> chain, string? model)
    {
        if (chain is not [var first, ..] || EventCatalog.Find(first.Signed.Entry.Event) is not { Standing: Standing.Opens, Chains: [ChainKind.Battery] } ||
            first.Signed.Entry.References is not [var reference, ..])
        {
            return null;
        }

        // The first entry names its model, and may name what a foreign maker said of the same battery.
        var ledger = new LedgerState(first.Signed.Entry.Origin) { IsExcerpt = true };
        ledger.Load(new ModelState { Subject = first.Signed.Entry.References.Any(r => r.Subject == model) ? model! : reference.Subject, Opener = first.Signed.Entry.Actor });
        PassportStanding? standing = null;
        foreach (var recorded in chain)
        {
            var after = After(ledger, recorded);
            if (standing is null && after is null)
            {
                return null;
            }

            standing ??= new PassportStanding(after!, first);
            standing.Follow(after ?? standing.State, recorded);
        }

        return standing;
    }

    private static BatteryState? After(LedgerState ledger, RecordedEntry recorded)
    {
        var entry = recorded.Signed.Entry;
        var bare = recorded.Signed.WithoutDisclosures();
        var happened = Candidate.Read(bare, out _)?.Event;
        var after = ledger.Chain(entry.Subject) as BatteryState;
        if (happened is not null)
        {
            // What follows from an event does not depend on the key: who may say it was decided when it was admitted.
            var key = new RegisteredKey { KeyId = entry.KeyId, Use = KeyUse.Operator, X = "", AddedAt = 0, AddedBy = "" };
            var now = new Situation(ledger, bare, key);
            after = (BatteryState)happened.Apply(now);
            foreach (var ((giving, line), changed) in now.Lines)
            {
                ledger.Load(giving, line, changed);
            }
        }

        if (after is null)
        {
            return null;
        }

        ledger.Load(after = after with { Sequence = entry.Sequence, Head = entry.LeafHash });
        for (var line = 0; line < entry.Given.Count; line++)
        {
            ledger.Load(entry.LeafHash, line, new GivenLine(entry.Subject, entry.Given[line], null, null) { Purpose = happened?.Purpose });
        }

        return after;
    }

    private void Follow(BatteryState after, RecordedEntry recorded)
    {
        StatusSince = after.Status == State.Status ? StatusSince : recorded;
        EndedBy = after.Ended ? EndedBy ?? recorded : null;
        Loss = after.Missing ? State.Missing ? Loss : recorded : null;
        Export = recorded.Signed.Entry.Event == EventCatalog.Of<Exported>().Name ? recorded : Export;
        for (var i = 0; i < after.Aliases.Count; i++)
        {
            if (!_aliases.Any(a => a.Alias == after.Aliases[i]))
            {
                _aliases.Add((after.Aliases[i], recorded, recorded.Signed.Entry.Sequence == 0 ? string.Create(CultureInfo.InvariantCulture, $"/d/aliases/{i}") : "/d/alias"));
            }
        }

        foreach (var struck in _aliases.Where(a => !after.Aliases.Contains(a.Alias)).ToList())
        {
            _aliases.Remove(struck);
            _former.Add(new PassportFormerAlias { Scheme = struck.Alias.Scheme, Value = struck.Alias.Value, StruckBy = recorded.Signed.Entry.LeafHash });
        }

        State = after;
    }

    /// <summary>The recalls of a chain that nothing has ended.</summary>
    internal static IEnumerable<RecordedEntry> RecallsInForce(IReadOnlyList<RecordedEntry> chain)
    {
        var ended = chain.Where(r => r.Signed.Entry.Event == EventCatalog.Of<RecallEnded>().Name).SelectMany(r => r.Signed.Entry.References).Select(r => r.Entry).ToHashSet();
        return chain.Where(r => r.Signed.Entry.Event == EventCatalog.Of<Recalled>().Name && !ended.Contains(r.Signed.Entry.LeafHash));
    }
}
