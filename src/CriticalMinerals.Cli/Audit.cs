using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Cli;

/// <summary><c>cml audit</c>: recomputes a whole log from its public files and says what was checked, what was not, and the first thing that is wrong.</summary>
internal static class Audit
{
    internal static Command Make(Terminal terminal)
    {
        var log = new Argument<string>("log") { Description = "Address of the ledger, or a folder with checkpoint and tiles." };
        var vkey = new Option<string?>("--vkey", "--policy") { Description = "The log's verifier key, a file with it, or a tlog-policy file that also says which witnesses have to have cosigned." };
        var state = new Option<string?>("--state") { Description = "File that remembers the last checkpoint and how far the log was replayed: the next audit demands that the log goes on from there, and reads only what is new." };
        var full = new Option<bool>("--full") { Description = "Read every entry again although the state file knows it. Stopped, it goes on without --full." };
        var authority = new Option<string?>("--timestamp-authority") { Description = "File with the certificate (PEM) of a time stamping authority: its stamps of checkpoints say since when entries exist." };
        var evidence = new Option<string?>("--evidence") { Description = "Folder for evidence, where a chain goes on in two logs; by default that of the state file." };
        var before = new Predecessors();
        var asking = new Asking();
        var command = new Command("audit", "Recompute and check a whole log.") { log, vkey, state, full, authority, evidence };
        before.AddTo(command);
        asking.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var where = parsed.GetRequiredValue(log);
            using var predecessors = before.Open(parsed, terminal);
            var authorities = parsed.GetValue(authority) is { } pem ? Files.ReadCertificates(pem) : null;
            var folder = parsed.GetValue(evidence) ?? (parsed.GetValue(state) is { } kept ? Path.GetDirectoryName(Path.GetFullPath(kept)) : null);
            async Task<(AuditReport Report, IReadOnlyList<StampedCheckpoint>? Stamps)> AuditAsync(LogFiles files)
            {
                var report = await terminal.WatchAsync("audit", "entries", progress => new Auditor(files)
                {
                    Policy = parsed.GetValue(vkey) is { } given ? Files.ReadPolicy(given) : null,
                    StateFile = parsed.GetValue(state),
                    Full = parsed.GetValue(full),
                    Predecessors = predecessors.Logs,
                    Progress = new Relay(progress),
                }.AuditAsync(cancellation));
                return (report, authorities is null || !report.IsVerified ? null : await new TimeStampAuditor(files, authorities).AuditAsync(report, cancellation));
            }

            try
            {
                return await RunAsync();
            }
            catch (Exception e) when (File.Exists(parsed.GetValue(state)) && (e is LedgerApiException { IsUnreachable: true } or OperationCanceledException))
            {
                terminal.Say($"What was audited is kept in {parsed.GetValue(state)}; the same command goes on from there.");
                throw;
            }

            async Task<int> RunAsync()
            {
                if (Directory.Exists(where))
                {
                    return asking.HasCaller(parsed)
                        ? throw new UsageException($"{where} is a folder, which asks nobody who reads it: leave --as out.")
                        : Give(terminal, await AuditAsync(LogFiles.In(where)), folder);
                }

                using var http = terminal.Http(where);
                return Give(terminal, await asking.WithAsync(parsed, http, api => AuditAsync(LogFiles.At(api)), cancellation), folder);
            }
        });
        return command;
    }

    private static int Give(Terminal terminal, (AuditReport Report, IReadOnlyList<StampedCheckpoint>? Stamps) audited, string? folder)
    {
        var (report, stamps) = audited;
        var file = report.Evidence is { } evidence && folder is not null ? Files.WriteEvidence(folder, evidence) : null;
        var json = new JsonObject
        {
            ["origin"] = report.Origin,
            ["size"] = report.Size,
            ["root"] = report.Root.ToString(),
            ["entries"] = report.Entries,
            ["entriesTakenOver"] = report.EntriesTakenOver,
            ["batteries"] = report.Batteries,
            ["chains"] = new JsonObject(report.Chains.OrderBy(c => c.Key).Select(c => KeyValuePair.Create(JsonNamingPolicy.CamelCase.ConvertName(c.Key.ToString()), (JsonNode?)c.Value))),
            ["disputed"] = report.Disputed,
            ["withheldQuantities"] = report.WithheldQuantities,
            ["vkeys"] = new JsonArray([.. report.Keys.Select(k => (JsonNode)k.ToString())]),
            ["checkpoint"] = report.Checkpoint,
            ["checked"] = new JsonArray([.. report.Checked.Select(c => (JsonNode)c)]),
            ["takenOver"] = new JsonArray([.. report.TakenOver.Select(c => (JsonNode)c)]),
            ["notChecked"] = new JsonArray([.. report.NotChecked.Select(c => (JsonNode)c)]),
            ["rejection"] = report.Rejection is { } wrong ? Rejections.Describe(wrong) : null,
            ["contradicted"] = report.Contradicted,
            ["evidence"] = file,
            ["predecessors"] = new JsonArray([.. report.Predecessors.Select(p => (JsonNode)new JsonObject { ["origin"] = p.Origin, ["size"] = p.Size, ["root"] = p.Root.ToString(), ["entries"] = p.Entries })]),
        };
        if (stamps is not null)
        {
            json["timestamps"] = new JsonArray([.. stamps.Select(stamp => (JsonNode)new JsonObject
            {
                ["size"] = stamp.Size,
                ["time"] = stamp.Fault is null ? Moment(stamp) : null,
                ["authority"] = stamp.Authority,
                ["code"] = stamp.Fault?.Failure.ToCode(),
                ["detail"] = stamp.Fault?.Detail,
            })]);
        }

        var text = new StringBuilder();
        var isMissing = report.Rejection is { Failure: Failure.PredecessorMissing };
        text.Append(CultureInfo.InvariantCulture, $"{(report.IsVerified ? "verified" : isMissing ? "NOT VERIFIED, predecessor missing" : "REJECTED")}: {report.Origin}, size {report.Size}, root {report.Root}\n");
        text.Append(CultureInfo.InvariantCulture, $"{Counted.Entries(report.Entries)} on {Counted.Of(report.Chains.Values.Sum(), "chain")}, {Counted.Of(report.Batteries, "of them a battery", "of them batteries")}; {Counted.Entries(report.Disputed)} disputed\n");
        if (report.Rejection is { } rejection)
        {
            text.Append(CultureInfo.InvariantCulture, $"{rejection.Failure.ToCode()}{(rejection.Rule is { } rule ? $" ({rule})" : "")}: {Rejections.Sentence(rejection)}\n");
            if (rejection.Subject is { } subject)
            {
                text.Append(CultureInfo.InvariantCulture, $"Chain: {Terminal.Printable(subject)}{(rejection.Sequence is { } sequence ? FormattableString.Invariant($", seq {sequence}") : "")}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"What to do: {rejection.Advice}\n");
            if (report.Evidence is not null)
            {
                text.Append(file is null ? "To keep what proves it to anybody, give --evidence <folder>.\n" : $"evidence: {file}; anybody checks it with cml verify and the verifier keys of both logs\n");
            }

            if (report.Contradicted is not null)
            {
                text.Append("Keep the state file and this checkpoint: together they prove it.\n").Append(report.Checkpoint);
            }
        }

        text.AppendJoin("", report.Checked.Select(c => $"checked: {c}\n")).AppendJoin("", report.TakenOver.Select(c => $"taken over: {c}\n")).AppendJoin("", report.NotChecked.Select(c => $"not checked: {c}\n"));
        foreach (var stamp in stamps ?? [])
        {
            text.Append(stamp.Fault is null
                ? string.Create(CultureInfo.InvariantCulture, $"checked: the first {Counted.Entries(stamp.Size)} existed at {Moment(stamp)} by {Terminal.Printable(stamp.Authority!)}; whether its certificate was revoked is not asked\n")
                : string.Create(CultureInfo.InvariantCulture, $"TIME STAMP REJECTED: size {stamp.Size}: {stamp.Fault.Failure.ToCode()}: {stamp.Fault.Detail}\n"));
        }

        text.Append(stamps is { Count: 0 } ? "not checked: when entries existed: the log keeps no time stamps\n" : "");
        return terminal.Give(text.ToString().TrimEnd(), json, report.IsVerified && stamps?.Any(stamp => stamp.Fault is not null) != true ? ExitCode.Done : isMissing ? ExitCode.Usage : ExitCode.Rejected);
    }

    private static string Moment(StampedCheckpoint stamp) => stamp.Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
