using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Registry;
using CriticalMinerals.Tests.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Client;

/// <summary>What the network does to one request.</summary>
internal enum Weather
{
    Fine,
    LostOnTheWay,
    AnswerLost,
    Overloaded,
}

/// <summary>
/// A ledger of a <see cref="World"/> behind a transport that can lose, delay and alter what passes: its decisions, tree and signatures are the real ones.
/// </summary>
internal sealed class Door(World world) : HttpMessageHandler
{
    public const string Address = "http://ledger.test/";

    /// <summary>Weather of the next requests that write; fine when empty.</summary>
    public Queue<Weather> Ahead { get; } = [];

    /// <summary>Bodies that arrived at <c>/entries</c>.</summary>
    public List<string> Arrived { get; } = [];

    /// <summary>Bodies that arrived at <c>/hook</c>, which is no part of a ledger.</summary>
    public List<string> Told { get; } = [];

    /// <summary>What was read, and with which token; null for the public.</summary>
    public List<(Uri Address, string? Token)> Asked { get; } = [];

    /// <summary>Files that are there beside the log's own, by path.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Changes an answer on its way back.</summary>
    public Func<string, string> Alter { get; set; } = text => text;

    /// <summary>Whether heads are shown to strangers.</summary>
    public bool ShowsHeads { get; set; } = true;

    public NoteVerifier VerifierKey => new(world.State.Origin, world.LogKey.Key.VerifyingKey);

    public LedgerApi Api() => new(new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri(Address) });

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        if (request.Method == HttpMethod.Get)
        {
            Asked.Add((request.RequestUri, request.Headers.Authorization?.Parameter));
        }

        var weather = request.Method == HttpMethod.Post && path == "/entries" && Ahead.TryDequeue(out var next) ? next : Weather.Fine;
        switch (weather)
        {
            case Weather.LostOnTheWay:
                throw new HttpRequestException("connection reset");
            case Weather.Overloaded:
                return Problem(503, "overloaded", "Too many wait.");
        }

        var answer = Answer(request.Method, path, request.RequestUri.Query, body, request.Content?.Headers.ContentType?.MediaType);
        return weather == Weather.AnswerLost ? throw new HttpRequestException("connection reset") : answer;
    }

    private HttpResponseMessage Answer(HttpMethod method, string path, string query, string body, string? type)
    {
        if (method == HttpMethod.Post && path == "/entries")
        {
            Arrived.Add(body);
            return type == "application/sd-jwt" ? Admit(body) : Text(string.Concat(body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Line)), "application/x-ndjson");
        }

        if (method == HttpMethod.Post && path == "/hook")
        {
            Told.Add(body);
            return Text("thanks", "text/plain");
        }

        if (path == "/entries/check")
        {
            // Decided on a replay of the log, so that nothing is written.
            var other = new World { Authority = world.Authority };
            world.Log.ForEach(e => other.Admit(e));
            var signed = SignedEntry.Parse(Encoding.ASCII.GetBytes(body), out _)!;
            return other.Decide(signed) is Decision.Refused refused ? Refuse(refused.Refusal)
                : Text(new JsonObject { ["admissible"] = true, ["leaf_hash"] = signed.Entry.LeafHash.ToString() }.ToJsonString(), "application/json");
        }

        if (path == "/head")
        {
            var subject = Uri.UnescapeDataString(query["?sub=".Length..]);
            return world.State.Chain(subject) is not { } chain ? Problem(404, "chain-unknown", "No such chain.")
                : !ShowsHeads ? Problem(403, "chain-closed", "The chain is closed.")
                : Text(HeadStatement.Sign(world.Head.Key, world.Head.KeyId, world.State.Origin, subject, chain.Sequence, chain.Head, world.Log.Count, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch).Text, "application/jwt");
        }

        if (path == "/operators")
        {
            return Text(Encoding.UTF8.GetString(Operators(query).ToUtf8()), "application/json");
        }

        if (path.EndsWith("/receipt", StringComparison.Ordinal))
        {
            return Text(Alter(Receipt(world.Log.Single(e => path == $"/entries/{e.Entry.LeafHash}/receipt"))), "text/plain");
        }

        var file = path switch
        {
            "/log" => Encoding.UTF8.GetBytes(new JsonObject { ["origin"] = world.State.Origin, ["authority"] = null, ["size"] = world.Log.Count, ["publicEntries"] = true }.ToJsonString()),
            "/vkey" => Encoding.UTF8.GetBytes(VerifierKey + "\n"),
            _ => Files.GetValueOrDefault(path) ?? File(world, path[1..]),
        };
        return file is null ? Problem(404, "not-found", "Nothing stands here.") : new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(file) };
    }

    /// <summary>A public file of the log as it stands: checkpoint, tile or entry bundle.</summary>
    public static byte[]? File(World world, string path)
    {
        Digest[] leaves = [.. world.Log.Select(e => e.Entry.LeafHash)];
        return path == "checkpoint" ? Encoding.UTF8.GetBytes(Checkpoint(world).ToString())
            : Tile.TryParseEntries(path, out var entries) ? EntryBundle.Encode([.. world.Log.Skip((int)entries.Index * Tile.FullWidth).Take(entries.Width).Select(e => e.Entry.Leaf)])
            : Tile.TryParse(path, out var tile) ? new InMemoryTiles(leaves).Content(tile)
            : null;
    }

    private static SignedNote Checkpoint(World world) =>
        new Checkpoint(world.State.Origin, (ulong)world.Log.Count, MerkleTree.Root([.. world.Log.Select(e => e.Entry.LeafHash)])).Sign(world.LogKey.Key);

    private string Receipt(SignedEntry entry)
    {
        var index = (ulong)world.Log.FindIndex(e => e.Entry.LeafHash == entry.Entry.LeafHash);
        var tiles = new InMemoryTiles([.. world.Log.Select(e => e.Entry.LeafHash)]);
        return new Receipt(index, tiles.Inclusion(index, (ulong)world.Log.Count).Path, Checkpoint(world)).ToString();
    }

    // Two a part, whatever is asked for, so that every reader of three has to go on.
    private OperatorPage Operators(string query)
    {
        var after = query.StartsWith("?after=", StringComparison.Ordinal) ? int.Parse(query["?after=".Length..query.IndexOf('&', StringComparison.Ordinal)]) : -1;
        var entries = world.Log.Select((e, i) => new RecordedEntry(i, e, DateTimeOffset.UnixEpoch.AddDays(i))).ToList();
        var found = entries.Where(e => e.Index > after && e.Signed.Entry.Event == "operator-enrolled.v1").Take(3).Select(e => e.Signed.Entry.Subject).Select(did => EnrolledOperator.Of(
            (OperatorState)world.State.Chain(did)!,
            world.State.Chain(Names.GrantsChain(did)) as GrantsState,
            ((LogState)world.State.Chain(World.LogChain)!).Keys,
            [.. entries.Where(e => e.Signed.Entry.Subject == did)])).ToList();
        return new OperatorPage { Operators = [.. found.Take(2)], Next = found.Count > 2 ? $"/operators?after={found[1].Since}" : null };
    }

    private HttpResponseMessage Admit(string sdJwt)
    {
        var signed = SignedEntry.Parse(Encoding.ASCII.GetBytes(sdJwt), out _)!;
        var decision = world.Decide(signed);
        return decision is Decision.Refused refused ? Refuse(refused.Refusal)
            : Text(Alter(Receipt(signed)), "text/plain", decision is Decision.Admitted ? HttpStatusCode.Created : HttpStatusCode.OK);
    }

    private string Line(string line)
    {
        var signed = SignedEntry.Parse(Encoding.ASCII.GetBytes(JsonNode.Parse(line)!["sd_jwt"]!.GetValue<string>()), out _)!;
        var (status, index) = world.Decide(signed) switch
        {
            Decision.Admitted a => (201, a.Index),
            Decision.Repeated r => (200, r.Index),
            Decision.Refused { Refusal: var refusal } => ((int)Refuse(refusal).StatusCode, -1L),
            _ => throw new InvalidOperationException(),
        };
        var answer = index < 0
            ? new JsonObject { ["status"] = status, ["problem"] = new JsonObject { ["code"] = "refused", ["detail"] = "Refused." } }
            : new JsonObject { ["status"] = status, ["index"] = index, ["leaf_hash"] = signed.Entry.LeafHash.ToString() };
        return answer.ToJsonString() + "\n";
    }

    private static HttpResponseMessage Refuse(Refusal refusal) => Problem(
        409,
        refusal.Code.ToCode(),
        refusal.Detail,
        refusal.Head is { } head ? new JsonObject { ["sub"] = head.Subject, ["seq"] = head.Sequence, ["h"] = head.Hash.ToString() } : null);

    private static HttpResponseMessage Problem(int status, string code, string detail, JsonObject? head = null)
    {
        var json = new JsonObject { ["type"] = $"/problems/{code}", ["status"] = status, ["code"] = code, ["detail"] = detail };
        if (head is not null)
        {
            json["head"] = head;
        }

        return Text(json.ToJsonString(), "application/problem+json", (HttpStatusCode)status);
    }

    private static HttpResponseMessage Text(string text, string type, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(text, Encoding.UTF8, new MediaTypeHeaderValue(type)) };
}

/// <summary>A folder of this test's own, gone with it.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("cm-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes the files of a log as a mirror has them.</summary>
    public void Publish(World world)
    {
        var size = (ulong)world.Log.Count;
        foreach (var path in Tile.AllOf(size).SelectMany(t => t.Level == 0 ? (string[])[t.Path, t.EntriesPath] : [t.Path]).Append("checkpoint"))
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[path])!);
            File.WriteAllBytes(this[path], Door.File(world, path)!);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
