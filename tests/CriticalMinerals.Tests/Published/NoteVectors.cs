using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Published;

/// <summary>Notes, keys and cosignatures that others signed.</summary>
public sealed class NoteVectors
{
    // C2SP signed-note, section "Example" of verifier keys.
    private const string SpecificationKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    private const string SpecificationNote =
        "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    // golang.org/x/mod/sumdb/note, package documentation and note_test.go. The base64 behind the type byte 0x01 of the private key is its seed.
    private const string PeterKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string PeterSeed = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    private const string PeterText = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    private const string PeterLine = "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    private const string EnochKey = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
    private const string EnochLine = "\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

    // A checkpoint of the staging log arche2025h1 as served, with its RFC 6962 and Ed25519 signatures and the cosignatures of four witnesses.
    private const string ArcheKey = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f";
    private const string RemoraKey = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
    private const string ArcheNote =
        "arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n"
        + "\u2014 arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n"
        + "\u2014 arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n"
        + "\u2014 transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==\n"
        + "\u2014 witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==\n"
        + "\u2014 remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n"
        + "\u2014 witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==\n";

    [Theory]
    [InlineData(SpecificationKey), InlineData(PeterKey), InlineData(EnochKey), InlineData(ArcheKey), InlineData(RemoraKey)]
    [InlineData("TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6")] // transparency-dev/formats note_cosigv1_test.go: a plus in the base64
    public void Published_verifier_keys_are_read_and_written_back(string vkey) =>
        Assert.Equal(vkey, NoteVerifier.Parse(vkey, out _)!.ToString());

    [Theory]
    [InlineData(SpecificationNote), InlineData(PeterText + "\n" + PeterLine + EnochLine), InlineData(ArcheNote)]
    public void Published_notes_are_written_back_byte_for_byte(string note) =>
        Assert.Equal(note, SignedNote.Parse(note, out _)!.ToString());

    [Fact]
    public void The_note_of_the_specification_is_signed_by_its_key()
    {
        var key = NoteVerifier.Parse(SpecificationKey, out _)!;
        var note = SignedNote.Parse(SpecificationNote, out _)!;

        Assert.Equal(0x530d903au, key.KeyId);
        Assert.Equal("This is an example message.\n", note.Text);
        Assert.Equal(key, Assert.Single(note.Verify([key], out _)!.Signatures).By);
    }

    [Fact]
    public void The_note_of_the_Go_checksum_database_is_reproduced_and_both_its_signers_are_seen()
    {
        using var peter = SigningKey.FromSeed(StrictBase64.Decode(PeterSeed).AsSpan(1));
        var note = SignedNote.Parse(PeterText + "\n" + PeterLine + EnochLine, out _)!;

        var verified = note.Verify([NoteVerifier.Parse(EnochKey, out _)!, NoteVerifier.Parse(PeterKey, out _)!], out _)!;

        Assert.Equal(["PeterNeumann", "EnochRoot"], verified.Signatures.Select(signature => signature.By.Name));
        Assert.Equal(PeterText + "\n" + PeterLine, SignedNote.Of(PeterText, NoteSignature.Make(PeterText, "PeterNeumann", peter)).ToString());
        Assert.Single(note.Verify([NoteVerifier.Parse(EnochKey, out _)!], out _)!.Signatures);
    }

    [Fact]
    public void A_served_checkpoint_with_its_witness_is_verified_and_foreign_signature_types_are_passed_over()
    {
        var note = SignedNote.Parse(ArcheNote, out _)!.Verify([NoteVerifier.Parse(ArcheKey, out _)!, NoteVerifier.Parse(RemoraKey, out _)!], out _)!;
        var checkpoint = Checkpoint.From(note, out _)!;

        Assert.Equal("arche2025h1.staging.ct.transparency.dev", checkpoint.Origin);
        Assert.Equal(1432088532ul, checkpoint.Size);
        Assert.Equal([null, 0x6A122120ul], note.Signatures.Select(signature => signature.Time));
    }

    [Fact]
    public void A_witness_alone_does_not_make_a_checkpoint()
    {
        var note = SignedNote.Parse(ArcheNote, out _)!.Verify([NoteVerifier.Parse(RemoraKey, out _)!], out _)!;

        Assert.Null(Checkpoint.From(note, out var fault));
        Assert.Equal(Failure.NoteUnsigned, fault!.Failure);
    }

    // FiloSottile/sunlight, cmd/skylight/testdata/witness/mirror.
    [Fact]
    public void A_mirror_s_cosignature_is_verified_with_its_time()
    {
        var key = NoteVerifier.Parse("mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O", out _)!;
        var note = SignedNote.Parse(
            "rome2026h1.example.org\n300\ngw31yQrqZZCcEOPrzX+bpy3nJ6QgngTKn8G1m0i62uU=\n\n"
            + "\u2014 mirror.example.org P7FI7wAAAABpVGeAjA1S4pJm6MbcXjX7UUImu4azZtrfcVW2uyr/LXIYlwEJzXC0N0EiZkbqfLdXt/4gVEEuGmxJjAfXKMCISpsJAg==\n", out _)!;

        Assert.Equal(NoteSignatureType.CosignatureV1, key.Type);
        Assert.Equal(0x69546780ul, Assert.Single(note.Verify([key], out _)!.Signatures).Time);
    }

    // C2SP tlog-checkpoint: its example; the key is not published, so only the form can be checked.
    [Fact]
    public void The_example_of_the_checkpoint_specification_has_our_form()
    {
        const string text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        var note = SignedNote.Parse(
            text + "\n\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n", out _)!;

        Assert.Equal(text, Checkpoint.Parse(note.Text, out _)!.Text);
        Assert.Equal(20852163ul, Checkpoint.Parse(note.Text, out _)!.Size);
    }

    // C2SP tlog-proof: the index and hashes of its example, with a whole note in place of its shortened signatures and, because its extra line
    // is no valid base64, the extra data of transparency-dev/formats proof/tlog_proof_test.go.
    [Fact]
    public void The_example_of_the_proof_specification_is_read_and_written_back()
    {
        const string receipt =
            "c2sp.org/tlog-proof@v1\nextra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 73894\n"
            + "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\nB95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
            + "EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=\nRoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=\n"
            + "AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=\n\n" + ArcheNote;

        var read = Receipt.Parse(receipt, out _)!;

        Assert.Equal(73894ul, read.Index);
        Assert.Equal(5, read.Path.Count);
        Assert.Equal("extra information"u8, read.Extra!.Value.Span);
        Assert.Equal(receipt, read.ToString());
    }

    // transparency-dev/formats proof/tlog_proof_test.go, TestUnmarshalErrors, with a whole note at the end so that nothing else is wrong.
    [Theory]
    [InlineData("wrong-header\nindex 0\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra !!notbase64!!\nindex 0\n")]
    [InlineData("c2sp.org/tlog-proof@v1\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex notanumber\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex -5\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 0\n!!notbase64!!\n")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n")]
    public void Published_malformed_proofs_are_refused_for_their_own_lines(string head)
    {
        Assert.Null(Receipt.Parse(head + "\n" + ArcheNote, out var fault));
        Assert.Equal(Failure.ReceiptMalformed, fault!.Failure);
    }
}
