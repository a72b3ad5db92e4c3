using System.Net;
using System.Text;
using CriticalMinerals.Cli;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Client;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>A witness: its answers over HTTP by the cases of the specification, and what it keeps before it answers.</summary>
public sealed class Witnesses : IDisposable
{
    private const string Origin = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562";
    private const string Line = "\u2014 " + Origin + " UgIom";

    // FiloSottile/torchwood cmd/litewitness/testdata/litewitness.txt: a log of five made-up leaf hashes at sizes 1, 3 and 5.
    private const string LogKey = "ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f";
    private const string Size1 = Origin + "\n1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" + Line + "7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=\n";
    private const string Text3 = Origin + "\n3\nRcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=\n\n";
    private const string Size3 = Text3 + Line + "2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=\n";
    private const string Size5 = Origin + "\n5\nQrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=\n\n" + Line + "w/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=\n";
    private const string From1To3 = "old 1\nKgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nKgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n";
    private const string From1To5 = "old 1\nKgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=\nKgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n";
    private const string From3To5 = "old 3\nKgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nKgMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nwgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=\nKgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n";

    private readonly SigningKey _key = SigningKey.Generate();
    private readonly Folder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Witness Sigsum => new("example.com/witness", _key, [new NoteVerifier(Origin, VerifyingKey.Import(Convert.FromHexString(LogKey), out _)!)]);

    private string State => _folder["state"];

    [Fact]
    public async Task Each_published_request_gets_the_answer_of_the_specification()
    {
        using var state = WitnessFolder.Open(State);
        await using var server = await WitnessServer.StartAsync(Sigsum, state, "http://127.0.0.1:0", TimeProvider.System, Cancel);
        using var http = new HttpClient { BaseAddress = new Uri(server.Addresses.Single() + "/") };
        var latest = $"{Witness.HashOf(Origin)}/checkpoint";
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(latest, Cancel)).StatusCode);

        await Answers(200, "old 0\n\n" + Size1);
        await Answers(403, From1To3 + Size3.Replace("x6go=", "x6gx=", StringComparison.Ordinal).Replace("Vrx6gx", "Vrx6gw", StringComparison.Ordinal));
        await Answers(404, (From1To3 + Size3).Replace("09e562", "09e563", StringComparison.Ordinal));
        await Answers(422, "old 1\n\n" + Size3);
        await Answers(422, From1To3.Replace("AAA=\n\n", "BAA=\n\n", StringComparison.Ordinal) + Size3);
        await Answers(200, From1To3 + Size3);
        Assert.Equal("3\n", await Answers(409, From1To5 + Size5, "text/x.tlog.size"));
        await Answers(200, From3To5 + Size5);
        Assert.Equal("5\n", await Answers(409, "old 0\n\n" + Size5));
        Assert.Equal("5\n", await Answers(409, "old 0\n\n" + Size1));

        await Answers(400, From3To5 + Size1); // the old size is the larger one
        await Answers(403, "old 5\n\n" + Text3 + "\u2014 somebody.else AAAAAAAA\n");
        foreach (var malformed in new[] { "", "old 5\n", "old 05\n\n" + Size5, "old -1\n\n" + Size5, "new 5\n\n" + Size5, "old 5\nKgE=\n\n" + Size5, "old 5\n" + string.Concat(Enumerable.Repeat("KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 64)) + "\n" + Size5, "old 5\n\nno note" })
        {
            await Answers(400, malformed);
        }

        await Answers(413, new string('x', AddCheckpoint.MaxLength + 1));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.GetAsync("add-checkpoint", Cancel)).StatusCode);

        // The same again is cosigned again, and monitors are told what was cosigned.
        await Answers(200, "old 5\n\n" + Size5);
        var client = new WitnessClient(http, Sigsum.Verifier);
        Assert.Equal(5ul, (await client.LatestAsync(Origin, [new NoteVerifier(Origin, VerifyingKey.Import(Convert.FromHexString(LogKey), out _)!)], Cancel))!.Checkpoint.Size);
        Assert.StartsWith(Size5, await http.GetStringAsync(latest, Cancel), StringComparison.Ordinal);

        async Task<string> Answers(int status, string request, string? type = null)
        {
            using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(request));
            using var answer = await http.PostAsync("add-checkpoint", body, Cancel);
            var text = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.True((int)answer.StatusCode == status, $"{status} was expected for\n{request[..Math.Min(request.Length, 400)]}\nand is {(int)answer.StatusCode}: {text}");
            Assert.Equal(status == 200, text.StartsWith("\u2014 example.com/witness ", StringComparison.Ordinal));
            Assert.Equal(type ?? answer.Content.Headers.ContentType?.MediaType, answer.Content.Headers.ContentType?.MediaType);
            return text;
        }
    }

    [Fact]
    public void An_empty_tree_and_extension_lines_are_cosigned_and_a_false_empty_tree_is_not()
    {
        using var log = SigningKey.Generate();
        var witness = new Witness("w.example", _key, [new NoteVerifier("log.example", log.VerifyingKey)]);
        string[] texts = [$"log.example\n0\n{StrictBase64.Encode(Digest.Zero)}\n", $"log.example\n0\n{StrictBase64.Encode(MerkleTree.EmptyRoot)}\n", $"log.example\n1\n{StrictBase64.Encode(Digest.OfLeaf([1]))}\nan extension\n"];

        var answers = texts.Select(text => witness.Decide(new AddCheckpoint(0, [], SignedNote.Of(text, NoteSignature.Make(text, "log.example", log))), null, 1)).ToArray();

        Assert.Equal(WitnessAnswer.Inconsistent, Assert.IsType<WitnessAnswer.Refused>(answers[0]).Status);
        Assert.All(answers[1..], answer => Assert.IsType<WitnessAnswer.Cosigned>(answer));
        Assert.Equal(WitnessAnswer.Inconsistent, Assert.IsType<WitnessAnswer.Refused>(
            witness.Decide(new AddCheckpoint(0, [Digest.Zero], SignedNote.Of(texts[2], NoteSignature.Make(texts[2], "log.example", log))), null, 1)).Status); // a proof from nothing
    }

    [Fact]
    public void What_was_kept_before_a_crash_is_never_undercut_afterwards()
    {
        using (var before = WitnessFolder.Open(State))
        {
            Decide(before, "old 0\n\n" + Size1);
            Decide(before, From1To3 + Size3); // and the power goes before the answer leaves
        }

        using var after = WitnessFolder.Open(State);
        Assert.Equal(3ul, Assert.IsType<WitnessAnswer.Conflict>(Decide(after, "old 0\n\n" + Size1)).Size);
        Assert.Equal(3ul, Assert.IsType<WitnessAnswer.Conflict>(Decide(after, "old 1\n\n" + Size1)).Size);
        Assert.IsType<WitnessAnswer.Cosigned>(Decide(after, From3To5 + Size5));
    }

    [Fact]
    public void A_file_half_written_when_the_power_went_changes_nothing_and_a_damaged_one_stops_the_witness()
    {
        var file = Path.Combine(State, Witness.HashOf(Origin) + ".checkpoint");
        using (var before = WitnessFolder.Open(State))
        {
            Decide(before, "old 0\n\n" + Size1);
        }

        File.WriteAllText(file + ".half", Size3[..40]);
        using var state = WitnessFolder.Open(State);
        Assert.IsType<WitnessAnswer.Cosigned>(Decide(state, From1To3 + Size3));

        File.WriteAllText(file, File.ReadAllText(file).Replace("\n3\n", "\n1\n", StringComparison.Ordinal));
        Assert.Throws<InvalidDataException>(() => Decide(state, From3To5 + Size5));
        File.WriteAllText(file, "");
        Assert.Throws<InvalidDataException>(() => Decide(state, "old 0\n\n" + Size1));
    }

    [Fact]
    public void Two_processes_never_hold_one_folder()
    {
        using var first = WitnessFolder.Open(State);
        Assert.Throws<IOException>(() => WitnessFolder.Open(State).Dispose());
    }

    [Fact]
    public async Task Of_two_histories_at_once_exactly_one_is_cosigned()
    {
        using var log = SigningKey.Generate();
        var witness = new Witness("w.example", _key, [new NoteVerifier("log.example", log.VerifyingKey)]);
        using var state = WitnessFolder.Open(State);
        for (var round = 0; round < 10; round++)
        {
            var size = (ulong)round + 1;
            var (before, after) = (InMemoryTiles.Leaves(round + 1), InMemoryTiles.Leaves(round + 1));
            after[^1] = Digest.Zero;
            var proof = new InMemoryTiles(before).Consistency((ulong)round, size);
            var answers = await Task.WhenAll(new[] { before, after, before, after }.Select(leaves => Task.Run(
                () => state.Decide(witness, new AddCheckpoint((ulong)round, proof.Path, new Checkpoint("log.example", size, MerkleTree.Root(leaves)).Sign(log)), 1), Cancel)));

            var roots = answers.OfType<WitnessAnswer.Cosigned>().Select(answer => answer.Kept.Text).Distinct().ToArray();
            Assert.Single(roots);
            Assert.All(answers.Where(answer => answer is not WitnessAnswer.Cosigned), answer => Assert.True(answer is WitnessAnswer.Conflict or WitnessAnswer.Refused { Status: 422 }));
            if (!roots[0].Contains(StrictBase64.Encode(MerkleTree.Root(before)), StringComparison.Ordinal))
            {
                return; // it is bound to the other history now
            }
        }
    }

    [Fact]
    public void An_answer_counts_only_with_the_cosignature_asked_for()
    {
        var request = AddCheckpoint.Parse(Encoding.UTF8.GetBytes("old 0\n\n" + Size1), out _)!;
        Assert.Equal("old 0\n\n" + Size1, request.ToString());
        var (good, other) = (NoteSignature.Cosign(request.Note.Text, "w.example", _key, 9), NoteSignature.Cosign(Text3[..^1], "w.example", _key, 9));
        var timeless = NoteSignature.Cosign(request.Note.Text, "w.example", _key, 0);
        var verifier = new NoteVerifier("w.example", _key.VerifyingKey, NoteSignatureType.CosignatureV1);
        WitnessAnswer Read(int status, string body) => request.ReadAnswer(status, Encoding.UTF8.GetBytes(body), verifier);

        Assert.Equal(good, Assert.IsType<WitnessAnswer.Cosigned>(Read(200, $"\u2014 unknown.example AAAAAAAA\n{good}\n")).Line);
        foreach (var body in new[] { "", "ok\n", $"{other}\n", $"{timeless}\n", $"{good}\n{other}\n", good.ToString(), $"\n\n{good}\n", "\u2014 unknown.example AAAAAAAA\n", new string('x', AddCheckpoint.MaxAnswerLength + 1) })
        {
            Assert.IsType<WitnessAnswer.Refused>(Read(200, body));
        }

        Assert.Equal(7ul, Assert.IsType<WitnessAnswer.Conflict>(Read(409, "7\n")).Size);
        Assert.All(["7", "07\n", "-7\n", "\u0667\n", "99999999999999999999\n", ""], body => Assert.IsType<WitnessAnswer.Refused>(Read(409, body)));
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    private WitnessAnswer Decide(WitnessFolder state, string request) => state.Decide(Sigsum, AddCheckpoint.Parse(Encoding.UTF8.GetBytes(request), out _)!, 1);
}
