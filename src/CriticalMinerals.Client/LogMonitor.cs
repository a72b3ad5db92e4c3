using System.Globalization;
using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Client;

/// <summary>
/// Watches one log as it grows: audits what is new, demands that every checkpoint continues those seen before, here or elsewhere, and that the entries agree
/// with what the log signed of its chains' newest. Each look is one round; what it must remember stands in files, so that rounds may be days and processes apart.
/// </summary>
/// <param name="files">The log's public files.</param>
/// <param name="api">The log as whoever asks may see it, for the heads of chains; null for a folder, which states none.</param>
public sealed class LogMonitor(LogFiles files, LedgerApi? api = null)
{
    private const int MaximumOwed = 1024;

    /// <summary>
    /// The log's verifier keys, known by another way than from the log, and its witnesses: the quorum's cosignatures, or with no quorum anybody's whose key is
    /// among these, must not be older than <see cref="Stall"/>.
    /// </summary>
    public required TrustPolicy Policy { get; init; }

    /// <summary>The audit's state; the monitor keeps its own memory beside it.</summary>
    public required string StateFile { get; init; }

    /// <summary>For how long the log may owe what it signed that it has, or its witnesses' cosignatures.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For how long the log may be silent.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Chains whose heads the log is asked for in every round. Its own is always among them.</summary>
    public IReadOnlyCollection<string> Watched { get; init; } = [];

    /// <summary>Head statements that readers kept, asked for in every round: where each is from, and its text.</summary>
    public Func<IReadOnlyList<(string From, string Text)>> Statements { get; init; } = () => [];

    /// <summary>Other places that show a checkpoint of this log: a witness, another node, a file. Null when there is none now.</summary>
    public IReadOnlyList<(string From, Func<CancellationToken, Task<byte[]?>> Read)> Others { get; init; } = [];

    /// <summary>The ended logs that this one goes on from, the oldest first: read in the first round, and whenever the audit's state cannot be taken up.</summary>
    public IReadOnlyList<EndedLog> Predecessors { get; init; } = [];

    /// <summary>Whose time it is.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    private IReadOnlyCollection<NoteVerifier> Keys => [.. Policy.LogKeys, .. Policy.Witnesses.Select(witness => witness.Key)];

    private string MemoryFile => StateFile + ".monitor";

    /// <summary>One round. Nothing is remembered from a round with an alarm but that the log answered: the next one finds the same.</summary>
    /// <exception cref="LedgerApiException">The log refuses whoever asks, or did not answer in the very first round.</exception>
    /// <exception cref="InvalidDataException">A state file is damaged, or is of another log or other keys.</exception>
    public async Task<MonitorRound> LookAsync(CancellationToken cancellation = default)
    {
        var now = Clock.GetUtcNow();
        var memory = MonitorMemory.Read(MemoryFile);
        var seen = memory is null ? null : Read(memory.Checkpoint, out _) ?? throw new InvalidDataException($"{MemoryFile} holds no checkpoint that the keys given have signed.");
        var look = new MonitorLook(now, seen?.Checkpoint.Origin, []);
        try
        {
            return await LookAsync(look, memory, seen, cancellation);
        }
        catch (LedgerApiException e) when (e.IsUnreachable && memory is not null)
        {
            return now - memory.Answered < Silence
                ? new MonitorRound(null, null, [$"the log did not answer: {e.Detail}"])
                : look.Ends(AlarmKind.Unreachable, "The log has been silent for too long. Ask its operator; what was verified stays in the state file.", $"an answer since {Moment(memory.Answered)}", e.Detail, null);
        }
        catch (LedgerApiException e) when (e.Code == LedgerApiException.AnswerUnsound)
        {
            return look.Ends(AlarmKind.Unsound, "What the log shows is not what a log shows. Look at its answer and ask its operator.", "a sound answer", e.Detail, null);
        }
    }

    private async Task<MonitorRound> LookAsync(MonitorLook look, MonitorMemory? memory, ShownCheckpoint? seen, CancellationToken cancellation)
    {
        // Heads first: what they promise must then be found.
        var statements = await ReadStatementsAsync(look, memory, seen, cancellation);
        if (await ReadCheckpointAsync(cancellation) is not { } shown)
        {
            throw new LedgerApiException(null, LedgerApiException.Unreachable, "There is no checkpoint: is this the address or folder of a log?");
        }

        look = look with { Origin = shown.Checkpoint.Origin };
        if (seen is not null && seen.Checkpoint.Origin != shown.Checkpoint.Origin)
        {
            throw new InvalidDataException($"{MemoryFile} is of {seen.Checkpoint.Origin}, the log is {shown.Checkpoint.Origin}: use one state file for each log.");
        }

        if (seen is not null && shown.Checkpoint.Size < seen.Checkpoint.Size)
        {
            return Remembers(memory!, look, look.Rollback(seen, shown));
        }

        memory ??= new MonitorMemory { Checkpoint = shown.Note.ToString(), Cosigned = look.Now, Answered = look.Now };
        if (seen is not null && await CompareAsync(look, seen, shown, cancellation) is { } forked)
        {
            return Remembers(memory, look, forked);
        }

        var (others, apart) = await CompareOthersAsync(look, memory, shown, cancellation);
        if (apart is not null)
        {
            return Remembers(memory, look, apart);
        }

        var report = await new Auditor(files) { Keys = Policy.LogKeys, StateFile = StateFile, Predecessors = Predecessors, Clock = Clock }.AuditAsync(cancellation);
        if (report.Rejection is { Failure: Failure.PredecessorMissing } missing)
        {
            throw new InvalidDataException($"{missing.Detail} {missing.Advice}");
        }

        if (report.Rejection is { } rejection)
        {
            return Remembers(memory, look, await AlarmOfAsync(look, report, rejection, cancellation)) with { Report = report };
        }

        var audited = Read(report.Checkpoint, out _)!;
        if (Policy.Quorum is not null && Policy.Verify(audited.Note, out var lacking) is null)
        {
            look.NotLooked.Add($"whether the log shows everybody the same: {lacking!.Detail}");
        }

        if (audited.Checkpoint.Size > (seen?.Checkpoint.Size ?? 0))
        {
            memory = memory with { Checkpoint = report.Checkpoint, OwesSince = null };
        }

        var owed = new List<HeadStatement>();
        foreach (var statement in statements)
        {
            if ((ulong)statement.Size > audited.Checkpoint.Size)
            {
                owed.Add(statement);
            }
            else if (await CheckAsync(look, statement, report, audited, cancellation) is { } contradicted)
            {
                return Remembers(memory, look, contradicted) with { Report = report };
            }
        }

        others = [.. others.Where(other => other.Checkpoint.Size > audited.Checkpoint.Size)];
        memory = memory with
        {
            OwesSince = owed.Count + others.Count == 0 ? null : memory.OwesSince ?? look.Now,
            Cosigned = new[] { memory.Cosigned, Witnessed(audited) }.Max(),
        };
        if (await StallAsync(look, memory, report, audited, owed, others, cancellation) is { } stalled)
        {
            return Remembers(memory, look, stalled) with { Report = report };
        }

        (memory with
        {
            Answered = look.Now,
            Statements = [.. owed.Take(MaximumOwed).Select(statement => statement.Text)],
            Checkpoints = [.. others.Take(MaximumOwed).Select(other => other.Note.ToString())],
        }).Write(MemoryFile);
        return new MonitorRound(report, null, look.NotLooked);
    }

    private MonitorRound Remembers(MonitorMemory memory, MonitorLook look, Alarm alarm)
    {
        (memory with { Answered = look.Now }).Write(MemoryFile);
        return new MonitorRound(null, alarm, look.NotLooked);
    }

    private async Task<ShownCheckpoint?> ReadCheckpointAsync(CancellationToken cancellation) =>
        await files.ReadAsync("checkpoint", SignedNote.MaxLength, cancellation) is not { } bytes ? null
            : Read(bytes, out var fault) ?? throw LedgerApiException.Unsound($"The checkpoint does not verify: {fault!.Detail}");

    private async Task<List<HeadStatement>> ReadStatementsAsync(MonitorLook look, MonitorMemory? memory, ShownCheckpoint? seen, CancellationToken cancellation)
    {
        var statements = new List<HeadStatement>();
        foreach (var (from, text) in (memory?.Statements ?? []).Select(text => ("the last round", text)).Concat(Statements()))
        {
            if (HeadStatement.Parse(text.Trim(), out var fault) is { } statement)
            {
                statements.Add(statement);
            }
            else
            {
                look.NotLooked.Add($"the head statement from {from}: {fault!.Detail}");
            }
        }

        if (api is not null && (seen?.Checkpoint.Origin ?? (await api.GetLogAsync(cancellation)).Origin) is { } origin)
        {
            foreach (var subject in Watched.Prepend(Names.LogChain(origin)).Distinct())
            {
                try
                {
                    statements.Add(await api.GetHeadAsync(subject, cancellation));
                }
                catch (LedgerApiException e) when (!e.IsUnreachable)
                {
                    look.NotLooked.Add($"the head of {subject}: {e.Detail}");
                }
            }
        }

        return statements;
    }

    private async Task<(List<ShownCheckpoint> Larger, Alarm? Alarm)> CompareOthersAsync(MonitorLook look, MonitorMemory memory, ShownCheckpoint shown, CancellationToken cancellation)
    {
        var notes = memory.Checkpoints.Select(note => (From: "the last round", Signed: Read(note, out _))).ToList();
        foreach (var (from, read) in Others)
        {
            try
            {
                Fault? fault = null;
                var other = await read(cancellation) is { } bytes ? Read(bytes, out fault) : null;
                notes.Add((from, other));
                if (other is null)
                {
                    look.NotLooked.Add($"the checkpoint at {from}: {fault?.Detail ?? "there is none"}");
                }
            }
            catch (Exception e) when (e is LedgerApiException or IOException or UnauthorizedAccessException)
            {
                look.NotLooked.Add($"the checkpoint at {from}: {e.Message}");
            }
        }

        var larger = new List<ShownCheckpoint>();
        foreach (var (from, other) in notes)
        {
            if (other is null || other.Checkpoint.Origin != shown.Checkpoint.Origin)
            {
                continue;
            }

            if (other.Checkpoint.Size > shown.Checkpoint.Size)
            {
                larger.Add(other);
            }
            else if (await CompareAsync(look, other, shown, cancellation) is { } alarm)
            {
                return ([], alarm with { Detail = $"{alarm.Detail} The other was shown by {from}." });
            }
        }

        return (larger, null);
    }

    // The smaller checkpoint first; the larger is the log's own, whose tiles can be read.
    private async Task<Alarm?> CompareAsync(MonitorLook look, ShownCheckpoint smaller, ShownCheckpoint larger, CancellationToken cancellation)
    {
        var (a, b) = (smaller.Checkpoint, larger.Checkpoint);
        if (a.Size == 0 || (a.Size == b.Size && a.Root == b.Root))
        {
            return null;
        }

        var (root, proof) = (b.Root, new ConsistencyProof(b.Size, b.Size, []));
        if (a.Size < b.Size)
        {
            var (read, prefix, fault) = await new LogEvidence(files, b).PrefixAsync(a.Size, cancellation);
            if (read is null)
            {
                return look.Unsound(b, fault!);
            }

            (root, proof) = (prefix, read);
        }

        return root == a.Root ? null : look.Fork(smaller, larger, root, proof);
    }

    private async Task<Alarm> AlarmOfAsync(MonitorLook look, AuditReport report, Rejection rejection, CancellationToken cancellation)
    {
        if (report.Contradicted is { } note && Read(note, out _) is { } before && Read(report.Checkpoint, out _) is { } after)
        {
            return after.Checkpoint.Size < before.Checkpoint.Size ? look.Rollback(before, after) : await CompareAsync(look, before, after, cancellation) ?? look.Unsound(rejection);
        }

        return report.Evidence is { } evidence ? look.ForkedChain(rejection, evidence) : look.Unsound(rejection);
    }

    private async Task<Alarm?> CheckAsync(MonitorLook look, HeadStatement statement, AuditReport report, ShownCheckpoint audited, CancellationToken cancellation)
    {
        var state = report.State!;
        if (statement.Origin != look.Origin || !Contradiction.IsSigned(statement, state))
        {
            look.NotLooked.Add($"a head statement of {statement.Subject}: it is not signed by a head key of this log");
            return null;
        }

        var (size, evidence) = ((ulong)statement.Size, new LogEvidence(files, audited.Checkpoint));
        var chain = state.Chain(statement.Subject);
        var stands = state.Entry(statement.Head) is { } fact && fact.Subject == statement.Subject && fact.Index < statement.Size;
        if (stands && chain!.Head == statement.Head && chain.Sequence == statement.Sequence)
        {
            return null;
        }

        // What came after the stated head, or stands in its place.
        var from = stands ? (ulong)Math.Max(0, state.Entry(statement.Head)!.Value.Index) : 0;
        var found = await evidence.EntriesAsync(statement.Subject, from, stands ? size : audited.Checkpoint.Size, (index, entry) => Contradiction.Contradicts(statement, index, entry), 1, cancellation);
        if (found.Count == 0 && stands)
        {
            return null;
        }

        var (expected, what) = (
            string.Create(CultureInfo.InvariantCulture, $"entry {statement.Sequence} ({statement.Head}) as the newest of {statement.Subject} at size {statement.Size}"),
            found.Count == 0 ? "no such entry" : string.Create(CultureInfo.InvariantCulture, $"entry {found[0].Entry.Sequence} ({found[0].Entry.LeafHash}) at index {found[0].Index}"));
        return look.Alarm(
            AlarmKind.Omission,
            "The log signed another newest entry of this chain than its entries have: somebody was shown a chain without its end. Keep the evidence and tell those who rely on the chain.",
            expected,
            what,
            look.Proof(ContradictionKind.Omission, audited.Note, expected, what) with
            {
                Statement = statement,
                Entry = found.Count == 0 ? null : found[0],
                LogChain = await LogChainAsync(evidence, size, cancellation),
            });
    }

    private async Task<Alarm?> StallAsync(MonitorLook look, MonitorMemory memory, AuditReport report, ShownCheckpoint audited, List<HeadStatement> owed, List<ShownCheckpoint> others, CancellationToken cancellation)
    {
        var promised = owed.Where(statement => statement.Origin == look.Origin && Contradiction.IsSigned(statement, report.State!)).MaxBy(statement => statement.Size);
        var elsewhere = others.MaxBy(other => other.Checkpoint.Size);
        if (memory.OwesSince is { } since && look.Now - since >= Stall && (promised is not null || elsewhere is not null))
        {
            var size = Math.Max((ulong)(promised?.Size ?? 0), elsewhere?.Checkpoint.Size ?? 0);
            var expected = string.Create(CultureInfo.InvariantCulture, $"{Counted.Entries(size)}, which the log signed that it has");
            var found = string.Create(CultureInfo.InvariantCulture, $"{Counted.Entries(audited.Checkpoint.Size)} since {Moment(since)}");
            return look.Alarm(
                AlarmKind.Stall,
                "The log takes entries and does not show them. Ask its operator; until it goes on, what is new cannot be audited.",
                expected,
                found,
                look.Proof(ContradictionKind.Stall, audited.Note, expected, found) with
                {
                    Earlier = elsewhere?.Note,
                    Statement = elsewhere is null ? promised : null,
                    LogChain = elsewhere is null ? await LogChainAsync(new LogEvidence(files, audited.Checkpoint), audited.Checkpoint.Size, cancellation) : [],
                });
        }

        // A cosignature says when the witness saw it.
        var witnesses = Keys.Where(key => key.Type == NoteSignatureType.CosignatureV1).Select(key => key.Name).ToList();
        return witnesses.Count == 0 || look.Now - memory.Cosigned < Stall ? null : look.Alarm(
            AlarmKind.Stall,
            $"{(Policy.Quorum is null ? "No witness has" : "Too few witnesses have")} cosigned a checkpoint of the log for too long. Ask the log's operator and its witnesses.",
            $"{(Policy.Quorum is null ? "a cosignature by one" : "cosignatures by a quorum")} of {string.Join(", ", witnesses)} since {Moment(look.Now - Stall)}",
            $"none after {Moment(memory.Cosigned)}",
            null);
    }

    // When enough witnesses last saw it.
    private DateTimeOffset Witnessed(ShownCheckpoint audited) =>
        Time(Policy.Quorum is null ? audited.Verified.Signatures.Max(signature => signature.Time) : Policy.Verify(audited.Note, out _)?.WitnessedAt);

    private static DateTimeOffset Time(ulong? seconds) => seconds is { } time ? DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(time, 253_402_300_799)) : DateTimeOffset.MinValue;

    private static Task<IReadOnlyList<PlacedEntry>> LogChainAsync(LogEvidence evidence, ulong size, CancellationToken cancellation) =>
        evidence.EntriesAsync(Names.LogChain(evidence.Origin), 0, size, (_, _) => true, Contradiction.MaximumLogEntries, cancellation);

    private ShownCheckpoint? Read(string note, out Fault? fault) => Read(Encoding.UTF8.GetBytes(note), out fault);

    private ShownCheckpoint? Read(byte[] bytes, out Fault? fault) =>
        SignedNote.Parse(bytes, out fault) is { } note && note.Verify(Keys, out fault) is { } verified && Checkpoint.From(verified, out fault) is { } checkpoint
            ? new ShownCheckpoint(note, verified, checkpoint)
            : null;

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
