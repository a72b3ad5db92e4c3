using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>An entry whose event was read: all that can be checked without order is done, save the signature where the key is not known yet.</summary>
public sealed class Candidate
{
    private Candidate(SignedEntry signed, EventType type, LifecycleEvent happened)
    {
        Signed = signed;
        Type = type;
        Event = happened;
        EntryKey = LedgerState.EntryKey(signed.Entry);
    }

    /// <summary>The entry with its disclosures.</summary>
    public SignedEntry Signed { get; }

    /// <summary>What kind of event.</summary>
    public EventType Type { get; }

    /// <summary>The event.</summary>
    public LifecycleEvent Event { get; }

    /// <summary>What makes a retry with other bytes visible (<see cref="LedgerState.EntryKey"/>).</summary>
    internal Digest EntryKey { get; }

    /// <summary>
    /// The public key (<c>x</c>) with which the signature was found good outside any order; null when it was not checked yet. A key id never changes its
    /// key, so the sequencer need only compare.
    /// </summary>
    public string? VerifiedWith { get; private set; }

    /// <summary>Reads the event of an entry.</summary>
    public static Candidate? Read(SignedEntry signed, out Refusal? refusal)
    {
        if (EventCatalog.Find(signed.Entry.Event) is not { } type)
        {
            refusal = new Refusal(RefusalCode.EventUnknown, $"No event is called {signed.Entry.Event}. The schemas of all events stand under schemas/events.");
            return null;
        }

        return type.Read(signed, out refusal) is { } happened ? new Candidate(signed, type, happened) : null;
    }

    /// <summary>Checks the signature with a key and remembers which; false when it is not by that key.</summary>
    public bool VerifyWith(VerifyingKey key)
    {
        if (!Signed.Entry.IsSignedBy(key))
        {
            return false;
        }

        VerifiedWith = key.X;
        return true;
    }
}
