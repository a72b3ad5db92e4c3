using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Using;

/// <summary>The battery was taken to another country for good, in a vehicle or alone.</summary>
[Description("The battery was taken to another country for good.")]
public sealed record Exported : BatteryEvent
{
    [Informative("Country of destination, ISO 3166-1 alpha-2.")]
    [Text(Pattern = "^[A-Z]{2}$")]
    [Example("UA")]
    public required string Country { get; init; }

    [Structural("Whether it left as waste.")]
    public required bool AsWaste { get; init; }

    [Informative("Customs or shipment document.")]
    [Text(MaximumLength = 100)]
    [Example("27NL000000000001A0")]
    public string? Shipment { get; init; }

    protected override IReadOnlyList<BatteryStage> When => Alive;

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        AsWaste != (battery.Stage is BatteryStage.Waste or BatteryStage.Dismantled)
            ? new Refusal(RefusalCode.OutOfOrder, "asWaste says what the battery's status says: it became waste by collected.v1, or it did not.")
            : null;

    protected override BatteryState Apply(BatteryState battery, Situation now) => battery with { Exported = true };
}
