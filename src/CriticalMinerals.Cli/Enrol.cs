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
        return new Signing(terminal).Says(new Command("enrol", "Let an operator in.") { request, name, person, roles }, (parsed, producer) =>
        {
            var asked = EnrolmentRequest.Read(parsed.GetRequiredValue(request), producer.Origin);
            return (parsed.GetValue(name) is null) == (parsed.GetValue(person) is null)
                ? throw new UsageException("Exactly one of --name and --person-name is given.")
                : new Statement(asked.Operator, EventEncoding.Of(new OperatorEnrolled
                {
                    Operator = asked.Operator,
                    Name = parsed.GetValue(name),
                    PersonName = parsed.GetValue(person),
                    Roles = [.. parsed.GetRequiredValue(roles).Select(Roles.Read)],
                    Key = asked.Key,
                }));
        });
    }
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

    internal static Role Read(string name) => ByName.TryGetValue(name, out var role) ? role : throw new UsageException($"{name} is no role. Roles: {string.Join(", ", ByName.Keys)}.");
}
