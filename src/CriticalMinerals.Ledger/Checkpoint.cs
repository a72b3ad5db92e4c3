using System.Globalization;

namespace CriticalMinerals.Ledger;

/// <summary>A tree head of a log (C2SP tlog-checkpoint v1.0.0), without extension lines.</summary>
public sealed record Checkpoint
{
    /// <summary>States a tree head.</summary>
    /// <exception cref="ArgumentException">The origin can't name a key, the size is beyond 2^62, or the root of size 0 is not the empty one.</exception>
    public Checkpoint(string origin, ulong size, Digest root)
    {
        if (!NoteVerifier.IsName(origin) || size > MerkleTree.MaxSize || (size == 0 && root != MerkleTree.EmptyRoot))
        {
            throw new ArgumentException("A checkpoint has an origin without white space and plus, a size up to 2^62, and for size 0 the empty root.", nameof(origin));
        }

        Origin = origin;
        Size = size;
        Root = root;
    }

    /// <summary>Which log: its URL prefix without scheme and trailing slash; also the name of its keys.</summary>
    public string Origin { get; }

    /// <summary>Number of leaves.</summary>
    public ulong Size { get; }

    /// <summary>Root of the tree of that size.</summary>
    public Digest Root { get; }

    /// <summary>The signed text: three lines, each ended by a line feed.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{StrictBase64.Encode(Root)}\n");

    /// <summary>Reads the text. <see cref="Failure.CheckpointMalformed"/> for anything but exactly three lines of one form.</summary>
    public static Checkpoint? Parse(string text, out Fault? fault)
    {
        fault = new Fault(Failure.CheckpointMalformed, "A checkpoint is three lines: origin, size (decimal, at most 2^62) and root (base64 of 32 bytes).");
        if (text is not { Length: <= 512 }
            || text.Split('\n') is not [var origin, var sizeText, var rootText, ""]
            || !NoteVerifier.IsName(origin)
            || !StrictDecimal.TryParse(sizeText, out var size)
            || size > MerkleTree.MaxSize
            || !StrictBase64.TryDecode(rootText, out Digest root))
        {
            return null;
        }

        if (size == 0 && root != MerkleTree.EmptyRoot)
        {
            fault = new Fault(Failure.CheckpointMalformed, "The root of an empty tree is SHA-256 of no bytes.");
            return null;
        }

        fault = null;
        return new Checkpoint(origin, size, root);
    }

    /// <summary>
    /// The tree head a verified note states. <see cref="Failure.NoteUnsigned"/> when none of the verified signatures is the log's own, a plain
    /// one by a key named like the origin: cosignatures alone don't make a checkpoint.
    /// </summary>
    public static Checkpoint? From(VerifiedNote note, out Fault? fault)
    {
        if (Parse(note.Note.Text, out fault) is not { } checkpoint)
        {
            return null;
        }

        if (note.Signatures.Any(signature => signature.By.Type == NoteSignatureType.Ed25519 && signature.By.Name == checkpoint.Origin))
        {
            return checkpoint;
        }

        fault = new Fault(Failure.NoteUnsigned, "No known key of the checkpoint's own log signed it.");
        return null;
    }

    /// <summary>Signs as the log. Nothing in it depends on the time: the same checkpoint gives the same note.</summary>
    /// <param name="keys">The log's key, and during an overlap its next one: one signature line each, all named like the origin.</param>
    /// <exception cref="ArgumentException">No key.</exception>
    public SignedNote Sign(params IReadOnlyList<SigningKey> keys)
    {
        var text = Text;
        return SignedNote.Of(text, [.. keys.Select(key => NoteSignature.Make(text, Origin, key))]);
    }
}
