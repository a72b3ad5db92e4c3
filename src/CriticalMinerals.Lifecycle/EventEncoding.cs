using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// An event as a producer signs it: each property in clear or as a disclosure, exactly where its claim says it belongs, beside the shared members
/// <c>out</c>, <c>in</c>, <c>ref</c>, <c>for</c>. The mirror of <see cref="Candidate.Read"/>. Salts and openings are drawn here, once: whoever sends again
/// sends what was made first.
/// </summary>
public sealed class EventEncoding
{
    private EventEncoding(EventType type, JsonObject clear, IReadOnlyList<Disclosure> disclosures, EntryLinks links)
    {
        Type = type;
        Clear = clear;
        Disclosures = disclosures;
        Links = links;
    }

    /// <summary>The event's line of the catalog.</summary>
    public EventType Type { get; }

    /// <summary>The members of <c>d</c> in clear.</summary>
    public JsonObject Clear { get; }

    /// <summary>The members of <c>d</c> that are signed as digests.</summary>
    public IReadOnlyList<Disclosure> Disclosures { get; }

    /// <summary>Encodes an event's record.</summary>
    /// <exception cref="ArgumentException">The record is no event of the catalog, or a value cannot be written in the strict profile.</exception>
    public static EventEncoding Of(LifecycleEvent happened, EntryLinks? links = null)
    {
        var type = EventCatalog.All.FirstOrDefault(t => t.Record == happened.GetType())
            ?? throw new ArgumentException($"{happened.GetType().Name} is no event of the catalog.", nameof(happened));
        var data = new JsonObject();
        foreach (var claim in type.Claims)
        {
            if (claim.Property.GetValue(happened) is { } value)
            {
                data[claim.Name] = JsonSerializer.SerializeToNode(value, claim.Property.PropertyType, EventJson.Options);
            }
        }

        foreach (var (name, value) in (happened as Corrected)?.Replacements ?? new Dictionary<string, object>())
        {
            data[name] = JsonSerializer.SerializeToNode(value, value.GetType(), EventJson.Options);
        }

        return Place(type, data, links ?? EntryLinks.None, out var refusal)
            ?? throw new ArgumentException(refusal!.Detail, nameof(happened));
    }

    /// <summary>
    /// Encodes an event given as JSON, with the wire names of its properties and none of the shared members. Puts each value in its place and leaves its
    /// form to <see cref="Candidate.Read"/>; a property that the event does not have is refused.
    /// </summary>
    /// <exception cref="ArgumentException">A disclosed value cannot be written in the strict profile.</exception>
    public static EventEncoding? Of(string name, JsonObject data, EntryLinks links, out Refusal? refusal)
    {
        if (EventCatalog.Find(name) is { } type)
        {
            return Place(type, data, links, out refusal);
        }

        refusal = new Refusal(RefusalCode.EventUnknown, $"No event is called {StrictText.Printable(name)}. The schemas of all events stand under schemas/events.");
        return null;
    }

    /// <summary>What the shared members say, with the openings of the lines given.</summary>
    public EntryLinks Links { get; }

    /// <summary>The event as a draft for one place in a chain. Each draft has a <c>jti</c> of its own; salts and openings stay.</summary>
    /// <param name="keyId">The signing key in full.</param>
    /// <param name="at">Log, chain, place and times.</param>
    public EntryDraft Draft(string keyId, EntryPlace at) => new()
    {
        Origin = at.Origin,
        KeyId = keyId,
        Subject = at.Subject,
        Sequence = at.Sequence,
        Previous = at.Previous,
        Event = Type.Name,
        IssuedAt = at.IssuedAt,
        OccurredAt = at.OccurredAt,
        Clear = Clear,
        Disclosures = Disclosures,
    };

    private static EventEncoding? Place(EventType type, JsonObject data, EntryLinks links, out Refusal? refusal)
    {
        var target = type.Record == typeof(Corrected) && data["event"] is JsonValue text && text.TryGetValue<string>(out var corrected)
            ? EventCatalog.Find(corrected)
            : null;
        var clear = new JsonObject();
        var disclosures = new List<Disclosure>();
        foreach (var (name, value) in data)
        {
            if ((type.Claim(name) ?? target?.Claim(name)) is not { } claim)
            {
                refusal = new Refusal(RefusalCode.DataInvalid, $"{type.Name} has no property {StrictText.Printable(name)}. Its schema is schemas/events/{type.Name}.schema.json.");
                return null;
            }

            if (claim.IsDisclosed)
            {
                disclosures.Add(Disclosure.Create(name, value));
            }
            else
            {
                clear[name] = value?.DeepClone();
            }
        }

        links.Write(clear, disclosures);
        refusal = null;
        return new EventEncoding(type, clear, disclosures, links);
    }
}

/// <summary>Where and when an event is said: what an entry holds beside its event.</summary>
/// <param name="Origin">The log.</param>
/// <param name="Subject">The chain.</param>
/// <param name="Sequence">Place in the chain, 0 for its first entry.</param>
/// <param name="Previous">Leaf hash of the entry before; zero at 0.</param>
/// <param name="IssuedAt">When it is signed.</param>
/// <param name="OccurredAt">When it happened.</param>
public readonly record struct EntryPlace(string Origin, string Subject, long Sequence, Digest Previous, DateTimeOffset IssuedAt, DateTimeOffset OccurredAt);

/// <summary>What ties an entry to others, whatever its event: lines given and taken, entries read, the principal of a delegate.</summary>
public sealed record EntryLinks
{
    /// <summary>Tied to nothing.</summary>
    public static EntryLinks None { get; } = new();

    /// <summary>Lines given (<c>out</c>), at most <see cref="Commitment.MaximumLines"/>.</summary>
    public IReadOnlyList<GoodsGiven> Given { get; init; } = [];

    /// <summary>Lines taken (<c>in</c>).</summary>
    public IReadOnlyList<Redemption> Taken { get; init; } = [];

    /// <summary>Entries read (<c>ref</c>).</summary>
    public IReadOnlyList<Reference> References { get; init; } = [];

    /// <summary>The operator for whom a delegate signs (<c>for</c>).</summary>
    public string? Principal { get; init; }

    internal void Write(JsonObject clear, List<Disclosure> disclosures)
    {
        if (Given.Count > 0)
        {
            clear["out"] = new JsonArray([.. Given.Select(g => (JsonNode)g.Commitment.ToString())]);
        }

        if (Taken.Count > 0)
        {
            clear["in"] = new JsonArray([.. Taken.Select(t => new JsonObject { ["h"] = t.Entry.ToString(), ["i"] = t.Line, ["s"] = t.Opening })]);
        }

        if (References.Count > 0)
        {
            clear["ref"] = new JsonArray([.. References.Select(r => new JsonObject { ["h"] = r.Entry.ToString(), ["sub"] = r.Subject })]);
        }

        if (Principal is not null)
        {
            clear["for"] = Principal;
        }

        for (var i = 0; i < Given.Count; i++)
        {
            disclosures.Add(Disclosure.Create(string.Create(CultureInfo.InvariantCulture, $"q{i}"), Given[i].Quantity.ToString()));
            if (Given[i].Codes is { Count: > 0 } codes)
            {
                disclosures.Add(Disclosure.Create(string.Create(CultureInfo.InvariantCulture, $"codes{i}"), new JsonArray([.. codes.Select(c => (JsonNode)c)])));
            }
        }
    }
}

/// <summary>One line to give: to whom, for which chain of theirs, how much. Its opening is drawn when it is made.</summary>
/// <param name="Subject">The chain that will take it.</param>
/// <param name="Operator">The operator that will take it.</param>
/// <param name="Quantity">How much, in the giving chain's unit; 0 is padding.</param>
/// <param name="Codes">Codes of the pieces, if they have any.</param>
public sealed record GoodsGiven(string Subject, string Operator, Quantity Quantity, IReadOnlyList<string>? Codes = null)
{
    /// <summary>22 base64url characters that the receiver needs to take the line.</summary>
    public string Opening { get; init; } = Ledger.Commitment.NewOpening();

    /// <summary>What stands in <c>out</c>.</summary>
    public Digest Commitment => Ledger.Commitment.To(Subject, Operator, Opening);
}
