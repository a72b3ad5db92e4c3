using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Sourcing;
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
    private IReadOnlyList<ElementMass>? _content;

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

        if ((_total is not null || _content is not null) && now.Chain is StockState { Voided: true })
        {
            return Voided.Refuse(now.Entry);
        }

        if (_content is not null && now.Chain is StockState { Kind: ChainKind.Consignment })
        {
            return new Refusal(RefusalCode.CorrectionForbidden, "A consignment holds what was received: its content is corrected where it was stated.");
        }

        if (_total is { } count && now.Chain is StockState { Unit: StockUnit.Pieces } && ComponentManufactured.CheckCount(count, now.Entry.Subject) is { } wrong)
        {
            return wrong;
        }

        if (_content is not null && (Inputs.CheckStated(_content) ?? CheckContent(Composition.Of(_content)!, now.Chain!)) is { } impossible)
        {
            return impossible;
        }

        if (_total is { } total && now.Chain is StockState stock && stock.Given > total.Value)
        {
            return new Refusal(RefusalCode.QuantityExceeded, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{stock.Given} {stock.Unit} were given already: the corrected quantity cannot be less."));
        }

        return _total is not null || _content is not null ? CheckWeight(Apply(now)) : null;
    }

    public override ChainState Apply(Situation now)
    {
        var claims = EventCatalog.Find(Event)!.Claims;
        var withheld = now.Signed.Withheld > 0;
        var after = now.Chain!;
        if (after is StockState stock && (_total is not null || (withheld && claims.Any(c => c.Claim.IsTotal))))
        {
            after = stock with { Total = stock.Voided ? 0 : _total?.Value };
        }

        if (_content is null && !(withheld && claims.Any(c => c.Claim.IsContent)))
        {
            return after;
        }

        var content = Composition.Of(_content);
        return after switch
        {
            StockState { Voided: true } => after,
            StockState held => held with { Content = content, ContentImplied = false },
            BatteryState battery => battery with { Content = content },
            _ => after,
        };
    }

    // What is left weighs at least what its elements do, and a blend no more than what was mixed.
    private static Refusal? CheckWeight(ChainState after) => after is not StockState { Unit: StockUnit.Kilograms } stock ? null
        : stock is { Total: { } total, Given: { } given, Content: { } content, GivenContent: { } gone }
            && content.Less(gone).Masses.Aggregate(default(Ratio), (sum, m) => sum + m.Value) > total - given
            ? new Refusal(RefusalCode.ElementMassExceeded, "The elements of what is left would weigh more than what is left: correct mass and content together.")
            : stock.Began == EventCatalog.Of<LotsBlended>().Name ? Inputs.CheckBlend(stock.Total, stock.Intake) : null;

    // No more than went in, no less than what has gone on.
    private static Refusal? CheckContent(Composition content, ChainState chain) => chain switch
    {
        StockState { GivenContent: { } given } when given.Exceeding(content) is { } element =>
            new Refusal(RefusalCode.QuantityExceeded, $"More {KebabCase.Of(element.ToString())} was given on already: the corrected content cannot be less."),
        StockState stock => Inputs.CheckBound(content, stock.Intake.Bound),
        BatteryState { Relied: true } or BatteryState { Stage: BatteryStage.Released or BatteryStage.Ended } =>
            new Refusal(RefusalCode.CorrectionForbidden, "Parts went in or out since, or the battery was given up: what it held at first no longer says what it holds."),
        BatteryState battery => Inputs.CheckBound(content, battery.Intake.Bound),
        _ => null,
    };

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
        _content = claim.Claim.IsContent ? (IReadOnlyList<ElementMass>)value : _content;
        return null;
    }
}
