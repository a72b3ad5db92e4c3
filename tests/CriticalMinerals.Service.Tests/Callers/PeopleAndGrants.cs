using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Callers;

/// <summary>People whom an issuer knows, parties whom a responsible operator lets in, and auditors whom the authority trusts: what each of them sees, and when no more.</summary>
public sealed class PeopleAndGrants(PostgresServer postgres, ClosedWorld closed)
{
    private static long Future => DateTimeOffset.UtcNow.AddDays(30).ToUnixTimeSeconds();

    [Theory]
    [InlineData("RU", "repairer")]
    [InlineData("RU", "second-life-operator")]
    [InlineData("CR", "market-surveillance")]
    [InlineData("CR", "notified-body")]
    [InlineData("", "auditor")]
    [InlineData("", "no such right")]
    [InlineData("", "public")]
    [InlineData("", "own")]
    [InlineData("")]
    public async Task A_person_sees_what_the_issuer_says_that_he_may_and_without_a_right_what_everybody_sees(string shown, params string[] rights)
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var token = await PersonAsync("anna", rights);
        foreach (var (path, accept) in ((string, string)[])[(battery.Path, "application/json"), (battery.Path, "text/html"), (battery.Evidence, "application/json")])
        {
            var answer = await world.AskAsync(path, token, accept: accept);
            Assert.Equal("200", answer.ToString());
            Assert.Equal(shown, battery.Shown(answer));
        }

        // It is no caller token: good until its end, for every request.
        Assert.Equal("200", (await world.AskAsync(battery.Path, token, node: 1)).ToString());
    }

    [Fact]
    public async Task A_person_of_several_rights_says_as_whom_he_asks()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var token = await PersonAsync("anna", "repairer", "market-surveillance");
        async Task<string> AsAsync(params string[] purposes)
        {
            var answer = await world.Http().SendAsync(
                battery.Path, HttpMethod.Get, [("Accept", "application/json"), ("Authorization", $"Bearer {token}"), .. purposes.Select(p => (Service.Callers.PurposeHeader, p))]);
            return $"{answer} {battery.Shown(answer)}".TrimEnd();
        }

        Assert.Equal("200", await AsAsync());
        Assert.Equal("200 RU", await AsAsync("repairer"));
        Assert.Equal("200 CR", await AsAsync("market-surveillance"));
        Assert.Equal("403 purpose-refused", await AsAsync("recycler"));
        Assert.Equal("403 purpose-refused", await AsAsync("purchaser"));
        Assert.Equal("400 purpose-unknown", await AsAsync("thief"));
        Assert.Equal("400 purpose-unknown", await AsAsync("own"));
    }

    [Fact]
    public async Task A_person_who_is_let_in_sees_that_battery_and_its_model_and_no_other()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var other = await MarkedBattery.MakeAsync(world);
        var sister = await MarkedBattery.MakeAsync(world, battery);
        var anna = await PersonAsync("anna-" + Guid.NewGuid());
        var subject = SubjectOf(anna);
        Assert.Equal("", await ShownAsync(world, battery, anna));
        await world.AdmitAsync(GrantsPerson(world, battery, subject));

        // Both nodes know it at once.
        Assert.Equal("RU", await ShownAsync(world, battery, anna));
        Assert.Equal("RU", await ShownAsync(world, battery, anna, node: 1));
        Assert.Equal("RU", battery.Shown(await world.AskAsync(battery.Evidence, anna)));
        Assert.Equal("", await ShownAsync(world, other, anna));
        Assert.Equal("", await ShownAsync(world, sister, anna));
        Assert.Equal("", sister.Shown(await world.AskAsync(sister.Evidence, anna)));
        Assert.Equal("", await ShownAsync(world, battery, await PersonAsync("bertha-" + Guid.NewGuid())));
    }

    [Theory, InlineData("revoked"), InlineData("erased"), InlineData("past"), InlineData("other issuer"), InlineData("in force")]
    public async Task A_person_is_let_in_until_the_day_or_until_it_is_taken_back_or_forgotten(string how)
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var anna = await PersonAsync("anna-" + Guid.NewGuid());
        var granted = await world.AdmitAsync(GrantsPerson(
            world, battery, SubjectOf(anna), how == "past" ? DateTimeOffset.UtcNow.AddSeconds(-10).ToUnixTimeSeconds() : Future, how == "other issuer" ? "https://other.example/" : null));
        if (how is "revoked" or "erased" or "in force")
        {
            Assert.Equal("RU", await ShownAsync(world, battery, anna));
        }

        switch (how)
        {
            case "revoked":
                await world.AdmitAsync(world.Says.Sign(battery.Maker, "access-revoked.v1", battery.Name, new JsonObject { ["ref"] = Reference(granted) }));
                break;
            case "erased":
                await world.AdmitAsync(world.Says.Sign(battery.Maker, "erased.v1", battery.Name, new JsonObject
                {
                    ["digests"] = new JsonArray([.. granted.Disclosures.Select(d => (JsonNode)d.Digest.ToString())]), ["ref"] = Reference(granted),
                }));
                break;
        }

        foreach (var node in (int[])[0, 1])
        {
            Assert.Equal(how == "in force" ? "RU" : "", await ShownAsync(world, battery, anna, node));
            var asked = await world.Http(node).SendAsync(
                battery.Path, HttpMethod.Get, ("Accept", "application/json"), ("Authorization", $"Bearer {anna}"), (Service.Callers.PurposeHeader, "purchaser"));
            Assert.Equal(how == "in force" ? "200" : "403 purpose-refused", asked.ToString());
        }
    }

    [Theory, InlineData("revoked"), InlineData("past"), InlineData("in force")]
    public async Task An_operator_is_let_in_by_its_name_until_the_day_or_until_it_is_taken_back(string how)
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var other = await MarkedBattery.MakeAsync(world);
        var (buyer, stranger) = (await world.AnAsync(Role.FleetOperator), await world.AnAsync(Role.Miner));
        var granted = await world.AdmitAsync(world.Says.Sign(battery.Maker, "access-granted.v1", battery.Name, new JsonObject
        {
            ["to"] = buyer.Did, ["interest"] = "purchaser", ["until"] = how == "past" ? DateTimeOffset.UtcNow.AddSeconds(-10).ToUnixTimeSeconds() : Future,
        }));
        if (how == "revoked")
        {
            await world.AdmitAsync(world.Says.Sign(battery.Maker, "access-revoked.v1", battery.Name, new JsonObject { ["ref"] = Reference(granted) }));
        }

        foreach (var node in (int[])[0, 1])
        {
            var asked = await world.AskAsync(battery.Path, buyer, "purchaser", node);
            Assert.Equal(how == "in force" ? "200" : "403 purpose-refused", asked.ToString());
            Assert.Equal(how == "in force" ? "RU" : "", battery.Shown(asked));
            Assert.Equal("403 purpose-refused", (await world.AskAsync(battery.Path, buyer, "repairer", node)).ToString());
            Assert.Equal("403 purpose-refused", (await world.AskAsync(other.Path, buyer, "purchaser", node)).ToString());
            Assert.Equal("403 purpose-refused", (await world.AskAsync(battery.Path, stranger, "purchaser", node)).ToString());
        }

        // Whoever is let in without saying as whom is recorded as what opened it.
        Assert.Equal(how == "in force" ? "RU" : "", battery.Shown(await world.AskAsync(battery.Path, buyer)));
        var records = JsonNode.Parse((await world.AskAsync(battery.Readings, battery.Maker)).Body)!["records"]!.AsArray();
        Assert.Equal(how == "in force" ? "purchaser" : "own", (string)JsonNode.Parse((string)records[^1]!["record"]!)!["why"]!);
    }

    [Fact]
    public async Task Whoever_is_responsible_no_more_lets_nobody_in_any_more_and_whoever_is_now_may()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var (fleet, workshop) = (await world.AnAsync(Role.FleetOperator), await world.AnAsync(Role.Distributor));
        var anna = await PersonAsync("anna-" + Guid.NewGuid());
        SignedEntry LetsIn(Party by, Party who) => world.Says.Sign(by, "access-granted.v1", battery.Name, new JsonObject { ["to"] = who.Did, ["interest"] = "purchaser", ["until"] = Future });
        await world.AdmitAsync(LetsIn(battery.Maker, battery.Maker));
        await world.AdmitAsync(LetsIn(battery.Maker, workshop));
        await world.AdmitAsync(GrantsPerson(world, battery, SubjectOf(anna)));
        Assert.Equal("RU", battery.Shown(await world.AskAsync(battery.Path, workshop, "purchaser")));
        Assert.Equal("RU", await ShownAsync(world, battery, anna, 0));

        var offer = await world.AdmitAsync(world.Says.Sign(battery.Maker, "responsibility-offered.v1", battery.Name, new JsonObject { ["to"] = fleet.Did }));
        await world.AdmitAsync(world.Says.Sign(fleet, "responsibility-accepted.v1", battery.Name, new JsonObject { ["ref"] = Reference(offer) }));
        foreach (var party in (Party[])[battery.Maker, workshop])
        {
            Assert.Equal("403 purpose-refused", (await world.AskAsync(battery.Path, party, "purchaser")).ToString());
        }

        Assert.Equal("", await ShownAsync(world, battery, anna, 1));
        await world.AdmitAsync(LetsIn(fleet, workshop));
        Assert.Equal("RU", battery.Shown(await world.AskAsync(battery.Path, workshop, "purchaser")));
        Assert.Equal("403 purpose-refused", (await world.AskAsync(battery.Path, battery.Maker, "purchaser")).ToString());
    }

    [Fact]
    public async Task A_document_named_by_a_disclosure_on_the_battery_is_opened_by_a_grant_and_recorded_as_what_opened_it()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var buyer = await world.AnAsync(Role.FleetOperator);
        var (bytes, nonce) = (Guid.NewGuid().ToByteArray(), Guid.NewGuid().ToByteArray());
        var name = Digest.Sha256([.. nonce, .. bytes]).ToString();
        await world.AdmitAsync(world.Says.Sign(battery.Maker, "incident-reported.v1", battery.Name, hidden: new JsonObject
        {
            ["kind"] = "accident", ["severity"] = "minor",
            ["report"] = new JsonObject { ["title"] = "Report", ["mediaType"] = "application/pdf", ["size"] = bytes.Length, ["sha256"] = name, ["nonce"] = StrictBase64Url.Encode(nonce) },
        }));
        Assert.Equal("201", (await world.BringAsync(battery.Maker, name, bytes)).ToString());
        Assert.Equal("403 attachment-restricted", (await world.AskAsync($"/attachments/{name}", buyer)).ToString());
        await world.AdmitAsync(world.Says.Sign(battery.Maker, "access-granted.v1", battery.Name, new JsonObject { ["to"] = buyer.Did, ["interest"] = "purchaser", ["until"] = Future }));

        Assert.Equal("200", (await world.AskAsync($"/attachments/{name}", buyer)).ToString());
        var records = JsonNode.Parse((await world.AskAsync(battery.Readings, battery.Maker)).Body)!["records"]!.AsArray();
        Assert.Equal("purchaser", (string)JsonNode.Parse((string)records[^1]!["record"]!)!["why"]!);
    }

    [Fact]
    public async Task A_grant_on_a_battery_opens_the_documents_of_its_model_by_the_battery_s_name_and_is_recorded_on_both()
    {
        var world = await closed.GetAsync(postgres);
        var battery = await MarkedBattery.MakeAsync(world);
        var sister = await MarkedBattery.MakeAsync(world, battery);
        var other = await MarkedBattery.MakeAsync(world);
        var buyer = await world.AnAsync(Role.FleetOperator);
        var anna = await PersonAsync("anna-" + Guid.NewGuid());
        string Through(MarkedBattery named) => $"{battery.Attachment}?battery={named.Name}";
        Assert.Equal("403 attachment-restricted", (await world.AskAsync(Through(battery), buyer, "purchaser")).ToString());
        await world.AdmitAsync(world.Says.Sign(battery.Maker, "access-granted.v1", battery.Name, new JsonObject { ["to"] = buyer.Did, ["interest"] = "purchaser", ["until"] = Future }));
        await world.AdmitAsync(world.Says.Sign(other.Maker, "access-granted.v1", other.Name, new JsonObject { ["to"] = buyer.Did, ["interest"] = "purchaser", ["until"] = Future }));
        await world.AdmitAsync(GrantsPerson(world, battery, SubjectOf(anna)));

        Assert.Equal("200", (await world.AskAsync(Through(battery), buyer, "purchaser")).ToString());
        Assert.Equal("200", (await world.AskAsync(Through(battery), buyer, node: 1)).ToString());
        Assert.Equal("200", (await world.AskAsync(Through(battery), anna)).ToString());
        foreach (var path in (string[])[battery.Attachment, Through(sister), Through(other), battery.Attachment + "?battery=nothing", battery.Attachment + "?battery=" + battery.Model.Entry.Subject])
        {
            Assert.Equal("403 attachment-restricted", (await world.AskAsync(path, buyer)).ToString());
            Assert.Equal("403 attachment-restricted", (await world.AskAsync(path, anna)).ToString());
            Assert.Equal("403 attachment-restricted", (await world.AskAsync(path)).ToString());
        }

        Assert.Equal("403 attachment-restricted", (await world.AskAsync(Through(battery), buyer, "repairer")).ToString());
        foreach (var readings in (string[])[battery.Readings, $"/readings?sub={battery.Model.Entry.Subject}"])
        {
            var records = JsonNode.Parse((await world.AskAsync(readings, battery.Maker)).Body)!["records"]!.AsArray().Select(r => JsonNode.Parse((string)r!["record"]!)!);
            Assert.Equal(Enumerable.Repeat(($"attachment {battery.Document}", "purchaser"), 3), records.Select(r => ((string)r["what"]!, (string)r["why"]!)));
        }
    }

    [Fact]
    public async Task An_auditor_reads_every_chain_whole_and_quantities_only_while_the_authority_lets_it()
    {
        var world = await closed.GetAsync(postgres);
        var auditor = Party.Of($"did:web:{Guid.NewGuid():N}.example");
        await world.AdmitAsync(world.Says.Enrols(auditor, Role.Auditor));
        var lot = await world.ALotAsync();
        var index = world.Acknowledged.Single(a => a.Signed.Entry.LeafHash == lot.Entry.LeafHash).Index;
        var (size, _, _) = await world.CheckpointAsync(index + 1);
        var tile = Tile.At(0, (ulong)index / 256, size)!.Value.EntriesPath;
        var grants = Names.GrantsChain(auditor.Did);
        var mass = lot.Disclosures.Single(d => d.Name == "mass").Text;

        async Task<bool> SeesMassAsync(int node)
        {
            var bundle = await world.AskAsync($"/disclosures/{index / 256}", auditor, "auditor", node);
            var evidence = await world.AskAsync($"/evidence?sub={lot.Entry.Subject}", auditor, "auditor", node);
            Assert.Equal(("200", "200"), (bundle.ToString(), evidence.ToString()));
            Assert.Equal(bundle.Text.Contains(mass, StringComparison.Ordinal), evidence.Text.Contains(mass, StringComparison.Ordinal));
            return bundle.Text.Contains(mass, StringComparison.Ordinal);
        }

        foreach (var node in (int[])[0, 1])
        {
            Assert.Equal("403 entries-closed", (await world.AskAsync($"/{tile}", node: node)).ToString());
            Assert.Equal("403 entries-closed", (await world.AskAsync($"/{tile}", auditor, node: node)).ToString());
            Assert.Equal("403 entries-closed", (await world.AskAsync($"/{tile}", await world.AnAsync(Role.Repairer), "auditor", node)).ToString());
            Assert.Equal("404 not-found", (await world.AskAsync($"/entries/{lot.Entry.LeafHash}", auditor, node: node)).ToString());
            Assert.Equal("404 not-found", (await world.AskAsync($"/entries/{lot.Entry.LeafHash}", await world.AnAsync(Role.Repairer), "repairer", node)).ToString());

            await world.CheckpointAsync((long)size, node);
            var bundle = await world.AskAsync($"/{tile}", auditor, "auditor", node);
            Assert.Equal(("200", "no-store, private"), (bundle.ToString(), string.Join(", ", bundle.Header("Cache-Control")!.Split(", ").Order(StringComparer.Ordinal))));
            Assert.True(bundle.Body.AsSpan().IndexOf(lot.Entry.Leaf.ToArray()) > 0);
            Assert.Equal(lot.Entry.Leaf.ToArray(), (await world.AskAsync($"/entries/{lot.Entry.LeafHash}", auditor, "auditor", node)).Body);
            Assert.False(await SeesMassAsync(node));
        }

        SignedEntry Grants(long until) => world.Says.Sign(world.Says.Authority, "audit-access-granted.v1", grants, new JsonObject { ["until"] = until });
        SignedEntry Revokes() => world.Says.Sign(world.Says.Authority, "audit-access-revoked.v1", grants);
        await world.AdmitAsync(Grants(Future));
        Assert.Equal((true, true), (await SeesMassAsync(0), await SeesMassAsync(1)));
        await world.AdmitAsync(Revokes());
        Assert.Equal((false, false), (await SeesMassAsync(0), await SeesMassAsync(1)));
        await world.AdmitAsync(Grants(DateTimeOffset.UtcNow.AddSeconds(-10).ToUnixTimeSeconds()));
        Assert.Equal((false, false), (await SeesMassAsync(0), await SeesMassAsync(1)));
    }

    [Fact]
    public async Task A_person_with_the_right_audits_without_quantities()
    {
        var world = await closed.GetAsync(postgres);
        var lot = await world.ALotAsync();
        var anna = await PersonAsync("anna", "auditor");
        await world.CheckpointAsync(world.Acknowledged.Single(a => a.Signed.Entry.LeafHash == lot.Entry.LeafHash).Index + 1);

        Assert.Equal(lot.Entry.Leaf.ToArray(), (await world.AskAsync($"/entries/{lot.Entry.LeafHash}", anna)).Body);
        var evidence = await world.AskAsync($"/evidence?sub={lot.Entry.Subject}", anna);
        Assert.Equal("200", evidence.ToString());
        Assert.DoesNotContain(lot.Disclosures.Single(d => d.Name == "mass").Text, evidence.Text, StringComparison.Ordinal);
        Assert.Equal("404 not-found", (await world.AskAsync($"/entries/{lot.Entry.LeafHash}", await PersonAsync("anna", "repairer"))).ToString());
    }

    /// <summary>How <c>ref</c> names an entry.</summary>
    internal static JsonArray Reference(SignedEntry entry) => new(new JsonObject { ["h"] = entry.Entry.LeafHash.ToString(), ["sub"] = entry.Entry.Subject });

    private SignedEntry GrantsPerson(World world, MarkedBattery battery, string person, long? until = null, string? issuer = null) => world.Says.Sign(
        battery.Maker, "access-granted.v1", battery.Name,
        new JsonObject { ["interest"] = "purchaser", ["until"] = until ?? Future },
        new JsonObject { ["person"] = person, ["issuer"] = issuer ?? closed.Issuer.Issuer });

    private Task<string> PersonAsync(string subject, params string[] rights) => closed.Issuer.TokenAsync([("sub", subject), .. rights.Select(r => ("right", r))]);

    private static string SubjectOf(string token) => (string)JsonNode.Parse(StrictBase64Url.Decode(token.Split('.')[1])!)!["sub"]!;

    private static async Task<string> ShownAsync(World world, MarkedBattery battery, string token, int node = 0) => battery.Shown(await world.AskAsync(battery.Path, token, node));
}
