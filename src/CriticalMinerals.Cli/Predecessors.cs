using System.CommandLine;
using CriticalMinerals.Client;

namespace CriticalMinerals.Cli;

/// <summary>The ended logs that a log goes on from, for every command that reads one from its first entry on.</summary>
internal sealed class Predecessors
{
    private readonly Option<string[]> _places = new("--predecessor")
    {
        Description = "Address, or folder as cml export makes it, of the log that this one goes on from; where there are several, each after the one before it, the oldest first.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _keys = new("--predecessor-vkey") { Description = "Verifier keys of the predecessors, or a file with them. Without, each is taken from the predecessor itself, and the audit says so." };

    /// <summary>Adds the options.</summary>
    internal void AddTo(Command command)
    {
        command.Add(_places);
        command.Add(_keys);
    }

    /// <summary>The logs that were named.</summary>
    internal OpenPredecessors Open(ParseResult parsed, Terminal terminal)
    {
        var opened = new OpenPredecessors();
        var keys = parsed.GetValue(_keys) is { } given ? Files.ReadVerifierKeys(given) : [];
        foreach (var place in parsed.GetValue(_places) ?? [])
        {
            opened.Add(place, terminal, [.. keys]);
        }

        return keys.Count > 0 && opened.Logs.Count == 0 ? throw new UsageException("--predecessor-vkey says who signed a predecessor: give --predecessor.") : opened;
    }
}
