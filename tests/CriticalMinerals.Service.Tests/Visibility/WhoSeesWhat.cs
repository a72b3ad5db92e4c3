using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Visibility;

/// <summary>Every disclosed property, every audience, every surface: the value is there exactly when the table says so.</summary>
public sealed class WhoSeesWhat(PostgresServer postgres, RestrictedWorld shared)
{
    /// <summary>Annex XIII and Art. 77(2) by the strict reading, written down a second time on purpose. <c>*</c> is everything of the battery asked about.</summary>
    private static readonly (string Name, Role? Role, string? Purpose, string Sees)[] Table =
    [
        ("public", null, null, ""),
        ("repairer", Role.Repairer, "repairer", "R U"),
        ("remanufacturer", Role.SecondLifeOperator, "remanufacturer", "R U"),
        ("second-life operator", Role.SecondLifeOperator, "second-life-operator", "R U"),
        ("recycler", Role.Recycler, "recycler", "R U"),
        ("dismantler", Role.Dismantler, "recycler", "R U"),
        ("purchaser by grant", Role.Importer, "purchaser", "R U"),
        ("notified body", Role.Inspector, "notified-body", "R C"),
        ("market surveillance", Role.PublicAuthority, "market-surveillance", "R C"),
        ("Commission", Role.PublicAuthority, "commission", "R C"),
        ("auditor", Role.Auditor, "auditor", ""),
        ("auditor with quantities", Role.FleetOperator, "auditor", "C"),
        ("responsible operator", Role.BatteryMaker, null, "*"),
        ("rival", Role.Miner, null, ""),
        ("repairer without a purpose", Role.Repairer, null, ""),
    ];

    /// <summary>First measured when the battery was made or sold and again in use: the page shows what holds, the JSON both.</summary>
    private static readonly string[] Superseded = ["initialCapacity", "initialInternalResistance", "powerCapability", "internalResistance", "roundTripEfficiency"];

    private static readonly SemaphoreSlim Once = new(1, 1);
    private static bool _granted;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. Table.Select(t => t.Name)];

    [Fact]
    public async Task Every_disclosed_property_of_models_and_batteries_in_use_is_stated_here()
    {
        var world = await shared.GetAsync(postgres);
        var said = world.Secrets.Select(s => (s.Signed.Entry.Event, s.Claim.Name)).ToHashSet();
        var missing = EventCatalog.All.Where(t => t.Chains.Any(c => c is ChainKind.Model or ChainKind.Battery))
            .SelectMany(t => t.Claims.Where(c => c.IsDisclosed).Select(c => (t.Name, Claim: c.Name)))
            .Where(c => !said.Contains((c.Name, c.Claim))).Select(c => c.Name).Distinct().Order(StringComparer.Ordinal);

        // What these say stands on other batteries: imported, taken apart, given up, at their end, or let in; or somebody else says it.
        Assert.Equal(
            "access-granted.v1 assessed.v1 attested.v1 battery-imported.v1 dismantled.v1 disposed.v1 evidence-given.v1 inputs-added.v1 part-replaced.v1 recycled.v1 second-life-begun.v1",
            string.Join(' ', missing));
        foreach (var access in (AccessClass[])[AccessClass.R, AccessClass.C, AccessClass.U])
        {
            Assert.Contains(world.Secrets, s => s.Claim.Claim.Access == access && s.Canary is not null);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public async Task The_passports_JSON_holds_a_value_exactly_when_the_table_says_so(string name)
    {
        var (world, asker, sees) = await AskerAsync(name);
        using var json = JsonDocument.Parse(await world.TextAsync(asker, world.PathOf(world.Battery)));
        var attributes = json.RootElement.GetProperty("attributes").EnumerateArray().ToDictionary(a => (a.GetProperty("event").GetString()!, a.GetProperty("name").GetString()!));
        foreach (var secret in world.Secrets.Where(s => attributes.Count > 0 && !SignedEntry.IsLineMember(s.Claim.Name)))
        {
            var statement = attributes[(secret.Signed.Entry.Event, secret.Claim.Name)].GetProperty("statements")[0];
            Assert.True(sees(secret) == statement.TryGetProperty("value", out _), $"{secret.Claim.Claim.Access} {secret.Signed.Entry.Event} {secret.Claim.Name} for {name}: {statement}");
            Assert.Equal(!sees(secret), statement.TryGetProperty("withheld", out _));
        }

        await NothingElseAsync(world, name, json.RootElement.GetRawText(), sees);
    }

    [Theory, MemberData(nameof(Names))]
    public async Task The_page_shows_a_value_exactly_when_the_table_says_so(string name)
    {
        var (world, asker, sees) = await AskerAsync(name);
        var page = await world.TextAsync(asker, world.PathOf(world.Battery), "text/html");
        Assert.Contains("</html>", page, StringComparison.Ordinal);
        Assert.Empty(world.Secrets.Where(s => s.Canary is not null && sees(s) && !Superseded.Contains(s.Claim.Name) && !page.Contains(s.Canary, StringComparison.Ordinal)).Select(s => $"{s.Claim.Claim.Access} {s.Signed.Entry.Event} {s.Claim.Name}"));

        await NothingElseAsync(world, name, page, sees);
    }

    [Theory, MemberData(nameof(Names))]
    public async Task Evidence_and_the_disclosures_of_bundles_hold_a_disclosure_exactly_when_the_table_says_so(string name)
    {
        var (world, asker, sees) = await AskerAsync(name);
        var evidence = await world.TextAsync(asker, $"/evidence?sub={Uri.EscapeDataString(world.Battery)}");
        var bundle = EvidenceBundle.Parse(Encoding.UTF8.GetBytes(evidence), out var fault);
        Assert.True(bundle is not null, $"{fault} {evidence[..Math.Min(300, evidence.Length)]}");
        var shown = bundle.InLogOrder().SelectMany(p => p.Signed.Disclosures).Select(d => d.Text).ToHashSet();
        foreach (var secret in world.Secrets)
        {
            Assert.True(sees(secret) == shown.Contains(secret.Disclosure.Text), $"{secret.Claim.Claim.Access} {secret.Signed.Entry.Event} {secret.Claim.Name} in the evidence for {name}");
        }

        if (asker.Party is null)
        {
            using var refused = await world.AskAsync(asker, "/disclosures/0");
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            return;
        }

        if (name == "purchaser by grant")
        {
            // A grant opens one battery, not bundles of the log.
            using var refused = await world.AskAsync(asker, "/disclosures/0");
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            return;
        }

        var answer = JsonNode.Parse(await world.TextAsync(asker, "/disclosures/0"))!;
        var disclosed = answer["entries"]!.AsArray().SelectMany(e => e!["disclosures"]!.AsArray()).Select(d => (string)d!).ToHashSet();
        foreach (var secret in world.Secrets)
        {
            Assert.True(sees(secret) == disclosed.Contains(secret.Disclosure.Text), $"{secret.Claim.Claim.Access} {secret.Signed.Entry.Event} {secret.Claim.Name} in bundle 0 for {name}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public async Task A_document_is_given_exactly_to_those_who_may_see_the_disclosure_that_names_it(string name)
    {
        var (world, asker, sees) = await AskerAsync(name);
        var report = world.Secrets.Single(s => s.Claim.Name == "report");
        using var answer = await world.AskAsync(asker, $"/attachments/{world.Document}");
        Assert.Equal(sees(report) ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(sees(report), (await answer.Content.ReadAsByteArrayAsync(Cancel)).AsSpan().SequenceEqual(world.DocumentBytes));
    }

    [Theory, MemberData(nameof(Names))]
    public async Task No_other_surface_and_no_log_line_holds_a_canary(string name)
    {
        var (world, asker, _) = await AskerAsync(name);
        var (battery, sub) = (world.PathOf(world.Battery), Uri.EscapeDataString(world.Battery));
        var entry = world.Secrets[^1].Signed.Entry.LeafHash;
        foreach (var path in (string[])[
            "/", "/log", "/vkey", "/checkpoint", $"{battery}/head", $"{battery}/label", $"{battery}?linkType=linkset", $"/head?sub={sub}", $"/genealogy?sub={sub}&towards=origins",
            $"/entries/{entry}", $"/entries/{entry}/receipt", $"/evidence?sub={sub}&disclose=none", "/openapi/v1.json", "/reference/", "/alias/workshop/none", "/operators/none/did.json",
            $"/readings?sub={Uri.EscapeDataString(Author.Uuid())}", "/disclosures/99", $"/attachments/{Digest.Sha256([1])}", $"{battery}?at=nonsense", "/01/x/21/y"])
        {
            foreach (var accept in (string[])["application/json", "text/html"])
            {
                await NothingElseAsync(world, $"{name} at {path}", await world.TextAsync(asker, path, accept), _ => false);
            }
        }

        await NothingElseAsync(world, "the service's log", world.World.Node().Said, _ => false);
    }

    [Fact]
    public async Task The_responsible_operator_sees_what_others_signed_on_its_battery_and_they_see_their_own()
    {
        var world = await shared.GetAsync(postgres);
        var log = world.World;
        var (maker, repairer, inspector) = (await world.AnAsync("maker", Role.BatteryMaker, null), await world.AnAsync("repairer", Role.Repairer, null), await world.AnAsync("inspector", Role.Inspector, null));
        var battery = (await log.ABatteryOnTheMarketAsync()).Entry.Subject;
        var measured = await log.AdmitAsync(log.Says.Measures(repairer.Party!, battery));
        var sold = await log.AdmitAsync(log.Says.Sign(maker.Party!, "battery-sold.v1", battery, new JsonObject { ["country"] = "NL" }, new JsonObject { ["buyer"] = "Max Muster" }));
        foreach (var (asker, seen) in ((Asker, SignedEntry[])[])[(maker, [measured, sold]), (repairer, [measured]), (inspector, [])])
        {
            var bundle = EvidenceBundle.Parse(Encoding.UTF8.GetBytes(await world.TextAsync(asker, $"/evidence?sub={Uri.EscapeDataString(battery)}")), out _)!;
            Assert.Equal(
                seen.SelectMany(s => s.Disclosures).Select(d => d.Text).Order(StringComparer.Ordinal),
                bundle.InLogOrder().SelectMany(p => p.Signed.Disclosures).Select(d => d.Text).Order(StringComparer.Ordinal));
        }
    }

    private static Task NothingElseAsync(RestrictedWorld world, string where, string text, Func<Secret, bool> sees)
    {
        foreach (var secret in world.Secrets.Where(s => !sees(s)))
        {
            foreach (var trace in (string?[])[secret.Canary, secret.Disclosure.Text, secret.Disclosure.Salt])
            {
                Assert.False(trace is not null && text.Contains(trace, StringComparison.Ordinal), $"{secret.Claim.Claim.Access} {secret.Signed.Entry.Event} {secret.Claim.Name} leaked: {where}");
            }
        }

        return Task.CompletedTask;
    }

    private async Task<(RestrictedWorld World, Asker Asker, Func<Secret, bool> Sees)> AskerAsync(string name)
    {
        var world = await shared.GetAsync(postgres);
        await GrantAsync(world);
        var (_, role, purpose, sees) = Table.Single(t => t.Name == name);
        var asker = role is null ? new Asker(name, null, null) : await world.AnAsync(name, role.Value, purpose);
        return (world, asker, secret => sees == "*" || sees.Split(' ').Contains(secret.Claim.Claim.Access.ToString()));
    }

    private static async Task GrantAsync(RestrictedWorld world)
    {
        await Once.WaitAsync(Cancel);
        try
        {
            if (_granted)
            {
                return;
            }

            var (says, later) = (world.World.Says, DateTimeOffset.UtcNow.AddHours(2).ToUnixTimeSeconds());
            var (importer, second) = (await world.World.AnAsync(Role.Importer), await world.World.AnAsync(Role.FleetOperator));
            await world.World.AdmitAsync(says.Sign(world.Maker, "access-granted.v1", world.Battery, new JsonObject { ["to"] = importer.Did, ["interest"] = "purchaser", ["until"] = later }));
            await world.World.AdmitAsync(says.Sign(says.Authority, "role-granted.v1", second.Did, new JsonObject { ["role"] = "auditor" }));
            await world.World.AdmitAsync(says.Sign(says.Authority, "audit-access-granted.v1", Ledger.Names.GrantsChain(second.Did), new JsonObject { ["until"] = later }));
            _granted = true;
        }
        finally
        {
            Once.Release();
        }
    }
}
