using CriticalMinerals.Client;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Cli;

/// <summary>Ended logs that are read, and the connections that they are read over.</summary>
internal sealed class OpenPredecessors : IDisposable
{
    private readonly List<EndedLog> _logs = [];
    private readonly List<HttpClient> _connections = [];

    /// <summary>The logs, in the order in which they were named.</summary>
    internal IReadOnlyList<EndedLog> Logs => _logs;

    /// <summary>Adds one by its folder or address.</summary>
    internal void Add(string place, Terminal terminal, IReadOnlyCollection<NoteVerifier> keys)
    {
        if (Directory.Exists(place))
        {
            _logs.Add(new EndedLog(LogFiles.In(place)) { Keys = keys });
            return;
        }

        var http = terminal.Http(place);
        _connections.Add(http);
        _logs.Add(new EndedLog(LogFiles.At(new LedgerApi(http))) { Keys = keys });
    }

    public void Dispose() => _connections.ForEach(c => c.Dispose());
}
