using System.Threading.Channels;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using Marten;
using Npgsql;
using Wolverine.Marten;

namespace CriticalMinerals.Service.Log;

/// <summary>
/// The one place where order is decided. It takes what waits, decides it entry by entry under the lock of the ledger's state row, and commits it in one
/// transaction: what <see cref="LogWriter"/> writes and one outbox message. Then it has the committed bytes signed and answers everybody.
/// </summary>
/// <remarks>
/// What a crash leaves: before COMMIT nothing; after COMMIT everything of the batch, unsigned, which the next start signs; the callers have no answer and
/// send the same bytes again. When the result of a COMMIT is unknown, the batch is simply decided again: what was committed is found by its leaf hash.
/// </remarks>
public sealed class Sequencer(
    IDocumentStore store, IServiceScopeFactory scopes, LogIdentity identity, LogWriter writer, SignedLog signed, TreeStore tree, TimeProvider clock, ILogger<Sequencer> logger) : BackgroundService
{
    /// <summary>Most entries in one transaction.</summary>
    public const int BatchSize = 1000;

    /// <summary>Most entries that wait; the next one is told to come again.</summary>
    public const int QueueLength = 4096;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<Submission> _waiting = Channel.CreateBounded<Submission>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    /// <summary>Queues a submission; false when too many wait.</summary>
    public bool TrySubmit(Submission submission) => _waiting.Writer.TryWrite(submission);

    /// <summary>Decides a candidate as if it came next, and writes nothing.</summary>
    public Task<Decision> PreviewAsync(Candidate candidate, CancellationToken cancel)
    {
        var needs = new Needs();
        needs.Add(candidate);
        return PreviewAsync(candidate, needs, cancel);
    }

    /// <summary>The same as if nothing stood in the ledger but this, where it is there.</summary>
    public async Task<Decision> PreviewAsync(Candidate candidate, Needs needs, CancellationToken cancel)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancel);
        var committed = (await tree.CommittedAsync(cancel))!;
        var state = await LogWriter.EmptyStateAsync(identity, tree, committed, cancel);
        await BatchStore.LoadAsync(session.Connection!, needs, state, cancel);
        return Admission.Decide(state, candidate);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Submission>(BatchSize);
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                batch.Clear();
                while (batch.Count < BatchSize && _waiting.Reader.TryRead(out var submission))
                {
                    batch.Add(submission);
                }

                await SettleAsync(batch, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The service is asked to stop: whoever still waits may send again.
        }
        finally
        {
            _waiting.Writer.TryComplete();
            while (_waiting.Reader.TryRead(out var left))
            {
                batch.Add(left);
            }

            batch.ForEach(s => s.Settle(new Outcome.Refused(signed.Halted is null ? Problems.Unavailable : Problems.Halted)));
        }
    }

    private async Task SettleAsync(IReadOnlyList<Submission> batch, CancellationToken stop)
    {
        var until = clock.GetUtcNow() + Patience;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await CommitAsync(batch, stop);
                return;
            }
            catch (LogHaltedException halted)
            {
                logger.LogCritical("The log has stopped: {Reason}", halted.Message);
                Refuse(batch, Problems.Halted);
                return;
            }
            catch (Exception refused) when (IsRefusal(refused))
            {
                writer.Forget();
                if (batch.Count == 1)
                {
                    logger.LogError(refused, "The database refused entry {Entry}", batch[0].Candidate.Signed.Entry.LeafHash);
                    Refuse(batch, Problems.StorageRefused);
                    return;
                }

                // Halved until the one entry stands alone: only that one fails.
                var half = batch.Count / 2;
                await SettleAsync([.. batch.Take(half)], stop);
                await SettleAsync([.. batch.Skip(half)], stop);
                return;
            }
            catch (Exception lost) when (lost is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                // The connection, the server or the answer to COMMIT is lost. Deciding again finds out what was kept.
                writer.Forget();
                var isHeld = lost is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };
                foreach (var submission in batch)
                {
                    submission.MayBeCommitted |= !isHeld;
                }

                logger.LogWarning(lost, "A batch of {Count} could not be settled at attempt {Attempt}", batch.Count, attempt);
                if (isHeld)
                {
                    await EndSilentAsync(stop);
                }

                if (clock.GetUtcNow() > until)
                {
                    Refuse(batch, Problems.Unavailable);
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(50 << Math.Min(attempt, 5), 1000)), clock, stop);
            }
        }
    }

    // Another node stopped, or was cut off, while it held a lock.
    private async Task EndSilentAsync(CancellationToken stop)
    {
        try
        {
            await using var session = store.LightweightSession();
            await session.BeginTransactionAsync(stop);
            if (await BatchStore.EndSilentAsync(session.Connection!, stop) is var ended and > 0)
            {
                logger.LogWarning("{Count} sessions of nodes that had stopped inside a transaction were ended", ended);
            }
        }
        catch (NpgsqlException failed)
        {
            logger.LogWarning(failed, "Whoever holds the log could not be found");
        }
    }

    private async Task CommitAsync(IReadOnlyList<Submission> batch, CancellationToken stop)
    {
        _ = signed.Latest();
        await using var scope = scopes.CreateAsyncScope();
        await using var session = store.LightweightSession();
        var outbox = scope.ServiceProvider.GetRequiredService<IMartenOutbox>();
        outbox.Enroll(session);
        await session.BeginTransactionAsync(stop);

        var committed = await BatchStore.LockAsync(session.Connection!, stop);
        signed.Require(committed);
        var at = clock.GetUtcNow() is var now && now > committed.At ? now : committed.At;
        var written = await writer.WriteAsync(session, committed, [.. batch.Select(s => s.Candidate)], [.. Enumerable.Repeat(at, batch.Count)], stop);
        if (written.Tree is not { } grown)
        {
            await AnswerAsync(batch, written, stop);
            return;
        }

        await outbox.PublishAsync(new EntriesCommitted(committed.Size, (long)grown.Size));

        // From here the batch is decided: it commits whole or not at all, whoever asks the service to stop meanwhile.
        await session.SaveChangesAsync(CancellationToken.None);
        writer.Saved(written);
        await AnswerAsync(batch, written, CancellationToken.None);
    }

    private async Task AnswerAsync(IReadOnlyList<Submission> batch, WrittenBatch written, CancellationToken stop)
    {
        var tree = await signed.AdvanceAsync(stop);
        for (var i = 0; i < batch.Count; i++)
        {
            var hash = batch[i].Candidate.Signed.Entry.LeafHash;
            batch[i].Settle(written.Decisions[i] switch
            {
                Decision.Admitted(var index) when written.Tree is { } grown && tree.Size == (long)grown.Size =>
                    new Outcome.Admitted(hash, index, new Receipt((ulong)index, grown.ProofOf((ulong)index).Path, tree.Checkpoint)),

                // Another node has signed more: the receipt stands under the newer checkpoint.
                Decision.Admitted(var index) => new Outcome.Admitted(hash, index, await signed.ReceiptAsync(index, stop)),
                Decision.Repeated(var index) when batch[i].MayBeCommitted => new Outcome.Admitted(hash, index, await signed.ReceiptAsync(index, stop)),
                Decision.Repeated(var index) => new Outcome.Repeated(hash, index),
                Decision.Refused refused => new Outcome.Refused(Problems.Of(refused.Refusal)) { Decision = refused },
                _ => throw new InvalidOperationException("A decision of no known kind."),
            });
        }
    }

    private static void Refuse(IReadOnlyList<Submission> batch, Problem problem)
    {
        foreach (var submission in batch)
        {
            submission.Settle(new Outcome.Refused(problem));
        }
    }

    /// <summary>
    /// Whether the database understood and said no, as against being lost, out of resources, shutting down or deadlocked (SQLSTATE classes 08, 40, 53, 55,
    /// 57, 58), tired of waiting for us in a transaction (25), or another one for the moment (28, 3D: moved or closed), where the same batch may pass later.
    /// </summary>
    private static bool IsRefusal(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is PostgresException answer)
            {
                return answer.SqlState[..2] is not ("08" or "25" or "28" or "3D" or "40" or "53" or "55" or "57" or "58");
            }

            if (cause is Marten.Exceptions.ExistingStreamIdCollisionException or JasperFx.ConcurrencyException)
            {
                return true;
            }
        }

        return false;
    }
}
