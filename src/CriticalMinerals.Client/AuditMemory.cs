using System.Text.Json;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>
/// What an auditor keeps between audits: the keys it trusted and the last checkpoint it verified, signatures and all, so that two signed checkpoints that
/// contradict each other are proof in its hands.
/// </summary>
/// <param name="Keys">The log's verifier keys.</param>
/// <param name="Note">The checkpoint as a signed note.</param>
/// <param name="Checkpoint">What it states.</param>
public sealed record AuditMemory(IReadOnlyCollection<NoteVerifier> Keys, SignedNote Note, Checkpoint Checkpoint)
{
    private const int MaximumLength = 512 * 1024;

    /// <summary>Reads a state file; null when there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or was altered: its signature no longer fits.</exception>
    public static AuditMemory? Read(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            var kept = new FileInfo(file).Length <= MaximumLength ? JsonSerializer.Deserialize<Form>(File.ReadAllBytes(file), JsonSerializerOptions.Web) : null;
            var keys = TrustPolicy.Parse(string.Join('\n', kept?.Keys ?? []), out var fault)?.LogKeys;
            if (kept is not null && keys is not null &&
                SignedNote.Parse(kept.Checkpoint, out fault) is { } note && note.Verify(keys, out fault) is { } verified && Checkpoint.From(verified, out fault) is { } checkpoint)
            {
                return new AuditMemory(keys, note, checkpoint);
            }

            throw new InvalidDataException($"{file} holds no checkpoint that its keys signed: {fault?.Detail}");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file} is no state of an audit: {e.Message}", e);
        }
    }

    /// <summary>Writes the state file: whole or not at all.</summary>
    public void Write(string file) =>
        DurableFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(new Form([.. Keys.Select(k => k.ToString())], Note.ToString()), JsonSerializerOptions.Web));

    private sealed record Form(string[] Keys, string Checkpoint);
}
