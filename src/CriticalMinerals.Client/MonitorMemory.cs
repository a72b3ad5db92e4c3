using System.Text.Json;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>What a monitor keeps beside the state of its audits: what it saw, since when, and what the log still owes.</summary>
internal sealed record MonitorMemory
{
    private const int MaximumLength = 16 * 1024 * 1024;

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true };

    /// <summary>The largest checkpoint seen, as a signed note.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>Since when the log has shown no more, while it had signed that it has more; null while it owes nothing.</summary>
    public DateTimeOffset? OwesSince { get; init; }

    /// <summary>The newest time at which a witness says that it cosigned; the first look, before any.</summary>
    public required DateTimeOffset Cosigned { get; init; }

    /// <summary>When the log last answered.</summary>
    public required DateTimeOffset Answered { get; init; }

    /// <summary>Head statements of more entries than the log showed then.</summary>
    public IReadOnlyList<string> Statements { get; init; } = [];

    /// <summary>Checkpoints shown elsewhere and larger than what the log showed then.</summary>
    public IReadOnlyList<string> Checkpoints { get; init; } = [];

    /// <summary>Reads the file; null when there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    internal static MonitorMemory? Read(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            var kept = new FileInfo(file).Length <= MaximumLength ? JsonSerializer.Deserialize<MonitorMemory>(File.ReadAllBytes(file), Form) : null;
            return kept is not null && kept.Statements.Concat(kept.Checkpoints).All(text => text is not null) ? kept : throw new InvalidDataException($"{file} is no memory of a monitor.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file} is no memory of a monitor: {e.Message}", e);
        }
    }

    /// <summary>Writes the file: whole or not at all.</summary>
    internal void Write(string file) => DurableFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(this, Form));
}
