using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Service.Demo;

/// <summary>
/// The keys of a demonstration ledger, made at its first start: the service's own under <c>keys</c>, and under <c>demo</c> those that real logs keep
/// elsewhere: authority, recovery and the demo's firms.
/// </summary>
public static class DemoKeys
{
    /// <summary>Name of a demonstration log.</summary>
    public const string Origin = "localhost/demo";

    /// <summary>Where the keys of authority and firms stand.</summary>
    public static string FolderIn(string dataFolder) => Path.Combine(dataFolder, "demo");

    /// <summary>Makes what is missing.</summary>
    public static void Ensure(string dataFolder)
    {
        foreach (var path in (string[])
            [
                Path.Combine(LogKeys.FolderIn(dataFolder), LogKeys.LogFile), Path.Combine(LogKeys.FolderIn(dataFolder), LogKeys.HeadFile),
                Path.Combine(FolderIn(dataFolder), "authority.pem"), Path.Combine(FolderIn(dataFolder), "recovery.pem"),
            ])
        {
            using var key = Open(path);
        }
    }

    /// <summary>The authority's public key as a JWK.</summary>
    public static string Authority(string dataFolder)
    {
        using var key = Open(Path.Combine(FolderIn(dataFolder), "authority.pem"));
        return key.VerifyingKey.ToJwk();
    }

    /// <summary>The key in that file; made when there is none.</summary>
    /// <exception cref="StartupException">The file holds something else.</exception>
    public static SigningKey Open(string path)
    {
        if (File.Exists(path))
        {
            return SigningKey.FromPem(File.ReadAllText(path), out var fault) ?? throw new StartupException($"{path} holds no Ed25519 private key: {fault!.Detail}");
        }

        var key = SigningKey.Generate();
        PrivateFile.Write(path, System.Text.Encoding.ASCII.GetBytes(key.ToPem()));
        return key;
    }
}
