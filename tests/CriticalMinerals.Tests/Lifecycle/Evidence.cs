using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CsCheck;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>Bundles, sound, damaged and dishonest, before a verifier that has only the log's key.</summary>
public sealed class Evidence
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_battery_s_bundle_proves_its_structure_and_says_what_it_does_not_prove()
    {
        var bundle = await EvidenceWorld.ABatteryWasMade().BundleAsync(EvidenceWorld.Battery, disclosures: false);

        Assert.Equal(
            [EvidenceWorld.Battery, EvidenceWorld.LogChain, EvidenceWorld.Maker, Names.GrantsChain(EvidenceWorld.Maker), EvidenceWorld.Model],
            bundle.Chains.Select(chain => chain.Subject));
        Assert.Equal([EvidenceWorld.Lot], bundle.Cited.Select(placed => placed.Entry.Subject));

        var verdict = EvidenceVerifier.Verify(bundle.ToUtf8(), EvidenceWorld.Policy);
        Assert.Null(verdict.Rejection);
        Assert.IsType<LayerVerdict.Verified>(verdict.Structure);
        Assert.Equal(1, Assert.IsType<LayerVerdict.Withheld>(verdict.Quantities).Count);
        Assert.IsType<LayerVerdict.NotChecked>(verdict.WholeLog);
        Assert.Equal(7ul, verdict.Checkpoint!.Size);
        Assert.Equal(0, verdict.Head!.Sequence);
        Assert.Equal(1, verdict.WithheldDisclosures);
        Assert.Empty(verdict.Disputed);
    }

    [Fact]
    public async Task With_every_disclosure_the_quantities_are_verified_and_without_the_structure_is_the_same()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        var full = EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Battery, disclosures: true), EvidenceWorld.Policy);
        var bare = EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Battery, disclosures: false), EvidenceWorld.Policy);
        Assert.IsType<LayerVerdict.Verified>(full.Quantities);
        Assert.Equal(full.Structure, bare.Structure);
        Assert.Equal(0, full.WithheldDisclosures);

        var lot = EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Lot, disclosures: true, closed: true), EvidenceWorld.Policy);
        Assert.Null(lot.Rejection);
        Assert.IsType<LayerVerdict.Verified>(lot.Quantities);
        Assert.Equal(2, Assert.IsType<LayerVerdict.Withheld>(EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Lot, disclosures: false, closed: true), EvidenceWorld.Policy).Quantities).Count);
    }

    [Fact]
    public async Task A_giver_that_the_reader_may_not_see_is_counted_and_rejects_nothing()
    {
        var bundle = await EvidenceWorld.ABatteryWasMade().BundleAsync(EvidenceWorld.Battery, disclosures: true, givers: false);
        Assert.Empty(bundle.Cited);

        var verdict = EvidenceVerifier.Verify(bundle, EvidenceWorld.Policy);
        Assert.Null(verdict.Rejection);
        Assert.Equal(1, Assert.IsType<LayerVerdict.Withheld>(verdict.Quantities).Count);
        Assert.Contains("Givers not shown here: 1", Assert.IsType<LayerVerdict.NotChecked>(verdict.WholeLog).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("log")]
    [InlineData("operator")]
    [InlineData("grants")]
    public async Task Every_open_chain_has_a_bundle_of_its_own(string chain)
    {
        var subject = chain switch { "log" => EvidenceWorld.LogChain, "operator" => EvidenceWorld.Maker, _ => Names.GrantsChain(EvidenceWorld.Maker) };
        var verdict = EvidenceVerifier.Verify((await EvidenceWorld.ABatteryWasMade().BundleAsync(subject, disclosures: false)).ToUtf8(), EvidenceWorld.Policy);
        Assert.Null(verdict.Rejection);
        Assert.IsType<LayerVerdict.Verified>(verdict.Quantities);
    }

    [Fact]
    public async Task A_bundle_is_written_in_one_form_and_read_from_any()
    {
        var bundle = await EvidenceWorld.ABatteryWasMade().BundleAsync(EvidenceWorld.Battery, disclosures: true);
        var bytes = bundle.ToUtf8();
        Assert.Equal(bytes, EvidenceBundle.Parse(bytes, out _)!.ToUtf8());

        var indented = JsonNode.Parse(bytes)!.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });
        Assert.Equal(bytes, EvidenceBundle.Parse(Encoding.UTF8.GetBytes(indented), out _)!.ToUtf8());
    }

    [Fact]
    public async Task No_changed_byte_passes_unless_the_content_is_the_same()
    {
        var bytes = (await EvidenceWorld.ABatteryWasMade().BundleAsync(EvidenceWorld.Battery, disclosures: true)).ToUtf8();
        string[] pieces = ["\"", ",", "[]", "{", "}", "0", "A", " ", "\\n", "\\u0000", "\\ud800", "\uFFFF", "-1", "1e9", "null", "9007199254740992"];
        var damage =
            from at in Gen.Double[0, 1]
            from length in Gen.Int[0, 12]
            from text in Gen.OneOf(Gen.String[0, 4], Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]), Gen.Char['0', 'z'].Select(c => c.ToString()))
            select (at, length, text);
        damage.Array[1, 3].Sample(
            changes =>
            {
                var text = Encoding.UTF8.GetString(bytes);
                foreach (var (at, length, piece) in changes)
                {
                    var position = (int)(at * (text.Length - 1));
                    text = text.Remove(position, Math.Min(length, text.Length - position)).Insert(position, piece);
                }

                AssertRejectedOrSame(Encoding.UTF8.GetBytes(text), bytes);
            },
            iter: 1_500);
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte).Sample(
            (at, value) =>
            {
                var changed = bytes.ToArray();
                changed[at] = value;
                AssertRejectedOrSame(changed, bytes);
            },
            iter: 1_500);
    }

    [Fact]
    public async Task Nothing_can_be_left_out_doubled_or_moved_but_disclosures_and_single_givers()
    {
        var bytes = (await EvidenceWorld.ABatteryWasMade().BundleAsync(EvidenceWorld.Battery, disclosures: true)).ToUtf8();
        Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 10_000], Gen.Int[0, 3]).Sample(
            (from, to, what) =>
            {
                var root = JsonNode.Parse(bytes)!;
                var places = Places(root).ToList();
                var (a, b) = (places[from % places.Count], places[to % places.Count]);
                switch (what)
                {
                    case 0 when a.Parent is JsonArray array:
                        array.Remove(a);
                        break;
                    case 1 when a.Parent is JsonArray array:
                        array.Add(b.DeepClone());
                        break;
                    case 2 when a.Parent is JsonArray array:
                        array.Remove(a);
                        array.Insert(to % (array.Count + 1), a);
                        break;
                    default:
                        a.ReplaceWith(b.DeepClone());
                        break;
                }

                AssertRejectedOrSame(Encoding.UTF8.GetBytes(root.ToJsonString()), bytes);
            },
            iter: 2_000);
    }

    [Fact]
    public async Task Cutting_off_a_chain_s_end_is_found_by_its_head_statement()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        world.Measure(EvidenceWorld.Battery);
        var bundle = await world.BundleAsync(EvidenceWorld.Battery, disclosures: false);
        var cut = bundle with { Chains = [bundle.Chains[0] with { Entries = [bundle.Chains[0].Entries[0]] }, .. bundle.Chains.Skip(1)] };
        AssertRejected(cut, Failure.HeadMismatch, EvidenceWorld.Battery);
    }

    [Theory]
    [InlineData("operator", Failure.RuleRefused)]
    [InlineData("grants", Failure.RuleRefused)]
    [InlineData("model", Failure.RuleRefused)]
    [InlineData("log", Failure.BundleIncomplete)]
    public async Task A_chain_that_the_rules_need_cannot_be_left_out(string chain, Failure failure)
    {
        var left = chain switch { "log" => EvidenceWorld.LogChain, "operator" => EvidenceWorld.Maker, "grants" => Names.GrantsChain(EvidenceWorld.Maker), _ => EvidenceWorld.Model };
        var bundle = await EvidenceWorld.ABatteryWasMade().BundleAsync(EvidenceWorld.Battery, disclosures: false);
        var verdict = EvidenceVerifier.Verify(bundle with { Chains = [.. bundle.Chains.Where(c => c.Subject != left)] }, EvidenceWorld.Policy);
        Assert.Equal(failure, verdict.Rejection?.Failure);
    }

    [Fact]
    public async Task An_older_head_statement_does_not_cover_what_came_after_it()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        var old = world.Head(EvidenceWorld.Battery);
        world.Measure(EvidenceWorld.Battery);
        var bundle = await world.BundleAsync(EvidenceWorld.Battery, disclosures: false);
        AssertRejected(bundle with { Chains = [bundle.Chains[0] with { Head = old }, .. bundle.Chains.Skip(1)] }, Failure.HeadMismatch, EvidenceWorld.Battery);
    }

    [Fact]
    public async Task A_head_statement_by_another_key_of_the_log_is_none()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        var bundle = await world.BundleAsync(EvidenceWorld.Battery, disclosures: false);
        AssertRejected(bundle with { Chains = [bundle.Chains[0] with { Head = world.Head(EvidenceWorld.Battery, "authority") }, .. bundle.Chains.Skip(1)] }, Failure.KeyForbidden, EvidenceWorld.Battery);
        AssertRejected(bundle with { Chains = [bundle.Chains[0] with { Head = world.Head(EvidenceWorld.Battery, "nobody") }, .. bundle.Chains.Skip(1)] }, Failure.KeyUnknown, EvidenceWorld.Battery);
    }

    [Fact]
    public async Task A_checkpoint_by_another_key_or_of_another_authority_s_log_is_not_this_log()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        var bundle = await world.BundleAsync(EvidenceWorld.Battery, disclosures: false);
        Assert.Equal(Failure.NoteUnsigned, EvidenceVerifier.Verify(bundle with { Checkpoint = world.Checkpoint("other") }, EvidenceWorld.Policy).Rejection!.Failure);

        // A key that the reader trusts by mistake, and that the log's own chain does not name.
        var gullible = EvidenceWorld.Policy with { LogKeys = [new NoteVerifier(EvidenceWorld.Origin, EvidenceWorld.Key("other").VerifyingKey)] };
        Assert.Equal(Failure.LogKeyForeign, EvidenceVerifier.Verify(bundle with { Checkpoint = world.Checkpoint("other") }, gullible).Rejection!.Failure);

        var elsewhere = EvidenceWorld.Policy with { Authority = EvidenceWorld.Key("other").VerifyingKey };
        Assert.Equal(Failure.AuthorityForeign, EvidenceVerifier.Verify(bundle, elsewhere).Rejection!.Failure);
    }

    [Fact]
    public async Task A_head_statement_s_end_limits_freshness_and_not_truth()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        var bundle = await world.BundleAsync(EvidenceWorld.Battery, disclosures: false);
        Assert.False(EvidenceVerifier.Verify(bundle, EvidenceWorld.Policy with { FreshAt = world.Now.AddMinutes(5) }).IsRejected);
        Assert.Equal(Failure.HeadExpired, EvidenceVerifier.Verify(bundle, EvidenceWorld.Policy with { FreshAt = world.Now.AddMinutes(6) }).Rejection!.Failure);
        Assert.False(EvidenceVerifier.Verify(bundle, EvidenceWorld.Policy).IsRejected);
    }

    [Theory]
    [InlineData("role-missing")]
    [InlineData("line-not-yours")]
    [InlineData("identifier-not-granted")]
    [InlineData("operator-suspended")]
    public async Task What_a_log_admitted_against_the_rules_is_rejected_at_the_entry_with_the_rule_s_name(string rule)
    {
        const string Stranger = "did:web:stranger.example";
        var world = EvidenceWorld.ABatteryWasMade();
        var subject = EvidenceWorld.Battery;
        switch (rule)
        {
            case "role-missing":
                world.Enrol(Stranger, "stranger", "miner");
                world.Add(world.Draft(Stranger, "stranger", subject, "health-measured.v1", [], ("remainingCapacity", "1")), force: true);
                break;
            case "line-not-yours":
                world.Give(EvidenceWorld.Lot, EvidenceWorld.Battery + "X", "1");
                subject = $"https://id.gs1.org/01/{EvidenceWorld.Gtin}/21/A0002";
                world.Add(Making(world, subject), force: true);
                break;
            case "operator-suspended":
                world.Suspend(EvidenceWorld.Maker);
                world.Add(world.Draft(EvidenceWorld.Maker, "maker", subject, "health-measured.v1", [], ("remainingCapacity", "1")), force: true);
                break;
            default:
                subject = "https://id.gs1.org/01/04012345678901/21/A0001";
                world.Give(EvidenceWorld.Lot, subject, "1");
                world.Add(Making(world, subject), force: true);
                break;
        }

        var rejection = EvidenceVerifier.Verify(await world.BundleAsync(subject, disclosures: false), EvidenceWorld.Policy).Rejection!;
        Assert.Equal((Failure.RuleRefused, rule, subject), (rejection.Failure, rejection.Rule, rejection.Subject));
        Assert.Equal((ulong)world.Entries.Count - 1, rejection.Index);
    }

    [Fact]
    public async Task A_lot_that_gave_more_than_it_holds_fails_in_its_quantities_when_they_are_shown_and_is_not_called_balanced_when_not()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        world.Add(
            world.Draft(EvidenceWorld.Maker, "maker", EvidenceWorld.Lot, "allocated.v1", new JsonObject { ["out"] = new JsonArray(Digest.Sha256([1]).ToString()) }, ("q0", "961")),
            force: true);

        var shown = EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Lot, disclosures: true, closed: true), EvidenceWorld.Policy);
        Assert.Equal("quantity-exceeded", Assert.IsType<LayerVerdict.Rejected>(shown.Quantities).Rejection.Rule);
        Assert.IsType<LayerVerdict.NotChecked>(shown.Structure);
        var hidden = EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Lot, disclosures: false, closed: true), EvidenceWorld.Policy);
        Assert.False(hidden.IsRejected);
        Assert.Equal(3, Assert.IsType<LayerVerdict.Withheld>(hidden.Quantities).Count);
    }

    [Fact]
    public async Task A_revoked_key_signs_nothing_after_its_end_and_what_it_signed_before_stays_good()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        world.Append(EvidenceWorld.LogDid, "authority", EvidenceWorld.Maker, "key-revoked.v1", new JsonObject { ["kid"] = EvidenceWorld.Maker + "#maker", ["reason"] = "retired" });
        Assert.False(EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Battery, disclosures: false), EvidenceWorld.Policy).IsRejected);

        world.Add(world.Draft(EvidenceWorld.Maker, "maker", EvidenceWorld.Battery, "health-measured.v1", [], ("remainingCapacity", "1")), force: true);
        var rejection = EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Battery, disclosures: false), EvidenceWorld.Policy).Rejection!;
        Assert.Equal((Failure.KeyRevoked, 8ul), (rejection.Failure, rejection.Index!.Value));
    }

    [Fact]
    public async Task A_suspension_that_ended_rejects_nothing_that_stands_before_or_after_it()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        world.Suspend(EvidenceWorld.Maker);
        Assert.False(EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Battery, disclosures: false), EvidenceWorld.Policy).IsRejected);
        world.Append(EvidenceWorld.LogDid, "authority", EvidenceWorld.Maker, "operator-reinstated.v1", []);
        world.Measure(EvidenceWorld.Battery);
        Assert.False(EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Battery, disclosures: false), EvidenceWorld.Policy).IsRejected);
        Assert.False(EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Maker, disclosures: false), EvidenceWorld.Policy).IsRejected);
    }

    [Fact]
    public async Task A_single_giving_entry_that_a_suspended_operator_signed_is_rejected_where_it_is_cited()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        var battery = $"https://id.gs1.org/01/{EvidenceWorld.Gtin}/21/A0002";
        world.Suspend(EvidenceWorld.Maker);
        world.Add(
            world.Draft(EvidenceWorld.Maker, "maker", EvidenceWorld.Lot, "allocated.v1", new JsonObject { ["out"] = new JsonArray(Commitment.To(battery, EvidenceWorld.Maker, EvidenceWorld.Opening(battery)).ToString()) }, ("q0", "1")),
            force: true);
        var taken = Making(world, battery);
        world.Add(world.Draft(EvidenceWorld.LogDid, "authority", EvidenceWorld.Maker, "operator-reinstated.v1", []), force: true);
        world.Add(taken, force: true);

        var bundle = await world.BundleAsync(battery, disclosures: false);
        Assert.Equal([8ul], bundle.Cited.Select(placed => placed.Index));
        var rejection = EvidenceVerifier.Verify(bundle, EvidenceWorld.Policy).Rejection!;
        Assert.Equal((8ul, "operator-suspended"), (rejection.Index!.Value, rejection.Rule));
    }

    [Fact]
    public async Task Entries_under_a_compromised_key_are_marked_and_stand()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        world.Append(EvidenceWorld.LogDid, "authority", EvidenceWorld.Maker, "key-compromised.v1", new JsonObject { ["kid"] = EvidenceWorld.Maker + "#maker", ["fromIndex"] = 5 });
        var verdict = EvidenceVerifier.Verify(await world.BundleAsync(EvidenceWorld.Battery, disclosures: false), EvidenceWorld.Policy);
        Assert.False(verdict.IsRejected);
        Assert.Equal([6ul], verdict.Disputed);
    }

    private static SignedEntry Making(EvidenceWorld world, string battery) => world.Draft(EvidenceWorld.Maker, "maker", battery, "battery-manufactured.v1", new JsonObject
    {
        ["ref"] = new JsonArray(new JsonObject { ["h"] = world.Entries[3].Entry.LeafHash.ToString(), ["sub"] = EvidenceWorld.Model }),
        ["in"] = new JsonArray(new JsonObject { ["h"] = world.Entries[^1].Entry.LeafHash.ToString(), ["i"] = 0, ["s"] = EvidenceWorld.Opening(battery) }),
        ["manufacturedOn"] = "2026-01",
    });

    private static void AssertRejected(EvidenceBundle bundle, Failure failure, params string[] subjects)
    {
        var verdict = EvidenceVerifier.Verify(bundle, EvidenceWorld.Policy);
        Assert.Equal(failure, verdict.Rejection?.Failure);
        Assert.Contains(verdict.Rejection!.Subject!, subjects);
    }

    // What a log may show less of: disclosures and entries that others gave. Everything else is the same or rejected.
    private static void AssertRejectedOrSame(byte[] changed, byte[] original)
    {
        var verdict = EvidenceVerifier.Verify(changed, EvidenceWorld.Policy);
        if (verdict.IsRejected)
        {
            Assert.NotEmpty(verdict.Rejection!.ToString());
            return;
        }

        var (was, now) = (EvidenceBundle.Parse(original, out _)!, EvidenceBundle.Parse(changed, out _)!);
        Assert.Equal(was.Checkpoint.Text, now.Checkpoint.Text);
        Assert.Equal(was.Subject, now.Subject);
        foreach (var chain in now.Chains)
        {
            var same = was.Chains.Single(other => other.Subject == chain.Subject);
            Assert.Equal(same.Entries.Select(placed => (placed.Index, placed.Entry.LeafHash)), chain.Entries.Select(placed => (placed.Index, placed.Entry.LeafHash)));
            Assert.Equal(same.Head.Text, chain.Head.Text);
            foreach (var (before, after) in same.Entries.Zip(chain.Entries))
            {
                Assert.Subset(before.Signed.Disclosures.Select(d => d.Text).ToHashSet(), after.Signed.Disclosures.Select(d => d.Text).ToHashSet());
            }
        }

        Assert.Equal(was.Chains.Count, now.Chains.Count);
        Assert.Subset(was.Cited.Select(placed => placed.Entry.LeafHash).ToHashSet(), now.Cited.Select(placed => placed.Entry.LeafHash).ToHashSet());
    }

    private static IEnumerable<JsonNode> Places(JsonNode node) => node switch
    {
        JsonObject item => item.Where(p => p.Value is not null).SelectMany(p => Places(p.Value!).Prepend(p.Value!)),
        JsonArray array => array.OfType<JsonNode>().SelectMany(child => Places(child).Prepend(child)),
        _ => [],
    };
}
