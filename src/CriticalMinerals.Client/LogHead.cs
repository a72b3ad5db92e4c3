using System.Text;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>What a log promises now: its newest checkpoint, verified.</summary>
/// <param name="Keys">Keys that it was verified with.</param>
/// <param name="Note">The checkpoint as a signed note.</param>
/// <param name="Checkpoint">What it states.</param>
internal sealed record LogHead(IReadOnlyCollection<NoteVerifier> Keys, SignedNote Note, Checkpoint Checkpoint)
{
    /// <summary>Reads it from a log's files; the keys too, where none are given.</summary>
    /// <exception cref="LedgerApiException">The log cannot be reached, or no key signed what it gives.</exception>
    internal static async Task<LogHead> ReadAsync(LogFiles files, IReadOnlyCollection<NoteVerifier>? known, CancellationToken cancellation)
    {
        var keys = known ?? await ReadKeysAsync(files, cancellation);
        var text = Encoding.UTF8.GetString(await RequireAsync(files, "checkpoint", SignedNote.MaxLength, cancellation));
        return SignedNote.Parse(text, out var fault) is { } note && note.Verify(keys, out fault) is { } verified && Checkpoint.From(verified, out fault) is { } checkpoint
            ? new LogHead(keys, note, checkpoint)
            : throw LedgerApiException.Unsound(
                $"The checkpoint does not verify: {fault!.Detail} Expected: a signature by {string.Join(" or ", keys)}. Check that this is the key that the log publishes by another way; if it is, keep the checkpoint: it is not the log's, or was altered.");
    }

    private static async Task<IReadOnlyCollection<NoteVerifier>> ReadKeysAsync(LogFiles files, CancellationToken cancellation)
    {
        var bytes = await RequireAsync(files, "vkey", TrustPolicy.MaximumLength, cancellation);
        return TrustPolicy.Parse(Encoding.UTF8.GetString(bytes), out var fault)?.LogKeys
            ?? throw LedgerApiException.Unsound($"The vkey is none: {fault!.Detail} Give the key that the log publishes by another way.");
    }

    private static async Task<byte[]> RequireAsync(LogFiles files, string path, int limit, CancellationToken cancellation) =>
        await files.ReadAsync(path, limit, cancellation) ?? throw new LedgerApiException(null, LedgerApiException.Unreachable, $"There is no {path}: is this the address or folder of a log?");
}
