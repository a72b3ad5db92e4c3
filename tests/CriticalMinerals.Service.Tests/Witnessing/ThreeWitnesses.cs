using System.Net;
using System.Net.Sockets;
using CriticalMinerals.Cli;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Service.Tests.Log;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Witnessing;

/// <summary>Three witnesses as <c>cml witness</c> runs them, of which a policy asks for two; each comes and goes at its own address and keeps its folder.</summary>
internal sealed class ThreeWitnesses : IAsyncDisposable
{
    private readonly DataFolder _files = new();
    private readonly SigningKey[] _keys = [SigningKey.Generate(), SigningKey.Generate(), SigningKey.Generate()];
    private readonly int[] _ports = [FreePort(), FreePort(), FreePort()];
    private readonly (WitnessFolder Folder, WitnessServer Server)?[] _running = new (WitnessFolder, WitnessServer)?[3];
    private NoteVerifier? _log;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public string Address(int n) => $"http://127.0.0.1:{_ports[n]}";

    public NoteVerifier Verifier(int n) => new($"witness.example/w{n + 1}", _keys[n].VerifyingKey, NoteSignatureType.CosignatureV1);

    /// <summary>Settings of a service that asks them.</summary>
    public IReadOnlyDictionary<string, string> Settings(bool quorum)
    {
        var policy = Path.Combine(_files.Parent, "policy");
        File.WriteAllText(policy, Text);
        return new Dictionary<string, string> { ["Ledger__Witnesses"] = policy, ["Ledger__Witnesses__Quorum"] = quorum ? "true" : "false" };
    }

    private string Text => string.Concat(Enumerable.Range(0, 3).Select(n => $"witness w{n + 1} {Verifier(n)} {Address(n)}\n")) + "group two 2 w1 w2 w3\nquorum two\n";

    /// <summary>What a client of that log trusts.</summary>
    public TrustPolicy Policy(World world) => TrustPolicy.Parse($"log {new NoteVerifier(world.Says.Origin, world.Says.LogKey.Key.VerifyingKey)}\n{Text}", out _)!;

    public void Know(World world) => _log = new NoteVerifier(world.Says.Origin, world.Says.LogKey.Key.VerifyingKey);

    public async Task StartAsync(int n)
    {
        var folder = WitnessFolder.Open(Path.Combine(_files.Parent, $"w{n}"));
        _running[n] = (folder, await WitnessServer.StartAsync(new Witness(Verifier(n).Name, _keys[n], [_log!]), folder, Address(n), TimeProvider.System, Cancel));
    }

    public async Task StopAsync(int n)
    {
        if (_running[n] is var (folder, server))
        {
            await server.DisposeAsync();
            folder.Dispose();
            _running[n] = null;
        }
    }

    /// <summary>In the place of a witness: takes every connection and says nothing.</summary>
    public TcpListener Hole(int n)
    {
        var hole = new TcpListener(IPAddress.Loopback, _ports[n]);
        hole.Start();
        return hole;
    }

    /// <summary>The size that a running witness cosigned last for the log.</summary>
    public ulong Seen(int n) => _running[n]!.Value.Folder.Latest(Witness.HashOf(_log!.Name)) is { } note ? Checkpoint.Parse(note.Text, out _)!.Size : 0;

    /// <summary>The public checkpoint, once it has come so far and has the quorum's cosignatures, or that of one witness.</summary>
    public async Task<SignedNote> CosignedAsync(World world, ulong atLeast, int? by = null)
    {
        while (true)
        {
            using var answer = await world.Http().GetAsync("/checkpoint", Cancel);
            if (answer.IsSuccessStatusCode && SignedNote.Parse(await answer.Content.ReadAsByteArrayAsync(Cancel), out _) is { } note &&
                Checkpoint.Parse(note.Text, out _)!.Size >= atLeast && (by is { } one ? By(note).Contains(one) : Policy(world).Verify(note, out _) is not null))
            {
                return note;
            }

            await Task.Delay(50, Cancel);
        }
    }

    /// <summary>Which of them cosigned.</summary>
    public IReadOnlyList<int> By(SignedNote note) => [.. Enumerable.Range(0, 3).Where(n => note.Signatures.Any(Verifier(n).Answers) && note.Verify([Verifier(n)], out _) is not null)];

    public async ValueTask DisposeAsync()
    {
        for (var n = 0; n < 3; n++)
        {
            await StopAsync(n);
        }

        Array.ForEach(_keys, key => key.Dispose());
        _files.Dispose();
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
