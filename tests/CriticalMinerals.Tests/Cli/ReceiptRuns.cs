using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Cli;

/// <summary><c>cml receipt</c>: the receipt of an entry with the cosignatures that it did not have when it came.</summary>
public sealed class ReceiptRuns : IDisposable
{
    private readonly Session _session = new();
    private readonly Party _mine = Party.Of("did:web:mine.example");
    private readonly SigningKey _witness = SigningKey.Generate();
    private readonly SignedEntry _lot;

    public ReceiptRuns()
    {
        _session.World.Admit(_session.World.Enrols(_mine, Role.Miner));
        _lot = _session.World.Extracts(_mine, World.Uuid(), "1");
        _session.World.Admit(_lot);
        _session.Write("lot.sd-jwt", _lot.ToSdJwt() + "\n");
        _session.Write("policy", $"log {_session.Door.VerifierKey}\nwitness w1 {new NoteVerifier("witness.example/w1", _witness.VerifyingKey, NoteSignatureType.CosignatureV1)}\nquorum w1\n");
    }

    public void Dispose()
    {
        _witness.Dispose();
        _session.Dispose();
    }

    [Fact]
    public async Task A_receipt_is_kept_once_the_quorum_has_cosigned_it_and_not_before()
    {
        var file = _session.Folder["lot.tlog-proof"];
        string[] asks = ["receipt", _session.Folder["lot.sd-jwt"], "--url", Door.Address, "--policy", _session.Folder["policy"], "--to", file];
        Assert.Equal(
            """
            exit 1
            err: cml: quorum-missing: 0 of 1 known witnesses cosigned the checkpoint of size 3; that is not the quorum of the policy. Witnesses cosign a moment after the entry: ask again. Nothing was written.
            """,
            await _session.Run(asks));
        Assert.False(File.Exists(file));

        Cosign();
        Assert.Equal(
            """
            exit 0
            out: <folder>/lot.tlog-proof: verified.
            err: Checked: the entry is number 2 of ledger.example.com/log/2026, as of size 3; 1 witness has cosigned that.
            """,
            await _session.Run(asks));
        Assert.StartsWith("exit 0\n", await _session.Run("verify", file, "--entry", _session.Folder["lot.sd-jwt"], "--policy", _session.Folder["policy"]), StringComparison.Ordinal);
        Assert.Equal("exit 2\nerr: cml: usage: <folder>/lot.tlog-proof exists already and is not written over: give another name with --to.", await _session.Run(asks));
    }

    [Fact]
    public async Task By_its_leaf_hash_an_entry_s_receipt_is_printed_and_in_json_with_who_cosigned()
    {
        Cosign();
        string[] asks = ["receipt", _lot.Entry.LeafHash.ToString(), "--url", Door.Address, "--vkey", _session.Folder["policy"]];
        var said = await _session.Run(asks);
        Assert.StartsWith("exit 0\nout: c2sp.org/tlog-proof@v1\nout: index 2\n", said, StringComparison.Ordinal);
        var json = Session.JsonOf(await _session.Run([.. asks, "--json"], masked: false));
        Assert.Equal("witness.example/w1", Assert.Single(json["cosignatures"]!.AsArray())!.GetValue<string>());
        Assert.Null(Receipt.Parse(json["receipt"]!.GetValue<string>(), out _)!.Verify(_lot.Entry.LeafHash, [_session.Door.VerifierKey], out _));
    }

    [Fact]
    public async Task A_receipt_that_does_not_verify_is_not_kept_and_the_reason_is_named()
    {
        var file = _session.Folder["lot.tlog-proof"];
        string[] asks = ["receipt", _session.Folder["lot.sd-jwt"], "--url", Door.Address, "--vkey", _session.Door.VerifierKey.ToString(), "--to", file];
        _session.Door.Alter = text => Receipt.Parse(text, out _) is { } right ? new Receipt(right.Index, [Digest.Zero], right.Checkpoint).ToString() : "";
        Assert.StartsWith("exit 1\nerr: cml: inclusion-unproven: ", await _session.Run(asks), StringComparison.Ordinal);
        _session.Door.Alter = _ => "nothing";
        Assert.StartsWith("exit 1\nerr: cml: receipt-malformed: ", await _session.Run(asks), StringComparison.Ordinal);
        _session.Door.Alter = text => text;
        asks[5] = new NoteVerifier(World.Origin, _witness.VerifyingKey).ToString();
        Assert.StartsWith("exit 1\nerr: cml: note-unsigned: ", await _session.Run(asks), StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task What_is_missing_is_said_with_the_options_that_help()
    {
        Assert.Equal(
            """
            exit 2
            err: cml: usage: nothing is no file that is there, and no leaf hash, which has 43 characters of base64url.
            """,
            await _session.Run("receipt", "nothing", "--url", Door.Address, "--vkey", _session.Folder["policy"]));
        foreach (var command in (string[][])[["receipt", "x", "--url", Door.Address], ["verify", "x"], ["monitor", "x", "--state", "s"]])
        {
            Assert.StartsWith("exit 2\nerr: cml: usage: Whom to believe is not said: give --vkey with the log's verifier key or a file with it", await _session.Run(command), StringComparison.Ordinal);
        }
    }

    private void Cosign() => _session.Door.Alter = text =>
    {
        var receipt = Receipt.Parse(text, out _)!;
        return new Receipt(receipt.Index, receipt.Path, receipt.Checkpoint.With(NoteSignature.Cosign(receipt.Checkpoint.Text, "witness.example/w1", _witness, 1))).ToString();
    };
}
