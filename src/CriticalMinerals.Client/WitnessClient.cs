using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>
/// Calls of a witness (C2SP tlog-witness v1.0.0) and nothing else: no retry, no memory. What it answers counts only when its key signed it. Thread-safe.
/// </summary>
/// <param name="http">A client whose base address is the witness's prefix, ending in a slash. Its owner disposes of it and sets the time limit.</param>
/// <param name="key">The witness's key, known by another way.</param>
public sealed class WitnessClient(HttpClient http, NoteVerifier key)
{
    /// <summary>Asks for a cosignature. Every answer is one of <see cref="WitnessAnswer"/>, a false one <see cref="WitnessAnswer.Refused"/>.</summary>
    /// <exception cref="LedgerApiException">No answer.</exception>
    public async Task<WitnessAnswer> AddAsync(AddCheckpoint request, CancellationToken cancellation = default)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "add-checkpoint") { Content = new StringContent(request.ToString()) };
        var (status, body) = await SendAsync(message, AddCheckpoint.MaxAnswerLength, cancellation);
        return request.ReadAnswer(status, body, key);
    }

    /// <summary>The checkpoint of a log that the witness cosigned last, signed by both; null when it says that it never did.</summary>
    /// <param name="origin">The log.</param>
    /// <param name="logKeys">Its keys.</param>
    /// <param name="cancellation">Ends the asking.</param>
    /// <exception cref="LedgerApiException">No answer, or one that the witness and the log have not both signed.</exception>
    public async Task<TrustedCheckpoint?> LatestAsync(string origin, IReadOnlyCollection<NoteVerifier> logKeys, CancellationToken cancellation = default)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, $"{Witness.HashOf(origin)}/checkpoint");
        var (status, body) = await SendAsync(message, SignedNote.MaxLength, cancellation);
        if (status == 404)
        {
            return null;
        }

        var policy = new TrustPolicy(logKeys) { Witnesses = [new PolicyWitness("witness", key, null)], Quorum = "witness" };
        Fault? fault = null;
        return status == 200 && SignedNote.Parse(body, out fault) is { } note && policy.Verify(note, out fault) is { } latest && latest.Checkpoint.Origin == origin
            ? latest
            : throw LedgerApiException.Unsound(fault?.ToString() ?? $"The witness gave no checkpoint of {origin}: HTTP status {status}.");
    }

    private async Task<(int Status, byte[] Body)> SendAsync(HttpRequestMessage message, int limit, CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
            await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
            var body = new byte[limit + 1];
            var read = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation);
            return read > limit ? throw LedgerApiException.Unsound($"The witness's answer is longer than {limit} bytes.") : ((int)answer.StatusCode, body[..read]);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw LedgerApiException.NoAnswer(http.BaseAddress, e);
        }
    }
}
