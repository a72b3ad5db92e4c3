using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;

namespace CriticalMinerals.Tests.Lifecycle.Passports;

/// <summary>The 93 attributes of DIN DKE SPEC 99100: each is said by an event, and each value leads to what is signed.</summary>
public sealed class AttributesOfTheStandard
{
    // Status and month of putting into service stand in the envelope of a public chain; the rated capacity of the single battery is one part of a public attribute.
    private static readonly HashSet<(int Number, string? Part)> OfAnotherClass = [(52, "item")];

    private static readonly DocumentedBattery World = new();

    public static TheoryData<int> Numbers => [.. StandardAttributes.All.Select(a => a.Number)];

    [Fact]
    public void There_are_93_in_seven_groups_and_the_document_holds_them_all_in_order()
    {
        Assert.Equal(Enumerable.Range(1, 93), StandardAttributes.All.Select(a => a.Number));
        Assert.Equal([11, 7, 9, 3, 5, 16, 42], StandardAttributes.All.GroupBy(a => a.Group).Select(g => g.Count()));
        Assert.Equal(Enumerable.Range(1, 93), World.Passport(Audience.Public).Data.Select(d => d.Number));
        Assert.Equal(93, StandardAttributes.All.Count(a => Seen(a.Number).Any(v => v.Value is not null)));
    }

    [Theory, MemberData(nameof(Numbers))]
    public void Every_source_is_a_claim_of_its_event_in_the_class_of_the_attribute(int number)
    {
        var attribute = StandardAttributes.Of(number);
        foreach (var source in attribute.Sources)
        {
            var type = EventCatalog.Find(source.Event)!;
            if (source.IsOfEntry)
            {
                continue;
            }

            var claim = type.Claim(source.Claim);
            Assert.True(claim is not null, $"{source.Event} has no {source.Claim}");
            if (attribute.Number != 11 && !OfAnotherClass.Contains((number, source.Part)))
            {
                Assert.Equal(attribute.Access, claim.Claim.Access);
            }

            // Elements of a list carry their units themselves; a part with another unit says so beside its value.
            if (source is { Member: null, Where: null } && claim.Claim.Unit is { } unit && (number, source.Part) != (75, "current"))
            {
                Assert.Equal(attribute.Unit, unit);
            }
        }
    }

    [Theory, MemberData(nameof(Numbers))]
    public void What_its_event_says_stands_there_and_the_pointer_leads_to_the_signed_value(int number)
    {
        var values = Seen(number);
        Assert.NotEmpty(values);
        foreach (var value in values.Where(v => v.Formula is null))
        {
            var entry = World.Log.Entries.Single(e => e.Signed.Entry.LeafHash == value.Provenance!.Entry).Signed;
            Assert.Equal(value.Event, entry.Entry.Event);
            Assert.Contains(StandardAttributes.Of(number).Sources, s => s.Event == value.Event && s.Claim == value.Claim && s.Part == value.Part);
            if (number is 7 or 11)
            {
                continue;
            }

            var source = StandardAttributes.Of(number).Sources.First(s => s.Event == value.Event && s.Claim == value.Claim && s.Part == value.Part);
            var pointer = value.Provenance!.Pointer;
            if (pointer.StartsWith("/d/_sd/", StringComparison.Ordinal))
            {
                var disclosure = entry.Disclosures.Single(d => d.Digest == entry.Entry.Digests[int.Parse(pointer["/d/_sd/".Length..])]);
                Assert.Equal(value.Claim, disclosure.Name);
                Assert.True(JsonElement.DeepEquals(value.Value!.Value, source.Choose(disclosure.Value)!.Value.Value));
            }
            else if (pointer == "/sub")
            {
                Assert.Equal(entry.Entry.Subject, value.Value!.Value.GetString());
            }
            else
            {
                // A list of single members of a list points to the list; everything else exactly to itself.
                var signed = Follow(entry.Entry.Data, pointer["/d".Length..]);
                Assert.True(JsonElement.DeepEquals(value.Value!.Value, pointer == "/d/" + value.Claim ? source.Choose(signed)!.Value.Value : signed));
            }
        }
    }

    [Theory, MemberData(nameof(Numbers))]
    public void Whoever_may_not_see_the_class_gets_no_value(int number)
    {
        foreach (var audience in Enum.GetValues<Audience>())
        {
            foreach (var value in World.Passport(audience).Data[number - 1].Values.Where(v => v.Formula is null && v.Claim is not ("sub" or "evt" or "toe")))
            {
                var sees = AccessPolicy.Default.MaySee(audience, EventCatalog.Find(value.Event!)!.Claim(value.Claim!)!.Claim.Access);
                Assert.Equal((sees, sees ? null : true), (value.Value is not null, value.Withheld));
            }
        }
    }

    [Theory]
    [InlineData(54, null, "remainingCapacity", "190", "5", "200", "battery-placed-on-market.v1")]
    [InlineData(64, null, "remainingPowerCapability", "92500", "7.5", "100000", "battery-placed-on-market.v1")]
    [InlineData(70, null, "roundTripEfficiency", "94.08", "2", "96", "battery-placed-on-market.v1")]
    [InlineData(73, null, "selfDischarge", "15", "20", "12.50", "performance-declared.v1")]
    [InlineData(75, "increase", "internalResistance", "0.0415", "3.75", "0.040", "battery-placed-on-market.v1")]
    public void What_nobody_states_is_computed_and_names_its_inputs(int number, string? part, string claim, string now, string expected, string whenNew, string from)
    {
        var world = new DocumentedBattery();
        var measured = world.Log.Say(world.Maker, DocumentedBattery.Name, "health-measured.v1", [], (claim, JsonValue.Create(now)));
        var value = world.Passport(Audience.Repairer).Data[number - 1].Values.Single(v => v.Part == part);
        Assert.Equal(expected, value.Value!.Value.GetString());
        Assert.Equal(["now", "new"], value.Inputs!.Select(i => i.Name));
        Assert.Equal([now, whenNew], value.Inputs!.Select(i => i.Value.GetString()));
        Assert.Equal((measured.Signed.Entry.LeafHash, from), (value.Inputs![0].Provenance.Entry, value.Inputs[1].Event));
        Assert.Null(value.Provenance);

        // A statement that is as new stands for itself; whoever may not see an input sees no result.
        Assert.Null(Seen(number).Single(v => v.Part == part).Formula);
        Assert.All(world.Passport(Audience.Public).Data[number - 1].Values, v => Assert.Null(v.Value));
        Assert.All(world.Passport(Audience.MarketSurveillance).Data[number - 1].Values, v => Assert.Null(v.Formula));
    }

    [Fact]
    public void A_part_in_another_unit_says_so() =>
        Assert.Equal([("increase", null), ("current", "ohm")], Seen(75).Select(v => (v.Part, v.Unit)));

    [Fact]
    public void A_section_of_the_sheet_said_again_replaces_what_it_said_before()
    {
        var world = new DocumentedBattery();
        world.Log.Say(world.Maker, DocumentedBattery.Model, "composition-declared.v1", new() { ["renewableContent"] = "7.25" });
        var value = world.Passport(Audience.Public).Data[47].Values.Single();
        Assert.Equal("7.25", value.Value!.Value.GetString());
        Assert.Equal(world.Log.Entries[^1].Signed.Entry.LeafHash, value.Provenance!.Entry);
    }

    [Fact]
    public void Every_accident_stays_and_the_newest_comes_first()
    {
        var world = new DocumentedBattery();
        world.Log.Say(world.Maker, DocumentedBattery.Name, "incident-reported.v1", [], ("kind", "fire"), ("severity", "critical"));
        var kinds = world.Passport(Audience.Repairer).Data[92].Values.Where(v => v.Part == "kind").Select(v => v.Value!.Value.GetString());
        Assert.Equal(["fire", "accident"], kinds);
    }

    // Between legitimate interest and authority everything is seen by somebody.
    private static IReadOnlyList<PassportDatumValue> Seen(int number) =>
        [.. ((Audience[])[Audience.Repairer, Audience.MarketSurveillance]).SelectMany(a => World.Passport(a).Data[number - 1].Values).Where(v => v.Value is not null).DistinctBy(v => (v.Part, v.Claim, v.Provenance?.Entry))];

    private static JsonElement Follow(JsonElement from, string pointer)
    {
        foreach (var step in pointer.Split('/').Skip(1))
        {
            from = from.ValueKind == JsonValueKind.Array ? from[int.Parse(step)] : from.GetProperty(step);
        }

        return from;
    }
}
