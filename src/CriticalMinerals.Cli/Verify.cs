using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Cli;

/// <summary>
/// <c>cml verify</c>: checks a receipt, an evidence bundle, a line handed over or a contradiction that a monitor found, offline, against the log key given. Trusts nothing else; asks nobody.
/// </summary>
internal static class Verify
{
    internal static Command Make(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "A .tlog-proof, an evidence bundle, a line handed over, or evidence of a monitor." };
        var entry = new Option<string?>("--entry") { Description = "For a receipt: the entry it is of, as leaf or SD-JWT." };
        var vkey = new Option<string?>("--vkey", "--policy") { Description = "The log's verifier key, a file with it, or a tlog-policy file that also says which witnesses have to have cosigned; known by another way than from this file. Needed." };
        var command = new Command("verify", "Check evidence offline.") { file, entry, vkey };
        command.SetAction(parsed =>
        {
            var policy = Files.RequirePolicy(parsed.GetValue(vkey));
            var path = parsed.GetRequiredValue(file);
            var bytes = Files.Read(path);
            if (bytes.AsSpan().TrimStart((byte)' ') is not [(byte)'{', ..])
            {
                return VerifyReceipt(terminal, bytes, parsed.GetValue(entry) ?? throw new UsageException("A receipt is of an entry: give --entry."), policy);
            }

            return Contradiction.IsOne(bytes) ? VerifyContradiction(terminal, bytes, policy.LogKeys)
                : HandedLine.Parse(bytes, out _) is { } line ? VerifyLine(terminal, line, policy)
                : VerifyBundle(terminal, bytes, policy);
        });
        return command;
    }

    private static int VerifyReceipt(Terminal terminal, byte[] bytes, string entryFile, TrustPolicy policy)
    {
        var text = Encoding.UTF8.GetString(Files.Read(entryFile)).Trim();
        var leaf = text.Split('~')[0];
        if (Receipt.Parse(bytes, out var fault) is not { } receipt ||
            Entry.Parse(Encoding.UTF8.GetBytes(leaf), out fault) is not { } entry ||
            (fault = receipt.Verify(entry.LeafHash, policy, out var checkpoint)) is not null)
        {
            return terminal.Fail(ExitCode.Rejected, fault!.Failure.ToCode(), fault.Detail);
        }

        if (checkpoint!.Origin != entry.Origin)
        {
            return terminal.Fail(ExitCode.Rejected, Failure.LogForeign.ToCode(), $"The receipt is of {checkpoint.Origin}, the entry for {entry.Origin}.");
        }

        // With its disclosures the entry must still be what was signed; without, that is nobody's claim here.
        if (text.Contains('~', StringComparison.Ordinal) && SignedEntry.Parse(Encoding.UTF8.GetBytes(text), out fault) is null)
        {
            return terminal.Fail(ExitCode.Rejected, fault!.Failure.ToCode(), fault.Detail);
        }

        terminal.Say("Checked: the entry stands in the log under a checkpoint signed by the key given. Not checked: the entry's own signature and the rules; cml audit does.");
        return terminal.Give(
            string.Create(CultureInfo.InvariantCulture, $"verified: {entry.Event} on {entry.Subject} is entry {receipt.Index} of {checkpoint.Origin}, as of size {checkpoint.Size}."),
            new JsonObject
            {
                ["event"] = entry.Event,
                ["subject"] = entry.Subject,
                ["origin"] = checkpoint.Origin,
                ["index"] = receipt.Index,
                ["size"] = checkpoint.Size,
                ["leafHash"] = entry.LeafHash.ToString(),
            });
    }

    private static int VerifyLine(Terminal terminal, HandedLine line, TrustPolicy policy)
    {
        if (line.Verify(policy, out var quantity) is { } fault)
        {
            return terminal.Fail(ExitCode.Rejected, fault.Failure.ToCode(), fault.Detail);
        }

        terminal.Say("Checked: the line stands in the log and opens for this receiver. Not checked: whether it was taken or taken back since.");
        return terminal.Give(
            $"verified: {quantity} given to {line.Operator} on {line.To}.",
            new JsonObject { ["to"] = line.To, ["operator"] = line.Operator, ["quantity"] = quantity.ToString(), ["entry"] = line.ToRedemption().Entry.ToString(), ["line"] = line.Line });
    }

    private static int VerifyContradiction(Terminal terminal, byte[] bytes, IReadOnlyCollection<NoteVerifier> keys)
    {
        if (Contradiction.Parse(bytes, out var fault) is not { } contradiction || (fault = contradiction.Verify(keys, out _)) is not null)
        {
            return terminal.Fail(ExitCode.Rejected, fault!.Failure.ToCode(), fault.Detail);
        }

        contradiction.Verify(keys, out var word);
        var kind = contradiction.Kind.ToString().ToLowerInvariant();
        terminal.Say($"Checked: what contradicts each other is signed by the keys {(contradiction.Kind == ContradictionKind.Chain ? "of both logs" : "of the log")}, and the proofs tie it together.");
        terminal.Say(word is null ? "Nothing rests on the word of whoever made this file." : $"Not checked, the word of whoever made this file: {word}.");
        return terminal.Give(
            $"verified: {kind} of {contradiction.Origin}.\nexpected: {Terminal.Printable(contradiction.Expected)}\nfound: {Terminal.Printable(contradiction.Found)}",
            new JsonObject { ["kind"] = kind, ["origin"] = contradiction.Origin, ["expected"] = contradiction.Expected, ["found"] = contradiction.Found, ["word"] = word });
    }

    private static int VerifyBundle(Terminal terminal, byte[] bytes, TrustPolicy policy)
    {
        var verdict = EvidenceVerifier.Verify(bytes, policy, out var disclosures);
        if (verdict.Rejection is { } rejection)
        {
            terminal.Say(rejection.Advice);
            return terminal.Json
                ? terminal.Give("", Rejections.Describe(rejection), ExitCode.Rejected)
                : terminal.Fail(ExitCode.Rejected, rejection.Failure.ToCode(), Rejections.Sentence(rejection));
        }

        var text = new StringBuilder("verified");
        var json = new JsonObject();
        foreach (var (name, layer) in new[] { ("structure", verdict.Structure), ("quantities", verdict.Quantities), ("wholeLog", verdict.WholeLog) })
        {
            var (state, what) = layer switch
            {
                LayerVerdict.Verified v => ("verified", v.What),
                LayerVerdict.Withheld w => (string.Create(CultureInfo.InvariantCulture, $"withheld ({w.Count})"), w.What),
                LayerVerdict.NotChecked n => ("not checked here", n.Why),
                _ => throw new InvalidOperationException(),
            };
            text.Append(CultureInfo.InvariantCulture, $"\n{name}: {state}. {what}");
            json[name] = new JsonObject { ["state"] = state, ["what"] = what };
        }

        if (verdict.WitnessedAt is { } at)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nwitnesses: until {DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(at, 253402300799)):u} they saw nothing newer and no other history.");
            json["witnessedAt"] = at;
        }

        if (verdict.Head is { } head)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nhead: {head.Subject} ends with seq {head.Sequence}, as of size {head.Size}.");
            json["head"] = new JsonObject { ["subject"] = head.Subject, ["sequence"] = head.Sequence, ["size"] = head.Size };
        }

        foreach (var chain in disclosures)
        {
            text.Append(CultureInfo.InvariantCulture, $"\ndisclosures of {chain.Subject}: {(chain.Shown.Count == 0 ? "none" : string.Join(", ", chain.Shown))} shown, {chain.Withheld} withheld");
        }

        json["disclosures"] = new JsonArray([.. disclosures.Select(chain => (JsonNode)new JsonObject
        {
            ["subject"] = chain.Subject,
            ["shown"] = new JsonArray([.. chain.Shown.Select(name => (JsonNode)name)]),
            ["withheld"] = chain.Withheld,
        })]);
        json["disputed"] = new JsonArray([.. verdict.Disputed.Select(i => (JsonNode)i)]);
        return terminal.Give(text.ToString(), json);
    }
}

/// <summary>Rejections as people and programs read them.</summary>
internal static class Rejections
{
    internal static string Sentence(Rejection rejection)
    {
        var where = rejection.Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"entry {index}: ") : "";
        var difference = rejection.Expected is null ? "" : $" Expected: {rejection.Expected}. Found: {rejection.Found}.";
        return $"{where}{rejection.Detail}{difference}";
    }

    internal static JsonObject Describe(Rejection rejection) => new()
    {
        ["code"] = rejection.Failure.ToCode(),
        ["detail"] = rejection.Detail,
        ["rule"] = rejection.Rule,
        ["index"] = rejection.Index,
        ["subject"] = rejection.Subject,
        ["seq"] = rejection.Sequence,
        ["expected"] = rejection.Expected,
        ["found"] = rejection.Found,
        ["advice"] = rejection.Advice,
    };
}
