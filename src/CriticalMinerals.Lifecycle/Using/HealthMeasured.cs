using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>Somebody measured how the battery does: the values of Annex VII and of Annex XIII point 4, at the time <c>toe</c>.</summary>
[Description("Somebody measured how the battery does.")]
public sealed record HealthMeasured : LifecycleEvent
{
    [Informative("How: from the battery management system, by a bench test, ….")]
    [Text(MaximumLength = 200)]
    [Example("battery management system")]
    public string? Method { get; init; }

    [Confidential(AccessClass.U, "State of certified energy: usable energy now over certified usable energy.", Unit = "%", Minimum = "0", Maximum = "150", Law = "Regulation (EU) 2023/1542 Annex VII Part A")]
    public Quantity? StateOfCertifiedEnergy { get; init; }

    [Confidential(AccessClass.U, "Capacity now.", Unit = "Ah", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VII Part A(1)")]
    public Quantity? RemainingCapacity { get; init; }

    [Confidential(AccessClass.U, "Power capability now.", Unit = "W", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VII Part A(2)")]
    public Quantity? RemainingPowerCapability { get; init; }

    [Confidential(AccessClass.U, "Round trip energy efficiency now.", Unit = "%", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex VII Part A(3)")]
    public Quantity? RoundTripEfficiency { get; init; }

    [Confidential(AccessClass.U, "Self-discharge now.", Unit = "%/month", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex VII Part A(4)")]
    public Quantity? SelfDischarge { get; init; }

    [Confidential(AccessClass.U, "Internal resistance now.", Unit = "ohm", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VII Part A(5)")]
    public Quantity? InternalResistance { get; init; }

    [Confidential(AccessClass.U, "Full equivalent cycles so far.", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VII Part B(5)")]
    public long? FullCycles { get; init; }

    [Confidential(AccessClass.U, "Energy that went through so far.", Unit = "kWh", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VII Part B(2)")]
    public Quantity? EnergyThroughput { get; init; }

    [Confidential(AccessClass.U, "State of charge at the time of measurement.", Unit = "%", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex XIII 4(d)")]
    public Quantity? StateOfCharge { get; init; }

    public override Refusal? Check(Situation now) =>
        now.Entry.Digests.Count > 0 ? null : new Refusal(RefusalCode.DataInvalid, "health-measured.v1 says at least one value.");

    public override ChainState Apply(Situation now) => now.Chain!;
}
