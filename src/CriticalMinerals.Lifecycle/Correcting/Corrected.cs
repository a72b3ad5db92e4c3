using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Correcting;

/// <summary>
/// An entry of the same chain was wrong: the properties given here replace its, under their own names and in their own places (in clear or disclosed). The
/// original stays and is shown struck through. Structural claims are not corrected but undone by the events made for it.
/// </summary>
[Description("Replaces properties of an earlier entry of the same chain, under their own names; the original stays.")]
public sealed record Corrected : LifecycleEvent
{
    private readonly Dictionary<string, object> _replacements = new(StringComparer.Ordinal);
    private Quantity? _total;

    [Structural("Wire name of the event corrected.")]
    [Text(MaximumLength = 64)]
    [Example("lot-extracted.v1")]
    public required string Event { get; init; }

    [Informative("What was wrong.")]
    [Example("The scale was calibrated a day later: all weights of that day are 1 % lower.")]
    public required string Reason { get; init; }

    /// <summary>New values by wire name, of the types of the corrected record's properties; empty where disclosures are withheld.</summary>
    public IReadOnlyDictionary<string, object> Replacements
    {
        get => _replacements;
        init => _replacements = new Dictionary<string, object>(value, StringComparer.Ordinal);
    }

    public override Refusal? Check(Situation now)
    {
        if (now.Entry.References is not [var reference] || reference.Subject != now.Entry.Subject)
        {
            return new Refusal(RefusalCode.ReferenceMissing, "ref names the one entry of this chain that is corrected.");
        }

        if (now.Referenced(reference.Entry)!.Value.Event != Event)
        {
            return new Refusal(RefusalCode.CorrectionForbidden, $"The entry referenced is no {Event}.");
        }

        if (_replacements.Count == 0 && now.Signed.Withheld == 0)
        {
            return new Refusal(RefusalCode.DataInvalid, "corrected.v1 replaces at least one property.");
        }

        if (_total is { } count && now.Chain is StockState { Unit: StockUnit.Pieces } && ComponentManufactured.CheckCount(count, now.Entry.Subject) is { } wrong)
        {
            return wrong;
        }

        return _total is { } total && now.Chain is StockState stock && stock.Given > total.Value
            ? new Refusal(RefusalCode.QuantityExceeded, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{stock.Given} {stock.Unit} were given already: the corrected quantity cannot be less."))
            : null;
    }

    public override ChainState Apply(Situation now) =>
        now.Chain is StockState stock && (_total is not null || now.Signed.Withheld > 0 && EventCatalog.Find(Event)!.Claims.Any(c => c.Claim.IsTotal))
            ? stock with { Total = _total?.Value }
            : now.Chain!;

    internal static EventType? TargetOf(SignedEntry signed, out Refusal? refusal)
    {
        var name = signed.Property("event") is { ValueKind: System.Text.Json.JsonValueKind.String } text ? text.GetString() : null;
        var target = name is null ? null : EventCatalog.Find(name);
        refusal = target is null || target.Record == typeof(Corrected)
            ? new Refusal(RefusalCode.CorrectionForbidden, "event is the wire name of the event corrected; a correction is corrected by correcting the original again.")
            : null;
        return refusal is null ? target : null;
    }

    internal Refusal? Replace(EventClaim claim, object value)
    {
        if (claim.Claim.Kind == ClaimKind.Structural)
        {
            return new Refusal(RefusalCode.CorrectionForbidden, $"{claim.Name} is structural: it is undone by the event made for it, not corrected.");
        }

        _replacements[claim.Name] = value;
        _total = claim.Claim.IsTotal ? (Quantity)value : _total;
        return null;
    }
}
