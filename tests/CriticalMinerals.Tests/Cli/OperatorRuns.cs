using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Cli;

/// <summary>What the authority of a log does about operators, run by run.</summary>
public sealed class OperatorRuns : IDisposable
{
    private const string Mine = "did:web:mine.example";
    private readonly Session _session = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task A_request_is_looked_at_without_a_key_and_its_fingerprint_is_the_one_that_the_operator_was_told()
    {
        var made = Json(await Ask("k1", "--json"));
        Assert.Equal(
            $"""
            exit 0
            out: {Mine} asks ledger.example.com/log/2026 to take its key {Mine}#k1 for use operator.
            out: Fingerprint <43>: compare it with the one that the operator reads to you. The request proves only that its sender has the key.
            out: The operator is not enrolled.
            out: The key is not registered for any operator.
            """,
            await Run("operator", "review", File("k1.json"), "--url", Door.Address));
        Assert.Single(_session.World.Log);
        Assert.Equal(Member(made, "fingerprint"), Member(Json(await _session.Run(["operator", "review", File("k1.json"), "--url", Door.Address, "--json"], masked: false)), "fingerprint"));
    }

    [Fact]
    public async Task An_approval_shows_what_it_signs_asks_and_signs_enrolment_and_prefixes_in_one_go()
    {
        await Ask("k1");
        _session.Answers = "y\n";
        Assert.Equal(
            $"""
            exit 0
            out: operator-enrolled.v1 on {Mine} stands at index 1, leaf hash <43>.
            out: identifier-granted.v1 on {Mine}/grants stands at index 2, leaf hash <43>.
            out: identifier-granted.v1 on {Mine}/grants stands at index 3, leaf hash <43>.
            err: {Mine} asks ledger.example.com/log/2026 to take its key {Mine}#k1 for use operator.
            err: Fingerprint <43>: compare it with the one that the operator reads to you. The request proves only that its sender has the key.
            err: The operator is not enrolled.
            err: The key is not registered for any operator.
            err: To be signed: operator-enrolled.v1: name "Mine plc", miner, battery-maker.
            err: To be signed: identifier-granted.v1: gtin:4012345.
            err: To be signed: identifier-granted.v1: gbt34014:04Q.
            err: Sign for {Mine}? [y/N] 
            """,
            await Approve(["--role", "miner", "battery-maker", "--prefix", "gtin:4012345", "gbt34014:04Q"]));
        var enrolled = Assert.IsType<OperatorState>(_session.World.State.Chain(Mine));
        Assert.Equal([Role.Miner, Role.BatteryMaker], enrolled.Roles);
        Assert.True(((GrantsState)_session.World.State.Chain(Names.GrantsChain(Mine))!).Covers("gtin", "401234500001"));

        // Run again it signs nothing; with one more prefix it signs that alone.
        Assert.StartsWith($"exit 0\nout: {Mine} has all of it: nothing was signed.\n", await Approve(["--role", "battery-maker", "miner", "--prefix", "gtin:4012345"]), StringComparison.Ordinal);
        Assert.StartsWith($"exit 0\nout: identifier-granted.v1 on {Mine}/grants stands at index 4, leaf hash <43>.\nerr: ", await Approve(["--role", "battery-maker", "miner", "--prefix", "gtin:4012345", "gtin:4012346", "--yes"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n\n")]
    [InlineData("\n")]
    [InlineData("")]
    [InlineData("yess\n")]
    public async Task Any_answer_but_yes_signs_nothing(string answer)
    {
        await Ask("k1");
        _session.Answers = answer;
        Assert.EndsWith("[y/N] cml: declined: Nothing was signed.", await Approve(["--role", "miner"]), StringComparison.Ordinal);
        Assert.Single(_session.World.Log);
    }

    [Fact]
    public async Task Where_nobody_can_answer_nothing_is_signed_without_yes()
    {
        await Ask("k1");
        Assert.Matches("^exit 2\n(.*\n)+err: cml: usage: .*give --yes\\.$", await Approve(["--role", "miner"]));
        Assert.Single(_session.World.Log);
        Assert.StartsWith("exit 0\n", await Approve(["--role", "miner", "--yes"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_would_be_refused_in_the_middle_is_refused_before_the_first_signature()
    {
        var maker = _session.World.An(Role.BatteryMaker);
        _session.World.Admit(_session.World.Grants(maker, "40123"));
        await Ask("k1");
        var size = _session.World.Log.Count;
        Assert.Equal(
            $"""
            exit 1
            err: cml: identifier-overlap: gtin:4012345 overlaps with gtin:40123, which {maker.Did} holds.
            """,
            await Approve(["--role", "miner", "--prefix", "gtin:777", "gtin:4012345", "--yes"]));
        Assert.StartsWith("exit 1\nerr: cml: data-invalid: prefix: ", await Approve(["--role", "miner", "--prefix", "gtin:4 5", "--yes"]), StringComparison.Ordinal);
        Assert.StartsWith("exit 1\nerr: cml: data-invalid: roles", await Approve(["--role", "miner", "miner", "--yes"]), StringComparison.Ordinal);
        Assert.StartsWith("exit 2\nerr: cml: usage: gtin4012345 is no prefix", await Approve(["--role", "miner", "--prefix", "gtin4012345", "--yes"]), StringComparison.Ordinal);
        Assert.StartsWith("exit 2\nerr: cml: usage: dreamer is no role.", await Approve(["--role", "dreamer", "--yes"]), StringComparison.Ordinal);
        Assert.Equal(size, _session.World.Log.Count);
    }

    [Fact]
    public async Task A_known_operator_or_a_known_key_is_not_enrolled_again()
    {
        await Enrolled();
        await Ask("k2");
        Assert.StartsWith($"exit 1\nerr: cml: chain-exists: {Mine} is enrolled since entry 1 as \"Mine plc\", miner, active.", await Approve(["--role", "miner", "--yes"], "k2"), StringComparison.Ordinal);
        Assert.StartsWith("exit 1\nerr: cml: chain-exists: ", await Approve(["--role", "refiner", "--yes"]), StringComparison.Ordinal);

        // The same key under another name: a request that its owner can make, and the log cannot take.
        using var key = SigningKey.FromPem(await System.IO.File.ReadAllTextAsync(File("k1.pem"), Cancel), out _)!;
        await Request("other.json", key, "did:web:other.example#k1", KeyUse.Operator);
        Assert.Contains($"out: The key is registered for {Mine} as {Mine}#k1.", await Run("operator", "review", File("other.json"), "--url", Door.Address), StringComparison.Ordinal);
        Assert.StartsWith($"exit 1\nerr: cml: key-reused: This public key is registered for {Mine}.", await Approve(["--role", "miner", "--yes"], "other"), StringComparison.Ordinal);
        await Request("log.json", _session.World.Authority.Key, "did:web:other.example#k2", KeyUse.Operator);
        Assert.StartsWith("exit 1\nerr: cml: key-reused: ", await Approve(["--role", "miner", "--yes"], "log"), StringComparison.Ordinal);
        await Request("head.json", SigningKey.Generate(), "did:web:other.example#k2", KeyUse.Head);
        Assert.StartsWith("exit 1\nerr: cml: key-use-wrong: ", await Approve(["--role", "miner", "--yes"], "head"), StringComparison.Ordinal);
        Assert.Equal(2, _session.World.Log.Count);
    }

    [Fact]
    public async Task A_person_is_enrolled_and_listed_without_the_name()
    {
        await Ask("k1");
        var approved = await Run(["operator", "approve", File("k1.json"), "--person-name", "Maria Muster", "--role", "repairer", "--yes", .. _session.AsAuthority()]);
        Assert.StartsWith("exit 0\n", approved, StringComparison.Ordinal);
        Assert.Contains("name of a person, disclosed", approved, StringComparison.Ordinal);
        Assert.Equal("personName", Assert.Single(_session.World.Log[1].Disclosures).Name);
        Assert.DoesNotContain("Maria", await Run("operator", "list", "--url", Door.Address, "--json"), StringComparison.Ordinal);
        Assert.Contains("(a person)", await Run("operator", "list", "--url", Door.Address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_has_everybody_in_the_order_of_enrolment_and_is_narrowed_by_role_and_state()
    {
        await Enrolled("--prefix", "gtin:4012345");
        var (refiner, maker) = (_session.World.An(Role.Refiner), _session.World.An(Role.BatteryMaker));
        _session.World.Admit(_session.World.Says(_session.World.Authority, "operator-suspended.v1", refiner.Did));
        _session.World.Admit(_session.World.RevokesKey(maker, maker));
        var lines = (await Run("operator", "list", "--url", Door.Address)).Split('\n');
        Assert.Equal("exit 0", lines[0]);
        Assert.Equal(["operator", "name", "roles", "state", "keys", "prefixes", "since", "recorded"], Cells(lines.First(l => l.Contains("roles", StringComparison.Ordinal))));
        Assert.Equal(
            [
                [Mine, "Mine plc", "miner", "active", "1 of 1", "gtin:4012345", "1", "1970-01-02"],
                [refiner.Did, "Example", "refiner", "suspended", "1 of 1", "3", "1970-01-04"],
                [maker.Did, "Example", "battery-maker", "keyless", "0 of 1", "4", "1970-01-05"],
            ],
            lines.Where(l => l.Contains("did:web:", StringComparison.Ordinal)).Select(Cells));

        Assert.Equal([refiner.Did], await Listed("--state", "suspended"));
        Assert.Equal([maker.Did], await Listed("--state", "keyless"));
        Assert.Equal([Mine], await Listed("--state", "active"));
        Assert.Equal([Mine, maker.Did], await Listed("--role", "miner", "battery-maker"));
        Assert.Empty(await Listed("--role", "recycler"));
        Assert.Empty(await Listed("--role", "miner", "--state", "suspended"));
        Assert.StartsWith("exit 2\n", await Run("operator", "list", "--url", Door.Address, "--state", "asleep"), StringComparison.Ordinal);
        Assert.StartsWith("exit 2\nerr: cml: usage: dreamer is no role.", await Run("operator", "list", "--url", Door.Address, "--role", "dreamer"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suspended_operator_is_refused_by_name_until_it_is_reinstated()
    {
        await Enrolled();
        Assert.Equal(
            $"""
            exit 0
            out: operator-suspended.v1 on {Mine} stands at index 2, leaf hash <43>.
            """,
            await Run(["operator", "suspend", Mine, "--reason", "Licence withdrawn.", .. _session.AsAuthority()]));
        Assert.StartsWith("exit 1\nerr: cml: already-so: ", await Run(["operator", "suspend", Mine, "--reason", "Again.", .. _session.AsAuthority()]), StringComparison.Ordinal);
        Assert.StartsWith($"exit 1\nerr: cml: operator-suspended: {Mine} is suspended ", await Append("1", "k1"), StringComparison.Ordinal);
        Assert.Equal(
            $"""
            exit 0
            out: operator-reinstated.v1 on {Mine} stands at index 3, leaf hash <43>.
            """,
            await Run(["operator", "reinstate", Mine, "--reason", "Licence restored.", .. _session.AsAuthority()]));
        Assert.StartsWith("exit 0\n", await Append("2", "k1"), StringComparison.Ordinal);
        Assert.StartsWith("exit 2\nerr: cml: usage: mine.example is no operator", await Run(["operator", "suspend", "mine.example", "--reason", "x", .. _session.AsAuthority()]), StringComparison.Ordinal);
        Assert.StartsWith("exit 1\nerr: cml: chain-unknown: ", await Run(["operator", "suspend", "did:web:nobody.example", "--reason", "x", .. _session.AsAuthority()]), StringComparison.Ordinal);
        Assert.StartsWith("exit 1\nerr: cml: authority-required: ", await Run(["operator", "suspend", Mine, "--reason", "x", .. _session.As("k1.pem")]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_that_lost_its_only_key_gets_a_new_one_and_the_lost_one_ends_in_the_same_command()
    {
        await Enrolled();
        await Ask("k2");
        _session.Answers = "yes\n";
        Assert.Equal(
            $"""
            exit 0
            out: key-added.v1 on {Mine} stands at index 2, leaf hash <43>.
            out: key-revoked.v1 on {Mine} stands at index 3, leaf hash <43>.
            err: {Mine} asks ledger.example.com/log/2026 to take its key {Mine}#k2 for use operator.
            err: Fingerprint <43>: compare it with the one that the operator reads to you. The request proves only that its sender has the key.
            err: The operator is enrolled since index 1 as "Mine plc", miner, active.
            err: The key is not registered for any operator.
            err: To be signed: key-added.v1: {Mine}#k2.
            err: To be signed: key-revoked.v1: {Mine}#k1, lost.
            err: Sign for {Mine}? [y/N] 
            """,
            await Recover("k2"));
        Assert.StartsWith($"exit 1\nerr: cml: key-revoked: {Mine}#k1 was revoked by entry 3.", await Append("1", "k1"), StringComparison.Ordinal);
        Assert.StartsWith("exit 0\n", await Append("2", "k2"), StringComparison.Ordinal);

        // Run again it signs nothing.
        Assert.StartsWith($"exit 0\nout: {Mine} signs with {Mine}#k2 already: nothing was signed.\n", await Recover("k2"), StringComparison.Ordinal);
        Assert.StartsWith("exit 1\nerr: cml: key-reused: ", await Recover("k1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stolen_key_is_reported_from_an_index_and_a_recovery_that_stopped_in_the_middle_goes_on()
    {
        await Enrolled();
        Assert.StartsWith("exit 0\n", await Append("1", "k1"), StringComparison.Ordinal);
        await Ask("k2");
        Assert.StartsWith("exit 0\n", await Run(["key", "add", File("k2.json"), .. _session.AsAuthority()]), StringComparison.Ordinal);
        var recovered = await Recover("k2", "--compromised-from", "2", "--yes");
        Assert.StartsWith($"exit 0\nout: key-compromised.v1 on {Mine} stands at index 4, leaf hash <43>.\n", recovered, StringComparison.Ordinal);
        Assert.Contains($"err: To be signed: key-compromised.v1: {Mine}#k1; its entries from index 2 on are disputed, and keys that it added from there on end.", recovered, StringComparison.Ordinal);
        Assert.Equal(2, ((OperatorState)_session.World.State.Chain(Mine)!).Keys.Find(Mine + "#k1")!.DisputedFrom);
        Assert.StartsWith("exit 0\n", await Append("2", "k2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_keys_those_that_end_are_named_and_nobody_unknown_is_recovered()
    {
        await Enrolled();
        await Ask("k2");
        await Ask("k3");
        Assert.StartsWith("exit 1\nerr: cml: operator-unknown: ", await Approved("did:web:nobody.example"), StringComparison.Ordinal);
        Assert.StartsWith("exit 0\n", await Run(["key", "add", File("k2.json"), .. _session.As("k1.pem")]), StringComparison.Ordinal);
        Assert.Equal($"exit 2\nerr: cml: usage: {Mine} has several keys: {Mine}#k1, {Mine}#k2. Say with --lost which end.", await Recover("k3", "--yes"));
        Assert.StartsWith("exit 2\nerr: cml: usage: did:web:mine.example#k9 is no key of did:web:mine.example.", await Recover("k3", "--lost", Mine + "#k9", "--yes"), StringComparison.Ordinal);
        var recovered = await Recover("k3", "--lost", Mine + "#k1", "--yes");
        Assert.StartsWith("exit 0\n", recovered, StringComparison.Ordinal);
        Assert.Contains($"err: Stays: {Mine}#k2.", recovered, StringComparison.Ordinal);
        Assert.StartsWith("exit 0\n", await Append("1", "k2"), StringComparison.Ordinal);
        Assert.StartsWith("exit 0\n", await Append("2", "k3"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_each_answer_is_one_document()
    {
        await Ask("k1");
        var approved = Json(await Approve(["--role", "miner", "--prefix", "gtin:4012345", "--yes", "--json"]));
        Assert.Equal((true, Mine), (approved["ok"]!.GetValue<bool>(), approved["operator"]!.GetValue<string>()));
        Assert.Equal(["operator-enrolled.v1", "identifier-granted.v1"], approved["entries"]!.AsArray().Select(e => e!["event"]!.GetValue<string>()));
        var listed = Assert.Single(Json(await Run("operator", "list", "--url", Door.Address, "--json"))["operators"]!.AsArray())!;
        Assert.Equal((Mine, "Mine plc", false, 1), (listed["did"]!.GetValue<string>(), listed["name"]!.GetValue<string>(), listed["suspended"]!.GetValue<bool>(), listed["since"]!.GetValue<int>()));
        Assert.Equal("""[{"scheme":"gtin","prefix":"4012345"}]""", listed["identifiers"]!.ToJsonString());
        Assert.Equal((1, Mine + "#k1"), (Json(await Run("operator", "review", File("k1.json"), "--url", Door.Address, "--json"))["enrolledSince"]!.GetValue<int>(), listed["keys"]![0]!["kid"]!.GetValue<string>()));
    }

    private static string[] Cells(string line) => [.. line["out: ".Length..].Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static string Member(JsonNode json, string name) => json[name]!.GetValue<string>();

    private static JsonNode Json(string text) => JsonNode.Parse(string.Concat(text.Split('\n').Where(l => l.StartsWith("out: ", StringComparison.Ordinal)).Select(l => l[5..])))!;

    private string File(string name) => _session.Folder[name];

    private Task<string> Run(params string[] args) => _session.Run(args);

    private Task<string> Ask(string key, params string[] args) =>
        _session.Run(["key", "new", "--operator", Mine, "--name", key, "--out", File(key + ".pem"), "--request", File(key + ".json"), "--origin", World.Origin, .. args], masked: false);

    private Task<string> Approve(string[] args, string request = "k1") => Run(["operator", "approve", File(request + ".json"), "--name", "Mine plc", .. args, .. _session.AsAuthority()]);

    private Task<string> Recover(string request, params string[] args) => Run(["operator", "recover", File(request + ".json"), .. args, .. _session.AsAuthority()]);

    private async Task Enrolled(params string[] args)
    {
        await Ask("k1");
        Assert.StartsWith("exit 0\n", await Approve(["--role", "miner", "--yes", .. args]), StringComparison.Ordinal);
    }

    private async Task<string> Approved(string did)
    {
        await Request("nobody.json", SigningKey.Generate(), did + "#k1", KeyUse.Operator);
        return await Recover("nobody", "--yes");
    }

    private async Task<string[]> Listed(params string[] filters) =>
        [.. Json(await Run(["operator", "list", "--url", Door.Address, "--json", .. filters]))["operators"]!.AsArray().Select(o => o!["did"]!.GetValue<string>())];

    private Task Request(string file, SigningKey key, string kid, KeyUse use)
    {
        var declared = KeyDeclaration.Of(key, World.Origin, kid, use);
        return System.IO.File.WriteAllTextAsync(
            File(file),
            $$$"""{"origin":"{{{World.Origin}}}","use":"{{{World.Kebab(use)}}}","key":{"kid":"{{{kid}}}","jwk":{"kty":"OKP","crv":"Ed25519","x":"{{{declared.Jwk.X}}}"},"proof":"{{{declared.Proof}}}"}}""",
            Cancel);
    }

    private Task<string> Append(string number, string key)
    {
        System.IO.File.WriteAllText(File($"lot{number}.json"), $$$"""{"subject":"urn:uuid:0b7e2f4c-1f0a-4f55-9c39-5a4b8f3f1a1{{{number}}}","event":"lot-extracted.v1","data":{"open":true,"mineral":"lithium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
        return Run(["append", File($"lot{number}.json"), .. _session.As(key + ".pem")]);
    }
}
