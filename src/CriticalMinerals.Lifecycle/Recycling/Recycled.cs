using System.ComponentModel;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Recycling;

/// <summary>
/// The recycler to whom the battery was released recycles it: it redeems the release on the battery's own chain, and its passport ends (Art. 77(8)). What was won
/// goes on in <c>out</c>: shredded cells, black mass, metals.
/// </summary>
[Description("The battery was recycled and its passport ends; what was won goes on in out.")]
public sealed record Recycled : BatteryEvent, IGivesOfABattery
{
    [Informative("Route: mechanical, pyrometallurgical, hydrometallurgical, direct.", Law = "Delegated Regulation (EU) 2025/606")]
    [Text(MaximumLength = 100)]
    [Example("mechanical, then hydrometallurgical")]
    public required string Process { get; init; }

    [Informative("The plant.")]
    public required Place Site { get; init; }

    [Confidential(AccessClass.C, "Mass of what was won and goes on.", Unit = "kg", Minimum = "0", Required = true)]
    public Quantity? Mass { get; init; }

    [Confidential(AccessClass.C, "Elements in it: no more of any than the battery held.", Required = true)]
    public IReadOnlyList<ElementMass>? Content { get; init; }

    [Confidential(AccessClass.C, "Recycling efficiency: mass that is recycled over mass of the waste battery.", Unit = "%", Minimum = "0", Maximum = "100", Law = "Regulation (EU) 2023/1542 Annex XII Part B")]
    public Quantity? Efficiency { get; init; }

    public override LinePurpose? Purpose => LinePurpose.Recovered;

    protected override IReadOnlyList<BatteryStage> When => [BatteryStage.Released];

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        battery.Release!.Operation != LinePurpose.Recycling ? new Refusal(RefusalCode.OutOfOrder, $"The battery was released for {KebabCase.Of(battery.Release.Operation.ToString())}.") :
        now.Entry.Taken is not [var taken] || taken.Entry != battery.Release.Entry ? new Refusal(RefusalCode.InputsMissing, "in redeems the battery's release, and nothing else.") :
        Inputs.CheckStated(Content, Mass?.Value) ?? Inputs.CheckBound(Composition.Of(Content), battery.Content);

    protected override BatteryState Apply(BatteryState battery, Situation now) => battery with { Ended = true, Responsible = now.Entry.Actor, Content = Composition.Empty };

    public override Supply? Supplies(Situation now, ChainState after) => new(StockUnit.Kilograms, Mass?.Value, Composition.Of(Content), LinePurpose.Recovered);
}
