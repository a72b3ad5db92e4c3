using System.Globalization;

namespace CriticalMinerals.Ledger;

/// <summary>
/// What a verifier believes before it reads a file: the log's keys, learned by another way than that file, the witnesses that have to have seen its
/// checkpoint, and what else it insists on. Everything not said here is derived from the evidence.
/// </summary>
/// <param name="LogKeys">Keys of the log, of which one has to have signed the checkpoint; a verifier without any believes nothing.</param>
public sealed record TrustPolicy(IReadOnlyCollection<NoteVerifier> LogKeys)
{
    /// <summary>Longest text of <see cref="Parse"/>, in characters.</summary>
    public const int MaximumLength = 64 * 1024;

    /// <summary>The witnesses that are known, by the names that the policy gives them.</summary>
    public IReadOnlyList<PolicyWitness> Witnesses { get; init; } = [];

    /// <summary>Groups of witnesses, each after those that it names.</summary>
    public IReadOnlyList<PolicyGroup> Groups { get; init; } = [];

    /// <summary>The witness or group that has to have cosigned; null when none has to.</summary>
    public string? Quorum { get; init; }

    /// <summary>The key that has to have opened the log; null to take the one that the log's opening declares.</summary>
    public VerifyingKey? Authority { get; init; }

    /// <summary>The instant at which the subject's head statement must be in force; null when truth as of the checkpoint is enough.</summary>
    public DateTimeOffset? FreshAt { get; init; }

    /// <summary>
    /// Reads a policy file (C2SP tlog-policy at 5ba5ee8: lines <c>log</c>, <c>witness</c>, <c>group</c>, one <c>quorum</c>, comments), or bare verifier keys,
    /// one a line, as a log serves them, which ask for no witness. A policy file may name no log: its keys are then known otherwise.
    /// <see cref="Failure.PolicyMalformed"/>, or for a key what <see cref="NoteVerifier.Parse"/> says.
    /// </summary>
    public static TrustPolicy? Parse(string text, out Fault? fault)
    {
        if (text.Length > MaximumLength)
        {
            fault = new Fault(Failure.TooLarge, $"A policy or a list of verifier keys has at most {MaximumLength} characters.");
            return null;
        }

        if (PolicyFile.IsOne(text))
        {
            return PolicyFile.Parse(text, out fault);
        }

        var keys = new List<NoteVerifier>();
        foreach (var line in text.Split('\n').Select(line => line.Trim(' ', '\t', '\r')).Where(line => line.Length > 0))
        {
            if (NoteVerifier.Parse(line, out fault) is not { } key)
            {
                return null;
            }

            keys.Add(key);
        }

        fault = keys.Count > 0 ? null : new Fault(Failure.KeyMalformed, "At least one verifier key is needed: name+id+base64, as the log serves under /vkey.");
        return fault is null ? new TrustPolicy(keys) : null;
    }

    /// <summary>
    /// The checkpoint that a note states, when a key of its own log signed it and the quorum cosigned it. <see cref="Failure.QuorumMissing"/> when only
    /// that is lacking; <see cref="Failure.SignatureInvalid"/> when a line names a known log or witness and is not its signature, which spoils the note.
    /// </summary>
    public TrustedCheckpoint? Verify(SignedNote note, out Fault? fault)
    {
        if (note.Verify([.. LogKeys, .. Witnesses.Select(witness => witness.Key)], out fault) is not { } verified || Checkpoint.From(verified, out fault) is not { } checkpoint)
        {
            return null;
        }

        var cosignatures = verified.Signatures.Where(signature => signature.Time is not null && Witnesses.Any(witness => witness.Key == signature.By)).ToArray();
        if (!IsQuorum([.. cosignatures.Select(cosignature => cosignature.By)]))
        {
            fault = new Fault(Failure.QuorumMissing, string.Create(
                CultureInfo.InvariantCulture, $"{cosignatures.Length} of {Witnesses.Count} known witnesses cosigned the checkpoint of size {checkpoint.Size}; that is not the quorum of the policy."));
            return null;
        }

        // A quorum says of every instant up to this one that the log had shown it nothing newer.
        var at = cosignatures.Select(cosignature => cosignature.Time!.Value).OrderDescending()
            .FirstOrDefault(time => IsQuorum([.. cosignatures.Where(cosignature => cosignature.Time >= time).Select(cosignature => cosignature.By)]));
        return new TrustedCheckpoint(checkpoint, note, cosignatures) { WitnessedAt = cosignatures.Length == 0 ? null : at };
    }

    /// <summary>Whether these keys, whose cosignatures were verified, are enough.</summary>
    public bool IsQuorum(IReadOnlyCollection<NoteVerifier> cosigned)
    {
        if (Quorum is null)
        {
            return true;
        }

        var seen = Witnesses.Where(witness => cosigned.Contains(witness.Key)).Select(witness => witness.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var group in Groups)
        {
            if (group.Members.Count(seen.Contains) >= group.Threshold)
            {
                seen.Add(group.Name);
            }
        }

        return seen.Contains(Quorum);
    }
}

/// <summary>A witness that a policy knows.</summary>
/// <param name="Name">What the policy calls it; no meaning elsewhere.</param>
/// <param name="Key">Its cosigning key, type 0x04.</param>
/// <param name="Address">Its submission prefix (C2SP tlog-witness); null when the policy names none.</param>
public sealed record PolicyWitness(string Name, NoteVerifier Key, string? Address);

/// <summary>Witnesses and groups of which some are enough.</summary>
/// <param name="Name">What the policy calls it.</param>
/// <param name="Threshold">How many members are enough, 1 to as many as there are.</param>
/// <param name="Members">Names of witnesses and groups.</param>
public sealed record PolicyGroup(string Name, int Threshold, IReadOnlyList<string> Members);

/// <summary>A checkpoint that a policy accepts. Only <see cref="TrustPolicy.Verify"/> makes one.</summary>
public sealed record TrustedCheckpoint
{
    internal TrustedCheckpoint(Checkpoint checkpoint, SignedNote note, IReadOnlyList<VerifiedSignature> cosignatures) =>
        (Checkpoint, Note, Cosignatures) = (checkpoint, note, cosignatures);

    /// <summary>What it states.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The whole note.</summary>
    public SignedNote Note { get; }

    /// <summary>The verified cosignatures of witnesses that the policy knows.</summary>
    public IReadOnlyList<VerifiedSignature> Cosignatures { get; }

    /// <summary>
    /// The last instant, in seconds since 1970, of which the quorum says that the log had shown nothing newer; without a quorum the time of the newest
    /// cosignature. Null without any.
    /// </summary>
    public ulong? WitnessedAt { get; internal init; }
}
