using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Cli;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Tests.Postgres;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Service.Tests;

/// <summary>A battery's evidence, asked of the running service and checked without it.</summary>
public sealed class ServedEvidence
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_evidence_of_a_battery_is_verified_offline_and_that_of_a_closed_lot_is_not_given()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        using var folder = new DataFolder();
        using var service = await StartAsync(folder, publicEntries: false);
        using var client = new HttpClient { BaseAddress = service.Address };
        await SendAsync(client, world.Entries);

        using var answer = await AskAsync(client, EvidenceWorld.Battery);
        Assert.Equal(EvidenceBundle.MediaType, answer.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        var bytes = await answer.Content.ReadAsByteArrayAsync(Cancel);
        var verdict = EvidenceVerifier.Verify(bytes, EvidenceWorld.Policy with { FreshAt = DateTimeOffset.UtcNow });
        Assert.Null(verdict.Rejection);
        Assert.Equal(7ul, verdict.Checkpoint!.Size);
        Assert.IsType<LayerVerdict.Withheld>(verdict.Quantities);

        // The public sees no disclosure and nothing of a closed lot, not even the entry that gave.
        var bundle = EvidenceBundle.Parse(bytes, out _)!;
        Assert.Empty(bundle.Cited);
        Assert.All(bundle.InLogOrder(), placed => Assert.Empty(placed.Signed.Disclosures));

        using var closed = await AskAsync(client, EvidenceWorld.Lot);
        Assert.Equal(HttpStatusCode.NotFound, closed.StatusCode);
        Assert.Contains("\"not-found\"", await closed.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using var none = await AskAsync(client, "urn:uuid:00000000-0000-4000-8000-000000000000");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        await service.EndAsync();
    }

    [Fact]
    public async Task With_public_entries_a_lot_s_evidence_and_a_battery_s_givers_are_open()
    {
        var world = EvidenceWorld.ABatteryWasMade();
        using var folder = new DataFolder();
        using var service = await StartAsync(folder, publicEntries: true);
        using var client = new HttpClient { BaseAddress = service.Address };
        await SendAsync(client, world.Entries);

        foreach (var subject in (string[])[EvidenceWorld.Battery, EvidenceWorld.Lot, EvidenceWorld.LogChain, EvidenceWorld.Maker])
        {
            using var answer = await AskAsync(client, subject);
            var bytes = await answer.Content.ReadAsByteArrayAsync(Cancel);
            Assert.Null(EvidenceVerifier.Verify(bytes, EvidenceWorld.Policy).Rejection);
            Assert.Equal(subject == EvidenceWorld.Battery ? 1 : 0, EvidenceBundle.Parse(bytes, out _)!.Cited.Count);
        }

        await service.EndAsync();
    }

    [Fact]
    public async Task A_second_life_s_predecessors_and_lots_come_along_for_an_auditor_and_only_what_is_public_for_a_stranger()
    {
        const string Auditor = "did:web:auditor.example";
        var world = SecondLifeWorld.ASecondLife();
        world.Enrol(Auditor, "auditor", "auditor");
        world.Append(EvidenceWorld.LogDid, "authority", Names.GrantsChain(Auditor), "audit-access-granted.v1", new JsonObject { ["until"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds() });
        using var folder = new DataFolder();
        using var service = await StartAsync(folder, publicEntries: false);
        using var client = new HttpClient { BaseAddress = service.Address };
        await SendAsync(client, world.Entries);

        // A stranger: the predecessors' public chains, nothing of a lot, and it is said how much is missing.
        var path = $"/evidence?sub={SecondLifeWorld.Storage}&with=predecessors,lots";
        var bytes = await client.GetByteArrayAsync(path, Cancel);
        var stranger = EvidenceBundle.Parse(bytes, out _)!;
        Assert.Superset(new HashSet<string> { SecondLifeWorld.First, SecondLifeWorld.Second }, stranger.Chains.Select(c => c.Subject).ToHashSet());
        Assert.DoesNotContain(stranger.InLogOrder(), placed => placed.Entry.Subject == SecondLifeWorld.Mine || placed.Entry.Subject == SecondLifeWorld.Refined || placed.Signed.Disclosures.Count > 0);
        var verdict = EvidenceVerifier.Verify(bytes, EvidenceWorld.Policy);
        Assert.Null(verdict.Rejection);
        Assert.Contains("Givers not shown here: 2;", Assert.IsType<LayerVerdict.NotChecked>(verdict.WholeLog).Why, StringComparison.Ordinal);

        // An auditor with the command line: everything, and quantities verified down to the mine.
        var (key, saved, vkey) = (Path.Combine(folder.Path, "auditor.pem"), Path.Combine(folder.Path, "storage.json"), Path.Combine(folder.Path, "log.vkey"));
        PrivateFile.Write(key, Encoding.ASCII.GetBytes(EvidenceWorld.Key("auditor").ToPem()));
        await File.WriteAllTextAsync(vkey, await client.GetStringAsync("/vkey", Cancel), Cancel);
        string[] asking = ["passport", SecondLifeWorld.Storage, "--url", service.Address.AbsoluteUri, "--as", key, "--kid", $"{Auditor}#auditor", "--purpose", "auditor", "--evidence", saved];
        Assert.Equal(2, (await CmlAsync([.. asking, "--with", "mines"])).Code);
        var told = await CmlAsync([.. asking, "--with", "lots,predecessors"]);
        Assert.True(told.Code == 0, told.Output);
        var checkedOffline = await CmlAsync("verify", saved, "--vkey", vkey);
        Assert.True(checkedOffline.Code == 0, checkedOffline.Output);
        Assert.Contains("quantities: verified. All", checkedOffline.Output, StringComparison.Ordinal);
        Assert.Contains("Lines taken here: 5, of givers shown with their whole chain: 5. Givers not shown here: 0;", checkedOffline.Output, StringComparison.Ordinal);

        // One letter inside the mine's chain, and it is the mine's entry that is named.
        var spoilt = JsonNode.Parse(await File.ReadAllBytesAsync(saved, Cancel))!;
        var mine = spoilt["chains"]!.AsArray().Single(c => (string)c!["sub"]! == SecondLifeWorld.Mine)!;
        var leaf = (string)mine["entries"]![1]!["leaf"]!;
        mine["entries"]![1]!["leaf"] = leaf[..^3] + (leaf[^3] == 'A' ? 'B' : 'A') + leaf[^2..];
        var rejection = EvidenceVerifier.Verify(Encoding.UTF8.GetBytes(spoilt.ToJsonString()), EvidenceWorld.Policy).Rejection!;
        Assert.Equal((SecondLifeWorld.Mine, (ulong)mine["entries"]![1]!["index"]!), (rejection.Subject, rejection.Index!.Value));
        await service.EndAsync();
    }

    private static async Task<(int Code, string Output)> CmlAsync(params string[] args)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        using var network = new SocketsHttpHandler();
        using var terminal = new Terminal(output, output, network, isWatched: false);
        return (await CommandLine.RunAsync(args, terminal), output.ToString());
    }

    // The service holds the log and head keys of the world and opens for its authority alone.
    private static async Task<ServiceProcess> StartAsync(DataFolder folder, bool publicEntries)
    {
        var keys = Directory.CreateDirectory(Path.Combine(folder.Path, "keys"));
        foreach (var name in (string[])["log", "head"])
        {
            var file = Path.Combine(keys.FullName, name + ".pem");
            await File.WriteAllTextAsync(file, EvidenceWorld.Key(name).ToPem(), Cancel);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }

        return await ServiceProcess.Start(
            folder.Path,
            $"--Ledger:Origin={EvidenceWorld.Origin}",
            $"--Ledger:Authority={EvidenceWorld.Key("authority").VerifyingKey.ToJwk()}",
            $"--Ledger:PublicEntries={publicEntries}").ReadyAsync();
    }

    private static async Task SendAsync(HttpClient client, IEnumerable<SignedEntry> entries)
    {
        foreach (var signed in entries)
        {
            using var body = new StringContent(signed.ToSdJwt(), new MediaTypeHeaderValue("application/sd-jwt"));
            using var answer = await client.PostAsync("/entries", body, Cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Cancel));
        }
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient client, string subject) =>
        client.GetAsync($"/evidence?sub={Uri.EscapeDataString(subject)}", Cancel);
}
