using System.Text;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Client;

/// <summary>What an auditor believes of time stamps: those of an authority that it trusts, over a checkpoint that begins the log which it audits.</summary>
public sealed class Stamping : IDisposable
{
    private readonly World _world = World.Opened();
    private readonly LocalAuthority _authority = new();
    private readonly Door _door;

    public Stamping()
    {
        for (var i = 0; i < 5; i++)
        {
            _world.Admit(_world.Enrols(Party.Of($"did:web:firm{i}.example"), Role.Miner));
        }

        _door = new Door(_world);
    }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private byte[] Text => Encoding.UTF8.GetBytes(SignedNote.Parse(Door.File(_world, "checkpoint"), out _)!.Text);

    public void Dispose()
    {
        _door.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task A_stamped_checkpoint_says_since_when_its_entries_have_existed_also_after_the_log_has_grown()
    {
        Keep(_authority.Stamp(Text));
        _world.Admit(_world.Enrols(Party.Of("did:web:later.example"), Role.Miner));
        var stamp = Assert.Single(await Audit());
        Assert.Equal((null, 6UL, "Time Authority"), (stamp.Fault, stamp.Size, stamp.Authority));
        Assert.InRange(stamp.Time, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task A_log_without_stamps_is_no_worse() => Assert.Empty(await Audit());

    [Fact]
    public void A_token_over_something_else_by_somebody_else_or_under_a_certificate_that_is_not_for_it_is_named_so()
    {
        using var stranger = new LocalAuthority();
        using var expired = new LocalAuthority(isExpired: true);
        using var server = new LocalAuthority(usage: "1.3.6.1.5.5.7.3.1");
        Assert.Null(Verify(_authority.Stamp(Text), _authority));
        Assert.Null(Verify(_authority.Forge(Text), _authority)); // The forger's hand is steady: only what differs below is at fault.
        Assert.Equal(Failure.TimestampMismatch, Verify(_authority.Stamp("another text"u8.ToArray()), _authority));
        Assert.Equal(Failure.TimestampInvalid, Verify(stranger.Stamp(Text), _authority));
        Assert.Equal(Failure.TimestampInvalid, Verify(expired.Stamp(Text), expired));
        Assert.Equal(Failure.TimestampInvalid, Verify(server.Forge(Text), server));
        Assert.Equal(Failure.TimestampMalformed, Verify(Text, _authority));
        Assert.Equal(Failure.TimestampMalformed, Verify([.. _authority.Stamp(Text), 0], _authority));
        Assert.Equal(Failure.TooLarge, Verify(new byte[TimeStampAuditor.MaximumToken + 1], _authority));
    }

    [Fact]
    public void No_altered_token_says_another_time()
    {
        var token = _authority.Stamp(Text);
        Assert.Null(TimeStampAuditor.Verify(token, Text, [_authority.Root], out var time, out _));
        for (var bit = 0; bit < token.Length * 8; bit += 37)
        {
            var altered = token.ToArray();
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(TimeStampAuditor.Verify(altered, Text, [_authority.Root], out var other, out _) is not null || other == time, $"bit {bit}");
        }
    }

    [Fact]
    public async Task A_stamp_of_a_checkpoint_that_the_log_does_not_go_on_from_is_rejected_by_name()
    {
        var token = _authority.Stamp(Text);
        Keep(token, new Checkpoint(World.Origin, 6, Digest.OfLeaf("another"u8)).Sign(_world.LogKey.Key));
        Assert.Equal(Failure.ConsistencyUnproven, Assert.Single(await Audit()).Fault!.Failure);

        using var stranger = SigningKey.Generate();
        Keep(token, new Checkpoint(World.Origin, 6, Digest.OfLeaf("another"u8)).Sign(stranger));
        Assert.Equal(Failure.NoteUnsigned, Assert.Single(await Audit()).Fault!.Failure);

        Keep(token, new Checkpoint(World.Origin, 5, Digest.OfLeaf("another"u8)).Sign(_world.LogKey.Key));
        Assert.Equal(Failure.LogForeign, Assert.Single(await Audit()).Fault!.Failure);

        Keep(token);
        _door.Files.Remove("/timestamps/6/token");
        Assert.Equal(Failure.TimestampMalformed, Assert.Single(await Audit()).Fault!.Failure);

        Keep(token);
        var report = await Report();
        _world.Log.RemoveAt(5);
        Assert.Equal(Failure.ConsistencyUnproven, Assert.Single(await new TimeStampAuditor(LogFiles.At(_door.Api()), [_authority.Root]).AuditAsync(await Report(), Now)).Fault!.Failure);
        Assert.Equal(6UL, report.Size);
    }

    [Fact]
    public async Task The_command_line_says_it_and_ends_with_one_when_a_stamp_is_rejected()
    {
        using var session = new Cli.Session();
        var note = SignedNote.Parse(Door.File(session.World, "checkpoint"), out _)!;
        session.Door.Files["/timestamps/index.json"] = """{"timestamps":[{"size":1,"time":"2026-11-23T12:00:00Z"}]}"""u8.ToArray();
        session.Door.Files["/timestamps/1/checkpoint"] = Encoding.UTF8.GetBytes(note.ToString());
        session.Door.Files["/timestamps/1/token"] = _authority.Stamp(Encoding.UTF8.GetBytes(note.Text));
        var audit = await session.Run("audit", Door.Address, "--vkey", session.Door.VerifierKey.ToString(), "--timestamp-authority", _authority.RootFile);
        Assert.StartsWith("exit 0\n", audit, StringComparison.Ordinal);
        Assert.Contains("out: checked: the first 1 entry existed at 2", audit, StringComparison.Ordinal);

        using var stranger = new LocalAuthority();
        audit = await session.Run("audit", Door.Address, "--vkey", session.Door.VerifierKey.ToString(), "--timestamp-authority", stranger.RootFile);
        Assert.StartsWith("exit 1\n", audit, StringComparison.Ordinal);
        Assert.Contains("out: TIME STAMP REJECTED: size 1: timestamp-invalid: ", audit, StringComparison.Ordinal);
        Assert.StartsWith("exit 2\n", await session.Run("audit", Door.Address, "--timestamp-authority", "/nowhere"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exported_log_has_its_time_stamps_and_those_of_later_entries_come_with_these()
    {
        using var copy = new Folder();
        Keep(_authority.Stamp(Text));
        _door.Files["/timestamps/index.json"] = """{"timestamps":[{"size":6,"time":"2026-11-23T12:00:00Z"},{"size":7,"time":"2026-11-24T12:00:00Z"}]}"""u8.ToArray();
        Assert.Null((await Export()).Rejection);
        Assert.Equal([6UL], (await AuditCopy()).Select(stamp => stamp.Size));

        _world.Admit(_world.Enrols(Party.Of("did:web:later.example"), Role.Miner));
        _door.Files["/timestamps/7/token"] = _authority.Stamp(Text);
        _door.Files["/timestamps/7/checkpoint"] = Door.File(_world, "checkpoint")!;
        Assert.Null((await Export()).Rejection);
        var stamps = await AuditCopy();
        Assert.Equal([(6UL, (Fault?)null), (7UL, null)], stamps.Select(stamp => (stamp.Size, stamp.Fault)));

        Task<ExportReport> Export() => new LogExporter(LogFiles.At(_door.Api()), copy.Path) { Keys = [_door.VerifierKey] }.ExportAsync(Now);
        async Task<IReadOnlyList<StampedCheckpoint>> AuditCopy() =>
            await new TimeStampAuditor(LogFiles.In(copy.Path), [_authority.Root]).AuditAsync(await new Auditor(LogFiles.In(copy.Path)) { Keys = [_door.VerifierKey] }.AuditAsync(Now), Now);
    }

    private Failure? Verify(byte[] token, LocalAuthority trusted) => TimeStampAuditor.Verify(token, Text, [trusted.Root], out _, out _)?.Failure;

    private void Keep(byte[] token, SignedNote? note = null)
    {
        _door.Files["/timestamps/index.json"] = """{"timestamps":[{"size":6,"time":"2026-11-23T12:00:00Z"}]}"""u8.ToArray();
        _door.Files["/timestamps/6/token"] = token;
        _door.Files["/timestamps/6/checkpoint"] = note is null ? Door.File(_world, "checkpoint")! : Encoding.UTF8.GetBytes(note.ToString());
    }

    private Task<AuditReport> Report() => new Auditor(LogFiles.At(_door.Api())) { Keys = [_door.VerifierKey] }.AuditAsync(Now);

    private async Task<IReadOnlyList<StampedCheckpoint>> Audit() => await new TimeStampAuditor(LogFiles.At(_door.Api()), [_authority.Root]).AuditAsync(await Report(), Now);
}
