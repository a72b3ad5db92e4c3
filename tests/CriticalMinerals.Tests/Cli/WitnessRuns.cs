using System.Diagnostics;
using System.Globalization;
using System.Text;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Client;

namespace CriticalMinerals.Tests.Cli;

/// <summary><c>cml witness</c> as a process of its own, made by the commands of the README.</summary>
public sealed class WitnessRuns : IDisposable
{
    private const string Log = "log.example/2026";

    private readonly SigningKey _key = SigningKey.Generate();
    private readonly Folder _folder = new();
    private readonly List<Process> _started = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (var process in _started)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_witness_that_is_killed_remembers_what_it_cosigned_and_one_that_is_asked_to_stop_ends_well()
    {
        await File.WriteAllTextAsync(_folder["log.vkey"], new NoteVerifier(Log, _key.VerifyingKey) + "\n", Cancel);
        var made = Start("key", "witness", "--name", "witness.example/w1", "--out", _folder["w1.pem"]);
        await made.WaitForExitAsync(Cancel);
        Assert.Equal(0, made.ExitCode);

        var verifier = NoteVerifier.Parse((await File.ReadAllTextAsync(_folder["w1.pem.vkey"], Cancel)).Trim(), out _)!;
        var first = Witness();
        using (var http = await AddressAsync(first))
        {
            Assert.IsType<WitnessAnswer.Cosigned>(await new WitnessClient(http, verifier).AddAsync(new AddCheckpoint(0, [], Checkpoint(2, 1)), Cancel));
        }

        first.Kill();
        await first.WaitForExitAsync(Cancel);
        var second = Witness();
        using var again = await AddressAsync(second);
        var client = new WitnessClient(again, verifier);
        Assert.Equal(2ul, Assert.IsType<WitnessAnswer.Conflict>(await client.AddAsync(new AddCheckpoint(0, [], Checkpoint(3, 1)), Cancel)).Size);
        Assert.Equal(422, Assert.IsType<WitnessAnswer.Refused>(await client.AddAsync(new AddCheckpoint(2, [], Checkpoint(2, 7)), Cancel)).Status);
        Assert.Equal(2ul, (await client.LatestAsync(Log, [new NoteVerifier(Log, _key.VerifyingKey)], Cancel))!.Checkpoint.Size);

        // A second one of the same folder would be a second memory.
        var other = Witness();
        var said = await other.StandardError.ReadToEndAsync(Cancel);
        await other.WaitForExitAsync(Cancel);
        Assert.NotEqual(0, other.ExitCode);
        Assert.Contains("is held by another witness", said, StringComparison.Ordinal);

        using (var stop = Process.Start("kill", ["-TERM", second.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await stop.WaitForExitAsync(Cancel);
        }

        await second.WaitForExitAsync(Cancel);
        Assert.Equal(0, second.ExitCode);
    }

    private SignedNote Checkpoint(ulong size, byte root) => new Checkpoint(Log, size, Digest.Sha256([root])).Sign(_key);

    private Process Witness() => Start("witness", "--key", _folder["w1.pem"], "--logs", _folder["log.vkey"], "--state", _folder["w1"], "--urls", "http://127.0.0.1:0");

    private Process Start(params string[] args)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "cml.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        })!;
        _started.Add(process);
        return process;
    }

    // It says where it listens before anything else.
    private static async Task<HttpClient> AddressAsync(Process witness)
    {
        var line = await witness.StandardError.ReadLineAsync(Cancel) ?? "";
        Assert.Contains($" witnesses {Log} at http://", line, StringComparison.Ordinal);
        return new HttpClient { BaseAddress = new Uri(line[line.LastIndexOf("http://", StringComparison.Ordinal)..line.IndexOf(';', StringComparison.Ordinal)] + "/") };
    }
}
