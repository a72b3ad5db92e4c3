using System.Reflection;
using CriticalMinerals.Ledger;
using Wolverine.Http;

namespace CriticalMinerals.Service.Passports;

/// <summary>The one style sheet of our pages, inside the program, under a name that changes with its content.</summary>
public static class StyleSheet
{
    private static readonly byte[] Content = Read();

    /// <summary>Its path.</summary>
    public static string Path { get; } = $"/style/{Digest.Sha256(Content).ToString()[..16]}.css";

    /// <summary>Gives it; old names are gone.</summary>
    [WolverineGet("/style/{name}")]
    public static IResult Get(string name, HttpContext context)
    {
        if (Path != "/style/" + name)
        {
            return Problems.NotFound;
        }

        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(Content, "text/css; charset=utf-8");
    }

    private static byte[] Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("passport.css")!;
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
