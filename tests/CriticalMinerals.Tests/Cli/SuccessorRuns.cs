using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Cli;

/// <summary>A log that goes on from another, opened and audited by <c>cml</c>.</summary>
public sealed class SuccessorRuns : IDisposable
{
    private const string Next = "ledger.example.com/log/2027";

    private readonly Session _session = new();
    private readonly Folder _folder;

    public SuccessorRuns() => _folder = _session.Folder;

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task A_log_is_opened_after_another_as_that_one_s_checkpoint_stands()
    {
        await _session.EnrolMineAsync();
        var key = _session.Door.VerifierKey.ToString();
        var said = await Run("log", "open", "--origin", Next, "--after", Door.Address, "--after-vkey", key, "--out", _folder["next"]);
        Assert.StartsWith("exit 0\nout: ledger.example.com/log/2027+<id>+<key>\nerr: It goes on from ledger.example.com/log/2026, size 2, root <43>.\n", said, StringComparison.Ordinal);
        Assert.Contains("the key that signed this was taken from that log itself", await Run("log", "open", "--origin", Next, "--after", Door.Address, "--out", _folder["next"]), StringComparison.Ordinal);

        // What was signed stays, whatever the old log does.
        await _session.Run("key", "new", "--operator", "did:web:other.example", "--name", "k1", "--out", _folder["other.pem"], "--request", _folder["other.json"], "--url", Door.Address);
        await _session.Run("enrol", _folder["other.json"], "--name", "Other", "--role", "miner", "--authority", _folder["authority.pem"], "--kid", _session.World.Authority.KeyId, "--url", Door.Address, "--vkey", key);
        var moved = await Run("log", "open", "--origin", Next, "--after", Door.Address, "--after-vkey", key, "--out", _folder["next"]);
        Assert.StartsWith("exit 2\n", moved, StringComparison.Ordinal);
        Assert.Contains("goes on from ledger.example.com/log/2026, size 2, root <43>, and http", moved, StringComparison.Ordinal);

        _session.World.Log.RemoveAt(2);
        var text = (await File.ReadAllTextAsync(_folder["next/log-opened.sd-jwt"], TestContext.Current.CancellationToken)).Trim();
        var replay = new LedgerReplay(World.Origin);
        _session.World.Log.ForEach(entry => Assert.Null(replay.Add(entry.Entry.Leaf)));
        Assert.Null(replay.Succeed(Next).Add(SignedEntry.Parse(Encoding.ASCII.GetBytes(text), out _)!.Entry.Leaf));
    }

    [Fact]
    public async Task An_audit_without_the_predecessor_is_no_verdict_and_with_it_one_on_both()
    {
        await _session.EnrolMineAsync();
        using var old = new Folder();
        using var next = new Folder();
        old.Publish(_session.World);
        var world = World.After(_session.World);
        world.Admit(world.Opening());
        next.Publish(world);
        var (key, before) = (new NoteVerifier(Next, world.LogKey.Key.VerifyingKey).ToString(), _session.Door.VerifierKey.ToString());

        var alone = await Run("audit", next.Path, "--vkey", key);
        Assert.StartsWith("exit 2\nout: NOT VERIFIED, predecessor missing: ledger.example.com/log/2027, size 1, root <43>\n", alone, StringComparison.Ordinal);
        Assert.Contains("out: predecessor-missing (predecessor-missing): entry 0: This log goes on from ledger.example.com/log/2026, size 2", alone, StringComparison.Ordinal);
        Assert.Equal("predecessor-missing", Session.JsonOf(await Run("audit", next.Path, "--vkey", key, "--json"))["rejection"]!["code"]!.GetValue<string>());

        var both = await Run("audit", next.Path, "--vkey", key, "--predecessor", old.Path, "--predecessor-vkey", before);
        Assert.StartsWith("exit 0\nout: verified: ledger.example.com/log/2027, size 1, root <43>\n", both, StringComparison.Ordinal);
        Assert.Contains("out: checked: the predecessor ledger.example.com/log/2026, size 2, root <43>, as this log's opening names it: every entry and every rule, as in an audit of its own", both, StringComparison.Ordinal);
        Assert.StartsWith("exit 0\nout: verified: ", await Run("audit", next.Path, "--vkey", key, "--predecessor", Door.Address), StringComparison.Ordinal);
        Assert.StartsWith("exit 0\nout: verified: ", await Run("monitor", next.Path, "--vkey", key, "--state", next["state"], "--once", "--predecessor", old.Path, "--predecessor-vkey", before), StringComparison.Ordinal);

        Assert.Equal("exit 2\nerr: cml: usage: --predecessor-vkey says who signed a predecessor: give --predecessor.", await Run("audit", next.Path, "--predecessor-vkey", before));
        Assert.Equal("exit 2\nerr: cml: usage: --after-vkey says who signed the log that ended: give --after.", await Run("log", "open", "--origin", Next, "--out", next["keys"], "--after-vkey", before));
    }

    [Fact]
    public async Task A_chain_in_both_logs_leaves_a_file_that_anybody_checks_with_the_keys_of_both()
    {
        var (session, mine) = (_session.World, Party.Of("did:web:mine.example"));
        session.Admit(session.Enrols(mine, Role.Miner));
        session.Admit(session.Extracts(mine, World.Uuid(), "1"));
        var line = new Line(World.Uuid(), mine, "1");
        var there = session.Allocates(mine, session.Log[2].Entry.Subject, line);
        var world = World.After(session);
        world.Admit(world.Opening());
        world.Admit(world.Allocates(mine, session.Log[2].Entry.Subject, line));
        session.Log.Add(there);
        using var old = new Folder();
        using var next = new Folder();
        old.Publish(session);
        next.Publish(world);
        var (key, before) = (new NoteVerifier(Next, world.LogKey.Key.VerifyingKey).ToString(), _session.Door.VerifierKey.ToString());
        _session.Write("keys", $"{before}\n{key}\n");

        string[] audit = ["audit", next.Path, "--vkey", key, "--predecessor", old.Path, "--predecessor-vkey", before];
        Assert.Contains("\nout: To keep what proves it to anybody, give --evidence <folder>.", await Run(audit), StringComparison.Ordinal);
        var said = await Run([.. audit, "--evidence", _folder["evidence"]]);
        Assert.StartsWith("exit 1\nout: REJECTED: ledger.example.com/log/2027, size 2, root <43>\n", said, StringComparison.Ordinal);
        var file = Assert.Single(Directory.GetFiles(_folder["evidence"]));
        Assert.Contains($"\nout: evidence: {file.Replace(_folder.Path, "<folder>", StringComparison.Ordinal)}; anybody checks it with cml verify and the verifier keys of both logs", said, StringComparison.Ordinal);

        Assert.Equal(
            $"""
            exit 0
            out: verified: chain of ledger.example.com/log/2026.
            out: expected: no entry of the chain in ledger.example.com/log/2026 from index 3 on
            out: found: entry 1 of {there.Entry.Subject} at index 3 there and at index 1 of ledger.example.com/log/2027
            err: Checked: what contradicts each other is signed by the keys of both logs, and the proofs tie it together.
            err: Nothing rests on the word of whoever made this file.
            """,
            await Run("verify", file, "--vkey", _folder["keys"]));
        Assert.StartsWith("exit 1\nerr: cml: note-unsigned: ", await Run("verify", file, "--vkey", before), StringComparison.Ordinal);

        Directory.CreateDirectory(_folder["state"]);
        var watched = await Run("monitor", next.Path, "--vkey", key, "--state", _folder["state/monitor"], "--once", "--predecessor", old.Path, "--predecessor-vkey", before);
        Assert.StartsWith("exit 1\nout: ALARM chain: ledger.example.com/log/2027\n", watched, StringComparison.Ordinal);
        Assert.StartsWith("exit 0\nout: verified: chain of", await Run("verify", Assert.Single(Directory.GetFiles(_folder["state"], "chain-*.json")), "--vkey", _folder["keys"]), StringComparison.Ordinal);
    }

    private Task<string> Run(params string[] args) => _session.Run(args);
}
