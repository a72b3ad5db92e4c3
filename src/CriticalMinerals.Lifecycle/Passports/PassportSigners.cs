using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Opening;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>Names of those who signed, and which of their keys a stranger may have had.</summary>
internal sealed class PassportSigners(IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> chains, Viewer viewer)
{
    private readonly Dictionary<string, (string? Name, KeyRing Keys)> _known = new(StringComparer.Ordinal);
    private readonly KeyHistory _history = new(chains);

    /// <summary>The operator as its own chain names it.</summary>
    internal PassportOperator Of(string did) => new() { Id = did, Name = Find(did).Name };

    /// <summary>Whether a stranger had the entry's key at its index, or the key of the log under which it was added.</summary>
    internal bool IsDisputed(RecordedEntry entry)
    {
        var ring = Find(entry.Signed.Entry.Issuer).Keys;
        return ring.Find(entry.Signed.Entry.KeyId) is { } key && ring.IsDisputedAt(key, entry.Index, Find(Names.LogOperator(entry.Signed.Entry.Origin)).Keys);
    }

    private (string? Name, KeyRing Keys) Find(string did)
    {
        if (!_known.TryGetValue(did, out var found))
        {
            found = chains.GetValueOrDefault(did, []).Aggregate((Name: (string?)null, Keys: new KeyRing([])), (before, recorded) => Follow(did, before, recorded));
            _known[did] = found;
        }

        return found;
    }

    private (string? Name, KeyRing Keys) Follow(string did, (string? Name, KeyRing Keys) before, RecordedEntry recorded)
    {
        var happened = Candidate.Read(viewer.See(recorded.Signed), out _)?.Event;
        return (NameAfter(did, before.Name, happened), _history.Follow(before.Keys, recorded, happened));
    }

    private static string? NameAfter(string did, string? name, LifecycleEvent? happened) => happened switch
    {
        OperatorEnrolled e => e.Name ?? e.PersonName,
        LogOpened e when Names.LogOperator(e.Origin) == did => e.Origin,
        Corrected { Replacements: var now } when now.TryGetValue("name", out var corrected) => (string)corrected,
        _ => name,
    };
}
