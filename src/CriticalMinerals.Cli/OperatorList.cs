using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Lifecycle.Registry;
using Spectre.Console;

namespace CriticalMinerals.Cli;

/// <summary><c>cml operator list</c>: who is enrolled, in the order of enrolment, as the ledger tells; an audit or an evidence bundle proves it.</summary>
internal static class OperatorList
{
    internal static Command Make(Terminal terminal)
    {
        var url = new Option<string>("--url") { Description = "Address of the ledger.", Required = true };
        var roles = new Option<string[]>("--role") { Description = "Only operators with one of these roles.", AllowMultipleArgumentsPerToken = true };
        var state = new Option<OperatorStanding?>("--state") { Description = "Only operators that are active, suspended, or keyless: without a key that signs." };
        var command = new Command("list", "Show who is enrolled.") { url, roles, state };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (wanted, standing) = (parsed.GetValue(roles)!.Select(Roles.Read).ToList(), parsed.GetValue(state));
            using var http = terminal.Http(parsed.GetRequiredValue(url));
            var found = await new LedgerApi(http).GetOperatorsAsync(cancellation)
                .Where(o => (wanted.Count == 0 || o.Roles.Any(wanted.Contains)) && (standing is null || standing == StandingOf(o)))
                .ToListAsync(cancellation);
            var table = new Table().Border(TableBorder.Simple);
            foreach (var column in (string[])["operator", "name", "roles", "state", "keys", "prefixes", "since", "recorded"])
            {
                table.AddColumn(new TableColumn(column) { NoWrap = column == "operator" }); // A name is there to be copied.
            }

            foreach (var o in found)
            {
                table.AddRow([.. ((string[])[
                    o.Did,
                    o.Name ?? "(a person)",
                    Roles.Text(o.Roles),
                    StandingOf(o).ToString().ToLowerInvariant(),
                    string.Create(CultureInfo.InvariantCulture, $"{o.GoodKeys.Count()} of {o.Keys.Count}"),
                    string.Join(", ", o.Identifiers.Select(i => $"{i.Scheme}:{i.Prefix}")),
                    o.Since.ToString(CultureInfo.InvariantCulture),
                    o.RecordedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)]).Select(text => Markup.Escape(Terminal.Printable(text)))]);
            }

            return terminal.Give(table, new JsonObject { ["operators"] = JsonNode.Parse(new OperatorPage { Operators = found }.ToUtf8())!["operators"]!.DeepClone() });
        });
        return command;
    }

    /// <summary>Whether an operator can say anything now, and if not, why.</summary>
    internal static OperatorStanding StandingOf(EnrolledOperator o) =>
        o.Suspended ? OperatorStanding.Suspended : o.GoodKeys.Any() ? OperatorStanding.Active : OperatorStanding.Keyless;
}

/// <summary>Whether an operator can say anything.</summary>
internal enum OperatorStanding
{
    /// <summary>It can.</summary>
    Active,

    /// <summary>The authority has suspended it.</summary>
    Suspended,

    /// <summary>Not suspended, and no key of it signs.</summary>
    Keyless,
}
