using Alba;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Tests.Postgres;
using Microsoft.AspNetCore.Hosting;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>A ledger in which the demo's battery has lived, told through the public interface.</summary>
public sealed class PlayedDemo(PostgresServer postgres) : IAsyncLifetime
{
    public const string Origin = "ledger.example.com/log/2026";
    public const string Path = "/01/09506000134352/21/AU75-000123";
    public static readonly DateTimeOffset Today = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private readonly DataFolder _folder = new();

    public IAlbaHost Host { get; private set; } = null!;

    public string Folder => DemoKeys.FolderIn(_folder.Path);

    public SigningKey HeadKey { get; private set; } = null!;

    public IReadOnlyList<NoteVerifier> LogKeys { get; private set; } = [];

    /// <summary>As the owner of the tables.</summary>
    public string OwnerConnection { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await StartAsync(publicEntries: true);
        using var life = Life();
        await life.PlayAsync(CancellationToken.None);
    }

    /// <summary>Starts an empty ledger whose authority is the demo's.</summary>
    public async Task StartAsync(bool publicEntries)
    {
        DemoKeys.Ensure(_folder.Path);
        var keys = CriticalMinerals.Service.Log.LogKeys.Read(_folder.Path);
        HeadKey = keys.Head;
        LogKeys = [new NoteVerifier(Origin, keys.Log.VerifyingKey)];
        var (owner, service) = await postgres.CreateDatabaseAsync();
        OwnerConnection = owner;
        Host = await AlbaHost.For<Program>(host => host
            .UseSetting("ConnectionStrings:LedgerOwner", owner)
            .UseSetting("ConnectionStrings:Ledger", service)
            .UseSetting("Ledger:DataFolder", _folder.Path)
            .UseSetting("Ledger:Origin", Origin)
            .UseSetting("Ledger:Authority", DemoKeys.Authority(_folder.Path))
            .UseSetting("Ledger:PublicUrl", "https://passport.example.com")
            .UseSetting("Ledger:PublicEntries", publicEntries ? "true" : "false")
            .UseSetting("Ledger:Demo", "false"));
    }

    /// <summary>The demo, to be played into this ledger.</summary>
    public DemoLife Life(DelegatingHandler? between = null) => new(Folder, new LedgerApi(Client(between)), Origin, LogKeys, Today);

    public HttpClient Client(DelegatingHandler? between = null)
    {
        var server = Host.Server.CreateHandler();
        if (between is not null)
        {
            between.InnerHandler = server;
        }

        return new HttpClient(between ?? server) { BaseAddress = new Uri("http://localhost/") };
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Dispose();
    }
}
