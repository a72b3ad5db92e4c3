using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.OpenId;

/// <summary>A real OpenID Connect issuer as a process of its own: the program CriticalMinerals.Issuer.</summary>
public sealed class IssuerProcess : IAsyncLifetime
{
    private Process? _process;
    private HttpClient? _http;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>As its discovery document and its tokens write it.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>Starts one, at the address where another stood when a test wants that.</summary>
    public static async Task<IssuerProcess> StartAsync(string address = "http://127.0.0.1:0")
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory); // .../bin/Debug/net10.0
        var program = Path.Combine(ServiceProcess.Repository().FullName, "tests", "CriticalMinerals.Issuer", "bin", output.Parent!.Name, output.Name, "CriticalMinerals.Issuer.dll");
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { program, "--urls", address },
        };
        var issuer = new IssuerProcess { _process = Process.Start(start)! };
        issuer.Issuer = await issuer._process.StandardOutput.ReadLineAsync(Cancel) ?? throw new InvalidOperationException("The issuer ended.");
        issuer._http = new HttpClient { BaseAddress = new Uri(issuer.Issuer) };
        return issuer;
    }

    public async ValueTask InitializeAsync()
    {
        var other = await StartAsync();
        (_process, _http, Issuer) = (other._process, other._http, other.Issuer);
    }

    /// <summary>An access token by the client credentials grant (RFC 6749 section 4.4).</summary>
    public async Task<string> TokenAsync(params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent([
            new("grant_type", "client_credentials"), new("client_id", "viewer"), new("client_secret", "any"), .. form.Select(one => KeyValuePair.Create(one.Name, one.Value))]);
        using var answer = await _http!.PostAsync("token", content, Cancel);
        var body = await answer.Content.ReadAsStringAsync(Cancel);
        return answer.IsSuccessStatusCode ? (string)JsonNode.Parse(body)!["access_token"]! : throw new InvalidOperationException(body);
    }

    /// <summary>A new key signs from here on.</summary>
    public async Task RolloverAsync(string algorithm = "RS256", bool forgetOlder = false)
    {
        using var answer = await _http!.PostAsync($"rollover?alg={algorithm}&forget={forgetOlder}", null, Cancel);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The keys that it publishes.</summary>
    public async Task<JsonArray> KeysAsync() => JsonNode.Parse(await _http!.GetStringAsync(".well-known/jwks", Cancel))!["keys"]!.AsArray();

    /// <summary>How often anybody asked for its discovery document or its keys.</summary>
    public async Task<int> AskedAsync() => int.Parse(await _http!.GetStringAsync("asked", Cancel), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_process is not null)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }
    }
}
