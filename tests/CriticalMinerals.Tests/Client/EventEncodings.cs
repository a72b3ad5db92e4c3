using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Client;

public sealed class EventEncodings
{
    private static readonly string[] Shared = ["out", "in", "ref", "for"];

    public static TheoryData<string> Names => [.. EventCatalog.All.Select(t => t.Name)];

    [Theory, MemberData(nameof(Names))]
    public void What_a_producer_encodes_the_door_reads_as_the_same_event(string name)
    {
        var data = DataOf(name);
        var fromJson = Read(EventEncoding.Of(name, data, EntryLinks.None, out var refusal)!);
        Assert.Null(refusal);

        // From the record that was read, every property goes back to where it came from.
        var fromRecord = EventEncoding.Of(fromJson.Event);
        var again = Read(fromRecord);
        Assert.Equal(Values(fromJson.Signed), Values(again.Signed));
        Assert.Equal(data.Select(p => p.Key).Order(StringComparer.Ordinal), Values(again.Signed).Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.Equal(Clear(fromJson.Signed), Clear(again.Signed));
    }

    [Fact]
    public void A_property_that_the_event_does_not_have_is_refused_and_not_signed()
    {
        Assert.Null(EventEncoding.Of("allocated.v1", new JsonObject { ["mass"] = "5" }, EntryLinks.None, out var refusal));
        Assert.Equal(RefusalCode.DataInvalid, refusal!.Code);
    }

    [Fact]
    public void A_confidential_value_never_stands_in_clear_and_a_drafts_salts_stay_when_it_is_signed_again()
    {
        var encoded = EventEncoding.Of(new LotExtracted
        {
            Open = false,
            Mineral = Mineral.Cobalt,
            Product = "cobalt hydroxide",
            Site = new Place { Country = "CD" },
            Mass = Quantity.Parse("1234.500"),
            Content = [new ElementMass { Element = Mineral.Cobalt, Mass = Quantity.Parse("370") }],
        });
        var first = Sign(encoded, 0);
        var second = Sign(encoded, 1);

        Assert.DoesNotContain("1234.500", System.Text.Encoding.UTF8.GetString(StrictBase64Url.Decode(first.Entry.ToString().Split('.')[1])!), StringComparison.Ordinal);
        Assert.Equal(first.Disclosures.Select(d => d.Text), second.Disclosures.Select(d => d.Text));
        Assert.NotEqual(first.Entry.Id, second.Entry.Id);
    }

    [Fact]
    public void A_line_given_opens_for_its_receiver_and_keeps_its_quantity_from_others()
    {
        var line = new GoodsGiven(World.Uuid(), "did:web:maker.example", Quantity.Parse("12.5"), ["A1", "A2"]);
        var signed = Sign(EventEncoding.Of(new Allocated(), new EntryLinks { Given = [line] }), 1);

        Assert.Equal(Commitment.To(line.Subject, line.Operator, line.Opening), Assert.Single(signed.Entry.Given));
        Assert.Equal("12.5", signed.Property("q0")!.Value.GetString());
        Assert.Equal(2, signed.Property("codes0")!.Value.GetArrayLength());
        Assert.DoesNotContain(signed.Entry.Data.EnumerateObject(), p => SignedEntry.IsLineMember(p.Name));
    }

    [Fact]
    public void A_correction_puts_each_new_value_where_the_corrected_event_had_it()
    {
        var correction = new Corrected
        {
            Event = "lot-extracted.v1",
            Reason = "The scale was off.",
            Replacements = new Dictionary<string, object> { ["mass"] = Quantity.Parse("990"), ["product"] = "cobalt ore" },
        };
        var signed = Sign(EventEncoding.Of(correction, new EntryLinks { References = [new Reference(Digest.Sha256([1]), World.Uuid())] }), 1);

        Assert.Equal("mass", Assert.Single(signed.Disclosures).Name);
        Assert.Equal("cobalt ore", signed.Entry.Data.GetProperty("product").GetString());
        Assert.Equal(correction.Replacements, Assert.IsType<Corrected>(Candidate.Read(signed, out _)!.Event).Replacements);
    }

    private static JsonObject DataOf(string name)
    {
        var data = EventSchema.Example(EventCatalog.Find(name)!);
        foreach (var member in data.Select(p => p.Key).Where(k => Shared.Contains(k) || SignedEntry.IsLineMember(k)).ToList())
        {
            data.Remove(member);
        }

        return data;
    }

    private static SignedEntry Sign(EventEncoding encoded, long sequence)
    {
        var by = Party.Of("did:web:mine.example");
        return encoded.Draft(by.KeyId, new EntryPlace(World.Origin, World.Uuid(), sequence, sequence == 0 ? Digest.Zero : Digest.Sha256([9]), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)).Sign(by.Key);
    }

    private static Candidate Read(EventEncoding encoded)
    {
        var candidate = Candidate.Read(Sign(encoded, 0), out var refusal);
        Assert.True(candidate is not null, refusal?.ToString());
        return candidate;
    }

    private static SortedDictionary<string, string> Values(SignedEntry signed) => new(
        signed.Entry.Data.EnumerateObject().Where(p => p.Name != "_sd").ToDictionary(p => p.Name, p => p.Value.GetRawText())
            .Concat(signed.Disclosures.ToDictionary(d => d.Name, d => d.Value.GetRawText())).ToDictionary(StringComparer.Ordinal),
        StringComparer.Ordinal);

    private static IEnumerable<string> Clear(SignedEntry signed) => signed.Entry.Data.EnumerateObject().Select(p => p.Name).Where(n => n != "_sd").Order(StringComparer.Ordinal);
}
