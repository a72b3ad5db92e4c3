using System.CommandLine;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Cli;

/// <summary><c>cml check</c>: whether an event file would be admitted. Without <c>--url</c> its form alone; with it the ledger says, and writes nothing.</summary>
internal static class Check
{
    internal static Command Make(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "Event file: {subject, event, data, for?, out?, in?, ref?, occurredAt?}." };
        var signing = new Signing(terminal, isRequired: false);
        var command = new Command("check", "Say whether an event would be admitted; write nothing.") { file };
        signing.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(file);
            var read = EventFile.Read(path);
            return signing.HasLedger(parsed)
                ? await signing.WithAsync(
                    parsed,
                    async producer =>
                    {
                        await producer.CheckAsync(read.ToStatement(producer.Operator, producer.LogKeys), cancellation);
                        return terminal.Give($"{path}: the ledger would admit it now.", new JsonObject { ["checked"] = "ledger" });
                    },
                    cancellation)
                : CheckForm(terminal, path, read.ToStatement(null, null));
        });
        return command;
    }

    /// <summary>Why the form of a statement is wrong, whatever stands in the ledger; null when it is right.</summary>
    internal static Refusal? FormOf(Statement statement)
    {
        // Signed with a key that is thrown away, so that exactly what the door reads is read here.
        using var key = SigningKey.Generate();
        var now = TimeProvider.System.GetUtcNow();
        try
        {
            var signed = statement.Event.Draft("did:web:example.invalid#check", new EntryPlace("example.invalid/check", statement.Subject, 0, Digest.Zero, now, statement.OccurredAt ?? now)).Sign(key);
            return Candidate.Read(signed, out var refusal) is null ? refusal : null;
        }
        catch (ArgumentException e)
        {
            return new Refusal(RefusalCode.DataInvalid, e.Message);
        }
    }

    private static int CheckForm(Terminal terminal, string path, Statement statement)
    {
        if (FormOf(statement) is { } refusal)
        {
            return terminal.Fail(ExitCode.Rejected, refusal.Code.ToCode(), $"{path}: {refusal.Detail}");
        }

        terminal.Say("Not checked here: chain, rights, order, references. Give --url and --key to ask the ledger.");
        return terminal.Give(
            $"{path}: the form of {statement.Event.Type.Name} is right; {statement.Event.Disclosures.Count} of its values are signed as digests.",
            new JsonObject { ["checked"] = "form", ["event"] = statement.Event.Type.Name, ["disclosures"] = statement.Event.Disclosures.Count });
    }
}
