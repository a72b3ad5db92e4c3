using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Cli;

/// <summary>
/// <c>cml receipt</c>: asks a ledger for the receipt of an entry as it is now, under the newest checkpoint that witnesses have cosigned, and keeps it only when it
/// verifies. The one that came with the entry is older than any cosignature.
/// </summary>
internal static class GetReceipt
{
    internal static Command Make(Terminal terminal)
    {
        var entry = new Argument<string>("entry") { Description = "The entry, as a file with its leaf or SD-JWT, or its leaf hash." };
        var url = new Option<string>("--url") { Description = "Address of the ledger.", Required = true };
        var vkey = new Option<string?>("--vkey", "--policy") { Description = "The log's verifier key, a file with it, or a tlog-policy file that also says which witnesses have to have cosigned. Needed." };
        var to = new Option<string?>("--to") { Description = $"File for the receipt, such as lot{Receipt.FileSuffix}; must not exist. Without, it is printed." };
        var asking = new Asking();
        var command = new Command("receipt", "Fetch an entry's receipt with the witnesses' cosignatures, and verify it.") { entry, url, vkey, to };
        asking.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var policy = Files.RequirePolicy(parsed.GetValue(vkey));
            var (leafHash, read) = Read(parsed.GetRequiredValue(entry));
            var target = parsed.GetValue(to);
            if (target is not null && File.Exists(target))
            {
                throw new UsageException($"{target} exists already and is not written over: give another name with --to.");
            }

            using var http = terminal.Http(parsed.GetRequiredValue(url));
            var bytes = await asking.WithAsync(parsed, http, api => api.GetReceiptAsync(leafHash, cancellation), cancellation);
            if (Receipt.Parse(bytes, out var fault) is not { } receipt || (fault = receipt.Verify(leafHash, policy, out var checkpoint)) is not null)
            {
                return terminal.Fail(
                    ExitCode.Rejected,
                    fault!.Failure.ToCode(),
                    fault.Failure == Failure.QuorumMissing ? $"{fault.Detail} Witnesses cosign a moment after the entry: ask again. Nothing was written." : $"{fault.Detail} Nothing was written.");
            }

            if (read is not null && read.Origin != checkpoint!.Origin)
            {
                return terminal.Fail(ExitCode.Rejected, Failure.LogForeign.ToCode(), $"The receipt is of {checkpoint.Origin}, the entry for {read.Origin}. Nothing was written.");
            }

            return Give(terminal, receipt, policy.Verify(receipt.Checkpoint, out _)!, leafHash, target);
        });
        return command;
    }

    private static (Digest LeafHash, Entry? Entry) Read(string given)
    {
        if (!File.Exists(given))
        {
            return Digest.TryParse(given, out var hash) ? (hash, null)
                : throw new UsageException($"{given} is no file that is there, and no leaf hash, which has 43 characters of base64url.");
        }

        var leaf = Encoding.UTF8.GetString(Files.Read(given)).Trim().Split('~')[0];
        return Entry.Parse(Encoding.UTF8.GetBytes(leaf), out var fault) is { } entry ? (entry.LeafHash, entry) : throw new UsageException($"{given} holds no entry: {fault!.Detail}");
    }

    private static int Give(Terminal terminal, Receipt receipt, TrustedCheckpoint trusted, Digest leafHash, string? target)
    {
        var witnesses = trusted.Cosignatures.Count;
        terminal.Say(string.Create(CultureInfo.InvariantCulture, $"Checked: the entry is number {receipt.Index} of {trusted.Checkpoint.Origin}, as of size {trusted.Checkpoint.Size}; {(witnesses == 0 ? "no witness that is known here has cosigned that" : Counted.Of(witnesses, "witness has cosigned that", "witnesses have cosigned that"))}."));
        if (target is not null)
        {
            Files.WriteNew(target, receipt.ToString());
        }

        return terminal.Give(
            target is null ? receipt.ToString().TrimEnd('\n') : $"{target}: verified.",
            new JsonObject
            {
                ["leafHash"] = leafHash.ToString(),
                ["origin"] = trusted.Checkpoint.Origin,
                ["index"] = receipt.Index,
                ["size"] = trusted.Checkpoint.Size,
                ["cosignatures"] = new JsonArray([.. trusted.Cosignatures.Select(cosignature => (JsonNode)cosignature.By.Name)]),
                ["witnessedAt"] = trusted.WitnessedAt,
                ["file"] = target,
                ["receipt"] = receipt.ToString(),
            });
    }
}
