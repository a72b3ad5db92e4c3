using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CsCheck;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>A holder shows less of a bundle to the next reader, who checks all that is signed as before and is told what is missing.</summary>
public sealed class Disclosing
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whichever_disclosures_a_holder_leaves_out_all_that_is_signed_stays_byte_for_byte_and_verifies_the_same(bool ofBattery)
    {
        var bundle = await Bundle(ofBattery);
        var full = EvidenceVerifier.Verify(bundle, EvidenceWorld.Policy);
        var all = bundle.InLogOrder().SelectMany(placed => placed.Signed.Disclosures).Select(d => d.Text).ToList();
        Assert.Equal(ofBattery ? 2 : 3, all.Count);
        Gen.Bool.Array[all.Count].Sample(
            keep =>
            {
                var kept = all.Where((_, i) => keep[i]).ToHashSet();
                var bytes = bundle.Only((_, disclosure) => kept.Contains(disclosure.Text)).ToUtf8();
                Assert.Equal(Signed(bundle.ToUtf8()), Signed(bytes));
                Assert.Equal(kept.Order(), EvidenceBundle.Parse(bytes, out _)!.InLogOrder().SelectMany(placed => placed.Signed.Disclosures).Select(d => d.Text).Order());

                var verdict = EvidenceVerifier.Verify(bytes, EvidenceWorld.Policy, out var disclosures);
                Assert.Equal((full.Structure, full.Head!.Text, full.Rejection), (verdict.Structure, verdict.Head!.Text, verdict.Rejection));
                Assert.Equal(all.Count - kept.Count, disclosures.Sum(chain => chain.Withheld));
                Assert.Equal(kept.Count, disclosures.Sum(chain => chain.Shown.Count));
            },
            iter: 40);
    }

    [Fact]
    public async Task With_every_disclosure_left_out_the_structure_is_verified_and_the_quantities_are_withheld()
    {
        var bytes = (await Bundle(ofBattery: false)).Only((_, _) => false).ToUtf8();
        var verdict = EvidenceVerifier.Verify(bytes, EvidenceWorld.Policy, out var disclosures);
        Assert.IsType<LayerVerdict.Verified>(verdict.Structure);
        Assert.Equal(2, Assert.IsType<LayerVerdict.Withheld>(verdict.Quantities).Count);
        var lot = Assert.Single(disclosures);
        Assert.Equal((EvidenceWorld.Lot, 0, 3), (lot.Subject, lot.Shown.Count, lot.Withheld));
        Assert.DoesNotContain("content", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_is_told_for_each_chain_the_names_shown_and_how_many_values_are_not()
    {
        var bundle = (await Bundle(ofBattery: true)).Only((_, disclosure) => disclosure.Name == "initialCapacity");
        EvidenceVerifier.Verify(bundle.ToUtf8(), EvidenceWorld.Policy, out var disclosures);
        Assert.Equal(
            [(EvidenceWorld.Battery, "initialCapacity", 0), (EvidenceWorld.Lot, "", 1)],
            disclosures.Select(chain => (chain.Subject, string.Join(' ', chain.Shown), chain.Withheld)));
    }

    [Fact]
    public async Task A_disclosure_with_another_value_another_salt_or_of_another_entry_is_refused_and_nothing_is_said_to_be_shown()
    {
        var bundle = await Bundle(ofBattery: true);
        var capacity = bundle.Chains[0].Entries[0].Signed.Disclosures.Single();
        var quantity = bundle.Cited[0].Signed.Disclosures.Single();
        foreach (var (forged, failure) in new[]
        {
            (Disclosure.Create(capacity.Salt, capacity.Name, "999"), Failure.DisclosureUnmatched),
            (Disclosure.Create(capacity.Name, JsonValue.Create(capacity.Value.GetString())), Failure.DisclosureUnmatched),
            (Disclosure.Create(capacity.Salt, "ratedCapacity", JsonValue.Create(capacity.Value.GetString())), Failure.DisclosureUnmatched),
            (quantity, Failure.DisclosureUnmatched),
        })
        {
            var text = Encoding.UTF8.GetString(bundle.ToUtf8()).Replace($"\"{capacity.Text}\"", $"\"{forged.Text}\"", StringComparison.Ordinal);
            var rejection = EvidenceVerifier.Verify(Encoding.UTF8.GetBytes(text), EvidenceWorld.Policy, out var disclosures).Rejection!;
            Assert.Equal((failure, 6ul, EvidenceWorld.Battery), (rejection.Failure, rejection.Index!.Value, rejection.Subject));
            Assert.Empty(disclosures);
        }
    }

    [Fact]
    public async Task A_bundle_that_is_rejected_names_no_head_key_and_one_that_verifies_names_only_head_keys()
    {
        var bundle = await Bundle(ofBattery: true);
        Assert.Equal(EvidenceWorld.Key("head").VerifyingKey.X, EvidenceVerifier.HeadKey(bundle, EvidenceWorld.Policy, EvidenceWorld.LogDid + "#head", out var rejection)!.X);
        Assert.Null(rejection);
        Assert.Null(EvidenceVerifier.HeadKey(bundle, EvidenceWorld.Policy, EvidenceWorld.LogDid + "#authority", out rejection));
        Assert.Equal(Failure.KeyForbidden, rejection!.Failure);
        Assert.Null(EvidenceVerifier.HeadKey(bundle, EvidenceWorld.Policy, EvidenceWorld.LogDid + "#other", out rejection));
        Assert.Equal(Failure.KeyUnknown, rejection!.Failure);
        Assert.Null(EvidenceVerifier.HeadKey(bundle with { Checkpoint = EvidenceWorld.ABatteryWasMade().Checkpoint("other") }, EvidenceWorld.Policy, EvidenceWorld.LogDid + "#head", out rejection));
        Assert.Equal(Failure.NoteUnsigned, rejection!.Failure);
    }

    private static Task<EvidenceBundle> Bundle(bool ofBattery) =>
        EvidenceWorld.ABatteryWasMade().BundleAsync(ofBattery ? EvidenceWorld.Battery : EvidenceWorld.Lot, disclosures: true, closed: !ofBattery);

    // A bundle without its disclosures: the part that must not change.
    private static string Signed(byte[] bundle)
    {
        var root = JsonNode.Parse(bundle)!;
        foreach (var entry in root["chains"]!.AsArray().SelectMany(chain => chain!["entries"]!.AsArray()).Concat(root["cited"]!.AsArray()))
        {
            entry!.AsObject().Remove("disclosures");
        }

        return root.ToJsonString();
    }
}
