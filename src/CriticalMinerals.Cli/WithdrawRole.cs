using System.CommandLine;
using CriticalMinerals.Client;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;

namespace CriticalMinerals.Cli;

/// <summary><c>cml withdraw role</c>: the authority withdraws a role; what was said under it stays.</summary>
internal static class WithdrawRole
{
    internal static Command Make(Terminal terminal)
    {
        var holder = new Option<string>("--operator") { Description = "The operator, did:web:….", Required = true };
        var role = new Option<string>("--role") { Description = "The role.", Required = true };
        return new Signing(terminal).Says(new Command("role", "Withdraw a role.") { holder, role }, (parsed, _) =>
            new Statement(parsed.GetRequiredValue(holder), EventEncoding.Of(new RoleWithdrawn { Role = Roles.Read(parsed.GetRequiredValue(role)) })));
    }
}
