using System.Collections.Concurrent;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>
/// What a witness keeps: for each log the note it cosigned last, one file each, <c>&lt;SHA-256 of the origin&gt;.checkpoint</c>. A new one is on the disk, whole,
/// before its cosignature is answered. One process at a time holds the folder. It must never be rolled back: a witness that forgets can be shown a fork.
/// </summary>
public sealed class WitnessFolder : IDisposable
{
    private readonly string _folder;
    private readonly FileStream _held;
    private readonly ConcurrentDictionary<string, Lock> _turns = new(StringComparer.Ordinal);

    private WitnessFolder(string folder)
    {
        _folder = folder;
        try
        {
            _held = new FileStream(Path.Combine(folder, "held"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"{folder} is held by another witness, or cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Opens the folder, making it if it is missing.</summary>
    /// <exception cref="IOException">Another process holds it, or it cannot be made.</exception>
    public static WitnessFolder Open(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return new WitnessFolder(folder);
    }

    /// <summary>Decides a request and keeps what was cosigned: reading, deciding and keeping are one step for each log.</summary>
    /// <param name="witness">The witness.</param>
    /// <param name="request">What the log sent.</param>
    /// <param name="time">Now, in seconds since 1970.</param>
    /// <exception cref="IOException">The note could not be kept: nothing may be answered but a failure.</exception>
    /// <exception cref="InvalidDataException">What was kept of this log is damaged.</exception>
    public WitnessAnswer Decide(Witness witness, AddCheckpoint request, ulong time)
    {
        // First, so that only logs that are known get a turn here.
        if (witness.Refuses(request) is { } refused)
        {
            return refused;
        }

        var hash = Witness.HashOf(request.Origin);
        lock (_turns.GetOrAdd(hash, _ => new Lock()))
        {
            var answer = witness.Decide(request, Latest(hash), time);
            if (answer is WitnessAnswer.Cosigned cosigned)
            {
                DurableFile.Write(FileOf(hash), System.Text.Encoding.UTF8.GetBytes(cosigned.Kept.ToString()));
            }

            return answer;
        }
    }

    /// <summary>The note cosigned last for a log; null when there was none.</summary>
    /// <param name="originHash"><see cref="Witness.HashOf"/> its origin.</param>
    /// <exception cref="InvalidDataException">The file is no note.</exception>
    public SignedNote? Latest(string originHash)
    {
        if (originHash.Length != 64 || !originHash.All(char.IsAsciiHexDigitLower) || !File.Exists(FileOf(originHash)))
        {
            return null;
        }

        return SignedNote.Parse(File.ReadAllBytes(FileOf(originHash)), out var fault)
            ?? throw new InvalidDataException($"{FileOf(originHash)} is damaged: {fault!.Detail} Bring it back; never delete it.");
    }

    public void Dispose() => _held.Dispose();

    private string FileOf(string originHash) => Path.Combine(_folder, originHash + ".checkpoint");
}
