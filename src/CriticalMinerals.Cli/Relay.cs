using CriticalMinerals.Client;

namespace CriticalMinerals.Cli;

/// <summary>Tells a watcher how far an audit or export is.</summary>
internal sealed class Relay(IProgress<(double Done, double Of)> to) : IProgress<AuditProgress>
{
    public void Report(AuditProgress value) => to.Report((value.Done, value.Size));
}
