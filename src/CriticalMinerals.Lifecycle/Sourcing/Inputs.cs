using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Sourcing;

/// <summary>Where the inputs of a product come from when no giver signed for them.</summary>
public enum InputSource
{
    /// <summary>Some or all inputs have no giver's signature: never blocked, always shown as not traced.</summary>
    Declared,
}

/// <summary>The rules that what is made is made of something, and holds no more of any element than that.</summary>
internal static class Inputs
{
    /// <summary>Refuses a product of nothing, and one of more than went in.</summary>
    internal static Refusal? Check(Situation now, InputSource? source, IReadOnlyList<ElementMass>? content = null) =>
        now.Entry.Taken.Count == 0 && source != InputSource.Declared
            ? new Refusal(RefusalCode.InputsMissing, "in names the lines that went in; inputs without a giver's signature are said by source: declared.")
            : CheckStated(content) ?? (source == InputSource.Declared ? null : CheckBound(Composition.Of(content), now.TakenContent));

    /// <summary>Refuses a statement that names an element twice, or elements that weigh more than the whole.</summary>
    internal static Refusal? CheckStated(IReadOnlyList<ElementMass>? content, decimal? whole = null)
    {
        if (content is null)
        {
            return null;
        }

        if (content.Select(c => c.Element).Distinct().Count() != content.Count)
        {
            return new Refusal(RefusalCode.DataInvalid, "content names each element once.");
        }

        return whole is { } mass && content.Aggregate(default(Ratio), (sum, c) => sum + c.Mass.Value) > mass
            ? new Refusal(RefusalCode.ElementMassExceeded, "The elements of content weigh more than the lot itself.")
            : null;
    }

    /// <summary>Refuses a blend that weighs more than what was mixed; passes over what is not known.</summary>
    internal static Refusal? CheckBlend(decimal? mass, Intake intake) =>
        !intake.Declared && mass > intake.Quantity ? new Refusal(RefusalCode.QuantityExceeded, "A blend weighs no more than the lots that went into it.") : null;

    /// <summary>Refuses more of an element than there can be; passes over what is not known.</summary>
    internal static Refusal? CheckBound(Composition? stated, Composition? bound) =>
        stated is not null && bound is not null && stated.Exceeding(bound) is { } element
            ? new Refusal(RefusalCode.ElementMassExceeded, $"content states {stated[element].ToDecimalText(9)} kg of {KebabCase.Of(element.ToString())}, more than went in. Mass does not grow on the way; inputs without a giver's signature are said by source: declared.")
            : null;

    /// <summary>What a product holds: as stated, else all that went in, else unknown.</summary>
    internal static Composition? ContentOf(Situation now, InputSource? source, IReadOnlyList<ElementMass>? stated) =>
        Composition.Of(stated) ?? (source == InputSource.Declared || now.Signed.Withheld > 0 ? null : now.TakenContent);

    /// <summary>Whether nothing is stated of what a product holds, so that it is all that went in.</summary>
    internal static bool IsImplied(Situation now, IReadOnlyList<ElementMass>? stated) => stated is null && now.Signed.Withheld == 0;

    /// <summary>A lot of material that begins.</summary>
    internal static StockState Lot(Situation now, bool open, Quantity? mass, IReadOnlyList<ElementMass>? content, InputSource? source) => new()
    {
        Subject = now.Entry.Subject,
        Opener = now.Entry.Actor,
        StockKind = ChainKind.Lot,
        Open = open,
        Unit = StockUnit.Kilograms,
        Total = mass?.Value,
        Content = ContentOf(now, source, content),
        Intake = new Intake().With(now, source == InputSource.Declared),
    };

    /// <summary>Refuses pieces in a product that is made by mass.</summary>
    internal static Refusal? CheckMaterial(Situation now) => now.TakenUnits.Any(u => u != StockUnit.Kilograms)
        ? new Refusal(RefusalCode.ChainKindWrong, "A lot is made of material by mass, not of pieces.")
        : null;
}
