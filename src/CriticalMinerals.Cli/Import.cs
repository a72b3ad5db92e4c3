using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Cli;

/// <summary><c>cml import</c>: sends signed entries from a file, one <c>{"sd_jwt":"…"}</c> a line. Safe to repeat: what the log has is not doubled.</summary>
internal static class Import
{
    private const int Window = 256;

    internal static Command Make(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "NDJSON of SD-JWTs, for instance from cml append --sign-only --json." };
        var url = new Option<string>("--url") { Description = "Address of the ledger.", Required = true };
        var command = new Command("import", "Send entries that were signed elsewhere.") { file, url };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(file);
            if (!File.Exists(path))
            {
                throw new UsageException($"{path} does not exist.");
            }

            using var http = terminal.Http(parsed.GetRequiredValue(url));
            var api = new LedgerApi(http);
            long line = 0, admitted = 0, last = -1;
            var refused = new JsonArray();
            foreach (var chunk in File.ReadLines(path).Select((text, i) => Read(path, text, i + 1)).Chunk(Window))
            {
                foreach (var posted in await api.PostEntriesAsync(chunk, cancellation))
                {
                    line++;
                    if (posted.Problem is { } problem)
                    {
                        if (problem.IsUnreachable)
                        {
                            throw problem;
                        }

                        refused.Add(new JsonObject { ["line"] = line, ["code"] = problem.Code, ["detail"] = problem.Detail });
                        terminal.Say(string.Create(CultureInfo.InvariantCulture, $"line {line}: {problem.Message}"));
                    }
                    else
                    {
                        admitted++;
                        last = posted.Index!.Value;
                    }
                }
            }

            var count = refused.Count;
            return terminal.Give(
                string.Create(CultureInfo.InvariantCulture, $"{admitted} of {Counted.Entries(line)} {(admitted == 1 ? "stands" : "stand")} in the log{(last < 0 ? "" : $", the last at index {last}")}; {Counted.Of(count, "was refused", "were refused")}."),
                new JsonObject { ["entries"] = line, ["admitted"] = admitted, ["refused"] = refused },
                count == 0 ? ExitCode.Done : ExitCode.Rejected);
        });
        return command;
    }

    private static string Read(string path, string text, int number) =>
        text.Length <= 2 * SignedEntry.MaximumLength && StrictJson.Parse(System.Text.Encoding.UTF8.GetBytes(text), out _) is { ValueKind: JsonValueKind.Object } json &&
        (json.TryGetProperty("sd_jwt", out var sdJwt) || json.TryGetProperty("sdJwt", out sdJwt)) && sdJwt.ValueKind == JsonValueKind.String
            ? sdJwt.GetString()!
            : throw new UsageException($"{path}: line {number.ToString(CultureInfo.InvariantCulture)} is not {{\"sd_jwt\":\"…\"}}.");
}
