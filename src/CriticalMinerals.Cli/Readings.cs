using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using Spectre.Console;

namespace CriticalMinerals.Cli;

/// <summary><c>cml readings</c>: who read a chain, for the operator that answers for it; checks that no record was altered, dropped or slipped in.</summary>
internal static class Readings
{
    internal static Command Make(Terminal terminal)
    {
        var subject = new Argument<string>("sub") { Description = "The chain's name." };
        var url = new Option<string>("--url") { Description = "Address of the ledger.", Required = true };
        var last = new Option<string?>("--last") { Description = "File that keeps the log's last statement; the next run demands that the records go on from it." };
        var head = new Option<string?>("--head-key") { Description = "x of the log's head key, base64url, known by another way: checks the statement's signature." };
        var evidence = new Option<string?>("--evidence") { Description = "An evidence bundle of the log, which names its head key; with --vkey." };
        var vkey = new Option<string?>("--vkey") { Description = "The log's verifier key or a file with it, for --evidence." };
        var asking = new Asking();
        var command = new Command("readings", "Say who read a chain, and check the records.") { subject, url, last, head, evidence, vkey };
        asking.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!asking.HasCaller(parsed))
            {
                throw new UsageException("Who read a chain is told to the operator that answers for it: give --as.");
            }

            var keys = KeysOf(parsed.GetValue(head), parsed.GetValue(evidence), parsed.GetValue(vkey));
            var file = parsed.GetValue(last);
            using var http = terminal.Http(parsed.GetRequiredValue(url));
            var report = await asking.WithAsync(
                parsed,
                http,
                api => new ReadingsAuditor(api) { HeadKey = keys, StatementFile = file }.AuditAsync(parsed.GetRequiredValue(subject), cancellation),
                cancellation);
            return report.IsVerified ? Give(terminal, report, file) : Refuse(terminal, report, file);
        });
        return command;
    }

    private static HeadKeySource? KeysOf(string? x, string? evidence, string? vkey)
    {
        if ((evidence is null) != (vkey is null) || (x is not null && evidence is not null))
        {
            throw new UsageException("Give --head-key, or --evidence and --vkey.");
        }

        if (x is not null)
        {
            var key = VerifyingKey.FromX(x, out var malformed) ?? throw new UsageException($"--head-key: {malformed!.Detail}");
            return (string _, out Fault? fault) =>
            {
                fault = null;
                return key;
            };
        }

        if (evidence is null)
        {
            return null;
        }

        var policy = new TrustPolicy(Files.ReadVerifierKeys(vkey!));
        var bundle = EvidenceBundle.Parse(Files.Read(evidence), out var rejection) ?? throw new UsageException($"{evidence}: {rejection!.Detail}");
        return (string keyId, out Fault? fault) =>
        {
            var key = EvidenceVerifier.HeadKey(bundle, policy, keyId, out var wrong);
            fault = wrong is null ? null : new Fault(wrong.Failure, $"{evidence}: {Rejections.Sentence(wrong)}");
            return key;
        };
    }

    private static int Give(Terminal terminal, ReadingsReport report, string? file)
    {
        var (history, statement) = (report.History, report.History.Statement!);
        terminal.Say(string.Create(CultureInfo.InvariantCulture, $"Checked: {Counted.Of(statement.Count, "record")}, each number and hash from the first on, the readers' names, and that the log states the same count and hash."));
        terminal.Say(report.IsSignatureChecked ? $"Checked: the statement is signed by {statement.KeyId}." : "Not checked: the statement's signature; give --head-key, or --evidence and --vkey.");
        terminal.Say(
            report.Earlier is { } earlier ? string.Create(CultureInfo.InvariantCulture, $"Checked: the {Counted.Of(earlier.Count, "record of the earlier statement is", "records of the earlier statement are")} there unchanged. The new one is kept in {file}.")
            : file is not null ? $"Not checked: whether records went or changed before: there was no earlier statement. This one is kept in {file}."
            : "Not checked: whether records went or changed before; keep the statement with --last.");
        var json = new JsonObject
        {
            ["subject"] = report.Subject,
            ["count"] = statement.Count,
            ["hash"] = statement.Hash.ToString(),
            ["statement"] = statement.Text,
            ["signatureChecked"] = report.IsSignatureChecked,
            ["earlierCount"] = report.Earlier?.Count,
            ["records"] = new JsonArray([.. history.Readings.Select(reading => (JsonNode)new JsonObject
            {
                ["number"] = reading.Number,
                ["at"] = When(reading),
                ["who"] = reading.Who,
                ["what"] = reading.What,
                ["why"] = reading.Why,
            })]),
        };
        var table = new Table().Border(TableBorder.Simple).AddColumn("when").AddColumn("who").AddColumn("what").AddColumn("why");
        foreach (var reading in history.Readings)
        {
            table.AddRow(Markup.Escape(When(reading)), Markup.Escape(reading.Who ?? "forgotten"), Markup.Escape(reading.What), Markup.Escape(reading.Why));
        }

        return terminal.Give(table, json);
    }

    private static int Refuse(Terminal terminal, ReadingsReport report, string? file)
    {
        var fault = report.Fault!;
        if (report.IsContradicted)
        {
            terminal.Say($"Keep {file} and this statement: together they prove it.\n{report.History.Statement!.Text}");
        }

        return terminal.Json
            ? terminal.Give(
                "",
                new JsonObject
                {
                    ["code"] = fault.Failure.ToCode(),
                    ["detail"] = fault.Detail,
                    ["record"] = report.History.WrongRecord,
                    ["statement"] = report.History.Statement?.Text,
                    ["contradicted"] = report.IsContradicted ? report.Earlier!.Text : null,
                },
                ExitCode.Rejected)
            : terminal.Fail(ExitCode.Rejected, fault.Failure.ToCode(), fault.Detail);
    }

    private static string When(Reading reading) => reading.At.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
