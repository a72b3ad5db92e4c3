using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;
using NJsonSchema;

namespace CriticalMinerals.Tests.Lifecycle.Passports;

/// <summary>What happened between two versions of a passport.</summary>
public sealed class DifferenceOfPassports
{
    private const string Battery = DocumentedBattery.Name;

    private readonly DocumentedBattery _world = new();

    [Fact]
    public void Nothing_lies_between_a_version_and_itself()
    {
        var passport = _world.Passport(Audience.Repairer);
        var difference = PassportDifference.Between(passport, passport);
        Assert.Equal((difference.FromVersion, difference.FromHead), ((Digest?)difference.ToVersion, difference.ToHead));
        Assert.Empty(difference.Attributes);
        Assert.Empty(difference.Events);
        Assert.Equal((null, null, null, null), (difference.Status, difference.RecordStatus, difference.Responsible, difference.Missing));
    }

    [Fact]
    public void A_measurement_changes_what_it_measures_and_what_is_computed_from_it()
    {
        var before = _world.Passport(Audience.Repairer);
        var measured = _world.Log.Say(_world.Maker, Battery, "health-measured.v1", [], ("remainingCapacity", "150"));
        var difference = PassportDifference.Between(before, _world.Passport(Audience.Repairer));
        Assert.Equal([(53, "12.50", "150"), (54, "12.50", "25")], difference.Attributes.Select(a => (a.Number, a.Before!.Value.GetString(), a.After!.Value.GetString())));
        Assert.Equal(measured.Signed.Entry.LeafHash, Assert.Single(difference.Events).Entry);
        Assert.Equal([(PassportJson.Version(before), before.Head)], [(difference.FromVersion!.Value, difference.FromHead!.Value)]);
    }

    [Fact]
    public void Status_recalls_and_loss_are_told_when_they_change()
    {
        var before = _world.Passport(Audience.Public);
        var recall = _world.Log.SayExample(_world.Maker, Battery, "recalled.v1");
        _world.Log.Say(_world.Maker, Battery, "loss-reported.v1", new() { ["kind"] = "lost" });
        var missing = _world.Passport(Audience.Public);
        var first = PassportDifference.Between(before, missing);
        Assert.Equal((true, null), (first.Missing, first.Status));
        Assert.Equal([recall.Signed.Entry.LeafHash], first.RecallsBegun);

        _world.Log.Enrol("did:web:collector.example", "Collector", "collector");
        _world.Log.SayExample("did:web:collector.example#k1", Battery, "collected.v1");
        _world.Log.Say(_world.Maker, Battery, "recall-ended.v1", new() { ["remedy"] = "Taken back.", ["ref"] = Chronicle.References(recall) });
        var second = PassportDifference.Between(missing, _world.Passport(Audience.Public));
        Assert.Equal((false, BatteryStatus.Original, BatteryStatus.Waste), (second.Missing, second.Status!.Before, second.Status.After));
        Assert.Equal([recall.Signed.Entry.LeafHash], second.RecallsEnded);
        Assert.Equal([11], second.Attributes.Where(a => a.Withheld is null).Select(a => a.Number));
    }

    [Fact]
    public void From_any_version_to_any_later_one_exactly_the_entries_between_are_told()
    {
        var entries = _world.Log.Chain(Battery);
        for (var from = 0; from <= entries.Count; from++)
        {
            for (var to = Math.Max(from, 1); to <= entries.Count; to++)
            {
                var before = from == 0 ? null : _world.Passport(Audience.Public, entries[from - 1].Index + 1);
                var difference = PassportDifference.Between(before, _world.Passport(Audience.Public, entries[to - 1].Index + 1));
                Assert.Equal(entries.Skip(from).Take(to - from).Select(e => e.Signed.Entry.LeafHash), difference.Events.Select(e => e.Entry));
                Assert.Equal(from == 0, difference.Status is not null);
            }
        }
    }

    [Fact]
    public void Versions_that_do_not_follow_each_other_are_not_compared()
    {
        var earlier = _world.Passport(Audience.Public, _world.Log.Chain(Battery)[2].Index);
        var later = _world.Passport(Audience.Public);
        Assert.Throws<ArgumentException>(() => PassportDifference.Between(later, earlier));
        Assert.Throws<ArgumentException>(() => PassportDifference.Between(_world.Passport(Audience.MarketSurveillance, _world.Log.Chain(Battery)[2].Index), later));
    }

    [Fact]
    public async Task A_difference_is_valid_by_its_published_schema()
    {
        var schema = await JsonSchema.FromJsonAsync(PassportSchema.ExportDifference().Replace("$defs", "definitions", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var document = Encoding.UTF8.GetString(PassportJson.Write(PassportDifference.Between(null, _world.Passport(Audience.Public))));
        Assert.Empty(schema.Validate(document));
        Assert.NotEmpty(schema.Validate(document.Replace("\"toHead\"", "\"head\"", StringComparison.Ordinal)));
    }
}
