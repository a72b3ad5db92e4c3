using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CriticalMinerals.Cli;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Cli;

/// <summary>A person at a terminal before a ledger: whole runs of <c>cml</c> as text, random values masked by their form.</summary>
internal sealed partial class Session : IDisposable
{
    public Session() => Door = new Door(World);

    public Folder Folder { get; } = new();

    public World World { get; } = World.Opened();

    public Door Door { get; }

    /// <summary>What the person answers when asked, line by line; null when nobody is there.</summary>
    public string? Answers { get; set; }

    /// <summary>Options of who signs with a key file.</summary>
    public string[] As(string key) => ["--url", Door.Address, "--key", Folder[key], "--vkey", Door.VerifierKey.ToString()];

    /// <summary>Options of the log's authority.</summary>
    public string[] AsAuthority()
    {
        File.WriteAllText(Folder["authority.pem"], World.Authority.Key.ToPem());
        return [.. As("authority.pem"), "--kid", World.Authority.KeyId];
    }

    /// <summary>Runs one command: exit code, stdout and stderr, character by character.</summary>
    public Task<string> Run(params string[] args) => Run(args, masked: true);

    /// <inheritdoc cref="Run(string[])"/>
    public async Task<string> Run(string[] args, bool masked)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var network = new Unclosing(Door);
        using var input = Answers is null ? null : new StringReader(Answers);
        using var terminal = new Terminal(output, error, network, isWatched: false, input);
        var code = await CommandLine.RunAsync(args, terminal);
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => "out: " + l)
            .Concat(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => "err: " + l));
        var text = string.Join('\n', lines.Prepend($"exit {code}")).Replace(Folder.Path, "<folder>", StringComparison.Ordinal);
        return !masked ? text : Hash().Replace(VerifierKey().Replace(text, "+<id>+<key>"), "<43>");
    }

    /// <summary>Enrols did:web:mine.example as a miner, with its key in mine.pem.</summary>
    public async Task EnrolMineAsync()
    {
        await Run("key", "new", "--operator", "did:web:mine.example", "--name", "k1", "--out", Folder["mine.pem"], "--request", Folder["mine.json"], "--url", Door.Address);
        await File.WriteAllTextAsync(Folder["authority.pem"], World.Authority.Key.ToPem(), TestContext.Current.CancellationToken);
        Assert.StartsWith("exit 0\n", await Run(
            "enrol", Folder["mine.json"], "--authority", Folder["authority.pem"], "--kid", World.Authority.KeyId, "--name", "Mine", "--role", "miner", "--url", Door.Address, "--vkey", Door.VerifierKey.ToString()), StringComparison.Ordinal);
    }

    /// <summary>The log's name was asked for as a stranger; all that followed as the mine, each time with a token for that address.</summary>
    public void AskedAsMine(string? purpose, params string[] paths)
    {
        Assert.Equal(("/log", null), (Door.Asked[0].Address.AbsolutePath, Door.Asked[0].Token));
        Assert.Equal(paths, Door.Asked.Skip(1).Select(a => a.Address.AbsolutePath));
        using var key = SigningKey.FromPem(File.ReadAllText(Folder["mine.pem"]), out _)!;
        Assert.All(Door.Asked.Skip(1), asked =>
        {
            var token = CallerToken.Parse(asked.Token!, out _)!;
            Assert.True(token.IsSignedBy(key.VerifyingKey));
            Assert.Null(token.Check(World.Origin, "GET", [asked.Address.GetLeftPart(UriPartial.Path)], token.IssuedAt));
            Assert.Equal(("did:web:mine.example#k1", purpose), (token.KeyId, token.Purpose));
        });
    }

    /// <summary>What a run with <c>--json</c> gave.</summary>
    public static JsonNode JsonOf(string run) => JsonNode.Parse(string.Concat(run.Split('\n').Where(l => l.StartsWith("out: ", StringComparison.Ordinal)).Select(l => l[5..])))!;

    /// <summary>Puts a file into the folder.</summary>
    public void Write(string name, string text) => File.WriteAllText(Folder[name], text);

    public void Dispose()
    {
        Door.Dispose();
        Folder.Dispose();
    }

    [GeneratedRegex(@"\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}")]
    private static partial Regex VerifierKey();

    [GeneratedRegex(@"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")]
    private static partial Regex Hash();

    /// <summary>Leaves the door open for the next command.</summary>
    private sealed class Unclosing(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override void Dispose(bool disposing) => base.Dispose(disposing: false);
    }
}
