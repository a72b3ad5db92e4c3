namespace CriticalMinerals.Ledger;

/// <summary>
/// Why bytes that somebody else wrote are not what they claim to be. A value, never an exception: hostile input is normal.
/// </summary>
/// <param name="Failure">The stable reason; <see cref="FailureNames.ToCode"/> gives its text form.</param>
/// <param name="Detail">A sentence for people: what was expected, what was found. Safe to print: of the input at most a few hundred printable ASCII characters.</param>
public sealed record Fault(Failure Failure, string Detail)
{
    public override string ToString() => $"{Failure.ToCode()}: {Detail}";
}

/// <summary>The closed list of reasons for which evidence is rejected. The layer that catches it is part of the name.</summary>
public enum Failure
{
    // Bytes and JSON
    TooLarge,
    EntryMalformed,
    Base64Ambiguous,
    JsonMalformed,
    JsonDuplicateMember,
    JsonTooDeep,
    JsonTextForbidden,
    JsonNumberForbidden,

    // Entry
    HeaderForbidden,
    PayloadForbidden,
    ReferenceMalformed,
    DisclosureMalformed,
    DisclosureUnmatched,
    DisclosureMissing,
    DisclosureRepeated,

    // Keys and signatures
    KeyMalformed,
    KeyForbidden,
    KeyUnknown,
    KeyNotYetValid,
    KeyRevoked,
    SignatureInvalid,

    // Chain
    ChainForeign,
    ChainSequence,
    ChainLink,
    LogForeign,
    EntryRepeated,

    // Tree
    NoteMalformed,
    NoteUnsigned,
    CheckpointMalformed,
    PolicyMalformed,
    QuorumMissing,
    ProofMalformed,
    InclusionUnproven,
    ConsistencyUnproven,
    TileMalformed,
    RootMismatch,

    // Receipts, heads, bundles
    ReceiptMalformed,
    HeadMalformed,
    HeadMismatch,
    HeadExpired,
    BundleMalformed,
    BundleIncomplete,
    ContradictionMalformed,
    ContradictionAbsent,

    // Time stamps of checkpoints
    TimestampMalformed,
    TimestampMismatch,
    TimestampInvalid,

    // Who asks, and who asked
    ReadingsMalformed,
    TokenMalformed,
    TokenTypeWrong,
    TokenForeign,
    TokenMethodWrong,
    TokenAddressWrong,
    TokenTooLongLived,
    TokenNotYetValid,
    TokenExpired,

    // Rules replayed on the evidence
    RuleRefused,
    ReferenceUnresolved,
    AuthorityForeign,
    LogKeyForeign,

    // A log that goes on from another
    PredecessorMissing,
    PredecessorForeign,
    ChainForked,
}

/// <summary>Text forms of <see cref="Failure"/>.</summary>
public static class FailureNames
{
    private static readonly Dictionary<Failure, string> Codes = Enum.GetValues<Failure>().ToDictionary(
        f => f,
        f => string.Concat(f.ToString().Select((c, i) => char.IsAsciiLetterUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString())));

    /// <summary>The stable code, lower case with hyphens: <c>signature-invalid</c>.</summary>
    public static string ToCode(this Failure failure) => Codes[failure];
}
