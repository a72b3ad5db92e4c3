using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>A line to give: who may redeem it where, how much, with which opening.</summary>
internal sealed record Line(string Subject, Party To, string Quantity)
{
    public string Opening { get; init; } = Commitment.NewOpening();
}
