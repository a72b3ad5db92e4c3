using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Cli;

/// <summary>Who read a chain, as <c>cml</c> tells its keeper and checks it.</summary>
public sealed class ReadingRuns : IDisposable
{
    private const string Origin = World.Origin;

    private readonly Session _session = new();
    private readonly Folder _folder;
    private readonly World _world;
    private readonly Door _door;

    public ReadingRuns() => (_folder, _world, _door) = (_session.Folder, _session.World, _session.Door);

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Who_read_a_chain_is_told_to_its_keeper_and_every_record_is_checked()
    {
        await _session.EnrolMineAsync();
        _door.Asked.Clear();
        Tell(2, "recycler", "own");
        string[] readings = ["readings", EvidenceWorld.Battery, "--url", Door.Address, "--as", _folder["mine.pem"]];
        var shown = await Run([.. readings, "--last", _folder["last"], "--head-key", _world.Head.Key.VerifyingKey.X]);
        Assert.StartsWith("exit 0\n", shown, StringComparison.Ordinal);
        Assert.Matches(@"out:\s+2026-01-01T00:00:00Z\s+did:web:recycler\.example\s+evidence\s+recycler\s", shown);
        Assert.Matches(@"out:\s+2026-01-01T00:00:00Z\s+forgotten\s+evidence\s+own\s", shown);
        Assert.EndsWith(
            """

            err: Checked: 2 records, each number and hash from the first on, the readers' names, and that the log states the same count and hash.
            err: Checked: the statement is signed by did:web:ledger.example.com:log:2026#head.
            err: Not checked: whether records went or changed before: there was no earlier statement. This one is kept in <folder>/last.
            """,
            shown,
            StringComparison.Ordinal);
        _session.AskedAsMine(null, "/readings");

        var json = Session.JsonOf(await Run([.. readings, "--last", _folder["last"], "--json"]));
        Assert.Equal((2, 2, false), (json["count"]!.GetValue<int>(), json["earlierCount"]!.GetValue<int>(), json["signatureChecked"]!.GetValue<bool>()));
        Assert.Equal(
            """[{"number":0,"at":"2026-01-01T00:00:00Z","who":"did:web:recycler.example","what":"evidence","why":"recycler"},{"number":1,"at":"2026-01-01T00:00:00Z","who":null,"what":"evidence","why":"own"}]""",
            json["records"]!.ToJsonString());
    }

    [Fact]
    public async Task A_record_that_is_wrong_or_gone_is_named_and_the_exit_code_is_1()
    {
        await _session.EnrolMineAsync();
        string[] readings = ["readings", EvidenceWorld.Battery, "--url", Door.Address, "--as", _folder["mine.pem"], "--last", _folder["last"]];
        Tell(2, "recycler", "own");
        Assert.StartsWith("exit 0\n", await Run(readings), StringComparison.Ordinal);
        var kept = (await File.ReadAllTextAsync(_folder["last"], TestContext.Current.CancellationToken)).Trim();

        Tell(1, "recycler");
        var gone = await Run(readings);
        Assert.StartsWith(
            "exit 1\nerr: Keep <folder>/last and this statement: together they prove it.\nerr: ",
            gone,
            StringComparison.Ordinal);
        Assert.EndsWith("\nerr: cml: consistency-unproven: Record 1 is gone: the log signed that 2 reads were recorded, and now tells of 1.", gone, StringComparison.Ordinal);
        var json = Session.JsonOf(await Run([.. readings, "--json"]));
        Assert.Equal(("consistency-unproven", 1, kept), (json["code"]!.GetValue<string>(), json["record"]!.GetValue<int>(), json["contradicted"]!.GetValue<string>()));

        Tell(3, "recycler", "own");
        Assert.Equal("exit 1\nerr: cml: head-mismatch: Record 2 is missing: the log signed that 3 reads were recorded.", await Run(readings));

        Tell(2, "recycler", "own");
        _door.Files["/readings"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_door.Files["/readings"]).Replace("evidence", "passport", StringComparison.Ordinal));
        Assert.Equal(
            "exit 1\nerr: cml: chain-link: Record 0 does not go on from those before it: it or one of them was altered. Expected hash: <43>. Found: <43>.",
            await Run(readings));
    }

    [Fact]
    public async Task The_key_that_signs_of_readings_comes_from_a_bundle_that_verifies_or_is_given()
    {
        await _session.EnrolMineAsync();
        string[] readings = ["readings", EvidenceWorld.Battery, "--url", Door.Address, "--as", _folder["mine.pem"]];
        await SaveBundle("battery.json", EvidenceWorld.Battery, closed: false);
        var vkey = new NoteVerifier(EvidenceWorld.Origin, EvidenceWorld.Key("log").VerifyingKey).ToString();
        using var head = EvidenceWorld.Key("head");
        Tell(1, head, "own");
        Assert.Contains("\nerr: Checked: the statement is signed by did:web:ledger.example.com:log:2026#head.\n", await Run([.. readings, "--evidence", _folder["battery.json"], "--vkey", vkey]), StringComparison.Ordinal);
        Assert.StartsWith("exit 1\nerr: cml: note-unsigned: <folder>/battery.json: ", await Run([.. readings, "--evidence", _folder["battery.json"], "--vkey", _door.VerifierKey.ToString()]), StringComparison.Ordinal);

        Tell(1, "own");
        foreach (var key in (string[][])[["--evidence", _folder["battery.json"], "--vkey", vkey], ["--head-key", head.VerifyingKey.X]])
        {
            Assert.Equal(
                "exit 1\nerr: cml: signature-invalid: The statement of the readings is not signed by did:web:ledger.example.com:log:2026#head.",
                await Run([.. readings, .. key]));
        }

        _door.Asked.Clear();
        foreach (var (args, said) in new (string[], string)[]
        {
            (["--evidence", _folder["battery.json"]], "Give --head-key, or --evidence and --vkey."),
            (["--evidence", _folder["battery.json"], "--vkey", vkey, "--head-key", head.VerifyingKey.X], "Give --head-key, or --evidence and --vkey."),
        })
        {
            Assert.Equal($"exit 2\nerr: cml: usage: {said}", await Run([.. readings, .. args]));
        }

        Assert.StartsWith("exit 2\nerr: cml: usage: --head-key: ", await Run([.. readings, "--head-key", "short"]), StringComparison.Ordinal);
        Assert.Equal("exit 2\nerr: cml: usage: Who read a chain is told to the operator that answers for it: give --as.", await Run("readings", EvidenceWorld.Battery, "--url", Door.Address));
        Assert.Empty(_door.Asked);
    }

    private void Tell(int count, params string[] audiences) => Tell(count, _world.Head.Key, audiences);

    // One record for each audience, whose reader bears its name; the operator's own reader is forgotten.
    private void Tell(int count, SigningKey head, params string[] audiences)
    {
        var hash = Digest.Zero;
        var records = new JsonArray();
        foreach (var why in audiences)
        {
            var who = Disclosure.Create(EvidenceWorld.Salt(why), "who", $"did:web:{why}.example");
            var record = new JsonObject { ["at"] = "2026-01-01T00:00:00Z", ["n"] = records.Count, ["sub"] = EvidenceWorld.Battery, ["what"] = "evidence", ["who"] = who.Digest.ToString(), ["why"] = why }.ToJsonString();
            hash = ReadingStatement.Link(hash, record);
            records.Add(new JsonObject { ["record"] = record, ["hash"] = hash.ToString(), ["who"] = why == "own" ? null : who.Text });
        }

        var statement = ReadingStatement.Sign(head, _world.Head.KeyId, Origin, EvidenceWorld.Battery, count, hash, DateTimeOffset.UnixEpoch);
        _door.Files["/readings"] = Encoding.UTF8.GetBytes(new JsonObject { ["sub"] = EvidenceWorld.Battery, ["statement"] = statement.Text, ["records"] = records, ["next"] = null }.ToJsonString());
    }

    private async Task SaveBundle(string name, string subject, bool closed) =>
        _session.Write(name, Encoding.UTF8.GetString((await EvidenceWorld.ABatteryWasMade().BundleAsync(subject, disclosures: true, closed)).ToUtf8()));

    private Task<string> Run(params string[] args) => _session.Run(args);
}
