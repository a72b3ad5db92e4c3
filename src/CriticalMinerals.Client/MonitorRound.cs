namespace CriticalMinerals.Client;

/// <summary>What a monitor found in one look.</summary>
/// <param name="Report">The audit; null when it did not come to one.</param>
/// <param name="Alarm">Why somebody must look; null when all is as it must be.</param>
/// <param name="NotLooked">What could not be looked at, and why.</param>
public sealed record MonitorRound(AuditReport? Report, Alarm? Alarm, IReadOnlyList<string> NotLooked);
