using System.Text;
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
        _session.Write("lot.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","data":{"open":false,"mineral":"lithium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
        Assert.Equal(
            """
            exit 0
            out: <folder>/lot.json: the form of lot-extracted.v1 is right; 2 of its values are signed as digests.
            err: Not checked here: chain, rights, order, references. Give --url and --key to ask the ledger.
            """,
            await Run("check", _folder["lot.json"]));

        _session.Write("bad.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","data":{"open":false,"mineral":"unobtainium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
        Assert.StartsWith("exit 1\nerr: cml: data-invalid: <folder>/bad.json: mineral: one of lithium, ", await Run("check", _folder["bad.json"]), StringComparison.Ordinal);

        _session.Write("number.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","data":{"mass":10.5}}""");
        Assert.Equal(
            """
            exit 2
            err: cml: usage: <folder>/number.json: JSON numbers are integers here, without point, exponent or minus zero; measured quantities are texts.
            """,
            await Run("check", _folder["number.json"]));

        _session.Write("stranger.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","date":"2027"}""");
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
        await _session.EnrolMineAsync();
        _session.Write("lot.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","data":{"open":true,"mineral":"lithium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
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
            err: cml: usage: <folder>/lot.sd-jwt exists already and is not written over. Was this said before? Else give another name with --save.
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

        _session.Write("other.sd-jwt", _world.Log[1].ToSdJwt());
        Assert.StartsWith("exit 1\nerr: cml: inclusion-unproven: ", await Run("verify", _folder["lot.tlog-proof"], "--entry", _folder["other.sd-jwt"], "--vkey", _door.VerifierKey.ToString()), StringComparison.Ordinal);

        using var foreign = SigningKey.Generate();
        Assert.StartsWith("exit 1\nerr: cml: note-unsigned: ", await Run("verify", _folder["lot.tlog-proof"], "--entry", _folder["lot.sd-jwt"], "--vkey", new NoteVerifier(Origin, foreign.VerifyingKey).ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_is_handed_over_as_a_file_and_taken_by_naming_it()
    {
        await _session.EnrolMineAsync();
        var maker = Party.Of("did:web:maker.example");
        _world.Admit(_world.Enrols(maker, Role.Refiner));
        await File.WriteAllTextAsync(_folder["maker.pem"], maker.Key.ToPem(), TestContext.Current.CancellationToken);
        const string Lot = "urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10", Salt = "urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a11";
        _session.Write("lot.json", $$$"""{"subject":"{{{Lot}}}","event":"lot-extracted.v1","data":{"open":true,"mineral":"lithium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
        _session.Write("give.json", $$$"""{"subject":"{{{Lot}}}","event":"allocated.v1","data":{},"out":[{"to":"{{{Salt}}}","operator":"did:web:maker.example","quantity":"5"}]}""");
        _session.Write("salt.json", $$$"""{"subject":"{{{Salt}}}","event":"lot-refined.v1","data":{"open":true,"mineral":"lithium","product":"carbonate","site":{"country":"CL"},"mass":"1","content":[{"element":"lithium","mass":"0.2"}]},"in":["give.line0.json"]}""");
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
        await _session.EnrolMineAsync();
        _session.Write("lot.json", """{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a10","event":"lot-extracted.v1","data":{"open":true,"mineral":"lithium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
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

    private Task<string> Run(params string[] args) => _session.Run(args);
}
