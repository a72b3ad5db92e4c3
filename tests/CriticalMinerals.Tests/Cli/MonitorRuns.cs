using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Cli;

/// <summary>Whole runs of <c>cml monitor</c>: what a person reads, what a webhook is told, and what others do with the evidence.</summary>
public sealed class MonitorRuns : IDisposable
{
    private readonly Session _session = new();
    private readonly Party _mine = Party.Of("did:web:mine.example");

    public MonitorRuns()
    {
        _session.World.Admit(_session.World.Enrols(_mine, Role.Miner));
        Grow(_session.World, 4);
    }

    private string Vkey => _session.Door.VerifierKey.ToString();

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task A_sound_log_ends_well_after_one_look()
    {
        Assert.Equal("exit 0\nout: verified: ledger.example.com/log/2026, size 6, root <43>", await Monitor());
        Grow(_session.World, 1);
        Assert.Equal("exit 0\nout: verified: ledger.example.com/log/2026, size 7, root <43>", await Monitor());
        Assert.Empty(_session.Door.Told);
    }

    [Fact]
    public async Task A_fork_tells_the_webhook_and_leaves_a_file_that_anybody_verifies()
    {
        await Monitor();
        var fork = new World { Authority = _session.World.Authority };
        _session.World.Log.Take(2).ToList().ForEach(e => fork.Admit(e));
        Grow(fork, 5);
        _session.World.Log.Clear();
        _session.World.Log.AddRange(fork.Log);

        var text = await Monitor("--webhook", "http://ledger.test/hook");
        Assert.StartsWith("exit 1\nout: ALARM fork: ledger.example.com/log/2026\n", text, StringComparison.Ordinal);
        Assert.EndsWith("err: told: http://ledger.test/hook", text, StringComparison.Ordinal);
        var told = JsonDocument.Parse(Assert.Single(_session.Door.Told)).RootElement;
        Assert.Equal(("fork", "ledger.example.com/log/2026"), (told.GetProperty("kind").GetString(), told.GetProperty("origin").GetString()));

        var file = Assert.Single(Directory.GetFiles(_session.Folder.Path, "fork-*.json"));
        Assert.Equal(
            JsonSerializer.Serialize(JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).RootElement),
            JsonSerializer.Serialize(told.GetProperty("evidence")));
        Assert.Equal(
            """
            exit 0
            out: verified: fork of ledger.example.com/log/2026.
            out: expected: root <43> of the first 6 entries, as signed before
            out: found: root <43>
            err: Checked: what contradicts each other is signed by the keys of the log, and the proofs tie it together.
            err: Nothing rests on the word of whoever made this file.
            """.ReplaceLineEndings("\n"),
            await _session.Run("verify", file, "--vkey", Vkey));
        var other = await _session.Run("verify", file, "--vkey", new Session().Door.VerifierKey.ToString());
        Assert.StartsWith("exit 1\nerr: cml: note-unsigned", other, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_statement_that_a_reader_kept_and_a_checkpoint_that_somebody_else_has_are_looked_at()
    {
        var lot = _session.World.Log[^1].Entry;
        await File.WriteAllTextAsync(_session.Folder["kept.jwt"], (await _session.Door.Api().GetHeadAsync(lot.Subject, TestContext.Current.CancellationToken)).Text + "\n", TestContext.Current.CancellationToken);
        Assert.StartsWith("exit 0\n", await Monitor("--heads", _session.Folder["kept.jwt"], "--compare", "http://ledger.test/checkpoint", "--watch", lot.Subject), StringComparison.Ordinal);
        var shorter = _session.World.Log.ToList();
        _session.World.Log.RemoveAt(5);
        Assert.StartsWith("exit 1\nout: ALARM rollback", await Monitor(), StringComparison.Ordinal);
        _session.World.Log.Add(shorter[5]);
        Assert.StartsWith("exit 0\n", await Monitor(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_witness_of_the_policy_that_saw_another_history_gives_alarm_and_one_that_saw_none_does_not()
    {
        using var key = SigningKey.Generate();
        var witness = new NoteVerifier("witness.example/w1", key.VerifyingKey, NoteSignatureType.CosignatureV1);
        _session.Write("policy", $"log {Vkey}\nwitness w1 {witness} http://ledger.test/w1/\nquorum none\n");
        Assert.StartsWith("exit 0\n", await Monitor("--policy", _session.Folder["policy"]), StringComparison.Ordinal);

        var fork = new World { Authority = _session.World.Authority };
        _session.World.Log.Take(2).ToList().ForEach(e => fork.Admit(e));
        Grow(fork, 3);
        var root = MerkleTree.Root([.. fork.Log.Select(e => e.Entry.LeafHash)]);
        var note = new Checkpoint(World.Origin, (ulong)fork.Log.Count, root).Sign(_session.World.LogKey.Key);
        _session.Door.Files[$"/w1/{Witness.HashOf(World.Origin)}/checkpoint"] = System.Text.Encoding.UTF8.GetBytes(note.With(NoteSignature.Cosign(note.Text, witness.Name, key, 1)).ToString());

        var text = await Monitor("--policy", _session.Folder["policy"]);
        Assert.StartsWith("exit 1\nout: ALARM fork: ", text, StringComparison.Ordinal);
        Assert.Contains("The other was shown by witness w1.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--every", "soon")]
    [InlineData("--stall", "0s")]
    [InlineData("--webhook", "ftp://somewhere")]
    [InlineData("--heads", "/nowhere")]
    public async Task What_cannot_be_meant_is_usage(string option, string value) => Assert.StartsWith("exit 2\n", await Monitor(option, value), StringComparison.Ordinal);

    private Task<string> Monitor(params string[] more) => _session.Run(["monitor", "http://ledger.test/", .. more.Contains("--policy") ? Array.Empty<string>() : ["--vkey", Vkey], "--state", _session.Folder["state"], "--once", .. more]);

    private void Grow(World world, int lots) => Enumerable.Range(0, lots).ToList().ForEach(_ => world.Admit(world.Extracts(_mine, World.Uuid(), "1")));
}
