using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>How much a finding matters to whoever relies on the statements.</summary>
public enum FindingSeverity
{
    /// <summary>To know.</summary>
    Notice,

    /// <summary>Statements that do not fit together, or an obligation that is not met.</summary>
    Warning,

    /// <summary>Do not rely on it, or do not use the battery, before it is cleared up.</summary>
    Serious,
}

/// <summary>A number that a finding rests on, exactly.</summary>
/// <param name="Name">What it is, in a few words.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">Its unit, in the spelling of the International System where it has one; null for a bare number.</param>
public sealed record Figure(string Name, Ratio Value, string? Unit)
{
    /// <summary><c>share declared 12.5 %</c>, <c>expired for 2 days</c>, cut off after nine decimal places.</summary>
    public override string ToString() => $"{Name} {Value.ToDecimalText(9)}{(Unit is null ? "" : " " + Spelled(Unit))}";

    // Symbols have no plural, words have one.
    private string Spelled(string unit) => unit is "day" or "month" && Value != 1 ? unit + "s" : unit;
}

/// <summary>
/// What a rule noticed in signed statements. It is computed, never signed and never a refusal: corrected or later statements make it go, and another rule book
/// may see it otherwise.
/// </summary>
public sealed record Finding
{
    /// <summary>Code of the rule (<see cref="Compliance.Rule.Code"/>).</summary>
    public required string Rule { get; init; }

    /// <summary>How much it matters.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>The chain that it is about.</summary>
    public required string Chain { get; init; }

    /// <summary>Leaf hashes of the entries that it rests on, in the order in which the sentence speaks of them.</summary>
    public required IReadOnlyList<Digest> Entries { get; init; }

    /// <summary>The numbers that it rests on.</summary>
    public required IReadOnlyList<Figure> Figures { get; init; }

    /// <summary>What does not fit, in a sentence.</summary>
    public required string Sentence { get; init; }
}

/// <summary>What one rule came to.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Findings">What it noticed, by chain and entry.</param>
/// <param name="CannotTell">How many entries or inputs it could not judge because values that it needs are withheld or chains are not at hand. 0 and no finding: nothing is wrong.</param>
public sealed record RuleResult(Rule Rule, IReadOnlyList<Finding> Findings, int CannotTell);
