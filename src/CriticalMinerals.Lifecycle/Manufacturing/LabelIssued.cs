using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>A label with the battery's QR code was made and fixed; a later one replaces it where the first became unreadable.</summary>
[Description("A label with the battery's QR code was made and fixed.")]
public sealed record LabelIssued : BatteryEvent
{
    [Informative("Text in the symbol.", Law = "Regulation (EU) 2023/1542 Art. 13(6), Annex VI Part C")]
    [Text(MaximumLength = 300, Pattern = "^(HTTPS|https)://[!-~]+$")]
    [Example("HTTPS://PASSPORT.EXAMPLE.COM/01/09506000134352/21/AU75-000123")]
    public required string Text { get; init; }

    [Informative("How it is fixed.", Law = "Regulation (EU) 2023/1542 Art. 13(7)")]
    public required LabelCarrier Carrier { get; init; }

    [Informative("Where on the battery, or why it is on the packaging instead.")]
    [Text(MaximumLength = 200)]
    [Example("rating plate, long side")]
    public string? Position { get; init; }

    [Informative("Print grade, ISO/IEC 15415, 0.0 to 4.0.", Minimum = "0", Maximum = "4")]
    [Example("3.2")]
    public Values.Quantity? Grade { get; init; }

    protected override IReadOnlyList<BatteryStage> When => Alive;
}

/// <summary>How a label is fixed.</summary>
public enum LabelCarrier
{
    Printed,
    Engraved,
    Adhesive,
    Packaging,
}
