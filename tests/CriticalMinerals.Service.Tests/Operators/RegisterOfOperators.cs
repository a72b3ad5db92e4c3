using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Registry;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Operators;

/// <summary>Who is enrolled, as the running service tells.</summary>
public sealed class RegisterOfOperators(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_is_listed_with_what_its_chains_say_of_it_now()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var says = world.Says;
        Assert.Equal("""{"operators":[]}""", await world.Http().GetStringAsync("/operators", Cancel));

        var (miner, second, third) = (Party.Of("did:web:miner.example"), Party.Of("did:web:miner.example", "2"), Party.Of("did:web:miner.example", "3"));
        await world.AdmitAsync(says.Enrols(miner, Role.Miner, Role.Refiner));
        await world.AdmitAsync(says.Grants(miner, "4012345"));
        await world.AdmitAsync(says.AddsKey(miner, second));
        await world.AdmitAsync(says.AddsKey(says.Authority, third));
        await world.AdmitAsync(says.RevokesKey(miner, second));
        await world.AdmitAsync(says.Sign(says.Authority, "key-compromised.v1", miner.Did, new JsonObject { ["kid"] = miner.KeyId, ["fromIndex"] = 2 }));
        await world.AdmitAsync(says.Sign(says.Authority, "operator-suspended.v1", miner.Did, new JsonObject { ["reason"] = "Licence withdrawn." }));
        await world.AdmitAsync(says.Sign(says.Authority, "role-withdrawn.v1", miner.Did, new JsonObject { ["role"] = "refiner" }));

        var answer = await world.Http().GetStringAsync("/operators", Cancel);
        var told = Assert.Single(JsonDocument.Parse(answer).RootElement.GetProperty("operators").EnumerateArray());
        Assert.Equal(["did", "name", "roles", "suspended", "keys", "identifiers", "since", "recordedAt"], told.EnumerateObject().Select(m => m.Name));
        Assert.Equal(
            $$"""
            [{"kid":"{{miner.KeyId}}","use":"operator","x":"{{miner.Key.VerifyingKey.X}}","added":1,"revoked":6,"disputedFrom":2},{"kid":"{{second.KeyId}}","use":"operator","x":"{{second.Key.VerifyingKey.X}}","added":3,"revoked":5,"disputedFrom":2},{"kid":"{{third.KeyId}}","use":"operator","x":"{{third.Key.VerifyingKey.X}}","added":4}]
            """,
            told.GetProperty("keys").GetRawText());

        var read = Assert.Single(await ListAsync(world));
        Assert.Equal((miner.Did, "Example", true, 1L), (read.Did, read.Name, read.Suspended, read.Since));
        Assert.Equal([Role.Miner], read.Roles);
        Assert.Equal(("gtin", "4012345"), (Assert.Single(read.Identifiers).Scheme, read.Identifiers[0].Prefix));
        Assert.Equal([third.KeyId], read.GoodKeys.Select(k => k.Kid));
        Assert.Equal(await world.AskAsync<DateTime>("select committed_at from ledger.leaf where index = 1"), read.RecordedAt.UtcDateTime);
    }

    [Fact]
    public async Task A_key_that_a_stolen_authority_key_added_is_told_to_be_no_good()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var (says, next) = (world.Says, Party.Of(world.Says.LogDid, "authority-2"));
        await world.AdmitAsync(says.Enrols(Party.Of("did:web:miner.example"), Role.Miner));
        var added = Author.Declare(next, says.Origin, Lifecycle.KeyUse.Authority);
        added["use"] = "authority";
        await world.AdmitAsync(says.Sign(says.Recovery, "key-added.v1", says.LogChain, added));
        await world.AdmitAsync(says.Sign(says.Recovery, "key-compromised.v1", says.LogChain, new JsonObject { ["kid"] = says.Authority.KeyId, ["fromIndex"] = 1 }));
        var key = Assert.Single(Assert.Single(await ListAsync(world)).Keys);
        Assert.Equal((1, null, false), (key.DisputedFrom, key.Revoked, key.IsGood));
    }

    [Fact]
    public async Task A_person_is_listed_without_the_name_and_a_firm_under_its_corrected_one()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var (says, person, firm) = (world.Says, Party.Of("did:web:pseudonym.example"), Party.Of("did:web:firm.example"));
        await world.AdmitAsync(says.Sign(
            says.Authority, "operator-enrolled.v1", person.Did,
            new JsonObject { ["operator"] = person.Did, ["roles"] = new JsonArray("repairer"), ["key"] = Author.Declare(person, says.Origin, Lifecycle.KeyUse.Operator) },
            new JsonObject { ["personName"] = "Maria Muster" }));
        var enrolled = await world.AdmitAsync(says.Enrols(firm, Role.Miner));
        await world.AdmitAsync(says.Sign(says.Authority, "corrected.v1", firm.Did, new JsonObject
        {
            ["event"] = "operator-enrolled.v1", ["reason"] = "Misspelt.", ["name"] = "Firm plc", ["ref"] = new JsonArray(new JsonObject { ["h"] = enrolled.Entry.LeafHash.ToString(), ["sub"] = firm.Did }),
        }));
        Assert.DoesNotContain("Maria", await world.Http().GetStringAsync("/operators", Cancel), StringComparison.Ordinal);
        Assert.Equal([(person.Did, null), (firm.Did, "Firm plc")], (await ListAsync(world)).Select(o => (o.Did, o.Name)));
    }

    [Fact]
    public async Task Part_by_part_everybody_comes_once_in_the_order_of_enrolment_and_what_is_asked_wrongly_is_refused()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        var parties = Enumerable.Range(0, 7).Select(i => Party.Of($"did:web:{(char)('z' - i)}.example")).ToList();
        foreach (var party in parties)
        {
            await world.AdmitAsync(world.Says.Enrols(party, Role.Miner));
            await world.AdmitAsync(world.Says.Extracts(party, Author.Uuid()));
        }

        var found = new List<string>();
        for (string? next = "/operators?limit=3"; next is not null;)
        {
            using var answer = await world.Http().GetAsync(next, Cancel);
            var page = OperatorPage.Read(JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement)!;
            Assert.True(page.Operators.Count <= 3);
            found.AddRange(page.Operators.Select(o => o.Did));
            next = page.Next;
            Assert.Equal(next is null ? [] : [$"<{next}>; rel=\"next\""], answer.Headers.TryGetValues("Link", out var links) ? links : []);
        }

        Assert.Equal(parties.Select(p => p.Did), found);
        Assert.Equal(found, (await ListAsync(world)).Select(o => o.Did));

        using var first = await world.Http().GetAsync("/operators", Cancel);
        Assert.True(first.Headers.CacheControl!.NoCache);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/operators");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var unchanged = await world.Http().SendAsync(again, Cancel);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        foreach (var query in (string[])["limit=0", "limit=1001", "limit=1e2", "limit=-1", "after=-1", "after=x", "after=99999999999999999999", "after=1&after=2"])
        {
            using var refused = await world.Http().GetAsync("/operators?" + query, Cancel);
            Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
            Assert.Contains("\"page-malformed\"", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        Assert.Equal("""{"operators":[]}""", await world.Http().GetStringAsync("/operators?after=9223372036854775807", Cancel));
    }

    [Fact]
    public async Task Operators_have_an_index_of_their_own_that_a_restart_leaves_as_it_is()
    {
        const string Index = "select indexrelid::bigint from pg_index where indexrelid = 'ledger.ix_chain_operators'::regclass and indpred is not null";
        await using var world = await World.AnOpenLogAsync(postgres);
        var made = await world.AskAsync<long>(Index);
        await world.StopAsync();
        await world.StartAsync();
        Assert.Equal(made, await world.AskAsync<long>(Index));
    }

    private static async Task<List<EnrolledOperator>> ListAsync(World world) => await new LedgerApi(world.Http()).GetOperatorsAsync(Cancel).ToListAsync(Cancel);
}
