using System.CommandLine;
using CriticalMinerals.Client;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;

namespace CriticalMinerals.Cli;

/// <summary><c>cml operator reinstate</c>: ends a suspension.</summary>
internal static class OperatorReinstate
{
    internal static Command Make(Terminal terminal)
    {
        var did = new Argument<string>("operator") { Description = "The operator, did:web:…." };
        var reason = new Option<string?>("--reason") { Description = "Why. Public for good: nothing personal." };
        return new Signing(terminal).Says(new Command("reinstate", "End a suspension.") { did, reason }, (parsed, _) =>
            new Statement(OperatorSuspend.ReadOperator(parsed.GetRequiredValue(did)), EventEncoding.Of(new OperatorReinstated { Reason = parsed.GetValue(reason) })));
    }
}
