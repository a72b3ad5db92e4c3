using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Attachments;
using Npgsql;

namespace CriticalMinerals.Service.Log;

/// <summary>
/// Deletes what <c>erased.v1</c> entries name: disclosures, value and salt, and the documents that were brought for nothing else. Run in the transaction that admits the
/// entry, and over everything at each start: a backup may have brought back what was erased.
/// </summary>
public static class Erasure
{
    /// <summary>Deletes everything erased by entries from an index on that is still there. Safe to repeat.</summary>
    /// <returns>How many disclosures were there.</returns>
    public static async Task<int> ApplyAsync(NpgsqlConnection connection, long from, CancellationToken cancel)
    {
        var documents = new HashSet<(long Index, Digest Name)>();
        var found = 0;
        await using (var find = new NpgsqlCommand(
            """
            select l.index, e.bdata, array_agg(d.text) from ledger.erasure x
            join ledger.disclosure d on d.leaf_index = x.leaf_index and sha256(convert_to(d.text, 'UTF8')) = x.digest
            join ledger.leaf l on l.index = x.leaf_index join ledger.mt_events e on e.stream_id = l.chain and e.version = l.seq + 1
            where x.erased_by >= $1 group by l.index, e.bdata
            """,
            connection))
        {
            find.Parameters.Add(new() { Value = from });
            await using var rows = await find.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                var texts = rows.GetFieldValue<string[]>(2);
                found += texts.Length;
                if (Entry.Parse(rows.GetFieldValue<byte[]>(1), out _) is { } entry && SignedEntry.Join(entry, texts, complete: false, out _) is { } signed)
                {
                    documents.UnionWith(NamedDocument.Of(signed).Where(d => d.Access != AccessClass.P).Select(d => (rows.GetInt64(0), d.Name)));
                }
            }
        }

        if (found == 0)
        {
            return 0;
        }

        await using var delete = new NpgsqlBatch(connection);
        void Add(string sql, params object[] values)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            delete.BatchCommands.Add(command);
        }

        Add("delete from ledger.disclosure d using ledger.erasure x where x.erased_by >= $1 and d.leaf_index = x.leaf_index and sha256(convert_to(d.text, 'UTF8')) = x.digest", from);
        if (documents.Count > 0)
        {
            byte[][] names = [.. documents.Select(d => d.Name.ToArray())];

            // An upload of what others name too ends before this or waits for it.
            Add("select from ledger.attachment where sha256 = any($1) order by sha256 for update", [names]);
            Add("delete from ledger.document d using unnest($1, $2) t(leaf_index, sha256) where d.leaf_index = t.leaf_index and d.sha256 = t.sha256", documents.Select(d => d.Index).ToArray(), names);

            // Each statement sees what was committed before it: an upload that came between holds the row deleted above until its end (AttachmentStore). Bytes stay
            // where another naming brought them, and not because somebody names them who never had them.
            Add("delete from ledger.attachment a where a.sha256 = any($1) and not exists (select from ledger.document d where d.sha256 = a.sha256 and d.brought)", [names]);
            Add("delete from ledger.attachment_part p where p.sha256 = any($1) and not exists (select from ledger.document d where d.sha256 = p.sha256 and d.brought)", [names]);
        }

        await delete.ExecuteNonQueryAsync(cancel);
        return found;
    }
}
