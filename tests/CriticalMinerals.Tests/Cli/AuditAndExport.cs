using System.Text.Json.Nodes;
using CriticalMinerals.Cli;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Cli;

/// <summary>Whole audits and exports at the terminal: what they print, what they keep, what the shell learns.</summary>
public sealed class AuditAndExport : IDisposable
{
    private readonly Session _session = new();
    private readonly Party _mine = Party.Of("did:web:mine.example");

    public AuditAndExport() => _session.World.Admit(_session.World.Enrols(_mine, Role.Miner));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task A_second_audit_says_what_it_read_and_what_it_took_over()
    {
        string[] audit = ["audit", Door.Address, "--vkey", _session.Door.VerifierKey.ToString(), "--state", _session.Folder["state"]];
        Assert.StartsWith("exit 0\nout: verified: ", await _session.Run(audit), StringComparison.Ordinal);
        _session.World.Admit(_session.World.Extracts(_mine, World.Uuid(), "1"));
        Assert.Equal(
            """
            exit 0
            out: verified: ledger.example.com/log/2026, size 3, root <43>
            out: 3 entries on 3 chains, 0 of them batteries; 0 entries disputed
            out: checked: the checkpoint's signature by the log key, and that the log's own chain names that key
            out: checked: every entry from 2 on: form, hash, signature, key valid at its index, chain order, rights, references, each line taken at most once
            out: checked: every stored hash over them, and the root, recomputed from them and the tree over the first 2
            out: checked: that the log still begins with the 2 entries of the last audit
            out: taken over: entries 0 to 1, replayed by an earlier run and not read again in this one: their files may have been damaged since; --full reads them again
            out: not checked: the content of 2 withheld disclosures; their digests are signed
            """,
            await _session.Run(audit));
        var full = await _session.Run([.. audit, "--full"]);
        Assert.StartsWith("exit 0\nout: verified: ", full, StringComparison.Ordinal);
        Assert.DoesNotContain("taken over", full, StringComparison.Ordinal);

        var json = Json(await _session.Run([.. audit, "--json"]));
        Assert.Equal((3, 1), ((int)json["entriesTakenOver"]!, json["takenOver"]!.AsArray().Count));
        await File.WriteAllTextAsync(_session.Folder["state"], "{}", Now);
        Assert.StartsWith("exit 2\nerr: cml: file: <folder>/state is no state of an audit, or was damaged: ", await _session.Run(audit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_closes_a_log_exports_all_that_it_took_in_and_not_only_what_is_public_yet()
    {
        var copy = _session.Folder["copy"];
        var behind = Door.File(_session.World, "checkpoint")!;
        _session.World.Admit(_session.World.Extracts(_mine, World.Uuid(), "1"));
        _session.Door.Files["/checkpoint"] = behind;
        Assert.StartsWith("exit 0\nout: exported: ledger.example.com/log/2026, size 2,", await _session.Run("export", Door.Address, "--to", copy), StringComparison.Ordinal);

        var export = _session.Run("export", Door.Address, "--to", copy, "--complete");
        while (!export.IsCompleted && !_session.Door.Asked.ToArray().Any(asked => asked.Address.AbsolutePath == "/log"))
        {
            await Task.Delay(10, Now);
        }

        _session.Door.Files.Remove("/checkpoint");
        var said = await export;
        Assert.StartsWith("exit 0\nout: exported: ledger.example.com/log/2026, size 3,", said, StringComparison.Ordinal);
        Assert.Contains("err: The log has 3 entries, its checkpoint covers 2: waiting for the rest.", said, StringComparison.Ordinal);
        Assert.Equal(
            "exit 2\nerr: cml: usage: <folder>/copy is a folder, which does not know what its log took in later: --complete asks the log itself.",
            await _session.Run("export", copy, "--to", _session.Folder["other"], "--complete"));
    }

    [Fact]
    public async Task One_entry_is_told_of_as_one()
    {
        using var session = new Session();
        string[] audit = ["audit", Door.Address, "--vkey", session.Door.VerifierKey.ToString(), "--state", session.Folder["state"]];
        Assert.Contains("\nout: 1 entry on 1 chain, 0 of them batteries; 0 entries disputed\n", await session.Run(audit), StringComparison.Ordinal);
        session.World.Admit(session.World.Enrols(_mine, Role.Miner));
        Assert.Contains("that the log still begins with the 1 entry of the last audit\n", await session.Run(audit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_is_exported_and_its_folder_audited_without_the_log()
    {
        var copy = _session.Folder["copy"];
        Assert.Equal(
            """
            exit 0
            out: exported: ledger.example.com/log/2026, size 2, root <43>; 4 files written, 0 entry bundles were there, 0 old files dropped
            err: Not checked here: the entries themselves. cml audit <folder>/copy does.
            """,
            await _session.Run("export", Door.Address, "--to", copy));
        _session.World.Admit(_session.World.Extracts(_mine, World.Uuid(), "1"));
        Assert.Contains("; 3 files written, 0 entry bundles were there, 2 old files dropped", await _session.Run("export", Door.Address, "--to", copy, "--vkey", _session.Door.VerifierKey.ToString()), StringComparison.Ordinal);

        var json = Json(await _session.Run("audit", copy, "--vkey", _session.Door.VerifierKey.ToString(), "--json"));
        Assert.Equal((true, 3), ((bool)json["ok"]!, (int)json["entries"]!));
        Assert.Equal((true, 0, 1), Counts(Json(await _session.Run("export", copy, "--to", copy, "--json"))));
        Assert.StartsWith("exit 2\nerr: cml: usage: ", await _session.Run("export", Door.Address), StringComparison.Ordinal);
        Assert.StartsWith("exit 3\nerr: cml: unreachable: There is no ", await _session.Run("export", _session.Folder.Path, "--to", copy), StringComparison.Ordinal);
        static (bool Ok, int Written, int Kept) Counts(JsonNode json) => ((bool)json["ok"]!, (int)json["written"]!, (int)json["kept"]!);
    }

    [Fact]
    public async Task A_rejection_names_place_rule_expected_found_and_what_to_do_as_text_and_as_JSON()
    {
        var copy = _session.Folder["copy"];
        _session.World.Log.Add(_session.World.Extracts(Party.Of("did:web:stranger.example"), World.Uuid(), "5"));
        await _session.Run("export", Door.Address, "--to", copy);
        var subject = _session.World.Log[2].Entry.Subject;
        var text = await _session.Run("audit", copy, "--vkey", _session.Door.VerifierKey.ToString());
        Assert.Contains($"out: key-unknown (operator-unknown): entry 2: did:web:stranger.example is not enrolled in this log. Ask the log's authority for enrolment.\nout: Chain: {subject}, seq 0\nout: What to do: ", text, StringComparison.Ordinal);
        Assert.StartsWith("exit 1\nout: REJECTED: ", text, StringComparison.Ordinal);
        var rejection = Json(await _session.Run("audit", copy, "--vkey", _session.Door.VerifierKey.ToString(), "--json"))["rejection"]!;
        Assert.Equal((2, subject, 0, "operator-unknown"), ((int)rejection["index"]!, (string)rejection["subject"]!, (int)rejection["seq"]!, (string)rejection["rule"]!));

        // A file that is gone, and one that is cut off.
        File.Move(Path.Combine(copy, "tile/0/000.p/3"), _session.Folder["tile"]);
        rejection = Json(await _session.Run("audit", copy, "--json"))["rejection"]!;
        Assert.Equal((0, "tile-malformed", "3 leaf hashes", "no such file"), ((int)rejection["index"]!, (string)rejection["code"]!, (string)rejection["expected"]!, (string)rejection["found"]!));
        Assert.Contains("A mirror may still have the file.", (string)rejection["advice"]!, StringComparison.Ordinal);
        File.Move(_session.Folder["tile"], Path.Combine(copy, "tile/0/000.p/3"));
        var bundle = Path.Combine(copy, "tile/entries/000.p/3");
        await File.WriteAllBytesAsync(bundle, (await File.ReadAllBytesAsync(bundle, Now))[..^10], Now);
        rejection = Json(await _session.Run("audit", copy, "--json"))["rejection"]!;
        Assert.Equal((2, "bundle-malformed", "3 whole entries and nothing after them"), ((int)rejection["index"]!, (string)rejection["code"]!, (string)rejection["expected"]!));
        Assert.StartsWith("2 whole entries in ", (string)rejection["found"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_of_another_key_is_refused_with_the_key_that_was_expected()
    {
        using var foreign = SigningKey.Generate();
        var said = await _session.Run(["audit", Door.Address, "--vkey", new NoteVerifier(World.Origin, foreign.VerifyingKey).ToString()], masked: false);
        Assert.StartsWith("exit 1\nerr: cml: answer-unsound: The checkpoint does not verify: ", said, StringComparison.Ordinal);
        Assert.Contains($"Expected: a signature by {new NoteVerifier(World.Origin, foreign.VerifyingKey)}. Check that this is the key", said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rate_counts_from_where_this_run_began()
    {
        var clock = new Clock();
        var pace = new Pace("entries", clock);
        Assert.Equal("", pace.Of(500_000, 1_000_000));
        clock.Seconds = 20;
        Assert.Equal("10,000 entries/s, 0:00:30 left", pace.Of(700_000, 1_000_000));
        clock.Seconds = 50;
        Assert.Equal("10,000 entries/s, 0:00:00 left", pace.Of(1_000_000, 1_000_000));
    }

    private static JsonNode Json(string run) => JsonNode.Parse(string.Join('\n', run.Split('\n').Where(l => l.StartsWith("out: ", StringComparison.Ordinal)).Select(l => l["out: ".Length..])))!;

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
