using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Sourcing;

namespace CriticalMinerals.Lifecycle.Compliance;

/// <summary>All chains at hand, read once for all rules.</summary>
internal sealed class Story
{
    private readonly Dictionary<string, ChainStory> _byName;
    private readonly Dictionary<Digest, Statement> _byHash;

    internal Story(FindingSource source)
    {
        Source = source;
        Chains = [.. source.Chains.OrderBy(c => c.Key, StringComparer.Ordinal).Where(c => c.Value.Count > 0).Select(c => new ChainStory(c.Value)).Where(c => c.Statements.Count > 0)];
        _byName = Chains.ToDictionary(c => c.Name, StringComparer.Ordinal);
        _byHash = Chains.SelectMany(c => c.Statements).ToDictionary(s => s.Hash);
    }

    internal FindingSource Source { get; }

    /// <summary>In the order of their names.</summary>
    internal IReadOnlyList<ChainStory> Chains { get; }

    /// <summary>Chains of batteries that were not undone.</summary>
    internal IEnumerable<ChainStory> Batteries => Chains.Where(c => c.Kind == ChainKind.Battery && !c.IsVoided);

    internal ChainStory? Chain(string name) => _byName.GetValueOrDefault(name);

    internal Statement? Entry(Digest hash) => _byHash.GetValueOrDefault(hash);

    /// <summary>The model sheet that a battery's first entry references; null when it is not at hand.</summary>
    internal ChainStory? ModelOf(ChainStory battery) =>
        battery.First.Entry.References.Select(r => Chain(r.Subject)).FirstOrDefault(c => c?.Kind == ChainKind.Model);

    /// <summary>Every statement of an event on any chain that was not undone.</summary>
    internal IEnumerable<Said<T>> Of<T>()
        where T : LifecycleEvent => Chains.Where(c => !c.IsVoided).SelectMany(c => c.Of<T>());
}

/// <summary>One chain, its entries as they stand after all corrections.</summary>
internal sealed class ChainStory
{
    internal ChainStory(IReadOnlyList<RecordedEntry> entries)
    {
        Name = entries[0].Signed.Entry.Subject;
        var corrections = entries.Where(e => Statement.Corrects(e) is not null).ToLookup(e => Statement.Corrects(e)!.Value);
        Statements = [.. entries.Select(e => Statement.Read(e, corrections[e.Signed.Entry.LeafHash])).OfType<Statement>()];
        Kind = Statements is [var first, ..] ? first.Type.Chains[0] : default;
        IsVoided = Statements.Any(s => s.Event is Voided);
        Withdrawn = Of<Withdrawn>().Where(w => w.Statement.Entry.References.Count == 1).Select(w => (w.Statement.Entry.References[0].Entry, (int)w.Event.Line)).ToHashSet();
    }

    internal string Name { get; }

    internal ChainKind Kind { get; }

    /// <summary>Undone by its opener.</summary>
    internal bool IsVoided { get; }

    /// <summary>Lines that were given and taken back.</summary>
    internal IReadOnlySet<(Digest Entry, int Line)> Withdrawn { get; }

    /// <summary>In the order of the chain.</summary>
    internal IReadOnlyList<Statement> Statements { get; }

    internal Statement First => Statements[0];

    /// <summary>The statements of one event, in the order of the chain.</summary>
    internal IEnumerable<Said<T>> Of<T>()
        where T : LifecycleEvent => Statements.Where(s => s.Event is T).Select(s => new Said<T>(s, (T)s.Event));

    /// <summary>The same by the time at which they happened; what happened at once stays in the order of the chain.</summary>
    internal IReadOnlyList<Said<T>> ByTime<T>()
        where T : LifecycleEvent => [.. Of<T>().OrderBy(s => s.Statement.OccurredAt)];
}

/// <summary>A statement of one event.</summary>
internal readonly record struct Said<T>(Statement Statement, T Event)
    where T : LifecycleEvent;

/// <summary>One entry: its event with every property replaced that corrections replaced, and what is not known of it.</summary>
internal sealed class Statement
{
    private readonly HashSet<string> _withheld = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Digest> _replacedBy = new(StringComparer.Ordinal);

    private Statement(RecordedEntry recorded, Candidate candidate)
    {
        Recorded = recorded;
        Type = candidate.Type;
        Event = candidate.Event;
    }

    internal RecordedEntry Recorded { get; }

    internal Entry Entry => Recorded.Signed.Entry;

    internal Digest Hash => Entry.LeafHash;

    internal string Chain => Entry.Subject;

    internal EventType Type { get; }

    /// <summary>The event as it stands; a property that is withheld is null.</summary>
    internal LifecycleEvent Event { get; }

    /// <summary>When it happened, as the signer claims.</summary>
    internal DateTimeOffset OccurredAt => DateTimeOffset.FromUnixTimeSeconds(Entry.OccurredAt);

    /// <summary>The same to the day, UTC.</summary>
    internal DateOnly Day => DateOnly.FromDateTime(OccurredAt.UtcDateTime);

    /// <summary>The corrections of it, in the order of the chain.</summary>
    internal IReadOnlyList<RecordedEntry> Corrections { get; private init; } = [];

    /// <summary>Whether the property (by its C# name) may have a value that is not at hand.</summary>
    internal bool IsWithheld(string property) => _withheld.Contains(property);

    /// <summary>The entries that the values of these properties rest on: this one, and the corrections that replaced them.</summary>
    internal IEnumerable<Digest> Sources(params string[] properties) => properties.Where(_replacedBy.ContainsKey).Select(p => _replacedBy[p]).Prepend(Hash).Distinct();

    /// <summary>The leaf hash that a correction is about; null for other events.</summary>
    internal static Digest? Corrects(RecordedEntry recorded) =>
        EventCatalog.Find(recorded.Signed.Entry.Event)?.Record == typeof(Corrected) && recorded.Signed.Entry.References is [var reference] ? reference.Entry : null;

    /// <summary>Null for an entry of no known event: rules have nothing to say to it.</summary>
    internal static Statement? Read(RecordedEntry recorded, IEnumerable<RecordedEntry> corrections)
    {
        if (Candidate.Read(recorded.Signed, out _) is not { } candidate)
        {
            return null;
        }

        var statement = new Statement(recorded, candidate) { Corrections = [.. corrections] };
        var hidden = candidate.Type.Claims.Where(c => c.IsDisclosed).ToList();
        statement._withheld.UnionWith(hidden.Where(c => recorded.Signed.Withheld > 0 && c.Property.GetValue(candidate.Event) is null).Select(c => c.Property.Name));
        foreach (var correction in statement.Corrections)
        {
            if (Candidate.Read(correction.Signed, out _)?.Event is Corrected corrected)
            {
                statement.Replace(corrected, correction, hidden);
            }
        }

        return statement;
    }

    private void Replace(Corrected corrected, RecordedEntry correction, IReadOnlyList<EventClaim> hidden)
    {
        foreach (var (name, value) in corrected.Replacements)
        {
            if (Type.Claim(name) is { } claim)
            {
                claim.Property.SetValue(Event, value);
                _withheld.Remove(claim.Property.Name);
                _replacedBy[claim.Property.Name] = correction.Signed.Entry.LeafHash;
            }
        }

        // What is withheld of a correction may replace any value that is not in clear.
        foreach (var claim in hidden.Where(c => correction.Signed.Withheld > 0 && !corrected.Replacements.ContainsKey(c.Name)))
        {
            claim.Property.SetValue(Event, null);
            _withheld.Add(claim.Property.Name);
        }
    }
}
