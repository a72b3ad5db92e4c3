using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>Things, identifiers and chains: what somebody would try who wants what is not his.</summary>
public sealed class Attacks
{
    private readonly World _world = Opened();

    [Fact]
    public void Nobody_drains_the_lot_of_another()
    {
        var lot = _world.ALotOfCobalt();
        var thief = Party.Of("did:web:thief.example");
        _world.Admit(_world.Enrols(thief, Role.Miner));
        Refused(RefusalCode.KeeperRequired, _world.Allocates(thief, lot.Entry.Subject, new Line(Uuid(), thief, "1000")));

        // Nor as a corrector, whose entry carries lines of its own: the signer of some entry of his own is a stranger on this chain.
        var own = _world.Admit(_world.Extracts(thief, Uuid(), "1"));
        Refused(RefusalCode.KeeperRequired, _world.Sign(thief, "corrected.v1", lot.Entry.Subject, new JsonObject { ["event"] = "lot-extracted.v1", ["reason"] = "x", ["product"] = "x", ["ref"] = References(own) }));

        // And the authority corrects, but gives nothing.
        var line = new Line(Uuid(), thief, "1000");
        Refused(RefusalCode.KeeperRequired, _world.Sign(_world.Authority, "corrected.v1", lot.Entry.Subject, new JsonObject
        {
            ["event"] = "lot-extracted.v1",
            ["reason"] = "x",
            ["product"] = "x",
            ["ref"] = References(lot),
            ["out"] = new JsonArray(Commitment.To(line.Subject, thief.Did, line.Opening).ToString()),
        }, new JsonObject { ["q0"] = "1000" }));
    }

    [Fact]
    public void A_line_is_redeemed_only_by_its_receiver_on_its_chain_with_its_opening()
    {
        var (giving, line) = _world.ALineOfCobaltForTheRefiner();
        var refiner = _world.An(Role.Refiner);
        Refused(RefusalCode.LineNotYours, _world.Refines(_world.An(Role.MaterialMaker), line.Subject, "1", Take(giving, 0, line)));
        Refused(RefusalCode.LineNotYours, _world.Refines(refiner, Uuid(), "1", Take(giving, 0, line)));
        Refused(RefusalCode.LineNotYours, _world.Refines(refiner, line.Subject, "1", Take(giving, 0, line with { Opening = Commitment.NewOpening() })));

        // A delegate redeems for its principal and not for itself.
        _world.Admit(_world.Delegates(refiner, _world.An(Role.MaterialMaker), ["lot-refined.v1"]));
        _world.Admit(_world.Refines(refiner, line.Subject, "1", Take(giving, 0, line)));
    }

    [Fact]
    public void A_line_is_redeemed_once()
    {
        var chain = Uuid();
        var lot = _world.ALotOfCobalt();
        var refiner = _world.An(Role.Refiner);
        var lines = new[] { new Line(chain, refiner, "1"), new Line(Uuid(), refiner, "1") };
        var giving = _world.Admit(_world.Allocates(_world.An(Role.Miner), lot.Entry.Subject, lines));
        _world.Admit(_world.Refines(refiner, chain, "1", Take(giving, 0, lines[0])));

        // The chain it was given to is open, so the only way left is the giver's: taking it back.
        Refused(RefusalCode.LineTaken, _world.Withdraws(_world.An(Role.Miner), giving, 0));
        Refused(RefusalCode.ChainExists, _world.Receives(refiner, chain, Take(giving, 0, lines[0])));
        Assert.Throws<ArgumentException>(() => _world.Receives(refiner, lines[1].Subject, Take(giving, 1, lines[1]), Take(giving, 1, lines[1])));
        _world.Admit(_world.Withdraws(_world.An(Role.Miner), giving, 1));
        Refused(RefusalCode.LineWithdrawn, _world.Receives(refiner, lines[1].Subject, Take(giving, 1, lines[1])));
    }

    [Fact]
    public void A_lot_gives_no_more_than_it_holds_over_many_entries()
    {
        var lot = _world.ALotOfCobalt("10.5").Entry.Subject;
        var miner = _world.An(Role.Miner);
        var refiner = _world.An(Role.Refiner);
        var first = _world.Admit(_world.Allocates(miner, lot, new Line(Uuid(), refiner, "4"), new Line(Uuid(), refiner, "0")));
        _world.Admit(_world.Allocates(miner, lot, new Line(Uuid(), refiner, "6.5")));
        Refused(RefusalCode.QuantityExceeded, _world.Allocates(miner, lot, new Line(Uuid(), refiner, "0.000000001")));
        _world.Admit(_world.Withdraws(miner, first, 0));
        Refused(RefusalCode.QuantityExceeded, _world.Allocates(miner, lot, new Line(Uuid(), refiner, "4.000000001")));
        _world.Admit(_world.Allocates(miner, lot, new Line(Uuid(), refiner, "4.000000000")));
    }

    [Fact]
    public void A_consignment_gives_on_what_it_received_and_no_more()
    {
        var (giving, line) = _world.ALineOfCobaltForTheRefiner("400");
        var refiner = _world.An(Role.Refiner);
        _world.Admit(_world.Receives(refiner, line.Subject, Take(giving, 0, line)));
        Refused(RefusalCode.QuantityExceeded, _world.Allocates(refiner, line.Subject, new Line(Uuid(), refiner, "400.1")));
        _world.Admit(_world.Allocates(refiner, line.Subject, new Line(Uuid(), refiner, "400")));
    }

    [Fact]
    public void Nobody_opens_a_chain_under_the_GTIN_of_another()
    {
        var maker = _world.An(Role.BatteryMaker);
        _world.Admit(_world.Grants(maker));
        var squatter = Party.Of("did:web:squatter.example");
        _world.Admit(_world.Enrols(squatter, Role.BatteryMaker));
        var model = _world.Admit(_world.DeclaresModel(squatter, Uuid()));
        Refused(RefusalCode.IdentifierNotGranted, _world.MakesBattery(squatter, Battery(), model, [Declared]));
        Refused(RefusalCode.IdentifierNotGranted, _world.Extracts(_world.An(Role.Miner), Gs1.Batch(Gtin("952123400001"), "L1"), "1"));
        Refused(RefusalCode.IdentifierNotGranted, _world.MakesBattery(squatter, "https://id.gs1.org/8004/9521234A1", model, [Declared]));
        _world.Admit(_world.MakesBattery(maker, Battery(), _world.AModel(), [Declared]));

        // Withdrawn, the prefix opens nothing more; what stands under it stays.
        _world.Admit(_world.Sign(_world.Authority, "identifier-withdrawn.v1", Names.GrantsChain(maker.Did), new JsonObject { ["scheme"] = "gtin", ["prefix"] = Prefix }));
        Refused(RefusalCode.IdentifierNotGranted, _world.MakesBattery(maker, Battery("A2"), _world.AModel(), [Declared]));
        _world.Admit(_world.PlacesOnMarket(maker, Battery()));
    }

    [Theory]
    [InlineData("9521234", "9521234", true)]
    [InlineData("9521234", "952123", true)]
    [InlineData("9521234", "95212345", true)]
    [InlineData("9521234", "9", true)]
    [InlineData("9521234", "9521235", false)]
    [InlineData("9521234", "95212", true)]
    [InlineData("9521234", "8", false)]
    public void Of_two_grants_neither_begins_the_other_unless_one_holds_both(string first, string second, bool overlaps)
    {
        _world.Admit(_world.Grants(_world.An(Role.BatteryMaker), first));
        var other = _world.Grants(_world.An(Role.Importer), second);
        if (overlaps)
        {
            Refused(RefusalCode.IdentifierOverlap, other);
        }

        _world.Admit(_world.Grants(_world.An(Role.Importer), second, "giai"));
        if (first != second)
        {
            _world.Admit(_world.Grants(_world.An(Role.BatteryMaker), second));
        }
    }

    [Fact]
    public void A_GTIN_alias_is_granted_from_its_second_digit_on()
    {
        var maker = _world.An(Role.BatteryMaker);
        _world.Admit(_world.Grants(maker));
        JsonArray Alias(string value, string basis = "granted") => [new JsonObject { ["scheme"] = "gtin", ["value"] = value, ["basis"] = basis }];
        var model = _world.AModel();

        // Digits 1 to 7 read like the prefix, but the company's digits are 2 to 8.
        var foreign = Enumerable.Range(0, 10).Select(check => "9521234000001"[..13] + check).Single(Gs1.IsGtin);
        Refused(RefusalCode.IdentifierNotGranted, _world.MakesBattery(maker, Uuid(), model, [Declared], Alias(foreign)));
        Refused(RefusalCode.IdentifierNotGranted, _world.MakesBattery(maker, Uuid(), model, [Declared], Alias("9521234")));
        _world.Admit(_world.MakesBattery(maker, Uuid(), model, [Declared], Alias(Gtin("952123400002"))));
        _world.Admit(_world.MakesBattery(maker, Uuid(), model, [Declared], Alias(foreign, "declared")));
        _world.Admit(_world.MakesBattery(maker, Uuid(), model, [Declared], Alias(foreign, "declared")));
    }

    [Fact]
    public void An_entry_stands_once_in_one_log_on_one_chain()
    {
        var lot = _world.ALotOfCobalt();
        var before = Snapshot.Of(_world.State);
        Assert.Equal(new Decision.Repeated(2), _world.Decide(lot));
        Assert.Equal(before, Snapshot.Of(_world.State));

        // Without its disclosures the bytes are the same.
        Assert.Equal(new Decision.Repeated(2), _world.Decide(SignedEntry.Join(lot.Entry, [], complete: false, out _)!));

        // In another log, where the same operator is enrolled with the same key, it is no entry.
        var other = new World { Authority = _world.Authority };
        other.Admit(other.Opening());
        other.Admit(other.Enrols(_world.An(Role.Miner), Role.Miner));
        other.Admit(lot); // the same origin is the same log: this is what the next line differs in
        var elsewhere = new LedgerState("other.example/log");
        Assert.True(Admission.Decide(elsewhere, Candidate.Read(lot, out _)!) is Decision.Refused { Refusal.Code: RefusalCode.LogForeign });

        // Moved to another chain, the signature no longer fits.
        var parts = lot.Entry.ToString().Split('.');
        var payload = Encoding.UTF8.GetString(StrictBase64Url.Decode(parts[1])!).Replace(lot.Entry.Subject, Uuid(), StringComparison.Ordinal);
        payload = payload.Replace(lot.Entry.Id, Guid.NewGuid().ToString(), StringComparison.Ordinal);
        var forged = $"{parts[0]}.{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(payload))}.{parts[2]}~{string.Concat(lot.Disclosures.Select(d => d.Text + "~"))}";
        Refused(RefusalCode.SignatureInvalid, SignedEntry.Parse(Encoding.ASCII.GetBytes(forged), out _)!);
    }

    [Fact]
    public void The_head_of_a_closed_chain_is_told_to_those_who_may_write_there_only()
    {
        var lot = _world.ALotOfCobalt().Entry.Subject;
        var miner = _world.An(Role.Miner);
        var line = new Line(Uuid(), miner, "1");
        SignedEntry Stale(Party by, string evt, JsonObject clear, JsonObject? hidden = null) => _world.Sign(by, evt, lot, clear, hidden, sequence: 7, previous: Digest.Sha256("guess"u8));
        JsonObject Out() => new() { ["out"] = new JsonArray(Commitment.To(line.Subject, miner.Did, line.Opening).ToString()) };

        var own = _world.AModel();
        foreach (var refusal in new[]
        {
            _world.Refuse(Stale(_world.An(Role.BatteryMaker), "allocated.v1", Out(), new JsonObject { ["q0"] = "1" })),
            _world.Refuse(Stale(_world.An(Role.BatteryMaker), "corrected.v1", new JsonObject { ["event"] = "model-declared.v1", ["reason"] = "x", ["model"] = "y", ["ref"] = References(own) })),
            _world.Refuse(_world.Sign(_world.An(Role.Miner), "lot-extracted.v1", lot, new JsonObject { ["open"] = false, ["mineral"] = "cobalt", ["product"] = "x", ["site"] = new JsonObject { ["country"] = "CD" } }, new JsonObject { ["mass"] = "1", ["content"] = Holding("cobalt", "1") })),
        })
        {
            Assert.Null(refusal.Head);
            Assert.DoesNotContain(_world.State.Chain(lot)!.Head.ToString(), refusal.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain(miner.Did, refusal.Code == RefusalCode.ChainExists ? "" : refusal.Detail, StringComparison.Ordinal);
        }

        var told = _world.Refuse(Stale(miner, "allocated.v1", Out(), new JsonObject { ["q0"] = "1" }));
        Assert.Equal(RefusalCode.ChainMoved, told.Code);
        Assert.Equal(new ChainHead(lot, 0, _world.State.Chain(lot)!.Head), told.Head);
    }

    [Fact]
    public void A_correction_replaces_no_structure_and_no_quantity_below_what_was_given()
    {
        var (giving, _) = _world.ALineOfCobaltForTheRefiner("400");
        var miner = _world.An(Role.Miner);
        var lot = _world.Log.Single(e => e.Entry.Event == "lot-extracted.v1");
        Refused(RefusalCode.CorrectionForbidden, _world.Corrects(miner, lot, new JsonObject { ["open"] = true }));
        Refused(RefusalCode.QuantityExceeded, _world.Corrects(miner, lot, hidden: new JsonObject { ["mass"] = "399.999999999" }));
        Refused(RefusalCode.ClaimInClear, _world.Corrects(miner, lot, new JsonObject { ["mass"] = "400" }));
        Refused(RefusalCode.DataInvalid, _world.Corrects(miner, lot, hidden: new JsonObject { ["mass"] = "-1" }));
        Refused(RefusalCode.DataInvalid, _world.Corrects(miner, lot, new JsonObject { ["stranger"] = "1" }));
        Refused(RefusalCode.ElementMassExceeded, _world.Corrects(miner, lot, hidden: new JsonObject { ["mass"] = "400" }));
        _world.Admit(_world.Corrects(miner, lot, hidden: new JsonObject { ["mass"] = "400", ["content"] = Holding("cobalt", "400") }));
        Refused(RefusalCode.QuantityExceeded, _world.Allocates(miner, lot.Entry.Subject, new Line(Uuid(), miner, "0.1")));
        _world.Admit(_world.Withdraws(miner, giving, 0));
        _world.Admit(_world.Corrects(miner, lot, hidden: new JsonObject { ["mass"] = "0", ["content"] = Holding("cobalt", "0") }));
    }

    [Fact]
    public void A_corrected_count_obeys_what_the_count_obeyed()
    {
        var maker = _world.An(Role.BatteryMaker);
        _world.Admit(_world.Grants(maker));
        var pack = _world.Admit(_world.MakesParts(maker, Battery("P1"), "pack", "1", [Declared]));
        Refused(RefusalCode.DataInvalid, _world.Corrects(maker, pack, hidden: new JsonObject { ["count"] = "2" }));
        var cells = _world.Admit(_world.MakesParts(_world.An(Role.CellMaker), Uuid(), "cells", "10", [Declared]));
        Refused(RefusalCode.DataInvalid, _world.Corrects(_world.An(Role.CellMaker), cells, hidden: new JsonObject { ["count"] = "10.5" }));
        _world.Admit(_world.Corrects(_world.An(Role.CellMaker), cells, hidden: new JsonObject { ["count"] = "11" }));
    }

    [Fact]
    public void Pieces_are_given_whole()
    {
        var cells = _world.Admit(_world.MakesParts(_world.An(Role.CellMaker), Uuid(), "cells", "10", [Declared]));
        Refused(RefusalCode.DataInvalid, _world.Allocates(_world.An(Role.CellMaker), cells.Entry.Subject, new Line(Uuid(), _world.An(Role.BatteryMaker), "0.5")));
        _world.Admit(_world.Allocates(_world.An(Role.CellMaker), cells.Entry.Subject, new Line(Uuid(), _world.An(Role.BatteryMaker), "5.0")));
    }

    [Fact]
    public void A_composition_holds_no_negative_mass() => Refused(RefusalCode.DataInvalid, _world.Sign(
        _world.An(Role.BatteryMaker), "model-declared.v1", Uuid(),
        new JsonObject(EventSchema.Example(EventCatalog.Find("model-declared.v1")!).Where(p => p.Key != "materials").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))),
        new JsonObject { ["materials"] = new JsonArray(new JsonObject { ["part"] = "cathode", ["name"] = "x", ["mass"] = "-1" }) }));

    [Fact]
    public void A_log_is_opened_by_the_authority_that_was_configured()
    {
        var (mine, theirs) = (new World(), new World());
        string X(Party party) => party.Key.VerifyingKey.X;
        var door = new World(new ExpectedOpening(X(mine.Authority), X(mine.Head), X(mine.LogKey)));
        Assert.Equal(RefusalCode.AuthorityForeign, door.Refuse(theirs.Opening()).Code);
        Assert.Equal(RefusalCode.LogNotOpen, door.Refuse(mine.Enrols(Party.Of("did:web:early.example"), Role.Miner)).Code);

        // Declaring the configured key as one's own does not help without it.
        Assert.Equal(RefusalCode.SignatureInvalid, door.Refuse(mine.Opening(mine.Authority with { Key = SigningKey.Generate() })).Code);
        door.Admit(mine.Opening());
        Assert.Equal(RefusalCode.KeyUnknown, door.Refuse(theirs.Opening(theirs.Authority with { KeyId = LogDid + "#other" })).Code);
    }

    [Fact]
    public void A_key_id_and_jti_belong_to_one_entry()
    {
        var first = _world.ALotOfCobalt();
        var again = _world.Sign(_world.An(Role.Miner), "lot-extracted.v1", Uuid(), first.Entry.Data.GetProperty("open").GetBoolean() ? [] : new JsonObject { ["open"] = false, ["mineral"] = "cobalt", ["product"] = "other", ["site"] = new JsonObject { ["country"] = "CD" } }, new JsonObject { ["mass"] = "1", ["content"] = Holding("cobalt", "1") }, id: first.Entry.Id);
        Refused(RefusalCode.IdReused, again);
        _world.Admit(_world.Sign(_world.An(Role.BatteryMaker), "model-declared.v1", Uuid(), new JsonObject(EventSchema.Example(EventCatalog.Find("model-declared.v1")!).Where(p => p.Key != "materials").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))), id: first.Entry.Id));
    }

    private void Refused(RefusalCode expected, SignedEntry entry)
    {
        var refusal = _world.Refuse(entry);
        Assert.True(refusal.Code == expected, refusal.ToString());
    }
}
