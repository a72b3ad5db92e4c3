using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using QRCoder;

namespace CriticalMinerals.Cli;

/// <summary>
/// <c>cml label</c>: the QR symbol of a battery: its GS1 Digital Link with scheme and host in upper case (so that the whole text fits the denser
/// alphanumeric mode), error correction M or better, quiet zone of 4 modules. Nothing else is in the symbol.
/// </summary>
internal static class Label
{
    internal static Command Make(Terminal terminal)
    {
        var battery = new Argument<string>("battery") { Description = "Chain name or 01/<GTIN>/21/<serial>." };
        var publicUrl = new Option<string>("--public-url") { Description = "Address at which the public reaches the ledger, such as https://passport.example.com.", Required = true };
        var svg = new Option<string?>("--svg") { Description = "Write an SVG file." };
        var png = new Option<string?>("--png") { Description = "Write a PNG file." };
        var pixels = new Option<int>("--pixels") { Description = "Pixels a module in the PNG, 4 to 100.", DefaultValueFactory = _ => 10 };
        var command = new Command("label", "Make a battery's QR symbol.") { battery, publicUrl, svg, png, pixels };
        command.SetAction(parsed =>
        {
            var size = parsed.GetValue(pixels);
            if (size is < 4 or > 100)
            {
                throw new UsageException("--pixels is 4 to 100: smaller modules do not scan from every screen.");
            }

            var text = TextOf(parsed.GetRequiredValue(battery), parsed.GetRequiredValue(publicUrl));
            using var symbol = Symbol(text, out var level);
            var json = new JsonObject { ["text"] = text, ["version"] = symbol.Version, ["errorCorrection"] = level.ToString() };
            if (parsed.GetValue(svg) is { } svgFile)
            {
                using var drawing = new SvgQRCode(symbol);
                Files.WriteNew(svgFile, drawing.GetGraphic(1, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute));
                json["svg"] = svgFile;
                terminal.Say($"SVG: {svgFile}");
            }

            if (parsed.GetValue(png) is { } pngFile)
            {
                if (File.Exists(pngFile))
                {
                    throw new UsageException($"{pngFile} exists already and is not written over.");
                }

                using var picture = new PngByteQRCode(symbol);
                File.WriteAllBytes(pngFile, picture.GetGraphic(size, drawQuietZones: true));
                json["png"] = pngFile;
                terminal.Say($"PNG: {pngFile}");
            }

            if (json.ContainsKey("svg") || json.ContainsKey("png"))
            {
                return terminal.Give(text, json);
            }

            terminal.Say(text);
            return terminal.Give(Blocks(symbol), json);
        });
        return command;
    }

    internal static string TextOf(string battery, string publicUrl)
    {
        if (!Uri.TryCreate(publicUrl, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.PathAndQuery != "/" || address.UserInfo.Length > 0)
        {
            throw new UsageException("--public-url is https://host, without a path.");
        }

        return $"{address.Scheme.ToUpperInvariant()}://{address.Authority.ToUpperInvariant()}/{ChainNames.PathOf(battery)}";
    }

    // The version that M needs, then the strongest level that still fits it: better reading for nothing.
    internal static QRCodeData Symbol(string text, out QRCodeGenerator.ECCLevel level)
    {
        level = QRCodeGenerator.ECCLevel.M;
        var symbol = QRCodeGenerator.GenerateQrCode(text, level);
        foreach (var stronger in (QRCodeGenerator.ECCLevel[])[QRCodeGenerator.ECCLevel.Q, QRCodeGenerator.ECCLevel.H])
        {
            var other = QRCodeGenerator.GenerateQrCode(text, stronger);
            if (other.Version != symbol.Version)
            {
                other.Dispose();
                break;
            }

            symbol.Dispose();
            symbol = other;
            level = stronger;
        }

        return symbol;
    }

    // Two modules a character, one above the other. Light modules are printed, so that it reads dark on light on the usual dark terminal.
    private static string Blocks(QRCodeData symbol)
    {
        var rows = symbol.ModuleMatrix;
        var text = new StringBuilder();
        for (var y = 0; y < rows.Count; y += 2)
        {
            for (var x = 0; x < rows.Count; x++)
            {
                var (upper, lower) = (rows[y][x], y + 1 < rows.Count && rows[y + 1][x]);
                text.Append((upper, lower) switch { (true, true) => ' ', (true, false) => '▄', (false, true) => '▀', _ => '█' });
            }

            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }
}
