using System.Text.Json;
using Alba;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Tests.Postgres;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

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
    public async Task The_reference_is_of_the_ledger_by_name_and_shows_no_tools_of_its_viewer()
    {
        using var folder = new DataFolder();
        await using var host = await StartAsync(postgres, folder.Path);
        var page = await (await host.Scenario(request => request.Get.Url("/reference/"))).ReadAsTextAsync();
        Assert.Contains("<title>Battery passport ledger</title>", page, StringComparison.Ordinal);
        Assert.Contains("\"showDeveloperTools\":\"never\"", page, StringComparison.Ordinal);
        Assert.Contains("\"hideClientButton\":true", page, StringComparison.Ordinal);
        Assert.Contains("\"mcp\":{\"disabled\":true}", page, StringComparison.Ordinal);

        var document = await (await host.Scenario(request => request.Get.Url("/openapi/v1.json"))).ReadAsTextAsync();
        using var json = JsonDocument.Parse(document);
        Assert.Equal("Battery passport ledger", json.RootElement.GetProperty("info").GetProperty("title").GetString());
        Assert.DoesNotContain("CriticalMinerals.Service", document, StringComparison.Ordinal);
        Assert.All(
            json.RootElement.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()),
            operation => Assert.True(operation.Value.TryGetProperty("summary", out var said) && said.GetString()!.Length > 0, operation.Value.GetRawText()));
    }

    [Fact]
    public async Task Nothing_that_protects_cookies_or_forms_is_registered_because_there_are_none()
    {
        using var folder = new DataFolder();
        await using var host = await StartAsync(postgres, folder.Path);
        Assert.Null(host.Services.GetService<IDataProtectionProvider>());
        Assert.Null(host.Services.GetService<IAntiforgery>());
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
