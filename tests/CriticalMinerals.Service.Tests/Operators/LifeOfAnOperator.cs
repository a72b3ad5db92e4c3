using CriticalMinerals.Cli;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Operators;

/// <summary>An operator and the log's authority, each at a terminal before the running service, from the first request to the new key in place of a lost one.</summary>
public sealed class LifeOfAnOperator(PostgresServer postgres)
{
    private const string Mine = "did:web:mine.example";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_asks_is_approved_suspended_reinstated_and_goes_on_after_it_lost_its_only_key()
    {
        await using var world = await World.AnOpenLogAsync(postgres);
        using var desk = new Desk(world);
        await File.WriteAllTextAsync(desk["authority.pem"], world.Says.Authority.Key.ToPem(), Cancel);
        await File.WriteAllTextAsync(desk["authority.pem.kid"], world.Says.Authority.KeyId, Cancel);

        await desk.DoneAsync("key", "new", "--operator", Mine, "--name", "k1", "--out", desk["k1.pem"], "--request", desk["k1.json"], "--url", desk.Url);
        Assert.Contains("The operator is not enrolled.", await desk.DoneAsync("operator", "review", desk["k1.json"], "--url", desk.Url), StringComparison.Ordinal);
        await desk.DoneAsync(["operator", "approve", desk["k1.json"], "--name", "Mine plc", "--role", "miner", "--prefix", "gtin:4012345", "--yes", .. desk.With("authority.pem")]);
        await desk.DoneAsync(["append", desk.Lot(1), .. desk.With("k1.pem")]);

        await desk.DoneAsync(["operator", "suspend", Mine, "--reason", "Licence withdrawn.", .. desk.With("authority.pem")]);
        Assert.StartsWith($"cml: operator-suspended: {Mine} is suspended", await desk.RefusedAsync(["append", desk.Lot(2), .. desk.With("k1.pem")]), StringComparison.Ordinal);
        Assert.Contains("suspended", await desk.DoneAsync("operator", "list", "--url", desk.Url, "--state", "suspended"), StringComparison.Ordinal);
        await desk.DoneAsync(["operator", "reinstate", Mine, "--reason", "Licence restored.", .. desk.With("authority.pem")]);
        await desk.DoneAsync(["append", desk.Lot(3), .. desk.With("k1.pem")]);

        // The laptop with the only key is gone; the new key alone cannot make itself known.
        await desk.DoneAsync("key", "new", "--operator", Mine, "--name", "k2", "--out", desk["k2.pem"], "--request", desk["k2.json"], "--url", desk.Url);
        Assert.StartsWith("cml: key-unknown: ", await desk.RefusedAsync(["key", "add", desk["k2.json"], .. desk.With("k2.pem")]), StringComparison.Ordinal);
        await desk.DoneAsync(["operator", "recover", desk["k2.json"], "--yes", .. desk.With("authority.pem")]);
        await desk.DoneAsync(["append", desk.Lot(4), .. desk.With("k2.pem")]);
        Assert.StartsWith($"cml: key-revoked: {Mine}#k1 was revoked by entry", await desk.RefusedAsync(["append", desk.Lot(5), .. desk.With("k1.pem")]), StringComparison.Ordinal);

        // What stood before it was suspended, between and after is one log that an auditor accepts.
        Assert.Contains("verified: ", await desk.DoneAsync("audit", desk.Url, "--vkey", desk.VerifierKey), StringComparison.Ordinal);
        var log = JsonListed(await desk.DoneAsync("operator", "list", "--url", desk.Url, "--json"));
        Assert.Equal((Mine, 2, false), log);
        Assert.Equal(10, await world.AskAsync<long>("select count(*) from ledger.leaf"));
    }

    private static (string Did, int Keys, bool Suspended) JsonListed(string text)
    {
        var told = System.Text.Json.Nodes.JsonNode.Parse(text)!["operators"]!.AsArray().Single()!;
        return (told["did"]!.GetValue<string>(), told["keys"]!.AsArray().Count, told["suspended"]!.GetValue<bool>());
    }

    /// <summary>A folder and a terminal.</summary>
    private sealed class Desk(World world) : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cm-desk-");

        public string this[string name] => Path.Combine(_folder.FullName, name);

        public string Url => world.Node().Address.ToString();

        public string VerifierKey => new NoteVerifier(world.Says.Origin, world.Says.LogKey.Key.VerifyingKey).ToString();

        public string[] With(string key) => ["--url", Url, "--key", this[key], "--vkey", VerifierKey];

        public string Lot(int number)
        {
            var file = this[$"lot{number}.json"];
            File.WriteAllText(file, $$$"""{"subject":"https://id.gs1.org/01/04012345000009/10/LOT-{{{number}}}","event":"lot-extracted.v1","data":{"open":true,"mineral":"lithium","product":"brine","site":{"country":"CL"},"mass":"10.5","content":[{"element":"lithium","mass":"0.5"}]}}""");
            return file;
        }

        public async Task<string> DoneAsync(params string[] args)
        {
            var (code, output, error) = await RunAsync(args);
            Assert.True(code == ExitCode.Done, $"{string.Join(' ', args)}: {error}");
            return output;
        }

        public async Task<string> RefusedAsync(params string[] args)
        {
            var (code, _, error) = await RunAsync(args);
            Assert.Equal(ExitCode.Rejected, code);
            return error;
        }

        public void Dispose() => _folder.Delete(recursive: true);

        private static async Task<(int Code, string Output, string Error)> RunAsync(string[] args)
        {
            using var output = new StringWriter();
            using var error = new StringWriter();
            using var terminal = new Terminal(output, error, new SocketsHttpHandler(), isWatched: false);
            return (await CommandLine.RunAsync(args, terminal), output.ToString(), error.ToString());
        }
    }
}
