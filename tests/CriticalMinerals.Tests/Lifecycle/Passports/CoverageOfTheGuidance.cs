using CriticalMinerals.Lifecycle.Passports;

namespace CriticalMinerals.Tests.Lifecycle.Passports;

/// <summary>Which of the 71 data points of the Commission's guidance 2.0 a passport fills.</summary>
public sealed class CoverageOfTheGuidance
{
    private static readonly int[] DeferredPoints = [17, 18, 19, 20, 21, 22, 23, 44];

    [Theory]
    [InlineData("ev", new[] { 16, 25, 62, 63, 64, 65, 66 }, 55)]
    [InlineData("lmt", new[] { 16, 25, 33, 61 }, 58)]
    [InlineData("industrial", new[] { 16, 25, 33, 61 }, 58)]
    [InlineData("stationary", new[] { 16, 25, 33, 61 }, 58)]
    public void A_documented_battery_of_any_category_fills_all_that_is_asked_of_it(string category, int[] notApplicable, int filled)
    {
        var coverage = new DocumentedBattery(category).Passport(Audience.Repairer).Coverage!;
        Assert.Equal(DeferredPoints, coverage.Deferred);
        Assert.Equal(notApplicable, coverage.NotApplicable);
        Assert.Equal([50], coverage.Withheld);
        Assert.Empty(coverage.Missing);
        Assert.Empty(coverage.NotStated);
        Assert.Equal(filled, coverage.Filled.Count);
        Assert.Equal(Enumerable.Range(1, 71), All(coverage).Order());
    }

    [Fact]
    public void The_public_is_told_which_points_it_cannot_judge()
    {
        var coverage = new DocumentedBattery().Passport(Audience.Public).Coverage!;
        Assert.Equal([45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 60, 61, 68, 69, 70, 71], coverage.Withheld);
        Assert.Empty(coverage.Missing);
    }

    [Theory]
    [InlineData("ev", new[] { 1, 2, 4, 24, 29, 30, 32, 33, 34, 36, 37, 38, 39, 40, 42, 43, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 60, 61 }, new[] { 5, 41, 57, 58, 68, 69, 70, 71 })]
    [InlineData("lmt", new[] { 1, 2, 4, 24, 29, 30, 32, 34, 36, 37, 38, 39, 40, 42, 43, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 60, 62, 63, 64, 65, 66 }, new[] { 5, 41, 57, 58, 68, 69, 70, 71 })]
    [InlineData("industrial", new[] { 1, 2, 4, 24, 29, 30, 34, 38, 40, 42, 43, 46, 47, 48, 49, 50 }, new[] { 5, 32, 36, 37, 39, 41, 51, 52, 53, 54, 55, 56, 57, 58, 60, 62, 63, 64, 65, 66, 68, 69, 70, 71 })]
    public void A_bare_battery_is_told_by_number_what_is_missing(string category, int[] missing, int[] notStated)
    {
        var log = new Chronicle();
        var maker = log.Enrol("did:web:packs.example", "Pack Works", "battery-maker");
        log.Say(log.Authority, "did:web:packs.example/grants", "identifier-granted.v1", new() { ["scheme"] = "gtin", ["prefix"] = "9506000" });
        var sheet = log.SayExample(maker, DocumentedBattery.Model, "model-declared.v1", new() { ["category"] = category, ["manufacturerContact"] = null });
        log.Say(maker, DocumentedBattery.Name, "battery-manufactured.v1", new() { ["source"] = "declared", ["manufacturedOn"] = "2026-11", ["ref"] = Chronicle.References(sheet) });
        var coverage = PassportFold.Of(log.Source(DocumentedBattery.Name, DocumentedBattery.Model), Audience.Repairer)!.Coverage!;
        Assert.Equal(missing, coverage.Missing);
        Assert.Equal(notStated, coverage.NotStated);
        Assert.Equal(Enumerable.Range(1, 71), All(coverage).Order());
    }

    [Fact]
    public void Every_data_point_that_can_be_filled_names_attributes_and_parts_that_exist()
    {
        Assert.Equal(Enumerable.Range(1, 71), DataPoints.All.Select(p => p.Number));
        foreach (var point in DataPoints.All)
        {
            Assert.All(point.Attributes, a => Assert.Contains(StandardAttributes.Of(a.Number).Sources, s => a.Part is null || s.Part == a.Part));
            Assert.True(point.Attributes.Count > 0 || point.Vehicle is Requirement.NotToBeFilled or Requirement.Deferred);
        }
    }

    private static IEnumerable<int> All(PassportCoverage c) => c.Filled.Concat(c.Withheld).Concat(c.Missing).Concat(c.NotStated).Concat(c.Deferred).Concat(c.NotApplicable);
}
