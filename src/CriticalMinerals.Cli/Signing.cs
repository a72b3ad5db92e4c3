using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Cli;

/// <summary>What all commands that say something in a ledger share: whose key, which ledger, and how the answer is kept and shown.</summary>
internal sealed class Signing(Terminal terminal, bool isRequired = true)
{
    private readonly Option<string> _url = new("--url") { Description = "Address of the ledger.", Required = isRequired };
    private readonly Option<string> _key = new("--key", "--authority") { Description = "Private key file (PKCS#8 PEM).", Required = isRequired };
    private readonly Option<string?> _keyId = new("--kid") { Description = "Key id in full, did:web:…#name; by default from the .kid file beside the key." };
    private readonly Option<string?> _vkey = new("--vkey") { Description = "The log's verifier key or a file with it; by default the one first seen with this key's journal." };
    private readonly Option<string?> _journal = new("--journal") { Description = "Folder that keeps what was signed; by default <key>.journal." };
    private readonly Option<int> _resign = new("--resign") { Description = "Sign again for a newer head, at most so often, when others wrote on the chain meanwhile.", DefaultValueFactory = _ => 0 };
    private readonly Option<bool> _signOnly = new("--sign-only") { Description = "Print the signed SD-JWT and send nothing." };
    private readonly Option<string?> _save = new("--save") { Description = "Write <save>.sd-jwt, <save>.tlog-proof and <save>.line<i>.json." };

    /// <summary>Adds the options and makes the command say what <paramref name="statement"/> gives.</summary>
    internal Command Says(Command command, Func<ParseResult, Producer, Statement> statement, Func<ParseResult, string?>? save = null)
    {
        foreach (var option in (Option[])[_url, _key, _keyId, _vkey, _journal, _resign, _signOnly, _save])
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellation) => WithAsync(
            parsed,
            producer => parsed.GetValue(_signOnly)
                ? SignOnlyAsync(producer, statement(parsed, producer), cancellation)
                : AppendAsync(producer, statement(parsed, producer), parsed.GetValue(_resign), parsed.GetValue(_save) ?? save?.Invoke(parsed), cancellation),
            cancellation));
        return command;
    }

    /// <summary>Adds the options that name a producer.</summary>
    internal void AddTo(Command command)
    {
        foreach (var option in (Option[])[_url, _key, _keyId, _vkey, _journal])
        {
            command.Add(option);
        }
    }

    /// <summary>Whether the command was told a ledger to ask.</summary>
    internal bool HasLedger(ParseResult parsed) => parsed.GetValue(_url) is not null;

    /// <summary>Does something with the producer that the options name, after what an earlier run left unanswered was sent.</summary>
    internal Task<int> WithAsync(ParseResult parsed, Func<Producer, Task<int>> act, CancellationToken cancellation) => WithAsync(parsed, (producer, _) => act(producer), cancellation);

    /// <inheritdoc cref="WithAsync(ParseResult, Func{Producer, Task{int}}, CancellationToken)"/>
    internal async Task<int> WithAsync(ParseResult parsed, Func<Producer, LedgerApi, Task<int>> act, CancellationToken cancellation)
    {
        var path = parsed.GetValue(_key) ?? throw new UsageException("A signature is needed to ask the ledger: give --key.");
        var keyId = Files.KeyIdOf(path, parsed.GetValue(_keyId));
        using var key = Files.ReadKey(path);
        using var http = terminal.Http(parsed.GetRequiredValue(_url));
        var api = new LedgerApi(http);
        using var journal = new Journal(parsed.GetValue(_journal) ?? path + ".journal");
        var log = await api.GetLogAsync(cancellation);
        var logKeys = await LogKeysAsync(api, journal, parsed.GetValue(_vkey), cancellation);
        using var producer = new Producer(api, log.Origin, keyId, key, logKeys, journal);
        foreach (var outcome in await producer.ResumeAsync(cancellation))
        {
            terminal.Say(outcome switch
            {
                AppendOutcome.Admitted { Appended: var a } => string.Create(CultureInfo.InvariantCulture, $"An entry left over from before was answered: {a.Signed.Entry.Event} on {a.Signed.Entry.Subject} stands at index {a.Index}."),
                AppendOutcome.Refused r => $"An entry left over from before was refused and changed nothing: {r.Subject}: {r.Why.Message}",
                _ => throw new InvalidOperationException(),
            });
        }

        return await act(producer, api);
    }

    private async Task<IReadOnlyCollection<NoteVerifier>> LogKeysAsync(LedgerApi api, Journal journal, string? given, CancellationToken cancellation)
    {
        var pinned = Path.Combine(journal.Folder, "log.vkey");
        if (given is not null)
        {
            return Files.ReadVerifierKeys(given);
        }

        if (!File.Exists(pinned))
        {
            var keys = await api.GetVerifierKeysAsync(cancellation);
            Files.WriteNew(pinned, string.Concat(keys.Select(k => k + "\n")));
            terminal.Say($"Log key taken from the ledger and kept in {pinned}; compare it with what the log's operator publishes: {keys.First()}");
        }

        return Files.ReadVerifierKeys(pinned);
    }

    private async Task<int> SignOnlyAsync(Producer producer, Statement statement, CancellationToken cancellation)
    {
        var sdJwt = (await producer.SignAsync(statement, cancellation)).ToSdJwt();
        return terminal.Give(sdJwt, new JsonObject { ["sdJwt"] = sdJwt });
    }

    private async Task<int> AppendAsync(Producer producer, Statement statement, int resign, string? save, CancellationToken cancellation)
    {
        // Found out before anything is sent, not after.
        var existing = save is null ? null : ((string[])[save + ".sd-jwt", save + Receipt.FileSuffix]).FirstOrDefault(File.Exists);
        if (existing is not null)
        {
            throw new UsageException($"{existing} exists already and is not written over. Was this said before? Else give another name with --save.");
        }

        var appended = await producer.AppendAsync(statement, resign, cancellation);
        var json = Describe(appended);
        if (save is not null)
        {
            Files.WriteNew(save + ".sd-jwt", appended.Signed.ToSdJwt() + "\n");
            Files.WriteNew(save + Receipt.FileSuffix, appended.Receipt.ToString());
            json["receipt"] = save + Receipt.FileSuffix;
            terminal.Say($"Receipt: {save}{Receipt.FileSuffix}, entry: {save}.sd-jwt");
            var lines = new JsonArray();
            foreach (var line in appended.Handed)
            {
                var file = string.Create(CultureInfo.InvariantCulture, $"{save}.line{line.Line}.json");
                Files.WriteNew(file, line.ToJson());
                lines.Add(file);
                terminal.Say($"Hand {file} to {line.Operator}, and to nobody else.");
            }

            json["lines"] = lines;
        }

        return terminal.Give(Tell(appended), json);
    }

    /// <summary>An admitted entry in a sentence.</summary>
    internal static string Tell(Appended appended) =>
        string.Create(CultureInfo.InvariantCulture, $"{appended.Signed.Entry.Event} on {appended.Signed.Entry.Subject} stands at index {appended.Index}, leaf hash {appended.LeafHash}.");

    /// <summary>An admitted entry as JSON.</summary>
    internal static JsonObject Describe(Appended appended) => new()
    {
        ["event"] = appended.Signed.Entry.Event,
        ["subject"] = appended.Signed.Entry.Subject,
        ["index"] = appended.Index,
        ["leafHash"] = appended.LeafHash.ToString(),
        ["size"] = appended.Checkpoint.Size,
        ["root"] = appended.Checkpoint.Root.ToString(),
    };
}
