using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>A refiner or material maker turned what it took into a new lot: concentrate into sulphate, salts into active material.</summary>
[Description("What was taken was turned into a new lot.")]
public sealed record LotRefined : LifecycleEvent
{
    [Structural("Whether strangers may read the lot's chain.")]
    public required bool Open { get; init; }

    [Structural("Said when some or all inputs have no giver's signature.")]
    public InputSource? Source { get; init; }

    [Informative("The mineral that the lot is made for.")]
    public required Mineral Mineral { get; init; }

    [Informative("What it is: lithium hydroxide, nickel sulphate, NMC 811 cathode active material, ….")]
    [Text(MaximumLength = 100)]
    [Example("lithium hydroxide monohydrate")]
    public required string Product { get; init; }

    [Informative("The plant.")]
    public required Place Site { get; init; }

    [Confidential(AccessClass.C, "Mass of the lot.", Unit = "kg", Minimum = "0", Required = true, IsTotal = true)]
    public Quantity? Mass { get; init; }

    [Confidential(AccessClass.C, "Mass fraction of the mineral in the lot.", Unit = "%", Minimum = "0", Maximum = "100")]
    public Quantity? Grade { get; init; }

    [Confidential(AccessClass.C, "Greenhouse gas emissions of this step, gate to gate.", Unit = "kg CO2e/kg", Minimum = "0")]
    public Quantity? CarbonFootprint { get; init; }

    public override Refusal? Check(Situation now) =>
        now.TakenUnits.Any(u => u != StockUnit.Kilograms)
            ? new Refusal(RefusalCode.ChainKindWrong, "A lot is made of material by mass, not of pieces.")
            : Inputs.Check(now, Source);

    public override ChainState Apply(Situation now) => new StockState
    {
        Subject = now.Entry.Subject,
        Opener = now.Entry.Actor,
        StockKind = ChainKind.Lot,
        Open = Open,
        Unit = StockUnit.Kilograms,
        Total = Mass?.Value,
    };
}
