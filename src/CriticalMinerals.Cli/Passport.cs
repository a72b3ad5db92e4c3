using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Lifecycle;
using Spectre.Console;

namespace CriticalMinerals.Cli;

/// <summary><c>cml passport</c>: fetches a battery's passport and shows what holds, who signed it, where it comes from and what happened; or the whole with <c>--json</c>.</summary>
internal static class Passport
{
    internal static Command Make(Terminal terminal)
    {
        var battery = new Argument<string>("battery") { Description = "The address on its label, or with --url its chain name or 01/<GTIN>/21/<serial>." };
        var url = new Option<string?>("--url") { Description = "Address of the ledger." };
        var evidence = new Option<string?>("--evidence") { Description = "Write the battery's evidence bundle to this file, for cml verify." };
        var disclose = new Option<string?>("--disclose") { Description = "With --evidence: show only these disclosed properties in the bundle, such as mass,content, or none. By default all that whoever asks may see." };
        var with = new Option<string?>("--with") { Description = $"With --evidence: {WholeGivers.Forms}. Those that gave what went into the battery come with their whole chains, back to the mines, where whoever asks may see them." };
        var asking = new Asking();
        var command = new Command("passport", "Show a battery's passport.") { battery, url, evidence, disclose, with };
        asking.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var name = parsed.GetRequiredValue(battery);
            var (address, path) = parsed.GetValue(url) is { } ledger ? (ledger, ChainNames.PathOf(name)) : Split(name);
            using var http = terminal.Http(address);
            var bundle = parsed.GetValue(evidence);
            var chosen = parsed.GetValue(disclose) is { } names ? Disclose.Chosen("--disclose", names) : null;
            var whole = parsed.GetValue(with) is not { } along ? default
                : bundle is null ? throw new UsageException("--with chooses what a bundle holds: give --evidence.")
                : WholeGivers.Parse(along) ?? throw new UsageException($"--with is {WholeGivers.Forms}.");
            if (chosen is not null && bundle is null)
            {
                throw new UsageException("--disclose chooses what a bundle shows: give --evidence.");
            }

            var passport = await asking.WithAsync(
                parsed,
                http,
                async api =>
                {
                    var told = await api.GetPassportAsync(path, cancellation);
                    if (bundle is not null)
                    {
                        var subject = ChainNames.SubjectOf(path);
                        Files.WriteNew(bundle, Encoding.UTF8.GetString(await api.GetEvidenceAsync(subject, whole, chosen, cancellation)));
                    }

                    return told;
                },
                cancellation);
            terminal.Say(bundle is null ? "As the ledger tells it. To verify it, save its evidence bundle with --evidence and use cml verify." : $"As the ledger tells it. To verify it: cml verify {bundle} --vkey …");
            var table = new Table().Border(TableBorder.Simple).AddColumn("property").AddColumn("value").AddColumn("signed by");
            foreach (var (property, value, signer) in Rows(passport))
            {
                table.AddRow(Markup.Escape(property), Markup.Escape(value), Markup.Escape(signer));
            }

            return terminal.Give(table, new JsonObject { ["passport"] = JsonNode.Parse(passport.GetRawText()) });
        });
        return command;
    }

    // A label carries the address in upper case up to the path: HTTPS://HOST/01/….
    private static (string Address, string Path) Split(string scanned)
    {
        foreach (var key in (string[])["/01/", "/8004/", "/id/"])
        {
            var at = scanned.IndexOf(key, StringComparison.Ordinal);
            if (at > 0 && Uri.TryCreate(scanned[..at] + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            {
                return (address.AbsoluteUri, ChainNames.PathOf(scanned[(at + 1)..]));
            }
        }

        throw new UsageException("Give the whole address from the label, or the battery's name and --url.");
    }

    // What the battery is, then each attribute's statement that holds (the newest that no correction replaced), then where it comes from and what happened.
    private static IEnumerable<(string Property, string Value, string Signer)> Rows(JsonElement passport)
    {
        yield return ("battery", Text(passport, "battery"), "");
        yield return ("status", $"{Text(passport, "status")}, {Text(passport, "recordStatus")}", "");
        yield return ("responsible", Name(passport, "responsible"), "");
        foreach (var attribute in Items(passport, "attributes"))
        {
            var holds = Items(attribute, "statements").FirstOrDefault(s => !s.TryGetProperty("correctedBy", out _));
            if (holds.ValueKind == JsonValueKind.Object)
            {
                var value = holds.TryGetProperty("value", out var given) ? $"{Short(given)} {Text(attribute, "unit")}".TrimEnd() : "not public";
                yield return (Text(attribute, "name"), holds.TryGetProperty("disputed", out _) ? value + " (disputed)" : value, holds.TryGetProperty("provenance", out var provenance) ? Name(provenance, "signer") : "");
            }
        }

        foreach (var giver in Items(passport, "givers"))
        {
            yield return ($"made from: {Text(giver, "kind")}", Text(giver, "chain"), Name(giver, "operator"));
        }

        if (passport.TryGetProperty("inputsNotTraced", out var untraced) && untraced.ValueKind == JsonValueKind.True)
        {
            yield return ("made from", "inputs that no giver signed for: not traced", "");
        }

        foreach (var happened in Items(passport, "timeline"))
        {
            yield return ($"recorded {Text(happened, "recordedAt")}", $"{Text(happened, "event")} {Text(happened, "summary")}".TrimEnd(), Name(happened, "signer"));
        }
    }

    private static string Short(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Short)),
        JsonValueKind.Object => string.Join(", ", value.EnumerateObject().Select(p => Short(p.Value))),
        _ => value.ToString(),
    };

    private static IEnumerable<JsonElement> Items(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    private static string Text(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string Name(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var party) ? Text(party, "name") is { Length: > 0 } known ? known : Text(party, "id") : "";
}
