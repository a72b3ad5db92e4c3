using System.Globalization;
using System.Text.Json;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>Fills the 93 attributes from what the battery's and its model's entries state, for the audience that the statements were read for.</summary>
internal sealed class PassportSheet
{
    private readonly PassportSource _source;
    private readonly PassportAttributes _attributes;
    private readonly PassportStanding _standing;
    private readonly Dictionary<(string Event, string Claim), PassportAttribute> _stated;
    private readonly Dictionary<Digest, long> _indexes;

    internal PassportSheet(PassportSource source, PassportAttributes attributes, PassportStanding standing, IEnumerable<PassportAttribute> ofModel, IEnumerable<PassportAttribute> ofBattery)
    {
        _source = source;
        _attributes = attributes;
        _standing = standing;

        // Sections of a model's sheet stand on its chain alone; what stands on both, such as an opinion, supplies no attribute.
        _stated = ofModel.Concat(ofBattery).GroupBy(a => (a.Event, a.Name)).ToDictionary(g => g.Key, g => g.Last());
        _indexes = source.Battery.Concat(source.Model).ToDictionary(r => r.Signed.Entry.LeafHash, r => r.Index);
    }

    internal IReadOnlyList<PassportDatum> Data() =>
    [
        .. StandardAttributes.All.Select(attribute => new PassportDatum
        {
            Number = attribute.Number,
            Group = attribute.Group,
            Title = attribute.Title,
            Name = attribute.Name,
            Unit = attribute.Unit,
            Access = attribute.Access,
            Changes = attribute.Changes,
            Level = attribute.Level,
            Law = attribute.Law,
            DataPoints = [.. DataPoints.All.Where(p => p.Attributes.Any(a => a.Number == attribute.Number)).Select(p => p.Number)],
            Values = Values(attribute),
        }),
    ];

    /// <summary>The statement of a source that holds; null when it says nothing. What was said first of a corrected entry keeps its place.</summary>
    internal SheetStatement? Newest(AttributeSource source) => Holding(source).MaxBy(s => s.Order);

    private IReadOnlyList<PassportDatumValue> Values(StandardAttribute attribute)
    {
        if (attribute.Number == StatusNumber)
        {
            return [Status()];
        }

        if (attribute.IsHistory)
        {
            return [.. attribute.Sources.SelectMany(Holding).OrderByDescending(s => s.Order).Select(s => s.ToValue(attribute.Unit))];
        }

        var values = new List<PassportDatumValue>();
        foreach (var part in attribute.Sources.GroupBy(s => s.Part))
        {
            var held = part.Select(Newest).OfType<SheetStatement>().ToList();
            var stated = attribute.Changes == AttributeChange.Dynamic ? held.MaxBy(s => s.Order) : held.FirstOrDefault();
            if ((ComputedAttributes.Of(attribute.Number, part.Key, stated?.Order, this) ?? stated?.ToValue(attribute.Unit)) is { } value)
            {
                values.Add(value);
            }
        }

        return values;
    }

    private const int StatusNumber = 11;

    // Every opening says a status, by its kind or in words; collecting and dismantling make it waste.
    private PassportDatumValue Status()
    {
        var entry = _standing.StatusSince.Signed.Entry;
        var claim = StandardAttributes.Of(StatusNumber).Sources.FirstOrDefault(s => s.Event == entry.Event)?.Claim ?? "evt";
        return new PassportDatumValue
        {
            Value = Text(KebabCase.Of(_standing.State.Status.ToString())),
            OccurredAt = DateTimeOffset.FromUnixTimeSeconds(entry.OccurredAt),
            Event = entry.Event,
            Claim = claim,
            Provenance = _attributes.Provenance(_standing.StatusSince, claim == "evt" ? "/evt" : "/d/" + claim),
            Disputed = _attributes.Disputed(_standing.StatusSince),
        };
    }

    // All statements of a source that no correction replaced.
    private IEnumerable<SheetStatement> Holding(AttributeSource source)
    {
        if (source.IsOfEntry)
        {
            return _source.Battery.Where(r => r.Signed.Entry.Event == source.Event).Select(r => OfEntry(source, r));
        }

        return _stated.TryGetValue((source.Event, source.Claim), out var attribute)
            ? attribute.Statements.Where(s => s.CorrectedBy is null).Select(s => Chosen(source, attribute, s)).OfType<SheetStatement>()
            : [];
    }

    private SheetStatement? Chosen(AttributeSource source, PassportAttribute attribute, PassportStatement statement)
    {
        var order = _indexes[statement.Corrects ?? statement.Provenance.Entry];
        if (statement.Value is not { } value)
        {
            return new SheetStatement(source, order, attribute.Unit, statement);
        }

        if (source.Choose(value) is not { } chosen)
        {
            return null;
        }

        // Inside a disclosure a pointer cannot go further than its digest.
        var inClear = statement.Provenance.Pointer == "/d/" + source.Claim;
        var provenance = inClear ? statement.Provenance with { Pointer = statement.Provenance.Pointer + chosen.Pointer } : statement.Provenance;
        return new SheetStatement(source, order, attribute.Unit, statement with { Value = chosen.Value, Provenance = provenance });
    }

    // The month is all that putting into service signs; names are signed in full.
    private SheetStatement OfEntry(AttributeSource source, RecordedEntry recorded)
    {
        var entry = recorded.Signed.Entry;
        var happened = DateTimeOffset.FromUnixTimeSeconds(entry.OccurredAt);
        var value = source.Claim == "toe" ? happened.ToString("yyyy-MM", CultureInfo.InvariantCulture) : entry.Subject;
        return new SheetStatement(source, recorded.Index, null, new PassportStatement
        {
            Value = Text(value),
            OccurredAt = happened,
            Provenance = _attributes.Provenance(recorded, "/" + source.Claim),
            Disputed = _attributes.Disputed(recorded),
        });
    }

    private static JsonElement Text(string value) => JsonSerializer.SerializeToElement(value);
}

/// <summary>What one source says now.</summary>
/// <param name="Source">The source.</param>
/// <param name="Order">Index of the entry that said it first: a correction stands where the mistake stood.</param>
/// <param name="Unit">Unit of the claim.</param>
/// <param name="Statement">The signed statement, its value cut to what the source means.</param>
internal sealed record SheetStatement(AttributeSource Source, long Order, string? Unit, PassportStatement Statement)
{
    internal PassportDatumValue ToValue(string? unit) => new()
    {
        Part = Source.Part,
        Value = Statement.Value,
        Unit = Unit == unit ? null : Unit,
        Withheld = Statement.Withheld,
        OccurredAt = Statement.OccurredAt,
        Event = Source.Event,
        Claim = Source.Claim,
        Provenance = Statement.Provenance,
        Disputed = Statement.Disputed,
    };
}
