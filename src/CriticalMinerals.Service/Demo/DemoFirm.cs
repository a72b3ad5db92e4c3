using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Service.Demo;

/// <summary>
/// One who speaks in the demo: a key and a journal of its own under <c>demo</c> in the data folder. What its journal says is done is not said again, so that
/// a demo that was killed goes on where it stopped.
/// </summary>
public sealed class DemoFirm : IDisposable
{
    private readonly SigningKey _key;
    private readonly Journal _journal;
    private readonly Producer _producer;
    private readonly Dictionary<(string Subject, string Event), Queue<KeptEntry>> _done;

    private DemoFirm(string folder, string name, string keyId, LedgerApi api, string origin, IReadOnlyList<NoteVerifier> logKeys)
    {
        KeyId = keyId;
        _key = DemoKeys.Open(Path.Combine(folder, name + ".pem"));
        _journal = new Journal(Path.Combine(folder, name));
        _producer = new Producer(api, origin, keyId, _key, logKeys, _journal);
        _done = [];
    }

    /// <summary>Its key in full.</summary>
    public string KeyId { get; }

    /// <summary>Its DID.</summary>
    public string Did => Names.OperatorOf(KeyId);

    /// <summary>Opens key and journal, and settles what a crash left open.</summary>
    /// <param name="folder">The demo's folder.</param>
    /// <param name="name">Name of key file and journal.</param>
    /// <param name="keyId">The key in full.</param>
    /// <param name="api">The ledger.</param>
    /// <param name="origin">The log.</param>
    /// <param name="logKeys">Keys that receipts must be signed with.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<DemoFirm> OpenAsync(
        string folder, string name, string keyId, LedgerApi api, string origin, IReadOnlyList<NoteVerifier> logKeys, CancellationToken cancel)
    {
        var firm = new DemoFirm(folder, name, keyId, api, origin, logKeys);
        try
        {
            await firm._producer.ResumeAsync(cancel);
            foreach (var entries in firm._journal.Done().Where(e => e.Signed.Entry.Origin == origin).GroupBy(e => (e.Signed.Entry.Subject, e.Signed.Entry.Event)))
            {
                firm._done[entries.Key] = new Queue<KeptEntry>(entries.OrderBy(e => e.Signed.Entry.Sequence));
            }

            return firm;
        }
        catch
        {
            firm.Dispose();
            throw;
        }
    }

    /// <summary>Declares its key for a use.</summary>
    public KeyDeclaration Declare(string origin, KeyUse use) => KeyDeclaration.Of(_key, origin, KeyId, use);

    /// <summary>Says something, unless its journal shows that it did.</summary>
    public async Task<Entry> SayAsync<T>(string subject, T happened, DateTimeOffset when, EntryLinks? links, CancellationToken cancel)
        where T : LifecycleEvent => (await SaidAsync(subject, happened, when, links, cancel)).Entry;

    /// <summary>Says several things that nobody else comes between, in order and in one go, those left out that its journal shows.</summary>
    public async Task SayAllAsync(IEnumerable<(string Subject, LifecycleEvent Happened, DateTimeOffset When)> things, CancellationToken cancel)
    {
        var statements = things.Select(t => new Statement(t.Subject, EventEncoding.Of(t.Happened), t.When))
            .Where(s => Recall(s.Subject, s.Event.Type.Name) is null)
            .ToList();
        await foreach (var outcome in _producer.AppendManyAsync(statements, cancellation: cancel))
        {
            if (outcome is AppendOutcome.Refused { Why: var why })
            {
                throw why;
            }
        }
    }

    /// <summary>Says something that gives lines, unless its journal shows that it did; returns what the receivers take, line by line.</summary>
    public async Task<IReadOnlyList<Redemption>> GiveAsync<T>(
        string subject, T happened, IReadOnlyList<GoodsGiven> goods, DateTimeOffset when, EntryLinks? links, CancellationToken cancel)
        where T : LifecycleEvent
    {
        var (entry, openings) = await SaidAsync(subject, happened, when, (links ?? EntryLinks.None) with { Given = goods }, cancel);
        return [.. openings.Select((opening, line) => new Redemption(entry.LeafHash, line, opening))];
    }

    /// <summary>Gives some of a lot, a batch of parts or a consignment to another's chain.</summary>
    public async Task<Redemption> GiveAsync(string subject, GoodsGiven goods, DateTimeOffset when, CancellationToken cancel) =>
        (await GiveAsync(subject, new Lifecycle.Sourcing.Allocated(), [goods], when, null, cancel))[0];

    public void Dispose()
    {
        _producer.Dispose();
        _journal.Dispose();
        _key.Dispose();
    }

    // The journal knows the openings too: a line is given once, whoever asks for it again after a kill.
    private async Task<(Entry Entry, IReadOnlyList<string> Openings)> SaidAsync<T>(string subject, T happened, DateTimeOffset when, EntryLinks? links, CancellationToken cancel)
        where T : LifecycleEvent
    {
        if (Recall(subject, EventCatalog.Of<T>().Name) is { } kept)
        {
            return (kept.Signed.Entry, [.. kept.Given.Select(g => g.Opening)]);
        }

        var appended = await _producer.AppendAsync(subject, happened, links, when, resign: 3, cancel);
        return (appended.Signed.Entry, [.. appended.Handed.Select(h => h.Opening)]);
    }

    private KeptEntry? Recall(string subject, string happened) => _done.GetValueOrDefault((subject, happened)) is { Count: > 0 } done ? done.Dequeue() : null;
}
