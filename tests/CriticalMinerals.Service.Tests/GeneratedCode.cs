#if DEBUG
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests;

/// <summary>The service runs committed code instead of a compiler; it must be what the endpoints and handlers of today generate.</summary>
public sealed class GeneratedCode
{
    [Fact]
    public async Task The_committed_code_is_what_today_s_endpoints_and_handlers_generate()
    {
        using var folder = new DataFolder();
        using var command = ServiceProcess.Start(folder.Path, "codegen", "write"); // Writes below its working directory, the folder's parent.
        var (exitCode, errors) = await command.EndedAsync();
        Assert.True(exitCode == 0, errors);

        var committed = Read(Path.Combine(ServiceProcess.Repository().FullName, "src", "CriticalMinerals.Service", "Internal", "Generated"));
        var generated = Read(Path.Combine(folder.Parent, "Internal", "Generated"));
        const string Renew = "Renew it in src/CriticalMinerals.Service: dotnet run -p:RenewHandlers=true -- codegen write";
        Assert.True(generated.Count > 0);
        Assert.True(committed.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(generated.Keys), $"Files differ. {Renew}, and remove what it no longer writes.");
        Assert.All(generated, file => Assert.True(committed[file.Key] == file.Value, $"{file.Key} differs. {Renew}"));
    }

    private static Dictionary<string, string> Read(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), file => File.ReadAllText(file).ReplaceLineEndings("\n"), StringComparer.Ordinal);
}
#endif
