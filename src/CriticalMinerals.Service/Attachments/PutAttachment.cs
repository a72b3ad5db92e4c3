using System.Buffers;
using System.Security.Cryptography;
using CriticalMinerals.Ledger;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Wolverine.Http;

namespace CriticalMinerals.Service.Attachments;

/// <summary>Brings the bytes of a document that an entry names.</summary>
public static class PutAttachment
{
    /// <summary>
    /// Keeps a document under the hash that an admitted entry names it by: 201 the first time, 200 when it was there. The body is the document itself; where the
    /// entry names a nonce, the service takes it into the hash.
    /// </summary>
    [WolverinePut("/attachments/{sha256}")]
    [ProducesResponseType(StatusCodes.Status201Created)]
    [ProducesResponseType(StatusCodes.Status200OK)]
    [ProducesResponseType(StatusCodes.Status413PayloadTooLarge)]
    [ProducesResponseType(StatusCodes.Status422UnprocessableEntity)]
    public static async Task<IResult> PutAsync(string sha256, HttpContext context, [NotBody] AttachmentStore store, [NotBody] Access access, CancellationToken cancel)
    {
        if (!Digest.TryParse(sha256, out var name))
        {
            return Problems.NotFound;
        }

        try
        {
            if (context.Request.ContentLength > NamedDocument.MaximumSize)
            {
                return Problems.AttachmentTooLarge;
            }

            var naming = await store.NamedAsync(name, cancel);
            var named = naming.Select(n => n.Document).ToList();
            if (named.Count == 0)
            {
                return Problems.AttachmentUnnamed;
            }

            // To who has not the document, one that only closed chains name is one that nobody names.
            var isShown = false;
            foreach (var (entry, _) in naming)
            {
                isShown = isShown || (await access.ChainAsync(entry, cancel) is { } chain && access.IsOpen(chain));
            }

            if (context.Request.ContentLength is { } announced && named.TrueForAll(n => n.Size != announced))
            {
                return isShown ? Problems.AttachmentSize : Problems.AttachmentUnnamed;
            }

            // Our own limit is lower than or equal to what an entry can name; the server's refusal would come as an exception out of the read.
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = null;
            }

            // A sender may be slow, and the database has few connections: the bytes wait in a file that goes with its handle.
            await using var spool = new FileStream(
                Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
            if (await ReceiveAsync(context.Request.Body, spool, name, named, cancel) is { } problem)
            {
                return isShown ? problem : Problems.AttachmentUnnamed;
            }

            spool.Position = 0;
            if (await store.KeepAsync(name, spool, cancel) is not { } isNew)
            {
                return Problems.AttachmentUnnamed;
            }

            context.Response.Headers.Location = $"/attachments/{name}";
            return Results.StatusCode(isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
        }
        catch (NpgsqlException)
        {
            return Problems.AttachmentUnavailable;
        }
    }

    /// <summary>Takes the body in and says what is wrong with it; null when nothing is.</summary>
    private static async Task<Problem?> ReceiveAsync(Stream body, FileStream spool, Digest name, List<NamedDocument> named, CancellationToken cancel)
    {
        var largest = named.Max(n => n.Size);
        var hashes = named.Select(n => (n.Size, Nonce: Convert.ToHexString(n.Nonce.Span))).Distinct()
            .Select(n => (n.Size, Hash: IncrementalHash.CreateHash(HashAlgorithmName.SHA256), n.Nonce)).ToList();
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            hashes.ForEach(h => h.Hash.AppendData(Convert.FromHexString(h.Nonce)));
            int length;
            while ((length = await body.ReadAsync(buffer, cancel)) > 0)
            {
                if (spool.Position + length > largest)
                {
                    return largest == NamedDocument.MaximumSize ? Problems.AttachmentTooLarge : Problems.AttachmentSize;
                }

                hashes.ForEach(h => h.Hash.AppendData(buffer.AsSpan(0, length)));
                await spool.WriteAsync(buffer.AsMemory(0, length), cancel);
            }

            var fitting = hashes.Where(h => h.Size == spool.Position).ToList();
            return fitting.Count == 0 ? Problems.AttachmentSize : fitting.Exists(h => new Digest(h.Hash.GetCurrentHash()) == name) ? null : Problems.AttachmentHash;
        }
        finally
        {
            hashes.ForEach(h => h.Hash.Dispose());
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
