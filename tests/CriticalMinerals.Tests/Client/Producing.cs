using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Client;

/// <summary>A producer against a real ledger behind an unreliable network. Whatever happens, a thing is said once, with the same bytes.</summary>
public sealed class Producing : IDisposable
{
    private static readonly Patience AtOnce = new(3, TimeSpan.Zero, TimeSpan.Zero);

    private readonly Folder _folder = new();
    private readonly World _world = World.Opened();
    private readonly Party _mine = Party.Of("did:web:mine.example");
    private readonly Door _door;

    public Producing()
    {
        _world.Admit(_world.Enrols(_mine, Role.Miner));
        _door = new Door(_world);
    }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _door.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_entry_is_said_its_receipt_verified_and_both_kept()
    {
        using var journal = new Journal(_folder.Path);
        using var producer = Producer(journal);
        var lot = World.Uuid();
        var won = await producer.AppendAsync(lot, Lot(), cancellation: Now);
        var given = await producer.AppendAsync(lot, new Allocated(), Give("5"), cancellation: Now);

        Assert.Equal(won.LeafHash, given.Signed.Entry.Previous);
        Assert.Equal(_world.Log.Count - 1, given.Index);
        Assert.Empty(journal.Pending());
        Assert.True(File.Exists(_folder[$"done/{given.LeafHash}{Receipt.FileSuffix}"]));

        var handed = HandedLine.Parse(System.Text.Encoding.UTF8.GetBytes(Assert.Single(given.Handed).ToJson()), out _)!;
        Assert.Null(handed.Verify(producer.LogKeys, out var quantity));
        Assert.Equal(Quantity.Parse("5"), quantity);
        Assert.NotNull((handed with { Operator = "did:web:thief.example" }).Verify(producer.LogKeys, out _));
    }

    [Theory]
    [InlineData(Weather.LostOnTheWay)]
    [InlineData(Weather.AnswerLost)]
    [InlineData(Weather.Overloaded)]
    internal async Task Bad_weather_never_says_a_thing_twice(Weather weather)
    {
        using var journal = new Journal(_folder.Path);
        using var producer = Producer(journal);
        _door.Ahead.Enqueue(weather);
        _door.Ahead.Enqueue(weather);
        var size = _world.Log.Count;
        await producer.AppendAsync(World.Uuid(), Lot(), cancellation: Now);

        Assert.Equal(size + 1, _world.Log.Count);
        Assert.Single(_door.Arrived.Distinct());
    }

    [Theory]
    [InlineData(Weather.LostOnTheWay)]
    [InlineData(Weather.AnswerLost)]
    internal async Task What_a_crash_left_unanswered_is_sent_again_byte_for_byte(Weather weather)
    {
        var lot = World.Uuid();
        var size = _world.Log.Count;
        string kept;
        using (var journal = new Journal(_folder.Path))
        using (var producer = Producer(journal))
        {
            Enumerable.Repeat(weather, AtOnce.Tries).ToList().ForEach(_door.Ahead.Enqueue);
            var failed = await Assert.ThrowsAsync<LedgerApiException>(() => producer.AppendAsync(lot, Lot(), cancellation: Now));
            Assert.True(failed.IsUnreachable);
            await Assert.ThrowsAsync<InvalidOperationException>(() => producer.AppendAsync(lot, new Allocated(), Give("1"), cancellation: Now));
            kept = Assert.Single(Assert.Single(journal.Pending()).Entries).Signed.ToSdJwt();
        }

        using var later = new Journal(_folder.Path);
        using var again = Producer(later);
        var resumed = Assert.IsType<AppendOutcome.Admitted>(Assert.Single(await again.ResumeAsync(Now)));
        Assert.Equal(kept, resumed.Appended.Signed.ToSdJwt());
        Assert.Equal(size + 1, _world.Log.Count);
        Assert.Empty(later.Pending());
        Assert.Empty(await again.ResumeAsync(Now));
    }

    [Fact]
    public async Task Openings_survive_a_crash_after_delivery()
    {
        var lot = World.Uuid();
        var links = Give("7");
        using (var journal = new Journal(_folder.Path))
        using (var producer = Producer(journal))
        {
            await producer.AppendAsync(lot, Lot(), cancellation: Now);
            Enumerable.Repeat(Weather.AnswerLost, AtOnce.Tries).ToList().ForEach(_door.Ahead.Enqueue);
            await Assert.ThrowsAsync<LedgerApiException>(() => producer.AppendAsync(lot, new Allocated(), links, cancellation: Now));
        }

        using var later = new Journal(_folder.Path);
        using var again = Producer(later);
        var resumed = Assert.IsType<AppendOutcome.Admitted>(Assert.Single(await again.ResumeAsync(Now)));
        Assert.Equal(links.Given[0].Opening, Assert.Single(resumed.Appended.Handed).Opening);
    }

    [Fact]
    public async Task A_half_written_file_was_never_sent_and_is_forgotten()
    {
        using (new Journal(_folder.Path))
        {
            await File.WriteAllTextAsync(_folder["pending/000000000001.json.half"], "[{\"sdJ", Now);
        }

        using var journal = new Journal(_folder.Path);
        Assert.Empty(journal.Pending());
        Assert.False(File.Exists(_folder["pending/000000000001.json.half"]));
    }

    [Fact]
    public void Two_processes_do_not_share_a_journal()
    {
        using var journal = new Journal(_folder.Path);
        Assert.Throws<IOException>(() => new Journal(_folder.Path));
    }

    [Fact]
    public async Task A_receipt_altered_on_the_way_is_not_believed_and_the_entry_stays_in_the_journal()
    {
        using var journal = new Journal(_folder.Path);
        using var producer = Producer(journal);
        _door.Alter = receipt => receipt.Replace("index 2", "index 1", StringComparison.Ordinal);
        var failed = await Assert.ThrowsAsync<LedgerApiException>(() => producer.AppendAsync(World.Uuid(), Lot(), cancellation: Now));
        Assert.Equal(LedgerApiException.AnswerUnsound, failed.Code);
        Assert.Single(journal.Pending());

        _door.Alter = text => text;
        Assert.IsType<AppendOutcome.Admitted>(Assert.Single(await producer.ResumeAsync(Now)));
    }

    [Fact]
    public async Task A_receipt_by_another_logs_key_is_not_believed()
    {
        using var journal = new Journal(_folder.Path);
        using var producer = new Producer(_door.Api(), World.Origin, _mine.KeyId, _mine.Key, [new NoteVerifier(World.Origin, SigningKey.Generate().VerifyingKey)], journal) { Patience = AtOnce };
        var failed = await Assert.ThrowsAsync<LedgerApiException>(() => producer.AppendAsync(World.Uuid(), Lot(), cancellation: Now));
        Assert.Equal(LedgerApiException.AnswerUnsound, failed.Code);
    }

    [Fact]
    public async Task A_moved_chain_is_signed_for_again_only_when_the_caller_allows()
    {
        using var journal = new Journal(_folder.Path);
        using var producer = Producer(journal);
        var lot = World.Uuid();
        await producer.AppendAsync(lot, Lot(), cancellation: Now);

        // The same operator, elsewhere.
        using var other = new Folder();
        using var otherJournal = new Journal(other.Path);
        using var elsewhere = Producer(otherJournal);
        await elsewhere.AppendAsync(lot, new Allocated(), Give("1"), cancellation: Now);

        var moved = await Assert.ThrowsAsync<LedgerApiException>(() => producer.AppendAsync(lot, new Allocated(), Give("2"), cancellation: Now));
        Assert.Equal("chain-moved", moved.Code);
        Assert.Equal(1, moved.Head!.Value.Sequence);
        Assert.Empty(journal.Pending());

        await producer.AppendAsync(lot, new Allocated(), Give("2"), cancellation: Now);
        var appended = await elsewhere.AppendAsync(lot, new Allocated(), Give("3"), resign: 1, cancellation: Now);
        Assert.Equal(3, appended.Signed.Entry.Sequence);
    }

    [Fact]
    public async Task A_closed_chain_tells_its_head_to_whoever_may_write_there()
    {
        var lot = World.Uuid();
        using (var journal = new Journal(_folder["first"]))
        using (var producer = Producer(journal))
        {
            await producer.AppendAsync(lot, Lot(), cancellation: Now);
        }

        _door.ShowsHeads = false;
        using var later = new Journal(_folder["later"]);
        using var again = Producer(later);
        Assert.Equal(1, (await again.AppendAsync(lot, new Allocated(), Give("1"), cancellation: Now)).Signed.Entry.Sequence);
    }

    [Fact]
    public async Task What_cannot_be_right_is_refused_here_and_never_sent()
    {
        using var journal = new Journal(_folder.Path);
        using var producer = Producer(journal);
        var refused = await Assert.ThrowsAsync<LedgerApiException>(() => producer.AppendAsync(World.Uuid(), Lot() with { Mass = null }, cancellation: Now));
        Assert.Equal("data-invalid", refused.Code);
        Assert.Null(refused.Status);
        Assert.Empty(_door.Arrived);
        Assert.Empty(journal.Pending());
    }

    [Fact]
    public async Task Many_are_said_in_windows_and_a_refused_one_takes_its_successors_with_it()
    {
        using var journal = new Journal(_folder.Path);
        using var producer = Producer(journal);
        string good = World.Uuid(), empty = World.Uuid();
        List<Statement> statements =
        [
            new(good, EventEncoding.Of(Lot())),
            new(empty, EventEncoding.Of(Lot())),
            new(good, EventEncoding.Of(new Allocated(), Give("1"))),
            new(empty, EventEncoding.Of(new Allocated(), Give("5000"))),
            new(empty, EventEncoding.Of(new Allocated(), Give("1"))),
            new(good, EventEncoding.Of(new Allocated(), Give("1"))),
        ];
        _door.Ahead.Enqueue(Weather.AnswerLost);
        var outcomes = new List<bool>();
        await foreach (var outcome in producer.AppendManyAsync(statements, window: 4, Now))
        {
            outcomes.Add(outcome is AppendOutcome.Admitted);
        }

        // The last two are a window of their own: there the head is asked for again.
        Assert.Equal([true, true, true, false, true, true], outcomes);
        Assert.Empty(journal.Pending());
        Assert.Equal(2 + 5, _world.Log.Count);
    }

    [Fact]
    public async Task A_signer_elsewhere_is_as_good_as_a_key_here()
    {
        using var journal = new Journal(_folder.Path);
        using var producer = new Producer(_door.Api(), World.Origin, _mine.KeyId, input => _mine.Key.Sign(input), [_door.VerifierKey], journal) { Patience = AtOnce };
        Assert.Equal(_world.Log.Count, (await producer.AppendAsync(World.Uuid(), Lot(), cancellation: Now)).Index);
    }

    private Producer Producer(Journal journal) => new(_door.Api(), World.Origin, _mine.KeyId, _mine.Key, [_door.VerifierKey], journal) { Patience = AtOnce };

    private static LotExtracted Lot() => new()
    {
        Open = false,
        Mineral = Mineral.Lithium,
        Product = "spodumene concentrate",
        Site = new Place { Country = "AU" },
        Mass = Quantity.Parse("1000"),
        Content = [new ElementMass { Element = Mineral.Lithium, Mass = Quantity.Parse("30") }],
    };

    private static EntryLinks Give(string quantity) => new() { Given = [new GoodsGiven(World.Uuid(), "did:web:maker.example", Quantity.Parse(quantity))] };
}
