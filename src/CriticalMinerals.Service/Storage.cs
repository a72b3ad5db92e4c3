using CriticalMinerals.Lifecycle;
using JasperFx;
using JasperFx.Events;
using Marten;
using Weasel.Core;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace CriticalMinerals.Service;

/// <summary>The one event type in the store: an entry's leaf bytes, exactly as they were received. Its stream is the entry's chain.</summary>
/// <param name="Leaf">The issuer-signed JWT in compact form, ASCII.</param>
public sealed record EntryAppended(byte[] Leaf);

/// <summary>
/// How the ledger lies in PostgreSQL. Marten keeps the streams; the leaf bytes stand in <c>mt_events.bdata</c> and nowhere else, joined to
/// <c>leaf</c> by <c>chain = stream_id</c> and <c>seq + 1 = version</c>. Log order is <c>leaf.index</c>; <c>mt_events.seq_id</c> differs from it within a batch.
/// Nothing hangs on Marten's daemon.
/// </summary>
public static class Storage
{
    /// <summary>The one schema: Marten's tables, ours and Wolverine's envelopes.</summary>
    public const string Schema = "ledger";

    /// <summary>Tables whose rows are evidence: the service's role may add to them and never change or remove.</summary>
    public static readonly IReadOnlyList<string> AppendOnly = ["mt_events", "leaf", "redemption", "tile", "checkpoint", "cosignature", "time_stamp", "erasure", "reading"];

    /// <summary>Marten's configuration. Nothing is created or altered by it at run time; <see cref="Migration"/> does that, as the owner.</summary>
    public static void Configure(StoreOptions options)
    {
        options.DatabaseSchemaName = Schema;
        options.AutoCreateSchemaObjects = AutoCreate.None;
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
        // No exclusive stream locks: the sequencer holds the state row, so no two appends ever meet and no sequence number is burnt.
        options.Events.UseBinarySerializer<EntryAppended>(new LeafBytes());
        options.Storage.ExtendedSchemaObjects.AddRange(Tables());
    }

    /// <summary>The condition under which a row of <c>chain</c> is an operator's: the predicate of the index over these few among millions.</summary>
    public static string IsOperator(string? alias = null) => FormattableString.Invariant($"{(alias is null ? "" : alias + ".")}kind = {(short)ChainKind.Operator}");

    private static IEnumerable<Table> Tables()
    {
        // One row: how far the log is. Every writer locks it, so it is also the order of the log.
        var state = new Table(Name("state"));
        state.AddColumn("one", "boolean").AsPrimaryKey().DefaultValueByExpression("true");
        state.AddColumn("origin", "text").NotNull();
        state.AddColumn("pin_id", "uuid").NotNull();
        state.AddColumn("size", "bigint").NotNull();
        state.AddColumn("root", "bytea").NotNull();
        state.AddColumn("edge", "bytea").NotNull();
        state.AddColumn("committed_at", "timestamptz").NotNull();
        yield return state;

        // entry_key: SHA-256 of kid, newline, jti.
        var leaf = new Table(Name("leaf"));
        leaf.AddColumn("index", "bigint").AsPrimaryKey();
        leaf.AddColumn("hash", "bytea").NotNull().AddIndex(Unique);
        leaf.AddColumn("chain", "text").NotNull();
        leaf.AddColumn("seq", "bigint").NotNull();
        leaf.AddColumn("entry_key", "bytea").NotNull().AddIndex(Unique);
        leaf.AddColumn("committed_at", "timestamptz").NotNull();
        leaf.Indexes.Add(new IndexDefinition("ux_leaf_chain_seq") { Columns = ["chain", "seq"], IsUnique = true });
        leaf.Indexes.Add(new IndexDefinition("ix_leaf_committed_at_index") { Columns = ["committed_at", "index"] });
        yield return leaf;

        // Who took what, as leaf indexes: the entry "taking" redeemed that line of the entry "giving". It stays when the taking chain is undone. Taker and
        // giver are their chains, each as the index of its first entry: a genealogy goes from chain to chain without looking at the entries between.
        var redemption = new Table(Name("redemption"));
        redemption.AddColumn("taking", "bigint").AsPrimaryKey();
        redemption.AddColumn("giving", "bigint").AsPrimaryKey().AddIndex();
        redemption.AddColumn("line", "int").AsPrimaryKey();
        redemption.AddColumn("taker", "bigint").NotNull().AddIndex();
        redemption.AddColumn("giver", "bigint").NotNull().AddIndex();
        yield return redemption;

        // The folded state of each chain after its head. opened is the leaf index of its first entry, undone_at that of the entry that voided it.
        var chain = new Table(Name("chain"));
        chain.AddColumn("sub", "text").AsPrimaryKey();
        chain.AddColumn("kind", "smallint").NotNull();
        chain.AddColumn("open", "boolean").NotNull();
        chain.AddColumn("opened", "bigint").NotNull().AddIndex(Unique);
        chain.AddColumn("seq", "bigint").NotNull();
        chain.AddColumn("head", "bytea").NotNull();
        chain.AddColumn("state", "bytea").NotNull();
        chain.AddColumn("undone_at", "bigint").AllowNulls();
        chain.Indexes.Add(new IndexDefinition("ix_chain_operators") { Columns = ["opened"], Predicate = IsOperator() });
        yield return chain;

        // Who signed on each closed chain, or in whose name: they may read it.
        var signer = new Table(Name("signer"));
        signer.AddColumn("chain", "text").AsPrimaryKey();
        signer.AddColumn("operator", "text").AsPrimaryKey();
        yield return signer;

        // What entries gave; taken_by is the leaf hash of the entry that holds the line now.
        var line = new Table(Name("line"));
        line.AddColumn("entry", "bytea").AsPrimaryKey();
        line.AddColumn("line", "int").AsPrimaryKey();
        line.AddColumn("giver", "text").NotNull();
        line.AddColumn("commitment", "bytea").NotNull();
        line.AddColumn("quantity", "numeric").AllowNulls();
        line.AddColumn("unit", "text").NotNull();
        line.AddColumn("purpose", "smallint").NotNull();
        line.AddColumn("content", "text").AllowNulls();
        line.AddColumn("taken_by", "bytea").AllowNulls();
        line.AddColumn("withdrawn", "boolean").NotNull().DefaultValueByExpression("false");
        yield return line;

        // Unique names (aliases, granted prefixes). Byte order, whatever the database's language, so that a prefix is one range of the primary key.
        var claim = new Table(Name("claim"));
        claim.AddColumn("name", "text").AsPrimaryKey();
        claim.ColumnFor("name")!.ColumnChecks.Add(new ByteOrder());
        claim.AddColumn("owner", "text").NotNull();
        yield return claim;

        // Full tiles only.
        var tile = new Table(Name("tile"));
        tile.AddColumn("level", "smallint").AsPrimaryKey();
        tile.AddColumn("n", "bigint").AsPrimaryKey();
        tile.AddColumn("hashes", "bytea").NotNull();
        yield return tile;

        // Not append-only: erasure deletes here.
        var disclosure = new Table(Name("disclosure"));
        disclosure.AddColumn("leaf_index", "bigint").AsPrimaryKey();
        disclosure.AddColumn("ordinal", "smallint").AsPrimaryKey();
        disclosure.AddColumn("text", "text").NotNull();
        yield return disclosure;

        // What was erased: the disclosure of that digest in that entry must not be kept, whatever a backup brings back.
        var erasure = new Table(Name("erasure"));
        erasure.AddColumn("leaf_index", "bigint").AsPrimaryKey();
        erasure.AddColumn("digest", "bytea").AsPrimaryKey();
        erasure.AddColumn("erased_by", "bigint").NotNull();
        yield return erasure;

        // Which entries name which documents, in clear or in a disclosure of this class; erasure deletes here too. brought: the signer of the entry brought the
        // bytes after it.
        var document = new Table(Name("document"));
        document.AddColumn("sha256", "bytea").AsPrimaryKey();
        document.AddColumn("leaf_index", "bigint").AsPrimaryKey();
        document.AddColumn("access", "smallint").NotNull();
        document.AddColumn("signer", "text").NotNull();
        document.AddColumn("brought", "boolean").NotNull().DefaultValueByExpression("false");
        yield return document;

        // Documents that were brought, whole: the parts of a row are written with it.
        var attachment = new Table(Name("attachment"));
        attachment.AddColumn("sha256", "bytea").AsPrimaryKey();
        attachment.AddColumn("size", "bigint").NotNull();
        yield return attachment;

        var part = new Table(Name("attachment_part"));
        part.AddColumn("sha256", "bytea").AsPrimaryKey();
        part.AddColumn("part", "int").AsPrimaryKey();
        part.AddColumn("bytes", "bytea").NotNull();
        yield return part;

        // Who read what of a chain, in order; hash is SHA-256 over the hash before it and the record. The name of a person stands in reader, where it can be
        // deleted: the record holds its digest.
        var reading = new Table(Name("reading"));
        reading.AddColumn("chain", "text").AsPrimaryKey();
        reading.AddColumn("n", "bigint").AsPrimaryKey();
        reading.AddColumn("record", "text").NotNull();
        reading.AddColumn("hash", "bytea").NotNull();
        yield return reading;

        var reader = new Table(Name("reader"));
        reader.AddColumn("digest", "bytea").AsPrimaryKey();
        reader.AddColumn("text", "text").NotNull();
        reader.AddColumn("at", "timestamptz").NotNull().AddIndex();
        yield return reader;

        // Caller tokens seen, until they expire: each is good for one request, whichever node it comes to. id is SHA-256 of kid, newline, jti.
        var token = new Table(Name("caller_token"));
        token.AddColumn("id", "bytea").AsPrimaryKey();
        token.AddColumn("expires_at", "timestamptz").NotNull().AddIndex();
        yield return token;

        // What /checkpoint has shown to the world.
        var checkpoint = new Table(Name("checkpoint"));
        checkpoint.AddColumn("size", "bigint").AsPrimaryKey();
        checkpoint.AddColumn("note", "text").NotNull();
        checkpoint.AddColumn("published_at", "timestamptz").NotNull();
        yield return checkpoint;

        // Verified cosignatures of what was shown or offered to witnesses; witness is the verifier key, line the signature line. While a log rests they are renewed.
        var cosignature = new Table(Name("cosignature"));
        cosignature.AddColumn("size", "bigint").AsPrimaryKey();
        cosignature.AddColumn("witness", "text").AsPrimaryKey();
        cosignature.AddColumn("kept_at", "timestamptz").AsPrimaryKey();
        cosignature.AddColumn("line", "text").NotNull();
        yield return cosignature;

        // One row, where a quorum is asked for: the checkpoint that witnesses are to cosign before the world sees it.
        var offer = new Table(Name("offer"));
        offer.AddColumn("one", "boolean").AsPrimaryKey().DefaultValueByExpression("true");
        offer.AddColumn("size", "bigint").NotNull();
        offer.AddColumn("note", "text").NotNull();
        offer.AddColumn("offered_at", "timestamptz").NotNull();
        yield return offer;

        // As a witness of other logs: what was cosigned last. origin is the SHA-256 of the log's, in hexadecimal, as its address for monitors has it.
        var witnessed = new Table(Name("witnessed"));
        witnessed.AddColumn("origin", "text").AsPrimaryKey();
        witnessed.AddColumn("note", "text").NotNull();
        yield return witnessed;

        // Checkpoints that an authority time stamped (RFC 3161): stamped_at is its time, kept_at is ours.
        var stamp = new Table(Name("time_stamp"));
        stamp.AddColumn("size", "bigint").AsPrimaryKey();
        stamp.AddColumn("note", "text").NotNull();
        stamp.AddColumn("token", "bytea").NotNull();
        stamp.AddColumn("stamped_at", "timestamptz").NotNull();
        stamp.AddColumn("kept_at", "timestamptz").NotNull();
        yield return stamp;
    }

    private static PostgresqlObjectName Name(string table) => new(Schema, table, SchemaUtils.IdentifierUsage.General);

    private static void Unique(IndexDefinition index) => index.IsUnique = true;

    private sealed class ByteOrder : ColumnCheck
    {
        public override string Declaration() => "COLLATE \"C\"";
    }

    private sealed class LeafBytes : IEventBinarySerializer
    {
        public byte[] Serialize(Type type, object data) => ((EntryAppended)data).Leaf;

        public object Deserialize(Type type, byte[] data) => new EntryAppended(data);
    }
}
