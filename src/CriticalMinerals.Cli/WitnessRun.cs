using System.CommandLine;
using System.Text;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Cli;

/// <summary><c>cml witness</c>: cosigns the checkpoints of other people's logs as long as each goes on from the one before.</summary>
internal static class WitnessRun
{
    internal static Command Make(Terminal terminal)
    {
        var key = new Option<string>("--key") { Description = "The witness's private key, made by cml key witness, with its .vkey beside it.", Required = true };
        var logs = new Option<string>("--logs") { Description = "A tlog-policy file whose log lines say which logs are witnessed, or verifier keys.", Required = true };
        var state = new Option<string>("--state") { Description = "Folder for what was cosigned last. Never restore it from a backup.", Required = true };
        var urls = new Option<string>("--urls") { Description = "Where to listen.", DefaultValueFactory = _ => "http://127.0.0.1:5085" };
        var command = new Command("witness", "Witness other logs: cosign their checkpoints as long as each continues the one before.") { key, logs, state, urls };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(key);
            using var signing = Files.ReadKey(path);
            var beside = path + KeyWitness.VerifierSuffix;
            if (NoteVerifier.Parse(Encoding.UTF8.GetString(Files.Read(beside)).Trim('\n'), out _) is not { Type: NoteSignatureType.CosignatureV1 } verifier || !verifier.Key.Equals(signing.VerifyingKey))
            {
                throw new UsageException($"{beside} is not the verifier key of {path}: cml key witness makes both.");
            }

            var policy = Files.ReadPolicy(parsed.GetRequiredValue(logs));
            if (policy.LogKeys.Count == 0 || policy.LogKeys.Any(log => log.Key.Equals(signing.VerifyingKey)))
            {
                throw new UsageException("--logs names at least one log, and none has the witness's own key.");
            }

            using var folder = WitnessFolder.Open(parsed.GetRequiredValue(state));
            await using var server = await WitnessServer.StartAsync(new Witness(verifier.Name, signing, policy.LogKeys), folder, parsed.GetRequiredValue(urls), TimeProvider.System, cancellation);
            terminal.Say($"{verifier} witnesses {string.Join(", ", policy.LogKeys.Select(log => log.Name).Distinct())} at {string.Join(", ", server.Addresses)}; Ctrl-C stops it.");
            await server.WaitForShutdownAsync(cancellation);
            return ExitCode.Done;
        });
        return command;
    }
}
