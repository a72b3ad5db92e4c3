using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>The verifier under <c>tests/second-verifier</c>, run by Node; a test that needs it is skipped where there is none, unless <c>REQUIRE_TOOLS=1</c>.</summary>
internal static class SecondVerifier
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public static string Tests(string folder, [CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", folder));

    /// <summary>Its verdict on each case of a folder of cases, by name.</summary>
    public static async Task<Dictionary<string, JsonElement>> AllAsync(string folder) =>
        (await RunAsync("--all", folder)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(verdict => verdict.GetProperty("case").GetString()!, StringComparer.Ordinal);

    public static Task<(int Code, string Output)> RunAsync(params string[] arguments) => RunAsync(expectErrors: false, arguments);

    public static async Task<(int Code, string Output)> RunAsync(bool expectErrors, params string[] arguments)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Prepend(Path.Combine(Tests("second-verifier"), "verify.mjs")))
        {
            start.ArgumentList.Add(argument);
        }

        using var node = Started(start);
        var errors = node.StandardError.ReadToEndAsync(Now);
        var output = await node.StandardOutput.ReadToEndAsync(Now);
        await node.WaitForExitAsync(Now);
        Assert.Equal(expectErrors, (await errors).Length > 0);
        return (node.ExitCode, output);
    }

    private static Process Started(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("REQUIRE_TOOLS") != "1", "node (Debian: nodejs) is not installed: " + missing.Message);
            throw;
        }
    }
}
