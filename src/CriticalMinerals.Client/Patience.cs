namespace CriticalMinerals.Client;

/// <summary>How often and how slowly a call is made again while its outcome is unknown: the wait doubles, and a wait the ledger asks for is kept.</summary>
/// <param name="Tries">Calls in all, at least 1.</param>
/// <param name="First">Wait after the first failure.</param>
/// <param name="Longest">Longest wait, also when the ledger asks for more.</param>
public sealed record Patience(int Tries, TimeSpan First, TimeSpan Longest)
{
    /// <summary>Six tries over about eight seconds.</summary>
    public static Patience Default { get; } = new(6, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10));

    /// <summary>One try.</summary>
    public static Patience None { get; } = new(1, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>Makes the call until it is answered. A refusal is an answer and passes through.</summary>
    internal Task<T> CallAsync<T>(Func<Task<T>> call, TimeProvider clock, CancellationToken cancellation) =>
        CallAsync(call, e => e is LedgerApiException { IsUnreachable: true }, clock, cancellation);

    /// <summary>Makes the call until it ends otherwise than so; the last failure passes through.</summary>
    /// <param name="call">The call.</param>
    /// <param name="mayPass">Whether a failure is one after which the call is made again.</param>
    /// <param name="clock">Measures the waits.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<T> CallAsync<T>(Func<Task<T>> call, Func<Exception, bool> mayPass, TimeProvider clock, CancellationToken cancellation)
    {
        var wait = First;
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (tried < Tries && mayPass(e))
            {
                var asked = (e as LedgerApiException)?.RetryAfter is { } after && after > wait ? after : wait;
                await Task.Delay(asked < Longest ? asked : Longest, clock, cancellation);
                wait = wait + wait < Longest ? wait + wait : Longest;
            }
        }
    }
}
