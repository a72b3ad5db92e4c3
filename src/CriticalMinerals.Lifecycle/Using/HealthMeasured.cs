using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>Somebody measured how the battery does: the values of Annex VII and of Annex XIII point 4, at the time <c>toe</c>.</summary>
[Description("Somebody measured how the battery does.")]
public sealed record HealthMeasured : BatteryEvent
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

    [Confidential(AccessClass.U, "Usable energy now.", Unit = "kWh", Minimum = "0")]
    public Quantity? RemainingEnergy { get; init; }

    [Confidential(AccessClass.U, "Capacity lost against the rated one.", Unit = "%", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex IV Part A(1), Annex XIII 4(a)")]
    public Quantity? CapacityFade { get; init; }

    [Confidential(AccessClass.U, "Power lost against the new battery.", Unit = "%", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex IV Part A(2), Annex XIII 4(a)")]
    public Quantity? PowerFade { get; init; }

    [Confidential(AccessClass.U, "Round trip efficiency lost against the new battery.", Unit = "%", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex IV Part A(4), Annex XIII 4(a)")]
    public Quantity? RoundTripEfficiencyFade { get; init; }

    [Confidential(AccessClass.U, "Internal resistance gained against the new battery.", Unit = "%", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex IV Part A(3), Annex XIII 4(a)")]
    public Quantity? InternalResistanceIncrease { get; init; }

    [Confidential(AccessClass.U, "Change of the self-discharge rate since the battery was new.", Unit = "%", Law = "Regulation (EU) 2023/1542 Annex VII Part A(4)")]
    public Quantity? SelfDischargeEvolution { get; init; }

    [Confidential(AccessClass.U, "Charge that went through so far.", Unit = "Ah", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VII Part B(3)")]
    public Quantity? CapacityThroughput { get; init; }

    [Confidential(AccessClass.U, "Lowest temperature since the last measurement.", Unit = "degC", Minimum = "-100", Maximum = "300", Law = "Regulation (EU) 2023/1542 Annex XIII 4(d)")]
    public Quantity? TemperatureMinimum { get; init; }

    [Confidential(AccessClass.U, "Highest temperature since the last measurement.", Unit = "degC", Minimum = "-100", Maximum = "300", Law = "Regulation (EU) 2023/1542 Annex XIII 4(d)")]
    public Quantity? TemperatureMaximum { get; init; }

    [Confidential(AccessClass.U, "Time above the upper temperature limit so far.", Unit = "min", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VII Part B(4)")]
    public long? MinutesTooHot { get; init; }

    [Confidential(AccessClass.U, "Time below the lower temperature limit so far.", Unit = "min", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VII Part B(4)")]
    public long? MinutesTooCold { get; init; }

    [Confidential(AccessClass.U, "Time of charging above the upper temperature limit so far.", Unit = "min", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VII Part B(4)")]
    public long? MinutesChargedTooHot { get; init; }

    [Confidential(AccessClass.U, "Time of charging below the lower temperature limit so far.", Unit = "min", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VII Part B(4)")]
    public long? MinutesChargedTooCold { get; init; }

    [Confidential(AccessClass.U, "Deep discharges so far.", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VII Part B(4)")]
    public long? DeepDischarges { get; init; }

    [Confidential(AccessClass.U, "Overcharges so far.", Minimum = "0")]
    public long? Overcharges { get; init; }

    [Confidential(AccessClass.U, "Distance driven so far, where it is a vehicle's.", Unit = "km", Minimum = "0")]
    public Quantity? Distance { get; init; }

    protected override IReadOnlyList<BatteryStage> When => Alive;

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        now.Entry.Digests.Count > 0 ? null : new Refusal(RefusalCode.DataInvalid, "health-measured.v1 says at least one value.");
}
