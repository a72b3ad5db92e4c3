using System.CommandLine;
using CriticalMinerals.Client;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Cli;

/// <summary><c>cml enrol</c>: the authority lets an operator in.</summary>
internal static class Enrol
{
    internal static Command Make(Terminal terminal)
    {
        var request = new Argument<string>("request") { Description = "Request made by the operator's cml key new." };
        var name = new Option<string?>("--name") { Description = "Name of the firm or authority." };
        var person = new Option<string?>("--person-name") { Description = "Name of a natural person: a disclosure that can be erased." };
        var roles = Roles.Option();
        return new Signing(terminal).Says(new Command("enrol", "Let an operator in, without a look first: see operator approve.") { request, name, person, roles }, (parsed, producer) =>
            StatementOf(EnrolmentRequest.Read(parsed.GetRequiredValue(request), producer.Origin), parsed.GetValue(name), parsed.GetValue(person), [.. parsed.GetRequiredValue(roles).Select(Roles.Read)]));
    }

    internal static Statement StatementOf(EnrolmentRequest asked, string? name, string? person, IReadOnlyList<Role> roles) => (name is null) == (person is null)
        ? throw new UsageException("Exactly one of --name and --person-name is given.")
        : new Statement(asked.Operator, EventEncoding.Of(new OperatorEnrolled { Operator = asked.Operator, Name = name, PersonName = person, Roles = roles, Key = asked.Key }));
}

/// <summary>Roles as they are spelled on the wire.</summary>
internal static class Roles
{
    private static readonly Dictionary<string, Role> ByName = Enum.GetValues<Role>()
        .ToDictionary(r => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(r.ToString()), StringComparer.Ordinal);

    internal static Option<string[]> Option() => new("--role")
    {
        Description = $"One or more of {string.Join(", ", ByName.Keys)}.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    internal static string Text(IEnumerable<Role> roles) => string.Join(", ", roles.Select(r => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(r.ToString())));

    internal static Role Read(string name) => ByName.TryGetValue(name, out var role) ? role : throw new UsageException($"{name} is no role. Roles: {string.Join(", ", ByName.Keys)}.");
}
