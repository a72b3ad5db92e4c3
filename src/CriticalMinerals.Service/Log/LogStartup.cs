namespace CriticalMinerals.Service.Log;

/// <summary>Before the first request: pin and database are compared, what a crash left unsigned is signed, and the result is public.</summary>
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
        .AddSingleton<PublicCheckpoint>()
        .AddSingleton<Evidence.BundleBuilder>()
        .AddSingleton<Attachments.AttachmentStore>()
        .AddSingleton<Sequencer>()
        .AddSingleton<Admitting.Intake>()
        .AddHostedService(provider => provider.GetRequiredService<Sequencer>());

    /// <summary>Runs it.</summary>
    /// <exception cref="StartupException">Pin and database do not belong together.</exception>
    public static async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        await services.GetRequiredService<SignedLog>().StartAsync(cancel);
        await services.GetRequiredService<PublicCheckpoint>().PublishAsync(cancel);
    }
}
