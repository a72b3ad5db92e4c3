using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Client;

/// <summary>Audits of a log that goes on from an ended one, over the folders of both.</summary>
public sealed class AuditingSuccessors : IDisposable
{
    private readonly Folder _old = new();
    private readonly Folder _new = new();
    private readonly World _ended = World.Opened();
    private readonly Party _mine = Party.Of("did:web:mine.example");

    public AuditingSuccessors() => _ended.Admit(_ended.Enrols(_mine, Role.Miner));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _old.Dispose();
        _new.Dispose();
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(254, 1)]
    [InlineData(300, 300)]
    public async Task A_successor_is_verified_with_its_predecessor(int before, int after)
    {
        var world = Succeed(before, after);
        var report = await Audit(world, Old());

        Assert.Null(report.Rejection);
        Assert.Equal(((ulong)after + 1, before + after), (report.Entries, report.Chains[ChainKind.Lot]));
        Assert.Equal((World.Origin, (ulong)before + 2), report.Predecessors.Select(p => (p.Origin, p.Size)).Single());
        Assert.Contains(report.Checked, c => c.StartsWith($"the predecessor {World.Origin}, size {before + 2}", StringComparison.Ordinal));
        Assert.DoesNotContain(report.NotChecked, c => c.Contains("predecessor", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_its_predecessor_it_is_not_verified_and_the_audit_says_what_is_missing()
    {
        var report = await Audit(Succeed(3, 3));
        Assert.Equal((Failure.PredecessorMissing, 0UL), (report.Rejection!.Failure, report.Rejection.Index!.Value));
        Assert.Contains("ledger.example.com/log/2026, size 5", report.Rejection.Detail, StringComparison.Ordinal);
        Assert.Contains("--predecessor", report.Rejection.Advice, StringComparison.Ordinal);
        Assert.Empty(report.Checked);
    }

    [Fact]
    public async Task A_predecessor_whose_key_nobody_gave_is_believed_by_the_root_alone_and_the_audit_says_so()
    {
        var world = Succeed(3, 3);
        await File.WriteAllTextAsync(_old["vkey"], KeyOf(_ended) + "\n", Now);
        var report = await Audit(world, Old() with { Keys = [] });
        Assert.Null(report.Rejection);
        Assert.Contains(report.NotChecked, c => c.StartsWith($"whether the log key of the predecessor {World.Origin}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_altered_entry_of_the_predecessor_is_named_by_its_index_there()
    {
        var world = Succeed(10, 3);
        var file = _old["tile/entries/000.p/12"];
        var entries = EntryBundle.Decode(await File.ReadAllBytesAsync(file, Now), 12, out _)!.Select(e => e.ToArray()).ToArray();
        entries[7][^1] ^= 1;
        await File.WriteAllBytesAsync(file, EntryBundle.Encode([.. entries.Select(e => new ReadOnlyMemory<byte>(e))]), Now);
        var report = await Audit(world, Old());

        Assert.Equal(7UL, report.Rejection!.Index);
        Assert.StartsWith($"In the predecessor {World.Origin}: ", report.Rejection.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_log_is_not_the_predecessor_nor_is_another_history_of_the_same_size()
    {
        var world = Succeed(3, 3);
        var other = World.Opened();
        other.Admit(other.Enrols(_mine, Role.Miner));
        Grow(other, 3);
        _old.Publish(other);
        Assert.Equal(Failure.PredecessorForeign, (await Audit(world, new EndedLog(LogFiles.In(_old.Path)) { Keys = [KeyOf(other)] })).Rejection!.Failure);

        using var longer = new Folder();
        Grow(other, 3);
        longer.Publish(other);
        Assert.Equal(Failure.PredecessorForeign, (await Audit(world, new EndedLog(LogFiles.In(longer.Path)) { Keys = [KeyOf(other)] })).Rejection!.Failure);
        Assert.Equal(Failure.PredecessorForeign, (await Audit(world, new EndedLog(LogFiles.In(_new.Path)) { Keys = [KeyOf(world)] })).Rejection!.Failure);
    }

    [Fact]
    public async Task A_predecessor_that_ends_before_the_cut_is_missing_in_part()
    {
        var world = Succeed(3, 3);
        _ended.Log.RemoveAt(4);
        _old.Publish(_ended);
        Assert.Equal(Failure.PredecessorMissing, (await Audit(world, Old())).Rejection!.Failure);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(254)]
    [InlineData(300)]
    public async Task A_predecessor_that_took_in_more_after_the_cut_counts_up_to_it(int before)
    {
        var late = Enumerable.Range(0, 4).Select(_ => _ended.Extracts(_mine, World.Uuid(), "1")).ToList();
        var world = Succeed(before, 3);
        _ended.Log.AddRange(late);
        Directory.Delete(_old["tile"], recursive: true);
        _old.Publish(_ended);
        var report = await Audit(world, Old());
        Assert.Null(report.Rejection);
        Assert.Contains(report.NotChecked, c => c.Contains("4 chains went on there, and none of them in this log", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_chain_that_goes_on_in_both_logs_is_found_when_both_are_at_hand_and_proved_to_anybody()
    {
        var (world, there, here) = Forked();
        var report = await Audit(world, Old());
        Assert.Equal((Failure.ChainForked, 5UL, there.Entry.Subject), (report.Rejection!.Failure, report.Rejection.Index!.Value, report.Rejection.Subject));
        Assert.Empty(report.Checked);

        // Whoever has the two logs' keys needs nothing but the file, and nobody's word.
        var evidence = Contradiction.Parse(report.Evidence!.ToUtf8(), out _)!;
        Assert.Null(evidence.Verify([KeyOf(_ended), KeyOf(world)], out var word));
        Assert.Null(word);
        Assert.Equal((ContradictionKind.Chain, World.Origin), (evidence.Kind, evidence.Origin));
        Assert.Equal((there.Entry.LeafHash, here.Entry.LeafHash), (evidence.Ended!.Entry.LeafHash, evidence.Entry!.Entry.LeafHash));
        Assert.Equal(Failure.NoteUnsigned, evidence.Verify([KeyOf(_ended)], out _)!.Failure);
        Assert.Equal(Failure.NoteUnsigned, evidence.Verify([KeyOf(world)], out _)!.Failure);
    }

    [Fact]
    public async Task A_chain_in_two_logs_is_no_proof_once_any_part_of_it_is_exchanged()
    {
        var (world, _, _) = Forked();
        var evidence = (await Audit(world, Old())).Evidence!;
        var before = Placed(_ended, 3);
        Assert.Equal(Failure.ContradictionAbsent, Changed(e => e["ended"] = before.DeepClone())); // the lot's first entry, taken in before the cut
        Assert.Equal(Failure.ContradictionAbsent, Changed(e => e["entry"] = Placed(world, 1))); // of another chain
        Assert.Equal(Failure.ContradictionAbsent, Changed(e => e["log"]![0] = Placed(world, 1))); // no opening
        Assert.Equal(Failure.ContradictionAbsent, Changed(e => e["log"]!.AsArray().Clear()));
        Assert.Equal(Failure.ContradictionAbsent, Changed(e => e["ended"] = null));
        Assert.Equal(Failure.ContradictionAbsent, Changed(e => e["earlier"] = null));
        Assert.Equal(Failure.ContradictionAbsent, Changed(e => e["between"]!.AsArray().Add(e["later"]!.GetValue<string>())));
        Assert.Equal(Failure.LogForeign, Changed(e => (e["earlier"], e["later"]) = (e["later"]!.DeepClone(), e["earlier"]!.DeepClone())));
        Assert.Equal(Failure.LogForeign, Changed(e => e["entry"] = e["ended"]!.DeepClone()));
        Assert.Equal(Failure.ProofMalformed, Changed(e => e["proof"]!.AsArray().RemoveAt(0)));
        Assert.Equal(Failure.ConsistencyUnproven, Changed(e => e["proof"]![0] = Digest.Zero.ToString()));
        Assert.Equal(Failure.InclusionUnproven, Changed(e => e["ended"]!["index"] = 4));
        Assert.Equal(Failure.ContradictionMalformed, Changed(e => e.Remove("between")));
        Assert.Equal(Failure.ContradictionMalformed, Changed(e => e["kind"] = "fork"));
        Assert.Equal(Failure.ContradictionMalformed, Changed(e => e["between"] = 1));

        Failure Changed(Action<JsonObject> change)
        {
            var json = evidence.ToJson();
            change(json);
            return Contradiction.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), out var fault) is { } read ? read.Verify([KeyOf(_ended), KeyOf(world)], out _)!.Failure : fault!.Failure;
        }
    }

    [Fact]
    public async Task What_the_ended_log_took_in_before_the_cut_is_no_step_beyond_it_though_the_successor_has_the_same_step_again()
    {
        var (world, _, _) = Forked();
        var json = (await Audit(world, Old())).Evidence!.ToJson();
        world.Log.Add(world.Sign(_mine, "voided.v1", _ended.Log[3].Entry.Subject, new JsonObject { ["reason"] = "once more" }, sequence: 0, previous: Digest.Zero));
        json["later"] = Encoding.UTF8.GetString(Door.File(world, "checkpoint")!);
        json["log"]![0] = Placed(world, 0);
        json["entry"] = Placed(world, world.Log.Count - 1);
        json["ended"] = Placed(_ended, 3);
        var fault = Contradiction.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), out _)!.Verify([KeyOf(_ended), KeyOf(world)], out _)!;
        Assert.Equal((Failure.ContradictionAbsent, "The ended log took its entry in before the other began."), (fault.Failure, fault.Detail));
    }

    [Fact]
    public async Task A_chain_that_goes_on_in_the_first_of_three_logs_and_in_the_third_is_found_and_proved()
    {
        Grow(_ended, 3);
        var lot = _ended.Log[3].Entry.Subject;
        var line = new Line(World.Uuid(), _mine, "1");
        var there = _ended.Allocates(_mine, lot, line);
        var second = Succeed(0, 1);
        var third = World.After(second, "ledger.example.com/log/2028");
        third.Admit(third.Opening());
        third.Admit(third.Allocates(_mine, lot, line));
        using var folder = new Folder();
        folder.Publish(third);
        _ended.Log.Add(there);
        _old.Publish(_ended);

        var report = await Audit(third, [Old(), Middle(second)], folder);
        Assert.Equal((Failure.ChainForked, 5UL, lot), (report.Rejection!.Failure, report.Rejection.Index!.Value, report.Rejection.Subject));
        var evidence = Contradiction.Parse(report.Evidence!.ToUtf8(), out _)!;
        Assert.Single(evidence.Between);
        Assert.Null(evidence.Verify([KeyOf(_ended), KeyOf(second), KeyOf(third)], out _));
        Assert.Equal(Failure.NoteUnsigned, evidence.Verify([KeyOf(_ended), KeyOf(third)], out _)!.Failure);
        Assert.Equal(Failure.ContradictionAbsent, (evidence with { LogChain = [evidence.LogChain[1]], Between = [] }).Verify([KeyOf(_ended), KeyOf(second), KeyOf(third)], out _)!.Failure);
    }

    [Fact]
    public async Task A_chain_that_goes_on_in_two_predecessors_is_proved_under_the_newest_checkpoint_of_each()
    {
        var (second, there, here) = Forked();
        var third = World.After(second, "ledger.example.com/log/2028");
        third.Admit(third.Opening());
        using var folder = new Folder();
        folder.Publish(third);
        second.Log.Add(second.Extracts(_mine, World.Uuid(), "1"));
        Directory.Delete(_new["tile"], recursive: true);
        _new.Publish(second);

        var report = await Audit(third, [Old(), Middle(second)], folder);
        Assert.Equal(Failure.ChainForked, report.Rejection!.Failure);
        Assert.Null(report.Evidence!.Verify([KeyOf(_ended), KeyOf(second)], out _));
        Assert.Equal((there.Entry.LeafHash, here.Entry.LeafHash), (report.Evidence.Ended!.Entry.LeafHash, report.Evidence.Entry!.Entry.LeafHash));
    }

    [Fact]
    public async Task An_erasure_is_held_against_the_entry_that_it_names_also_in_a_predecessor()
    {
        Grow(_ended, 3);
        var lot = _ended.Log[3];
        var world = Succeed(0, 1);
        SignedEntry Erases(Digest digest) => world.Sign(_mine, "erased.v1", lot.Entry.Subject, new JsonObject { ["digests"] = new JsonArray(digest.ToString()), ["ref"] = World.References(lot) });
        world.Admit(Erases(lot.Disclosures[0].Digest));
        _new.Publish(world);
        Assert.Null((await Audit(world, Old(), remember: true)).Rejection);

        // No door that has the entry would have let this in. An audit that has it finds it; one that goes on from its memory without the predecessor passes it over and says so.
        world.Admit(Erases(Digest.OfLeaf([1])));
        _new.Publish(world);
        var report = await Audit(world, Old());
        Assert.Equal((Failure.RuleRefused, "data-invalid", 3UL), (report.Rejection!.Failure, report.Rejection.Rule, report.Rejection.Index!.Value));
        report = await Audit(world, remember: true);
        Assert.Null(report.Rejection);
        Assert.Contains(report.TakenOver, t => t.StartsWith("the 5 entries of the logs that this one goes on from", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_begins_by_itself_has_no_predecessor()
    {
        Grow(_ended, 3);
        _old.Publish(_ended);
        Assert.Equal(Failure.PredecessorForeign, (await Audit(_ended, Old(), folder: _old)).Rejection!.Failure);
    }

    [Fact]
    public async Task An_audit_that_remembers_goes_on_without_the_predecessor_and_from_the_beginning_needs_it()
    {
        var world = Succeed(3, 3);
        Assert.Null((await Audit(world, Old(), remember: true)).Rejection);
        Grow(world, 3);
        _new.Publish(world);
        var report = await Audit(world, remember: true);
        Assert.Null(report.Rejection);
        Assert.Equal((7UL, 4UL), (report.Entries, report.EntriesTakenOver));
        Assert.Equal(Failure.PredecessorMissing, (await Audit(world, remember: true, full: true)).Rejection!.Failure);
    }

    [Fact]
    public async Task A_monitor_reads_the_predecessor_in_its_first_round()
    {
        var world = Succeed(3, 3);
        LogMonitor Monitor(params EndedLog[] ended) => new(LogFiles.In(_new.Path)) { Policy = new TrustPolicy([KeyOf(world)]), StateFile = _new["state"], Predecessors = ended };
        await Assert.ThrowsAsync<InvalidDataException>(() => Monitor().LookAsync(Now));
        Assert.Null((await Monitor(Old()).LookAsync(Now)).Alarm);
        Grow(world, 3);
        _new.Publish(world);
        Assert.Equal(7UL, (await Monitor().LookAsync(Now)).Report!.Size);
    }

    [Fact]
    public async Task A_monitor_gives_alarm_with_the_proof_of_a_chain_in_two_logs()
    {
        var (world, _, _) = Forked();
        var alarm = (await new LogMonitor(LogFiles.In(_new.Path)) { Policy = new TrustPolicy([KeyOf(world)]), StateFile = _new["state"], Predecessors = [Old()] }.LookAsync(Now)).Alarm!;
        Assert.Equal(AlarmKind.Chain, alarm.Kind);
        Assert.Null(alarm.Evidence!.Verify([KeyOf(_ended), KeyOf(world)], out _));
    }

    [Fact]
    public async Task A_successor_s_successor_is_verified_with_both_in_their_order()
    {
        var second = Succeed(3, 3);
        var third = World.After(second, "ledger.example.com/log/2028");
        third.Admit(third.Opening());
        Grow(third, 2);
        using var folder = new Folder();
        folder.Publish(third);
        var middle = Middle(second);

        var report = await Audit(third, [Old(), middle], folder);
        Assert.Null(report.Rejection);
        Assert.Equal(
            [$"the predecessor {World.Origin}, size 5, as the opening of {second.State.Origin} names it", $"the predecessor {second.State.Origin}, size 4, as this log's opening names it"],
            report.Checked.Where(c => c.StartsWith("the predecessor", StringComparison.Ordinal)).Select(c => Regex.Replace(c.Split(':')[0], ", root [^,]+", "")));
        Assert.Equal([World.Origin, second.State.Origin], report.Predecessors.Select(p => p.Origin));
        Assert.Equal(8, report.Chains[ChainKind.Lot]);

        Assert.Equal(Failure.PredecessorMissing, (await Audit(third, [middle], folder)).Rejection!.Failure);
        Assert.Equal(Failure.PredecessorForeign, (await Audit(third, [middle, Old()], folder)).Rejection!.Failure);

        // What rests on a key that nobody gave is said of both.
        await File.WriteAllTextAsync(_old["vkey"], KeyOf(_ended) + "\n", Now);
        await File.WriteAllTextAsync(_new["vkey"], KeyOf(second) + "\n", Now);
        report = await Audit(third, [Old() with { Keys = [] }, middle with { Keys = [] }], folder);
        Assert.Equal([World.Origin, second.State.Origin], report.NotChecked.Where(c => c.StartsWith("whether the log key of the predecessor", StringComparison.Ordinal)).Select(c => c.Split(' ')[7]));
    }

    private static NoteVerifier KeyOf(World world) => new(world.State.Origin, world.LogKey.Key.VerifyingKey);

    private void Grow(World world, int lots)
    {
        for (var i = 0; i < lots; i++)
        {
            world.Admit(world.Extracts(_mine, World.Uuid(), "1"));
        }
    }

    // The lot of entry 3 is given from in both logs.
    private (World World, SignedEntry There, SignedEntry Here) Forked()
    {
        Grow(_ended, 3);
        var lot = _ended.Log[3].Entry.Subject;
        var line = new Line(World.Uuid(), _mine, "1");
        var there = _ended.Allocates(_mine, lot, line);
        var world = Succeed(0, 1);
        var here = world.Allocates(_mine, lot, line);
        world.Admit(here);
        _new.Publish(world);
        _ended.Log.Add(there);
        _old.Publish(_ended);
        return (world, there, here);
    }

    private static JsonObject Placed(World world, int index)
    {
        var tiles = new InMemoryTiles([.. world.Log.Select(e => e.Entry.LeafHash)]);
        return new JsonObject
        {
            ["index"] = index,
            ["leaf"] = world.Log[index].Entry.ToString(),
            ["proof"] = new JsonArray([.. tiles.Inclusion((ulong)index, (ulong)world.Log.Count).Path.Select(hash => (JsonNode)hash.ToString())]),
        };
    }

    private EndedLog Middle(World world) => new(LogFiles.In(_new.Path)) { Keys = [KeyOf(world)] };

    private EndedLog Old() => new(LogFiles.In(_old.Path)) { Keys = [KeyOf(_ended)] };

    private World Succeed(int before, int after)
    {
        Grow(_ended, before);
        _old.Publish(_ended);
        var world = World.After(_ended);
        world.Admit(world.Opening());
        Grow(world, after);
        _new.Publish(world);
        return world;
    }

    private Task<AuditReport> Audit(World world, EndedLog? ended = null, Folder? folder = null, bool remember = false, bool full = false) => Audit(world, ended is null ? [] : [ended], folder ?? _new, remember, full);

    private Task<AuditReport> Audit(World world, EndedLog[] ended, Folder folder, bool remember = false, bool full = false) =>
        new Auditor(LogFiles.In(folder.Path)) { Keys = [KeyOf(world)], Predecessors = ended, StateFile = remember ? folder["state"] : null, Full = full }.AuditAsync(Now);
}
