using Npgsql;

namespace CriticalMinerals.Service.Log;

/// <summary>Before the first request: pin and database are compared, what a crash left unsigned is signed, what was erased is deleted again, and the result is public.</summary>
public static class LogStartup
{
    /// <summary>Registers everything of the log. Keys and identity are read when they are first asked for: generating code needs neither.</summary>
    public static void Register(IServiceCollection services) => services
        .AddSingleton(provider => LogKeys.Read(provider.GetRequiredService<LedgerOptions>().DataFolder))
        .AddSingleton(provider => new Pin(provider.GetRequiredService<LedgerOptions>().DataFolder))
        .AddSingleton<LogIdentity>()
        .AddSingleton<EntryReader>()
        .AddSingleton<TreeStore>()
        .AddSingleton<SignedLog>()
        .AddSingleton<LogWriter>()
        .AddSingleton<Restoring.Restore>()
        .AddSingleton<Restoring.Succession>()
        .AddSingleton<PublicCheckpoint>()
        .AddSingleton<Witnessing.WitnessDesk>()
        .AddSingleton<Witnessing.WitnessAsker>()
        .AddSingleton<Evidence.BundleBuilder>()
        .AddSingleton<Attachments.AttachmentStore>()
        .AddSingleton<Sequencer>()
        .AddSingleton<Admitting.Discretion>()
        .AddSingleton<Admitting.Intake>()
        .AddHostedService(provider => provider.GetRequiredService<Sequencer>())
        .AddHostedService(provider => provider.GetRequiredService<Witnessing.WitnessAsker>());

    /// <summary>Runs it.</summary>
    /// <exception cref="StartupException">Pin and database do not belong together.</exception>
    public static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        await services.GetRequiredService<SignedLog>().StartAsync(cancel);
        _ = services.GetRequiredService<Witnessing.WitnessDesk>();
        await using (var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancel))
        await using (var transaction = await connection.BeginTransactionAsync(cancel))
        {
            var returned = await Erasure.ApplyAsync(connection, from: long.MinValue, cancel);
            await transaction.CommitAsync(cancel);
            if (returned > 0)
            {
                services.GetRequiredService<ILogger<SignedLog>>().LogWarning("{Count} erased disclosures had come back, as from a backup, and were deleted again.", returned);
            }
        }

        await services.GetRequiredService<PublicCheckpoint>().PublishAsync(cancel);
    }
}
