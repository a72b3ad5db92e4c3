using System.Collections.Concurrent;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using Npgsql;

namespace CriticalMinerals.Service.Admitting;

/// <summary>
/// Everything about a submission that needs no order, on the caller's own thread: parse strictly, read the event, check the signature where the key is
/// known. Then the sequencer decides.
/// </summary>
public sealed class Intake(LogIdentity identity, EntryReader entries, Sequencer sequencer, Discretion discretion, TimeProvider clock) : IDisposable
{
    private const int KeysKept = 100_000;

    /// <summary>How often the database is asked before the caller is told that it does not answer.</summary>
    private const int Attempts = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private static readonly string Missing = Failure.DisclosureMissing.ToCode();

    // A key id never changes its key, so what was once read stays right. Whether the key is good at the entry's index is for the sequencer.
    private readonly ConcurrentDictionary<string, VerifyingKey> _keys = new(StringComparer.Ordinal);

    // Thousands of lines may ask for one new key at once: they wait here, and most find it known, instead of using up the database's connections.
    private readonly SemaphoreSlim _lookups = new(8, 8);

    /// <summary>Reads what a producer sent: a candidate, or the answer when there is nothing left to decide.</summary>
    public async Task<(Candidate? Candidate, Outcome? Outcome)> ReadAsync(ReadOnlyMemory<byte> sdJwt, CancellationToken cancel)
    {
        // A database server that went and came back leaves dead connections in the pool, one failure each: a second look finds it well. Nothing was written.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (candidate, problem) = await CandidateAsync(sdJwt, cancel);
                return candidate is not null ? (candidate, null)
                    : problem!.Code == Missing && await RetryAsync(sdJwt, cancel) is { } repeated ? (null, repeated)
                    : (null, new Outcome.Refused(problem));
            }
            catch (NpgsqlException) when (attempt == Attempts)
            {
                return (null, new Outcome.Refused(Problems.Unavailable));
            }
            catch (NpgsqlException)
            {
                await Task.Delay(Pause, clock, cancel);
            }
        }
    }

    /// <summary>Queues a candidate before it returns; the task is its answer.</summary>
    public Task<Outcome> SubmitAsync(Candidate candidate)
    {
        var submission = new Submission(candidate);
        return sequencer.TrySubmit(submission) ? AnswerAsync(submission) : Task.FromResult<Outcome>(new Outcome.Refused(Problems.Overloaded));
    }

    /// <summary>Why the candidate would be refused if it came next; null when it would be admitted.</summary>
    public async Task<Problem?> PreviewAsync(Candidate candidate, CancellationToken cancel) =>
        await sequencer.PreviewAsync(candidate, cancel) is Decision.Refused refused ? Problems.Of(await discretion.TellAsync(candidate, refused, cancel)) : null;

    public void Dispose() => _lookups.Dispose();

    private async Task<Outcome> AnswerAsync(Submission submission)
    {
        var outcome = await submission.Answer;
        if (outcome is not Outcome.Refused { Decision: { } refused })
        {
            return outcome;
        }

        try
        {
            // The entry is decided, whoever waits for the answer: it is not cut short.
            return new Outcome.Refused(Problems.Of(await discretion.TellAsync(submission.Candidate, refused, CancellationToken.None)));
        }
        catch (NpgsqlException)
        {
            return new Outcome.Refused(Problems.Unavailable);
        }
    }

    private async Task<(Candidate? Candidate, Problem? Problem)> CandidateAsync(ReadOnlyMemory<byte> sdJwt, CancellationToken cancel)
    {
        if (SignedEntry.Parse(sdJwt, out var fault) is not { } signed)
        {
            return (null, Problems.Of(fault!));
        }

        if (Candidate.Read(signed, out var refusal) is not { } candidate)
        {
            return (null, Problems.Of(refusal!));
        }

        // A key that is not in the log yet may be added by an entry of the same batch: then the sequencer checks the signature.
        if (await KeyAsync(signed.Entry, cancel) is { } key && !candidate.VerifyWith(key))
        {
            return (null, Problems.Of(new Refusal(RefusalCode.SignatureInvalid, $"The signature is not by {signed.Entry.KeyId}.")));
        }

        return await discretion.PreventAsync(candidate, cancel) is { } told ? (null, Problems.Of(told)) : (candidate, null);
    }

    // What stands in the log is a retry with its disclosures or without.
    private async Task<Outcome?> RetryAsync(ReadOnlyMemory<byte> sdJwt, CancellationToken cancel) =>
        Entry.Parse(sdJwt[..sdJwt.Span.IndexOf((byte)'~')].ToArray(), out _) is { } entry && await entries.FindAsync(entry.LeafHash, cancel) is { } found
            ? new Outcome.Repeated(entry.LeafHash, found.Index)
            : null;

    private async Task<VerifyingKey?> KeyAsync(Entry entry, CancellationToken cancel)
    {
        if (_keys.TryGetValue(entry.KeyId, out var known))
        {
            return known;
        }

        await _lookups.WaitAsync(cancel);
        try
        {
            return _keys.TryGetValue(entry.KeyId, out known) ? known : await LookUpAsync(entry, cancel);
        }
        finally
        {
            _lookups.Release();
        }
    }

    private async Task<VerifyingKey?> LookUpAsync(Entry entry, CancellationToken cancel)
    {
        var keys = await entries.StateAsync(entry.Issuer == Names.LogOperator(identity.Origin) ? Names.LogChain(identity.Origin) : entry.Issuer, cancel) switch
        {
            LogState log => log.Keys,
            OperatorState @operator => @operator.Keys,
            _ => null,
        };
        if (keys?.Find(entry.KeyId) is not { } registered)
        {
            return null;
        }

        var key = VerifyingKey.FromX(registered.X, out var fault) ?? throw new InvalidDataException($"A registered key is unusable: {fault}.");
        return _keys.Count < KeysKept ? _keys.GetOrAdd(entry.KeyId, key) : key;
    }
}
