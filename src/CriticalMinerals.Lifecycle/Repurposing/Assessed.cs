using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Repurposing;

/// <summary>
/// Somebody examined whether the battery is fit for a second life: its source, its history, what tests showed, its grade. Without one no battery stops being
/// waste.
/// </summary>
[Description("Somebody examined whether the battery is fit for a second life.")]
public sealed record Assessed : BatteryEvent
{
    [Structural("fit or unfit.")]
    public required AssessmentResult Result { get; init; }

    [Informative("Standard and edition.", Law = "Regulation (EU) 2023/1542 Art. 73(2)")]
    [Text(MaximumLength = 100)]
    [Example("UL 1974:2023")]
    public required string Standard { get; init; }

    [Informative("Grade of the sorting, in the standard's or the firm's own terms.")]
    [Text(MaximumLength = 50)]
    [Example("A")]
    public string? Grade { get; init; }

    [Informative("Month up to which the first maker allows use, ISO 8601; absent when not stated.")]
    [Text(Pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    [Example("2041-12")]
    public string? CalendarExpiry { get; init; }

    [Informative("Where the history of use comes from.")]
    [Text(MaximumLength = 200)]
    [Example("battery management system log, complete")]
    public required string HistorySource { get; init; }

    [Confidential(AccessClass.U, "What an inspection by eye showed.")]
    [Text(MaximumLength = 1000)]
    [Example("Housing and connectors undamaged.")]
    public string? VisualInspection { get; init; }

    [Confidential(AccessClass.U, "Capacity.", Unit = "Ah", Minimum = "0", Required = true)]
    public Quantity? Capacity { get; init; }

    [Confidential(AccessClass.U, "Internal resistance.", Unit = "ohm", Minimum = "0", Required = true)]
    public Quantity? InternalResistance { get; init; }

    [Confidential(AccessClass.U, "Self-discharge.", Unit = "%/month", Minimum = "0", Maximum = "100")]
    public Quantity? SelfDischarge { get; init; }

    [Confidential(AccessClass.U, "Insulation resistance.", Unit = "Mohm", Minimum = "0")]
    public Quantity? Insulation { get; init; }

    [Confidential(AccessClass.U, "Test report.")]
    public Document? Report { get; init; }

    protected override IReadOnlyList<BatteryStage> When => Alive;

    protected override Refusal? Check(BatteryState battery, Situation now) =>
        Result == AssessmentResult.Fit && CalendarExpiry is { } expiry && string.CompareOrdinal(expiry, DateTimeOffset.FromUnixTimeSeconds(now.Entry.OccurredAt).ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture)) < 0
            ? new Refusal(RefusalCode.OutOfOrder, "A battery past the month up to which its maker allows use is not fit for a second life (UL 1974, second edition).")
            : null;

    protected override BatteryState Apply(BatteryState battery, Situation now) => battery with { Fit = Result == AssessmentResult.Fit };
}

/// <summary>What an assessment came to.</summary>
public enum AssessmentResult
{
    Fit,
    Unfit,
}
