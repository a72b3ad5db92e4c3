using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Cli;

/// <summary>Bundles are asked for, shown less of and verified by <c>cml</c>, run by run.</summary>
public sealed class BundleRuns : IDisposable
{
    private readonly Session _session = new();
    private readonly Folder _folder;
    private readonly Door _door;

    public BundleRuns() => (_folder, _door) = (_session.Folder, _session.Door);

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task A_passport_is_read_as_an_operator_and_the_evidence_saved_with_it_verifies_offline()
    {
        await _session.EnrolMineAsync();
        _door.Asked.Clear();
        var world = EvidenceWorld.ABatteryWasMade();
        var path = EvidenceWorld.Battery["https://id.gs1.org".Length..];
        _door.Files[path] = Encoding.UTF8.GetBytes($$"""{"battery":"{{EvidenceWorld.Battery}}","status":"original","recordStatus":"active"}""");
        _door.Files["/evidence"] = (await world.BundleAsync(EvidenceWorld.Battery, disclosures: true)).ToUtf8();
        var shown = await Run("passport", path, "--url", Door.Address, "--as", _folder["mine.pem"], "--evidence", _folder["battery.json"]);
        Assert.StartsWith("exit 0\n", shown, StringComparison.Ordinal);
        Assert.EndsWith("\nerr: As the ledger tells it. To verify it: cml verify <folder>/battery.json --vkey …", shown, StringComparison.Ordinal);
        _session.AskedAsMine(null, path, "/evidence");
        Assert.Equal("?sub=" + Uri.EscapeDataString(EvidenceWorld.Battery), _door.Asked[^1].Address.Query);
        Assert.StartsWith(
            "exit 0\nout: verified\n",
            await Run("verify", _folder["battery.json"], "--vkey", new NoteVerifier(EvidenceWorld.Origin, EvidenceWorld.Key("log").VerifyingKey).ToString()),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_holder_shows_less_of_a_bundle_and_the_next_reader_verifies_it_and_is_told_what_is_missing()
    {
        await SaveBundle("lot.json", EvidenceWorld.Lot, closed: true);
        var vkey = new NoteVerifier(EvidenceWorld.Origin, EvidenceWorld.Key("log").VerifyingKey).ToString();
        Assert.Equal(
            $"""
            exit 0
            out: entry 4, lot-extracted.v1 on {EvidenceWorld.Lot}: content shown, 1 withheld
            out: entry 5, allocated.v1 on {EvidenceWorld.Lot}: none shown, 1 withheld
            err: Written: <folder>/less.json. To verify it: cml verify <folder>/less.json --vkey …
            """,
            await Run("disclose", _folder["lot.json"], "--show", "content", "--to", _folder["less.json"]));
        var verified = await Run("verify", _folder["less.json"], "--vkey", vkey);
        Assert.StartsWith("exit 0\nout: verified\nout: structure: verified. ", verified, StringComparison.Ordinal);
        Assert.EndsWith($"\nout: disclosures of {EvidenceWorld.Lot}: content shown, 2 withheld", verified, StringComparison.Ordinal);

        var json = Session.JsonOf(await Run("disclose", _folder["less.json"], "--hide", "content", "--to", _folder["none.json"], "--json"));
        Assert.Equal(
            $$"""{"ok":true,"subject":"{{EvidenceWorld.Lot}}","entries":[{"index":4,"subject":"{{EvidenceWorld.Lot}}","event":"lot-extracted.v1","shown":[],"withheld":2},{"index":5,"subject":"{{EvidenceWorld.Lot}}","event":"allocated.v1","shown":[],"withheld":1}]}""",
            json.ToJsonString());
        json = Session.JsonOf(await Run("verify", _folder["none.json"], "--vkey", vkey, "--json"));
        Assert.Equal($$"""[{"subject":"{{EvidenceWorld.Lot}}","shown":[],"withheld":3}]""", json["disclosures"]!.ToJsonString());
        Assert.Equal("verified", json["structure"]!["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task Properties_of_one_chain_are_shown_or_hidden_without_those_of_others()
    {
        await SaveBundle("battery.json", EvidenceWorld.Battery, closed: false);
        foreach (var (choice, capacity, quantity) in new (string[], string, string)[]
        {
            (["--show", "initialCapacity,q0"], "initialCapacity shown, 0", "q0 shown, 0"),
            (["--show", "initialCapacity", "--only-chain", EvidenceWorld.Battery], "initialCapacity shown, 0", "none shown, 1"),
            (["--show", "none"], "none shown, 1", "none shown, 1"),
            (["--hide", "q0", "--only-chain", EvidenceWorld.Lot], "initialCapacity shown, 0", "none shown, 1"),
        })
        {
            Assert.Equal(
                $"""
                exit 0
                out: entry 5, allocated.v1 on {EvidenceWorld.Lot}: {quantity} withheld
                out: entry 6, battery-manufactured.v1 on {EvidenceWorld.Battery}: {capacity} withheld
                err: Written: <folder>/less.json. To verify it: cml verify <folder>/less.json --vkey …
                """,
                await Run(["disclose", _folder["battery.json"], .. choice, "--to", _folder["less.json"]]));
            File.Delete(_folder["less.json"]);
        }
    }

    [Fact]
    public async Task A_choice_that_the_bundle_cannot_fill_writes_nothing()
    {
        await SaveBundle("battery.json", EvidenceWorld.Battery, closed: false);
        foreach (var (choice, said) in new (string[], string)[]
        {
            (["--hide", "initialCapacty"], "<folder>/battery.json does not show initialCapacty; it shows initialCapacity, q0."),
            (["--show", "q0,mass"], "<folder>/battery.json does not show mass; it shows initialCapacity, q0."),
            (["--hide", "q0", "--only-chain", EvidenceWorld.Battery], $"<folder>/battery.json does not show q0 of {EvidenceWorld.Battery}; it shows initialCapacity."),
            (["--show", "q0", "--only-chain", EvidenceWorld.Battery + "X"], $"<folder>/battery.json holds no entry of {EvidenceWorld.Battery}X."),
            (["--show", "q0", "--hide", "q0"], "Give either --show or --hide."),
            ([], "Give either --show or --hide."),
            (["--show", "a b"], "--show takes at most 64 names of disclosed properties with commas between, such as mass,content, or none."),
        })
        {
            Assert.Equal($"exit 2\nerr: cml: usage: {said}", await Run(["disclose", _folder["battery.json"], .. choice, "--to", _folder["less.json"]]));
        }

        // A value that was never signed is not handed on either.
        var bundle = await EvidenceWorld.ABatteryWasMade().BundleAsync(EvidenceWorld.Battery, disclosures: true);
        var capacity = bundle.Chains[0].Entries[0].Signed.Disclosures.Single();
        _session.Write("forged.json", Encoding.UTF8.GetString(bundle.ToUtf8()).Replace(capacity.Text, Disclosure.Create(capacity.Salt, capacity.Name, "999").Text, StringComparison.Ordinal));
        Assert.StartsWith(
            "exit 1\nerr: Fetch the entry again",
            await Run("disclose", _folder["forged.json"], "--show", "initialCapacity", "--to", _folder["less.json"]),
            StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["less.json"]));
    }

    [Fact]
    public async Task A_bundle_is_asked_for_with_chosen_disclosures_and_one_that_shows_more_is_not_saved()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        var path = EvidenceWorld.Battery["https://id.gs1.org".Length..];
        _door.Files[path] = Encoding.UTF8.GetBytes($$"""{"battery":"{{EvidenceWorld.Battery}}","status":"original","recordStatus":"active"}""");
        _door.Files["/evidence"] = (await world.BundleAsync(EvidenceWorld.Battery, disclosures: true)).ToUtf8();
        string[] passport = ["passport", path, "--url", Door.Address];
        Assert.Equal(
            "exit 1\nerr: cml: answer-unsound: The answer shows q0, which was not asked for.",
            await Run([.. passport, "--evidence", _folder["battery.json"], "--disclose", "initialCapacity"]));
        Assert.False(File.Exists(_folder["battery.json"]));
        Assert.Equal($"?sub={Uri.EscapeDataString(EvidenceWorld.Battery)}&disclose=initialCapacity", _door.Asked[^1].Address.Query);

        _door.Files["/evidence"] = (await world.BundleAsync(EvidenceWorld.Battery, disclosures: false)).ToUtf8();
        Assert.StartsWith("exit 0\n", await Run([.. passport, "--evidence", _folder["battery.json"], "--disclose", "none"]), StringComparison.Ordinal);
        Assert.Equal($"?sub={Uri.EscapeDataString(EvidenceWorld.Battery)}&disclose=none", _door.Asked[^1].Address.Query);
        Assert.Equal("exit 2\nerr: cml: usage: --disclose chooses what a bundle shows: give --evidence.", await Run([.. passport, "--disclose", "none"]));
    }

    private async Task SaveBundle(string name, string subject, bool closed) =>
        _session.Write(name, Encoding.UTF8.GetString((await EvidenceWorld.ABatteryWasMade().BundleAsync(subject, disclosures: true, closed)).ToUtf8()));

    private Task<string> Run(params string[] args) => _session.Run(args);
}
