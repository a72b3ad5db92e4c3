using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Opening;

namespace CriticalMinerals.Cli;

/// <summary>
/// <c>cml log open</c>: makes the four keys of a new log and its first entry, and with <c>--url</c> sends it. Run again on the same folder it makes nothing
/// new and sends the same entry, so that keys can be put in their places first.
/// </summary>
internal static class LogOpen
{
    private const string EntryFile = "log-opened.sd-jwt";

    internal static Command Make(Terminal terminal)
    {
        var origin = new Option<string>("--origin") { Description = "The log's name, lower-case host[:port]/path, such as ledger.example.com/log/2026.", Required = true };
        var folder = new Option<string>("--out") { Description = "Folder for keys and entry.", Required = true };
        var url = new Option<string?>("--url") { Description = "Address of the running service: send the entry." };
        var after = new Option<string?>("--after") { Description = "The log that ended and goes on in this one: its address, or the folder that cml export made of it. The entry names its newest checkpoint." };
        var afterKey = new Option<string?>("--after-vkey") { Description = "Verifier key of the log that ended, or a file with it; without, the key is taken from that log itself." };
        var command = new Command("open", "Make the keys of a new log and open it.") { origin, folder, url, after, afterKey };
        command.SetAction(async (parsed, cancellation) =>
        {
            var log = parsed.GetRequiredValue(origin);
            var at = parsed.GetRequiredValue(folder);
            if (!Names.IsOrigin(log))
            {
                throw new UsageException($"{log} is no origin: lower-case host[:port]/path was expected, such as ledger.example.com/log/2026.");
            }

            if (parsed.GetValue(after) is null && parsed.GetValue(afterKey) is not null)
            {
                throw new UsageException("--after-vkey says who signed the log that ended: give --after.");
            }

            var ended = parsed.GetValue(after) is { } place ? await ReadAsync(terminal, place, parsed.GetValue(afterKey), cancellation) : null;
            var entryFile = Path.Combine(at, EntryFile);
            if (!File.Exists(entryFile))
            {
                MakeLog(terminal, log, at, ended);
            }
            else
            {
                terminal.Say($"{entryFile} exists: its keys and entry are kept.");
            }

            var signed = SignedEntry.Parse(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Files.Read(entryFile)).Trim()), out var fault) is { } read && Candidate.Read(read, out _) is { Event: LogOpened }
                ? read
                : throw new UsageException($"{entryFile} is no signed log-opened.v1: {fault?.Detail}");
            if (signed.Entry.Origin != log)
            {
                throw new UsageException($"{entryFile} opens {signed.Entry.Origin}, not {log}.");
            }

            var opened = (LogOpened)Candidate.Read(signed, out _)!.Event;
            if (ended is not null && opened.After != ended)
            {
                throw new UsageException($"{entryFile} goes on from {(opened.After is { } other ? $"{other.Origin}, size {other.Size}, root {other.Root}" : "no log")}, and {parsed.GetValue(after)} is at {ended.Origin}, size {ended.Size}, root {ended.Root}. What is signed is kept: take another folder for another opening.");
            }

            var vkey = new NoteVerifier(log, VerifyingKey.FromX(opened.Log.Jwk.X, out _)!);
            var json = new JsonObject
            {
                ["origin"] = log,
                ["folder"] = at,
                ["vkey"] = vkey.ToString(),
                ["authority"] = JsonSerializer.SerializeToNode(opened.Authority.Jwk, JsonSerializerOptions.Web),
                ["leafHash"] = signed.Entry.LeafHash.ToString(),
            };
            return parsed.GetValue(url) is { } address
                ? await SendAsync(terminal, address, signed, vkey, json, cancellation)
                : Explain(terminal, at, log, json);
        });
        return command;
    }

    /// <summary>The log that ended, as its newest checkpoint stands.</summary>
    private static async Task<Predecessor> ReadAsync(Terminal terminal, string place, string? vkey, CancellationToken cancellation)
    {
        using var ended = new OpenPredecessors();
        ended.Add(place, terminal, vkey is null ? [] : Files.ReadVerifierKeys(vkey));
        var checkpoint = await ended.Logs[0].ReadCheckpointAsync(cancellation);
        terminal.Say($"It goes on from {checkpoint.Origin}, size {checkpoint.Size}, root {checkpoint.Root}{(vkey is null ? "; the key that signed this was taken from that log itself" : "")}.");
        return checkpoint.Size > 0
            ? new Predecessor { Origin = checkpoint.Origin, Size = (long)checkpoint.Size, Root = checkpoint.Root.ToString() }
            : throw new UsageException($"{checkpoint.Origin} has no entry: nothing goes on from it.");
    }

    private static void MakeLog(Terminal terminal, string origin, string folder, Predecessor? after)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var did = Names.LogOperator(origin);
        KeyDeclaration Declare(SigningKey key, KeyUse use, string name)
        {
            Files.WriteKey(Path.Combine(folder, name + ".pem"), key, $"{did}#{name}");
            return KeyDeclaration.Of(key, origin, $"{did}#{name}", use);
        }

        using var authority = SigningKey.Generate();
        using var recovery = SigningKey.Generate();
        using var head = SigningKey.Generate();
        using var log = SigningKey.Generate();
        var opened = new LogOpened
        {
            Origin = origin,
            Authority = Declare(authority, KeyUse.Authority, "authority"),
            Recovery = Declare(recovery, KeyUse.Recovery, "recovery"),
            Head = Declare(head, KeyUse.Head, "head"),
            Log = Declare(log, KeyUse.Log, "log"),
            After = after,
        };
        var now = TimeProvider.System.GetUtcNow();
        var signed = EventEncoding.Of(opened).Draft(opened.Authority.Kid, new EntryPlace(origin, Names.LogChain(origin), 0, Digest.Zero, now, now)).Sign(authority);
        Files.WriteNew(Path.Combine(folder, EntryFile), signed.ToSdJwt() + "\n");
        terminal.Say($"Made authority.pem, recovery.pem, head.pem, log.pem and {EntryFile} in {folder}, readable by you alone.");
    }

    private static int Explain(Terminal terminal, string folder, string origin, JsonObject json)
    {
        var authority = json["authority"]!.ToJsonString();
        terminal.Say($"1. Copy {Path.Combine(folder, "log.pem")} and {Path.Combine(folder, "head.pem")} to <DataFolder>/keys of the service.");
        terminal.Say($"2. Start the service with Ledger__Origin={origin} and Ledger__Authority='{authority}'.");
        terminal.Say("3. Run this command again with --url and the service's address.");
        terminal.Say($"Keep {Path.Combine(folder, "authority.pem")} where operators are enrolled, and {Path.Combine(folder, "recovery.pem")} offline: it alone replaces a lost authority key.");
        terminal.Say("Publish the verifier key on stdout; auditors trust it and nothing else.");
        return terminal.Give(json["vkey"]!.GetValue<string>(), json);
    }

    // The entry is a file already, so sending needs no journal: the same bytes go as often as it takes.
    private static async Task<int> SendAsync(Terminal terminal, string url, SignedEntry signed, NoteVerifier vkey, JsonObject json, CancellationToken cancellation)
    {
        using var http = terminal.Http(url);
        var posted = await new LedgerApi(http).PostEntryAsync(signed.ToSdJwt(), cancellation);
        if (Receipt.Parse(posted.Receipt, out var fault) is not { } receipt || (fault = receipt.Verify(signed.Entry.LeafHash, [vkey], out _)) is not null)
        {
            return terminal.Fail(ExitCode.Rejected, fault!.Failure.ToCode(), $"The receipt does not verify with the log key made here: {fault.Detail}");
        }

        json["index"] = receipt.Index;
        terminal.Say(posted.IsNew ? "The log is open." : "The log was opened by this entry before.");
        return terminal.Give(json["vkey"]!.GetValue<string>(), json);
    }
}
