using System.Text;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>The head key of that name, or why there is none.</summary>
/// <param name="keyId">The key in full.</param>
/// <param name="fault">Why it is not known, or may not sign this.</param>
public delegate VerifyingKey? HeadKeySource(string keyId, out Fault? fault);

/// <summary>
/// Checks who read a chain for the operator that answers for it: every record from the first on, what the log signed of them, and that nothing of what it
/// signed earlier has gone or changed.
/// </summary>
/// <param name="api">The ledger, asked as the chain's responsible operator or holder: it tells nobody else.</param>
public sealed class ReadingsAuditor(LedgerApi api)
{
    /// <summary>Most records of a chain that are read.</summary>
    public const int MaximumRecords = 1_000_000;

    /// <summary>Knows the log's head keys by another way than from the answer; null to leave the statement's signature unchecked.</summary>
    public HeadKeySource? HeadKey { get; init; }

    /// <summary>The file that keeps the last statement; null for an audit without memory.</summary>
    public string? StatementFile { get; init; }

    /// <summary>Reads and checks all records of a chain. The kept statement advances only when everything is as it must be.</summary>
    /// <exception cref="LedgerApiException">The ledger refuses, cannot be reached, or its answer is none.</exception>
    /// <exception cref="InvalidDataException">The kept statement is damaged or was altered.</exception>
    public async Task<ReadingsReport> AuditAsync(string subject, CancellationToken cancellation = default)
    {
        var earlier = StatementFile is null ? null : ReadStatement(StatementFile);
        var history = new ReadingHistory(subject);

        // While others go on reading, a page may tell of more than its statement: then the next statement is of them.
        while (!history.IsComplete && history.Fault is null)
        {
            if (history.Readings.Count > MaximumRecords)
            {
                throw LedgerApiException.Unsound($"More than {MaximumRecords} reads of {subject} are told.");
            }

            history.Add(await api.GetReadingsAsync(subject, history.Readings.Count == 0 ? null : history.Readings.Count - 1, cancellation));
        }

        var statement = history.Statement;
        if (history.Fault is null && HeadKey is not null && CheckSignature(statement!, HeadKey) is { } unsigned)
        {
            return new ReadingsReport(subject, history) { Fault = unsigned };
        }

        if (history.Fault is null && earlier is not null)
        {
            if (HeadKey is not null && earlier.KeyId == statement!.KeyId && CheckSignature(earlier, HeadKey) is not null)
            {
                throw new InvalidDataException($"{StatementFile} is not signed by {earlier.KeyId}: it was altered, or is of another log.");
            }

            history.CheckEarlier(earlier);
        }

        if (history.Fault is null && StatementFile is not null)
        {
            DurableFile.Write(StatementFile, Encoding.ASCII.GetBytes(statement!.Text + "\n"));
        }

        return new ReadingsReport(subject, history)
        {
            Fault = history.Fault,
            Earlier = earlier,
            IsSignatureChecked = HeadKey is not null,
            IsContradicted = history.Fault?.Failure == Failure.ConsistencyUnproven,
        };
    }

    private static Fault? CheckSignature(ReadingStatement statement, HeadKeySource keys) =>
        keys(statement.KeyId, out var fault) is not { } key ? fault
            : statement.IsSignedBy(key) ? null
            : new Fault(Failure.SignatureInvalid, $"The statement of the readings is not signed by {statement.KeyId}.");

    private static ReadingStatement? ReadStatement(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        // One line feed after the text.
        var text = new FileInfo(file).Length <= ReadingStatement.MaximumLength + 2 ? Encoding.ASCII.GetString(File.ReadAllBytes(file)).Trim() : "";
        return ReadingStatement.Parse(text, out var fault) ?? throw new InvalidDataException($"{file} is no statement of readings. {fault!.Detail}");
    }
}

/// <summary>What an audit of a chain's readings found.</summary>
/// <param name="Subject">The chain.</param>
/// <param name="History">The records, as far as they are right, and what the log signed of them.</param>
public sealed record ReadingsReport(string Subject, ReadingHistory History)
{
    /// <summary>What is wrong first, with the number of the record when it is one; null when nothing is.</summary>
    public Fault? Fault { get; init; }

    /// <summary>The statement that was kept from the last audit; null without.</summary>
    public ReadingStatement? Earlier { get; init; }

    /// <summary>Whether the log's statement was checked to be signed by a head key known by another way.</summary>
    public bool IsSignatureChecked { get; init; }

    /// <summary>Whether <see cref="Earlier"/> and the log's statement of now cannot both be true: when both are signed, they are proof against the log.</summary>
    public bool IsContradicted { get; init; }

    /// <summary>Whether all that was checked is as it must be.</summary>
    public bool IsVerified => Fault is null;
}
