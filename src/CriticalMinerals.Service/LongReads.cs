namespace CriticalMinerals.Service;

/// <summary>
/// How many answers that rest on very many entries are put together at once: whoever asks for many of them takes neither the memory of the service nor the
/// database's connections from the others. What rests on less waits for nothing.
/// </summary>
public sealed class LongReads(TimeProvider clock) : IDisposable
{
    /// <summary>Entries that an answer may rest on without waiting for its turn.</summary>
    public const int Short = 500;

    /// <summary>Long answers at once.</summary>
    public const int Turns = 4;

    /// <summary>How long one may wait for its turn.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turns = new(Turns);

    /// <summary>Begins an answer. Dispose of it when it is put together.</summary>
    public LongRead Begin() => new(this);

    public void Dispose() => _turns.Dispose();

    internal async Task<bool> EnterAsync(CancellationToken cancel)
    {
        if (_turns.Wait(0, CancellationToken.None))
        {
            return true;
        }

        using var late = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        try
        {
            await _turns.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    internal void Leave() => _turns.Release();
}

/// <summary>An answer that is being put together. Not for several threads at once.</summary>
public sealed class LongRead(LongReads reads) : IDisposable
{
    private long _entries;
    private bool _holdsTurn;
    private bool _isRefused;

    /// <summary>Counts entries, best before they are read. False when it had to wait for its turn for too long: then it is given up.</summary>
    public async Task<bool> CountAsync(long entries, CancellationToken cancel)
    {
        _entries += entries;
        if (_entries > LongReads.Short && !_holdsTurn && !_isRefused)
        {
            _holdsTurn = await reads.EnterAsync(cancel);
            _isRefused = !_holdsTurn;
        }

        return !_isRefused;
    }

    public void Dispose()
    {
        if (_holdsTurn)
        {
            _holdsTurn = false;
            reads.Leave();
        }
    }
}
