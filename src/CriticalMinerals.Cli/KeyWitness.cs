using System.CommandLine;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Cli;

/// <summary><c>cml key witness</c>: makes the key of a witness and prints its verifier key, which policies name.</summary>
internal static class KeyWitness
{
    /// <summary>Beside the private key: the verifier key, which has the witness's name.</summary>
    internal const string VerifierSuffix = ".vkey";

    internal static Command Make(Terminal terminal)
    {
        var name = new Option<string>("--name") { Description = "The witness's key name, an address without scheme such as witness.example.com/w1.", Required = true };
        var file = new Option<string>("--out") { Description = "File for the private key.", Required = true };
        var command = new Command("witness", "Make the key of a witness.") { name, file };
        command.SetAction(parsed =>
        {
            var (called, path) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(file));
            using var key = SigningKey.Generate();
            NoteVerifier verifier;
            try
            {
                verifier = new NoteVerifier(called, key.VerifyingKey, NoteSignatureType.CosignatureV1);
            }
            catch (ArgumentException)
            {
                throw new UsageException("--name has 1 to 256 characters, no white space and no plus.");
            }

            Files.WriteNew(path, key.ToPem());
            Files.WriteNew(path + VerifierSuffix, verifier + "\n");
            terminal.Say($"Private key: {path}. It signs cosignatures and nothing else; readable by you alone.");
            return terminal.Give(verifier.ToString(), new JsonObject { ["vkey"] = verifier.ToString(), ["key"] = path });
        });
        return command;
    }
}
