using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>
/// One question asked of statements that were admitted. Rules never refuse, so unlike refusing rules they may change with the law and may read what can be
/// forgotten: then they answer that they cannot tell.
/// </summary>
/// <param name="code">Stable, for programs.</param>
/// <param name="title">What it asks for, as a sentence that holds when nothing is found.</param>
/// <param name="source">Law, standard or reason.</param>
/// <param name="appliesFrom">First day on which the law has it; null where it is no matter of law.</param>
public abstract class Rule(string code, string title, string source, DateOnly? appliesFrom = null)
{
    /// <summary>Stable, for programs.</summary>
    public string Code { get; } = code;

    /// <summary>What it asks for, as a sentence that holds when nothing is found.</summary>
    public string Title { get; } = title;

    /// <summary>Law, standard or reason.</summary>
    public string Source { get; } = source;

    /// <summary>First day on which the law has it; null where it is no matter of law.</summary>
    public DateOnly? AppliesFrom { get; } = appliesFrom;

    internal abstract void Judge(Story story, Ruling ruling);
}

/// <summary>Where a rule puts what it notices.</summary>
internal sealed class Ruling(Rule rule)
{
    private readonly List<Finding> _findings = [];
    private readonly HashSet<Digest> _unknown = [];
    private int _withheld;

    internal RuleResult Result => new(
        rule,
        [.. _findings.OrderBy(f => f.Chain, StringComparer.Ordinal).ThenBy(f => string.Join(' ', f.Entries), StringComparer.Ordinal).ThenBy(f => f.Sentence, StringComparer.Ordinal)],
        _unknown.Count + _withheld);

    internal void Find(FindingSeverity severity, string chain, IEnumerable<Digest> entries, string sentence, params IReadOnlyList<Figure> figures) => _findings.Add(new Finding
    {
        Rule = rule.Code,
        Severity = severity,
        Chain = chain,
        Entries = [.. entries.Distinct()],
        Figures = figures,
        Sentence = sentence,
    });

    /// <summary>A value of that entry is needed and withheld; counted once an entry.</summary>
    internal void CannotTell(Statement statement) => _unknown.Add(statement.Hash);

    /// <summary>So many inputs are needed and not known.</summary>
    internal void CannotTell(int inputs) => _withheld += inputs;
}
