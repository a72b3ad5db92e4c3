using Alba;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Tests.Postgres;
using Microsoft.AspNetCore.Hosting;

namespace CriticalMinerals.Service.Tests;

/// <summary>The service inside the test process, on an empty database of its own.</summary>
public sealed class HostedService(PostgresServer postgres)
{
    /// <summary>Starts the service as its Program composes it.</summary>
    public static async Task<IAlbaHost> StartAsync(PostgresServer postgres, string dataFolder)
    {
        DemoKeys.Ensure(dataFolder);
        var (owner, service) = await postgres.CreateDatabaseAsync();
        return await AlbaHost.For<Program>(host => host
            .UseSetting("ConnectionStrings:LedgerOwner", owner)
            .UseSetting("ConnectionStrings:Ledger", service)
            .UseSetting("Ledger:DataFolder", dataFolder)
            .UseSetting("Ledger:Origin", "localhost/hosted")
            .UseSetting("Ledger:Authority", DemoKeys.Authority(dataFolder))
            .UseSetting("Ledger:Demo", "false"));
    }

    [Fact]
    public async Task The_service_is_ready_as_soon_as_it_has_started_on_an_empty_database()
    {
        using var folder = new DataFolder();
        await using var host = await StartAsync(postgres, folder.Path);
        await host.Scenario(request =>
        {
            request.Get.Url("/health/ready");
            request.StatusCodeShouldBe(200);
            request.ContentShouldBe("ready");
        });
    }

    [Fact]
    public async Task The_reference_page_may_load_nothing_from_another_host()
    {
        using var folder = new DataFolder();
        await using var host = await StartAsync(postgres, folder.Path);
        var page = await host.Scenario(request =>
        {
            request.Get.Url("/reference/");
            request.Header("Content-Security-Policy").SingleValueShouldMatch("^default-src 'self';");
        });
        Assert.DoesNotMatch("(src|href)=\"(https?:)?//", await page.ReadAsTextAsync());
        await host.Scenario(request =>
        {
            request.Get.Url("/reference/scalar.js");
            request.StatusCodeShouldBe(200);
        });
    }
}
