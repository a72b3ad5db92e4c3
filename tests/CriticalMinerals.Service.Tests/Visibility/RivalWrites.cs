using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Callers;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Visibility;

/// <summary>A competitor writes, or asks whether it might, to learn from the refusal what it may not read.</summary>
public sealed class RivalWrites(PostgresServer postgres, RestrictedWorld shared)
{
    private static readonly ChainKind[] MayBeClosed = [ChainKind.Lot, ChainKind.Component, ChainKind.Consignment];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_it_says_on_a_closed_chain_is_refused_as_if_the_chain_were_not_there()
    {
        var world = (await shared.GetAsync(postgres)).World;
        var (miner, rival) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.Recycler));
        var closed = await world.AdmitAsync(world.Says.Extracts(miner, Author.Uuid(), "10"));
        var tried = new HashSet<string>();
        foreach (var type in EventCatalog.All.Where(t => t.Chains.Any(MayBeClosed.Contains)))
        {
            foreach (var principal in (Party?[])[null, miner])
            {
                foreach (var sequence in (long[])[0, 1])
                {
                    // What it could open, were the name free, it learns to be taken: that is the one thing that cannot be hidden.
                    if (type.Standing == Standing.Opens && (sequence > 0 || (principal is null && type.Rights.Any(r => r.Roles.Contains(Role.Recycler)))))
                    {
                        continue;
                    }

                    var (answer, other) = (await AnswersAsync(world, Says(world, rival, type, closed.Entry.Subject, sequence, principal)), await AnswersAsync(world, Says(world, rival, type, Author.Uuid(), sequence, principal)));
                    Assert.True(other == answer, $"{type.Name} at {sequence} tells the two apart:\n{answer}\n{other}");
                    tried.Add(answer.Split(' ')[1]);
                }
            }
        }

        // It was the chain that was asked about, and not the form of the entries.
        Assert.Superset(new HashSet<string> { "chain-unknown", "role-missing", "delegation-missing" }, tried);
    }

    [Fact]
    public async Task A_lot_with_a_guessable_name_is_not_found_by_trying_to_open_it()
    {
        var world = (await shared.GetAsync(postgres)).World;
        var (firm, rival) = (Party.Of($"did:web:firm-{Guid.NewGuid():N}.example"), await world.AnAsync(Role.Miner));
        await world.AdmitAsync(world.Says.Enrols(firm, Role.Miner));
        await world.AdmitAsync(world.Says.Grants(firm, "5017300"));
        string Lot(string name) => $"https://id.gs1.org/01/{Author.Gtin("501730000001")}/10/{name}";
        await world.AdmitAsync(world.Says.Extracts(firm, Lot("LOT-1"), "10"));

        var type = EventCatalog.Find("lot-extracted.v1")!;
        var answer = await AnswersAsync(world, Says(world, rival, type, Lot("LOT-1"), 0, null));
        Assert.Equal(await AnswersAsync(world, Says(world, rival, type, Lot("LOT-2"), 0, null)), answer);
        Assert.StartsWith("403 identifier-not-granted", answer, StringComparison.Ordinal);

        // Whoever holds the prefix is told that it used the name, and anybody that a UUID is taken which it knows.
        Assert.StartsWith("409 chain-exists", await AnswersAsync(world, Says(world, firm, type, Lot("LOT-1"), 0, null)), StringComparison.Ordinal);
        var closed = await world.AdmitAsync(world.Says.Extracts(firm, Author.Uuid(), "10"));
        Assert.StartsWith("409 chain-exists", await AnswersAsync(world, Says(world, rival, type, closed.Entry.Subject, 0, null)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_it_cannot_open_is_as_unknown_to_it_as_one_that_nobody_gave()
    {
        var world = (await shared.GetAsync(postgres)).World;
        var (miner, refiner, rival) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.Refiner), await world.AnAsync(Role.Recycler));
        var lot = await world.AdmitAsync(world.Says.Extracts(miner, Author.Uuid(), "10"));
        var line = new GivenTo(Author.Uuid(), refiner, "4");
        var giving = await world.AdmitAsync(world.Says.Allocates(miner, lot.Entry.Subject, line));

        // The leaf hash stands in the public tiles.
        SignedEntry Takes(Party by, string subject, Digest hash, int number, string opening) => world.Says.Sign(by, "received.v1", subject, new JsonObject
        {
            ["open"] = false, ["in"] = new JsonArray(new JsonObject { ["h"] = hash.ToString(), ["i"] = number, ["s"] = opening }),
        });
        var none = Digest.Sha256(Guid.NewGuid().ToByteArray());
        foreach (var number in (int[])[0, 1, 63])
        {
            var guess = Commitment.NewOpening();
            var answer = await AnswersAsync(world, Takes(rival, Author.Uuid(), giving.Entry.LeafHash, number, guess), (giving.Entry.LeafHash.ToString(), "HASH"));
            Assert.Equal(await AnswersAsync(world, Takes(rival, Author.Uuid(), none, number, guess), (none.ToString(), "HASH")), answer);
            Assert.StartsWith("422 line-unknown", answer, StringComparison.Ordinal);
        }

        // The giver's own people, who see the chain, and whoever can open it, are told what is wrong.
        Assert.StartsWith("403 line-not-yours", await AnswersAsync(world, Takes(miner, Author.Uuid(), giving.Entry.LeafHash, 0, line.Opening)), StringComparison.Ordinal);
        await world.AdmitAsync(world.Says.Sign(miner, "withdrawn.v1", lot.Entry.Subject, new JsonObject { ["line"] = 0, ["ref"] = PeopleAndGrants.Reference(giving) }));
        Assert.StartsWith("409 line-withdrawn", await AnswersAsync(world, Takes(refiner, line.Subject, giving.Entry.LeafHash, 0, line.Opening)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guessed_name_of_a_closed_lot_and_a_leaf_hash_off_the_tiles_are_not_found_to_belong_together_by_referencing_them()
    {
        var world = (await shared.GetAsync(postgres)).World;
        var (firm, customer, rival) = (Party.Of($"did:web:firm-{Guid.NewGuid():N}.example"), await world.AnAsync(Role.Refiner), await world.AnAsync(Role.BatteryMaker));
        await world.AdmitAsync(world.Says.Enrols(firm, Role.Miner));
        await world.AdmitAsync(world.Says.Grants(firm, "5017301"));
        string Lot(string name) => $"https://id.gs1.org/01/{Author.Gtin("501730100001")}/10/{name}";
        var opening = await world.AdmitAsync(world.Says.Extracts(firm, Lot("LOT-1"), "10"));
        var line = new GivenTo(Author.Uuid(), customer, "4");
        var giving = await world.AdmitAsync(world.Says.Allocates(firm, Lot("LOT-1"), line));
        var (model, battery) = ((await world.AdmitAsync(world.Says.DeclaresModel(rival, Author.Uuid()))).Entry.Subject, (await world.ABatteryOnTheMarketAsync()).Entry.Subject);
        static JsonArray To(Digest hash, string sub) => new(new JsonObject { ["h"] = hash.ToString(), ["sub"] = sub });

        // What would be admitted, what would be refused for another reason after that, and what it may not say at all.
        Func<JsonArray, SignedEntry>[] says =
        [
            to => world.Says.Sign(rival, "due-diligence-reported.v1", model, new JsonObject { ["report"] = Report(), ["year"] = 2026, ["ref"] = to }),
            to => world.Says.Sign(rival, "part-replaced.v1", battery, new JsonObject { ["part"] = "module", ["reason"] = "None.", ["ref"] = to }),
            to => world.Says.Sign(rival, "due-diligence-reported.v1", model, new JsonObject { ["for"] = firm.Did, ["report"] = Report(), ["year"] = 2026, ["ref"] = to }),
            to => Says(world, rival, EventCatalog.Find("recalled.v1")!, Lot("LOT-1"), 1, null, to),
        ];
        string[] expected = ["422 reference-unresolved", "422 reference-unresolved", "403 delegation-missing", "422 chain-unknown"];
        foreach (var hash in (Digest[])[opening.Entry.LeafHash, giving.Entry.LeafHash, Digest.Sha256([9])])
        {
            for (var i = 0; i < says.Length; i++)
            {
                var answer = await AnswersAsync(world, says[i](To(hash, Lot("LOT-1"))), (Lot("LOT-1"), "LOT"));
                Assert.Equal(await AnswersAsync(world, says[i](To(hash, Lot("LOT-2"))), (Lot("LOT-2"), "LOT"), (Lot("LOT-1"), "LOT")), answer);
                Assert.StartsWith(expected[i], answer, StringComparison.Ordinal);
            }
        }

        // Whoever sees the lot references it: its holder, and of the entry that gave something who takes that, in the same entry already.
        await world.AdmitAsync(world.Says.Sign(firm, "lot-extracted.v1", Lot("LOT-3"), new JsonObject
        {
            ["open"] = false, ["mineral"] = "cobalt", ["product"] = "cobalt hydroxide", ["site"] = new JsonObject { ["country"] = "CD" }, ["ref"] = To(opening.Entry.LeafHash, Lot("LOT-1")),
        }, new JsonObject { ["mass"] = "10", ["content"] = Author.Holding("10") }));
        SignedEntry Receives(string subject, params JsonObject[] taken) => world.Says.Sign(customer, "received.v1", subject, new JsonObject
        {
            ["open"] = false, ["in"] = new JsonArray([.. taken]), ["ref"] = To(giving.Entry.LeafHash, Lot("LOT-1")),
        });
        await world.AdmitAsync(Receives(line.Subject, Author.Take(giving, 0, line)));
        Assert.StartsWith("422 reference-unresolved", await AnswersAsync(world, world.Says.Sign(customer, "voided.v1", line.Subject, new JsonObject { ["reason"] = "Mistaken.", ["ref"] = To(opening.Entry.LeafHash, Lot("LOT-1")) })), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_may_see_or_write_on_the_chain_is_told_the_true_reason()
    {
        var world = (await shared.GetAsync(postgres)).World;
        var (miner, auditor, inspector) = (await world.AnAsync(Role.Miner), await world.AnAsync(Role.Auditor), await world.AnAsync(Role.Inspector));
        var lot = (await world.AdmitAsync(world.Says.Extracts(miner, Author.Uuid(), "10"))).Entry.Subject;
        async Task ExpectAsync(string code, Party by, string name, long sequence = 5) =>
            Assert.StartsWith(code, await AnswersAsync(world, Says(world, by, EventCatalog.Find(name)!, lot, sequence, null)), StringComparison.Ordinal);

        await ExpectAsync("409 chain-exists", miner, "lot-extracted.v1", 0);
        await ExpectAsync("409 chain-moved", miner, "allocated.v1");
        await ExpectAsync("403 keeper-required", auditor, "allocated.v1");
        await ExpectAsync("409 chain-moved", auditor, "attested.v1");

        // An inspector may attest on any lot that it was told of, and needs the head for it; no more than that.
        await ExpectAsync("409 chain-moved", inspector, "attested.v1");
        await ExpectAsync("422 chain-unknown", inspector, "allocated.v1");
        await ExpectAsync("409 chain-moved", world.Says.Authority, "recalled.v1");
        await ExpectAsync("422 chain-unknown", world.Says.Authority, "allocated.v1");
    }

    private static JsonObject Report() => new() { ["title"] = "Report", ["mediaType"] = "application/pdf", ["size"] = 1, ["sha256"] = Digest.Sha256([1]).ToString() };

    // The event as its schema's example shows it, at a place in the chain that its author can only guess.
    private static SignedEntry Says(World world, Party by, EventType type, string subject, long sequence, Party? principal, JsonArray? references = null)
    {
        var (clear, hidden) = (new JsonObject(), new List<Disclosure>());
        foreach (var (name, value) in EventSchema.Example(type).Where(m => m.Value is not null && m.Key is not ("in" or "ref")))
        {
            var example = name == "open" ? JsonValue.Create(false) : name == "out" ? new JsonArray(Digest.Sha256([7]).ToString()) : value!.DeepClone();
            if (type.Claim(name)?.IsDisclosed == true || SignedEntry.IsLineMember(name))
            {
                hidden.Add(Disclosure.Create(name, example));
            }
            else
            {
                clear[name] = example;
            }
        }

        if (principal is not null)
        {
            clear["for"] = principal.Did;
        }

        if (type.Takes)
        {
            clear["source"] = type.Claim("source") is null ? null : "declared";
            if (clear["source"] is null)
            {
                clear.Remove("source");
            }
        }

        if (references is not null)
        {
            clear["ref"] = references;
        }

        return new EntryDraft
        {
            Origin = world.Says.Origin,
            KeyId = by.KeyId,
            Subject = subject,
            Sequence = sequence,
            Previous = sequence == 0 ? Digest.Zero : Digest.Sha256([9]),
            Event = type.Name,
            Id = Guid.NewGuid().ToString(),
            IssuedAt = DateTimeOffset.UnixEpoch,
            OccurredAt = DateTimeOffset.UnixEpoch,
            Clear = clear,
            Disclosures = hidden,
        }.Sign(by.Key);
    }

    // What a question, an entry and a line of a stream are answered with: the same, but for the names that the author gave.
    private static async Task<string> AnswersAsync(World world, SignedEntry signed, params (string Given, string Shown)[] names)
    {
        string Named(string text) => names.Aggregate(text.Replace(signed.Entry.Subject, "SUBJECT", StringComparison.Ordinal), (t, name) => t.Replace(name.Given, name.Shown, StringComparison.Ordinal));
        var answers = new List<string>();
        foreach (var path in (string[])["/entries/check", "/entries"])
        {
            using var body = new ByteArrayContent(Encoding.ASCII.GetBytes(signed.ToSdJwt()));
            body.Headers.ContentType = new("application/sd-jwt");
            var heard = await world.Http().SendAsync(path, HttpMethod.Post, body);
            Assert.True(heard.Status >= HttpStatusCode.BadRequest, $"{signed.Entry.Event} was admitted.");
            answers.Add($"{heard} {Named(heard.Text)}");
        }

        var line = Assert.Single(await world.StreamLinesAsync(World.Line(signed)));
        Assert.Equal(answers[0], answers[1]);
        Assert.StartsWith(FormattableString.Invariant($"{line.Status} {line.Code} "), answers[0], StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(answers[0].Split(' ', 3)[2]), JsonNode.Parse(Named(line.Body))!["problem"]), line.Body);
        return answers[0];
    }
}
