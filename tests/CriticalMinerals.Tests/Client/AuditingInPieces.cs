using System.Text;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Lifecycle;
using CsCheck;

namespace CriticalMinerals.Tests.Client;

/// <summary>Audits that are killed, or go on another day when the log has grown: what they say in the end is what one audit in one go says.</summary>
public sealed class AuditingInPieces : IDisposable
{
    private readonly Folder _folder = new();
    private readonly World _world = World.Opened();
    private readonly Party _mine = Party.Of("did:web:mine.example");

    public AuditingInPieces() => _world.Admit(_world.Enrols(_mine, Role.Miner));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private NoteVerifier Key => new(World.Origin, _world.LogKey.Key.VerifyingKey);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_audit_in_any_pieces_says_in_the_end_what_one_in_one_go_says()
    {
        Trade(330);
        Publish(_world.Log.Count);
        var whole = await Audit(state: null);
        await Gen.Int[1, _world.Log.Count].Array[1, 5].SampleAsync(
            async sizes =>
            {
                File.Delete(_folder["state"]);
                foreach (var size in sizes.Order().Append(_world.Log.Count))
                {
                    Publish(size);
                    var report = await Audit("state");
                    Assert.Equal((null, (ulong)size), (report.Rejection, report.Entries));
                }

                var last = await Audit("state");
                Assert.Equal(last.Size, last.EntriesTakenOver);
                Assert.Equal(Said(whole), Said(last));
            },
            iter: 12,
            threads: 1);
    }

    [Fact]
    public async Task An_altered_entry_is_named_alike_whether_the_audit_came_in_one_go_or_in_pieces()
    {
        Trade(300);
        var size = _world.Log.Count;
        await Gen.Select(Gen.Int[0, size - 1], Gen.Int[0, size], Gen.Bool).SampleAsync(
            async (wrong, stop, isReplaced) =>
            {
                // Either bytes that the tile beside them does not fit, or an entry that must not be there and all hashes as if it might.
                var sound = _world.Log[wrong];
                _world.Log[wrong] = isReplaced ? _world.Extracts(Party.Of("did:web:stranger.example"), World.Uuid(), "5") : sound;
                Publish(size);
                if (!isReplaced)
                {
                    Alter(wrong);
                }

                var whole = (await Audit(state: null)).Rejection!;
                File.Delete(_folder["state"]);
                Rejection? pieces = null;
                foreach (var part in (int[])[Math.Min(stop, wrong), size])
                {
                    Publish(part);
                    if (!isReplaced && wrong < part)
                    {
                        Alter(wrong);
                    }

                    pieces ??= (await Audit("state")).Rejection;
                }

                _world.Log[wrong] = sound;
                Assert.Equal((whole.Index, whole.Failure, whole.Rule, whole.Subject, whole.Sequence), (pieces!.Index, pieces.Failure, pieces.Rule, pieces.Subject, pieces.Sequence));
                Assert.Equal(((ulong)wrong, whole.Expected, whole.Found), (pieces.Index!.Value, pieces.Expected, pieces.Found));
            },
            iter: 16,
            threads: 1);
    }

    [Fact]
    public async Task An_audit_that_was_killed_goes_on_where_it_was_last_saved()
    {
        Trade(900);
        Publish(_world.Log.Count);
        var first = new Auditor(LogFiles.In(_folder.Path)) { Keys = [Key], StateFile = _folder["state"], SaveEvery = 256, Progress = new Stop(at: 512) };
        await Assert.ThrowsAsync<InvalidOperationException>(() => first.AuditAsync(Now));

        var report = await Audit("state");
        Assert.Null(report.Rejection);
        Assert.Equal((256UL, (ulong)_world.Log.Count), (report.EntriesTakenOver, report.Entries));
        Assert.Contains(report.TakenOver, t => t.Contains("entries 0 to 255", StringComparison.Ordinal));
        Assert.Contains(report.Checked, c => c.StartsWith("every entry from 256 on", StringComparison.Ordinal));
        Assert.Equal(Said(await Audit(state: null)), Said(report));
    }

    [Fact]
    public async Task What_is_not_new_is_not_read_again_unless_all_is_asked_for()
    {
        Trade(300);
        Publish(_world.Log.Count);
        await Audit("state");
        Alter(3);
        var report = await Audit("state");
        Assert.True(report.IsVerified);
        Assert.Contains(report.Checked, c => c.Contains("nothing is new", StringComparison.Ordinal));

        var full = await Audit("state", full: true);
        Assert.Equal((3UL, 0UL), (full.Rejection!.Index!.Value, full.EntriesTakenOver));
        Assert.True((await Audit("state")).IsVerified);
    }

    [Fact]
    public async Task A_history_rewritten_before_the_last_audit_is_proved_though_only_what_is_new_is_read()
    {
        Trade(600);
        Publish(_world.Log.Count);
        await Audit("state");
        var first = AuditMemory.Read(_folder["state"])!;
        var fork = new World { Authority = _world.Authority };
        _world.Log.Take(2).ToList().ForEach(e => fork.Admit(e));
        while (fork.Log.Count < 700)
        {
            fork.Admit(fork.Extracts(_mine, World.Uuid(), "1"));
        }

        _world.Log.Clear();
        _world.Log.AddRange(fork.Log);
        Publish(700);
        var report = await Audit("state");
        Assert.Equal((Failure.ConsistencyUnproven, first.Note.ToString()), (report.Rejection!.Failure, report.Contradicted));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(1000)]
    [InlineData(-40)]
    [InlineData(-1)]
    public async Task A_damaged_state_file_is_refused_with_what_to_do(int at)
    {
        Trade(20);
        Publish(_world.Log.Count);
        await Audit("state");
        var bytes = await File.ReadAllBytesAsync(_folder["state"], Now);
        bytes[at < 0 ? bytes.Length + at : at] ^= 1;
        await File.WriteAllBytesAsync(_folder["state"], bytes, Now);
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => Audit("state"));
        Assert.Contains("Delete it, and the next audit begins at entry 0", refused.Message, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(_folder["state"], bytes[..(bytes.Length / 2)], Now);
        await Assert.ThrowsAsync<InvalidDataException>(() => Audit("state"));
        await File.WriteAllBytesAsync(_folder["state"], [], Now);
        await Assert.ThrowsAsync<InvalidDataException>(() => Audit("state"));
    }

    [Fact]
    public async Task An_erasure_is_held_against_the_entry_that_it_names_however_far_back_and_in_whatever_pieces()
    {
        var battery = _world.ABatteryOnTheMarket().Entry.Subject;
        var used = _world.Admit(_world.Says(_world.Maker(), "put-into-service.v1", battery, new System.Text.Json.Nodes.JsonObject { ["user"] = "Maria Muster" }));
        Trade(300);
        _world.State.TakeChanges();

        // The door has let it through: without the entry at hand the rule is passed over.
        var foreign = Digest.Sha256("none of them"u8).ToString();
        var erased = _world.Admit(_world.Says(_world.Maker(), "erased.v1", battery, new System.Text.Json.Nodes.JsonObject { ["digests"] = new System.Text.Json.Nodes.JsonArray(foreign) }, refs: [used]));
        var index = (ulong)_world.Log.IndexOf(erased);
        foreach (var stop in (int[])[0, 40, 270, _world.Log.Count - 1])
        {
            File.Delete(_folder["state"]);
            Publish(stop);
            if (stop > 0)
            {
                Assert.True((await Audit("state")).IsVerified);
            }

            Publish(_world.Log.Count);
            var rejection = (await Audit("state")).Rejection!;
            Assert.Equal((index, "data-invalid"), (rejection.Index!.Value, rejection.Rule));
        }
    }

    // What a report says of the log, however it came about.
    private static string Said(AuditReport report) => string.Join(
        '\n',
        [
            $"{report.Origin} {report.Size} {report.Root} {report.Entries} {report.Disputed} {report.WithheldQuantities} {report.Rejection}",
            .. report.Chains.OrderBy(c => c.Key).Select(c => $"{c}"),
            .. report.NotChecked.Where(n => n.Contains("withheld", StringComparison.Ordinal)),
        ]);

    private Task<AuditReport> Audit(string? state, bool full = false) =>
        new Auditor(LogFiles.In(_folder.Path)) { Keys = [Key], StateFile = state is null ? null : _folder[state], Full = full, SaveEvery = 1 }.AuditAsync(Now);

    // Lots, lines given, taken, taken back, corrections: all that a replay keeps.
    private void Trade(int entries)
    {
        var refiner = Party.Of("did:web:refiner.example");
        _world.Admit(_world.Enrols(refiner, Role.Refiner));
        _world.Admit(_world.Delegates(_mine, refiner, ["lot-extracted.v1"]));
        var end = _world.Log.Count + entries;
        for (var i = 0; _world.Log.Count < end; i++)
        {
            var lot = _world.Admit(_world.Extracts(_mine, World.Uuid(), "10"));
            var line = new Line(World.Uuid(), refiner, "4");
            var giving = _world.Admit(_world.Allocates(_mine, lot.Entry.Subject, line, new Line(World.Uuid(), _mine, "6")));
            _world.Admit(i % 3 == 0 ? _world.Withdraws(_mine, giving, 1) : _world.Refines(refiner, line.Subject, "3", World.Take(giving, 0, line)));
        }
    }

    private void Alter(int index)
    {
        var file = Directory.EnumerateFiles(_folder["tile/entries"], "*", SearchOption.AllDirectories)
            .Single(f => Tile.TryParseEntries(Path.GetRelativePath(_folder.Path, f), out var tile) && tile.Index == (ulong)index / Tile.FullWidth);
        var bytes = File.ReadAllBytes(file);
        var at = 0;
        for (var i = 0; i < index % Tile.FullWidth; i++)
        {
            at += 2 + (bytes[at] << 8) + bytes[at + 1];
        }

        // The last character of the signature.
        at += 1 + (bytes[at] << 8) + bytes[at + 1];
        bytes[at] = (byte)(bytes[at] == 'A' ? 'Q' : 'A');
        File.WriteAllBytes(file, bytes);
    }

    private void Publish(int size)
    {
        if (Directory.Exists(_folder["tile"]))
        {
            Directory.Delete(_folder["tile"], recursive: true);
        }

        Exporting.Publish(_world, size, _folder.Path);
    }

    private sealed class Stop(ulong at) : IProgress<AuditProgress>
    {
        public void Report(AuditProgress value)
        {
            if (value.Done >= at)
            {
                throw new InvalidOperationException("Killed.");
            }
        }
    }
}
