using System.CommandLine;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;

namespace CriticalMinerals.Cli;

/// <summary><c>cml key revoke</c>: ends a key. What it signed stays good.</summary>
internal static class KeyRevoke
{
    internal static Command Make(Terminal terminal)
    {
        var kid = new Argument<string>("kid") { Description = "The key that ends, did:web:…#name." };
        var reason = new Option<RevocationReason>("--reason") { Description = "Why.", DefaultValueFactory = _ => RevocationReason.Retired };
        return new Signing(terminal).Says(new Command("revoke", "End a key.") { kid, reason }, (parsed, producer) =>
        {
            var ended = parsed.GetRequiredValue(kid);
            return Names.IsKeyId(ended)
                ? new Statement(KeyAdd.ChainOf(Names.OperatorOf(ended), producer.Origin), EventEncoding.Of(new KeyRevoked { Kid = ended, Reason = parsed.GetValue(reason) }))
                : throw new UsageException($"{ended} is no key id: did:web:…#name was expected.");
        });
    }
}
