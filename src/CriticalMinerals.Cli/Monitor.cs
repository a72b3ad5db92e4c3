using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Cli;

/// <summary>
/// <c>cml monitor</c>: audits a log as it grows and ends with an alarm on fork, rollback, stall, omission, an unsound log or long silence: evidence as a file,
/// a message to the webhook, and the exit code.
/// </summary>
internal static class Monitor
{
    private const int MaximumStatements = 10_000;

    private static readonly Patience Persistence = new(4, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    private static readonly TimeSpan WebhookTimeout = TimeSpan.FromSeconds(10);

    internal static Command Make(Terminal terminal)
    {
        var log = new Argument<string>("log") { Description = "Address of the ledger, or a folder with checkpoint and tiles." };
        var vkey = new Option<string?>("--vkey", "--policy") { Description = "The log's verifier key and those of witnesses, a file with them, or a tlog-policy file. Cosignatures of the quorum, or else of any witness, must not be older than --stall; witnesses with an address are asked what they saw. Needed." };
        var state = new Option<string>("--state") { Description = "File that remembers the audit; what the monitor itself remembers stands beside it.", Required = true };
        var every = Span("--every", "Time between two looks, such as 10s, 5m or 1h.", TimeSpan.FromSeconds(10));
        var stall = Span("--stall", "For how long the log may owe what it signed that it has.", TimeSpan.FromMinutes(10));
        var silence = Span("--silence", "For how long the log may not answer.", TimeSpan.FromMinutes(5));
        var once = new Option<bool>("--once") { Description = "One look." };
        var webhook = new Option<string?>("--webhook") { Description = "Address that is told of an alarm: a POST of JSON with kind, origin, expected, found and evidence." };
        var compare = new Option<string[]>("--compare") { Description = "Address or file of a checkpoint of this log shown elsewhere: by another node, a witness, a reader.", AllowMultipleArgumentsPerToken = true };
        var heads = new Option<string[]>("--heads") { Description = "File or folder of head statements that readers kept: the log must agree with each.", AllowMultipleArgumentsPerToken = true };
        var watch = new Option<string[]>("--watch") { Description = "Chain whose head the log is asked for in every look.", AllowMultipleArgumentsPerToken = true };
        var evidence = new Option<string?>("--evidence") { Description = "Folder for evidence; by default that of the state file." };
        var before = new Predecessors();
        var asking = new Asking();
        var command = new Command("monitor", "Audit a log as it grows and give alarm.") { log, vkey, state, every, stall, silence, once, webhook, compare, heads, watch, evidence };
        before.AddTo(command);
        asking.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var where = parsed.GetRequiredValue(log);
            var stateFile = parsed.GetRequiredValue(state);
            var hook = parsed.GetValue(webhook) is { } address ? AddressOf(address) : null;
            var policy = Files.RequirePolicy(parsed.GetValue(vkey));
            using var predecessors = before.Open(parsed, terminal);
            async Task<int> WatchAsync(LogFiles files, LedgerApi? api)
            {
                var monitor = new LogMonitor(files, api)
                {
                    Policy = policy,
                    StateFile = stateFile,
                    Predecessors = predecessors.Logs,
                    Stall = parsed.GetValue(stall),
                    Silence = parsed.GetValue(silence),
                    Watched = parsed.GetValue(watch) ?? [],
                    Statements = () => ReadStatements(parsed.GetValue(heads) ?? []),
                    Others = [.. (parsed.GetValue(compare) ?? []).Select(from => (from, Reader(terminal, from))), .. WitnessesOf(terminal, policy)],
                };
                var folder = parsed.GetValue(evidence) ?? Path.GetDirectoryName(Path.GetFullPath(stateFile))!;
                return await RunAsync(terminal, monitor, parsed.GetValue(once) ? null : parsed.GetValue(every), folder, hook, cancellation);
            }

            if (Directory.Exists(where))
            {
                return asking.HasCaller(parsed)
                    ? throw new UsageException($"{where} is a folder, which asks nobody who reads it: leave --as out.")
                    : await WatchAsync(LogFiles.In(where), null);
            }

            using var http = terminal.Http(where);
            return await asking.WithAsync(parsed, http, api => WatchAsync(LogFiles.At(api), api), cancellation);
        });
        return command;
    }

    // Ends with the first alarm: whoever restarts it is told again, until somebody has looked.
    private static async Task<int> RunAsync(Terminal terminal, LogMonitor monitor, TimeSpan? every, string folder, Uri? webhook, CancellationToken cancellation)
    {
        for (ulong? shown = null; ;)
        {
            var round = await monitor.LookAsync(cancellation);
            foreach (var what in round.NotLooked)
            {
                terminal.Say($"not looked at: {Terminal.Printable(what)}");
            }

            if (round.Alarm is { } alarm)
            {
                return await GiveAsync(terminal, alarm, folder, webhook, monitor.Clock, cancellation);
            }

            if (every is null)
            {
                return round.Report is { } report ? Give(terminal, report) : terminal.Fail(ExitCode.Unreachable, LedgerApiException.Unreachable, string.Join(' ', round.NotLooked));
            }

            if (round.Report is { } sound && sound.Size != shown)
            {
                shown = sound.Size;
                terminal.Say(string.Create(CultureInfo.InvariantCulture, $"verified: {sound.Origin}, size {sound.Size}, root {sound.Root}"));
            }

            await Task.Delay(every.Value, monitor.Clock, cancellation);
        }
    }

    private static int Give(Terminal terminal, AuditReport report) => terminal.Give(
        string.Create(CultureInfo.InvariantCulture, $"verified: {report.Origin}, size {report.Size}, root {report.Root}"),
        new JsonObject { ["origin"] = report.Origin, ["size"] = report.Size, ["root"] = report.Root.ToString(), ["checkpoint"] = report.Checkpoint });

    private static async Task<int> GiveAsync(Terminal terminal, Alarm alarm, string folder, Uri? webhook, TimeProvider clock, CancellationToken cancellation)
    {
        var kind = alarm.Kind.ToString().ToLowerInvariant();
        var file = alarm.Evidence is { } evidence ? Files.WriteEvidence(folder, evidence) : null;
        var json = new JsonObject
        {
            ["kind"] = kind,
            ["origin"] = alarm.Origin,
            ["at"] = alarm.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["detail"] = alarm.Detail,
            ["expected"] = alarm.Expected,
            ["found"] = alarm.Found,
            ["evidence"] = alarm.Evidence?.ToJson(),
        };
        if (webhook is not null)
        {
            var told = await TellAsync(terminal, webhook, json.ToJsonString(), clock, cancellation);
            terminal.Say(told is null ? $"told: {webhook}" : $"NOT told: {webhook}: {Terminal.Printable(told)}");
        }

        json.Remove("evidence");
        json["evidence"] = file;
        return terminal.Give(
            $"ALARM {kind}: {alarm.Origin}\n{alarm.Detail}\nexpected: {alarm.Expected}\nfound: {alarm.Found}" + (file is null ? "" : $"\nevidence: {file}; anybody checks it with cml verify and the log's verifier key"),
            json,
            alarm.Kind == AlarmKind.Unreachable ? ExitCode.Unreachable : ExitCode.Rejected);
    }

    // Whatever the other side answers, only whether it took the message counts; its body is not read.
    private static async Task<string?> TellAsync(Terminal terminal, Uri webhook, string json, TimeProvider clock, CancellationToken cancellation)
    {
        bool MayPass(Exception e) => e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested);
        using var http = terminal.Http(webhook.GetLeftPart(UriPartial.Authority));
        http.Timeout = WebhookTimeout;
        try
        {
            return await Persistence.CallAsync<string?>(
                async () =>
                {
                    using var body = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
                    using var request = new HttpRequestMessage(HttpMethod.Post, webhook) { Content = body };
                    using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
                    answer.EnsureSuccessStatusCode();
                    return null;
                },
                MayPass,
                clock,
                cancellation);
        }
        catch (Exception e) when (MayPass(e))
        {
            return e.Message;
        }
    }

    private static IReadOnlyList<(string From, string Text)> ReadStatements(string[] places)
    {
        var files = places.SelectMany(place => Directory.Exists(place) ? Directory.GetFiles(place).Order(StringComparer.Ordinal).ToArray()
            : File.Exists(place) ? [place]
            : throw new UsageException($"--heads: {place} does not exist."));
        return [.. files.SelectMany(file => Encoding.UTF8.GetString(Files.Read(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => (file, line))).Take(MaximumStatements)];
    }

    private static Func<CancellationToken, Task<byte[]?>> Reader(Terminal terminal, string from)
    {
        if (!from.Contains("://", StringComparison.Ordinal))
        {
            return cancellation => LogFiles.In(Path.GetDirectoryName(Path.GetFullPath(from))!).ReadAsync(Path.GetFileName(from), SignedNote.MaxLength, cancellation);
        }

        var address = AddressOf(from);
        return async cancellation =>
        {
            using var http = terminal.Http(address.GetLeftPart(UriPartial.Authority));
            return await new LedgerApi(http).GetFileAsync(address.PathAndQuery, SignedNote.MaxLength, cancellation);
        };
    }

    // What each witness saw of the log, by its own word (C2SP tlog-witness).
    private static IEnumerable<(string From, Func<CancellationToken, Task<byte[]?>> Read)> WitnessesOf(Terminal terminal, TrustPolicy policy) =>
        from witness in policy.Witnesses
        where witness.Address is not null
        from origin in policy.LogKeys.Select(key => key.Name).Distinct()
        select ($"witness {witness.Name}", (Func<CancellationToken, Task<byte[]?>>)(async cancellation =>
        {
            using var http = terminal.Http(witness.Address!);
            return await new WitnessClient(http, witness.Key).LatestAsync(origin, policy.LogKeys, cancellation) is { } latest ? Encoding.UTF8.GetBytes(latest.Note.ToString()) : null;
        }));

    private static Uri AddressOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : throw new UsageException($"{text} is no http or https address.");

    private static Option<TimeSpan> Span(string name, string what, TimeSpan usual) => new(name)
    {
        Description = $"{what} By default {(int)usual.TotalSeconds}s.",
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (text.Length is >= 2 and <= 8 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && "smhd".Contains(text[^1], StringComparison.Ordinal))
            {
                return text[^1] switch { 's' => TimeSpan.FromSeconds(number), 'm' => TimeSpan.FromMinutes(number), 'h' => TimeSpan.FromHours(number), _ => TimeSpan.FromDays(number) };
            }

            result.AddError($"{name} is a number and s, m, h or d, such as 10s.");
            return default;
        },
    };
}
