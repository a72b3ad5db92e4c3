using System.CommandLine;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;

namespace CriticalMinerals.Cli;

/// <summary><c>cml grant identifier</c>: the authority grants a prefix of a naming scheme.</summary>
internal static class GrantIdentifier
{
    internal static Command Make(Terminal terminal)
    {
        var (holder, scheme, prefix) = Options();
        return new Signing(terminal).Says(new Command("identifier", "Grant a prefix of a naming scheme.") { holder, scheme, prefix }, (parsed, _) =>
            new Statement(
                Names.GrantsChain(parsed.GetRequiredValue(holder)),
                EventEncoding.Of(new IdentifierGranted { Scheme = parsed.GetRequiredValue(scheme), Prefix = parsed.GetRequiredValue(prefix) })));
    }

    internal static (Option<string> Holder, Option<string> Scheme, Option<string> Prefix) Options() => (
        new Option<string>("--operator") { Description = "The operator, did:web:….", Required = true },
        new Option<string>("--scheme") { Description = "gtin (compared from the second digit), giai, gbt34014, ….", Required = true },
        new Option<string>("--prefix") { Description = "Prefix in that scheme.", Required = true });
}
