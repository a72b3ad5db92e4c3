using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using static CriticalMinerals.Tests.Lifecycle.SecondLifeWorld;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>Bundles that show those that gave with their whole chains: two batteries that became one, and the lots that they were made of.</summary>
public sealed class EvidenceOfGivers
{
    private static readonly WholeGivers Predecessors = new(Predecessors: true, Lots: false);
    private static readonly WholeGivers Lots = new(Predecessors: false, Lots: true);
    private static readonly WholeGivers Both = new(Predecessors: true, Lots: true);

    [Theory]
    [InlineData("", "", "A0001,A0002")]
    [InlineData("predecessors", "A0001,A0002", "refined")]
    [InlineData("lots", "", "A0001,A0002")]
    [InlineData("predecessors,lots", "A0001,A0002,refined,mine", "")]
    public async Task A_second_life_s_bundle_holds_the_whole_chains_that_were_asked_for_back_to_the_mine(string with, string chains, string cited)
    {
        var world = ASecondLife();
        var bundle = await world.BundleAsync(Storage, disclosures: true, closed: true, whole: with.Length == 0 ? default : WholeGivers.Parse(with)!.Value);
        Assert.Equal(Named(chains), Givers(bundle.Chains.Select(chain => chain.Subject)));
        Assert.Equal(Named(cited), Givers(bundle.Cited.Select(placed => placed.Entry.Subject)));

        var verdict = EvidenceVerifier.Verify(bundle.ToUtf8(), EvidenceWorld.Policy);
        Assert.Null(verdict.Rejection);
        Assert.IsType<LayerVerdict.Verified>(verdict.Structure);
        Assert.IsType<LayerVerdict.Verified>(verdict.Quantities);
        var (taken, whole) = with switch { "predecessors" => (4, 2), "predecessors,lots" => (5, 5), _ => (2, 0) };
        Assert.Contains($"Lines taken here: {taken}, of givers shown with their whole chain: {whole}. Givers not shown here: 0;", Assert.IsType<LayerVerdict.NotChecked>(verdict.WholeLog).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_battery_s_lots_come_in_whole_back_to_the_mine()
    {
        var bundle = await ASecondLife().BundleAsync(First, disclosures: true, closed: true, whole: Lots);
        Assert.Equal(Named("refined,mine,A0001"), Givers(bundle.Chains.Select(chain => chain.Subject)));
        Assert.Empty(bundle.Cited);
        Assert.Null(EvidenceVerifier.Verify(bundle, EvidenceWorld.Policy).Rejection);
    }

    [Fact]
    public async Task Whoever_may_not_see_closed_lots_gets_none_of_them_and_the_verdict_counts_what_is_missing()
    {
        var world = ASecondLife();
        foreach (var givers in (bool[])[false, true])
        {
            var bundle = await world.BundleAsync(Storage, disclosures: false, closed: false, givers, Both);
            Assert.Equal(Named("A0001,A0002"), Givers(bundle.Chains.Select(chain => chain.Subject)));

            // Who redeemed a line sees the entry that gave it, alone.
            Assert.Equal(givers ? Named("refined") : [], Givers(bundle.Cited.Select(placed => placed.Entry.Subject)));
            var verdict = EvidenceVerifier.Verify(bundle, EvidenceWorld.Policy);
            Assert.Null(verdict.Rejection);
            Assert.IsType<LayerVerdict.Withheld>(verdict.Quantities);
            Assert.Contains($"Lines taken here: 4, of givers shown with their whole chain: 2. Givers not shown here: {(givers ? 0 : 2)};", Assert.IsType<LayerVerdict.NotChecked>(verdict.WholeLog).Why, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_lot_that_gave_too_much_long_before_is_found_where_its_chain_is_whole_and_its_quantities_are_shown()
    {
        // The mine's lot held 1,000 kg and gives them all again to somebody else before the second life begins.
        var world = ASecondLife(between: w => w.Add(
            w.Draft(EvidenceWorld.Maker, "maker", Mine, "allocated.v1", new JsonObject { ["out"] = new JsonArray(Digest.Sha256([1]).ToString()) }, ("q0", "1000")), force: true));
        var over = (ulong)world.Entries.ToList().FindIndex(signed => signed.Entry.Subject == Mine && signed.Entry.Sequence == 2);

        var alone = EvidenceVerifier.Verify(await world.BundleAsync(Storage, disclosures: true, closed: true), EvidenceWorld.Policy);
        Assert.False(alone.IsRejected);
        var whole = EvidenceVerifier.Verify(await world.BundleAsync(Storage, disclosures: true, closed: true, whole: Both), EvidenceWorld.Policy);
        var rejection = Assert.IsType<LayerVerdict.Rejected>(whole.Quantities).Rejection;
        Assert.Equal((over, Mine, "quantity-exceeded"), (rejection.Index!.Value, rejection.Subject, rejection.Rule));
        var withheld = EvidenceVerifier.Verify(await world.BundleAsync(Storage, disclosures: false, closed: true, whole: Both), EvidenceWorld.Policy);
        Assert.False(withheld.IsRejected);
        Assert.IsType<LayerVerdict.Withheld>(withheld.Quantities);
    }

    [Fact]
    public async Task Whatever_is_changed_inside_a_predecessor_s_chain_is_found_there()
    {
        var world = ASecondLife();
        var bundle = await world.BundleAsync(Storage, disclosures: true, closed: true, whole: Predecessors);
        var at = bundle.Chains.ToList().FindIndex(chain => chain.Subject == Second);
        var chain = bundle.Chains[at];
        EvidenceBundle With(params PlacedEntry[] entries) => bundle with { Chains = [.. bundle.Chains.Take(at), chain with { Entries = entries }, .. bundle.Chains.Skip(at + 1)] };

        // Another statement of the same place, by the same key; one left out; two exchanged; the end cut off; another's head.
        Expect(With([chain.Entries[0], chain.Entries[1] with { Signed = Forged(chain.Entries[1].Entry) }, .. chain.Entries.Skip(2)]), Failure.InclusionUnproven, chain.Entries[1].Index);
        Expect(With([chain.Entries[0], .. chain.Entries.Skip(2)]), Failure.ChainSequence, chain.Entries[2].Index);
        Expect(With([chain.Entries[1], chain.Entries[0], .. chain.Entries.Skip(2)]), Failure.ChainSequence, chain.Entries[1].Index);
        Expect(With([.. chain.Entries.SkipLast(1)]), Failure.HeadMismatch, null);
        Expect(bundle with { Chains = [.. bundle.Chains.Take(at), chain with { Head = bundle.Chains[0].Head }, .. bundle.Chains.Skip(at + 1)] }, Failure.HeadMismatch, null);

        // A dishonest log that let a stranger speak in the predecessor's chain: found although the subject's own chain is sound.
        var dishonest = ASecondLife(between: w =>
        {
            w.Enrol("did:web:stranger.example", "stranger", "miner");
            w.Add(w.Draft("did:web:stranger.example", "stranger", Second, "health-measured.v1", [], ("remainingCapacity", "1")), force: true);
        });
        Assert.False(EvidenceVerifier.Verify(await dishonest.BundleAsync(Storage, disclosures: true, closed: true), EvidenceWorld.Policy).IsRejected);
        var refused = EvidenceVerifier.Verify(await dishonest.BundleAsync(Storage, disclosures: true, closed: true, whole: Predecessors), EvidenceWorld.Policy).Rejection!;
        Assert.Equal(("role-missing", Second), (refused.Rule, refused.Subject));

        void Expect(EvidenceBundle spoilt, Failure failure, ulong? index)
        {
            var rejection = EvidenceVerifier.Verify(spoilt, EvidenceWorld.Policy).Rejection!;
            Assert.Equal((failure, Second), (rejection.Failure, rejection.Subject));
            Assert.True(index is null || rejection.Index == index, rejection.ToString());
        }
    }

    [Theory]
    [InlineData("", "Audit the log instead")]
    [InlineData("lots", "Ask for it without the givers' whole chains")]
    [InlineData("predecessors,lots", "Ask for it with predecessors or with lots alone")]
    public async Task More_than_a_bundle_holds_is_not_selected_and_it_is_said_what_to_ask_for_instead(string with, string instead)
    {
        var entries = ASecondLife().Entries;
        var many = Enumerable.Repeat(new LoggedEntry(0, entries[0]), EvidenceBundle.MaximumEntries + 1).ToList();
        var (selection, fault) = await EvidenceSelection.SelectAsync(
            Storage,
            EvidenceWorld.Origin,
            name => Task.FromResult<IReadOnlyList<LoggedEntry>>(name == Storage ? [new LoggedEntry(0, entries[^1])] : many),
            _ => Task.FromResult<LoggedEntry?>(null),
            with.Length == 0 ? default : WholeGivers.Parse(with)!.Value);
        Assert.Null(selection);
        Assert.Equal(Failure.TooLarge, fault!.Failure);
        Assert.Contains("16384 entries", fault.Detail, StringComparison.Ordinal);
        Assert.Contains(instead, fault.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lots", "lots")]
    [InlineData("lots,predecessors", "predecessors,lots")]
    [InlineData("", null)]
    [InlineData("Lots", null)]
    [InlineData("lots,lots", null)]
    [InlineData("lots,", null)]
    [InlineData("lots, predecessors", null)]
    [InlineData("mines", null)]
    public void What_is_asked_for_has_one_form(string text, string? read) => Assert.Equal(read, WholeGivers.Parse(text)?.ToString());

    // What the maker might say in the place of an entry today.
    private static SignedEntry Forged(Entry entry)
    {
        using var key = EvidenceWorld.Key("maker");
        return new EntryDraft
        {
            Origin = entry.Origin,
            KeyId = entry.KeyId,
            Subject = entry.Subject,
            Sequence = entry.Sequence,
            Previous = entry.Previous,
            Event = entry.Event,
            Id = EvidenceWorld.Uuid("forged"),
            IssuedAt = EvidenceWorld.Start,
            OccurredAt = EvidenceWorld.Start,
            Clear = new JsonObject { ["market"] = "DE" },
        }.Sign(key);
    }

    private static string[] Named(string names) => [.. names.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(NameOf).Order(StringComparer.Ordinal)];

    private static string[] Givers(IEnumerable<string> chains) => [.. chains.Where(chain => ((string[])[Mine, Refined, First, Second]).Contains(chain)).Distinct().Order(StringComparer.Ordinal)];

    private static string NameOf(string name) => name switch { "mine" => Mine, "refined" => Refined, "A0001" => First, _ => Second };
}
