using System.CommandLine;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;

namespace CriticalMinerals.Cli;

/// <summary><c>cml key add</c>: enters a further key, signed by an earlier key of the operator or by the authority.</summary>
internal static class KeyAdd
{
    internal static Command Make(Terminal terminal)
    {
        var request = new Argument<string>("request") { Description = "Request made by cml key new." };
        return new Signing(terminal).Says(new Command("add", "Enter a further key.") { request }, (parsed, producer) =>
        {
            var asked = EnrolmentRequest.Read(parsed.GetRequiredValue(request), producer.Origin);
            var use = Enum.TryParse<KeyUse>(asked.Use, ignoreCase: true, out var known) ? known : throw new UsageException($"{asked.Use} is no use of a key.");
            return new Statement(ChainOf(asked.Operator, producer.Origin), EventEncoding.Of(new KeyAdded { Kid = asked.Key.Kid, Use = use, Jwk = asked.Key.Jwk, Proof = asked.Key.Proof }));
        });
    }

    /// <summary>The chain that holds an operator's keys; the log's own stand on the log's chain.</summary>
    internal static string ChainOf(string operatorId, string origin) => operatorId == Names.LogOperator(origin) ? Names.LogChain(origin) : operatorId;
}
