using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using Microsoft.AspNetCore.StaticFiles;

namespace CriticalMinerals.Cli;

/// <summary>
/// <c>cml attach</c>: without <c>--url</c> says how an event names a document, with it brings the document to the ledger under the name that an entry gave it, as
/// the operator that signed the entry.
/// </summary>
internal static class Attach
{
    // What an entry can name at most: Document.Size.
    private const long MaximumSize = 32 * 1024 * 1024;

    internal static Command Make(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "The document, at most 32 MiB." };
        var url = new Option<string?>("--url") { Description = "Address of the ledger; without it nothing is sent, and what an event says of the document is printed." };
        var title = new Option<string?>("--title") { Description = "What it is, in a few words; the file's name where it is left out." };
        var mediaType = new Option<string?>("--media-type") { Description = "Its media type, such as application/pdf; by the ending of the file's name where it is left out." };
        var isPrivate = new Option<bool>("--private") { Description = "Name it with a nonce, so that who does not see the event's disclosure cannot guess at it." };
        var name = new Option<string?>("--sha256") { Description = "The name that the entry gave it, where it has a nonce." };
        var asking = new Asking(hasPurpose: false);
        var command = new Command("attach", "Name a document in an event, then bring it.") { file, url, title, mediaType, isPrivate, name };
        asking.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(file);
            if (new FileInfo(path) is not { Exists: true, Length: > 0 and <= MaximumSize } found)
            {
                throw new UsageException($"{path} is no file of 1 to {MaximumSize.ToString(CultureInfo.InvariantCulture)} bytes.");
            }

            var bytes = await File.ReadAllBytesAsync(path, cancellation);
            if (parsed.GetValue(url) is not { } address)
            {
                var nonce = parsed.GetValue(isPrivate) ? RandomNumberGenerator.GetBytes(16) : [];
                var document = new JsonObject
                {
                    ["title"] = parsed.GetValue(title) ?? found.Name,
                    ["mediaType"] = parsed.GetValue(mediaType) ?? MediaTypeOf(path),
                    ["size"] = bytes.Length,
                    ["sha256"] = Digest.Sha256([.. nonce, .. bytes]).ToString(),
                };
                if (nonce.Length > 0)
                {
                    document["nonce"] = StrictBase64Url.Encode(nonce);
                }

                terminal.Say("Put this where the event takes a document. When the entry is in the log, bring the file with --url and --as.");
                return terminal.Give(document.ToJsonString(), new JsonObject { ["document"] = document });
            }

            var sha256 = parsed.GetValue(name) is not { } given ? Digest.Sha256(bytes)
                : Digest.TryParse(given, out var digest) ? digest
                : throw new UsageException("--sha256 is the name in the entry: 43 characters of base64url.");
            if (!asking.HasCaller(parsed))
            {
                throw new UsageException("A document is brought by the operator that signed the entry that names it: give --as.");
            }

            using var http = terminal.Http(address);
            var isNew = await asking.WithAsync(parsed, http, api => api.PutAttachmentAsync(sha256, bytes, cancellation), cancellation);
            return terminal.Give($"{sha256} {(isNew ? "is kept" : "was kept before")}.", new JsonObject { ["sha256"] = sha256.ToString(), ["new"] = isNew });
        });
        return command;
    }

    private static string MediaTypeOf(string path) => new FileExtensionContentTypeProvider().TryGetContentType(path, out var known)
        ? known
        : throw new UsageException($"What {Path.GetFileName(path)} is, its name does not tell: say it with --media-type, such as application/pdf.");
}
