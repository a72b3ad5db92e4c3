using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>tlog-policy files: which are read, and what their quorum asks of a checkpoint.</summary>
public sealed class Policies : IDisposable
{
    private const string Origin = "ledger.example.com/log/2026";
    private readonly SigningKey _log = Key(0);
    private readonly SigningKey[] _witnesses = [.. Enumerable.Range(1, 5).Select(Key)];

    private static SigningKey Key(int n) => SigningKey.FromSeed(Digest.Sha256([(byte)n]).ToArray());

    private string LogLine => $"log {new NoteVerifier(Origin, _log.VerifyingKey)} https://ledger.example.com/\n";

    private NoteVerifier Verifier(int n) => new($"witness.example/w{n}", _witnesses[n - 1].VerifyingKey, NoteSignatureType.CosignatureV1);

    private string Line(int n, string address = "") => $"witness w{n} {Verifier(n)} {address}\n";

    private SignedNote Cosigned(params int[] by)
    {
        var note = new Checkpoint(Origin, 1, Digest.OfLeaf([1])).Sign(_log);
        return by.Aggregate(note, (signed, n) => signed.With(NoteSignature.Cosign(note.Text, $"witness.example/w{n}", _witnesses[n - 1], 1_000_000 + (ulong)n)));
    }

    private static TrustPolicy Read(string text) => TrustPolicy.Parse(text, out var fault) ?? throw new InvalidDataException(fault!.ToString());

    // The cases of transparency-dev/formats witness_policy_test.go, with keys of the type that C2SP tlog-policy asks for.
    [Fact]
    public void White_space_and_comment_lines_change_nothing()
    {
        var tidy = Read($"{Line(1, "https://sigsum.org/witness/")}{Line(2)}group g1 all w1 w2\nquorum g1\n");
        var wild = Read($"\n\n# comment\n  witness   w1 \t {Verifier(1)}     https://sigsum.org/witness/ \n\t{Line(2)}\n\t\t  #comment\ngroup      g1    all     w1  w2\n\n\t quorum      g1\n");

        Assert.Equal(tidy.Witnesses, wild.Witnesses);
        Assert.Equal("https://sigsum.org/witness/", wild.Witnesses[0].Address);
        Assert.Equal([2], wild.Groups.Select(group => group.Threshold));
        Assert.Empty(wild.LogKeys);
    }

    [Theory]
    [InlineData("group g 2 w1 w2 w3 w4", 2), InlineData("group g all w1 w2 w3", 3), InlineData("group g any w1", 1)]
    public void A_group_says_how_many_are_enough(string group, int threshold) =>
        Assert.Equal(threshold, Assert.Single(Read($"{Line(1)}{Line(2)}{Line(3)}{Line(4)}{group}\nquorum g\n").Groups).Threshold);

    [Theory]
    [InlineData("{w1}")] // no quorum
    [InlineData("quorum unknown\n")]
    [InlineData("{w1}{w1}quorum w1\n")]
    [InlineData("{w1}{w2}group g -1 w1\nquorum g\n")]
    [InlineData("{w1}{w2}group g 0 w1\nquorum g\n")]
    [InlineData("{w1}{w2}group g 3 w1 w2\nquorum g\n")]
    [InlineData("{w1}{w2}group g 01 w1 w2\nquorum g\n")]
    [InlineData("{w1}group g any\nquorum g\n")]
    [InlineData("witness all {k1}\nquorum none\n"), InlineData("witness none {k1}\nquorum none\n")]
    [InlineData("group none 1 witness\n"), InlineData("{w1}group w1 any w1\nquorum w1\n")]
    [InlineData("{w1}group g any none\nquorum g\n")]
    [InlineData("{w1}{w2}group g any w1\ngroup h all w1 w2\nquorum h\n")] // a member of two groups
    [InlineData("group g any w1\n{w1}quorum g\n")] // defined below
    [InlineData("quorum w1\n{w1}"), InlineData("{w1}quorum w1\nquorum w1\n"), InlineData("{w1}quorum none\nquorum none\n")]
    [InlineData("witness a {k1}\nwitness b {k1}\nquorum a\n")] // one key, two names
    [InlineData("{log}{log}quorum none\n")]
    [InlineData("log {k1}\nquorum none\n")] // a cosigning key is no log's
    [InlineData("witness a {logkey}\nquorum a\n")]
    [InlineData("{w1}quorum w1")] // the last line has no end
    [InlineData("{w1}quorum w1\r\n"), InlineData("{w1}quorum\v w1\n")]
    [InlineData("{w1}quorum w1 # comment\n"), InlineData("quorum none\nwitnesses w1\n")]
    public void What_is_no_policy_is_refused_whole(string text)
    {
        var written = text.Replace("{w1}", Line(1), StringComparison.Ordinal).Replace("{w2}", Line(2), StringComparison.Ordinal).Replace("{log}", LogLine, StringComparison.Ordinal)
            .Replace("{k1}", Verifier(1).ToString(), StringComparison.Ordinal).Replace("{logkey}", new NoteVerifier(Origin, _log.VerifyingKey).ToString(), StringComparison.Ordinal);

        Assert.Null(TrustPolicy.Parse(written, out var fault));
        Assert.True(fault!.Failure is Failure.PolicyMalformed or Failure.KeyMalformed, fault.ToString());
    }

    [Fact]
    public void Thirty_two_logs_witnesses_and_groups_are_read()
    {
        var keys = Enumerable.Range(100, 64).Select(Key).ToArray();
        var text = string.Concat(keys.Take(32).Select((key, i) => $"log {new NoteVerifier($"log{i}.example", key.VerifyingKey)}\nwitness w{i} {new NoteVerifier("w", keys[32 + i].VerifyingKey, NoteSignatureType.CosignatureV1)}\ngroup g{i} any w{i}\n"));

        var policy = Read(text + "quorum g31\n");

        Assert.Equal((32, 32, 32), (policy.LogKeys.Count, policy.Witnesses.Count, policy.Groups.Count));
        Array.ForEach(keys, key => key.Dispose());
    }

    [Theory]
    [InlineData(true, 1, 2, 4), InlineData(true, 1, 3, 5), InlineData(true, 1, 2, 3, 4, 5)]
    [InlineData(false), InlineData(false, 1, 2), InlineData(false, 1, 2, 3), InlineData(false, 1, 4, 5), InlineData(false, 4, 5)]
    public void A_checkpoint_counts_when_its_quorum_of_groups_of_groups_cosigned_it(bool isEnough, params int[] by)
    {
        var policy = Read($"{LogLine}{Line(1)}{Line(2)}{Line(3)}group X 2 w1 w2 w3\n{Line(4)}{Line(5)}group Y any w4 w5\ngroup both all X Y\nquorum both\n");

        var trusted = policy.Verify(Cosigned(by), out var fault);

        Assert.Equal(isEnough, trusted is not null);
        Assert.Equal(isEnough ? null : Failure.QuorumMissing, fault?.Failure);
        Assert.Equal(isEnough ? by.Length : null, trusted?.Cosignatures.Count);
    }

    [Fact]
    public void A_checkpoint_is_witnessed_until_the_last_instant_for_which_a_whole_quorum_speaks()
    {
        var policy = Read($"{LogLine}{Line(1)}{Line(2)}{Line(3)}group g 2 w1 w2 w3\nquorum g\n");

        Assert.Equal(1_000_002ul, policy.Verify(Cosigned(1, 2, 3), out _)!.WitnessedAt);
        Assert.Equal(1_000_003ul, (policy with { Quorum = null }).Verify(Cosigned(1, 2, 3), out _)!.WitnessedAt);
        Assert.Null((policy with { Quorum = null }).Verify(Cosigned(), out _)!.WitnessedAt);
    }

    [Fact]
    public void Cosignatures_alone_a_witness_s_key_that_signs_plainly_and_a_spoilt_line_make_no_checkpoint()
    {
        var policy = Read($"{LogLine}{Line(1)}quorum w1\n");
        var good = Cosigned(1);

        Assert.Equal(Failure.NoteUnsigned, Fault(SignedNote.Of(good.Text, good.Signatures[1])));
        Assert.Equal(Failure.QuorumMissing, Fault(Cosigned().With(NoteSignature.Make(good.Text, "witness.example/w1", _witnesses[0]))));
        var spoilt = good.Signatures[1].Signature.ToArray();
        spoilt[7] ^= 1; // its time
        Assert.Equal(Failure.SignatureInvalid, Fault(Cosigned().With(good.Signatures[1] with { Signature = spoilt })));

        Failure? Fault(SignedNote note)
        {
            Assert.Null(policy.Verify(note, out var fault));
            return fault!.Failure;
        }
    }

    [Fact]
    public void A_receipt_without_the_quorum_is_refused_by_the_policy_and_taken_for_the_bare_key()
    {
        var policy = Read($"{LogLine}{Line(1)}quorum w1\n");

        Assert.Equal(Failure.QuorumMissing, new Receipt(0, [], Cosigned(2)).Verify(Digest.OfLeaf([1]), policy, out _)!.Failure);
        Assert.Null(new Receipt(0, [], Cosigned(2)).Verify(Digest.OfLeaf([1]), policy.LogKeys, out _));
        Assert.Null(new Receipt(0, [], Cosigned(1, 2)).Verify(Digest.OfLeaf([1]), policy, out _));
    }

    public void Dispose()
    {
        _log.Dispose();
        Array.ForEach(_witnesses, key => key.Dispose());
    }
}
