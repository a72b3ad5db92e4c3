using System.Text.RegularExpressions;
using CriticalMinerals.Service.Passports;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>What stands around every page.</summary>
public sealed partial class FrameOfAPage
{
    [Theory]
    [InlineData(true, true, "Demo: entries public")]
    [InlineData(true, false, "Demo")]
    [InlineData(false, true, "All entries are public")]
    [InlineData(false, false, null)]
    public async Task A_page_says_that_it_is_a_demo_only_where_it_is_one_and_that_entries_are_public_only_where_they_are(bool demo, bool publicEntries, string? said)
    {
        using var services = new ServiceCollection().AddSingleton(new LedgerOptions { DataFolder = "nowhere", Demo = demo, PublicEntries = publicEntries }).BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var page = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<PageFrame>(ParameterView.FromDictionary(new Dictionary<string, object?> { ["Title"] = "A page" }))).ToHtmlString());
        Assert.Equal(said, OpenNotice().Match(page) is { Success: true } notice ? notice.Groups[1].Value : null);
    }

    [GeneratedRegex("<p class=\"open\">([^<]*)</p>")]
    private static partial Regex OpenNotice();
}
