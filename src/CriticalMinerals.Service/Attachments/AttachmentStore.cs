using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using Npgsql;

namespace CriticalMinerals.Service.Attachments;

/// <summary>Who names a document, and its bytes. Bytes lie in parts, so that neither side ever holds a whole document in memory.</summary>
public sealed class AttachmentStore(NpgsqlDataSource database, EntryReader entries)
{
    private const int PartSize = 256 * 1024;

    /// <summary>
    /// Entries asked for one hash, the earliest first: whoever names somebody else's document later, with a wrong size or media type, changes nothing for the
    /// one who named it first.
    /// </summary>
    private const int EntriesAsked = 64;

    /// <summary>How the hash is named, by the earliest entry first; empty when no admitted entry names it or what named it is forgotten.</summary>
    public async Task<IReadOnlyList<(StoredEntry Entry, NamedDocument Document)>> NamedAsync(Digest name, CancellationToken cancel)
    {
        var indexes = new List<long>();
        await using (var command = database.CreateCommand("select leaf_index from ledger.document where sha256 = $1 order by leaf_index limit $2"))
        {
            command.Parameters.Add(new() { Value = name.ToArray() });
            command.Parameters.Add(new() { Value = EntriesAsked });
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                indexes.Add(rows.GetInt64(0));
            }
        }

        var naming = await entries.AtAsync(indexes, cancel);
        return [.. naming.SelectMany(e => NamedDocument.Of(e.Signed).Where(d => d.Name == name).Select(d => (e, d)))];
    }

    /// <summary>Keeps a document whose hash was checked; all of it or nothing. False when it was there, null when nothing names it any more.</summary>
    public async Task<bool?> KeepAsync(Digest name, Stream document, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var begin = new NpgsqlCommand("insert into ledger.attachment (sha256, size) values ($1, $2) on conflict do nothing", connection))
        {
            // Another upload of the same document is waited for here.
            begin.Parameters.Add(new() { Value = name.ToArray() });
            begin.Parameters.Add(new() { Value = document.Length });
            if (await begin.ExecuteNonQueryAsync(cancel) == 0)
            {
                return false;
            }
        }

        var buffer = new byte[PartSize];
        for (var part = 0; ; part++)
        {
            var length = await document.ReadAtLeastAsync(buffer, PartSize, throwOnEndOfStream: false, cancel);
            if (length == 0)
            {
                break;
            }

            await using var insert = new NpgsqlCommand("insert into ledger.attachment_part (sha256, part, bytes) values ($1, $2, $3)", connection);
            insert.Parameters.Add(new() { Value = name.ToArray() });
            insert.Parameters.Add(new() { Value = part });
            insert.Parameters.Add(new() { Value = new ArraySegment<byte>(buffer, 0, length) });
            await insert.ExecuteNonQueryAsync(cancel);
        }

        // Whoever erases what names the document waits here, or was first: then nothing of it is kept.
        await using (var named = new NpgsqlCommand("select from ledger.document where sha256 = $1 for share", connection))
        {
            named.Parameters.Add(new() { Value = name.ToArray() });
            await using var rows = await named.ExecuteReaderAsync(cancel);
            if (!await rows.ReadAsync(cancel))
            {
                return null;
            }
        }

        await transaction.CommitAsync(cancel);
        return true;
    }

    /// <summary>Length of a kept document; null when it is not kept.</summary>
    public async Task<long?> SizeAsync(Digest name, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select size from ledger.attachment where sha256 = $1");
        command.Parameters.Add(new() { Value = name.ToArray() });
        return (long?)await command.ExecuteScalarAsync(cancel);
    }

    /// <summary>Writes a kept document, part by part. No connection is held while the reader takes its time.</summary>
    /// <exception cref="InvalidDataException">A part is missing.</exception>
    public async Task CopyAsync(Digest name, long size, Stream to, CancellationToken cancel)
    {
        for (var (part, left) = (0, size); left > 0; part++)
        {
            await using var command = database.CreateCommand("select bytes from ledger.attachment_part where sha256 = $1 and part = $2");
            command.Parameters.Add(new() { Value = name.ToArray() });
            command.Parameters.Add(new() { Value = part });
            var bytes = await command.ExecuteScalarAsync(cancel) as byte[] ?? throw new InvalidDataException($"Part {part} of attachment {name} is missing.");
            await to.WriteAsync(bytes, cancel);
            left -= bytes.Length;
        }
    }
}
