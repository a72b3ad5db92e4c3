using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Compliance;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Tests.Lifecycle.Compliance;

/// <summary>What holds for every rule, tried on random tales of use.</summary>
public sealed class AllRules
{
    private static readonly string[] Vehicles = ["WVWZZZ1JZXW000001", "WVWZZZ1JZXW000002"];

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void What_is_found_on_a_chain_does_not_depend_on_unrelated_entries_nor_on_the_order_in_which_chains_are_brought(int seed)
    {
        var random = new Random(seed);
        var tale = new Tale();
        SignedEntry[] batteries = [tale.BatteryInService(), tale.BatteryInService(), tale.BatteryInService()];
        Uses(tale, batteries, random);

        var all = tale.Source();
        var turned = With(all, all.Chains.OrderBy(_ => random.Next()).ToDictionary());
        Assert.Equal(Written(RuleBook.Judge(all)), Written(RuleBook.Judge(turned)));
        foreach (var battery in batteries)
        {
            var name = battery.Entry.Subject;
            var alone = With(all, all.Chains.Where(c => c.Key == name || battery.Entry.References.Any(r => r.Subject == c.Key)).ToDictionary());
            Assert.Equal(Written(RuleBook.Judge(all), name), Written(RuleBook.Judge(alone), name));
        }

        Assert.NotEmpty(Written(RuleBook.Judge(all)));
    }

    [Theory, InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void Forgetting_what_can_be_forgotten_refuses_nothing_and_makes_no_new_finding(int seed)
    {
        var random = new Random(seed);
        var tale = new Tale();
        Uses(tale, [tale.BatteryInService(Vehicles[0]), tale.BatteryInService()], random);
        var gone = tale.Log.SelectMany(s => s.Disclosures).Where(d => d.Name == "vehicle" && random.Next(2) == 0).Select(d => d.Digest).ToHashSet();
        SignedEntry Shown(SignedEntry s) => SignedEntry.Join(s.Entry, [.. s.Disclosures.Where(d => !gone.Contains(d.Digest)).Select(d => d.Text)], complete: false, out _)!;

        var replay = new LedgerReplay(World.Origin);
        foreach (var signed in tale.Log)
        {
            Assert.Null(replay.Add(signed.Entry.Leaf, [.. Shown(signed).Disclosures.Select(d => d.Text)]));
        }

        var (before, after) = (RuleBook.Judge(tale.Source()), RuleBook.Judge(tale.Source(Shown)));
        Assert.Empty(Written(after).Except(Written(before)));
        Assert.Equal(Written([.. before.Where(r => r.Rule.Code != "two-vehicles")]), Written([.. after.Where(r => r.Rule.Code != "two-vehicles")]));
    }

    [Fact]
    public void Every_rule_has_a_code_of_its_own_a_title_and_a_source()
    {
        Assert.Equal(RuleBook.All.Count, RuleBook.All.Select(r => r.Code).Distinct().Count());
        Assert.All(RuleBook.All, r => Assert.True(r.Title.EndsWith('.') && r.Source.Length > 0 && r.Code.All(c => c is '-' or (>= 'a' and <= 'z')), r.Code));
    }

    private static void Uses(Tale tale, SignedEntry[] batteries, Random random)
    {
        var fleet = tale.An(Role.FleetOperator);
        for (var i = 0; i < 40; i++)
        {
            var battery = batteries[random.Next(batteries.Length)];
            var day = $"2028-{random.Next(1, 13):D2}-{random.Next(1, 29):D2}";
            if (random.Next(2) == 0)
            {
                tale.Measured(battery, day, ("fullCycles", random.Next(100)), ("stateOfCertifiedEnergy", $"{random.Next(60, 100)}.{random.Next(10)}"));
            }
            else
            {
                tale.Say(
                    fleet, "battery-swapped.v1", battery.Entry.Subject, day, new() { ["direction"] = random.Next(2) == 0 ? "fitted" : "removed" }, new() { ["vehicle"] = Vehicles[random.Next(2)] });
            }
        }
    }

    private static List<string> Written(IReadOnlyList<RuleResult> results, string? chain = null) =>
        [.. results.SelectMany(r => r.Findings).Where(f => chain is null || f.Chain == chain).Select(f => $"{f.Rule} {f.Severity} {f.Chain} {string.Join(',', f.Entries)} {Tale.Figures(f)} {f.Sentence}")];

    private static FindingSource With(FindingSource source, IReadOnlyDictionary<string, IReadOnlyList<CriticalMinerals.Lifecycle.Passports.RecordedEntry>> chains) =>
        new() { Chains = chains, Operators = source.Operators, AsOf = source.AsOf };
}
