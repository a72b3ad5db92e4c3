using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CriticalMinerals.Service.Demo;

namespace CriticalMinerals.Service.Tests.Postgres;

/// <summary>The built service as a process of its own, so that it can be killed.</summary>
public sealed class ServiceProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly ConcurrentQueue<string> _said = new();

    private ServiceProcess(Process process, Uri address)
    {
        (_process, Address) = (process, address);
        _errors = process.StandardError.ReadToEndAsync();
    }

    public Uri Address { get; }

    public int Id => _process.Id;

    /// <param name="dataFolder">Where it keeps everything.</param>
    /// <param name="arguments">A command with its arguments, or settings beside the address.</param>
    public static ServiceProcess Start(string dataFolder, params string[] arguments) => Start(dataFolder, new Dictionary<string, string>(), arguments);

    /// <param name="settings">Environment variables, over those that make it a service without a demo and without a configured database.</param>
    public static ServiceProcess Start(string dataFolder, IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}");
        probe.Stop();
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(dataFolder),
        };
        foreach (var argument in (string[])[BuiltService(), .. arguments is [[not '-', ..], ..] ? arguments : ["--urls", address.ToString(), .. arguments]])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["Ledger__DataFolder"] = dataFolder;
        start.Environment["Ledger__Demo"] = "false";
        start.Environment.Remove("ConnectionStrings__Ledger");
        start.Environment.Remove("ConnectionStrings__LedgerOwner");
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        // A new log needs a name, an authority and the service's keys; a test that is about them brings its own.
        if (arguments is not [[not '-', ..], ..] && !settings.ContainsKey("Ledger__Origin") && !settings.ContainsKey("Ledger__Demo"))
        {
            DemoKeys.Ensure(dataFolder);
            start.Environment["Ledger__Origin"] = "localhost/process";
            start.Environment["Ledger__Authority"] = DemoKeys.Authority(dataFolder);
        }

        return new ServiceProcess(Process.Start(start)!, address);
    }

    /// <summary>Returns when the service has said that it listens and is ready; fails with its words when it ends instead.</summary>
    public async Task<ServiceProcess> ReadyAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Contains("The ledger listens on", StringComparison.Ordinal))
            {
                using var client = new HttpClient { BaseAddress = Address };
                Assert.Equal("ready", await client.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));
                _ = DrainAsync();
                return this;
            }
        }

        throw new InvalidOperationException($"The service ended: {await _errors}");
    }

    /// <summary>The last lines that the running service has said.</summary>
    public string Said => string.Join('\n', _said);

    // A full pipe would stop a service that has much to say.
    private async Task DrainAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _said.Enqueue(line);
            while (_said.Count > 200)
            {
                _said.TryDequeue(out _);
            }
        }
    }

    /// <summary>What the operating system's "please end" does; returns the exit code.</summary>
    public async Task<int> EndAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        return (await EndedAsync()).ExitCode;
    }

    public async Task<(int ExitCode, string Errors)> EndedAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (_process.ExitCode, await _errors);
    }

    /// <summary>What an ended service, that nobody waited to be ready, said beside its errors.</summary>
    public Task<string> OutputAsync() => _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

    /// <summary>SIGSTOP: everything of it stands still, its connections stay open.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT: it goes on where it stood.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>SIGKILL to this process alone: no handler runs, nothing is tidied.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The folder with the solution.</summary>
    public static DirectoryInfo Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CriticalMinerals.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not stand in the repository.");
        }

        return folder;
    }

    /// <summary>From the service's own output folder: beside the tests it would be surrounded by their packages.</summary>
    private static string BuiltService()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory); // .../bin/Debug/net10.0
        return Path.Combine(Repository().FullName, "src", "CriticalMinerals.Service", "bin", output.Parent!.Name, output.Name, "CriticalMinerals.Service.dll");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
