using System.Runtime.CompilerServices;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Client;

/// <summary>
/// Says things in a ledger under one key: builds the entry, checks it here, signs it, keeps it in the journal, sends it, verifies the receipt. Whatever
/// fails on the way, the same bytes are sent again, so nothing is said twice. Calls may come from any thread; they take turns.
/// </summary>
public sealed class Producer : IDisposable
{
    private const string ChainMoved = "chain-moved";

    private readonly LedgerApi _api;
    private readonly Journal _journal;
    private readonly Func<byte[], byte[]> _signer;
    private readonly SemaphoreSlim _turn = new(1);

    // Newest entry of each chain as far as this producer knows; forgotten whenever the ledger contradicts. Guarded by _turn.
    private readonly Dictionary<string, ChainHead> _heads = new(StringComparer.Ordinal);

    /// <summary>A producer that signs with a key of its own.</summary>
    public Producer(LedgerApi api, string origin, string keyId, SigningKey key, IReadOnlyCollection<NoteVerifier> logKeys, Journal journal)
        : this(api, origin, keyId, input => key.Sign(input), logKeys, journal)
    {
    }

    /// <summary>A producer whose key is elsewhere.</summary>
    /// <param name="api">The ledger.</param>
    /// <param name="origin">The log's origin.</param>
    /// <param name="keyId">The key in full, <c>did#name</c>.</param>
    /// <param name="signer">Gives the 64-byte Ed25519 signature of the bytes.</param>
    /// <param name="logKeys">The keys that sign the log's checkpoints, known by another way than from the log.</param>
    /// <param name="journal">Where signed entries are kept; its owner disposes of it.</param>
    /// <exception cref="ArgumentException">Origin or key id are malformed, or there is no log key.</exception>
    public Producer(LedgerApi api, string origin, string keyId, Func<byte[], byte[]> signer, IReadOnlyCollection<NoteVerifier> logKeys, Journal journal)
    {
        if (!Names.IsOrigin(origin) || !Names.IsKeyId(keyId) || logKeys.Count == 0)
        {
            throw new ArgumentException("An origin, a key id in full and at least one log key were expected.", nameof(origin));
        }

        _api = api;
        _signer = signer;
        _journal = journal;
        Origin = origin;
        KeyId = keyId;
        LogKeys = logKeys;
    }

    /// <summary>The log.</summary>
    public string Origin { get; }

    /// <summary>The signing key in full.</summary>
    public string KeyId { get; }

    /// <summary>The operator that speaks.</summary>
    public string Operator => Names.OperatorOf(KeyId);

    /// <summary>The keys that receipts must be signed with.</summary>
    public IReadOnlyCollection<NoteVerifier> LogKeys { get; }

    /// <summary>How long a call is repeated while its outcome is unknown.</summary>
    public Patience Patience { get; init; } = Patience.Default;

    /// <summary>Tells the time of signing.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Says an event on a chain; see <see cref="AppendAsync(Statement, int, CancellationToken)"/>.</summary>
    public Task<Appended> AppendAsync<T>(
        string subject, T happened, EntryLinks? links = null, DateTimeOffset? occurredAt = null, int resign = 0, CancellationToken cancellation = default)
        where T : LifecycleEvent => AppendAsync(new Statement(subject, EventEncoding.Of(happened, links), occurredAt), resign, cancellation);

    /// <summary>Says something and waits until it stands in the log.</summary>
    /// <param name="statement">What to say.</param>
    /// <param name="resign">How often it may be signed anew for a newer head when others wrote on the chain meanwhile.</param>
    /// <param name="cancellation">Ends the waiting; the entry stays in the journal.</param>
    /// <exception cref="LedgerApiException">Refused, or unreachable: then the entry stays in the journal for <see cref="ResumeAsync"/>.</exception>
    /// <exception cref="InvalidOperationException">An earlier entry of the chain has no known outcome: call <see cref="ResumeAsync"/> first.</exception>
    public async Task<Appended> AppendAsync(Statement statement, int resign = 0, CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            ThrowIfPending(statement.Subject);
            var head = await HeadAsync(statement, cancellation);
            for (; ; resign--)
            {
                var batch = _journal.Keep([Prepare(statement, head)]);
                switch ((await SettleAsync(batch, cancellation))[0])
                {
                    case AppendOutcome.Admitted(var appended):
                        return appended;
                    case AppendOutcome.Refused { Why: { Code: ChainMoved, Head: { } moved } } when resign > 0 && moved.Subject == statement.Subject:
                        head = moved;
                        break;
                    case AppendOutcome.Refused { Why: var why }:
                        throw why;
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Says many things, window by window, each window kept and sent as a whole. Not atomic: a refused entry takes those after it on its chain with it,
    /// each outcome says what became of its statement, in order.
    /// </summary>
    /// <param name="statements">What to say; read as windows are filled.</param>
    /// <param name="window">Statements sent together, 1 to 1,000.</param>
    /// <param name="cancellation">Ends the waiting; what was kept stays in the journal.</param>
    /// <exception cref="LedgerApiException">Unreachable: the window stays in the journal for <see cref="ResumeAsync"/>.</exception>
    public async IAsyncEnumerable<AppendOutcome> AppendManyAsync(
        IEnumerable<Statement> statements, int window = 256, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, 1000);
        foreach (var chunk in statements.Chunk(window))
        {
            foreach (var outcome in await AppendWindowAsync(chunk, cancellation))
            {
                yield return outcome;
            }
        }
    }

    /// <summary>Sends what a crash or an outage left in the journal, in the order it was signed.</summary>
    /// <exception cref="LedgerApiException">Unreachable: what has no answer yet stays in the journal.</exception>
    public async Task<IReadOnlyList<AppendOutcome>> ResumeAsync(CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            var outcomes = new List<AppendOutcome>();
            foreach (var batch in _journal.Pending())
            {
                outcomes.AddRange(await SettleAsync(batch, cancellation));
            }

            return outcomes;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Signs and asks whether it would be admitted now. Nothing is kept and nothing written.</summary>
    /// <exception cref="LedgerApiException">It would be refused, or the ledger is unreachable.</exception>
    public async Task CheckAsync(Statement statement, CancellationToken cancellation = default)
    {
        var signed = await SignAsync(statement, cancellation);
        await Patience.CallAsync(() => _api.CheckAsync(signed.ToSdJwt(), cancellation), Clock, cancellation);
    }

    /// <summary>Signs for the chain's next place and sends nothing: for whoever carries the bytes another way.</summary>
    public async Task<SignedEntry> SignAsync(Statement statement, CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return Prepare(statement, await HeadAsync(statement, cancellation)).Signed;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<IReadOnlyList<AppendOutcome>> AppendWindowAsync(Statement[] window, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            var outcomes = new AppendOutcome?[window.Length];
            var entries = new List<KeptEntry>(window.Length);
            var heads = new Dictionary<string, ChainHead?>(StringComparer.Ordinal);
            for (var i = 0; i < window.Length; i++)
            {
                var statement = window[i];
                if (!heads.TryGetValue(statement.Subject, out var head))
                {
                    ThrowIfPending(statement.Subject);
                    head = await HeadAsync(statement, cancellation);
                }

                try
                {
                    var entry = Prepare(statement, head);
                    entries.Add(entry);
                    heads[statement.Subject] = HeadOf(entry.Signed.Entry);
                }
                catch (LedgerApiException e)
                {
                    outcomes[i] = new AppendOutcome.Refused(statement.Subject, e);
                }
            }

            if (entries.Count > 0)
            {
                var settled = new Queue<AppendOutcome>(await SettleAsync(_journal.Keep(entries), cancellation));
                for (var i = 0; i < window.Length; i++)
                {
                    outcomes[i] ??= settled.Dequeue();
                }
            }

            return outcomes!;
        }
        finally
        {
            _turn.Release();
        }
    }

    private void ThrowIfPending(string subject)
    {
        if (_journal.IsPending(subject))
        {
            throw new InvalidOperationException($"An earlier entry of {subject} has no known outcome. Call ResumeAsync before saying more on this chain.");
        }
    }

    private async Task<ChainHead?> HeadAsync(Statement statement, CancellationToken cancellation)
    {
        var subject = statement.Subject;
        if (statement.Event.Type.Standing == Standing.Opens)
        {
            return null;
        }

        if (_heads.TryGetValue(subject, out var known))
        {
            return known;
        }

        try
        {
            var said = await Patience.CallAsync(() => _api.GetHeadAsync(subject, cancellation), Clock, cancellation);

            // Its signature is for those who would rely on it. A wrong head only makes an entry that the rules refuse.
            return said.Subject == subject && said.Origin == Origin
                ? new ChainHead(subject, said.Sequence, said.Head)
                : throw LedgerApiException.Unsound($"The head given is of {said.Subject} in {said.Origin}.");
        }
        catch (LedgerApiException e) when (!e.IsUnreachable && e.Code != LedgerApiException.AnswerUnsound)
        {
            return await ProbeAsync(statement, cancellation);
        }
    }

    // A head is not shown of a closed chain, nor where there is none yet. But the rules tell it to whoever may write there: ask with an entry for place 0.
    private async Task<ChainHead?> ProbeAsync(Statement statement, CancellationToken cancellation)
    {
        try
        {
            var probe = Prepare(statement, null).Signed.ToSdJwt();
            await Patience.CallAsync(() => _api.CheckAsync(probe, cancellation), Clock, cancellation);
            return null;
        }
        catch (LedgerApiException e) when (e is { Code: ChainMoved, Head: { } head } && head.Subject == statement.Subject)
        {
            return head;
        }
    }

    private KeptEntry Prepare(Statement statement, ChainHead? head)
    {
        var now = Clock.GetUtcNow();
        var (sequence, previous) = head is { } at ? (at.Sequence + 1, at.Hash) : (0, Digest.Zero);
        var draft = statement.Event.Draft(KeyId, new EntryPlace(Origin, statement.Subject, sequence, previous, now, statement.OccurredAt ?? now));
        SignedEntry signed;
        try
        {
            signed = draft.Sign(_signer);
        }
        catch (ArgumentException e)
        {
            throw new LedgerApiException(null, RefusalCode.DataInvalid.ToCode(), e.Message, e);
        }

        // What can be refused without the log's state is refused before it is kept.
        return Candidate.Read(signed, out var refusal) is not null
            ? new KeptEntry(signed, statement.Event.Links.Given)
            : throw new LedgerApiException(null, refusal!.Code.ToCode(), refusal.Detail);
    }

    // Each entry of the batch gets its answer; only then is the batch forgotten.
    private async Task<IReadOnlyList<AppendOutcome>> SettleAsync(JournalBatch batch, CancellationToken cancellation)
    {
        var outcomes = new List<AppendOutcome>(batch.Entries.Count);
        var answers = batch.Entries.Count == 1 ? null : await PostAllAsync(batch, cancellation);
        for (var i = 0; i < batch.Entries.Count; i++)
        {
            var entry = batch.Entries[i];
            try
            {
                if (answers?[i].Problem is { } problem)
                {
                    throw problem;
                }

                outcomes.Add(new AppendOutcome.Admitted(await FinishAsync(entry, answers?[i], cancellation)));
            }
            catch (LedgerApiException e) when (!e.IsUnreachable && e.Code != LedgerApiException.AnswerUnsound)
            {
                _heads.Remove(entry.Signed.Entry.Subject);
                outcomes.Add(new AppendOutcome.Refused(entry.Signed.Entry.Subject, e));
            }
        }

        _journal.Forget(batch);
        return outcomes;
    }

    private Task<IReadOnlyList<PostedLine>> PostAllAsync(JournalBatch batch, CancellationToken cancellation) => Patience.CallAsync(
        async () =>
        {
            var lines = await _api.PostEntriesAsync([.. batch.Entries.Select(e => e.Signed.ToSdJwt())], cancellation);
            return lines.FirstOrDefault(l => l.Problem is { IsUnreachable: true })?.Problem is { } open ? throw open : lines;
        },
        Clock,
        cancellation);

    private async Task<Appended> FinishAsync(KeptEntry entry, PostedLine? answer, CancellationToken cancellation)
    {
        var hash = entry.Signed.Entry.LeafHash;
        var bytes = await Patience.CallAsync(
            async () => answer is null
                ? (await _api.PostEntryAsync(entry.Signed.ToSdJwt(), cancellation)).Receipt
                : await ReceiptAsync(entry, cancellation),
            Clock,
            cancellation);
        if (Receipt.Parse(bytes, out var fault) is not { } receipt || (fault = receipt.Verify(hash, LogKeys, out var checkpoint)) is not null)
        {
            throw LedgerApiException.Unsound($"The receipt of {hash} does not verify: {fault!.Detail}");
        }

        if (checkpoint!.Origin != Origin || (answer is not null && (answer.LeafHash != hash || answer.Index != (long)receipt.Index)))
        {
            throw LedgerApiException.Unsound($"The receipt of {hash} is of {checkpoint.Origin} and index {receipt.Index}; {Origin}{(answer is null ? "" : $" and {answer.Index}")} was expected.");
        }

        _journal.KeepReceipt(entry, receipt);
        _heads[entry.Signed.Entry.Subject] = HeadOf(entry.Signed.Entry);
        return new Appended(entry, receipt, checkpoint);
    }

    // Of closed chains receipts are not for everybody; the same bytes sent again are answered with it to whoever has them.
    private async Task<byte[]> ReceiptAsync(KeptEntry entry, CancellationToken cancellation)
    {
        try
        {
            return await _api.GetReceiptAsync(entry.Signed.Entry.LeafHash, cancellation);
        }
        catch (LedgerApiException e) when (!e.IsUnreachable)
        {
            return (await _api.PostEntryAsync(entry.Signed.ToSdJwt(), cancellation)).Receipt;
        }
    }

    private static ChainHead HeadOf(Entry entry) => new(entry.Subject, entry.Sequence, entry.LeafHash);
}
