using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Callers;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Attachments;

/// <summary>Whoever heard of a document's hash names it in an entry of its own, in the hope of its bytes. Only what its signer brings does an entry open.</summary>
public sealed class ForeignDocuments(PostgresServer postgres, ClosedWorld closed)
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A_restricted_document_that_a_stranger_names_in_clear_stays_restricted_whenever_its_owner_brings_it(bool hasNonce)
    {
        var world = await closed.GetAsync(postgres);
        var (owner, thief) = (await world.AnAsync(Role.BatteryMaker), await AThiefAsync(world));
        var battery = (await world.ABatteryOnTheMarketAsync()).Entry.Subject;
        var (document, bytes, name) = ADocument(hasNonce);

        // Before its owner names it, after that, and once it is there: in clear, and in a disclosure of its own.
        await NamesInClearAsync(world, thief, name, bytes.Length);
        await ReportsAsync(world, owner, battery, document);
        await NamesInClearAsync(world, thief, name, bytes.Length);
        Assert.Equal("201", (await world.BringAsync(owner, name, bytes)).ToString());
        await NamesInClearAsync(world, thief, name, bytes.Length);
        await ReportsAsync(world, thief, (await ABatteryOfAsync(world, thief)).Entry.Subject, document);
        Assert.Equal("200", (await world.BringAsync(owner, name, bytes)).ToString());

        foreach (var node in (int[])[0, 1])
        {
            Assert.Equal("403 attachment-restricted", (await world.AskAsync($"/attachments/{name}", node: node)).ToString());
            Assert.Equal("403 attachment-restricted", (await world.AskAsync($"/attachments/{name}", thief, node: node)).ToString());
        }

        Assert.Equal("422 attachment-hash", (await world.BringAsync(thief, name, new byte[bytes.Length])).ToString());
        var own = await world.AskAsync($"/attachments/{name}", owner);
        Assert.Equal(("200", Convert.ToHexString(bytes)), (own.ToString(), Convert.ToHexString(own.Body)));
    }

    [Fact]
    public async Task Bytes_go_with_the_erased_entry_that_brought_them_whoever_else_names_their_hash()
    {
        var world = await closed.GetAsync(postgres);
        var (owner, thief) = (await world.AnAsync(Role.BatteryMaker), await AThiefAsync(world));
        var battery = (await world.ABatteryOnTheMarketAsync()).Entry.Subject;
        var (document, bytes, name) = ADocument(hasNonce: false);
        await NamesInClearAsync(world, thief, name, bytes.Length);
        var reported = await ReportsAsync(world, owner, battery, document);
        Assert.Equal("201", (await world.BringAsync(owner, name, bytes)).ToString());
        await NamesInClearAsync(world, thief, name, bytes.Length);
        await ErasesAsync(world, owner, reported);

        Assert.Equal(0, await world.AskAsync<long>($"select (select count(*) from ledger.attachment where {Is(name)}) + (select count(*) from ledger.attachment_part where {Is(name)})"));
        foreach (var party in (Party[])[owner, thief])
        {
            Assert.Equal("404 not-found", (await world.AskAsync($"/attachments/{name}", party)).ToString());
        }

        Assert.Equal("422 attachment-unnamed", (await world.BringAsync(owner, name, bytes)).ToString());
    }

    [Fact]
    public async Task Two_operators_that_have_a_document_bring_it_each_for_its_own_entries_and_what_one_erases_stays_with_the_other()
    {
        var world = await closed.GetAsync(postgres);
        var (maker, other) = (await world.AnAsync(Role.BatteryMaker), await AThiefAsync(world));
        var (document, bytes, name) = ADocument(hasNonce: false);
        var reported = await ReportsAsync(world, maker, (await world.ABatteryOnTheMarketAsync()).Entry.Subject, document);
        Assert.Equal("201", (await world.BringAsync(maker, name, bytes)).ToString());

        // It publishes what it has itself, and needs it brought for that, though the bytes are there.
        await NamesInClearAsync(world, other, name, bytes.Length);
        Assert.Equal("403 attachment-restricted", (await world.AskAsync($"/attachments/{name}")).ToString());
        Assert.Equal("201", (await world.BringAsync(other, name, bytes)).ToString());
        Assert.Equal("200", (await world.BringAsync(other, name, bytes)).ToString());
        await ErasesAsync(world, maker, reported);
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString((await world.AskAsync($"/attachments/{name}")).Body));

        // So does an entry of its own that comes later: it is brought again for that.
        var again = await ReportsAsync(world, other, (await ABatteryOfAsync(world, other)).Entry.Subject, document);
        Assert.Equal("201", (await world.BringAsync(other, name, bytes)).ToString());
        await ErasesAsync(world, other, again);
        Assert.Equal("200", (await world.AskAsync($"/attachments/{name}")).ToString());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Whoever_guesses_the_bytes_of_a_document_that_a_closed_chain_names_is_answered_as_for_one_that_nobody_names(bool isBrought)
    {
        var world = await closed.GetAsync(postgres);
        var (miner, rival) = (await world.AnAsync(Role.Miner), await AThiefAsync(world));
        var lot = await world.ALotAsync();
        var (document, bytes, name) = ADocument(hasNonce: false);
        var (_, unnamed, nobodys) = ADocument(hasNonce: false);
        await world.AdmitAsync(world.Says.Sign(
            miner, "evidence-given.v1", lot.Entry.Subject,
            new JsonObject { ["indicator"] = "child-labour", ["rulebook"] = "Rulebook", ["scope"] = "Pit 2", ["assurance"] = "self-declared", ["validFrom"] = "2026-01-01", ["validTo"] = "2028-12-31" },
            new JsonObject { ["document"] = document }));
        if (isBrought)
        {
            Assert.Equal("201", (await world.BringAsync(miner, name, bytes)).ToString());
        }

        // As a stranger, as an operator, and as one that names it too, in the hope of learning whether it was there.
        async Task<string[]> AnswersAsync(Party? by, string of, byte[] content) =>
        [
            .. new[] { await world.BringAsync(by, of, content), by is null ? await world.AskAsync($"/attachments/{of}") : await world.AskAsync($"/attachments/{of}", by) }
                .Select(heard => heard.Body.AsSpan().SequenceEqual(content) ? $"{heard} the document" : $"{heard} {heard.Text.Replace(of, "NAME", StringComparison.Ordinal)}"),
        ];
        foreach (var by in (Party?[])[null, rival])
        {
            Assert.Equal(await AnswersAsync(by, nobodys, unnamed), await AnswersAsync(by, name, bytes));
        }

        await NamesInClearAsync(world, rival, name, bytes.Length);
        await NamesInClearAsync(world, rival, nobodys, unnamed.Length);
        Assert.Equal("404 not-found", (await world.AskAsync($"/attachments/{name}", rival)).ToString());
        foreach (var expected in (string[])["201 ", "200 "])
        {
            var answers = await AnswersAsync(rival, name, bytes);
            Assert.Equal(await AnswersAsync(rival, nobodys, unnamed), answers);
            Assert.Equal([expected, "200 the document"], answers);
        }

        // Its signer brings it all the same, and is told so.
        Assert.Equal(isBrought ? "200" : "201", (await world.BringAsync(miner, name, bytes)).ToString());
    }

    [Fact]
    public async Task A_database_of_before_takes_whoever_named_a_kept_document_first_for_who_brought_it()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false);
        var (owner, thief) = (await world.AnAsync(Role.BatteryMaker), await AThiefAsync(world));
        var (document, bytes, name) = ADocument(hasNonce: false);
        var (unbrought, _, missing) = ADocument(hasNonce: true);
        var battery = (await world.ABatteryOnTheMarketAsync()).Entry.Subject;
        await ReportsAsync(world, owner, battery, document);
        await ReportsAsync(world, owner, battery, unbrought);
        Assert.Equal("201", (await world.BringAsync(owner, name, bytes)).ToString());
        await NamesInClearAsync(world, thief, name, bytes.Length);
        var rows = await RowsAsync(world);
        Assert.Equal(3, rows.Split('\n').Length);
        await world.StopAsync();
        await world.DoAsync("alter table ledger.document drop column signer, drop column brought; drop table ledger.signer");

        await world.StartAsync();
        Assert.Equal(rows, await RowsAsync(world));
        Assert.Equal("403 attachment-restricted", (await world.AskAsync($"/attachments/{name}")).ToString());
        Assert.Equal("404 not-found", (await AskAsOwnerAsync(world, owner, missing)).ToString());
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString((await AskAsOwnerAsync(world, owner, name)).Body));
        await world.StopAsync();
        Assert.Equal((0, ""), await world.RunAsync("verify-state"));

        static Task<string> RowsAsync(World world) => world.AskAsync<string>("select string_agg(concat_ws(' ', encode(sha256, 'hex'), leaf_index, access, signer, brought), E'\n' order by leaf_index) from ledger.document");
    }

    private static Task<Heard> AskAsOwnerAsync(World world, Party owner, string name)
    {
        var path = $"/attachments/{name}";
        return world.AskAsync(path, world.Token(owner, path, change: p => p["htu"] = new Uri(world.Http().BaseAddress!, path).AbsoluteUri));
    }

    private static (JsonObject Document, byte[] Bytes, string Name) ADocument(bool hasNonce)
    {
        var (bytes, nonce) = (RandomNumberGenerator.GetBytes(300), hasNonce ? RandomNumberGenerator.GetBytes(16) : []);
        var name = Digest.Sha256([.. nonce, .. bytes]).ToString();
        var document = Named(name, bytes.Length);
        if (hasNonce)
        {
            document["nonce"] = StrictBase64Url.Encode(nonce);
        }

        return (document, bytes, name);
    }

    private static JsonObject Named(string name, long size) => new() { ["title"] = "Report", ["mediaType"] = "application/pdf", ["size"] = size, ["sha256"] = name };

    private static async Task<Party> AThiefAsync(World world)
    {
        var thief = Party.Of($"did:web:thief-{Guid.NewGuid():N}.example");
        await world.AdmitAsync(world.Says.Enrols(thief, Role.BatteryMaker));
        return thief;
    }

    private static async Task<SignedEntry> ABatteryOfAsync(World world, Party maker)
    {
        var model = await world.AdmitAsync(world.Says.DeclaresModel(maker, Author.Uuid()));
        return await world.AdmitAsync(world.Says.MakesBattery(maker, Author.Uuid(), model));
    }

    private static async Task NamesInClearAsync(World world, Party by, string name, long size)
    {
        var model = await world.AdmitAsync(world.Says.DeclaresModel(by, Author.Uuid()));
        await world.AdmitAsync(world.Says.Sign(by, "due-diligence-reported.v1", model.Entry.Subject, new JsonObject { ["report"] = Named(name, size), ["year"] = 2026 }));
    }

    private static Task<SignedEntry> ReportsAsync(World world, Party by, string battery, JsonObject document) => world.AdmitAsync(world.Says.Sign(
        by, "incident-reported.v1", battery, hidden: new JsonObject { ["kind"] = "accident", ["severity"] = "minor", ["report"] = document.DeepClone() }));

    private static Task<SignedEntry> ErasesAsync(World world, Party by, SignedEntry reported) => world.AdmitAsync(world.Says.Sign(by, "erased.v1", reported.Entry.Subject, new JsonObject
    {
        ["digests"] = new JsonArray(reported.Disclosures.Single(d => d.Name == "report").Digest.ToString()),
        ["ref"] = PeopleAndGrants.Reference(reported),
    }));

    private static string Is(string name) => $"sha256 = '\\x{Convert.ToHexString(Digest.Parse(name).ToArray())}'";
}
