using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>A maker declares a battery model as made in one plant: the data that all batteries of the model share.</summary>
[Description("A maker declares a battery model as made in one plant.")]
public sealed record ModelDeclared : LifecycleEvent
{
    [Informative("Model identifier of the manufacturer.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(2)")]
    [Text(MaximumLength = 100)]
    [Example("EV-82")]
    public required string Model { get; init; }

    [Informative("Name under which the maker sells.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(1)")]
    [Text(MaximumLength = 200)]
    [Example("Example Batteries")]
    public required string Manufacturer { get; init; }

    [Informative("How the manufacturer is reached.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(1), Art. 38(7)")]
    public Contact? ManufacturerContact { get; init; }

    [Informative("Battery category.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(2)")]
    public required BatteryCategory Category { get; init; }

    [Informative("The plant.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(3)")]
    public required Place Plant { get; init; }

    [Informative("Chemistry, short name: NMC 811, LFP, ….", Law = "Regulation (EU) 2023/1542 Annex XIII 1(b)")]
    [Text(MaximumLength = 100)]
    [Example("NMC 811")]
    public required string Chemistry { get; init; }

    [Informative("Chemistry in words.", Law = "Regulation (EU) 2023/1542 Annex XIII 1(b), Annex VI Part A(7)")]
    [Text(MaximumLength = 200)]
    [Example("lithium nickel manganese cobalt oxide, graphite")]
    public string? ChemistryName { get; init; }

    [Informative("Mass of the battery.", Unit = "kg", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex VI Part A(5)")]
    public required Quantity Mass { get; init; }

    [Informative("Rated capacity.", Unit = "Ah", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 1(g)")]
    public required Quantity RatedCapacity { get; init; }

    [Informative("Certified usable energy.", Unit = "kWh", Minimum = "0")]
    public Quantity? RatedEnergy { get; init; }

    [Informative("Nominal voltage.", Unit = "V", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 1(h)")]
    public required Quantity NominalVoltage { get; init; }

    [Informative("Minimum voltage.", Unit = "V", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 1(h)")]
    public Quantity? MinimumVoltage { get; init; }

    [Informative("Maximum voltage.", Unit = "V", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 1(h)")]
    public Quantity? MaximumVoltage { get; init; }

    [Informative("Expected lifetime in full cycles.", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 1(j)")]
    public long? ExpectedCycles { get; init; }

    [Informative("Commercial warranty in months.", Unit = "month", Minimum = "0", Law = "Regulation (EU) 2023/1542 Annex XIII 1(m)")]
    public long? WarrantyMonths { get; init; }

    [Informative("Critical raw materials above 0.1 % by mass.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(10)")]
    [Text(MaximumLength = 100)]
    [Example("cobalt")]
    public IReadOnlyList<string>? CriticalRawMaterials { get; init; }

    [Informative("Hazardous substances other than mercury, cadmium and lead.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(8)")]
    [Text(MaximumLength = 100)]
    [Example("lithium hexafluorophosphate")]
    public IReadOnlyList<string>? HazardousSubstances { get; init; }

    [Informative("Usable extinguishing agents.", Law = "Regulation (EU) 2023/1542 Annex VI Part A(9)")]
    [Text(MaximumLength = 100)]
    [Example("water")]
    public IReadOnlyList<string>? ExtinguishingAgents { get; init; }

    [Confidential(AccessClass.R, "Materials of cathode, anode and electrolyte.", Law = "Regulation (EU) 2023/1542 Annex XIII 2(a)")]
    public IReadOnlyList<ComponentMaterial>? Materials { get; init; }

    public override ChainState Apply(Situation now) => new ModelState { Subject = now.Entry.Subject, Opener = now.Entry.Actor };
}

/// <summary>Battery categories that owe a passport (Regulation (EU) 2023/1542 Art. 77(1)); stationary is a kind of industrial battery.</summary>
public enum BatteryCategory
{
    Ev,
    Lmt,
    Industrial,
    Stationary,
}

/// <summary>A material of the detailed composition.</summary>
public sealed record ComponentMaterial
{
    [Description("cathode, anode or electrolyte.")]
    public required CellPart Part { get; init; }

    [Description("Name of the material.")]
    [Text(MaximumLength = 200)]
    [Example("nickel manganese cobalt oxide")]
    public required string Name { get; init; }

    [Description("CAS registry number.")]
    [Text(Pattern = "^[1-9][0-9]{1,6}-[0-9]{2}-[0-9]$")]
    [Example("346417-97-8")]
    public string? Cas { get; init; }

    [Description("Mass of the material in one battery.")]
    [Measure("kg", Minimum = "0")]
    public Quantity? Mass { get; init; }
}

/// <summary>Where in a cell a material is.</summary>
public enum CellPart
{
    Cathode,
    Anode,
    Electrolyte,
}
