using System.CommandLine;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;

namespace CriticalMinerals.Cli;

/// <summary><c>cml withdraw identifier</c>: the authority takes a prefix back; chains opened under it stay.</summary>
internal static class WithdrawIdentifier
{
    internal static Command Make(Terminal terminal)
    {
        var (holder, scheme, prefix) = GrantIdentifier.Options();
        return new Signing(terminal).Says(new Command("identifier", "Take a prefix back.") { holder, scheme, prefix }, (parsed, _) =>
            new Statement(
                Names.GrantsChain(parsed.GetRequiredValue(holder)),
                EventEncoding.Of(new IdentifierWithdrawn { Scheme = parsed.GetRequiredValue(scheme), Prefix = parsed.GetRequiredValue(prefix) })));
    }
}
