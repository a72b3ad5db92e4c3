using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Log;
using Npgsql;

namespace CriticalMinerals.Service.Witnessing;

/// <summary>
/// This service as a witness of other logs: one row for each, holding the note it cosigned last. Reading, deciding and keeping are one transaction under a
/// lock of that log, whichever node is asked; the cosignature leaves after COMMIT.
/// </summary>
public sealed class WitnessDesk : IDisposable
{
    /// <summary>File of the witness's key in the folder of the log's keys.</summary>
    public const string KeyFile = "witness.pem";

    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _clock;
    private readonly SigningKey? _key;
    private readonly Witness? _witness;

    /// <summary>Reads the witness's key, if this service is one.</summary>
    /// <exception cref="StartupException">The key is missing, or is a key of this log.</exception>
    public WitnessDesk(LedgerOptions options, LogKeys keys, NpgsqlDataSource database, TimeProvider clock)
    {
        (_database, _clock) = (database, clock);
        if (options.WitnessName is not { } name)
        {
            return;
        }

        var path = Path.Combine(LogKeys.FolderIn(options.DataFolder), KeyFile);
        _key = File.Exists(path) ? SigningKey.FromPem(File.ReadAllText(path), out _) : null;
        if (_key is null || _key.VerifyingKey.Equals(keys.Log.VerifyingKey) || _key.VerifyingKey.Equals(keys.Head.VerifyingKey))
        {
            throw new StartupException($"Ledger__Witness__Name makes this service a witness, and {path} is missing, holds no Ed25519 private key in PKCS#8 PEM form, or is a key of this log. `cml key witness --name {name} --out {path}` makes one that signs nothing else.");
        }

        _witness = new Witness(name, _key, options.WitnessedLogs);
    }

    /// <summary>Whether this service is a witness.</summary>
    public bool IsOpen => _witness is not null;

    /// <summary>Decides a request and keeps what was cosigned.</summary>
    /// <exception cref="InvalidDataException">What was kept of this log is damaged.</exception>
    public async Task<WitnessAnswer> DecideAsync(AddCheckpoint request, CancellationToken cancel)
    {
        if (_witness!.Refuses(request) is { } refused)
        {
            return refused;
        }

        await using var connection = await _database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var turn = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended('witness ' || $1, 0))", connection, transaction) { Parameters = { new() { Value = request.Origin } } })
        {
            await turn.ExecuteNonQueryAsync(cancel);
        }

        // A statement of its own, after the lock: it sees what the holder before committed.
        string? kept;
        await using (var read = new NpgsqlCommand("select note from ledger.witnessed where origin = $1", connection, transaction) { Parameters = { new() { Value = Witness.HashOf(request.Origin) } } })
        {
            kept = await read.ExecuteScalarAsync(cancel) as string;
        }

        var latest = kept is null ? null : SignedNote.Parse(kept, out _) ?? throw new InvalidDataException($"What was kept of {request.Origin} is no note.");
        var answer = _witness.Decide(request, latest, (ulong)_clock.GetUtcNow().ToUnixTimeSeconds());
        if (answer is WitnessAnswer.Cosigned cosigned)
        {
            await using var keep = new NpgsqlCommand("insert into ledger.witnessed (origin, note) values ($1, $2) on conflict (origin) do update set note = excluded.note", connection, transaction)
            {
                Parameters = { new() { Value = Witness.HashOf(request.Origin) }, new() { Value = cosigned.Kept.ToString() } },
            };
            await keep.ExecuteNonQueryAsync(cancel);
            await transaction.CommitAsync(CancellationToken.None);
        }

        return answer;
    }

    /// <summary>The note cosigned last for a log; null when there was none.</summary>
    /// <param name="originHash"><see cref="Witness.HashOf"/> its origin.</param>
    /// <param name="cancel">The caller went away.</param>
    public async Task<string?> LatestAsync(string originHash, CancellationToken cancel)
    {
        await using var read = _database.CreateCommand("select note from ledger.witnessed where origin = $1");
        read.Parameters.Add(new() { Value = originHash });
        return await read.ExecuteScalarAsync(cancel) as string;
    }

    public void Dispose() => _key?.Dispose();
}
