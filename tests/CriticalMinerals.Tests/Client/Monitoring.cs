using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Client;

/// <summary>A log watched while it grows, and while its operator cheats with the real keys.</summary>
public sealed class Monitoring : IDisposable
{
    private readonly Folder _folder = new();
    private readonly World _world = World.Opened();
    private readonly Party _mine = Party.Of("did:web:mine.example");
    private readonly Stopped _clock = new();
    private readonly Door _door;
    private readonly List<string> _statements = [];
    private readonly List<(string From, Func<CancellationToken, Task<byte[]?>> Read)> _others = [];
    private NoteVerifier[] _witnesses = [];
    private TrustPolicy? _policy;

    public Monitoring()
    {
        _world.Admit(_world.Enrols(_mine, Role.Miner));
        _door = new Door(_world);
        Grow(5);
    }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IReadOnlyCollection<NoteVerifier> Keys => [_door.VerifierKey];

    public void Dispose()
    {
        _door.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_log_that_grows_as_it_must_gives_no_alarm_however_long_it_rests()
    {
        _others.Add(("a mirror", _ => Task.FromResult(Door.File(_world, "checkpoint"))));
        for (var round = 0; round < 4; round++)
        {
            var found = await Look(watched: _world.Log[2].Entry.Subject);
            Assert.Null(found.Alarm);
            Assert.Equal((ulong)_world.Log.Count, found.Report!.Size);
            Assert.Empty(found.NotLooked);
            _clock.Now += TimeSpan.FromDays(100);
            Grow(round * 100);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(300)]
    public async Task Two_histories_are_proved_to_anybody_by_what_the_log_signed(int lots)
    {
        await Sound();
        Fork(lots);
        var alarm = (await Look()).Alarm!;
        Assert.Equal(AlarmKind.Fork, alarm.Kind);
        Assert.Null(Verify(alarm.Evidence!, out var word));
        Assert.Null(word);

        // Looked at again, it is found again.
        Assert.Equal(AlarmKind.Fork, (await Look()).Alarm!.Kind);
    }

    [Fact]
    public async Task A_fork_is_no_proof_once_any_part_of_it_is_exchanged()
    {
        await Sound();
        var honest = Encoding.UTF8.GetString(Door.File(_world, "checkpoint")!);
        Fork(20);
        var evidence = (await Look()).Alarm!.Evidence!;
        Assert.Equal(Failure.SignatureInvalid, Changed(e => e["later"] = e["later"]!.GetValue<string>().Replace("\n22\n", "\n23\n", StringComparison.Ordinal)));
        Assert.Equal(Failure.LogForeign, Changed(e => e["origin"] = "other.example/log"));
        Assert.Equal(Failure.ContradictionAbsent, Changed(e => e["root"] = Checkpoint.Parse(string.Concat(honest.Split('\n')[..3].Select(l => l + "\n")), out _)!.Root.ToString()));
        Assert.Equal(Failure.ConsistencyUnproven, Changed(e => e["root"] = Digest.Zero.ToString()));
        Assert.Equal(Failure.ProofMalformed, Changed(e => e["proof"]!.AsArray().RemoveAt(0)));
        Assert.Equal(Failure.ContradictionAbsent, Changed(e => e["earlier"] = null));
        Assert.Equal(Failure.ContradictionAbsent, Changed(e => e["kind"] = "rollback"));
        Assert.Equal(Failure.ContradictionMalformed, Changed(e => e["more"] = 1));
        Assert.Equal(Failure.ContradictionMalformed, Changed(e => e["kind"] = "crime"));
        Assert.Equal(Failure.NoteUnsigned, evidence.Verify([new NoteVerifier(World.Origin, SigningKey.Generate().VerifyingKey)], out _)!.Failure);

        Failure Changed(Action<JsonObject> change)
        {
            var json = evidence.ToJson();
            change(json);
            return Contradiction.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), out var fault) is { } read ? read.Verify(Keys, out _)!.Failure : fault!.Failure;
        }
    }

    [Fact]
    public async Task What_was_shown_to_somebody_else_is_compared_as_soon_as_the_log_has_so_many_entries()
    {
        byte[]? shown = null;
        _others.Add(("a reader's file", _ => Task.FromResult(shown)));
        await Sound("there is none");
        var honest = _world.Log.ToList();
        Fork(8);
        shown = Door.File(_world, "checkpoint");
        _world.Log.Clear();
        _world.Log.AddRange(honest);
        await Sound();

        // The other place has gone; what it showed is remembered.
        shown = null;
        Grow(5);
        var alarm = (await Look()).Alarm!;
        Assert.Equal(AlarmKind.Fork, alarm.Kind);
        Assert.Null(Verify(alarm.Evidence!, out _));
    }

    [Fact]
    public async Task A_foreign_or_damaged_checkpoint_elsewhere_is_said_and_gives_no_alarm()
    {
        using var stranger = SigningKey.Generate();
        _others.Add(("a stranger", _ => Task.FromResult<byte[]?>(Encoding.UTF8.GetBytes(new Checkpoint(World.Origin, 3, Digest.Zero).Sign(stranger).ToString()))));
        _others.Add(("a broken host", _ => Task.FromResult<byte[]?>("nothing"u8.ToArray())));
        _others.Add(("a dead host", _ => throw new IOException("no route")));
        var round = await Look();
        Assert.Null(round.Alarm);
        Assert.Equal(3, round.NotLooked.Count);
    }

    [Fact]
    public async Task A_log_that_became_shorter_gives_alarm_with_both_checkpoints()
    {
        await Sound();
        _world.Log.RemoveAt(_world.Log.Count - 1);
        var alarm = (await Look()).Alarm!;
        Assert.Equal((AlarmKind.Rollback, "at least 7 entries", "6 entries"), (alarm.Kind, alarm.Expected, alarm.Found));
        Assert.Null(Verify(alarm.Evidence!, out var word));
        Assert.Contains("after the larger", word, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_signs_more_than_it_shows_has_so_long_and_no_longer()
    {
        await Sound();
        _door.Files["/checkpoint"] = Door.File(_world, "checkpoint")!;
        _clock.Now += TimeSpan.FromDays(1);
        await Sound();

        // It owes from here on, not since it last grew.
        Grow(3);
        await Sound();
        _clock.Now += TimeSpan.FromMinutes(9);
        await Sound();
        _clock.Now += TimeSpan.FromMinutes(1);
        var alarm = (await Look()).Alarm!;
        Assert.Equal((AlarmKind.Stall, "10 entries, which the log signed that it has"), (alarm.Kind, alarm.Expected));
        Assert.Null(Verify(alarm.Evidence!, out var word));
        Assert.Contains("for how long", word, StringComparison.Ordinal);

        _door.Files.Clear();
        await Sound();
    }

    [Fact]
    public async Task A_log_that_shows_others_more_has_so_long_to_show_it_here()
    {
        await Sound();
        _door.Files["/checkpoint"] = Door.File(_world, "checkpoint")!;
        _door.ShowsHeads = false;
        Grow(3);
        var more = Door.File(_world, "checkpoint");
        _others.Add(("another node", _ => Task.FromResult(more)));
        Assert.Null((await Look()).Alarm);
        _clock.Now += TimeSpan.FromMinutes(10);
        var alarm = (await Look()).Alarm!;
        Assert.Equal(AlarmKind.Stall, alarm.Kind);
        Assert.Null(Verify(alarm.Evidence!, out _));
    }

    [Fact]
    public async Task Witnesses_whose_signatures_grow_old_give_alarm()
    {
        using var key = SigningKey.Generate();
        _witnesses = [new NoteVerifier("witness.example/1", key.VerifyingKey, NoteSignatureType.CosignatureV1)];
        Cosign();
        await Sound();
        _clock.Now += TimeSpan.FromMinutes(9);
        await Sound();
        Cosign();
        _clock.Now += TimeSpan.FromMinutes(9);
        await Sound();

        // It goes on without its witness.
        _door.Files.Clear();
        Grow(1);
        _clock.Now += TimeSpan.FromMinutes(1);
        var alarm = (await Look()).Alarm!;
        Assert.Equal(AlarmKind.Stall, alarm.Kind);
        Assert.Contains("witness.example/1", alarm.Expected, StringComparison.Ordinal);

        void Cosign()
        {
            var note = SignedNote.Parse(Door.File(_world, "checkpoint"), out _)!;
            _door.Files["/checkpoint"] = Encoding.UTF8.GetBytes(note.With(NoteSignature.Cosign(note.Text, "witness.example/1", key, (ulong)_clock.Now.ToUnixTimeSeconds())).ToString());
        }
    }

    [Fact]
    public async Task A_quorum_that_no_longer_cosigns_gives_alarm_although_one_of_its_witnesses_does()
    {
        using var one = SigningKey.Generate();
        using var two = SigningKey.Generate();
        SigningKey[] keys = [one, two];
        var witnesses = keys.Select((key, i) => new NoteVerifier($"witness.example/{i}", key.VerifyingKey, NoteSignatureType.CosignatureV1)).ToArray();
        _policy = TrustPolicy.Parse($"log {_door.VerifierKey}\nwitness w0 {witnesses[0]}\nwitness w1 {witnesses[1]}\ngroup both all w0 w1\nquorum both\n", out _)!;
        Cosign(0, 1);
        await Sound();
        _clock.Now += TimeSpan.FromMinutes(9);
        Cosign(0);
        await Sound("1 of 2 known witnesses cosigned the checkpoint");
        _clock.Now += TimeSpan.FromMinutes(1);
        Cosign(0);
        var alarm = (await Look()).Alarm!;
        Assert.Equal(AlarmKind.Stall, alarm.Kind);
        Assert.StartsWith("cosignatures by a quorum of witness.example/0, witness.example/1 since", alarm.Expected, StringComparison.Ordinal);
        Cosign(0, 1);
        Assert.Empty((await Look()).NotLooked);

        void Cosign(params int[] by)
        {
            var note = SignedNote.Parse(Door.File(_world, "checkpoint"), out _)!;
            _door.Files["/checkpoint"] = Encoding.UTF8.GetBytes(by.Aggregate(note, (signed, i) => signed.With(NoteSignature.Cosign(note.Text, witnesses[i].Name, keys[i], (ulong)_clock.Now.ToUnixTimeSeconds()))).ToString());
        }
    }

    [Fact]
    public async Task A_statement_that_hides_the_newest_entry_is_contradicted_by_that_entry()
    {
        var (lot, _) = Traded();
        State(lot.Entry, 0, lot.Entry.LeafHash, _world.Log.Count);
        var alarm = (await Look()).Alarm!;
        Assert.Equal(AlarmKind.Omission, alarm.Kind);
        Assert.Equal(1, alarm.Evidence!.Entry!.Entry.Sequence);
        Assert.Null(Verify(alarm.Evidence, out var word));
        Assert.Null(word);
    }

    [Fact]
    public async Task A_statement_stays_true_of_its_size_when_the_chain_goes_on()
    {
        var (lot, given) = Traded();
        State(lot.Entry, 0, lot.Entry.LeafHash, _world.Log.Count - 1);
        State(lot.Entry, 1, given.Entry.LeafHash, _world.Log.Count);
        await Sound();
    }

    [Fact]
    public async Task A_statement_of_another_entry_or_of_none_is_contradicted_by_what_stands_there()
    {
        var (lot, given) = Traded();
        foreach (var (sequence, hash, size, stands) in ((long, Digest, int, long?)[])
        [
            (0, Digest.OfLeaf("another"u8), _world.Log.Count - 1, 0),
            (1, Digest.OfLeaf("another"u8), _world.Log.Count, 1),
            (2, Digest.OfLeaf("lost"u8), _world.Log.Count, null),
            (2, given.Entry.LeafHash, _world.Log.Count, 1),
            (1, given.Entry.LeafHash, _world.Log.Count - 1, 1),
        ])
        {
            _statements.Clear();
            State(lot.Entry, sequence, hash, size);
            var alarm = (await Look()).Alarm!;
            Assert.Equal(AlarmKind.Omission, alarm.Kind);
            Assert.Equal(stands, alarm.Evidence!.Entry?.Entry.Sequence);
            Assert.Null(Verify(alarm.Evidence, out var word));
            Assert.Equal(stands is null, word is not null);
        }
    }

    [Fact]
    public async Task A_statement_under_a_head_key_that_had_ended_or_under_no_head_key_accuses_nobody()
    {
        var (lot, _) = Traded();
        using var stranger = SigningKey.Generate();
        _statements.Add(Statement(stranger, _world.Head.KeyId, lot.Entry, 0, lot.Entry.LeafHash, _world.Log.Count));
        _statements.Add(Statement(_world.LogKey.Key, _world.LogKey.KeyId, lot.Entry, 0, lot.Entry.LeafHash, _world.Log.Count));
        _statements.Add("no statement");
        Assert.Equal((null, 3), ((await Look()).Alarm, (await Look()).NotLooked.Count));
    }

    [Fact]
    public async Task An_omission_is_no_proof_once_any_part_of_it_is_exchanged()
    {
        var (lot, _) = Traded();
        State(lot.Entry, 0, lot.Entry.LeafHash, _world.Log.Count);
        var evidence = (await Look()).Alarm!.Evidence!;
        State(lot.Entry, 0, lot.Entry.LeafHash, _world.Log.Count - 1);
        var harmless = evidence with { Statement = HeadStatement.Parse(_statements[^1], out _) };
        using var stranger = SigningKey.Generate();
        var forged = evidence with { Statement = HeadStatement.Parse(Statement(stranger, _world.Head.KeyId, lot.Entry, 0, lot.Entry.LeafHash, _world.Log.Count), out _) };
        Assert.Equal(Failure.ContradictionAbsent, harmless.Verify(Keys, out _)!.Failure);
        Assert.Equal(Failure.SignatureInvalid, forged.Verify(Keys, out _)!.Failure);
        Assert.Equal(Failure.SignatureInvalid, (evidence with { LogChain = [] }).Verify(Keys, out _)!.Failure);
        Assert.Equal(Failure.InclusionUnproven, (evidence with { Entry = evidence.Entry! with { Path = [Digest.Zero, .. evidence.Entry.Path.Skip(1)] } }).Verify(Keys, out _)!.Failure);
        Assert.Equal(Failure.InclusionUnproven, (evidence with { LogChain = [evidence.LogChain[0] with { Index = 1 }] }).Verify(Keys, out _)!.Failure);
        Assert.Equal(Failure.ContradictionAbsent, (evidence with { LogChain = [evidence.Entry!] }).Verify(Keys, out _)!.Failure);
    }

    [Fact]
    public async Task A_log_that_an_audit_rejects_gives_alarm_and_so_does_a_checkpoint_by_another_key()
    {
        await Sound();
        _world.Log.Add(_world.Extracts(Party.Of("did:web:stranger.example"), World.Uuid(), "5"));
        var alarm = (await Look()).Alarm!;
        Assert.Equal(AlarmKind.Unsound, alarm.Kind);
        Assert.StartsWith("Entry 7: ", alarm.Detail, StringComparison.Ordinal);

        using var stranger = SigningKey.Generate();
        _door.Files["/checkpoint"] = Encoding.UTF8.GetBytes(Checkpoint.Parse(string.Concat(Encoding.UTF8.GetString(Door.File(_world, "checkpoint")!).Split('\n')[..3].Select(l => l + "\n")), out _)!.Sign(stranger).ToString());
        Assert.Equal(AlarmKind.Unsound, (await Look()).Alarm!.Kind);
    }

    [Fact]
    public async Task A_log_may_be_silent_for_a_while_and_not_for_long()
    {
        var mirror = _folder["mirror"];
        Directory.CreateDirectory(mirror);
        var monitor = new LogMonitor(LogFiles.In(mirror)) { Policy = new TrustPolicy(Keys), StateFile = _folder["state"], Clock = _clock };
        Assert.True((await Assert.ThrowsAsync<LedgerApiException>(() => monitor.LookAsync(Now))).IsUnreachable);

        var size = (ulong)_world.Log.Count;
        foreach (var path in Tile.AllOf(size).SelectMany(t => t.Level == 0 ? (string[])[t.Path, t.EntriesPath] : [t.Path]).Append("checkpoint"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(mirror, path))!);
            await File.WriteAllBytesAsync(Path.Combine(mirror, path), Door.File(_world, path)!, Now);
        }

        Assert.Null((await monitor.LookAsync(Now)).Alarm);
        Directory.Delete(mirror, recursive: true);
        _clock.Now += TimeSpan.FromMinutes(4);
        var round = await monitor.LookAsync(Now);
        Assert.Equal((null, null), (round.Alarm, round.Report));
        _clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(AlarmKind.Unreachable, (await monitor.LookAsync(Now)).Alarm!.Kind);
    }

    [Fact]
    public async Task A_memory_that_was_altered_is_not_believed()
    {
        await Sound();
        var text = await File.ReadAllTextAsync(_folder["state.monitor"], Now);
        await File.WriteAllTextAsync(_folder["state.monitor"], text.Replace("\\n7\\n", "\\n6\\n", StringComparison.Ordinal), Now);
        await Assert.ThrowsAsync<InvalidDataException>(() => Look());
    }

    private Task<MonitorRound> Look(string? watched = null) => new LogMonitor(LogFiles.At(_door.Api()), _door.Api())
    {
        Policy = _policy ?? new TrustPolicy([.. Keys, .. _witnesses]),
        StateFile = _folder["state"],
        Clock = _clock,
        Watched = watched is null ? [] : [watched],
        Statements = () => [.. _statements.Select(text => ("a reader", text))],
        Others = _others,
    }.LookAsync(Now);

    private async Task Sound(string? notLooked = null)
    {
        var round = await Look();
        Assert.True(round.Alarm is null, round.Alarm?.ToString());
        Assert.All(round.NotLooked, what => Assert.Contains(notLooked ?? "there is none", what, StringComparison.Ordinal));
    }

    private Fault? Verify(Contradiction evidence, out string? word) => Contradiction.Parse(evidence.ToUtf8(), out var fault) is { } read ? read.Verify(Keys, out word) : throw new InvalidOperationException(fault!.ToString());

    private void Grow(int lots) => Enumerable.Range(0, lots).ToList().ForEach(_ => _world.Admit(_world.Extracts(_mine, World.Uuid(), "1")));

    // A lot, and what it gave; then something else.
    private (SignedEntry Lot, SignedEntry Given) Traded()
    {
        var lot = _world.Admit(_world.Extracts(_mine, World.Uuid(), "10"));
        Grow(2);
        return (lot, _world.Admit(_world.Allocates(_mine, lot.Entry.Subject, new Line(World.Uuid(), _mine, "4"))));
    }

    // The same keys, the same beginning, other entries.
    private void Fork(int lots)
    {
        var fork = new World { Authority = _world.Authority };
        _world.Log.Take(2).ToList().ForEach(e => fork.Admit(e));
        Enumerable.Range(0, lots).ToList().ForEach(_ => fork.Admit(fork.Extracts(_mine, World.Uuid(), "1")));
        _world.Log.Clear();
        _world.Log.AddRange(fork.Log);
    }

    private void State(Entry chain, long sequence, Digest head, int size) => _statements.Add(Statement(_world.Head.Key, _world.Head.KeyId, chain, sequence, head, size));

    private static string Statement(SigningKey key, string keyId, Entry chain, long sequence, Digest head, int size) =>
        HeadStatement.Sign(key, keyId, World.Origin, chain.Subject, sequence, head, size, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddMinutes(5)).Text;

    private sealed class Stopped : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
