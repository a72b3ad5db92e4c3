using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>What the ledger answered to an entry.</summary>
/// <param name="Status">HTTP status, or that of the line.</param>
/// <param name="Index">The entry's index, where it stands in the log.</param>
/// <param name="Code">The problem's code, where it does not.</param>
/// <param name="Body">The whole answer.</param>
public sealed record Answer(int Status, long? Index, string? Code, string Body)
{
    public bool IsIn => Status is 200 or 201;

    public override string ToString() => $"{Status} {Body}";
}

/// <summary>
/// A ledger under test: one or more service processes on one database, reached only by HTTP, and the people who write to it. Whatever it acknowledges is
/// kept, for <see cref="IndependentAudit"/> to find again.
/// </summary>
public sealed class World : IAsyncDisposable
{
    private readonly List<ServiceProcess?> _nodes = [];
    private readonly List<HttpClient?> _clients = [];
    private readonly List<HttpClient> _all = [];
    private readonly Dictionary<string, string> _settings;
    private readonly ConcurrentDictionary<Role, Lazy<Task<Party>>> _operators = new();
    private string? _owner;

    private World(string? owner, string? service, bool publicEntries, IReadOnlyDictionary<string, string>? settings = null)
    {
        _owner = owner;
        Says = new Author("ledger.example.com/log/" + Guid.NewGuid().ToString("N")[..8]);
        _settings = new Dictionary<string, string>
        {
            ["Ledger__Origin"] = Says.Origin,
            ["Ledger__Authority"] = Says.Authority.Key.VerifyingKey.ToJwk(),
            ["Ledger__PublicEntries"] = publicEntries ? "true" : "false",
            ["Logging__LogLevel__Microsoft.AspNetCore"] = "Warning",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            _settings[name] = value;
        }

        Connect(owner, service);
        Directory.CreateDirectory(Folder.Path);
        Service.PrivateFile.Write(Path.Combine(LogKeys.FolderIn(Folder.Path), LogKeys.LogFile), Encoding.ASCII.GetBytes(Says.LogKey.Key.ToPem()));
        Service.PrivateFile.Write(Path.Combine(LogKeys.FolderIn(Folder.Path), LogKeys.HeadFile), Encoding.ASCII.GetBytes(Says.Head.Key.ToPem()));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Whether the full sizes were asked for (environment <c>FULL_SIZE=1</c>).</summary>
    public static bool IsFullSize => Environment.GetEnvironmentVariable("FULL_SIZE") == "1";

    public DataFolder Folder { get; } = new();

    public Author Says { get; }

    /// <summary>Entries that were answered 200 or 201, with the receipt or, from a stream, with the index alone.</summary>
    public ConcurrentQueue<(SignedEntry Signed, long Index, string? Receipt)> Acknowledged { get; } = new();

    /// <summary>As the owner of the tables; not pooled, so that nothing keeps the database busy.</summary>
    public string OwnerConnection => new NpgsqlConnectionStringBuilder(_owner ?? Folder.OwnerConnection) { Pooling = false }.ConnectionString;

    /// <summary>As the service's own role.</summary>
    public string ServiceConnection => _settings["ConnectionStrings__Ledger"];

    public int Nodes => _nodes.Count;

    /// <summary>Whether the first node runs.</summary>
    public bool IsUp => _nodes[0] is not null;

    /// <summary>Service processes on a database of the tests' server, sharing pin and keys; nothing is in the log.</summary>
    public static async Task<World> AClosedLogAsync(PostgresServer postgres, int nodes = 1, bool publicEntries = true, IReadOnlyDictionary<string, string>? settings = null)
    {
        var (owner, service) = await postgres.CreateDatabaseAsync();
        var world = new World(owner, service, publicEntries, settings);
        for (var node = 0; node < nodes; node++)
        {
            world._nodes.Add(null);
            world._clients.Add(null);
        }

        await Task.WhenAll(Enumerable.Range(0, nodes).Select(world.StartAsync));
        return world;
    }

    public static async Task<World> AnOpenLogAsync(PostgresServer postgres, int nodes = 1, bool publicEntries = true, IReadOnlyDictionary<string, string>? settings = null) =>
        await OpenedAsync(await AClosedLogAsync(postgres, nodes, publicEntries, settings));

    /// <summary>A ledger that has not started yet, in an empty database.</summary>
    public static async Task<World> NotStartedAsync(PostgresServer postgres)
    {
        var (owner, service) = await postgres.CreateDatabaseAsync();
        var world = new World(owner, service, publicEntries: true);
        world._nodes.Add(null);
        world._clients.Add(null);
        return world;
    }

    /// <summary>The same, to which the people of another one go over.</summary>
    public static async Task<World> AfterAsync(PostgresServer postgres, World ended)
    {
        var world = await NotStartedAsync(postgres);
        world.Says.GoOnFrom(ended.Says);
        foreach (var (role, party) in ended._operators)
        {
            world._operators[role] = party;
        }

        return world;
    }

    /// <summary>One service with a database server of its own.</summary>
    public static async Task<World> OnAServerOfItsOwnAsync()
    {
        await PostgresServer.RequireProgramsAsync();
        var world = new World(null, null, publicEntries: true);
        world._nodes.Add(null);
        world._clients.Add(null);
        await world.StartAsync(0);
        return await OpenedAsync(world);
    }

    public HttpClient Http(int node = 0) => _clients[node] ?? throw new InvalidOperationException($"Node {node} does not run.");

    public ServiceProcess Node(int node = 0) => _nodes[node] ?? throw new InvalidOperationException($"Node {node} does not run.");

    /// <summary>Which database the next start is given.</summary>
    public void Connect(string? owner, string? service)
    {
        if (owner is not null && service is not null)
        {
            _owner = owner;
            _settings["ConnectionStrings__LedgerOwner"] = owner;
            _settings["ConnectionStrings__Ledger"] = service;
        }
    }

    /// <summary>A setting for the next start.</summary>
    public World With(string setting, string value)
    {
        _settings[setting] = value;
        return this;
    }

    public async Task StartAsync(int node = 0)
    {
        _nodes[node] = await Launch().ReadyAsync();
        _clients[node] = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 512, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5) })
        {
            BaseAddress = Node(node).Address,
            Timeout = TimeSpan.FromMinutes(5),
        };
        _all.Add(Http(node));
    }

    /// <summary>A start that is expected to fail: exit code and what it said.</summary>
    public async Task<(int ExitCode, string Errors)> FailToStartAsync()
    {
        using var process = Launch();
        return await process.EndedAsync();
    }

    public async Task<(int ExitCode, string Errors)> RunAsync(params string[] command)
    {
        using var process = ServiceProcess.Start(Folder.Path, _settings, command);
        return await process.EndedAsync();
    }

    public async Task StopAsync(int node = 0)
    {
        Assert.Equal(0, await Node(node).EndAsync());
        Gone(node);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync(int node = 0)
    {
        await Node(node).KillAsync();
        Gone(node);
    }

    public async Task<Answer> PostAsync(SignedEntry signed, int node = 0) => await PostAsync(signed, new ByteArrayContent(Encoding.ASCII.GetBytes(signed.ToSdJwt())), node);

    public async Task<Answer> PostAsync(SignedEntry signed, HttpContent body, int node = 0)
    {
        body.Headers.ContentType = new MediaTypeHeaderValue("application/sd-jwt");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/entries") { Content = body };
        using var response = await Http(node).SendAsync(request, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Created))
        {
            return new Answer((int)response.StatusCode, null, CodeOf(text), text);
        }

        Assert.Equal($"/entries/{signed.Entry.LeafHash}", response.Headers.Location?.ToString());
        var index = long.Parse(text.Split('\n').Single(line => line.StartsWith("index ", StringComparison.Ordinal))[6..], CultureInfo.InvariantCulture);
        Acknowledged.Enqueue((signed, index, text));
        return new Answer((int)response.StatusCode, index, null, text);
    }

    /// <summary>Sends entries as one stream of lines.</summary>
    public async Task<IReadOnlyList<Answer>> StreamAsync(IReadOnlyList<SignedEntry> entries, int node = 0)
    {
        var answers = await StreamLinesAsync(string.Concat(entries.Select(Line)), node);
        Assert.Equal(entries.Count, answers.Count);
        for (var i = 0; i < answers.Count; i++)
        {
            if (answers[i].IsIn)
            {
                Acknowledged.Enqueue((entries[i], answers[i].Index!.Value, null));
            }
        }

        return answers;
    }

    public async Task<IReadOnlyList<Answer>> StreamLinesAsync(string lines, int node = 0)
    {
        using var body = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
        using var response = await Http(node).PostAsync("/entries", body, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            return new Answer(
                root.GetProperty("status").GetInt32(),
                root.TryGetProperty("index", out var index) ? index.GetInt64() : null,
                root.TryGetProperty("problem", out var problem) ? problem.GetProperty("code").GetString() : null,
                line);
        })];
    }

    public static string Line(SignedEntry signed) => $$"""{"sd_jwt":"{{signed.ToSdJwt()}}"}""" + "\n";

    /// <summary>Sends one entry that must be admitted.</summary>
    public async Task<SignedEntry> AdmitAsync(SignedEntry signed, int node = 0)
    {
        var answer = await PostAsync(signed, node);
        Assert.True(answer.Status == 201, $"{answer}\n{(answer.Status >= 500 ? Node(node).Said : "")}");
        return Says.Stands(signed);
    }

    /// <summary>Sends entries, at most one a chain, that must all be admitted.</summary>
    public async Task AdmitAsync(IReadOnlyList<SignedEntry> entries, int node = 0)
    {
        Assert.All(await StreamAsync(entries, node), answer => Assert.True(answer.Status == 201, answer.ToString()));
        foreach (var entry in entries)
        {
            Says.Stands(entry);
        }
    }

    /// <summary>The index under which the entry is served; null when it is not there.</summary>
    public async Task<long?> IndexAsync(SignedEntry signed, int node = 0)
    {
        using var response = await Http(node).GetAsync($"/entries/{signed.Entry.LeafHash}", Cancel);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(signed.Entry.Leaf.ToArray(), await response.Content.ReadAsByteArrayAsync(Cancel));
        return long.Parse(response.Headers.GetValues("Entry-Index").Single(), CultureInfo.InvariantCulture);
    }

    /// <summary>The published checkpoint, once it has come so far.</summary>
    public async Task<(ulong Size, Digest Root, string Note)> CheckpointAsync(long atLeast = 0, int node = 0)
    {
        while (true)
        {
            var note = await Http(node).GetStringAsync("/checkpoint", Cancel);
            var lines = note.Split('\n');
            var size = ulong.Parse(lines[1], CultureInfo.InvariantCulture);
            if (size >= (ulong)atLeast)
            {
                return (size, new Digest(Convert.FromBase64String(lines[2])), note);
            }
        }
    }

    /// <summary>Makes proofs from the tiles that a node serves.</summary>
    public TileReader Tiles(ulong size, int node = 0) => new(size, async (tile, cancel) => await Http(node).GetByteArrayAsync("/" + tile.Path, cancel));

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var owner = NpgsqlDataSource.Create(OwnerConnection);
        await using var command = owner.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancel))!;
    }

    public async Task DoAsync(string sql)
    {
        await using var owner = NpgsqlDataSource.Create(OwnerConnection);
        await using var command = owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    // Named states.

    /// <summary>An operator with that role, enrolled when first asked for.</summary>
    public Task<Party> AnAsync(Role role) => _operators.GetOrAdd(role, wanted => new Lazy<Task<Party>>(async () =>
    {
        var party = Party.Of($"did:web:{wanted.ToString().ToLowerInvariant()}.example");
        await AdmitAsync(Says.Enrols(party, wanted));
        return party;
    })).Value;

    public async Task<SignedEntry> ALotAsync() => await AdmitAsync(Says.Extracts(await AnAsync(Role.Miner), Author.Uuid()));

    public async Task<SignedEntry> ABatteryOnTheMarketAsync()
    {
        var maker = await AnAsync(Role.BatteryMaker);
        var model = await AdmitAsync(Says.DeclaresModel(maker, Author.Uuid()));
        var battery = await AdmitAsync(Says.MakesBattery(maker, Author.Uuid(), model));
        await AdmitAsync(Says.PlacesOnMarket(maker, battery.Entry.Subject));
        return battery;
    }

    public async ValueTask DisposeAsync()
    {
        for (var node = 0; node < _nodes.Count; node++)
        {
            if (_nodes[node] is { } process)
            {
                // A server of its own goes with its service, when that ends in order.
                _ = await process.EndAsync();
                Gone(node);
            }
        }

        if (_owner is null && File.Exists(Path.Combine(Folder.Cluster, "postmaster.pid")))
        {
            // The service was killed by a test that failed then.
            try
            {
                using var server = System.Diagnostics.Process.GetProcessById(Folder.ServerProcess);
                server.Kill();
                await server.WaitForExitAsync(CancellationToken.None);
            }
            catch (ArgumentException)
            {
                // It is gone too.
            }
        }

        _all.ForEach(client => client.Dispose());
        Folder.Dispose();
    }

    private static string CodeOf(string problem)
    {
        using var json = JsonDocument.Parse(problem);
        return json.RootElement.TryGetProperty("code", out var code) ? code.GetString()! : "none";
    }

    private static async Task<World> OpenedAsync(World world)
    {
        await world.AdmitAsync(world.Says.Opens());
        return world;
    }

    private ServiceProcess Launch() => ServiceProcess.Start(Folder.Path, _settings);

    // The client stays until the next start or the end: whoever still asks hears that the connection is lost, as anybody would.
    private void Gone(int node)
    {
        _nodes[node]?.Dispose();
        _nodes[node] = null;
    }
}
