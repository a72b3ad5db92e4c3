using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>The section of a model's sheet on performance and durability; said again, it replaces what it said before.</summary>
[Description("The section of a model's sheet on performance and durability.")]
public sealed record PerformanceDeclared : LifecycleEvent
{
    [Informative("Power that the new battery gives at states of charge, 80 % and 20 % among them.", Law = "Regulation (EU) 2023/1542 Annex XIII 1(i), Annex IV Part B(4)")]
    public IReadOnlyList<PowerAtCharge>? PowerCapability { get; init; }

    [Informative("Maximum permitted power.", Unit = "W", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 1(i)")]
    public Quantity? MaximumPower { get; init; }

    [Informative("Nominal power over nominal energy.", Unit = "W/Wh", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex IV Part B(2)")]
    public Quantity? PowerEnergyRatio { get; init; }

    [Informative("Round trip energy efficiency when new.", Unit = "%", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex XIII 1(n), Annex IV Part A(4)")]
    public Quantity? RoundTripEfficiency { get; init; }

    [Informative("Round trip energy efficiency at half of the cycle life.", Unit = "%", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex XIII 1(n)")]
    public Quantity? RoundTripEfficiencyAtHalfLife { get; init; }

    [Informative("Internal resistance when new, of cell, module and pack.", Law = "Regulation (EU) 2023/1542 Annex XIII 1(o), Annex IV Part A(3)")]
    public IReadOnlyList<ResistanceOfPart>? InternalResistance { get; init; }

    [Informative("Reference test of the cycle life.", Law = "Regulation (EU) 2023/1542 Annex XIII 1(j)")]
    [Text(MaximumLength = 200)]
    [Example("IEC 62660-1:2018, 7.8")]
    public string? LifetimeReferenceTest { get; init; }

    [Informative("C-rate of the cycle life test.", Unit = "A/Ah", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 1(p)")]
    public Quantity? CycleLifeTestRate { get; init; }

    [Informative("Capacity at which the battery counts as exhausted.", Unit = "%", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex XIII 1(k)")]
    public Quantity? ExhaustionThreshold { get; init; }

    [Informative("Lowest temperature that the battery withstands when not in use.", Unit = "degC", Minimum = "-100", Maximum = "200", Law = "Regulation (EU) 2023/1542 Annex XIII 1(l)")]
    [Example("-30")]
    public Quantity? IdleTemperatureMinimum { get; init; }

    [Informative("Highest temperature that the battery withstands when not in use.", Unit = "degC", Minimum = "-100", Maximum = "200", Law = "Regulation (EU) 2023/1542 Annex XIII 1(l)")]
    [Example("60")]
    public Quantity? IdleTemperatureMaximum { get; init; }

    [Confidential(AccessClass.U, "Expected lifetime in calendar years.", Unit = "year", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex IV Part A(5), Annex XIII 4(a)")]
    public Quantity? ExpectedLifetime { get; init; }

    [Confidential(AccessClass.U, "Self-discharge when new.", Unit = "%/month", Minimum = "0", Maximum = "100")]
    public Quantity? SelfDischarge { get; init; }

    public override Refusal? Check(Situation now) =>
        IdleTemperatureMinimum > IdleTemperatureMaximum ? new Refusal(RefusalCode.DataInvalid, "idleTemperatureMinimum is not above idleTemperatureMaximum.") : null;

    public override ChainState Apply(Situation now) => now.Chain!;
}

/// <summary>Power at one state of charge.</summary>
public sealed record PowerAtCharge
{
    [Description("State of charge.")]
    [Measure("%", Minimum = "0", Maximum = "100")]
    [Example("80")]
    public required Quantity StateOfCharge { get; init; }

    [Description("Power.")]
    [Measure("W", Minimum = "0")]
    [Example("150000")]
    public required Quantity Power { get; init; }
}

/// <summary>Ohmic resistance of a part.</summary>
public sealed record ResistanceOfPart
{
    [Description("cells, module or pack.")]
    public required ComponentKind Part { get; init; }

    [Description("Resistance.")]
    [Measure("ohm", Minimum = "0")]
    [Example("0.0008")]
    public required Quantity Resistance { get; init; }
}
