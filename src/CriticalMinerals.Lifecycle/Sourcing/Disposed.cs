using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>Something went to final disposal: it leaves the loop. A battery ends with it.</summary>
[Description("Material, parts or a battery went to final disposal.")]
public sealed record Disposed : LifecycleEvent
{
    [Informative("Landfill, incineration, ….")]
    [Text(MaximumLength = 200)]
    [Example("landfill for hazardous waste")]
    public required string Method { get; init; }

    [Confidential(AccessClass.C, "How much, in the chain's unit; absent for a battery.", Minimum = "0")]
    public Quantity? Quantity { get; init; }

    public override Refusal? Check(Situation now) => now.Chain switch
    {
        StockState { Voided: true } => Voided.Refuse(now.Entry),
        StockState { Unit: StockUnit.Pieces } when Quantity is { } pieces && decimal.Truncate(pieces.Value) != pieces.Value => new Refusal(RefusalCode.DataInvalid, "Pieces are whole numbers."),
        StockState when Quantity is null && now.Signed.Withheld == 0 => new Refusal(RefusalCode.DataInvalid, "quantity says how much of the chain was disposed of."),
        StockState stock when Quantity is { } gone && gone.Value > stock.Total - stock.Given =>
            new Refusal(RefusalCode.QuantityExceeded, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{now.Entry.Subject} has {stock.Total - stock.Given} {stock.Unit} left.")),
        BatteryState when Quantity is not null => new Refusal(RefusalCode.DataInvalid, "A battery is disposed of whole: leave out quantity."),
        BatteryState { Stage: BatteryStage.Waste or BatteryStage.Dismantled } => null,
        BatteryState => new Refusal(RefusalCode.OutOfOrder, "A battery is disposed of after it became waste (collected.v1)."),
        _ => null,
    };

    public override ChainState Apply(Situation now) => now.Chain switch
    {
        BatteryState battery => battery with { Ended = true },
        StockState stock => stock with
        {
            Disposed = true,
            Given = stock.Given + Quantity?.Value,
            GivenContent = Supply.Of(stock)!.ContentOf(Quantity?.Value) is { } content ? stock.GivenContent?.Plus(content) : null,
        },
        _ => now.Chain!,
    };
}
