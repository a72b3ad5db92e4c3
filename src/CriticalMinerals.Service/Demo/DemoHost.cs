using System.Text;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Labels;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Service.Demo;

/// <summary>
/// Plays the demo once the service listens, through its public interface, and prints where the passport is. Started again it goes on where it was, or only
/// prints. A failure ends the demo, never the service.
/// </summary>
public sealed class DemoHost(
    LedgerOptions options, LogIdentity identity, LogKeys keys, EntryReader entries, PublicAddress address, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<DemoHost> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        try
        {
            await started.Task.WaitAsync(stoppingToken);
            await PlayAsync(stoppingToken);
            Print(DemoLife.Battery);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops; the next start goes on.
        }
        catch (Exception failure)
        {
            logger.LogError("The demo stopped: {Reason} It goes on at the next start.", failure.Message);
        }
    }

    private async Task PlayAsync(CancellationToken cancel)
    {
        var folder = DemoKeys.FolderIn(options.DataFolder);
        var opening = await entries.ChainAsync(Names.LogChain(identity.Origin), 1, cancel);
        if (opening.Count == 0)
        {
            // A new ledger: what journals say of an older one is no longer so.
            foreach (var journal in Directory.EnumerateDirectories(folder).Where(d => Directory.Exists(Path.Combine(d, "done"))).ToList())
            {
                Directory.Delete(journal, recursive: true);
            }
        }

        using var http = new HttpClient { BaseAddress = new Uri(address.Listening + "/"), Timeout = TimeSpan.FromSeconds(30) };
        var today = opening.Count == 0 ? clock.GetUtcNow() : DateTimeOffset.FromUnixTimeSeconds(opening[0].Signed.Entry.IssuedAt);
        using var life = new DemoLife(folder, new LedgerApi(http), identity.Origin, [new NoteVerifier(identity.Origin, keys.Log.VerifyingKey)], today);
        await life.PlayAsync(cancel);
    }

    private void Print(string battery)
    {
        var where = address.IsThisMachineOnly ? " (this machine only: set Ledger__PublicUrl for one that phones can open)" : "";
        var text = $"""

            The passport of a demonstration battery{where}:
              {address.Of(battery)}

            {QrSymbol.Terminal(address.QrText(battery), coloured: !Console.IsOutputRedirected)}
            """;
        using var output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(text));
    }
}
