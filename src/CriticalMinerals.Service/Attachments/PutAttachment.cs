using System.Buffers;
using System.Security.Cryptography;
using CriticalMinerals.Ledger;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Wolverine.Http;

namespace CriticalMinerals.Service.Attachments;

/// <summary>Brings the bytes of a document that an entry of the caller names.</summary>
public static class PutAttachment
{
    /// <summary>
    /// Keeps a document under the hash by which admitted entries of the caller name it: 201 when it was not yet brought for one of them, 200 when it was. The body
    /// is the document itself; where the entry names a nonce, the service takes it into the hash. 401 without a token; 422 where no entry that the caller signed
    /// names it, whoever else does. It opens the document to those who may see the caller's entries, to nobody by what others named: each brings it for its own.
    /// </summary>
    [WolverinePut("/attachments/{sha256}")]
    [ProducesResponseType(StatusCodes.Status201Created)]
    [ProducesResponseType(StatusCodes.Status200OK)]
    [ProducesResponseType(StatusCodes.Status401Unauthorized)]
    [ProducesResponseType(StatusCodes.Status413PayloadTooLarge)]
    [ProducesResponseType(StatusCodes.Status422UnprocessableEntity)]
    public static async Task<IResult> PutAsync(string sha256, HttpContext context, [NotBody] AttachmentStore store, [NotBody] Callers callers, CancellationToken cancel)
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

            var (caller, problem) = await callers.OfAsync(context);
            if (caller is null || caller.IsPublic)
            {
                return problem ?? Problems.Unauthenticated;
            }

            IReadOnlyList<Naming> naming = caller.Operator is { } signer ? await store.NamedByAsync(signer, name, cancel) : [];
            var named = naming.Select(n => n.Document).ToList();
            if (named.Count == 0)
            {
                return Problems.AttachmentUnnamed;
            }

            if (context.Request.ContentLength is { } announced && named.TrueForAll(n => n.Size != announced))
            {
                return Problems.AttachmentSize;
            }

            // Our own limit is lower than or equal to what an entry can name; the server's refusal would come as an exception out of the read.
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = null;
            }

            // A sender may be slow, and the database has few connections: the bytes wait in a file that goes with its handle.
            await using var spool = new FileStream(
                Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
            var (nonce, unfit) = await ReceiveAsync(context.Request.Body, spool, name, named, cancel);
            if (nonce is null)
            {
                return unfit!;
            }

            var fitting = naming.Where(n => n.Document.Size == spool.Length && Convert.ToHexString(n.Document.Nonce.Span) == nonce).Select(n => n.Entry.Index).ToList();
            spool.Position = 0;
            if (await store.KeepAsync(name, spool, fitting, cancel) is not { } isNew)
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

    /// <summary>Takes the body in: the nonce with which it has the hash, in hexadecimal, or what is wrong with it.</summary>
    private static async Task<(string? Nonce, Problem? Problem)> ReceiveAsync(Stream body, FileStream spool, Digest name, List<NamedDocument> named, CancellationToken cancel)
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
                    return (null, largest == NamedDocument.MaximumSize ? Problems.AttachmentTooLarge : Problems.AttachmentSize);
                }

                hashes.ForEach(h => h.Hash.AppendData(buffer.AsSpan(0, length)));
                await spool.WriteAsync(buffer.AsMemory(0, length), cancel);
            }

            var fitting = hashes.Where(h => h.Size == spool.Position).ToList();
            var nonce = fitting.Where(h => new Digest(h.Hash.GetCurrentHash()) == name).Select(h => h.Nonce).FirstOrDefault();
            return (nonce, nonce is not null ? null : fitting.Count == 0 ? Problems.AttachmentSize : Problems.AttachmentHash);
        }
        finally
        {
            hashes.ForEach(h => h.Hash.Dispose());
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
