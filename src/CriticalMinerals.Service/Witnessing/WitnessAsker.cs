using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Service.Witnessing;

/// <summary>
/// Asks the configured witnesses to cosign what is public or offered (C2SP tlog-witness v1.0.0), each in a loop of its own: one that is dead, slow or lying
/// holds up no other, no append and no checkpoint. Only verified cosignatures are kept; while the log rests they are asked for anew now and then, since each says
/// that there was nothing newer. Several nodes may ask the same thing; it does no harm.
/// </summary>
public sealed class WitnessAsker(LedgerOptions options, PublicCheckpoint checkpoint, SignedLog signed, TreeStore tree, TimeProvider clock, ILogger<WitnessAsker> logger) : BackgroundService
{
    private const int Attempts = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, string> _contradictions = new(StringComparer.Ordinal);

    /// <summary>What witnesses say against this log, by their names in the policy: each is for a person to look into.</summary>
    public IReadOnlyDictionary<string, string> Contradictions => _contradictions;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Witnesses is not { } policy)
        {
            return Task.CompletedTask;
        }

        var loops = policy.Witnesses.Where(witness => witness.Address is not null).Select(witness => AskAsync(witness, stoppingToken));
        return Task.WhenAll(options.WitnessQuorum ? loops.Append(OfferAsync(stoppingToken)) : loops);
    }

    // An offer gives way to a larger one when it is public or old, and no commit may come then to say so.
    private async Task OfferAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (await checkpoint.CurrentAsync(stop) is not { } current || current.Size < (await signed.CurrentAsync(stop)).Size)
                {
                    await checkpoint.PublishAsync(stop);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                logger.LogDebug(e, "No checkpoint could be offered to the witnesses.");
            }

            await PauseAsync(Interval, stop);
        }
    }

    private async Task AskAsync(PolicyWitness witness, CancellationToken stop)
    {
        using var network = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Patience, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        using var http = new HttpClient(network, disposeHandler: false)
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = AddCheckpoint.MaxAnswerLength,
        };
        var (seen, done, failures) = (-1L, -1L, 0);
        var due = DateTimeOffset.MinValue;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (await checkpoint.OfferedAsync(stop) is { } offered && (offered.Size > done || clock.GetUtcNow() >= due))
                {
                    // It may have cosigned for another node, or before a restart.
                    var last = await checkpoint.CosignedAsync(witness.Key, stop);
                    var at = last is { } known && known.Size == offered.Size ? known.At : DateTimeOffset.MinValue;
                    if (clock.GetUtcNow() < at + options.WitnessRenewal)
                    {
                        (seen, done) = (offered.Size, offered.Size);
                    }
                    else
                    {
                        (seen, done) = await AskAsync(http, witness, offered.Size, SignedNote.Parse(offered.Note, out _)!, seen < 0 ? last?.Size ?? 0 : seen, stop);
                        at = clock.GetUtcNow();
                    }

                    due = at + options.WitnessRenewal;
                    if (failures > 0)
                    {
                        logger.LogInformation("Witness {Witness} cosigns again.", witness.Name);
                    }
                }

                failures = 0;
            }
            catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                if (failures++ == 0)
                {
                    logger.LogWarning("Witness {Witness} at {Address} does not cosign: {Reason} It is asked again, and logged when it cosigns.", witness.Name, witness.Address, e.Message);
                }
            }

            await PauseAsync(failures == 0 ? Interval : TimeSpan.FromSeconds(Math.Min(1 << Math.Min(failures - 1, 10), (int)LongestPause.TotalSeconds)), stop);
        }
    }

    // What the witness saw last, and up to which size there is nothing left to ask.
    private async Task<(long Seen, long Done)> AskAsync(HttpClient http, PolicyWitness witness, long size, SignedNote note, long seen, CancellationToken stop)
    {
        var said = false;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (seen > size)
            {
                // Another node may have shown it a larger tree; a tree larger than all that is signed was not shown by this log.
                if (seen > (await signed.AdvanceAsync(stop)).Size)
                {
                    Contradicts(witness, string.Create(CultureInfo.InvariantCulture, $"it says it cosigned {Counted.Entries(seen)} of this log, which has signed fewer"));
                }

                return (-1, size);
            }

            var (proof, fault) = await tree.Reader(size).ConsistencyAsync((ulong)seen, (ulong)size, stop);
            var request = new AddCheckpoint((ulong)seen, proof?.Path ?? throw new InvalidDataException(fault!.Detail), note);
            switch (await PostAsync(http, witness, request, stop))
            {
                case WitnessAnswer.Cosigned(var line, _):
                    await checkpoint.KeepAsync(size, witness.Key, line, stop);
                    if (_contradictions.TryRemove(witness.Name, out _))
                    {
                        logger.LogWarning("Witness {Witness} cosigned size {Size}: what it said against this log before does not hold any more.", witness.Name, size);
                    }

                    return (size, size);
                case WitnessAnswer.Conflict(var other) when (long)other != seen:
                    (seen, said) = ((long)other, true);
                    break;
                case WitnessAnswer.Refused { Status: WitnessAnswer.Inconsistent } when !said && seen > 0:
                    // That it saw this size is only what this database says: it is asked itself.
                    seen = 0;
                    break;
                case WitnessAnswer.Refused { Status: WitnessAnswer.Inconsistent }:
                    Contradicts(witness, string.Create(CultureInfo.InvariantCulture, $"it cosigned another tree of {Counted.Entries(seen)} than the one that this log has, or denies the proof"));
                    return (-1, size);
                case WitnessAnswer.Refused(_, var why):
                    throw new InvalidDataException(why.Detail);
                default:
                    throw new InvalidDataException("It answers 409 and names the size that it was told.");
            }
        }

        throw new InvalidDataException("Each time it is asked it names another size.");
    }

    private void Contradicts(PolicyWitness witness, string what)
    {
        if (!_contradictions.TryGetValue(witness.Name, out var before) || before != what)
        {
            _contradictions[witness.Name] = what;
            logger.LogCritical("Witness {Witness} contradicts this log: {What}. Either this log showed it another history (a restored backup, a stolen key), or the witness is wrong. Look before going on.", witness.Name, what);
        }
    }

    private static async Task<WitnessAnswer> PostAsync(HttpClient http, PolicyWitness witness, AddCheckpoint request, CancellationToken stop)
    {
        using var body = new StringContent(request.ToString(), Encoding.UTF8, "text/plain");
        using var answer = await http.PostAsync(new Uri($"{witness.Address!.TrimEnd('/')}/add-checkpoint"), body, stop);
        return request.ReadAnswer((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(stop), witness.Key);
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken stop)
    {
        try
        {
            await Task.Delay(pause, clock, stop);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }
}
