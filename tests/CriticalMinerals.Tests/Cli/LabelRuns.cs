using CriticalMinerals.Tests.Client;

namespace CriticalMinerals.Tests.Cli;

/// <summary>Labels as <c>cml</c> makes them.</summary>
public sealed class LabelRuns : IDisposable
{
    private readonly Session _session = new();
    private readonly Folder _folder;

    public LabelRuns() => _folder = _session.Folder;

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("bp.example.eu", "01/09506000134352/21/000000123", 3, "M")]
    [InlineData("passport.example.com", "01/09506000134352/21/BAT-2027-000000123", 4, "Q")]
    public async Task A_label_holds_the_link_alone_and_takes_better_correction_only_when_it_is_free(string host, string path, int version, string level)
    {
        var text = await Run("label", path, "--public-url", $"https://{host}", "--svg", _folder["label.svg"], "--json");
        var json = Session.JsonOf(text);
        Assert.Equal($"HTTPS://{host.ToUpperInvariant()}/{path}", json["text"]!.GetValue<string>());
        Assert.Equal((version, level), (json["version"]!.GetValue<int>(), json["errorCorrection"]!.GetValue<string>()));

        // 17 + 4 × version modules and the quiet zone of 4 on each side.
        var side = 17 + (4 * version) + 8;
        Assert.Contains($"viewBox=\"0 0 {side} {side}\"", await File.ReadAllTextAsync(_folder["label.svg"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_check_digit_gets_no_label() =>
        Assert.StartsWith("exit 2\nerr: cml: usage: 01/09506000134353/21/A names no battery", await Run("label", "01/09506000134353/21/A", "--public-url", "https://bp.example.eu"), StringComparison.Ordinal);

    private Task<string> Run(params string[] args) => _session.Run(args);
}
