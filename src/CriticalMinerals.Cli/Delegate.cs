using System.CommandLine;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;

namespace CriticalMinerals.Cli;

/// <summary><c>cml delegate</c>: an operator lets another sign some of its events.</summary>
internal static class Delegate
{
    internal static Command Make(Terminal terminal)
    {
        var to = new Option<string>("--to") { Description = "The operator that may sign, did:web:….", Required = true };
        var events = new Option<string[]>("--event") { Description = "Wire names of the events, such as health-measured.v1.", Required = true, AllowMultipleArgumentsPerToken = true };
        var chains = new Option<string[]>("--chain") { Description = "Chains on which; by default all.", AllowMultipleArgumentsPerToken = true };
        return new Signing(terminal).Says(new Command("delegate", "Let another operator sign some of your events.") { to, events, chains }, (parsed, producer) =>
            new Statement(Names.GrantsChain(producer.Operator), EventEncoding.Of(new Delegated
            {
                Delegate = parsed.GetRequiredValue(to),
                Events = parsed.GetRequiredValue(events),
                Chains = parsed.GetValue(chains) is { Length: > 0 } some ? some : null,
            })));
    }
}
