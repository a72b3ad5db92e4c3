using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using Npgsql;

namespace CriticalMinerals.Service.Attachments;

/// <summary>An entry that names a document.</summary>
/// <param name="Entry">The entry, with what is kept of it.</param>
/// <param name="Document">What it says of the document.</param>
/// <param name="IsBrought">Whether its signer brought the bytes after it: only then does it open them to anybody.</param>
public sealed record Naming(StoredEntry Entry, NamedDocument Document, bool IsBrought);

/// <summary>
/// Who names a document, and its bytes. A hash alone opens nothing: whoever heard of one names it as easily as its owner, and only who has the bytes can bring
/// them. Bytes lie in parts, so that neither side ever holds a whole document in memory.
/// </summary>
public sealed class AttachmentStore(NpgsqlDataSource database, EntryReader entries)
{
    private const int PartSize = 256 * 1024;

    /// <summary>Entries asked for one hash.</summary>
    private const int EntriesAsked = 64;

    /// <summary>
    /// How entries name the hash, those first for which it was brought, of them those in clear, then the caller's own, then the earliest: whoever names somebody
    /// else's document later changes nothing for the one who named it first. Empty when no admitted entry names it or what named it is forgotten.
    /// </summary>
    public Task<IReadOnlyList<Naming>> NamedAsync(Digest name, Caller caller, CancellationToken cancel) => NamedAsync(
        """
        select d.leaf_index, d.brought from ledger.document d join ledger.leaf l on l.index = d.leaf_index join ledger.chain c on c.sub = l.chain
        where d.sha256 = $1 order by d.brought desc, d.access = $4 and c.open desc, d.signer = $2 desc, d.leaf_index limit $3
        """,
        name,
        caller.Operator ?? "",
        [(short)AccessClass.P],
        cancel);

    /// <summary>How the operator's own entries name the hash, those first for which it was not brought, then the earliest; what others name is not looked at.</summary>
    public Task<IReadOnlyList<Naming>> NamedByAsync(string signer, Digest name, CancellationToken cancel) => NamedAsync(
        "select leaf_index, brought from ledger.document where sha256 = $1 and signer = $2 order by brought, leaf_index limit $3", name, signer, [], cancel);

    /// <summary>
    /// Keeps a document whose hash was checked, all of it or nothing, and marks it as brought for these namings. False when it was brought for all of them, null
    /// when nothing names it so any more.
    /// </summary>
    public async Task<bool?> KeepAsync(Digest name, Stream document, IReadOnlyList<long> namings, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        bool isNew;

        // Another upload of the same document is waited for here, and an erasure that may take it away; an erasure waits here for this.
        await using (var begin = new NpgsqlCommand(
            "insert into ledger.attachment (sha256, size) values ($1, $2) on conflict (sha256) do update set size = attachment.size returning size, xmax = 0", connection))
        {
            begin.Parameters.Add(new() { Value = name.ToArray() });
            begin.Parameters.Add(new() { Value = document.Length });
            await using var row = await begin.ExecuteReaderAsync(cancel);
            await row.ReadAsync(cancel);
            isNew = row.GetBoolean(1);

            // Bytes of another length under one hash are a nonce that somebody takes for part of the document.
            if (row.GetInt64(0) != document.Length)
            {
                return null;
            }
        }

        if (isNew)
        {
            await WriteAsync(connection, name, document, cancel);
        }

        // Whoever erases what names the document waits here, or was first: then nothing of it is kept.
        var brought = new List<bool>();
        await using (var named = new NpgsqlCommand("select brought from ledger.document where sha256 = $1 and leaf_index = any($2) order by leaf_index for update", connection))
        {
            named.Parameters.Add(new() { Value = name.ToArray() });
            named.Parameters.Add(new() { Value = namings.ToArray() });
            await using var rows = await named.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                brought.Add(rows.GetBoolean(0));
            }
        }

        if (brought.Count == 0)
        {
            return null;
        }

        await using (var mark = new NpgsqlCommand("update ledger.document set brought = true where sha256 = $1 and leaf_index = any($2) and not brought", connection))
        {
            mark.Parameters.Add(new() { Value = name.ToArray() });
            mark.Parameters.Add(new() { Value = namings.ToArray() });
            await mark.ExecuteNonQueryAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
        return brought.Contains(false);
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

    private static async Task WriteAsync(NpgsqlConnection connection, Digest name, Stream document, CancellationToken cancel)
    {
        var buffer = new byte[PartSize];
        for (var part = 0; await document.ReadAtLeastAsync(buffer, PartSize, throwOnEndOfStream: false, cancel) is > 0 and var length; part++)
        {
            await using var insert = new NpgsqlCommand("insert into ledger.attachment_part (sha256, part, bytes) values ($1, $2, $3)", connection);
            insert.Parameters.Add(new() { Value = name.ToArray() });
            insert.Parameters.Add(new() { Value = part });
            insert.Parameters.Add(new() { Value = new ArraySegment<byte>(buffer, 0, length) });
            await insert.ExecuteNonQueryAsync(cancel);
        }
    }

    private async Task<IReadOnlyList<Naming>> NamedAsync(string sql, Digest name, string signer, object[] more, CancellationToken cancel)
    {
        var found = new List<(long Index, bool IsBrought)>();
        await using (var command = database.CreateCommand(sql))
        {
            foreach (var value in (object[])[name.ToArray(), signer, EntriesAsked, .. more])
            {
                command.Parameters.Add(new() { Value = value });
            }

            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                found.Add((rows.GetInt64(0), rows.GetBoolean(1)));
            }
        }

        var naming = (await entries.AtAsync([.. found.Select(f => f.Index)], cancel)).ToDictionary(e => e.Index);
        return [.. found.Where(f => naming.ContainsKey(f.Index)).SelectMany(f => NamedDocument.Of(naming[f.Index].Signed).Where(d => d.Name == name).Select(d => new Naming(naming[f.Index], d, f.IsBrought)))];
    }
}
