using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>An entry as it stands in the log.</summary>
/// <param name="Index">Position in the log, from 0; below 0 in the logs that it goes on from.</param>
/// <param name="Signed">The entry with the disclosures at hand, which may be all, some or none.</param>
/// <param name="RecordedAt">Commit time of its batch. The log says this; the signer says when it happened.</param>
public sealed record RecordedEntry(long Index, SignedEntry Signed, DateTimeOffset RecordedAt);

/// <summary>The entries that a passport is folded from, each chain in order of its sequence. Whoever brings them decides which chains the audience may read.</summary>
public sealed class PassportSource
{
    /// <summary>The log in which the chains stand now; null for that of the battery's first entry.</summary>
    public string? Log { get; init; }

    /// <summary>The battery's own chain; its first entry opens it.</summary>
    public required IReadOnlyList<RecordedEntry> Battery { get; init; }

    /// <summary>The chain of its model's data sheet.</summary>
    public required IReadOnlyList<RecordedEntry> Model { get; init; }

    /// <summary>Chains of the operators that signed, by DID; under the DID of each log the chains of all logs that the entries stand in, the oldest first. An operator that is missing is shown by its DID.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> Operators { get; init; }

    /// <summary>Chains that gave parts and materials and that the audience may read, by name.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> Givers { get; init; }

    /// <summary>Entries of other chains that redeemed lines of the battery's chain, and that the audience may read. Those of a battery made of it anybody may.</summary>
    public IReadOnlyList<RecordedEntry> Takers { get; init; } = [];
}
