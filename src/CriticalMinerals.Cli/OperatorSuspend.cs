using System.CommandLine;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;

namespace CriticalMinerals.Cli;

/// <summary><c>cml operator suspend</c>: from the next entry on nothing is said by the operator or for it.</summary>
internal static class OperatorSuspend
{
    internal static Command Make(Terminal terminal)
    {
        var did = new Argument<string>("operator") { Description = "The operator, did:web:…." };
        var reason = new Option<string>("--reason") { Description = "Why. Public for good: nothing personal.", Required = true };
        return new Signing(terminal).Says(new Command("suspend", "Refuse what an operator says, until it is reinstated.") { did, reason }, (parsed, _) =>
            new Statement(ReadOperator(parsed.GetRequiredValue(did)), EventEncoding.Of(new OperatorSuspended { Reason = parsed.GetRequiredValue(reason) })));
    }

    internal static string ReadOperator(string did) => Names.IsOperator(did) ? did : throw new UsageException($"{did} is no operator: did:web:host[:path] was expected.");
}
