using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Cli;

/// <summary>
/// <c>cml disclose</c>: makes of an evidence bundle another that shows less, for the next reader. Needs no key and asks nobody: what is signed stays byte for
/// byte, and of a value left out only its digest.
/// </summary>
internal static class Disclose
{
    private const int MaximumChosen = 64;

    internal static Command Make(Terminal terminal)
    {
        var file = new Argument<string>("bundle") { Description = "An evidence bundle, as cml passport --evidence saves it." };
        var show = new Option<string?>("--show") { Description = "Show only these disclosed properties, such as mass,content, or none." };
        var hide = new Option<string?>("--hide") { Description = "Show all that the bundle shows but these." };
        var chain = new Option<string?>("--only-chain") { Description = "Mean the properties of this chain alone: --show shows nothing of others, --hide hides nothing of them." };
        var to = new Option<string>("--to") { Description = "File for the new bundle; must not exist.", Required = true };
        var command = new Command("disclose", "Make an evidence bundle that shows less.") { file, show, hide, chain, to };
        command.SetAction(parsed =>
        {
            var (shown, hidden) = (parsed.GetValue(show), parsed.GetValue(hide));
            if ((shown is null) == (hidden is null))
            {
                throw new UsageException("Give either --show or --hide.");
            }

            var names = shown is not null ? Chosen("--show", shown) : Chosen("--hide", hidden!);
            var path = parsed.GetRequiredValue(file);
            if (EvidenceBundle.Parse(Files.Read(path), out var rejection) is not { } bundle)
            {
                terminal.Say(rejection!.Advice);
                return terminal.Fail(ExitCode.Rejected, rejection.Failure.ToCode(), Rejections.Sentence(rejection));
            }

            var only = parsed.GetValue(chain);
            CheckHeld(bundle, path, names, only);
            var less = bundle.Only((placed, disclosure) =>
                (shown is not null) == (names.Contains(disclosure.Name) && (only is null || placed.Entry.Subject == only)));
            var target = parsed.GetRequiredValue(to);
            Files.WriteNew(target, Encoding.UTF8.GetString(less.ToUtf8()));
            terminal.Say($"Written: {target}. To verify it: cml verify {target} --vkey …");
            return Give(terminal, less);
        });
        return command;
    }

    /// <summary>Reads names of disclosed properties with commas between them; empty for <c>none</c>.</summary>
    internal static IReadOnlyCollection<string> Chosen(string option, string text)
    {
        string[] names = text == "none" ? [] : text.Split(',');
        return names.Length <= MaximumChosen && names.All(Names.IsMember)
            ? [.. names.Distinct()]
            : throw new UsageException($"{option} takes at most {MaximumChosen} names of disclosed properties with commas between, such as mass,content, or none.");
    }

    // A name misspelt with --hide would show what was to be hidden, so no name may match nothing.
    private static void CheckHeld(EvidenceBundle bundle, string path, IReadOnlyCollection<string> names, string? only)
    {
        var chains = bundle.Disclosures();
        if (only is not null && bundle.InLogOrder().All(placed => placed.Entry.Subject != only))
        {
            throw new UsageException($"{path} holds no entry of {only}.");
        }

        var held = chains.Where(chain => only is null || chain.Subject == only).SelectMany(chain => chain.Shown).Distinct().Order(StringComparer.Ordinal).ToList();
        if (names.Except(held).ToList() is { Count: > 0 } missing)
        {
            throw new UsageException($"{path} does not show {string.Join(", ", missing)}{(only is null ? "" : $" of {only}")}; it shows {(held.Count == 0 ? "none" : string.Join(", ", held))}.");
        }
    }

    private static int Give(Terminal terminal, EvidenceBundle bundle)
    {
        var entries = bundle.InLogOrder().Where(placed => placed.Entry.Digests.Count > 0)
            .Select(placed => (placed.Index, placed.Entry, Shown: placed.Signed.Disclosures.Select(d => d.Name).Order(StringComparer.Ordinal).ToList(), placed.Signed.Withheld))
            .ToList();
        var json = new JsonObject
        {
            ["subject"] = bundle.Subject,
            ["entries"] = new JsonArray([.. entries.Select(e => (JsonNode)new JsonObject
            {
                ["index"] = e.Index,
                ["subject"] = e.Entry.Subject,
                ["event"] = e.Entry.Event,
                ["shown"] = new JsonArray([.. e.Shown.Select(name => (JsonNode)name)]),
                ["withheld"] = e.Withheld,
            })]),
        };
        return terminal.Give(
            entries.Count == 0
                ? "No entry here has values signed as digests: there is nothing to show or withhold."
                : string.Join('\n', entries.Select(e => string.Create(CultureInfo.InvariantCulture, $"entry {e.Index}, {e.Entry.Event} on {e.Entry.Subject}: {(e.Shown.Count == 0 ? "none" : string.Join(", ", e.Shown))} shown, {e.Withheld} withheld"))),
            json);
    }
}
