using System.Net;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Client;

/// <summary>
/// The ledger said no, or could not be asked. A refusal has a stable <see cref="Code"/> and is final for the bytes sent; what is
/// <see cref="IsUnreachable">unreachable</see> has an unknown outcome: sending the same bytes again is safe.
/// </summary>
public sealed class LedgerApiException : Exception
{
    /// <summary>Code of everything that is not an answer of a ledger.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>Code of an answer that does not hold what was asked for, such as a receipt that does not verify.</summary>
    public const string AnswerUnsound = "answer-unsound";

    internal LedgerApiException(HttpStatusCode? status, string code, string detail, Exception? inner = null)
        : base(code + ": " + detail, inner)
    {
        Status = status;
        Code = code;
        Detail = detail;
    }

    /// <summary>The HTTP status; null when there was no answer.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>The stable reason: a code of the ledger's problems, or one of the two named here.</summary>
    public string Code { get; }

    /// <summary>A sentence that says what is wrong.</summary>
    public string Detail { get; }

    /// <summary>Where the chain stands, when the entry was made for another place in it.</summary>
    public ChainHead? Head { get; init; }

    /// <summary>How long the ledger asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Nothing is known of the outcome: no answer, an answer of something else than a ledger, overload, or a mistake inside the ledger.</summary>
    public bool IsUnreachable => Code == Unreachable || Status is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    internal static LedgerApiException NoAnswer(Uri? at, Exception why) =>
        new(null, Unreachable, $"No answer from {at}: {why.Message}", why);

    internal static LedgerApiException Unsound(string detail) => new(null, AnswerUnsound, detail);
}
