using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Cli;

/// <summary>Whole runs of <c>cml</c>: exit code, stdout and stderr, character by character; random values are masked by their form.</summary>
public sealed class Transcripts : IDisposable
{
    private const string Origin = World.Origin;

    private readonly Session _session = new();
    private readonly Folder _folder;
    private readonly World _world;
    private readonly Door _door;

    public Transcripts() => (_folder, _world, _door) = (_session.Folder, _session.World, _session.Door);

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task A_key_is_made_with_a_request_and_never_written_over()
    {
        string[] args = ["key", "new", "--operator", "did:web:mine.example", "--name", "k1", "--out", _folder["k1.pem"], "--request", _folder["enrol.json"], "--origin", Origin];
        Assert.Equal(
            """
            exit 0
            out: did:web:mine.example#k1
            err: Private key: <folder>/k1.pem. It stays with you; readable by you alone.
            err: Send <folder>/enrol.json to the log's authority. Nothing in it is secret.
            err: Read the fingerprint to it by another way: <43>
            """,
            await Run(args));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["k1.pem"]));
        }

        Assert.Equal(
            """
            exit 2
            err: cml: usage: <folder>/k1.pem exists already and is not written over.
            """,
            await Run(args));
    }

    [Fact]
    public async Task A_log_is_opened_offline_and_its_verifier_key_alone_goes_to_stdout()
    {
        Assert.Equal(
            """
            exit 0
            out: ledger.example.com/log/2026+<id>+<key>
            err: Made authority.pem, recovery.pem, head.pem, log.pem and log-opened.sd-jwt in <folder>/log, readable by you alone.
            err: 1. Copy <folder>/log/log.pem and <folder>/log/head.pem to <DataFolder>/keys of the service.
            err: 2. Start the service with Ledger__Origin=ledger.example.com/log/2026 and Ledger__Authority='{"kty":"OKP","crv":"Ed25519","x":"<43>"}'.
            err: 3. Run this command again with --url and the service's address.
            err: Keep <folder>/log/authority.pem where operators are enrolled, and <folder>/log/recovery.pem offline: it alone replaces a lost authority key.
            err: Publish the verifier key on stdout; auditors trust it and nothing else.
            """,
            await Run("log", "open", "--origin", Origin, "--out", _folder["log"]));

        // Made once: the second run explains the same log, and its entry is one that a new log admits.
        var text = (await File.ReadAllTextAsync(_folder["log/log-opened.sd-jwt"], TestContext.Current.CancellationToken)).Trim();
        Assert.Contains("exists: its keys and entry are kept.", await Run("log", "open", "--origin", Origin, "--out", _folder["log"]), StringComparison.Ordinal);
        Assert.Equal(text, (await File.ReadAllTextAsync(_folder["log/log-opened.sd-jwt"], TestContext.Current.CancellationToken)).Trim());
        Assert.IsType<Decision.Admitted>(new World().Decide(SignedEntry.Parse(System.Text.Encoding.ASCII.GetBytes(text), out _)!));
    }

    [Fact]
    public async Task Wrong_use_is_exit_code_2_and_one_line()
    {
        Assert.Equal(
            """
            exit 2
            err: cml: usage: mine.example is no operator: did:web:host[:path] was expected.
            """,
            await Run("key", "new", "--operator", "mine.example", "--name", "k1", "--out", _folder["k1.pem"]));
        Assert.Equal(
            """
            exit 2
            err: cml: usage: <folder>/none.json does not exist.
            """,
            await Run("check", _folder["none.json"]));
        Assert.StartsWith("exit 2\nerr: cml: usage:", await Run("audit"), StringComparison.Ordinal);
        Assert.StartsWith("exit 2\nout: {\nout:   \"ok\": false,\nout:   \"code\": \"usage\"", await Run("audit", "--json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_checked_offline_for_its_form()
    {
        Write("lot.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","data":{"open":false,"mineral":"lithium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
        Assert.Equal(
            """
            exit 0
            out: <folder>/lot.json: the form of lot-extracted.v1 is right; 2 of its values are signed as digests.
            err: Not checked here: chain, rights, order, references. Give --url and --key to ask the ledger.
            """,
            await Run("check", _folder["lot.json"]));

        Write("bad.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","data":{"open":false,"mineral":"unobtainium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
        Assert.StartsWith("exit 1\nerr: cml: data-invalid: <folder>/bad.json: mineral: one of lithium, ", await Run("check", _folder["bad.json"]), StringComparison.Ordinal);

        Write("number.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","data":{"mass":10.5}}""");
        Assert.Equal(
            """
            exit 2
            err: cml: usage: <folder>/number.json: JSON numbers are integers here, without point, exponent or minus zero; measured quantities are texts.
            """,
            await Run("check", _folder["number.json"]));

        Write("stranger.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","date":"2027"}""");
        Assert.Equal(
            """
            exit 2
            err: cml: usage: <folder>/stranger.json: date is no member of an event file; these are: subject, event, data, for, out, in, ref, occurredAt.
            """,
            await Run("check", _folder["stranger.json"]));
    }

    [Fact]
    public async Task An_entry_is_appended_its_receipt_verified_offline_and_a_second_run_says_so()
    {
        await EnrolMine();
        Write("lot.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","data":{"open":true,"mineral":"lithium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
        Assert.Equal(
            """
            exit 0
            out: lot-extracted.v1 on urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10 stands at index 2, leaf hash <43>.
            err: Receipt: <folder>/lot.tlog-proof, entry: <folder>/lot.sd-jwt
            """,
            await Run("append", _folder["lot.json"], "--url", Door.Address, "--key", _folder["mine.pem"], "--vkey", _door.VerifierKey.ToString()));
        Assert.Equal(
            """
            exit 2
            err: cml: usage: <folder>/lot.sd-jwt exists already and is not written over. Was this said before? Else give --save.
            """,
            await Run("append", _folder["lot.json"], "--url", Door.Address, "--key", _folder["mine.pem"], "--vkey", _door.VerifierKey.ToString()));
        Assert.Equal(3, _world.Log.Count);

        Assert.Equal(
            """
            exit 0
            out: verified: lot-extracted.v1 on urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10 is entry 2 of ledger.example.com/log/2026, as of size 3.
            err: Checked: the entry stands in the log under a checkpoint signed by the key given. Not checked: the entry's own signature and the rules; cml audit does.
            """,
            await Run("verify", _folder["lot.tlog-proof"], "--entry", _folder["lot.sd-jwt"], "--vkey", _door.VerifierKey.ToString()));

        Write("other.sd-jwt", _world.Log[1].ToSdJwt());
        Assert.StartsWith("exit 1\nerr: cml: inclusion-unproven: ", await Run("verify", _folder["lot.tlog-proof"], "--entry", _folder["other.sd-jwt"], "--vkey", _door.VerifierKey.ToString()), StringComparison.Ordinal);

        using var foreign = SigningKey.Generate();
        Assert.StartsWith("exit 1\nerr: cml: note-unsigned: ", await Run("verify", _folder["lot.tlog-proof"], "--entry", _folder["lot.sd-jwt"], "--vkey", new NoteVerifier(Origin, foreign.VerifyingKey).ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_is_handed_over_as_a_file_and_taken_by_naming_it()
    {
        await EnrolMine();
        var maker = Party.Of("did:web:maker.example");
        _world.Admit(_world.Enrols(maker, Role.Refiner));
        await File.WriteAllTextAsync(_folder["maker.pem"], maker.Key.ToPem(), TestContext.Current.CancellationToken);
        const string Lot = "urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10", Salt = "urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a11";
        Write("lot.json", $$$"""{"subject":"{{{Lot}}}","event":"lot-extracted.v1","data":{"open":true,"mineral":"lithium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
        Write("give.json", $$$"""{"subject":"{{{Lot}}}","event":"allocated.v1","data":{},"out":[{"to":"{{{Salt}}}","operator":"did:web:maker.example","quantity":"5"}]}""");
        Write("salt.json", $$$"""{"subject":"{{{Salt}}}","event":"lot-refined.v1","data":{"open":true,"mineral":"lithium","product":"carbonate","site":{"country":"CL"},"mass":"1","content":[{"element":"lithium","mass":"0.2"}]},"in":["give.line0.json"]}""");
        string[] mine = ["--url", Door.Address, "--key", _folder["mine.pem"], "--vkey", _door.VerifierKey.ToString()];
        await Run(["append", _folder["lot.json"], .. mine]);
        Assert.Equal(
            $$"""
            exit 0
            out: allocated.v1 on {{Lot}} stands at index 4, leaf hash <43>.
            err: Receipt: <folder>/give.tlog-proof, entry: <folder>/give.sd-jwt
            err: Hand <folder>/give.line0.json to did:web:maker.example, and to nobody else.
            """,
            await Run(["append", _folder["give.json"], .. mine]));
        Assert.StartsWith($"exit 0\nout: verified: 5 given to did:web:maker.example on {Salt}.", await Run("verify", _folder["give.line0.json"], "--vkey", _door.VerifierKey.ToString()), StringComparison.Ordinal);

        Assert.StartsWith("exit 2\nerr: cml: usage: <folder>/give.line0.json was given to did:web:maker.example", await Run(["append", _folder["salt.json"], .. mine]), StringComparison.Ordinal);
        Assert.StartsWith("exit 0\n", await Run("append", _folder["salt.json"], "--url", Door.Address, "--key", _folder["maker.pem"], "--kid", maker.KeyId, "--vkey", _door.VerifierKey.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_answer_is_exit_code_3_and_the_next_run_sends_what_was_left()
    {
        await EnrolMine();
        Write("lot.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","data":{"open":true,"mineral":"lithium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
        string[] append = ["append", _folder["lot.json"], "--url", Door.Address, "--key", _folder["mine.pem"], "--vkey", _door.VerifierKey.ToString()];

        // The answer to the writing request is unsound, so that nothing waits here for a network to come back.
        _door.Alter = _ => "nonsense";
        Assert.StartsWith("exit 1\nerr: cml: answer-unsound: ", await Run(append), StringComparison.Ordinal);
        _door.Alter = text => text;
        Assert.Contains("err: An entry left over from before was answered: lot-extracted.v1 on urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10 stands at index 2.", await Run(append), StringComparison.Ordinal);
        Assert.Equal(3, _world.Log.Count);

        Assert.Equal(
            """
            exit 3
            err: cml: unreachable: There is no checkpoint: is this the address or folder of a log?
            """,
            await Run("audit", _folder.Path, "--vkey", _door.VerifierKey.ToString()));
    }

    [Fact]
    public async Task An_audit_says_what_was_checked_and_what_was_not()
    {
        await EnrolMine();
        Assert.Equal(
            $"""
            exit 0
            out: verified: ledger.example.com/log/2026, size 2, root <43>
            out: 2 entries on 2 chains, 0 of them batteries; 0 entries disputed
            out: checked: the checkpoint's signature by the log key, and that the log's own chain names that key
            out: checked: every entry: form, hash, signature, key valid at its index, chain order, rights, references, each line taken at most once
            out: checked: every stored hash and the root, recomputed from the entries
            out: not checked: whether the log showed others another history: no earlier checkpoint to compare with, and witnesses are not asked
            out: not checked: whether the log key is the right one: it was taken from the log itself; give it with the audit
            """,
            await Run("audit", Door.Address));

        _world.Log[1] = _world.Enrols(Party.Of("did:web:mine.example"), Role.Miner);
        Assert.StartsWith("exit 1\nout: REJECTED: ", await Run("audit", Door.Address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_audit_as_an_operator_asks_for_every_file_as_that_operator_and_says_why()
    {
        await EnrolMine();
        _door.Asked.Clear();
        Assert.StartsWith("exit 0\nout: verified: ", await Run("audit", Door.Address, "--as", _folder["mine.pem"], "--purpose", "yearly-audit"), StringComparison.Ordinal);
        AskedAsMine("yearly-audit", "/vkey", "/checkpoint", "/tile/0/000.p/2", "/tile/entries/000.p/2", "/disclosures/0");
    }

    [Fact]
    public async Task A_passport_is_read_as_an_operator_and_the_evidence_saved_with_it_verifies_offline()
    {
        await EnrolMine();
        _door.Asked.Clear();
        var world = EvidenceWorld.ABatteryWasMade();
        var path = EvidenceWorld.Battery["https://id.gs1.org".Length..];
        _door.Files[path] = Encoding.UTF8.GetBytes($$"""{"battery":"{{EvidenceWorld.Battery}}","status":"original","recordStatus":"active"}""");
        _door.Files["/evidence"] = (await world.BundleAsync(EvidenceWorld.Battery, disclosures: true)).ToUtf8();
        var shown = await Run("passport", path, "--url", Door.Address, "--as", _folder["mine.pem"], "--evidence", _folder["battery.json"]);
        Assert.StartsWith("exit 0\n", shown, StringComparison.Ordinal);
        Assert.EndsWith("\nerr: As the ledger tells it. To verify it: cml verify <folder>/battery.json --vkey …", shown, StringComparison.Ordinal);
        AskedAsMine(null, path, "/evidence");
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

        var json = JsonOf(await Run("disclose", _folder["less.json"], "--hide", "content", "--to", _folder["none.json"], "--json"));
        Assert.Equal(
            $$"""{"ok":true,"subject":"{{EvidenceWorld.Lot}}","entries":[{"index":4,"subject":"{{EvidenceWorld.Lot}}","event":"lot-extracted.v1","shown":[],"withheld":2},{"index":5,"subject":"{{EvidenceWorld.Lot}}","event":"allocated.v1","shown":[],"withheld":1}]}""",
            json.ToJsonString());
        json = JsonOf(await Run("verify", _folder["none.json"], "--vkey", vkey, "--json"));
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
        Write("forged.json", Encoding.UTF8.GetString(bundle.ToUtf8()).Replace(capacity.Text, Disclosure.Create(capacity.Salt, capacity.Name, "999").Text, StringComparison.Ordinal));
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

    [Fact]
    public async Task Who_read_a_chain_is_told_to_its_keeper_and_every_record_is_checked()
    {
        await EnrolMine();
        _door.Asked.Clear();
        Tell(2, "recycler", "own");
        string[] readings = ["readings", EvidenceWorld.Battery, "--url", Door.Address, "--as", _folder["mine.pem"]];
        var shown = await Run([.. readings, "--last", _folder["last"], "--head-key", _world.Head.Key.VerifyingKey.X]);
        Assert.StartsWith("exit 0\n", shown, StringComparison.Ordinal);
        Assert.Matches(@"out:\s+2026-01-01T00:00:00Z\s+did:web:recycler\.example\s+evidence\s+recycler\s", shown);
        Assert.Matches(@"out:\s+2026-01-01T00:00:00Z\s+forgotten\s+evidence\s+own\s", shown);
        Assert.EndsWith(
            """

            err: Checked: 2 records, each number and hash from the first on, the readers' names, and that the log states the same count and hash.
            err: Checked: the statement is signed by did:web:ledger.example.com:log:2026#head.
            err: Not checked: whether records went or changed before: there was no earlier statement. This one is kept in <folder>/last.
            """,
            shown,
            StringComparison.Ordinal);
        AskedAsMine(null, "/readings");

        var json = JsonOf(await Run([.. readings, "--last", _folder["last"], "--json"]));
        Assert.Equal((2, 2, false), (json["count"]!.GetValue<int>(), json["earlierCount"]!.GetValue<int>(), json["signatureChecked"]!.GetValue<bool>()));
        Assert.Equal(
            """[{"number":0,"at":"2026-01-01T00:00:00Z","who":"did:web:recycler.example","what":"evidence","why":"recycler"},{"number":1,"at":"2026-01-01T00:00:00Z","who":null,"what":"evidence","why":"own"}]""",
            json["records"]!.ToJsonString());
    }

    [Fact]
    public async Task A_record_that_is_wrong_or_gone_is_named_and_the_exit_code_is_1()
    {
        await EnrolMine();
        string[] readings = ["readings", EvidenceWorld.Battery, "--url", Door.Address, "--as", _folder["mine.pem"], "--last", _folder["last"]];
        Tell(2, "recycler", "own");
        Assert.StartsWith("exit 0\n", await Run(readings), StringComparison.Ordinal);
        var kept = (await File.ReadAllTextAsync(_folder["last"], TestContext.Current.CancellationToken)).Trim();

        Tell(1, "recycler");
        var gone = await Run(readings);
        Assert.StartsWith(
            "exit 1\nerr: Keep <folder>/last and this statement: together they prove it.\nerr: ",
            gone,
            StringComparison.Ordinal);
        Assert.EndsWith("\nerr: cml: consistency-unproven: Record 1 is gone: the log signed that 2 reads were recorded, and now tells of 1.", gone, StringComparison.Ordinal);
        var json = JsonOf(await Run([.. readings, "--json"]));
        Assert.Equal(("consistency-unproven", 1, kept), (json["code"]!.GetValue<string>(), json["record"]!.GetValue<int>(), json["contradicted"]!.GetValue<string>()));

        Tell(3, "recycler", "own");
        Assert.Equal("exit 1\nerr: cml: head-mismatch: Record 2 is missing: the log signed that 3 reads were recorded.", await Run(readings));

        Tell(2, "recycler", "own");
        _door.Files["/readings"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_door.Files["/readings"]).Replace("evidence", "passport", StringComparison.Ordinal));
        Assert.Equal(
            "exit 1\nerr: cml: chain-link: Record 0 does not go on from those before it: it or one of them was altered. Expected hash: <43>. Found: <43>.",
            await Run(readings));
    }

    [Fact]
    public async Task The_key_that_signs_of_readings_comes_from_a_bundle_that_verifies_or_is_given()
    {
        await EnrolMine();
        string[] readings = ["readings", EvidenceWorld.Battery, "--url", Door.Address, "--as", _folder["mine.pem"]];
        await SaveBundle("battery.json", EvidenceWorld.Battery, closed: false);
        var vkey = new NoteVerifier(EvidenceWorld.Origin, EvidenceWorld.Key("log").VerifyingKey).ToString();
        using var head = EvidenceWorld.Key("head");
        Tell(1, head, "own");
        Assert.Contains("\nerr: Checked: the statement is signed by did:web:ledger.example.com:log:2026#head.\n", await Run([.. readings, "--evidence", _folder["battery.json"], "--vkey", vkey]), StringComparison.Ordinal);
        Assert.StartsWith("exit 1\nerr: cml: note-unsigned: <folder>/battery.json: ", await Run([.. readings, "--evidence", _folder["battery.json"], "--vkey", _door.VerifierKey.ToString()]), StringComparison.Ordinal);

        Tell(1, "own");
        foreach (var key in (string[][])[["--evidence", _folder["battery.json"], "--vkey", vkey], ["--head-key", head.VerifyingKey.X]])
        {
            Assert.Equal(
                "exit 1\nerr: cml: signature-invalid: The statement of the readings is not signed by did:web:ledger.example.com:log:2026#head.",
                await Run([.. readings, .. key]));
        }

        _door.Asked.Clear();
        foreach (var (args, said) in new (string[], string)[]
        {
            (["--evidence", _folder["battery.json"]], "Give --head-key, or --evidence and --vkey."),
            (["--evidence", _folder["battery.json"], "--vkey", vkey, "--head-key", head.VerifyingKey.X], "Give --head-key, or --evidence and --vkey."),
        })
        {
            Assert.Equal($"exit 2\nerr: cml: usage: {said}", await Run([.. readings, .. args]));
        }

        Assert.StartsWith("exit 2\nerr: cml: usage: --head-key: ", await Run([.. readings, "--head-key", "short"]), StringComparison.Ordinal);
        Assert.Equal("exit 2\nerr: cml: usage: Who read a chain is told to the operator that answers for it: give --as.", await Run("readings", EvidenceWorld.Battery, "--url", Door.Address));
        Assert.Empty(_door.Asked);
    }

    [Fact]
    public async Task Who_asks_is_said_whole_or_not_at_all()
    {
        await EnrolMine();
        _door.Asked.Clear();
        foreach (var (args, said) in new (string[], string)[]
        {
            ([Door.Address, "--purpose", "recall-check"], "--purpose and --kid say more of who asks: give --as."),
            ([Door.Address, "--kid", "did:web:mine.example#k1"], "--purpose and --kid say more of who asks: give --as."),
            ([Door.Address, "--as", _folder["mine.pem"], "--purpose", "Recall check"], "--purpose is a word of lower-case letters, digits and hyphens, a letter first, at most 64."),
            ([Door.Address, "--as", _folder["authority.pem"]], "The key id of <folder>/authority.pem is missing or malformed: give --kid did:web:…#name."),
            ([_folder.Path, "--as", _folder["mine.pem"]], "<folder> is a folder, which asks nobody who reads it: leave --as out."),
        })
        {
            Assert.Equal($"exit 2\nerr: cml: usage: {said}", await Run(["audit", .. args]));
        }

        Assert.Empty(_door.Asked);
    }

    [Theory]
    [InlineData("bp.example.eu", "01/09506000134352/21/000000123", 3, "M")]
    [InlineData("passport.example.com", "01/09506000134352/21/BAT-2027-000000123", 4, "Q")]
    public async Task A_label_holds_the_link_alone_and_takes_better_correction_only_when_it_is_free(string host, string path, int version, string level)
    {
        var text = await Run("label", path, "--public-url", $"https://{host}", "--svg", _folder["label.svg"], "--json");
        var json = JsonOf(text);
        Assert.Equal($"HTTPS://{host.ToUpperInvariant()}/{path}", json["text"]!.GetValue<string>());
        Assert.Equal((version, level), (json["version"]!.GetValue<int>(), json["errorCorrection"]!.GetValue<string>()));

        // 17 + 4 × version modules and the quiet zone of 4 on each side.
        var side = 17 + (4 * version) + 8;
        Assert.Contains($"viewBox=\"0 0 {side} {side}\"", await File.ReadAllTextAsync(_folder["label.svg"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_check_digit_gets_no_label() =>
        Assert.StartsWith("exit 2\nerr: cml: usage: 01/09506000134353/21/A names no battery", await Run("label", "01/09506000134353/21/A", "--public-url", "https://bp.example.eu"), StringComparison.Ordinal);

    [Fact]
    public async Task No_command_prints_a_private_key()
    {
        var all = await Run("key", "new", "--operator", "did:web:mine.example", "--name", "k1", "--out", _folder["k1.pem"], "--json") +
            await Run("log", "open", "--origin", Origin, "--out", _folder["log"], "--json");
        foreach (var file in Directory.EnumerateFiles(_folder.Path, "*.pem", SearchOption.AllDirectories))
        {
            var secret = (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken))[1];
            Assert.DoesNotContain(secret, all, StringComparison.Ordinal);
        }
    }

    private async Task EnrolMine()
    {
        await Run("key", "new", "--operator", "did:web:mine.example", "--name", "k1", "--out", _folder["mine.pem"], "--request", _folder["mine.json"], "--url", Door.Address);
        await File.WriteAllTextAsync(_folder["authority.pem"], _world.Authority.Key.ToPem(), TestContext.Current.CancellationToken);
        Assert.StartsWith("exit 0\n", await Run(
            "enrol", _folder["mine.json"], "--authority", _folder["authority.pem"], "--kid", _world.Authority.KeyId, "--name", "Mine", "--role", "miner", "--url", Door.Address, "--vkey", _door.VerifierKey.ToString()), StringComparison.Ordinal);
    }

    // The log's name is asked for as a stranger; all that follows as the mine, each time with a token for that address.
    private void AskedAsMine(string? purpose, params string[] paths)
    {
        Assert.Equal(("/log", null), (_door.Asked[0].Address.AbsolutePath, _door.Asked[0].Token));
        Assert.Equal(paths, _door.Asked.Skip(1).Select(a => a.Address.AbsolutePath));
        using var key = SigningKey.FromPem(File.ReadAllText(_folder["mine.pem"]), out _)!;
        Assert.All(_door.Asked.Skip(1), asked =>
        {
            var token = CallerToken.Parse(asked.Token!, out _)!;
            Assert.True(token.IsSignedBy(key.VerifyingKey));
            Assert.Null(token.Check(Origin, "GET", [asked.Address.GetLeftPart(UriPartial.Path)], token.IssuedAt));
            Assert.Equal(("did:web:mine.example#k1", purpose), (token.KeyId, token.Purpose));
        });
    }

    private void Tell(int count, params string[] audiences) => Tell(count, _world.Head.Key, audiences);

    // One record for each audience, whose reader bears its name; the operator's own reader is forgotten.
    private void Tell(int count, SigningKey head, params string[] audiences)
    {
        var hash = Digest.Zero;
        var records = new JsonArray();
        foreach (var why in audiences)
        {
            var who = Disclosure.Create(EvidenceWorld.Salt(why), "who", $"did:web:{why}.example");
            var record = new JsonObject { ["at"] = "2026-01-01T00:00:00Z", ["n"] = records.Count, ["sub"] = EvidenceWorld.Battery, ["what"] = "evidence", ["who"] = who.Digest.ToString(), ["why"] = why }.ToJsonString();
            hash = ReadingStatement.Link(hash, record);
            records.Add(new JsonObject { ["record"] = record, ["hash"] = hash.ToString(), ["who"] = why == "own" ? null : who.Text });
        }

        var statement = ReadingStatement.Sign(head, _world.Head.KeyId, Origin, EvidenceWorld.Battery, count, hash, DateTimeOffset.UnixEpoch);
        _door.Files["/readings"] = Encoding.UTF8.GetBytes(new JsonObject { ["sub"] = EvidenceWorld.Battery, ["statement"] = statement.Text, ["records"] = records, ["next"] = null }.ToJsonString());
    }

    private async Task SaveBundle(string name, string subject, bool closed) =>
        Write(name, Encoding.UTF8.GetString((await EvidenceWorld.ABatteryWasMade().BundleAsync(subject, disclosures: true, closed)).ToUtf8()));

    private static JsonNode JsonOf(string run) => JsonNode.Parse(string.Concat(run.Split('\n').Where(l => l.StartsWith("out: ", StringComparison.Ordinal)).Select(l => l[5..])))!;

    private void Write(string name, string text) => File.WriteAllText(_folder[name], text);

    private Task<string> Run(params string[] args) => _session.Run(args);
}
