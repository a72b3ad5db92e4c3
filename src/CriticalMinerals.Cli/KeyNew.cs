using System.CommandLine;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Cli;

/// <summary><c>cml key new</c>: makes a key pair, keeps the private half here, and writes what the authority needs to enter the public half.</summary>
internal static class KeyNew
{
    internal static Command Make(Terminal terminal)
    {
        var owner = new Option<string>("--operator") { Description = "The operator, did:web:….", Required = true };
        var name = new Option<string>("--name") { Description = "Key name, 1 to 64 of A-Z a-z 0-9 _ -.", Required = true };
        var file = new Option<string>("--out") { Description = "File for the private key.", Required = true };
        var request = new Option<string?>("--request") { Description = "File for the enrolment request." };
        var origin = new Option<string?>("--origin") { Description = "The log that the request is for." };
        var url = new Option<string?>("--url") { Description = "Address of the ledger, to ask for its origin." };
        var use = new Option<KeyUse>("--use") { Description = "What the key will sign.", DefaultValueFactory = _ => KeyUse.Operator };
        var command = new Command("new", "Make a key and a request to enter it in the ledger.") { owner, name, file, request, origin, url, use };
        command.SetAction(async (parsed, cancellation) =>
        {
            var did = parsed.GetRequiredValue(owner);
            var keyId = $"{did}#{parsed.GetRequiredValue(name)}";
            if (!Names.IsKeyId(keyId))
            {
                throw new UsageException(Names.IsOperator(did) ? "--name has 1 to 64 of A-Z a-z 0-9 _ -." : $"{did} is no operator: did:web:host[:path] was expected.");
            }

            var log = parsed.GetValue(origin);
            if (parsed.GetValue(request) is not null && log is null)
            {
                using var http = terminal.Http(parsed.GetValue(url) ?? throw new UsageException("A request is for one log: give --origin or --url."));
                log = (await new LedgerApi(http).GetLogAsync(cancellation)).Origin;
            }

            if (log is not null && !Names.IsOrigin(log))
            {
                throw new UsageException($"{log} is no origin: lower-case host[:port]/path was expected.");
            }

            using var key = SigningKey.Generate();
            var path = parsed.GetRequiredValue(file);
            Files.WriteKey(path, key, keyId);
            terminal.Say($"Private key: {path}. It stays with you; readable by you alone.");
            var fingerprint = key.VerifyingKey.Thumbprint().ToString();
            var json = new JsonObject { ["kid"] = keyId, ["key"] = path, ["x"] = key.VerifyingKey.X, ["fingerprint"] = fingerprint };
            if (parsed.GetValue(request) is { } requested)
            {
                var kind = parsed.GetValue(use);
                Files.WriteNew(requested, new EnrolmentRequest(log!, kind.ToString().ToLowerInvariant(), KeyDeclaration.Of(key, log!, keyId, kind)).ToJson());
                json["request"] = requested;
                terminal.Say($"Send {requested} to the log's authority. Nothing in it is secret.");
                terminal.Say($"Read the fingerprint to it by another way: {fingerprint}");
            }

            return terminal.Give(keyId, json);
        });
        return command;
    }
}
