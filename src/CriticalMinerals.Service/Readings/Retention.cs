using Npgsql;

namespace CriticalMinerals.Service.Readings;

/// <summary>Forgets the names of readers when their time is over (<see cref="LedgerOptions.ReaderNamesKeptFor"/>): at the start, which a restored backup goes through too, and every hour.</summary>
public sealed class Retention(NpgsqlDataSource database, LedgerOptions options, TimeProvider clock, ILogger<Retention> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.ReaderNamesKeptFor is not { } kept)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                if (await ReaderNames.ForgetAsync(database, clock.GetUtcNow() - kept, stoppingToken) is > 0 and var count)
                {
                    logger.LogInformation("{Count} names of readers were kept for {Days} days and are forgotten.", count, kept.TotalDays);
                }
            }
            catch (NpgsqlException unreachable)
            {
                logger.LogWarning(unreachable, "Names of readers could not be forgotten now; the next attempt is in an hour.");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
