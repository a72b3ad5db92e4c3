using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>Checkpoints as signed notes. Where a line was changed, the log's key signed the change.</summary>
internal static class NoteCases
{
    private const string Witness = "witness.example";
    private static readonly string Root = StrictBase64.Encode(Digest.Sha256([1]));
    private static readonly string Text = $"{ForgedLog.Origin}\n7\n{Root}\n";

    public static IEnumerable<VectorCase> All() => [.. Texts(), .. Signatures(), .. Keys()];

    private static IEnumerable<VectorCase> Texts()
    {
        yield return Case("note-sound", Expected.Sound, "Nothing is wrong here.\nA verifier that refuses this refuses everything.", Signed(Text));
        yield return Case("note-sound-unknown-line", Expected.Sound, "Nothing is wrong here: a line of a key that is not known stands first.\nLines of others are passed over.", Note(Text, Line(Text, Witness, "stranger"), Line(Text)));
        yield return Case("note-size-with-zero", new Expected("note", "checkpoint-malformed"), "The size is 07.\nTwo texts for one tree.", Signed(Text.Replace("\n7\n", "\n07\n", StringComparison.Ordinal)));
        yield return Case("note-size-too-large", new Expected("note", "checkpoint-malformed"), "The size is 2^63.\nIt overflows where sizes are signed numbers.", Signed(Text.Replace("\n7\n", "\n9223372036854775808\n", StringComparison.Ordinal)));
        yield return Case("note-root-ambiguous", new Expected("note", "checkpoint-malformed"), "The unused bits of the root's last character are not zero.\nTwo texts for one tree.", Signed(Text.Replace(Root, $"{Root[..42]}{(char)(Root[42] + 1)}=", StringComparison.Ordinal)));
        yield return Case("note-fourth-line", new Expected("note", "checkpoint-malformed"), "A fourth line, an extension.\nWhat it means, only its author would know.", Signed(Text + "extra\n"));
        yield return Case("note-empty-with-a-root", new Expected("note", "checkpoint-malformed"), "Size 0 with a root that is not the empty one.\nA log that begins with something to hide.", Signed(Text.Replace("\n7\n", "\n0\n", StringComparison.Ordinal)));
        yield return Case("note-other-line-ends", new Expected("note", "note-malformed"), "Lines end in CR and LF.\nTwo texts for one tree.", Signed(Text.Replace("\n", "\r\n", StringComparison.Ordinal)));
        yield return Case("note-other-log", new Expected("note", "note-unsigned"), "The checkpoint is of another log, signed by the same key under its name.\nA log could show one of its logs as another.", Note(Other, Line(Other, OtherLog)));
        yield return Case("note-too-long", new Expected("note", "too-large"), "The note has more than 262,144 bytes, by a long line of an unknown key.\nMore than a reader makes room for.", TooLong());
    }

    private static IEnumerable<VectorCase> Signatures()
    {
        yield return Case("note-size-changed", new Expected("note", "signature-invalid"), "The size was changed after it was signed.\nA tree that the log never signed.", Note(Text.Replace("\n7\n", "\n8\n", StringComparison.Ordinal), Line(Text)));
        yield return Case("note-root-changed", new Expected("note", "signature-invalid"), "The root was changed after it was signed.\nA tree that the log never signed.", Note(Text.Replace(Root, StrictBase64.Encode(Digest.Sha256([2])), StringComparison.Ordinal), Line(Text)));
        yield return Case("note-unsigned", new Expected("note", "note-unsigned"), "Only a key that is not known signed, under the log's name.\nAnybody could sign for the log.", Note(Text, Line(Text, key: "thief")));
        yield return Case("note-spoiled", new Expected("note", "signature-invalid"), "A second line has name and id of the log's key and is not its signature.\nA reader that takes the first good line would pass over a sign of tampering.", Note(Text, Line(Text), Line("another text\n")));
        yield return Case("note-id-collides", new Expected("note", "signature-invalid"), "Another key signed and writes the id of the log's key before it.\nAn id of four bytes is no proof.", Note(Text, Collided()));
        yield return Case("note-witness-alone", new Expected("note", "note-unsigned"), "A known witness cosigned, the log did not sign.\nA witness sees checkpoints, it does not make them.", Note(Text, Cosigned(1_767_225_600)), witnessed: true);
        yield return Case("note-cosignature-for-signature", new Expected("note", "signature-invalid"), "The witness's line carries a plain signature of the text, where its key makes cosignatures.\nOne kind of signature taken for another.", Note(Text, Line(Text), PlainByWitness()), witnessed: true);
        yield return Case("note-cosigned", Expected.Sound, "Nothing is wrong here: the log signed, a known witness cosigned.\nA cosignature is over the time and the whole text.", Note(Text, Line(Text), Cosigned(1_767_225_600)), witnessed: true);
        yield return Case("note-cosigned-later", new Expected("note", "signature-invalid"), "The time of a cosignature was moved by an hour.\nAn old checkpoint would look fresh.", Note(Text, Line(Text), Cosigned(1_767_225_600, shown: 1_767_229_200)), witnessed: true);
        yield return Case("note-hyphen", new Expected("note", "note-malformed"), "A signature line begins with a hyphen instead of an em dash.\nWhat a lax reader passes over, a strict one refuses.", Signed(Text).Replace("\u2014", "-", StringComparison.Ordinal));
        yield return Case("note-end-missing", new Expected("note", "note-malformed"), "The last line has no line end.\nA cut note.", Signed(Text).TrimEnd('\n'));
        yield return Case("note-too-many-lines", new Expected("note", "note-malformed"), "65 signature lines.\nMore than a reader makes room for.", Note(Text, [Line(Text), .. Enumerable.Range(0, 64).Select(i => Line(Text, Witness, $"stranger {i}"))]));
    }

    private static IEnumerable<VectorCase> Keys()
    {
        var small = EdwardsPoint.OrderEight.Encode();
        var key = Vkey(ForgedLog.Origin, small);
        var signed = SignatureCases.Anybody(small, Encoding.UTF8.GetBytes(Text));
        yield return Case("vkey-of-order-eight", new Expected("keys", "key-forbidden"), "The verifier key is a point of order 8, under which anybody makes signatures.\nA key like that, once trusted, signs every tree.", Note(Text, $"\u2014 {ForgedLog.Origin} {StrictBase64.Encode([.. Convert.FromHexString(key.Split('+')[1]), .. signed])}"), key);
        var sound = ForgedLog.VerifierKey("log").ToString();
        yield return Case("vkey-id-wrong", new Expected("note", "key-malformed"), "The verifier key writes another id than its own, and the note has that id.\nLines would be matched to a key that they do not name.", Note(Text, WithId(0x01020304)), $"{ForgedLog.Origin}+01020304+{sound.Split('+', 3)[2]}");
    }

    private const string OtherLog = "ledger.example.com/log/2025";
    private static readonly string Other = Text.Replace(ForgedLog.Origin, OtherLog, StringComparison.Ordinal);

    private static VectorCase Case(string name, Expected expect, string attack, string note, string? vkey = null, bool witnessed = false) => new(name, "note", expect, attack, new Dictionary<string, byte[]>
    {
        ["note.txt"] = Encoding.UTF8.GetBytes(note),
        ["trust.json"] = VectorCase.Trust(trust =>
        {
            trust["vkeys"] = new JsonArray(vkey ?? ForgedLog.VerifierKey("log").ToString());
            if (witnessed)
            {
                trust["witnesses"] = new JsonArray(new NoteVerifier(Witness, EvidenceWorld.Key("witness").VerifyingKey, NoteSignatureType.CosignatureV1).ToString());
            }
        }),
    });

    private static string Signed(string text) => Note(text, Line(text));

    private static string Note(string text, params string[] lines) => $"{text}\n{string.Concat(lines.Select(line => line + "\n"))}";

    private static string Line(string text, string name = ForgedLog.Origin, string key = "log") => NoteSignature.Make(text, name, EvidenceWorld.Key(key)).ToString();

    private static string WithId(uint id) => NoteSignature.Make(Text, ForgedLog.Origin, EvidenceWorld.Key("log")) is var line ? (line with { KeyId = id }).ToString() : "";

    private static string Collided() => (NoteSignature.Make(Text, ForgedLog.Origin, EvidenceWorld.Key("thief")) with { KeyId = ForgedLog.VerifierKey("log").KeyId }).ToString();

    private static string Cosigned(ulong time, ulong? shown = null)
    {
        var line = NoteSignature.Cosign(Text, Witness, EvidenceWorld.Key("witness"), time);
        var blob = line.Signature.ToArray();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(blob, shown ?? time);
        return (line with { Signature = blob }).ToString();
    }

    private static string PlainByWitness() => (NoteSignature.Cosign(Text, Witness, EvidenceWorld.Key("witness"), 1) with
    {
        Signature = EvidenceWorld.Key("witness").Sign(Encoding.UTF8.GetBytes(Text)),
    }).ToString();

    private static string TooLong() =>
        Note(Text, [Line(Text), .. Enumerable.Range(0, 40).Select(i => $"\u2014 {Witness} {StrictBase64.Encode(new byte[5000])}")]);

    private static string Vkey(string name, byte[] key)
    {
        byte[] typed = [1, .. key];
        var id = System.Security.Cryptography.SHA256.HashData([.. Encoding.UTF8.GetBytes(name), 0x0A, .. typed])[..4];
        return $"{name}+{Convert.ToHexStringLower(id)}+{StrictBase64.Encode(typed)}";
    }
}
