using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;

namespace CriticalMinerals.Cli;

/// <summary><c>cml export</c>: a whole log as static files, which any web server can serve and <c>cml audit</c> reads.</summary>
internal static class Export
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(250);

    internal static Command Make(Terminal terminal)
    {
        var log = new Argument<string>("log") { Description = "Address of the ledger, or a folder with its files." };
        var to = new Option<string>("--to") { Description = "Folder; what is there already and right is kept.", Required = true };
        var vkey = new Option<string?>("--vkey") { Description = "The log's verifier key or a file with it." };
        var complete = new Option<bool>("--complete") { Description = "Wait until nothing is missing: the public checkpoint is up to a second behind, with a quorum as long as its witnesses take. For whoever closes a log, once nobody writes there any more." };
        var asking = new Asking();
        var command = new Command("export", "Copy a whole log into a folder; again to bring it up to date.") { log, to, vkey, complete };
        asking.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (where, folder) = (parsed.GetRequiredValue(log), parsed.GetRequiredValue(to));
            Task<ExportReport> ExportAsync(LogFiles files) => terminal.WatchAsync("export", "entries", progress => new LogExporter(files, folder)
            {
                Keys = parsed.GetValue(vkey) is { } given ? Files.ReadVerifierKeys(given) : [],
                Progress = new Relay(progress),
            }.ExportAsync(cancellation));
            if (Directory.Exists(where))
            {
                return asking.HasCaller(parsed) ? throw new UsageException($"{where} is a folder, which asks nobody who reads it: leave --as out.")
                    : parsed.GetValue(complete) ? throw new UsageException($"{where} is a folder, which does not know what its log took in later: --complete asks the log itself.")
                    : Give(terminal, await ExportAsync(LogFiles.In(where)), folder);
            }

            using var http = terminal.Http(where);
            return Give(
                terminal,
                await asking.WithAsync(parsed, http, api => parsed.GetValue(complete) ? CompleteAsync(terminal, api, ExportAsync, cancellation) : ExportAsync(LogFiles.At(api)), cancellation),
                folder);
        });
        return command;
    }

    // Nothing is missing when the log, asked after an export, has no more than was exported. It announces its checkpoints to nobody: they are asked for until one
    // covers that, and only then is the folder brought up to it.
    private static async Task<ExportReport> CompleteAsync(Terminal terminal, LedgerApi api, Func<LogFiles, Task<ExportReport>> exportAsync, CancellationToken cancellation)
    {
        var files = LogFiles.At(api);
        while (true)
        {
            var report = await exportAsync(files);
            var log = await api.GetLogAsync(cancellation);
            if (report.Rejection is not null || log.Size <= (long)report.Size)
            {
                return report;
            }

            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"The log has {log.Size} entries, its checkpoint covers {report.Size}: waiting for the rest. Interrupt to leave it at that."));
            while ((long)(await new EndedLog(files).ReadCheckpointAsync(cancellation)).Size < log.Size)
            {
                await Task.Delay(Moment, cancellation);
            }
        }
    }

    private static int Give(Terminal terminal, ExportReport report, string folder)
    {
        var json = new JsonObject
        {
            ["origin"] = report.Origin,
            ["size"] = report.Size,
            ["root"] = report.Root.ToString(),
            ["folder"] = folder,
            ["written"] = report.Written,
            ["kept"] = report.Kept,
            ["dropped"] = report.Dropped,
            ["rejection"] = report.Rejection is { } wrong ? Rejections.Describe(wrong) : null,
        };
        if (report.Rejection is { } rejection)
        {
            return terminal.Json
                ? terminal.Give("", json, ExitCode.Rejected)
                : terminal.Fail(ExitCode.Rejected, Ledger.FailureNames.ToCode(rejection.Failure), $"{Rejections.Sentence(rejection)} What to do: {rejection.Advice}");
        }

        terminal.Say($"Not checked here: the entries themselves. cml audit {folder} does.");
        return terminal.Give(
            string.Create(CultureInfo.InvariantCulture, $"exported: {report.Origin}, size {report.Size}, root {report.Root}; {Ledger.Counted.Of(report.Written, "file")} written, {Ledger.Counted.Of(report.Kept, "entry bundle was there", "entry bundles were there")}, {Ledger.Counted.Of(report.Dropped, "old file")} dropped"),
            json);
    }
}
