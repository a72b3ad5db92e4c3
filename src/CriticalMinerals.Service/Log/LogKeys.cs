using CriticalMinerals.Ledger;

namespace CriticalMinerals.Service.Log;

/// <summary>
/// The two private keys a service holds, outside the database: the log key signs checkpoints, the head key signs head statements.
/// They stand as PKCS#8 PEM in <c>&lt;DataFolder&gt;/keys</c>, readable by the owner alone.
/// </summary>
public sealed class LogKeys : IDisposable
{
    /// <summary>File of the log key.</summary>
    public const string LogFile = "log.pem";

    /// <summary>File of the head key.</summary>
    public const string HeadFile = "head.pem";

    private LogKeys(SigningKey log, SigningKey head) => (Log, Head) = (log, head);

    /// <summary>Signs checkpoints.</summary>
    public SigningKey Log { get; }

    /// <summary>Signs head statements.</summary>
    public SigningKey Head { get; }

    /// <summary>The folder of the keys below a data folder.</summary>
    public static string FolderIn(string dataFolder) => Path.Combine(dataFolder, "keys");

    /// <summary>Reads both keys.</summary>
    /// <exception cref="StartupException">A file is missing or holds no Ed25519 key; the message says what makes it.</exception>
    public static LogKeys Read(string dataFolder)
    {
        var log = Read(FolderIn(dataFolder), LogFile);
        try
        {
            return new LogKeys(log, Read(FolderIn(dataFolder), HeadFile));
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Log.Dispose();
        Head.Dispose();
    }

    private static SigningKey Read(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path))
        {
            throw new StartupException($"{path} is missing. `cml log open` makes the keys of a log; put log.pem and head.pem there, readable by the service alone.");
        }

        return SigningKey.FromPem(File.ReadAllText(path), out var fault)
            ?? throw new StartupException($"{path} holds no Ed25519 private key in PKCS#8 PEM form: {fault!.Detail}");
    }
}
