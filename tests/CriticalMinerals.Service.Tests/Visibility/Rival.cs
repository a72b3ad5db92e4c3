using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Callers;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Visibility;

/// <summary>A competitor, enrolled and patient, tries to read a firm's customers, suppliers and volumes off the ledger.</summary>
public sealed class Rival(PostgresServer postgres, RestrictedWorld shared)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_else_reads_customers_suppliers_or_volumes_off_the_ledger()
    {
        var world = await shared.GetAsync(postgres);
        var deal = await DealAsync(world);
        string[] secrets = [deal.Customer.Did, .. deal.Given.SelectMany(g => (string[])[g.Subject, g.Opening]), .. deal.Entries.SelectMany(e => e.Disclosures.SelectMany(d => (string[])[d.Text, d.Salt])), "731.25"];
        foreach (var rival in (Asker[])[new("public", null, null), await world.AnAsync("rival", Role.Recycler, null), await world.AnAsync("recycler", Role.Recycler, "recycler"), await world.AnAsync("authority", Role.PublicAuthority, "market-surveillance")])
        {
            foreach (var path in Paths(deal).Append(world.PathOf(world.Battery)))
            {
                using var answer = await world.AskAsync(rival, path);
                var text = await answer.Content.ReadAsStringAsync(Cancel) + string.Join('\n', answer.Headers.SelectMany(h => h.Value));
                foreach (var secret in secrets.Where(s => !path.Contains(s, StringComparison.Ordinal)))
                {
                    Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{rival.Name} reads {secret} at {path}: {text[..Math.Min(400, text.Length)]}");
                }
            }
        }
    }

    [Fact]
    public async Task A_closed_chain_is_not_told_apart_from_one_that_does_not_exist()
    {
        var world = await shared.GetAsync(postgres);
        var deal = await DealAsync(world);
        var (closed, none) = (Uri.EscapeDataString(deal.Lot.Entry.Subject), Uri.EscapeDataString(Author.Uuid()));
        foreach (var rival in (Asker[])[new("public", null, null), await world.AnAsync("rival", Role.Recycler, "recycler")])
        {
            foreach (var form in (string[])["/head?sub={0}", "/evidence?sub={0}", "/genealogy?sub={0}&towards=uses", "/genealogy?sub={0}&towards=origins&at=1", "/readings?sub={0}", "/id/{1}"])
            {
                string Of(string sub) => string.Format(CultureInfo.InvariantCulture, form, sub, Uri.UnescapeDataString(sub)["urn:uuid:".Length..]);
                Assert.Equal(await AnswerAsync(world, rival, Of(none)), await AnswerAsync(world, rival, Of(closed)));
            }

            Assert.Equal(await AnswerAsync(world, rival, $"/entries/{Digest.Sha256([7])}"), await AnswerAsync(world, rival, $"/entries/{deal.Lot.Entry.LeafHash}"));
            Assert.Equal(await AnswerAsync(world, rival, $"/entries/{Digest.Sha256([7])}/receipt"), await AnswerAsync(world, rival, $"/entries/{deal.Lot.Entry.LeafHash}/receipt"));
        }
    }

    [Fact]
    public async Task Whether_somebody_may_read_a_closed_chain_is_decided_without_reading_it()
    {
        await using var world = await World.AnOpenLogAsync(postgres, publicEntries: false, settings: new Dictionary<string, string> { ["Ledger__PublicUrl"] = ClosedWorld.PublicUrl });
        var (miner, inspector, rival) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.Inspector), await world.AnAsync(Role.Recycler));
        var lot = await world.ALotAsync();
        await world.AdmitAsync(world.Says.Allocates(miner, lot.Entry.Subject, new GivenTo(Author.Uuid(), rival, "4")));
        await world.AdmitAsync(world.Says.Sign(inspector, "attested.v1", lot.Entry.Subject, new JsonObject { ["scope"] = "Mass balance", ["opinion"] = "unqualified" }));

        // Who reads the entry in between falls over it; so long a chain costs a stranger, who is told that there is none, as much as none.
        await world.DoAsync($"update ledger.mt_events set bdata = '\\x00' where stream_id = '{lot.Entry.Subject}' and version = 2");
        foreach (var path in (string[])["/head?sub=", "/evidence?sub=", "/genealogy?towards=uses&sub="])
        {
            Assert.Equal("404 not-found", (await world.AskAsync(path + Author.Uuid(), rival)).ToString());
            Assert.Equal("404 not-found", (await world.AskAsync(path + lot.Entry.Subject, rival)).ToString());
        }

        foreach (var signer in (Party[])[miner, inspector])
        {
            Assert.Equal("200", (await world.AskAsync($"/head?sub={lot.Entry.Subject}", signer)).ToString());
        }
    }

    [Fact]
    public async Task A_document_that_only_a_closed_chain_names_is_not_told_apart_from_one_that_nobody_names()
    {
        var world = await shared.GetAsync(postgres);
        var lot = (await DealAsync(world)).Lot.Entry.Subject;
        var miner = await world.AnAsync("miner", Role.Miner, null);

        // Its signer left out the nonce, so whoever has the same report can ask for it.
        var report = Digest.Sha256(Guid.NewGuid().ToByteArray()).ToString();
        await world.World.AdmitAsync(world.World.Says.Sign(
            miner.Party!, "evidence-given.v1", lot,
            new JsonObject { ["indicator"] = "child-labour", ["rulebook"] = "Rulebook", ["scope"] = "Pit 2", ["assurance"] = "self-declared", ["validFrom"] = "2026-01-01", ["validTo"] = "2028-12-31" },
            new JsonObject { ["document"] = new JsonObject { ["title"] = "Report", ["mediaType"] = "application/pdf", ["size"] = 16, ["sha256"] = report } }));
        foreach (var rival in (Asker[])[new("public", null, null), await world.AnAsync("rival", Role.Recycler, "recycler"), await world.AnAsync("authority", Role.PublicAuthority, "market-surveillance")])
        {
            Assert.Equal(await AnswerAsync(world, rival, $"/attachments/{Digest.Sha256([8])}"), await AnswerAsync(world, rival, $"/attachments/{report}"));
        }

        // Nor by bringing something in its place, of its length or another, announced or not.
        var enrolled = (await world.AnAsync("rival", Role.Recycler, null)).Party!;
        foreach (var length in (int[])[0, 15, 16, 17, 100_000])
        {
            foreach (var isAnnounced in (bool[])[true, false])
            {
                foreach (var name in (string[])[Digest.Sha256([8]).ToString(), report])
                {
                    Assert.Equal("422 attachment-unnamed", await BringAsync(enrolled, name, length, isAnnounced));
                    Assert.Equal("401 authentication-required", await BringAsync(null, name, length, isAnnounced));
                }
            }
        }

        async Task<string> BringAsync(Party? by, string name, int length, bool isAnnounced)
        {
            using HttpContent body = isAnnounced ? new ByteArrayContent(new byte[length]) : new StreamContent(new Unannounced(length));
            return (await world.World.BringAsync(by, name, body)).ToString();
        }
    }

    [Theory]
    [InlineData("/head")]
    [InlineData("/evidence")]
    [InlineData("/readings")]
    public async Task A_name_that_no_chain_can_have_is_refused_with_a_sentence_and_leaves_nothing_in_the_services_log(string path)
    {
        var world = await shared.GetAsync(postgres);
        var rival = await world.AnAsync("rival", Role.Recycler, "recycler");
        var said = world.World.Node().Said;
        foreach (var query in (string[])["", "?sub=", "?sub=%00", "?sub=urn:uuid:%00", "?sub=%EF%BF%BF", "?sub=a%20b", "?sub=" + new string('a', 7000)])
        {
            using var answer = await world.AskAsync(rival, path + query);
            Assert.Equal((HttpStatusCode.BadRequest, query, true), (answer.StatusCode, query, (await answer.Content.ReadAsStringAsync(Cancel)).Contains("chain-malformed", StringComparison.Ordinal)));
        }

        foreach (var battery in (string[])["%00", "", new string('a', 7000)])
        {
            using var answer = await world.AskAsync(rival, $"/attachments/{world.Document}?battery={battery}");
            Assert.True(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.OK, $"{battery}: {answer.StatusCode}");
        }

        Assert.Equal(said, world.World.Node().Said);
    }

    [Fact]
    public async Task A_closed_chain_is_served_whole_to_its_signer_and_auditors_and_the_giving_entry_to_its_redeemer_alone()
    {
        var world = await shared.GetAsync(postgres);
        var deal = await DealAsync(world);
        var lot = $"/evidence?sub={Uri.EscapeDataString(deal.Lot.Entry.Subject)}";
        var (miner, auditor, customer) = (await world.AnAsync("miner", Role.Miner, null), await world.AnAsync("auditor", Role.Auditor, "auditor"), new Asker("customer", deal.Customer, null));

        var own = EvidenceBundle.Parse(System.Text.Encoding.UTF8.GetBytes(await world.TextAsync(miner, lot)), out _)!;
        Assert.Contains(own.InLogOrder(), p => p.Signed.Disclosures.Any(d => d.Name == "q0"));
        var audited = EvidenceBundle.Parse(System.Text.Encoding.UTF8.GetBytes(await world.TextAsync(auditor, lot)), out _)!;
        Assert.Contains(audited.InLogOrder(), p => p.Signed.Entry.LeafHash == deal.Giving.Entry.LeafHash);
        Assert.All(audited.InLogOrder(), p => Assert.Empty(p.Signed.Disclosures));

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(world, customer, lot));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(world, customer, $"/entries/{deal.Giving.Entry.LeafHash}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(world, customer, $"/entries/{deal.Giving.Entry.LeafHash}/receipt"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(world, customer, $"/entries/{deal.Lot.Entry.LeafHash}"));

        // The redeemer's own bundle holds the giving entry with its proof.
        var taken = EvidenceBundle.Parse(System.Text.Encoding.UTF8.GetBytes(await world.TextAsync(customer, $"/evidence?sub={Uri.EscapeDataString(deal.Given[0].Subject)}")), out _)!;
        Assert.Equal(deal.Giving.Entry.LeafHash, Assert.Single(taken.Cited).Signed.Entry.LeafHash);
    }

    private static IEnumerable<string> Paths(Deal deal)
    {
        foreach (var sub in deal.Entries.Select(e => Uri.EscapeDataString(e.Entry.Subject)).Distinct())
        {
            foreach (var path in (string[])["/head?sub=", "/evidence?sub=", "/evidence?disclose=mass,q0,q1&sub=", "/genealogy?towards=origins&sub=", "/genealogy?towards=uses&sub=", "/genealogy?towards=uses&at=1&sub=", "/readings?sub="])
            {
                yield return path + sub;
            }
        }

        foreach (var hash in deal.Entries.Select(e => e.Entry.LeafHash))
        {
            yield return $"/entries/{hash}";
            yield return $"/entries/{hash}/receipt";
            yield return $"/attachments/{hash}";
        }

        foreach (var path in (string[])["/disclosures/0", "/disclosures/1", "/tile/entries/000", "/tile/entries/000.p/9", "/tile/0/000.p/9", "/checkpoint", "/log", "/", "/openapi/v1.json"])
        {
            yield return path;
        }
    }

    private static async Task<Deal> DealAsync(RestrictedWorld world)
    {
        var log = world.World;
        var (miner, customer) = (await log.AnAsync(Role.Miner), Party.Of($"did:web:customer-{Guid.NewGuid():N}.example"));
        await log.AdmitAsync(log.Says.Enrols(customer, Role.Refiner));
        var lot = await log.AdmitAsync(log.Says.Extracts(miner, Author.Uuid(), "1731.25"));
        GivenTo[] given = [new(Author.Uuid(), customer, "731.25"), new(Author.Uuid(), customer, "0")];
        var giving = await log.AdmitAsync(log.Says.Allocates(miner, lot.Entry.Subject, given));
        var refined = await log.AdmitAsync(log.Says.Refines(customer, given[0].Subject, "700", Author.Take(giving, 0, given[0])));
        return new Deal(lot, giving, given, customer, [lot, giving, refined]);
    }

    private static async Task<(HttpStatusCode, string)> AnswerAsync(RestrictedWorld world, Asker asker, string path)
    {
        using var answer = await world.AskAsync(asker, path);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<HttpStatusCode> StatusAsync(RestrictedWorld world, Asker asker, string path) => (await AnswerAsync(world, asker, path)).Item1;

    private sealed record Deal(SignedEntry Lot, SignedEntry Giving, GivenTo[] Given, Party Customer, SignedEntry[] Entries);

    /// <summary>Zeros of which nobody says beforehand how many.</summary>
    private sealed class Unannounced(int length) : MemoryStream(new byte[length])
    {
        public override bool CanSeek => false;
    }
}
