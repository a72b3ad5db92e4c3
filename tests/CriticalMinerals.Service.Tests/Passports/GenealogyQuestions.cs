using System.Text.Json;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Log;
using Microsoft.Extensions.DependencyInjection;

namespace CriticalMinerals.Service.Tests.Passports;

/// <summary>Asks where chains are from and where they went, and works it out again from the entries alone.</summary>
internal static class GenealogyQuestions
{
    public const string Origins = "origins";
    public const string Uses = "uses";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string Query(string subject, string towards) => $"/genealogy?sub={Uri.EscapeDataString(subject)}&towards={towards}";

    public static HashSet<string> Subjects(IEnumerable<JsonElement> chains) => [.. chains.Select(c => Text(c, "sub"))];

    public static (string Subject, long Index, int Depth) Reached(JsonElement chain) => (Text(chain, "sub"), chain.GetProperty("index").GetInt64(), chain.GetProperty("depth").GetInt32());

    /// <summary>The same, from nothing but what the entries say that they took.</summary>
    public static List<(string Subject, long Index, int Depth)> Walked(IReadOnlyList<Entry> log, string subject, string towards)
    {
        var (giver, opening, next) = (new Dictionary<Digest, string>(), new Dictionary<string, long>(), new Dictionary<string, HashSet<string>>());
        var undone = log.Where(e => e.Event == "voided.v1").Select(e => e.Subject).ToHashSet();
        for (var index = 0; index < log.Count; index++)
        {
            var entry = log[index];
            giver[entry.LeafHash] = entry.Subject;
            opening.TryAdd(entry.Subject, index);
            foreach (var gave in entry.Taken.Select(t => giver[t.Entry]).Where(g => g != entry.Subject && !undone.Contains(entry.Subject)))
            {
                var (from, to) = towards == Origins ? (entry.Subject, gave) : (gave, entry.Subject);
                (next.TryGetValue(from, out var set) ? set : next[from] = []).Add(to);
            }
        }

        var depths = new Dictionary<string, int> { [subject] = 0 };
        var waiting = new Queue<string>([subject]);
        while (waiting.TryDequeue(out var here))
        {
            foreach (var there in (next.GetValueOrDefault(here) ?? []).Where(t => depths.TryAdd(t, depths[here] + 1)))
            {
                waiting.Enqueue(there);
            }
        }

        return [.. depths.Where(d => d.Key != subject).Select(d => (d.Key, opening[d.Key], d.Value)).OrderBy(d => d.Item2)];
    }

    /// <summary>Every entry, from the bytes that auditors pull.</summary>
    public static async Task<IReadOnlyList<Entry>> LogAsync(PlayedDemo demo)
    {
        var size = demo.Host.Services.GetRequiredService<SignedLog>().Latest().Size;
        var leaves = await demo.Host.Services.GetRequiredService<EntryReader>().LeavesAsync(0, (int)size, Cancel);
        return [.. leaves.Select(leaf => Entry.Parse(leaf, out _)!)];
    }

    public static Task<DemoFirm> FirmAsync(PlayedDemo demo, string name, string keyId) =>
        DemoFirm.OpenAsync(demo.Folder, name, keyId, new LedgerApi(demo.Client()), PlayedDemo.Origin, demo.LogKeys, Cancel);

    public static async Task<JsonElement> AskAsync(PlayedDemo of, string path)
    {
        using var answer = await GetAsync(of, path);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        return await JsonAsync(answer);
    }

    public static async Task<JsonElement> PassportAsync(PlayedDemo of, string battery, string query = "")
    {
        using var answer = await GetAsync(of, $"/{Gs1.Path(battery)}{query}");
        return await JsonAsync(answer);
    }

    public static async Task<string> PageAsync(PlayedDemo of, string battery, string query = "")
    {
        using var answer = await GetAsync(of, $"/{Gs1.Path(battery)}{query}", "text/html");
        return await answer.Content.ReadAsStringAsync(Cancel);
    }

    public static async Task<HttpResponseMessage> GetAsync(PlayedDemo of, string path, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accept);
        return await of.Client().SendAsync(request, Cancel);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => Parse(await answer.Content.ReadAsStringAsync(Cancel));

    public static JsonElement Parse(string text) => JsonDocument.Parse(text).RootElement;

    public static List<JsonElement> Chains(JsonElement answer) => [.. answer.GetProperty("chains").EnumerateArray()];

    public static string Text(JsonElement from, string name) => from.GetProperty(name).GetString()!;
}
