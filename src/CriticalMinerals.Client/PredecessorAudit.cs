using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Opening;

namespace CriticalMinerals.Client;

/// <summary>An ended log that another goes on from.</summary>
/// <param name="Files">Its files.</param>
public sealed record EndedLog(LogFiles Files)
{
    /// <summary>
    /// Keys that signed its checkpoints, known by another way than from itself. Empty: what it says of itself; its entries are bound all the same, by the root
    /// that the successor's authority signed.
    /// </summary>
    public IReadOnlyCollection<NoteVerifier> Keys { get; init; } = [];

    /// <summary>Its newest checkpoint, signed by one of the keys.</summary>
    /// <exception cref="LedgerApiException">It cannot be read, or no key signed it.</exception>
    public async Task<Checkpoint> ReadCheckpointAsync(CancellationToken cancellation = default) => (await ReadHeadAsync(cancellation)).Checkpoint;

    internal Task<LogHead> ReadHeadAsync(CancellationToken cancellation) => LogHead.ReadAsync(Files, Keys.Count > 0 ? Keys : null, cancellation);
}

/// <summary>
/// The logs before the one audited, audited up to where it goes on from them: what they are is known from its opening alone, whose origin, size and root they
/// are held against. Of what a predecessor took in after that, it is kept which chains went on there.
/// </summary>
internal sealed class PredecessorAudit
{
    private readonly Dictionary<string, (Entry Entry, ulong Index)> _later = new(StringComparer.Ordinal);
    private readonly Auditor _auditor;
    private readonly LogFiles _files;
    private AuditReport? _report;
    private string? _unchecked;

    private PredecessorAudit(LedgerReplay replay, Auditor auditor, LogFiles files) => (Replay, _auditor, _files) = (replay, auditor, files);

    /// <summary>What the log audited begins with.</summary>
    internal LedgerReplay Replay { get; private set; }

    private IReadOnlyList<EndedLog> Logs => _auditor.Predecessors;

    /// <summary>What is wrong with a predecessor, or with what was given as one.</summary>
    internal Rejection? Rejection { get; private set; }

    /// <summary>What proves that to anybody, where a chain goes on in two of them.</summary>
    internal Contradiction? Evidence { get; private set; }

    /// <summary>Audits the predecessors of a log, if any were given.</summary>
    internal static async Task<PredecessorAudit> RunAsync(Auditor auditor, LogFiles files, Checkpoint checkpoint, CancellationToken cancellation)
    {
        var audit = new PredecessorAudit(new LedgerReplay(checkpoint.Origin), auditor, auditor.Whole ?? files);
        if (auditor.Predecessors.Count > 0 && checkpoint.Size > 0)
        {
            audit.Rejection = await audit.FoldAsync(files, checkpoint, cancellation);
        }

        return audit;
    }

    /// <summary>The report of the log audited with what was found of its predecessors.</summary>
    internal async Task<AuditReport> CompleteReportAsync(AuditReport report, CancellationToken cancellation)
    {
        if (_report is null)
        {
            return report;
        }

        report = report with { Predecessors = [.. _report.Predecessors, _report], Ended = this, NotChecked = [.. report.NotChecked, .. NotChecked()] };
        if (!report.IsVerified)
        {
            return report;
        }

        foreach (var (number, entry, index) in Later())
        {
            // Its sequence there is the next after the cut.
            if (report.State!.Chain(entry.Subject) is { } chain && chain.Sequence >= entry.Sequence)
            {
                var ended = report.Predecessors[number];
                var rejection = new Rejection(
                    Failure.ChainForked, $"A chain goes on in two logs: after the cut both took in an entry {entry.Sequence} of it. This is the one in {ended.Origin}, whose successor has the other.")
                {
                    Expected = string.Create(CultureInfo.InvariantCulture, $"no entry of the chain in {ended.Origin} from index {ended.Size} on"),
                    Found = $"leaf hash {entry.LeafHash}",
                }.At(index, entry);
                return report with { Checked = [], Replay = null, Rejection = rejection, Evidence = await ProveAsync(report, number, rejection, entry, index, cancellation) };
            }
        }

        var logs = report.Predecessors.Append(report).ToArray();
        return report with
        {
            Checked =
            [
                .. report.Checked,
                .. report.Predecessors.Select((ended, i) => string.Create(
                    CultureInfo.InvariantCulture,
                    $"the predecessor {ended.Origin}, size {ended.Size}, root {ended.Root}, as {(i + 2 == logs.Length ? "this log's opening" : $"the opening of {logs[i + 1].Origin}")} names it: every entry and every rule, as in an audit of its own")),
            ],
        };
    }

    /// <summary>
    /// An entry of a predecessor with the disclosures at hand, read again where it stands, when a later one is held against its content; null where it is not
    /// what was audited.
    /// </summary>
    /// <param name="index">Its index, below 0.</param>
    /// <param name="leafHash">Its leaf hash.</param>
    /// <param name="cancellation">Ends the reading.</param>
    internal async Task<SignedEntry?> ReadAsync(long index, Digest leafHash, CancellationToken cancellation)
    {
        var first = 0L;
        IReadOnlyList<AuditReport> reports = _report is null ? [] : [.. _report.Predecessors, _report];
        for (var i = reports.Count - 1; i >= 0; i--)
        {
            first -= (long)reports[i].Size;
            if (index < first)
            {
                continue;
            }

            var at = (ulong)(index - first);
            var tile = Tile.At(0, at / Tile.FullWidth, reports[i].Size)!.Value;
            var files = LogFiles.BeforeItGrew(Logs[i].Files, (await Logs[i].ReadHeadAsync(cancellation)).Checkpoint.Size);
            var leaf = (await AuditedBundle.ReadLeavesAsync(files, tile, cancellation)).Leaves?[(int)(at % Tile.FullWidth)];
            var shown = await files.DisclosuresAsync(tile.Index, cancellation) is { } told ? ToldDisclosures.Read(told).GetValueOrDefault(at) : null;
            return leaf is { } bytes && Digest.OfLeaf(bytes.Span) == leafHash && Entry.Parse(bytes, out _) is { } entry ? SignedEntry.Join(entry, shown ?? [], complete: false, out _) : null;
        }

        return null;
    }

    private IEnumerable<string> NotChecked()
    {
        foreach (var before in _report!.Ended?.NotChecked() ?? [])
        {
            yield return before;
        }

        if (_unchecked is not null)
        {
            yield return _unchecked;
        }

        if (_later.Count > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"what {_report.Origin} took in after its size {_report.Size}: it counts for nothing here; {Counted.Of(_later.Count, "chain")} went on there, and none of them in this log");
        }
    }

    // The first entry of each chain that a log took in after the next had begun, by the number of that log, the oldest first.
    private IEnumerable<(int Log, Entry Entry, ulong Index)> Later() =>
        (_report?.Ended?.Later() ?? []).Concat(_later.Values.OrderBy(later => later.Index).Select(later => (Logs.Count - 1, later.Entry, later.Index)));

    // Both entries under checkpoints of their logs, and the openings that lead from the one to the other. The verdict stands without.
    private async Task<Contradiction?> ProveAsync(AuditReport report, int number, Rejection rejection, Entry entry, ulong index, CancellationToken cancellation)
    {
        try
        {
            var ended = await Logs[number].ReadHeadAsync(cancellation);
            var cut = report.Predecessors[number].Size;
            var there = new LogEvidence(Logs[number].Files, ended.Checkpoint);
            var (proof, _, _) = await there.PrefixAsync(cut, cancellation);
            var taken = await there.EntriesAsync(entry.Subject, index, index + 1, (_, found) => found.LeafHash == entry.LeafHash, 1, cancellation);
            var (openings, between) = (new List<PlacedEntry>(), new List<SignedNote>());
            for (var i = number + 1; i <= Logs.Count; i++)
            {
                var files = i < Logs.Count ? Logs[i].Files : _files;
                var head = i < Logs.Count ? await Logs[i].ReadHeadAsync(cancellation) : await LogHead.ReadAsync(files, report.Keys, cancellation);
                var log = new LogEvidence(files, head.Checkpoint);
                openings.AddRange(await log.EntriesAsync(Names.LogChain(head.Checkpoint.Origin), 0, 1, (_, _) => true, 1, cancellation));
                if (i < Logs.Count)
                {
                    between.Add(head.Note);
                    continue;
                }

                var other = await log.EntriesAsync(entry.Subject, 0, head.Checkpoint.Size, (_, found) => found.Sequence == entry.Sequence, 1, cancellation);
                return proof is null || taken.Count == 0 || other.Count == 0 || openings.Count != between.Count + 1 ? null : new Contradiction
                {
                    Kind = ContradictionKind.Chain,
                    Origin = ended.Checkpoint.Origin,
                    At = _auditor.Clock.GetUtcNow(),
                    Expected = rejection.Expected!,
                    Found = string.Create(CultureInfo.InvariantCulture, $"entry {entry.Sequence} of {entry.Subject} at index {index} there and at index {other[0].Index} of {head.Checkpoint.Origin}"),
                    Earlier = ended.Note,
                    Later = head.Note,
                    Proof = proof.Path,
                    Ended = taken[0],
                    Entry = other[0],
                    LogChain = openings,
                    Between = between,
                };
            }
        }
        catch (LedgerApiException)
        {
            // What was read a moment ago cannot be read again.
        }

        return null;
    }

    private async Task<Rejection?> FoldAsync(LogFiles files, Checkpoint checkpoint, CancellationToken cancellation)
    {
        var (leaves, _) = await AuditedBundle.ReadLeavesAsync(files, Tile.At(0, 0, checkpoint.Size)!.Value, cancellation);
        if (leaves is null || Entry.Parse(leaves[0], out _) is not { } first || SignedEntry.Join(first, [], complete: false, out _) is not { } signed || Candidate.Read(signed, out _) is not { Event: LogOpened opened })
        {
            return null; // What is wrong with it, the audit of the log itself will say.
        }

        var ended = Logs[^1];
        var head = await ended.ReadHeadAsync(cancellation);
        if (opened.After is not { } after || !Digest.TryParse(after.Root, out var root) || after.Size <= 0)
        {
            return Foreign("The log begins by itself: its opening names no predecessor.", "no predecessor", head.Checkpoint.Origin).At(0, first);
        }

        if (head.Checkpoint.Origin != after.Origin)
        {
            return Foreign("The log goes on from another log than the one that was given as its predecessor.", after.Origin, head.Checkpoint.Origin).At(0, first);
        }

        if (head.Checkpoint.Size < (ulong)after.Size)
        {
            return new Rejection(Failure.PredecessorMissing, "What was given of the predecessor ends before the log goes on from it.")
            {
                Expected = string.Create(CultureInfo.InvariantCulture, $"{Counted.Entries(after.Size)} of {after.Origin}"),
                Found = string.Create(CultureInfo.InvariantCulture, $"{Counted.Entries(head.Checkpoint.Size)}"),
            }.At(0, first);
        }

        if (head.Checkpoint.Size == (ulong)after.Size && head.Checkpoint.Root != root)
        {
            return Foreign("The predecessor that was given signed another history than the one that the log goes on from.", $"root {root}", $"root {head.Checkpoint.Root}").At(0, first);
        }

        var until = new Checkpoint(after.Origin, (ulong)after.Size, root);
        var auditing = new Auditor(until.Size < head.Checkpoint.Size ? LogFiles.BeforeItGrew(ended.Files, head.Checkpoint.Size) : ended.Files)
        {
            Keys = head.Keys,
            Predecessors = [.. Logs.SkipLast(1)],
            Progress = _auditor.Progress,
            Clock = _auditor.Clock,
            Whole = ended.Files,
        };
        var report = await auditing.AuditAsync(head with { Checkpoint = until }, null, cancellation);
        if (report.Rejection is { Failure: Failure.RootMismatch, Index: null } other)
        {
            return Foreign("The first entries of the predecessor that was given are not those that the log goes on from.", $"root {root}", other.Found!).At(0, first);
        }

        if (report.Rejection is { } wrong)
        {
            Evidence = report.Evidence;
            return wrong with { Detail = $"In the predecessor {after.Origin}: {wrong.Detail}", Advice = wrong.Advice };
        }

        _report = report with { Replay = null };
        _unchecked = ended.Keys.Count > 0 ? null : $"whether the log key of the predecessor {after.Origin} is the right one: it was taken from that log itself; its entries are those whose root this log's authority signed";
        if (await ReadLaterAsync(ended.Files, report.Replay!, head.Checkpoint, cancellation) is { } unlike)
        {
            return unlike;
        }

        Replay = report.Replay!.Succeed(checkpoint.Origin);
        return null;
    }

    // Held only against the predecessor's own checkpoint: which chains it let go on, not whether rightly.
    private async Task<Rejection?> ReadLaterAsync(LogFiles files, LedgerReplay replay, Checkpoint now, CancellationToken cancellation)
    {
        var edge = replay.Edge;
        if (edge.Size == now.Size)
        {
            return null;
        }

        await foreach (var bundle in AuditedBundle.ReadAllAsync(files, replay, replay.Size / Tile.FullWidth, now.Size, cancellation))
        {
            if (bundle.Rejection is not null)
            {
                return bundle.Rejection;
            }

            for (var i = (int)Math.Max(0, (long)edge.Size - (long)bundle.From); i < bundle.Entries.Length; i++)
            {
                if (bundle.Entries[i].Entry is { } entry)
                {
                    _later.TryAdd(entry.Subject, (entry, bundle.From + (ulong)i));
                }

                edge = edge.Append([bundle.Entries[i].LeafHash]);
            }
        }

        return edge.Root() == now.Root ? null : new Rejection(Failure.RootMismatch, $"What {now.Origin} took in after its successor began is not what it signed.") { Expected = $"root {now.Root}", Found = $"root {edge.Root()}" };
    }

    private static Rejection Foreign(string detail, string expected, string found) => new(Failure.PredecessorForeign, detail) { Expected = expected, Found = found };
}
