using System.Globalization;
using System.Text;
using QRCoder;

namespace CriticalMinerals.Service.Labels;

/// <summary>
/// A QR code as printed on a battery: dark on light, four modules of quiet zone, error correction M or as much more as fits the same number of modules.
/// The same text gives the same bytes.
/// </summary>
public static class QrSymbol
{
    private const int PixelsPerModule = 10;

    /// <summary>SVG in modules: scale it to whole printer dots, at least 0.375 mm a module.</summary>
    public static string Svg(string text)
    {
        using var code = Make(text);
        var side = code.ModuleMatrix.Count;
        var path = new StringBuilder();
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var start = x;
                while (x < side && code.ModuleMatrix[y][x])
                {
                    x++;
                }

                if (x > start)
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{start} {y}h{x - start}v1h-{x - start}z");
                }
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img"><title>{System.Net.WebUtility.HtmlEncode(text)}</title><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>

            """);
    }

    /// <summary>PNG with one bit a pixel, ten pixels a module.</summary>
    public static byte[] Png(string text)
    {
        using var code = Make(text);
        using var png = new PngByteQRCode(code);
        return png.GetGraphic(PixelsPerModule);
    }

    /// <summary>For a terminal: two modules in one character cell, light ones drawn.</summary>
    /// <param name="text">What it says.</param>
    /// <param name="coloured">Sets white on black itself, whatever the terminal's colours; without, a terminal with a light background shows it inverted.</param>
    public static string Terminal(string text, bool coloured)
    {
        var (on, off) = coloured ? ("\u001b[97;40m", "\u001b[0m") : ("", "");
        using var code = Make(text);
        var matrix = code.ModuleMatrix;
        var lines = new StringBuilder();

        // Two modules of quiet zone do in a terminal, which has more around it.
        for (var y = 2; y < matrix.Count - 2; y += 2)
        {
            lines.Append("  ").Append(on);
            for (var x = 2; x < matrix.Count - 2; x++)
            {
                var lower = y + 1 < matrix.Count - 2 && matrix[y + 1][x];
                lines.Append((matrix[y][x], lower) switch { (false, false) => '█', (false, true) => '▀', (true, false) => '▄', _ => ' ' });
            }

            lines.Append(off).Append('\n');
        }

        return lines.ToString();
    }

    /// <summary>The error correction that <see cref="Svg"/> and <see cref="Png"/> use for a text.</summary>
    public static QRCodeGenerator.ECCLevel LevelOf(string text)
    {
        using var least = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        foreach (var level in (QRCodeGenerator.ECCLevel[])[QRCodeGenerator.ECCLevel.H, QRCodeGenerator.ECCLevel.Q])
        {
            using var more = QRCodeGenerator.GenerateQrCode(text, level);
            if (more.Version == least.Version)
            {
                return level;
            }
        }

        return QRCodeGenerator.ECCLevel.M;
    }

    private static QRCodeData Make(string text) => QRCodeGenerator.GenerateQrCode(text, LevelOf(text));
}
