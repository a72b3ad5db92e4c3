using CriticalMinerals.Ledger;
using CriticalMinerals.Service;
using JasperFx;
using JasperFx.Events;
using Marten;

namespace CriticalMinerals.Benchmarks;

/// <summary>
/// What the ledger is compared with: Marten's event store alone, on the same PostgreSQL server, one append per transaction, a new stream for each entry,
/// the same bytes by a binary serializer. No signature check, no rules, no tree, no HTTP.
/// </summary>
internal sealed class BareMarten(string connectionString) : IAsyncDisposable
{
    private readonly DocumentStore _store = DocumentStore.For(options =>
    {
        options.Connection(connectionString);
        options.DatabaseSchemaName = "bare";
        options.AutoCreateSchemaObjects = AutoCreate.All;
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.UseBinarySerializer<EntryAppended>(new Bytes());
    });

    internal Task MigrateAsync() => _store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();

    internal async Task AppendAsync(SignedEntry entry)
    {
        await using var session = _store.LightweightSession();
        session.Events.StartStream(entry.Entry.Subject, new EntryAppended(entry.Entry.Leaf.ToArray()));
        await session.SaveChangesAsync();
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private sealed class Bytes : IEventBinarySerializer
    {
        public byte[] Serialize(Type type, object data) => ((EntryAppended)data).Leaf;

        public object Deserialize(Type type, byte[] data) => new EntryAppended(data);
    }
}
