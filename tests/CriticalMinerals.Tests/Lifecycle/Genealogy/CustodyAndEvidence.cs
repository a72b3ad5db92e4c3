using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Genealogy;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.Values.CustodyModel;

namespace CriticalMinerals.Tests.Lifecycle.Genealogy;

/// <summary>What may be claimed along a way, and of which share of the mass evidence is held.</summary>
public sealed class CustodyAndEvidence
{
    private const string Refined = "lot-refined.v1";

    [Fact]
    public void A_claim_is_that_of_the_weakest_step()
    {
        var works = new Works();
        var balanced = works.Lot(Refined, "1", "mass-balance-credit", declared: false, new Of(works.Mine("CD", "1"), "1"));
        var segregated = works.Lot(Refined, "1", "segregated", declared: false, new Of(works.Mine("AU", "1"), "1"));
        var battery = works.Battery(new Of(works.Cells("4", new Of(balanced, "0.5"), new Of(segregated, "0.5")), "1"));

        Assert.Equal(MassBalanceCredit, works.Cobalt(battery).Custody);
        Assert.Equal(Segregated, works.Cobalt(segregated).Custody);
        Assert.Empty(works.Origins(battery).Upgrades);
        Assert.Equal(MassBalanceCredit, works.Origins(battery).InputCustody[battery].Weakest);
    }

    [Fact]
    public void Without_a_word_on_custody_one_source_is_preserved_and_several_are_a_blend()
    {
        var works = new Works();
        var one = works.Lot(Refined, "1", new Of(works.Mine("CD", "1"), "1"));
        var two = works.Lot("lots-blended.v1", "2", new Of(one, "1"), new Of(works.Mine("AU", "1"), "1"));

        Assert.Equal(IdentityPreserved, works.Cobalt(one).Custody);
        Assert.Equal(ControlledBlending, works.Cobalt(two).Custody);
        Assert.Null(works.Cobalt(works.Imported("1")).Custody);
    }

    [Theory]
    [InlineData("book-and-claim", "segregated", BookAndClaim)]
    [InlineData("mass-balance-credit", "mass-balance-rolling-average", MassBalanceCredit)]
    [InlineData("controlled-blending", "identity-preserved", ControlledBlending)]
    public void A_lot_that_claims_more_than_went_in_is_found_and_counts_as_what_went_in(string carried, string claimed, CustodyModel counts)
    {
        var works = new Works();
        var weak = works.Lot(Refined, "1", carried, declared: false, new Of(works.Mine("CD", "1"), "1"));
        var lot = works.Lot("material-manufactured.v1", "1", claimed, declared: false, new Of(weak, "1"));
        var battery = works.Battery(new Of(lot, "1"));

        var origins = works.Origins(battery);

        var upgrade = Assert.Single(origins.Upgrades);
        Assert.Equal((lot, Mineral.Cobalt, claimed, counts), (upgrade.Chain, upgrade.Element, World.Kebab(upgrade.Claimed), upgrade.Carried));
        Assert.Equal(works.World.Log.Single(e => e.Entry.Subject == lot && e.Entry.Sequence == 0).Entry.LeafHash, upgrade.Entry);
        Assert.Equal(counts, works.Cobalt(battery).Custody);
        Assert.Equal(counts, origins.CustodyOfInputs()[lot].Weakest);
    }

    [Fact]
    public void The_identity_of_a_mixture_is_not_preserved()
    {
        var works = new Works();
        var lot = works.Lot("lots-blended.v1", "2", "identity-preserved", declared: false, new Of(works.Mine("CD", "1"), "1"), new Of(works.Mine("AU", "1"), "1"));

        Assert.Equal((IdentityPreserved, Segregated), works.Origins(lot).Upgrades.Select(u => (u.Claimed, u.Carried)).Single());
        Assert.Equal(Segregated, works.Cobalt(lot).Custody);
    }

    [Theory]
    [InlineData(IdentityPreserved, "contains")]
    [InlineData(Segregated, "contains")]
    [InlineData(ControlledBlending, "contains")]
    [InlineData(MassBalanceRollingAverage, "average")]
    [InlineData(MassBalanceCredit, "attributed")]
    [InlineData(BookAndClaim, "supported")]
    public void Only_what_is_in_a_thing_is_said_to_be_contained(CustodyModel model, string word) => Assert.Equal(word, CustodyWording.Of(model));

    [Fact]
    public void Evidence_counts_for_the_mass_of_the_lot_it_stands_on_while_it_is_in_force()
    {
        var works = new Works();
        var audited = works.Mine("CD", "1");
        var lapsed = works.Mine("ZM", "2");
        var lot = works.Lot(Refined, "6", null, declared: true, new Of(audited, "1"), new Of(lapsed, "2"));
        Give(works, audited, "child-labour", "2026-01-01", "2028-12-31");
        Give(works, lapsed, "child-labour", "2026-01-01", "2026-11-22");
        var battery = works.Battery(new Of(lot, "3"));

        EvidenceCoverage On(SustainabilityIndicator indicator, DateTimeOffset at) =>
            EvidenceCoverage.Of(works.Origins(battery), works.Chains(), at).Single(c => c.Indicator == indicator);

        // 1 of 6 kg; 3 of them are not traced.
        var now = On(SustainabilityIndicator.ChildLabour, Works.Recorded);
        Assert.Equal((Ratio)1m / 6m, now.Share);
        Assert.Equal([lapsed, lot], now.Missing);
        Assert.Equal(default, On(SustainabilityIndicator.ForcedLabour, Works.Recorded).Share);
        Assert.Equal(default, On(SustainabilityIndicator.ChildLabour, Works.Recorded.AddMinutes(-1)).Share);
        Assert.Equal(default, On(SustainabilityIndicator.ChildLabour, new DateTimeOffset(2029, 1, 1, 0, 0, 0, TimeSpan.Zero)).Share);
        Assert.Equal((Ratio)1m / 6m, On(SustainabilityIndicator.ChildLabour, new DateTimeOffset(2028, 12, 31, 23, 59, 59, TimeSpan.Zero)).Share);

        // The day was wrong: it holds until the end of the year.
        works.World.Admit(works.World.Corrects(works.Firm, works.World.Log.Last(e => e.Entry.Subject == lapsed), new JsonObject { ["validTo"] = "2026-12-31" }));
        Assert.Equal((Ratio)0.5m, On(SustainabilityIndicator.ChildLabour, Works.Recorded).Share);
    }

    [Fact]
    public void Evidence_on_the_company_counts_for_its_lots_and_without_numbers_none_is_counted()
    {
        var works = new Works();
        var battery = works.Battery(new Of(works.Mine("CD", "1"), "1"));
        Give(works, works.Firm.Did, "human-rights", "2026-01-01", "2028-12-31");

        var coverage = EvidenceCoverage.Of(works.Origins(battery), works.Chains(), Works.Recorded);
        Assert.Equal((Ratio)1m, coverage.Single(c => c.Indicator == SustainabilityIndicator.HumanRights).Share);
        Assert.Empty(EvidenceCoverage.Of(MaterialOrigins.Of(battery, works.Chains(_ => false))!, works.Chains(), Works.Recorded));
    }

    [Fact]
    public void The_passport_gives_the_share_with_evidence_to_whoever_may_see_the_quantities_and_to_nobody_else()
    {
        var works = new Works();
        var audited = works.Mine("CD", "1");
        Give(works, audited, "child-labour", "2026-01-01", "2028-12-31");
        var battery = works.Battery(new Of(works.Cells("4", new Of(audited, "1"), new Of(works.Mine("AU", "3"), "3")), "4"));
        var chains = works.Chains();
        var model = chains[battery][0].Signed.Entry.References[0].Subject;
        PassportMaterials For(Audience audience) => PassportFold.Of(
            new PassportSource
            {
                Battery = chains[battery],
                Model = chains[model],
                Operators = chains.Where(c => c.Key.StartsWith("did:", StringComparison.Ordinal)).ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal),
                Givers = chains.Where(c => c.Key.StartsWith("urn:", StringComparison.Ordinal) && c.Key != battery && c.Key != model).ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal),
            },
            audience)!.Materials!;

        var cobalt = For(Audience.MarketSurveillance).Elements.Single();
        Assert.Equal(Enum.GetValues<SustainabilityIndicator>(), cobalt.Evidence.Select(e => e.Indicator));
        Assert.Equal(("25", "1/4", 1), cobalt.Evidence.Where(e => e.Indicator == SustainabilityIndicator.ChildLabour).Select(e => (e.Percent, e.Share, e.Missing)).Single());
        Assert.All(cobalt.Evidence.Where(e => e.Indicator != SustainabilityIndicator.ChildLabour), e => Assert.Equal(("0", 2), (e.Percent, e.Missing)));
        Assert.Empty(For(Audience.Public).Elements);
    }

    private static void Give(Works works, string chain, string indicator, string from, string to) =>
        works.Say("evidence-given.v1", chain, new JsonObject { ["indicator"] = indicator, ["validFrom"] = from, ["validTo"] = to });
}
