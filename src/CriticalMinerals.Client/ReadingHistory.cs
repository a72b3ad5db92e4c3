using System.Globalization;
using System.Text;
using System.Text.Json;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>
/// Who read a chain, put together from the first record on: believes no hash that stands beside a record, but links the records itself and compares with
/// what the log signed. Stops at the first record that is wrong. Needs no network.
/// </summary>
/// <param name="subject">The chain that was read.</param>
public sealed class ReadingHistory(string subject)
{
    private static readonly string[] Members = ["at", "n", "sub", "what", "who", "why"];

    private readonly List<Reading> _readings = [];
    private readonly List<Digest> _hashes = [Digest.Zero];

    /// <summary>The records that were found right, by number.</summary>
    public IReadOnlyList<Reading> Readings => _readings;

    /// <summary>What the log signed last; null before the first page.</summary>
    public ReadingStatement? Statement { get; private set; }

    /// <summary>Whether the log's last statement is of exactly these records: none is missing, none is beyond it.</summary>
    public bool IsComplete => Fault is null && Statement?.Count == _readings.Count;

    /// <summary>What is wrong first; null while nothing is.</summary>
    public Fault? Fault { get; private set; }

    /// <summary>Number of the first record that is wrong or missing; null when none is, or none can be named.</summary>
    public long? WrongRecord { get; private set; }

    /// <summary>Adds the page that follows the records at hand; null when all of it is right, else what is wrong first. After that nothing more is added.</summary>
    public Fault? Add(ReadingPage page)
    {
        if (Fault is not null)
        {
            return Fault;
        }

        var (before, statement) = (_readings.Count, page.Statement);
        if (page.Subject != subject || statement.Subject != subject)
        {
            return Wrong(null, Failure.ChainForeign, $"The answer is about {(page.Subject != subject ? page.Subject : statement.Subject)}, not {subject}.");
        }

        if (Names.OperatorOf(statement.KeyId) != Names.LogOperator(statement.Origin) || (Statement is not null && Statement.Origin != statement.Origin))
        {
            return Wrong(null, Failure.LogForeign, $"The statement of {statement.Origin} names a key of {statement.KeyId}: it is not of one log.");
        }

        foreach (var record in page.Records)
        {
            if (Link(record) is { } wrong)
            {
                return wrong;
            }
        }

        Statement = statement;
        return page.Next is { } next && (page.Records.Count == 0 || next != _readings.Count - 1)
            ? Wrong(null, Failure.ReadingsMalformed, "next is not the number of the page's last record.")
            : CheckStatement(statement, before, isLast: page.Next is null);
    }

    /// <summary>Compares with a statement that was kept from earlier: at least as many records now, and those of then unchanged.</summary>
    public Fault? CheckEarlier(ReadingStatement earlier)
    {
        if (Fault is not null)
        {
            return Fault;
        }

        if (earlier.Subject != subject || earlier.Origin != Statement?.Origin)
        {
            return Wrong(null, Failure.ChainForeign, $"The earlier statement is of {earlier.Subject} in {earlier.Origin}. Keep one for each chain.");
        }

        return earlier.Count > _readings.Count
            ? Wrong(_readings.Count, Failure.ConsistencyUnproven, Invariant($"is gone: the log signed that {earlier.Count} reads were recorded, and now tells of {_readings.Count}."))
            : CheckHash(earlier, Failure.ConsistencyUnproven, "or one before it is another than when the log signed the earlier statement.");
    }

    private Fault? CheckStatement(ReadingStatement statement, int before, bool isLast)
    {
        if (statement.Count < before)
        {
            return Wrong(statement.Count, Failure.HeadMismatch, Invariant($"is none that the log signed: it told of {before} and signed {statement.Count}."));
        }

        if (statement.Count > _readings.Count)
        {
            return isLast ? Wrong(_readings.Count, Failure.HeadMismatch, Invariant($"is missing: the log signed that {statement.Count} reads were recorded.")) : null;
        }

        return CheckHash(statement, Failure.HeadMismatch, "or one before it is not what was recorded: the log signed another hash of them.");
    }

    private Fault? CheckHash(ReadingStatement statement, Failure failure, string detail) => statement.Hash == _hashes[(int)statement.Count] ? null
        : statement.Count == 0 ? Wrong(null, failure, "The log signed a hash of no records.")
        : Wrong(statement.Count - 1, failure, detail);

    private Fault? Link(ReadingRecord record)
    {
        var number = _readings.Count;
        if (StrictJson.Parse(Encoding.UTF8.GetBytes(record.Record), out _) is not { ValueKind: JsonValueKind.Object } json ||
            !json.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal).SequenceEqual(Members) ||
            json.GetProperty("n") is not { ValueKind: JsonValueKind.Number } n || Text(json, "sub") is not { } sub || Text(json, "what") is not { } what || Text(json, "why") is not { } why ||
            !DateTimeOffset.TryParseExact(Text(json, "at"), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ||
            !Digest.TryParse(Text(json, "who"), out var who))
        {
            return Wrong(number, Failure.ReadingsMalformed, "is not the JSON object {at, n, sub, what, who, why}.");
        }

        if (n.GetInt64() != number)
        {
            return Wrong(number, Failure.ChainSequence, Invariant($"is not there: one of number {n.GetInt64()} stands in its place."));
        }

        if (sub != subject)
        {
            return Wrong(number, Failure.ChainForeign, $"is of another chain, {sub}.");
        }

        var hash = ReadingStatement.Link(_hashes[^1], record.Record);
        if (hash != record.Hash)
        {
            return Wrong(number, Failure.ChainLink, $"does not go on from those before it: it or one of them was altered. Expected hash: {hash}. Found: {record.Hash}.");
        }

        var reader = record.Who is null ? null : Disclosure.Parse(record.Who, out _);
        if (record.Who is not null && (reader is not { Name: "who", Value.ValueKind: JsonValueKind.String } || reader.Digest != who))
        {
            return Wrong(number, Failure.DisclosureUnmatched, "was made by another reader than the one named: the name's digest is not the one recorded.");
        }

        _readings.Add(new Reading(number, at, reader?.Value.GetString(), what, why));
        _hashes.Add(hash);
        return null;
    }

    private Fault Wrong(long? record, Failure failure, string detail)
    {
        WrongRecord = record;
        return Fault = new Fault(failure, record is null ? detail : Invariant($"Record {record} {detail}"));
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static string? Text(JsonElement from, string name) => from.GetProperty(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}

/// <summary>A restricted read that was recorded.</summary>
/// <param name="Number">On its chain, from 0.</param>
/// <param name="At">When.</param>
/// <param name="Who">The operator's DID or the person's name as the ledger knew it; null once it is forgotten, which the record outlives.</param>
/// <param name="What">What was read, such as <c>evidence</c>.</param>
/// <param name="Why">The audience as which it was read: <c>own</c>, <c>recycler</c>.</param>
public sealed record Reading(long Number, DateTimeOffset At, string? Who, string What, string Why);

/// <summary>A part of a chain's readings as the ledger tells it, unchecked.</summary>
/// <param name="Subject">The chain.</param>
/// <param name="Statement">How many there are in all, and the last hash, signed.</param>
/// <param name="Records">Records in order.</param>
/// <param name="Next">After which number the next page begins; null at the end.</param>
public sealed record ReadingPage(string Subject, ReadingStatement Statement, IReadOnlyList<ReadingRecord> Records, long? Next);

/// <summary>A record as the ledger tells it, unchecked.</summary>
/// <param name="Record">JSON, as hashed.</param>
/// <param name="Hash">What the ledger says is its hash (<see cref="ReadingStatement.Link"/>).</param>
/// <param name="Who">Disclosure of the reader's name; null once it is forgotten.</param>
public sealed record ReadingRecord(string Record, Digest Hash, string? Who);
