using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CriticalMinerals.Ledger;

/// <summary>
/// The decision of a witness (C2SP tlog-witness v1.0.0): it cosigns a checkpoint of a log it knows when that continues the one it cosigned before, and keeps
/// one cosigned note for each log. Pure: whoever calls holds the lock of that log from reading its note until the new one is durable, and only then answers.
/// </summary>
/// <param name="name">The key name of the witness, such as <c>witness.example.com/w1</c>.</param>
/// <param name="key">Its key, used for nothing else. Its owner disposes of it.</param>
/// <param name="logs">Keys of the logs it knows, each named like the log's origin.</param>
public sealed class Witness(string name, SigningKey key, IReadOnlyCollection<NoteVerifier> logs)
{
    /// <summary>What verifies its cosignatures.</summary>
    public NoteVerifier Verifier { get; } = new(name, key.VerifyingKey, NoteSignatureType.CosignatureV1);

    /// <summary>What stands for a log in the address of its newest note: SHA-256 of its origin in lower-case hexadecimal.</summary>
    public static string HashOf(string origin) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));

    /// <summary>What can be refused without knowing what was cosigned before; null to go on.</summary>
    public WitnessAnswer.Refused? Refuses(AddCheckpoint request) => Read(request, out _, out _);

    /// <summary>Decides.</summary>
    /// <param name="request">What the log sent.</param>
    /// <param name="latest">The note that was cosigned last for the same origin, as it was kept; null when none was.</param>
    /// <param name="time">Seconds since 1970, above 0: what the cosignature will state.</param>
    /// <exception cref="InvalidDataException">The kept note is not one that this witness can have kept: cosigning on would be blind.</exception>
    public WitnessAnswer Decide(AddCheckpoint request, SignedNote? latest, ulong time)
    {
        if (Read(request, out var stated, out var logLines) is { } refused)
        {
            return refused;
        }

        var (size, root) = latest is null ? (0UL, MerkleTree.EmptyRoot) : Kept(latest, request.Origin);
        if (request.OldSize != size)
        {
            return new WitnessAnswer.Conflict(size);
        }

        if ((stated.Size == 0 && stated.Root != MerkleTree.EmptyRoot) ||
            new ConsistencyProof(size, stated.Size, request.Proof).Verify(root, stated.Root) is not null)
        {
            return new WitnessAnswer.Refused(WitnessAnswer.Inconsistent, new Fault(Failure.ConsistencyUnproven, string.Create(
                CultureInfo.InvariantCulture, $"The consistency proof does not lead from the tree of size {size} that was cosigned to the one of size {stated.Size}.")));
        }

        var line = NoteSignature.Cosign(request.Note.Text, Verifier.Name, key, time);
        return new WitnessAnswer.Cosigned(line, SignedNote.Of(request.Note.Text, [.. logLines, line]));
    }

    private WitnessAnswer.Refused? Read(AddCheckpoint request, out (ulong Size, Digest Root) stated, out IReadOnlyList<NoteSignature> logLines)
    {
        logLines = [];
        if (ReadTree(request.Note.Text) is not { } tree)
        {
            stated = default;
            return new(WitnessAnswer.Malformed, new Fault(Failure.CheckpointMalformed, "A checkpoint's first three lines are origin, size (decimal, at most 2^62) and root (base64 of 32 bytes)."));
        }

        stated = tree;
        var known = logs.Where(log => log.Name == request.Origin && log.Type == NoteSignatureType.Ed25519).ToArray();
        if (known.Length == 0)
        {
            return new(WitnessAnswer.UnknownLog, new Fault(Failure.LogForeign, "This witness does not know the log."));
        }

        if (request.Note.Verify(known, out var fault) is not { } verified)
        {
            return new(WitnessAnswer.Unsigned, fault!);
        }

        logLines = [.. verified.Signatures.Select(signature => request.Note.Signatures.First(signature.By.Answers))];
        return request.OldSize <= stated.Size
            ? null
            : new(WitnessAnswer.Malformed, new Fault(Failure.ProofMalformed, "The old size is above the size of the checkpoint."));
    }

    // What was kept is believed only when this witness or the log signed it: a damaged file must not become a history.
    private (ulong Size, Digest Root) Kept(SignedNote latest, string origin) =>
        latest.Text.StartsWith(origin + "\n", StringComparison.Ordinal) && latest.Verify([Verifier, .. logs.Where(log => log.Name == origin)], out _) is not null && ReadTree(latest.Text) is { } tree
            ? tree
            : throw new InvalidDataException($"What was kept of {origin} is not signed by this witness or by the log, or is of another log. Nothing is cosigned for it until the right file or row is back.");

    // Other than our own log's, a checkpoint may have extension lines after the first three (C2SP tlog-checkpoint): they are cosigned and mean nothing here.
    private static (ulong Size, Digest Root)? ReadTree(string text) =>
        text.Split('\n') is [var origin, var size, var root, .. var extensions, ""] && NoteVerifier.IsName(origin) &&
        StrictDecimal.TryParse(size, out var leaves) && leaves <= MerkleTree.MaxSize && StrictBase64.TryDecode(root, out Digest hash) && extensions.All(line => line.Length > 0)
            ? (leaves, hash)
            : null;
}

/// <summary>What a witness answers.</summary>
public abstract record WitnessAnswer
{
    /// <summary>HTTP status for what is no request, or an old size above the checkpoint's.</summary>
    public const int Malformed = 400;

    /// <summary>HTTP status for a note without a good signature of the log.</summary>
    public const int Unsigned = 403;

    /// <summary>HTTP status for a log that the witness does not know.</summary>
    public const int UnknownLog = 404;

    /// <summary>HTTP status for a tree that is not shown to continue the one cosigned before.</summary>
    public const int Inconsistent = 422;

    private WitnessAnswer()
    {
    }

    /// <summary>200: it cosigned, once the note is durable.</summary>
    /// <param name="Line">The cosignature, the answer's only line.</param>
    /// <param name="Kept">The checkpoint with the log's signatures and the cosignature: what is kept, and told to monitors.</param>
    public sealed record Cosigned(NoteSignature Line, SignedNote Kept) : WitnessAnswer;

    /// <summary>409: the old size is not the one it cosigned last.</summary>
    /// <param name="Size">That size, the answer's only line.</param>
    public sealed record Conflict(ulong Size) : WitnessAnswer;

    /// <summary>It does not cosign.</summary>
    /// <param name="Status">400, 403, 404 or 422.</param>
    /// <param name="Fault">Why.</param>
    public sealed record Refused(int Status, Fault Fault) : WitnessAnswer;
}
