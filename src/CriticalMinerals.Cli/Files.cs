using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Cli;

/// <summary>Files that commands read and write: keys beside the names they sign under, verifier keys, JSON.</summary>
internal static class Files
{
    /// <summary>Most bytes of a file read whole.</summary>
    private const int MaximumLength = 16 * 1024 * 1024;

    /// <summary>Beside <c>k1.pem</c> the file <c>k1.pem.kid</c> holds the key id, so that nobody types it twice.</summary>
    private const string KeyIdSuffix = ".kid";

    /// <summary>Reads a file.</summary>
    internal static byte[] Read(string path)
    {
        var file = new FileInfo(path);
        return !file.Exists ? throw new UsageException($"{path} does not exist.")
            : file.Length > MaximumLength ? throw new UsageException($"{path} is longer than {MaximumLength} bytes.")
            : File.ReadAllBytes(path);
    }

    /// <summary>Reads a JSON object under the strict profile.</summary>
    internal static JsonElement ReadObject(string path) =>
        StrictJson.Parse(Read(path), out var fault) is { } json
            ? json.ValueKind == JsonValueKind.Object ? json : throw new UsageException($"{path}: a JSON object was expected.")
            : throw new UsageException($"{path}: {fault!.Detail}");

    /// <summary>Writes a new file that its owner alone can read.</summary>
    /// <exception cref="UsageException">It exists already: keys and receipts are never written over.</exception>
    internal static void WriteNew(string path, string text)
    {
        if (File.Exists(path))
        {
            throw new UsageException($"{path} exists already and is not written over.");
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Keeps evidence in a folder under a name of its content, once; returns the file.</summary>
    internal static string WriteEvidence(string folder, Contradiction evidence)
    {
        Directory.CreateDirectory(folder);
        var bytes = evidence.ToUtf8();
        var file = Path.Combine(folder, $"{evidence.Kind.ToString().ToLowerInvariant()}-{Digest.Sha256(bytes).ToString()[..16]}.json");
        if (!File.Exists(file))
        {
            WriteNew(file, Encoding.UTF8.GetString(bytes));
        }

        return file;
    }

    /// <summary>Writes a private key and its name.</summary>
    internal static void WriteKey(string path, SigningKey key, string keyId)
    {
        WriteNew(path, key.ToPem());
        WriteNew(path + KeyIdSuffix, keyId + "\n");
    }

    /// <summary>Reads a private key.</summary>
    internal static SigningKey ReadKey(string path) =>
        SigningKey.FromPem(Encoding.UTF8.GetString(Read(path)), out var fault) ?? throw new UsageException($"{path}: {fault!.Detail}");

    /// <summary>The name a key signs under: given, or from the file beside the key.</summary>
    internal static string KeyIdOf(string path, string? given)
    {
        var keyId = given ?? (File.Exists(path + KeyIdSuffix) ? Encoding.UTF8.GetString(Read(path + KeyIdSuffix)).Trim() : null);
        return Names.IsKeyId(keyId) ? keyId : throw new UsageException($"The key id of {path} is missing or malformed: give --kid did:web:…#name.");
    }

    /// <summary>Certificates of a PEM file.</summary>
    internal static X509Certificate2Collection ReadCertificates(string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(Read(path)));
        }
        catch (CryptographicException e)
        {
            throw new UsageException($"{path}: {e.Message}");
        }

        return certificates.Count > 0 ? certificates : throw new UsageException($"{path} holds no certificate in PEM form.");
    }

    /// <summary>Verifier keys, given themselves or as the file that holds them.</summary>
    internal static IReadOnlyCollection<NoteVerifier> ReadVerifierKeys(string textOrFile) => ReadPolicy(textOrFile).LogKeys;

    /// <summary>The same where nothing is believed without: it says which options help.</summary>
    internal static TrustPolicy RequirePolicy(string? textOrFile) => ReadPolicy(textOrFile ?? throw new UsageException(
        "Whom to believe is not said: give --vkey with the log's verifier key or a file with it (the log serves it under /vkey; compare it with what its operator publishes), or --policy with a tlog-policy file that also says which witnesses have to have cosigned."));

    /// <summary>What is trusted: verifier keys, given themselves or as the file that holds them, or a tlog-policy file.</summary>
    internal static TrustPolicy ReadPolicy(string textOrFile)
    {
        var isFile = File.Exists(textOrFile);
        return TrustPolicy.Parse(isFile ? Encoding.UTF8.GetString(Read(textOrFile)) : textOrFile, out var fault)
            ?? throw new UsageException(isFile ? $"{textOrFile}: {fault!.Detail}" : $"{textOrFile} is no file that is there, and no verifier key: {fault!.Detail}");
    }
}
