using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// Something that happened to a lot, a part, a battery, an operator or the log: one record, one file, one schema, one line in <see cref="EventCatalog"/>.
/// Its properties are its data; their attributes say who may see them and what depends on them. No input, output or clock: the same answer at the
/// producer, at the door and at the auditor years later.
/// </summary>
/// <remarks>Before an event is asked, <see cref="Admission"/> has settled what all events share: key, rights, chain order, references, lines taken.</remarks>
public abstract record LifecycleEvent
{
    /// <summary>Whether more than one entry of the same kind of chain may be referenced.</summary>
    public virtual bool MayReferenceMany => false;

    /// <summary>Names what <see cref="Check"/> will look up beyond the entry's own chain, signer, lines and references.</summary>
    public virtual void Need(Needs needs, Entry entry)
    {
    }

    /// <summary>Why it cannot have happened now, or null. Reads structural claims, and quantities where they are known.</summary>
    public virtual Refusal? Check(Situation now) => null;

    /// <summary>What the lines given by this event are for, where the event alone says so; null where the chain does.</summary>
    public virtual LinePurpose? Purpose => null;

    /// <summary>What the lines of this entry are taken from; null when nothing can be given here.</summary>
    /// <param name="now">Before the entry.</param>
    /// <param name="after">The chain after it, its lines not yet taken off.</param>
    public virtual Supply? Supplies(Situation now, ChainState after) => Supply.Of(after as StockState);

    /// <summary>The chain after it. Called only when <see cref="Check"/> had nothing to say.</summary>
    public abstract ChainState Apply(Situation now);
}
