using System.Globalization;
using System.Text;

namespace CriticalMinerals.Ledger;

/// <summary>What a log sends to a witness: C2SP tlog-witness v1.0.0, call add-checkpoint. Formatting what was parsed gives the same text again.</summary>
/// <param name="OldSize">The size that the log believes the witness saw last; 0 when it does not know.</param>
/// <param name="Proof">Hashes of the consistency proof from there, at most 63.</param>
/// <param name="Note">The checkpoint with its signatures.</param>
public sealed record AddCheckpoint(ulong OldSize, IReadOnlyList<Digest> Proof, SignedNote Note)
{
    /// <summary>The longest request read, in bytes.</summary>
    public const int MaxLength = SignedNote.MaxLength + (64 * 64);

    /// <summary>The longest answer read, in bytes.</summary>
    public const int MaxAnswerLength = 64 * 1024;

    /// <summary>The media type of the answer 409, whose body is the size that the witness saw last and a line feed.</summary>
    public const string SizeMediaType = "text/x.tlog.size";

    private const string OldPrefix = "old ";

    /// <summary>The checkpoint's first line: which log it is of. Says nothing until the note is verified.</summary>
    public string Origin => Note.Text[..Note.Text.IndexOf('\n', StringComparison.Ordinal)];

    /// <summary>Reads a request; a fault for every other form: the answer is 400 (413 for <see cref="Failure.TooLarge"/>).</summary>
    public static AddCheckpoint? Parse(ReadOnlySpan<byte> utf8, out Fault? fault)
    {
        if (utf8.Length > MaxLength)
        {
            fault = new Fault(Failure.TooLarge, $"A request to a witness has at most {MaxLength} bytes.");
            return null;
        }

        fault = new Fault(Failure.ProofMalformed, "A request to a witness is the line 'old <size>', at most 63 hashes in base64, one a line, an empty line and a checkpoint.");
        var gap = utf8.IndexOf("\n\n"u8);
        if (gap < 0 || gap > 64 * 64 || !Ascii.IsValid(utf8[..gap]))
        {
            return null;
        }

        var lines = Encoding.ASCII.GetString(utf8[..gap]).Split('\n');
        if (!lines[0].StartsWith(OldPrefix, StringComparison.Ordinal)
            || !StrictDecimal.TryParse(lines[0].AsSpan(OldPrefix.Length), out var old)
            || old > MerkleTree.MaxSize
            || lines.Length - 1 > MerkleTree.MaxProofLength)
        {
            return null;
        }

        var proof = new List<Digest>(lines.Length - 1);
        foreach (var line in lines.AsSpan(1))
        {
            if (!StrictBase64.TryDecode(line, out Digest hash))
            {
                return null;
            }

            proof.Add(hash);
        }

        return SignedNote.Parse(utf8[(gap + 2)..], out fault) is { } note ? new AddCheckpoint(old, proof, note) : null;
    }

    /// <summary>
    /// What a witness's HTTP answer says. A 200 counts only with a cosignature by its key, with a time, of the checkpoint sent; other lines of unknown keys are
    /// passed over. Anything else is <see cref="WitnessAnswer.Refused"/> with the status it had.
    /// </summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="body">The body, as far as it was read.</param>
    /// <param name="witness">The witness's key.</param>
    public WitnessAnswer ReadAnswer(int status, ReadOnlySpan<byte> body, NoteVerifier witness)
    {
        Fault? fault = null;
        if (body.Length > MaxAnswerLength)
        {
            fault = new Fault(Failure.TooLarge, $"A witness's answer has at most {MaxAnswerLength} bytes.");
        }
        else if (status == 200)
        {
            var text = Encoding.UTF8.GetBytes(Note.Text);
            if (SignedNote.Parse((ReadOnlySpan<byte>)[.. text, (byte)'\n', .. body], out fault) is { } note && note.Text == Note.Text && note.Verify([witness], out fault) is { } verified)
            {
                if (verified.Signatures is [{ Time: > 0 }] && note.Signatures.First(witness.Answers) is var line)
                {
                    return new WitnessAnswer.Cosigned(line, Note.With(line));
                }

                fault = new Fault(Failure.SignatureInvalid, "The witness's cosignature has no time.");
            }
        }
        else if (status == 409 && ReadSize(body) is { } size)
        {
            return new WitnessAnswer.Conflict(size);
        }

        return new WitnessAnswer.Refused(status, fault ?? new Fault(Failure.NoteUnsigned, string.Create(CultureInfo.InvariantCulture, $"The witness did not cosign: HTTP status {status}.")));
    }

    private static ulong? ReadSize(ReadOnlySpan<byte> body) =>
        body is [.. var digits, (byte)'\n'] && digits.Length <= 20 && StrictDecimal.TryParse(Encoding.Latin1.GetString(digits), out var size) && size <= MerkleTree.MaxSize ? size : null;

    /// <summary>The text form.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(OldPrefix).Append(OldSize.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (var hash in Proof)
        {
            text.Append(StrictBase64.Encode(hash)).Append('\n');
        }

        return text.Append('\n').Append(Note).ToString();
    }

    public bool Equals(AddCheckpoint? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => HashCode.Combine(OldSize, Proof.Count, Note.Text.GetHashCode(StringComparison.Ordinal));
}
