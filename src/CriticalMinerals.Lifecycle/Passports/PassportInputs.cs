using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Sourcing;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>What went in, back to the mines as far as the chains may be read. Each chain is listed once, however many ways lead to it.</summary>
internal sealed class PassportInputs
{
    /// <summary>Most chains listed in one passport; whoever wants more asks for them one by one.</summary>
    internal const int MaximumGivers = 256;

    private readonly PassportAttributes _attributes;
    private readonly string _battery;
    private readonly Dictionary<Digest, RecordedEntry> _giving;
    private readonly Queue<string> _waiting = new();
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);

    internal PassportInputs(PassportSource source, PassportAttributes attributes, PassportSigners signers)
    {
        _attributes = attributes;
        _battery = source.Battery[0].Signed.Entry.Subject;
        _giving = source.Givers.Values.Append(source.Battery).SelectMany(chain => chain).DistinctBy(r => r.Signed.Entry.LeafHash).Where(r => r.Signed.Entry.Given.Count > 0).ToDictionary(r => r.Signed.Entry.LeafHash);
        Direct = Taken(source.Battery);
        NotTraced = SaysNotTraced(source.Battery);
        var givers = new List<PassportGiver>();
        while (_waiting.TryDequeue(out var name))
        {
            if (source.Givers[name] is not [var first, ..] || EventCatalog.Find(first.Signed.Entry.Event) is not { Standing: Standing.Opens } opening)
            {
                continue;
            }

            var chain = source.Givers[name];
            givers.Add(new PassportGiver
            {
                Chain = name,
                Kind = opening.Chains[0],
                Operator = signers.Of(first.Signed.Entry.Actor),
                Attributes = attributes.Of(opening.Chains[0] == ChainKind.Battery ? [.. chain.Where(IsOfAGiver)] : chain),
                Inputs = Taken(chain),
                InputsNotTraced = SaysNotTraced(chain) ? true : null,
                Disputed = chain.Any(signers.IsDisputed) ? true : null,
            });
        }

        Givers = givers;
    }

    /// <summary>What the battery's own entries took.</summary>
    internal IReadOnlyList<PassportInput> Direct { get; }

    /// <summary>The chains that gave it and those that gave to them, nearest first.</summary>
    internal IReadOnlyList<PassportGiver> Givers { get; }

    /// <summary>Whether the battery's maker says that some inputs have no giver's signature.</summary>
    internal bool NotTraced { get; }

    // A battery that gave parts or material has a passport of its own, and hundreds may have gone into one lot: of each only how it began and whether it was recalled.
    private static bool IsOfAGiver(RecordedEntry recorded) =>
        EventType.Stated(recorded.Signed.Entry) is { } stated && (stated.Standing == Standing.Opens || stated.Record == typeof(Recalled));

    private static bool SaysNotTraced(IReadOnlyList<RecordedEntry> chain) => chain.Any(r =>
        r.Signed.Entry.Data.TryGetProperty("source", out _) && EventCatalog.Find(r.Signed.Entry.Event)?.Claim("source")?.Property.PropertyType == typeof(InputSource?));

    private List<PassportInput> Taken(IReadOnlyList<RecordedEntry> chain)
    {
        var inputs = new List<PassportInput>();
        foreach (var (entry, taken) in chain.SelectMany(r => r.Signed.Entry.Taken.Select(t => (r.Signed.Entry, t))))
        {
            var giving = _giving.GetValueOrDefault(taken.Entry);
            var quantity = string.Create(CultureInfo.InvariantCulture, $"q{taken.Line}");
            var giver = giving?.Signed.Entry.Subject;
            if (giver == entry.Subject)
            {
                // A battery that is recycled redeems its own release: nothing went in.
                continue;
            }

            // A part may come back by way of another battery; the passport's own chain is not listed a second time.
            if (giver is not null && giver != _battery && _listed.Count < MaximumGivers && _listed.Add(giver))
            {
                _waiting.Enqueue(giver);
            }

            inputs.Add(new PassportInput
            {
                Entry = taken.Entry,
                Line = taken.Line,
                Giver = giver is not null && (giver == _battery || _listed.Contains(giver)) ? giver : null,
                Quantity = giving is null ? null : _attributes.Visible(giving.Signed).FirstOrDefault(d => d.Name == quantity)?.Value.GetString(),
            });
        }

        return inputs;
    }
}
