using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CriticalMinerals.Service.Labels;
using QRCoder;

namespace CriticalMinerals.Service.Tests.Labels;

/// <summary>Symbols as a foreign reader sees them: zbarimg of Debian's zbar-tools.</summary>
public sealed partial class SymbolsAreRead
{
    public static TheoryData<string> Addresses =>
    [
        "HTTPS://BP.EXAMPLE.EU/01/09506000134352/21/000000123",
        "HTTPS://PASSPORT.EXAMPLE.COM/01/09506000134352/21/BAT-2027-000000123",
        "HTTPS://BP.EXAMPLE.EU/8004/9506000ASSET-00000000000001",
        "HTTPS://BP.EXAMPLE.EU/ID/5B0F3A5E-2F4B-4B6A-9A53-8D8F2F7A0C75",
        "HTTP://127.0.0.1:5080/01/09506000134352/21/AU75-000123",
    ];

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task PNG_and_SVG_are_read_as_the_address_they_carry(string address)
    {
        Assert.Equal(address, await ReadAsync(QrSymbol.Png(address), ".png"));
        Assert.Equal(address, await ReadAsync(Raster(QrSymbol.Svg(address)), ".pgm"));
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void The_same_text_gives_the_same_bytes(string address)
    {
        Assert.Equal(QrSymbol.Png(address), QrSymbol.Png(address));
        Assert.Equal(QrSymbol.Svg(address), QrSymbol.Svg(address));
    }

    // Sizes measured with this encoder: at 68 characters M and Q are both version 4, at 52 M and L are both version 3 and Q is not.
    [Theory]
    [InlineData("HTTPS://PASSPORT.EXAMPLE.COM/01/09506000134352/21/BAT-2027-000000123", QRCodeGenerator.ECCLevel.Q)]
    [InlineData("HTTPS://BP.EXAMPLE.EU/01/09506000134352/21/000000123", QRCodeGenerator.ECCLevel.M)]
    public void Correction_is_raised_where_it_costs_no_module_and_never_below_M(string address, QRCodeGenerator.ECCLevel level) =>
        Assert.Equal(level, QrSymbol.LevelOf(address));

    [Fact]
    public void Four_light_modules_surround_the_symbol()
    {
        var (side, dark) = Modules(QrSymbol.Svg("HTTPS://BP.EXAMPLE.EU/01/09506000134352/21/000000123"));
        Assert.Equal(29 + 8, side);
        Assert.Equal((4, 4, side - 5, side - 5), (dark.Min(d => d.X), dark.Min(d => d.Y), dark.Max(d => d.X), dark.Max(d => d.Y)));
    }

    private static (int Side, HashSet<(int X, int Y)> Dark) Modules(string svg)
    {
        var side = int.Parse(ViewBox().Match(svg).Groups[1].Value, CultureInfo.InvariantCulture);
        var dark = new HashSet<(int X, int Y)>();
        foreach (Match run in Run().Matches(svg[svg.IndexOf("#000", StringComparison.Ordinal)..]))
        {
            var (x, y, width) = (Number(run, 1), Number(run, 2), Number(run, 3));
            dark.UnionWith(Enumerable.Range(x, width).Select(i => (i, y)));
        }

        return (side, dark);
    }

    private static byte[] Raster(string svg)
    {
        const int Scale = 6;
        var (side, dark) = Modules(svg);
        var header = Encoding.ASCII.GetBytes($"P5 {side * Scale} {side * Scale} 255\n");
        return [.. header, .. from y in Enumerable.Range(0, side * Scale) from x in Enumerable.Range(0, side * Scale) select dark.Contains((x / Scale, y / Scale)) ? (byte)0 : (byte)255];
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static async Task<string> ReadAsync(byte[] image, string extension)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + extension);
        await File.WriteAllBytesAsync(file, image, TestContext.Current.CancellationToken);
        try
        {
            using var reader = Process.Start(new ProcessStartInfo("zbarimg", ["-q", "--nodbus", "--raw", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var text = await reader.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await reader.WaitForExitAsync(TestContext.Current.CancellationToken);
            return text.TrimEnd('\n');
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("REQUIRE_TOOLS") != "1", "zbarimg (Debian: zbar-tools) is not installed: " + missing.Message);
            throw;
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex("viewBox=\"0 0 ([0-9]+) ")]
    private static partial Regex ViewBox();

    [GeneratedRegex("M([0-9]+) ([0-9]+)h([0-9]+)v1")]
    private static partial Regex Run();
}
