using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>Why a rule said no to a well-formed, signed entry: a stable code and the facts. HTTP knows nothing of it and it nothing of HTTP.</summary>
/// <param name="Code">The stable reason.</param>
/// <param name="Detail">A sentence that says what is wrong and what to do.</param>
public sealed record Refusal(RefusalCode Code, string Detail)
{
    /// <summary>Where the chain stands now, when the entry was made for an older head.</summary>
    public ChainHead? Head { get; init; }

    public override string ToString() => $"{Code.ToCode()}: {Detail}";
}

/// <summary>The newest entry of a chain.</summary>
public readonly record struct ChainHead(string Subject, long Sequence, Digest Hash);

/// <summary>The closed list of refusals. A code once released keeps its meaning for ever.</summary>
public enum RefusalCode
{
    // The statement and its event
    EventUnknown,
    DataInvalid,
    ClaimInClear,
    ClaimDisclosed,
    LogForeign,
    IdReused,

    // The log
    LogNotOpen,
    LogAlreadyOpen,
    AuthorityForeign,
    LogKeyForeign,
    PredecessorMissing,
    PredecessorForeign,

    // Keys
    OperatorUnknown,
    OperatorSuspended,
    KeyUnknown,
    KeyRevoked,
    KeyUseWrong,
    KeyReused,
    KeyProofInvalid,
    SignatureInvalid,

    // The chain
    SubjectMalformed,
    ChainUnknown,
    ChainExists,
    ChainMoved,
    ChainKindWrong,

    // Rights
    AuthorityRequired,
    RecoveryRequired,
    RoleMissing,
    KeeperRequired,
    DelegationMissing,
    IdentifierNotGranted,
    IdentifierOverlap,
    AliasTaken,

    // References
    ReferenceMissing,
    ReferenceUnresolved,
    ReferenceAmbiguous,
    LineUnknown,
    LineTaken,
    LineWithdrawn,
    LineNotYours,
    TakesNothing,
    GivesNothing,
    InputsMissing,
    QuantityExceeded,
    LinePurposeWrong,
    ElementMassExceeded,
    ContentTooFine,

    // The event's own order and sense
    OutOfOrder,
    AlreadySo,
    CorrectionForbidden,
    ErasureForbidden,
}

/// <summary>Text forms of <see cref="RefusalCode"/>.</summary>
public static class RefusalCodes
{
    private static readonly Dictionary<RefusalCode, string> Texts = Enum.GetValues<RefusalCode>().ToDictionary(c => c, c => KebabCase.Of(c.ToString()));

    /// <summary>The stable text: lower case with hyphens, <c>chain-moved</c>.</summary>
    public static string ToCode(this RefusalCode code) => Texts[code];
}
