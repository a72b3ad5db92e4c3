using System.CommandLine;

namespace CriticalMinerals.Cli;

/// <summary>
/// <c>cml append</c>: signs an event file and waits until it stands in the log. Leaves entry, receipt and the lines to hand over beside the file, so that
/// running it twice says so instead of saying the thing twice.
/// </summary>
internal static class Append
{
    internal static Command Make(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "Event file: {subject, event, data, for?, out?, in?, ref?, occurredAt?}." };
        return new Signing(terminal).Says(
            new Command("append", "Sign an event and put it in the ledger.") { file },
            (parsed, producer) => EventFile.Read(parsed.GetRequiredValue(file)).ToStatement(producer.Operator, producer.LogKeys),
            parsed => Path.ChangeExtension(parsed.GetRequiredValue(file), null));
    }
}
