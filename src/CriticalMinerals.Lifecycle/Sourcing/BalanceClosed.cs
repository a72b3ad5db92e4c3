using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>
/// An account of a mass balance over a site was closed for a period (ISO 22095-2): what carried the claim went in, what was claimed went out, by a stated
/// method and factor. Its arithmetic must be right, it never ends below zero, and its period is at most a year.
/// </summary>
[Description("A mass balance account of a site was closed for a period.")]
public sealed record BalanceClosed : LifecycleEvent
{
    [Informative("The claim that is balanced: recycled, from a certified mine, of a region, ….", Law = "ISO 22095-2:2026")]
    [Text(MaximumLength = 100)]
    [Example("recycled cobalt")]
    public required string Claim { get; init; }

    [Informative("The element that is balanced.")]
    public required Mineral Element { get; init; }

    [Informative("Rolling average or credit; the other models keep no account.")]
    public required CustodyModel Method { get; init; }

    [Informative("Certification scheme, with its version.")]
    [Text(MaximumLength = 200)]
    [Example("ISCC PLUS 3.4")]
    public string? Scheme { get; init; }

    [Informative("The site or group of sites within which the balance holds.")]
    public required Place Boundary { get; init; }

    [Informative("First day, ISO 8601.")]
    [Text(Pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
    [Example("2027-01-01")]
    public required string From { get; init; }

    [Informative("Last day, ISO 8601.")]
    [Text(Pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
    [Example("2027-06-30")]
    public required string To { get; init; }

    [Confidential(AccessClass.C, "Balance carried over from the period before.", Unit = "kg", Minimum = "0", Required = true)]
    [Example("120")]
    public Quantity? Opening { get; init; }

    [Confidential(AccessClass.C, "What carried the claim and went in.", Unit = "kg", Minimum = "0", Required = true)]
    [Example("1000")]
    public Quantity? Inputs { get; init; }

    [Confidential(AccessClass.C, "Share of the inputs that can come out: their yield.", Minimum = "0", Maximum = "1", Required = true)]
    [Example("0.92")]
    public Quantity? ConversionFactor { get; init; }

    [Confidential(AccessClass.C, "Where the factor comes from.")]
    [Text(MaximumLength = 300)]
    [Example("Plant yield of 2026, audited")]
    public string? FactorSource { get; init; }

    [Confidential(AccessClass.C, "What was claimed for what went out.", Unit = "kg", Minimum = "0", Required = true)]
    [Example("900")]
    public Quantity? Outputs { get; init; }

    [Confidential(AccessClass.C, "Balance carried over to the next period: opening + inputs x conversion factor - outputs.", Unit = "kg", Minimum = "0", Required = true)]
    [Example("140")]
    public Quantity? Closing { get; init; }

    public override Refusal? Check(Situation now)
    {
        if (now.Chain is StockState { Voided: true })
        {
            return Voided.Refuse(now.Entry);
        }

        if (Method is not (CustodyModel.MassBalanceRollingAverage or CustodyModel.MassBalanceCredit))
        {
            return new Refusal(RefusalCode.DataInvalid, "method is mass-balance-rolling-average or mass-balance-credit: the other models keep no account.");
        }

        if (!DateOnly.TryParseExact(From, "yyyy-MM-dd", out var from) || !DateOnly.TryParseExact(To, "yyyy-MM-dd", out var to) || to < from || (from.Year < DateOnly.MaxValue.Year && to >= from.AddYears(1)))
        {
            return new Refusal(RefusalCode.DataInvalid, "from and to are days of the calendar, to is not before from, and a period is at most a year.");
        }

        return Opening is { } opening && Inputs is { } inputs && ConversionFactor is { } factor && Outputs is { } outputs && Closing is { } closing
            && (Ratio)opening.Value + ((Ratio)inputs.Value * factor.Value) - outputs.Value != closing.Value
            ? new Refusal(RefusalCode.ElementMassExceeded, "The account does not add up: closing is opening + inputs x conversionFactor - outputs.")
            : null;
    }

    public override ChainState Apply(Situation now) => now.Chain!;
}
