namespace CriticalMinerals.Lifecycle;

/// <summary>Where an entry stands and what it is: what later entries may ask about it.</summary>
public readonly record struct EntryFact(long Index, string Subject, string Event, string Issuer);
