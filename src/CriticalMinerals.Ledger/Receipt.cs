using System.Globalization;
using System.Text;

namespace CriticalMinerals.Ledger;

/// <summary>
/// The proof, checkable offline, that an entry stands in a log: C2SP tlog-proof. Formatting what was parsed gives the same text again.
/// </summary>
public sealed class Receipt
{
    /// <summary>The file suffix.</summary>
    public const string FileSuffix = ".tlog-proof";

    /// <summary>The longest receipt read, in characters.</summary>
    public const int MaxLength = SignedNote.MaxLength + 8192;

    /// <summary>The longest <see cref="Extra"/>, in bytes.</summary>
    public const int MaxExtraLength = 1024;

    private const string Header = "c2sp.org/tlog-proof@v1";
    private const string ExtraPrefix = "extra ";
    private const string IndexPrefix = "index ";

    /// <summary>Puts a receipt together.</summary>
    /// <exception cref="ArgumentException">More than 63 hashes, or an extra part of no or more than 1,024 bytes.</exception>
    public Receipt(ulong index, IReadOnlyList<Digest> path, SignedNote checkpoint, ReadOnlyMemory<byte>? extra = null)
    {
        if (path.Count > MerkleTree.MaxProofLength || extra is { Length: 0 or > MaxExtraLength })
        {
            throw new ArgumentException("A receipt has at most 63 hashes and 1,024 extra bytes.", nameof(path));
        }

        Index = index;
        Path = path;
        Checkpoint = checkpoint;
        Extra = extra;
    }

    /// <summary>Position of the entry in the log, from 0.</summary>
    public ulong Index { get; }

    /// <summary>Sibling hashes from the leaf's up to the root's child.</summary>
    public IReadOnlyList<Digest> Path { get; }

    /// <summary>The log's checkpoint with the cosignatures it had.</summary>
    public SignedNote Checkpoint { get; }

    /// <summary>Something beside the proof that nobody signed: never to be trusted. Ours have none.</summary>
    public ReadOnlyMemory<byte>? Extra { get; }

    /// <summary>Reads the bytes of a receipt: UTF-8, strictly.</summary>
    public static Receipt? Parse(ReadOnlySpan<byte> utf8, out Fault? fault)
    {
        if (utf8.Length <= MaxLength && System.Text.Unicode.Utf8.IsValid(utf8))
        {
            return Parse(Encoding.UTF8.GetString(utf8), out fault);
        }

        fault = new Fault(Failure.ReceiptMalformed, $"A receipt is at most {MaxLength} bytes of valid UTF-8.");
        return null;
    }

    /// <summary>
    /// Reads a receipt. <see cref="Failure.TooLarge"/>, <see cref="Failure.ReceiptMalformed"/> for its own lines, or what
    /// <see cref="SignedNote.Parse(string, out Fault?)"/> says of the checkpoint.
    /// </summary>
    public static Receipt? Parse(string receipt, out Fault? fault)
    {
        if (receipt is { Length: > MaxLength })
        {
            fault = new Fault(Failure.TooLarge, $"A receipt has at most {MaxLength} characters.");
            return null;
        }

        fault = new Fault(Failure.ReceiptMalformed, $"A receipt is '{Header}', an optional extra line, 'index n', hashes, an empty line and a checkpoint.");
        var gap = receipt?.IndexOf("\n\n", StringComparison.Ordinal) ?? -1;
        if (receipt is null || gap < 0)
        {
            return null;
        }

        var lines = receipt[..gap].Split('\n');
        var next = 1;
        ReadOnlyMemory<byte>? extra = null;
        if (lines.Length > 1 && lines[1].StartsWith(ExtraPrefix, StringComparison.Ordinal))
        {
            if (StrictBase64.Decode(lines[1].AsSpan(ExtraPrefix.Length)) is not { Length: >= 1 and <= MaxExtraLength } bytes)
            {
                return null;
            }

            extra = bytes;
            next = 2;
        }

        if (lines[0] != Header
            || lines.Length <= next
            || lines.Length - next - 1 > MerkleTree.MaxProofLength
            || !lines[next].StartsWith(IndexPrefix, StringComparison.Ordinal)
            || !StrictDecimal.TryParse(lines[next].AsSpan(IndexPrefix.Length), out var index))
        {
            return null;
        }

        var path = new List<Digest>(lines.Length);
        foreach (var line in lines[(next + 1)..])
        {
            if (!StrictBase64.TryDecode(line, out Digest hash))
            {
                return null;
            }

            path.Add(hash);
        }

        return SignedNote.Parse(receipt[(gap + 2)..], out fault) is { } checkpoint
            ? new Receipt(index, path, checkpoint, extra)
            : null;
    }

    /// <summary>Checks the receipt for an entry's bytes: see <see cref="Verify(Digest, IReadOnlyCollection{NoteVerifier}, out Checkpoint?)"/>.</summary>
    public Fault? Verify(ReadOnlySpan<byte> leaf, IReadOnlyCollection<NoteVerifier> known, out Checkpoint? checkpoint) =>
        Verify(Digest.OfLeaf(leaf), known, out checkpoint);

    /// <summary>
    /// Null when a known key of the log signed the checkpoint and the leaf stands under its root at <see cref="Index"/>; then
    /// <paramref name="checkpoint"/> is that checkpoint. Which log it is, and how many witnesses are enough, is for the caller to ask.
    /// </summary>
    public Fault? Verify(Digest leafHash, IReadOnlyCollection<NoteVerifier> known, out Checkpoint? checkpoint) =>
        Verify(leafHash, new TrustPolicy(known), out checkpoint);

    /// <summary>The same under a policy: the quorum of its witnesses has cosigned too, else <see cref="Failure.QuorumMissing"/>.</summary>
    public Fault? Verify(Digest leafHash, TrustPolicy policy, out Checkpoint? checkpoint)
    {
        checkpoint = null;
        if (policy.Verify(Checkpoint, out var fault) is not { Checkpoint: var stated })
        {
            return fault;
        }

        if (new InclusionProof(Index, stated.Size, Path).Verify(leafHash, stated.Root) is { } unproven)
        {
            return unproven;
        }

        checkpoint = stated;
        return null;
    }

    /// <summary>The text form.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Header).Append('\n');
        if (Extra is { } extra)
        {
            text.Append(ExtraPrefix).Append(StrictBase64.Encode(extra.Span)).Append('\n');
        }

        text.Append(IndexPrefix).Append(Index.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (var hash in Path)
        {
            text.Append(StrictBase64.Encode(hash)).Append('\n');
        }

        return text.Append('\n').Append(Checkpoint).ToString();
    }
}
