using System.CommandLine;
using CriticalMinerals.Client;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;

namespace CriticalMinerals.Cli;

/// <summary><c>cml grant role</c>: the authority grants a further role.</summary>
internal static class GrantRole
{
    internal static Command Make(Terminal terminal)
    {
        var holder = new Option<string>("--operator") { Description = "The operator, did:web:….", Required = true };
        var role = new Option<string>("--role") { Description = "The role.", Required = true };
        return new Signing(terminal).Says(new Command("role", "Grant a further role.") { holder, role }, (parsed, _) =>
            new Statement(parsed.GetRequiredValue(holder), EventEncoding.Of(new RoleGranted { Role = Roles.Read(parsed.GetRequiredValue(role)) })));
    }
}
