using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Opening;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Benchmarks;

/// <summary>The built service as a process of its own on a data folder of its own, with an open log and one miner, reached by HTTP alone.</summary>
internal sealed class LedgerUnderLoad : IAsyncDisposable
{
    internal const string Origin = "localhost/benchmark";
    private const string Miner = "did:web:mine.example";
    private readonly SigningKey _miner = SigningKey.Generate();
#pragma warning disable CA2213 // StopAsync, which DisposeAsync calls, disposes it.
    private Process? _process;
#pragma warning restore CA2213

    internal DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("critical-minerals-benchmark-");

    internal IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    internal Process Process => _process!;

    internal string DataFolder => Path.Combine(Folder.FullName, "data");

    /// <summary>Starts the service and returns how long it took until it said that it listens.</summary>
    internal async Task<TimeSpan> StartAsync()
    {
        if (!OperatingSystem.IsWindows())
        {
            Folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        }

        DemoKeys.Ensure(DataFolder);

        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = (IPEndPoint)probe.LocalEndpoint;
        }

        // The service's own output folder, in the configuration this program was built in.
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var root = output;
        while (!File.Exists(Path.Combine(root.FullName, "CriticalMinerals.sln")))
        {
            root = root.Parent!;
        }

        var start = new ProcessStartInfo("dotnet", [Path.Combine(root.FullName, "src", "CriticalMinerals.Service", "bin", output.Parent!.Name, output.Name, "CriticalMinerals.Service.dll"), "--urls", $"http://{Address}"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Folder.FullName,
        };
        start.Environment["Ledger__DataFolder"] = DataFolder;
        start.Environment["Ledger__Origin"] = Origin;
        start.Environment["Ledger__Authority"] = DemoKeys.Authority(DataFolder);
        start.Environment["Ledger__Demo"] = "false";
        start.Environment["Ledger__PublicEntries"] = "true";
        var clock = Stopwatch.StartNew();
        _process = Process.Start(start)!;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("The ledger listens on", StringComparison.Ordinal))
            {
                var elapsed = clock.Elapsed;
                _ = ForwardAsync(_process.StandardOutput);
                return elapsed;
            }
        }

        throw new InvalidOperationException("The service ended before it listened.");
    }

    internal async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{Process.Id}"]);
        await Process.WaitForExitAsync();
        Process.Dispose();
        _process = null;
    }

    /// <summary>Opens the log and enrols the miner.</summary>
    internal async Task OpenLogAsync()
    {
        using var authority = Authority();
        var did = Names.LogOperator(Origin);
        using var recovery = SigningKey.Generate();
        using var log = DemoKeys.Open(Path.Combine(LogKeys.FolderIn(DataFolder), LogKeys.LogFile));
        using var head = DemoKeys.Open(Path.Combine(LogKeys.FolderIn(DataFolder), LogKeys.HeadFile));
        var opening = new LogOpened
        {
            Origin = Origin,
            Authority = KeyDeclaration.Of(authority, Origin, did + "#authority", KeyUse.Authority),
            Recovery = KeyDeclaration.Of(recovery, Origin, did + "#recovery", KeyUse.Recovery),
            Head = KeyDeclaration.Of(head, Origin, did + "#head", KeyUse.Head),
            Log = KeyDeclaration.Of(log, Origin, did + "#log", KeyUse.Log),
        };
        await PostAsync(Names.LogChain(Origin), opening);
        await EnrolMinerAsync();
    }

    /// <summary>Enrols the miner in a log that somebody opened.</summary>
    internal Task EnrolMinerAsync() => PostAsync(
        Miner, new OperatorEnrolled { Operator = Miner, Name = "Mine", Roles = [Role.Miner], Key = KeyDeclaration.Of(_miner, Origin, Miner + "#k1", KeyUse.Operator) });

    /// <summary>Signed entries, each the first of a chain of its own: a lot with three disclosures.</summary>
    internal SignedEntry[] Lots(int count)
    {
        var lots = new SignedEntry[count];
        Parallel.For(0, count, i => lots[i] = Join(Sign(
            $"urn:uuid:{Guid.NewGuid()}",
            new LotExtracted
            {
                Open = true,
                Mineral = Mineral.Lithium,
                Product = "spodumene concentrate",
                Site = new Place { Country = "AU", Locality = "Pilbara, Western Australia", Name = "North pit" },
                Mass = Quantity.Parse("25000.5"),
                Content = [new ElementMass { Element = Mineral.Lithium, Mass = Quantity.Parse("695.2") }],
                CarbonFootprint = Quantity.Parse("0.71"),
            },
            _miner,
            Miner + "#k1")));
        return lots;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await StopAsync();
        }

        _miner.Dispose();
        Folder.Delete(recursive: true);
    }

    // What the service has to say while it is measured is trouble.
    private static async Task ForwardAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            await Console.Error.WriteLineAsync(line);
        }
    }

    private async Task PostAsync(string subject, LifecycleEvent happened)
    {
        using var authority = Authority();
        await using var connection = await HttpConnection.OpenAsync(Address);
        if (await connection.PostAsync(Sign(subject, happened, authority, Names.LogOperator(Origin) + "#authority")) is not 201 and var status)
        {
            throw new InvalidOperationException($"The benchmark's log could not be set up: {status}.");
        }
    }

    private SigningKey Authority() => DemoKeys.Open(Path.Combine(DemoKeys.FolderIn(DataFolder), "authority.pem"));

    private static string Sign(string subject, LifecycleEvent happened, SigningKey key, string keyId)
    {
        var now = DateTimeOffset.UtcNow;
        return EventEncoding.Of(happened).Draft(keyId, new EntryPlace(Origin, subject, 0, Digest.Zero, now, now)).Sign(key).ToSdJwt();
    }

    private static SignedEntry Join(string sdJwt) => SignedEntry.Parse(Encoding.ASCII.GetBytes(sdJwt), out _)!;
}
