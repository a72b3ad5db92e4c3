using System.Text;
using CriticalMinerals.Ledger;
using CsCheck;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>Notes, checkpoints and receipts, sound and damaged.</summary>
public sealed class Notes : IDisposable
{
    private const string Origin = "ledger.example.com/log/2026";

    private static readonly Digest[] Leaves = InMemoryTiles.Leaves(300);

    private readonly SigningKey _log = SigningKey.FromSeed(Enumerable.Repeat((byte)1, 32).ToArray());
    private readonly SigningKey _witness = SigningKey.FromSeed(Enumerable.Repeat((byte)2, 32).ToArray());
    private readonly NoteVerifier _logKey;
    private readonly NoteVerifier _witnessKey;
    private readonly Checkpoint _checkpoint;
    private readonly Receipt _receipt;

    public Notes()
    {
        _logKey = new NoteVerifier(Origin, _log.VerifyingKey);
        _witnessKey = new NoteVerifier("witness.example.org/w", _witness.VerifyingKey, NoteSignatureType.CosignatureV1);
        var grown = new GrownTree(RightEdge.Empty, Leaves);
        _checkpoint = new Checkpoint(Origin, grown.Size, grown.Root);
        var note = _checkpoint.Sign(_log).With(NoteSignature.Cosign(_checkpoint.Text, _witnessKey.Name, _witness, 1_800_000_000));
        _receipt = new Receipt(42, grown.ProofOf(42).Path, note);
    }

    [Fact]
    public void A_receipt_proves_its_entry_and_no_other()
    {
        Assert.Null(_receipt.Verify(Leaves[42], [_logKey], out var checkpoint));
        Assert.Equal(_checkpoint, checkpoint);
        Assert.Null(_receipt.Verify(BitConverter.GetBytes(42).AsSpan(), [_logKey, _witnessKey], out _));
        Assert.Equal(Failure.InclusionUnproven, _receipt.Verify(Leaves[43], [_logKey], out checkpoint)!.Failure);
        Assert.Null(checkpoint);
    }

    [Fact]
    public void A_receipt_without_a_known_key_of_its_log_proves_nothing()
    {
        using var other = SigningKey.Generate();

        Assert.Equal(Failure.NoteUnsigned, _receipt.Verify(Leaves[42], [], out _)!.Failure);
        Assert.Equal(Failure.NoteUnsigned, _receipt.Verify(Leaves[42], [new NoteVerifier(Origin, other.VerifyingKey)], out _)!.Failure);
        Assert.Equal(Failure.NoteUnsigned, _receipt.Verify(Leaves[42], [_witnessKey], out _)!.Failure);

        // The right key for another log's name signed, but this is not that log's checkpoint.
        var foreign = SignedNote.Of(_checkpoint.Text, NoteSignature.Make(_checkpoint.Text, "other.example/log", _log));
        Assert.Equal(
            Failure.NoteUnsigned,
            new Receipt(42, _receipt.Path, foreign).Verify(Leaves[42], [new NoteVerifier("other.example/log", _log.VerifyingKey)], out _)!.Failure);
    }

    [Fact]
    public void A_receipt_survives_its_text_form()
    {
        var read = Receipt.Parse(_receipt.ToString(), out _)!;

        Assert.Equal(_receipt.ToString(), read.ToString());
        Assert.Null(read.Verify(Leaves[42], [_logKey], out _));
        Assert.Equal(_receipt.ToString(), Receipt.Parse(Encoding.UTF8.GetBytes(_receipt.ToString()), out _)!.ToString());
    }

    [Fact]
    public void A_receipt_with_any_changed_character_is_refused_or_is_the_same_in_all_that_is_checked()
    {
        var text = _receipt.ToString();
        var cosignature = text.LastIndexOf('\u2014');
        for (var at = 0; at < text.Length; at++)
        {
            foreach (var other in new[] { 'A', 'B', '0', '\n', ' ', '=', '\u2014', '\ud800' })
            {
                if (text[at] == other)
                {
                    continue;
                }

                var changed = text[..at] + other + text[(at + 1)..];
                var refused = Receipt.Parse(changed, out _) is not { } read || read.Verify(Leaves[42], [_logKey, _witnessKey], out _) is not null;

                // A cosignature under a changed key name or id is one of an unknown key and may be passed over; nothing else may.
                Assert.True(refused || at > cosignature, $"character {at} changed to U+{(int)other:X4}");
            }
        }
    }

    [Fact]
    public void No_damage_to_a_receipt_a_note_or_a_key_makes_a_reader_throw()
    {
        var (receipt, vkey) = (_receipt.ToString(), _logKey.ToString());
        string[] pieces = ["\n\n", "\n", "\u2014 ", "+", "=", "\ud800", "\0"];
        var damage =
            from at in Gen.Double[0, 1]
            from length in Gen.Int[0, 20]
            from text in Gen.OneOf(Gen.String[0, 6], Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]))
            select (at, length, text);
        damage.Array[1, 4].Sample(
            changes =>
            {
                var read = Receipt.Parse(Damaged(receipt, changes), out var fault);
                Assert.True(read is null == fault is not null);
                _ = read?.Verify(Leaves[42], [_logKey, _witnessKey], out _);

                var note = SignedNote.Parse(Damaged(_receipt.Checkpoint.ToString(), changes), out fault);
                Assert.True(note is null == fault is not null);
                if (note?.Verify([_logKey, _witnessKey], out fault) is { } verified)
                {
                    _ = Checkpoint.From(verified, out _);
                }

                Assert.True(Checkpoint.Parse(Damaged(_checkpoint.Text, changes), out fault) is null == fault is not null);
                Assert.True(NoteVerifier.Parse(Damaged(vkey, changes), out fault) is null == fault is not null);
                var path = Damaged("tile/0/x001/x234/067.p/8", changes);
                Assert.True(!Tile.TryParse(path, out var tile) || tile.Path == path);
            },
            iter: 5_000);
        Gen.Byte.Array[0, 200].Sample(bytes => SignedNote.Parse(bytes, out _) is null && Receipt.Parse(bytes, out _) is null);
    }

    [Fact]
    public void The_same_checkpoint_is_signed_with_the_same_bytes() =>
        Assert.Equal(_checkpoint.Sign(_log).ToString(), new Checkpoint(Origin, _checkpoint.Size, _checkpoint.Root).Sign(_log).ToString());

    [Fact]
    public void During_an_overlap_either_key_of_the_log_is_enough()
    {
        using var next = SigningKey.Generate();
        var note = SignedNote.Parse(_checkpoint.Sign(_log, next).ToString(), out _)!;

        Assert.NotNull(Checkpoint.From(note.Verify([_logKey], out _)!, out _));
        Assert.NotNull(Checkpoint.From(note.Verify([new NoteVerifier(Origin, next.VerifyingKey)], out _)!, out _));
    }

    [Fact]
    public void A_known_key_s_wrong_signature_spoils_the_note_even_beside_right_ones()
    {
        var forged = NoteSignature.Make("other text\n", Origin, _log);
        var note = _checkpoint.Sign(_log).With(forged);

        Assert.Null(note.Verify([_logKey], out var fault));
        Assert.Equal(Failure.SignatureInvalid, fault!.Failure);
    }

    [Fact]
    public void A_key_of_the_same_name_with_another_id_is_a_stranger()
    {
        using var other = SigningKey.Generate();
        var note = _checkpoint.Sign(_log).With(NoteSignature.Make("other text\n", Origin, other));

        Assert.Single(note.Verify([_logKey], out _)!.Signatures);
    }

    [Fact]
    public void One_key_that_signs_twice_counts_once()
    {
        var note = _checkpoint.Sign(_log, _log);

        Assert.Equal(2, note.Signatures.Count);
        Assert.Single(note.Verify([_logKey], out _)!.Signatures);
    }

    [Fact]
    public void A_cosignature_s_time_is_signed()
    {
        var line = NoteSignature.Cosign(_checkpoint.Text, _witnessKey.Name, _witness, 1_800_000_000);
        var later = line.Signature.ToArray();
        later[7] ^= 1;

        Assert.True(_witnessKey.Verify(_checkpoint.Text, line, out var time));
        Assert.Equal(1_800_000_000ul, time);
        Assert.False(_witnessKey.Verify(_checkpoint.Text, line with { Signature = later }, out time));
        Assert.Null(time);
        Assert.Throws<ArgumentException>(() => NoteSignature.Cosign(_checkpoint.Text, _witnessKey.Name, _witness, 1UL << 63));
    }

    // C2SP tlog-cosignature: the timestamp must not exceed 2^63 - 1.
    [Fact]
    public void A_cosignature_with_a_time_no_signed_number_can_hold_is_refused_though_well_signed()
    {
        var signature = _witness.Sign(Encoding.UTF8.GetBytes("cosignature/v1\ntime 9223372036854775808\n" + _checkpoint.Text));
        var line = new NoteSignature(_witnessKey.Name, _witnessKey.KeyId, (byte[])[0x80, 0, 0, 0, 0, 0, 0, 0, .. signature]);

        Assert.False(_witnessKey.Verify(_checkpoint.Text, line, out _));
    }

    [Fact]
    public void A_plain_signature_of_a_witness_is_no_cosignature_and_the_other_way_round()
    {
        var plain = NoteSignature.Make(_checkpoint.Text, _witnessKey.Name, _witness);

        Assert.False(_witnessKey.Verify(_checkpoint.Text, plain, out _));
        Assert.False(_witnessKey.Verify(_checkpoint.Text, plain with { KeyId = _witnessKey.KeyId }, out _));
    }

    [Theory]
    [InlineData("ledger.example.com/log/2026\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("ledger.example.com/log/2026\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nextension\n")]
    [InlineData("ledger.example.com/log/2026\n05\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("ledger.example.com/log/2026\n+5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("ledger.example.com/log/2026\n\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("ledger.example.com/log/2026\n4611686018427387905\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("ledger.example.com/log/2026\n18446744073709551617\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("ledger.example.com/log/2026\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")]
    [InlineData("ledger.example.com/log/2026\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n")]
    [InlineData("ledger.example.com/log/2026\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n")]
    [InlineData("ledger example.com\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("ledger.example.com/log/2026\r\n5\r\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n")]
    [InlineData("ledger.example.com/log/2026\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    public void Text_that_is_not_exactly_origin_size_and_root_is_no_checkpoint(string text)
    {
        Assert.Null(Checkpoint.Parse(text, out var fault));
        Assert.Equal(Failure.CheckpointMalformed, fault!.Failure);
    }

    [Theory]
    [InlineData("text\n"), InlineData("text\n\n"), InlineData("\n\n"), InlineData("text"), InlineData(""), InlineData("text\n\n\u2014 name AAAAAAA="), InlineData(null)]
    [InlineData("text\n\n- name AAAAAAA=\n"), InlineData("text\n\n\u2014 name  AAAAAAA=\n"), InlineData("text\n\n\u2014 na+me AAAAAAA=\n"), InlineData("text\n\n\u2014 na\u00a0me AAAAAAA=\n")]
    [InlineData("text\n\n\u2014 name AAAAAA==\n"), InlineData("text\n\n\u2014 name AAAAAAB=\n"), InlineData("te\txt\n\n\u2014 name AAAAAAA=\n"), InlineData("text\r\n\r\n\u2014 name AAAAAAA=\r\n")]
    [InlineData("text\n\n\u2014 name AAAAAAA=\nmore\n")]
    public void Text_without_proper_signature_lines_is_no_note(string? text)
    {
        Assert.Null(SignedNote.Parse(text!, out var fault));
        Assert.Equal(Failure.NoteMalformed, fault!.Failure);
    }

    [Fact]
    public void A_note_that_UTF_8_cannot_carry_is_no_note()
    {
        Assert.Null(SignedNote.Parse("te\ud800xt\n\n\u2014 name AAAAAAA=\n", out var fault));
        Assert.Equal(Failure.NoteMalformed, fault!.Failure);
        Assert.Null(SignedNote.Parse([(byte)'t', 0xC0, 0x80, .. "\n\n\u2014 name AAAAAAA=\n"u8], out fault));
        Assert.Equal(Failure.NoteMalformed, fault!.Failure);
    }

    [Fact]
    public void A_note_with_16_large_signatures_is_read_and_one_with_65_is_not()
    {
        var large = new NoteSignature("name", 1, new byte[8_000]);
        var small = new NoteSignature("name", 1, new byte[1]);

        Assert.Equal(16, SignedNote.Parse(SignedNote.Of("text\n", [.. Enumerable.Repeat(large, 16)]).ToString(), out _)!.Signatures.Count);
        Assert.Null(SignedNote.Parse("text\n\n" + string.Concat(Enumerable.Repeat(small + "\n", 65)), out var fault));
        Assert.Equal(Failure.NoteMalformed, fault!.Failure);
        Assert.Null(SignedNote.Parse(new string('a', SignedNote.MaxLength + 1), out fault));
        Assert.Equal(Failure.TooLarge, fault!.Failure);
    }

    [Fact]
    public void A_receipt_with_more_than_63_hashes_is_refused()
    {
        var hash = StrictBase64.Encode(Digest.Zero) + "\n";
        string Text(int count) => $"c2sp.org/tlog-proof@v1\nindex 0\n{string.Concat(Enumerable.Repeat(hash, count))}\n{_receipt.Checkpoint}";

        Assert.Equal(63, Receipt.Parse(Text(63), out _)!.Path.Count);
        Assert.Null(Receipt.Parse(Text(64), out var fault));
        Assert.Equal(Failure.ReceiptMalformed, fault!.Failure);
    }

    [Fact]
    public void A_verifier_key_whose_id_or_key_is_not_sound_is_refused()
    {
        var vkey = _logKey.ToString();
        var small = StrictBase64.Encode([1, 1, .. new byte[31]]);

        Assert.Equal(_logKey, NoteVerifier.Parse(vkey, out _));
        Assert.Null(NoteVerifier.Parse(vkey.Replace($"{_logKey.KeyId:x8}", $"{_logKey.KeyId ^ 1:x8}", StringComparison.Ordinal), out var fault));
        Assert.Equal(Failure.KeyMalformed, fault!.Failure);
        Assert.Null(NoteVerifier.Parse($"name+00000000+{small}", out fault));
        Assert.Equal(Failure.KeyForbidden, fault!.Failure);
        Assert.Null(NoteVerifier.Parse(vkey.ToUpperInvariant(), out _));
    }

    public void Dispose()
    {
        _log.Dispose();
        _witness.Dispose();
    }

    private static string Damaged(string text, (double At, int Length, string Text)[] changes)
    {
        foreach (var change in changes)
        {
            var at = (int)(change.At * text.Length);
            text = text.Remove(at, Math.Min(change.Length, text.Length - at)).Insert(at, change.Text);
        }

        return text;
    }
}
