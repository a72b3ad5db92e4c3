using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Genealogy;

/// <summary>Why the content of something cannot be told.</summary>
public enum Gap
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Nobody stated it: inputs without a giver's signature, or a giver out of sight.</summary>
    NotStated,

    /// <summary>It was stated, and the disclosure is not at hand.</summary>
    Withheld,
}

/// <summary>What a line or a chain holds, or why that cannot be told.</summary>
internal readonly record struct Portion(SourcedContent? Content, Gap Gap)
{
    internal static Portion Of(SourcedContent content) => new(content, Gap.None);

    internal static Portion Lacking(Gap gap) => new(null, gap);

    /// <summary>Both together: what is withheld of one is withheld of the whole.</summary>
    internal Portion Plus(Portion other) => Content is { } mine && other.Content is { } others ? Of(mine.Plus(others)) : Lacking(Gap > other.Gap ? Gap : other.Gap);

    /// <summary>What becomes of it; a gap stays one.</summary>
    internal Portion Then(Func<SourcedContent, SourcedContent> step) => Content is { } content ? Of(step(content)) : this;
}

/// <summary>A line that was given.</summary>
/// <param name="Content">What it holds.</param>
/// <param name="Quantity">How much, in the giver's unit; null when withheld.</param>
/// <param name="Custody">The weakest custody model on the way to it, whatever the element; null when none is stated.</param>
internal sealed record TracedLine(Portion Content, decimal? Quantity, CustodyModel? Custody)
{
    /// <summary>The masses in it; null when they cannot be told. Known also where nobody asks for their sources.</summary>
    internal Composition? Masses { get; init; }

    /// <summary>Whether it gives a battery up and no part of one.</summary>
    internal bool IsWholeBattery { get; init; }
}
