using System.Text;

namespace CriticalMinerals.Ledger;

/// <summary>
/// A C2SP signed note (v1.0.0): text, an empty line, signature lines. The text says nothing until <see cref="Verify"/> accepted it.
/// Formatting what was parsed gives the same text again.
/// </summary>
public sealed class SignedNote
{
    /// <summary>The longest note read, in UTF-8 bytes: 64 signatures of the largest type in use fit beside a checkpoint.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>The most signature lines read; the format asks for at least 16.</summary>
    public const int MaxSignatures = 64;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private SignedNote(string text, IReadOnlyList<NoteSignature> signatures)
    {
        Text = text;
        Signatures = signatures;
    }

    /// <summary>What is signed, with the line feed at its end and without the empty line after it.</summary>
    public string Text { get; }

    /// <summary>The signature lines, known or not, in their order.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Puts signature lines under a text.</summary>
    /// <exception cref="ArgumentException">The text or the number of lines is not what <see cref="Parse(string, out Fault?)"/> would read.</exception>
    public static SignedNote Of(string text, params IReadOnlyList<NoteSignature> signatures)
    {
        var note = new SignedNote(text, signatures);
        return Parse(note.ToString(), out _) is { } read && read.Text == text
            ? note
            : throw new ArgumentException("A note's text ends in a line feed, has no other control characters, and 1 to 64 signature lines.", nameof(text));
    }

    /// <summary>Reads the bytes of a note: UTF-8, strictly.</summary>
    public static SignedNote? Parse(ReadOnlySpan<byte> utf8, out Fault? fault)
    {
        if (utf8.Length > MaxLength)
        {
            fault = TooLarge();
            return null;
        }

        if (!System.Text.Unicode.Utf8.IsValid(utf8))
        {
            fault = new Fault(Failure.NoteMalformed, "The note is not valid UTF-8.");
            return null;
        }

        return Parse(Encoding.UTF8.GetString(utf8), out fault);
    }

    /// <summary>
    /// Reads a note. <see cref="Failure.TooLarge"/> above <see cref="MaxLength"/>, <see cref="Failure.NoteMalformed"/> for another form.
    /// </summary>
    public static SignedNote? Parse(string note, out Fault? fault)
    {
        if (note is { Length: > MaxLength })
        {
            fault = TooLarge();
            return null;
        }

        fault = new Fault(Failure.NoteMalformed, "A note is text ending in a line feed, an empty line, and 1 to 64 signature lines ending in line feeds.");
        var gap = note?.LastIndexOf("\n\n", StringComparison.Ordinal) ?? -1;
        if (note is null || gap < 0 || note[^1] != '\n' || note.Any(c => c < ' ' && c != '\n'))
        {
            return null;
        }

        var lines = note[(gap + 2)..].Split('\n');
        if (lines.Length - 1 is < 1 or > MaxSignatures)
        {
            return null;
        }

        var signatures = new List<NoteSignature>(lines.Length - 1);
        foreach (var line in lines[..^1])
        {
            if (NoteSignature.Parse(line) is not { } signature)
            {
                fault = new Fault(Failure.NoteMalformed, $"Signature line {signatures.Count + 1} is not an em dash, a key name and strict base64.");
                return null;
            }

            signatures.Add(signature);
        }

        try
        {
            if (StrictUtf8.GetByteCount(note) > MaxLength)
            {
                fault = TooLarge();
                return null;
            }
        }
        catch (EncoderFallbackException)
        {
            fault = new Fault(Failure.NoteMalformed, "The note has an unpaired surrogate.");
            return null;
        }

        fault = null;
        return new SignedNote(note[..(gap + 1)], signatures);
    }

    /// <summary>
    /// The signatures of known keys, at least one. Lines of other keys are ignored. <see cref="Failure.SignatureInvalid"/> when a line names a
    /// known key and is not its signature, <see cref="Failure.NoteUnsigned"/> when no line names one.
    /// </summary>
    public VerifiedNote? Verify(IReadOnlyCollection<NoteVerifier> known, out Fault? fault)
    {
        var verified = new List<VerifiedSignature>();
        foreach (var line in Signatures)
        {
            // Two known keys can share a name and an id by accident or malice: one of them has to have signed.
            var claimed = known.Where(verifier => verifier.Answers(line)).ToArray();
            if (claimed.Length == 0)
            {
                continue;
            }

            ulong? time = null;
            if (Array.Find(claimed, verifier => verifier.Verify(Text, line, out time)) is not { } by)
            {
                fault = new Fault(Failure.SignatureInvalid, $"The note's signature line {line.KeyId:x8} names a known key and is not its signature.");
                return null;
            }

            if (!verified.Exists(earlier => earlier.By == by))
            {
                verified.Add(new VerifiedSignature(by, time));
            }
        }

        fault = verified.Count > 0 ? null : new Fault(Failure.NoteUnsigned, "No known key signed the note.");
        return fault is null ? new VerifiedNote(this, verified) : null;
    }

    /// <summary>The same note with another signature line at its end.</summary>
    public SignedNote With(NoteSignature signature) => Of(Text, [.. Signatures, signature]);

    /// <summary>The note's text form.</summary>
    public override string ToString() => $"{Text}\n{string.Concat(Signatures.Select(signature => signature + "\n"))}";

    private static Fault TooLarge() => new(Failure.TooLarge, $"A note has at most {MaxLength} bytes.");
}

/// <summary>A signature that was checked.</summary>
/// <param name="By">The known key.</param>
/// <param name="Time">When a witness says it cosigned, in seconds since 1970; null for plain signatures.</param>
public sealed record VerifiedSignature(NoteVerifier By, ulong? Time);

/// <summary>A note that at least one known key signed. Only <see cref="SignedNote.Verify"/> makes one.</summary>
public sealed class VerifiedNote
{
    internal VerifiedNote(SignedNote note, IReadOnlyList<VerifiedSignature> signatures)
    {
        Note = note;
        Signatures = signatures;
    }

    /// <summary>The whole note, unknown signatures included.</summary>
    public SignedNote Note { get; }

    /// <summary>The signatures of known keys, one for each key, in the order of the lines.</summary>
    public IReadOnlyList<VerifiedSignature> Signatures { get; }
}
