namespace CriticalMinerals.Ledger;

/// <summary>
/// What a verifier believes before it reads a file: the log's keys, learned by another way than that file, and what else it insists on. Everything
/// not said here is derived from the evidence.
/// </summary>
/// <param name="LogKeys">Keys of the log, of which one has to have signed the checkpoint. At least one; a verifier without any believes nothing.</param>
public sealed record TrustPolicy(IReadOnlyCollection<NoteVerifier> LogKeys)
{
    /// <summary>Longest text of <see cref="Parse"/>, in characters.</summary>
    public const int MaximumLength = 64 * 1024;

    /// <summary>The key that has to have opened the log; null to take the one that the log's opening declares.</summary>
    public VerifyingKey? Authority { get; init; }

    /// <summary>The instant at which the subject's head statement must be in force; null when truth as of the checkpoint is enough.</summary>
    public DateTimeOffset? FreshAt { get; init; }

    /// <summary>Reads verifier keys, one a line, as a log serves them. Empty lines are passed over; anything else that is no key is a fault.</summary>
    public static TrustPolicy? Parse(string vkeys, out Fault? fault)
    {
        if (vkeys.Length > MaximumLength)
        {
            fault = new Fault(Failure.TooLarge, $"A list of verifier keys has at most {MaximumLength} characters.");
            return null;
        }

        var keys = new List<NoteVerifier>();
        foreach (var line in vkeys.Split('\n').Select(line => line.Trim(' ', '\t', '\r')).Where(line => line.Length > 0))
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
}
