using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Compliance;
using CriticalMinerals.Lifecycle.Genealogy;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>Something that does not fit in what was signed: computed, never signed, and gone when a correction or a later statement resolves it.</summary>
public sealed record PassportFinding
{
    [Description("Code of the rule.")]
    public required string Rule { get; init; }

    [Description("What the rule asks for.")]
    public required string Title { get; init; }

    [Description("Law, standard or reason behind the rule.")]
    public required string Source { get; init; }

    [Description("How much it matters.")]
    public required FindingSeverity Severity { get; init; }

    [Description("Chain that it is about.")]
    public required string Chain { get; init; }

    [Description("What does not fit.")]
    public required string Sentence { get; init; }

    [Description("Numbers that it rests on, with their units.")]
    public required IReadOnlyList<string> Figures { get; init; }

    [Description("Leaf hashes of the entries that it rests on.")]
    public required IReadOnlyList<Digest> Entries { get; init; }
}

/// <summary>A rule that could not judge everything, because this audience may not see what it needs.</summary>
public sealed record PassportUnjudged
{
    [Description("Code of the rule.")]
    public required string Rule { get; init; }

    [Description("What the rule asks for.")]
    public required string Title { get; init; }

    [Description("How many entries or inputs it could not judge.")]
    public required int CannotTell { get; init; }
}

/// <summary>Asks the rule book about what a passport rests on, as far as its audience may see it.</summary>
internal static class PassportFindings
{
    /// <param name="source">What the passport is folded from.</param>
    /// <param name="attributes">Which disclosures the audience may see.</param>
    /// <param name="viewer">For whom.</param>
    /// <param name="asOf">The instant of the newest entry: the same entries give the same findings, whoever asks when.</param>
    internal static (IReadOnlyList<PassportFinding> Findings, IReadOnlyList<PassportUnjudged> Unjudged, MaterialOrigins? Origins) Of(PassportSource source, PassportAttributes attributes, Viewer viewer, DateTimeOffset asOf)
    {
        var all = source.Givers.Values.Append(source.Model).Append(source.Battery).Where(c => c.Count > 0).ToDictionary(c => c[0].Signed.Entry.Subject, StringComparer.Ordinal);
        var chains = all.ToDictionary(c => c.Key, c => (IReadOnlyList<RecordedEntry>)[.. c.Value.Select(Seen)], StringComparer.Ordinal);
        var battery = source.Battery[0].Signed.Entry.Subject;

        // Quantities are of class C. Whoever may see those knows that a digest it cannot open holds none, and is not told that one might be withheld.
        var origins = MaterialOrigins.Of(battery, viewer.MaySee(AccessClass.C) ? all : chains);
        var results = RuleBook.Judge(new FindingSource
        {
            Chains = chains,
            Operators = source.Operators,
            AsOf = asOf,
            Upstream = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { [battery] = [.. source.Givers.Keys.Order(StringComparer.Ordinal)] },
            Shares = origins is null ? new Dictionary<string, IReadOnlyList<ComputedShare>>() : new Dictionary<string, IReadOnlyList<ComputedShare>>(StringComparer.Ordinal) { [battery] = origins.RecycledShares() },
            Custody = origins?.CustodyOfInputs() ?? new Dictionary<string, InputCustody>(),
        });
        return (
            [.. results.SelectMany(r => r.Findings.Select(f => new PassportFinding
            {
                Rule = f.Rule,
                Title = r.Rule.Title,
                Source = r.Rule.Source,
                Severity = f.Severity,
                Chain = f.Chain,
                Sentence = f.Sentence,
                Figures = [.. f.Figures.Select(figure => figure.ToString())],
                Entries = f.Entries,
            }))],
            [.. results.Where(r => r.CannotTell > 0).Select(r => new PassportUnjudged { Rule = r.Rule.Code, Title = r.Rule.Title, CannotTell = r.CannotTell })],
            origins);

        RecordedEntry Seen(RecordedEntry recorded) => recorded with
        {
            Signed = SignedEntry.Join(recorded.Signed.Entry, [.. attributes.Visible(recorded.Signed).Select(d => d.Text)], complete: false, out _)!,
        };
    }
}
