using System.ComponentModel;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>Cells, modules or packs were made: a batch counted in pieces, or one part with a serial of its own.</summary>
[Description("Cells, modules or a pack were made.")]
public sealed record ComponentManufactured : LifecycleEvent
{
    [Structural("cells, module or pack.")]
    public required ComponentKind Component { get; init; }

    [Structural("Whether strangers may read the component's chain.")]
    public required bool Open { get; init; }

    [Structural("Said when some or all inputs have no giver's signature.")]
    public InputSource? Source { get; init; }

    [Informative("Part number of the maker.")]
    [Text(MaximumLength = 100)]
    [Example("C-21700-50")]
    public required string PartNumber { get; init; }

    [Informative("Chemistry, short name.")]
    [Text(MaximumLength = 100)]
    [Example("NMC 811")]
    public string? Chemistry { get; init; }

    [Informative("The plant.")]
    public required Place Plant { get; init; }

    [Confidential(AccessClass.C, "How many pieces.", Unit = "pieces", Minimum = "1", Required = true, IsTotal = true)]
    public Quantity? Count { get; init; }

    [Confidential(AccessClass.C, "Elements in all pieces together; where it is left out, all that went in.", IsContent = true)]
    public IReadOnlyList<ElementMass>? Content { get; init; }

    [Informative("Codes of the pieces as marked on them, where the batch is small, such as the GB/T 34014 codes of modules.")]
    [Text(MaximumLength = 100, Pattern = "^[!-~]{1,100}$")]
    [Example("04QMB76836300JBC40000903")]
    public IReadOnlyList<string>? Codes { get; init; }

    [Confidential(AccessClass.C, "Greenhouse gas emissions of this step, gate to gate, a piece.", Unit = "kg CO2e/piece", Minimum = "0")]
    public Quantity? CarbonFootprint { get; init; }

    public override Refusal? Check(Situation now)
    {
        var makers = Component switch
        {
            ComponentKind.Cells => (Role[])[Role.CellMaker],
            ComponentKind.Module => [Role.ModuleMaker, Role.BatteryMaker],
            _ => [Role.BatteryMaker],
        };
        if (!now.Roles.Any(r => makers.Contains(r)))
        {
            return new Refusal(RefusalCode.RoleMissing, $"{KebabCase.Of(Component.ToString())} are made by {string.Join(" or ", makers.Select(r => KebabCase.Of(r.ToString())))}.");
        }

        return (Count is { } count ? CheckCount(count, now.Entry.Subject) : null) ?? Inputs.Check(now, Source, Content);
    }

    /// <summary>How many pieces a chain of that name can hold; asked again when the count is corrected.</summary>
    internal static Refusal? CheckCount(Quantity count, string subject) =>
        decimal.Truncate(count.Value) != count.Value ? new Refusal(RefusalCode.DataInvalid, "count: pieces are whole numbers.") :
        count.Value != 1 && (Gs1.IsSerialised(subject) || Gs1.IsAsset(subject))
            ? new Refusal(RefusalCode.DataInvalid, "A chain named by a serial or an asset number is one piece: count is 1.")
            : null;

    public override ChainState Apply(Situation now) => new StockState
    {
        Subject = now.Entry.Subject,
        Opener = now.Entry.Actor,
        StockKind = ChainKind.Component,
        Open = Open,
        Unit = StockUnit.Pieces,
        Total = Count?.Value,
        Content = Inputs.ContentOf(now, Source, Content),
        ContentImplied = Inputs.IsImplied(now, Content),

        // A module that holds a used cell is a used part from then on.
        Carries = Received.CarriedOn(now) is LinePurpose.Recovered ? LinePurpose.Stock : Received.CarriedOn(now),
        Intake = new Intake().With(now, Source == InputSource.Declared),
    };
}
