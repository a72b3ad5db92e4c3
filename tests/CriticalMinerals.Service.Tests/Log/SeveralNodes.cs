using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Log;
using CriticalMinerals.Service.Tests.Postgres;
using Npgsql;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>Several nodes on one database and one pin, killed, stopped and resumed while clients speak to all of them in turn.</summary>
public sealed class SeveralNodes(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_killed_stopped_and_resumed_under_load_keep_one_tree_and_the_checkpoint_never_goes_back()
    {
        await using var world = await World.AnOpenLogAsync(postgres, nodes: 3);
        var clients = await Client.ManyAsync(world, World.IsFullSize ? 24 : 6);
        var watch = new CheckpointWatch(world);
        using var stop = new CancellationTokenSource();
        Task[] running = [.. clients.Select(c => c.WriteAsync(stop.Token)), .. Enumerable.Range(0, 2).Select(poller => watch.PollAsync(poller, stop.Token))];
        var random = new Random(5);
        for (var round = 0; round < (World.IsFullSize ? 30 : 2); round++)
        {
            var node = World.IsFullSize ? random.Next(world.Nodes) : round + 1;
            await ReachAsync(world, 20 + random.Next(30), running);
            if (World.IsFullSize ? random.Next(3) == 0 : round == 0)
            {
                await world.KillAsync(node);
                await ReachAsync(world, 20, running);
                await world.StartAsync(node);
            }
            else
            {
                await world.Node(node).PauseAsync();
                try
                {
                    // In the full size past every timeout of the database and the pin.
                    var pause = Task.Delay(TimeSpan.FromSeconds(World.IsFullSize ? 12 : 0), Cancel);
                    await ReachAsync(world, 40, running);
                    await pause;
                }
                finally
                {
                    await world.Node(node).ResumeAsync();
                }
            }
        }

        await ReachAsync(world, 40, running);
        await stop.CancelAsync();
        await Task.WhenAll(running);
        for (var node = 0; node < world.Nodes; node++)
        {
            await IndependentAudit.AcceptsAsync(world, node);
        }

        await watch.AcceptsAsync();
    }

    /// <summary>The worst moment to stop: everything written, nothing committed, the log's one lock held.</summary>
    [Fact]
    public async Task A_node_stopped_inside_its_transaction_loses_it_and_the_others_go_on()
    {
        await using var world = await World.AnOpenLogAsync(postgres, nodes: 2);
        var miner = await world.AnAsync(Role.Miner);
        await using var gate = new NpgsqlConnection(world.OwnerConnection);
        await gate.OpenAsync(Cancel);
        await using var hold = new NpgsqlCommand(
            """
            create function ledger.hold() returns trigger language plpgsql as $hold$ begin perform pg_advisory_xact_lock(1); return new; end $hold$;
            create trigger hold before insert on ledger.leaf for each row execute function ledger.hold();
            select pg_advisory_lock(1);
            """,
            gate);
        await hold.ExecuteNonQueryAsync(Cancel);
        var first = world.Says.Extracts(miner, Author.Uuid());
        var unanswered = world.PostAsync(first, node: 0);
        while (await world.AskAsync<long>("select count(*) from pg_locks where not granted and locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())") == 0)
        {
            // Each question takes its time; the run's own limit ends it.
        }

        await world.Node(0).PauseAsync();
        await using var let = new NpgsqlCommand("select pg_advisory_unlock(1)", gate);
        await let.ExecuteNonQueryAsync(Cancel);
        var second = await world.PostAsync(world.Says.Extracts(miner, Author.Uuid()), node: 1);
        var isLost = await world.AskAsync<long>($"select count(*) from ledger.leaf where chain = '{first.Entry.Subject}'") == 0;
        await world.Node(0).ResumeAsync();
        var answer = await unanswered;

        Assert.True(second.Status == 201, second.ToString());
        Assert.True(isLost);
        Assert.True(answer.Status == 201, answer.ToString()); // It decided once more, after the other.
        Assert.Equal(second.Index + 1, answer.Index);
        await world.DoAsync("drop trigger hold on ledger.leaf");
        await IndependentAudit.AcceptsAsync(world);
        await IndependentAudit.AcceptsAsync(world, node: 1);
    }

    /// <summary>Where the server's own timeout does not look: the session is inside a statement that waits for more from its client.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task A_session_silent_inside_a_statement_is_ended_by_who_waits_for_the_log(bool ownLogin)
    {
        var (owner, service) = await postgres.CreateDatabaseAsync();
        var impatient = new NpgsqlConnectionStringBuilder(ownLogin ? service : owner) { Options = "-c idle_in_transaction_session_timeout=200", Pooling = false }.ConnectionString;
        await using var source = await Migration.RunAsync(owner, impatient, Cancel);
        await new TreeStore(source).CreateAsync("ledger.example.com/log/silent", Guid.NewGuid(), DateTimeOffset.UnixEpoch, Cancel);
        await using var silent = await source.OpenConnectionAsync(Cancel);
        await using var begun = await silent.BeginTransactionAsync(Cancel);
        await BatchStore.LockAsync(silent, Cancel);
        var copy = await silent.BeginTextImportAsync("copy ledger.caller_token from stdin", Cancel);

        await using (var waiting = await source.OpenConnectionAsync(Cancel))
        {
            await using var transaction = await waiting.BeginTransactionAsync(Cancel);
            var held = await Assert.ThrowsAsync<PostgresException>(() => BatchStore.LockAsync(waiting, Cancel));
            Assert.Equal(PostgresErrorCodes.LockNotAvailable, held.SqlState);
        }

        await using (var ending = await source.OpenConnectionAsync(Cancel))
        {
            await using var transaction = await ending.BeginTransactionAsync(Cancel);
            Assert.Equal(1, await BatchStore.EndSilentAsync(ending, Cancel));
        }

        await using var next = await source.OpenConnectionAsync(Cancel);
        await using var going = await next.BeginTransactionAsync(Cancel);
        Assert.Equal(0, (await BatchStore.LockAsync(next, Cancel)).Size);
        await Assert.ThrowsAnyAsync<Exception>(() => copy.DisposeAsync().AsTask());
    }

    [Fact]
    public void A_pin_whose_lock_is_never_given_back_is_taken_over_and_what_its_holder_writes_later_is_void()
    {
        using var folder = new DataFolder();
        var pin = new Pin(folder.Path) { Patience = TimeSpan.FromMilliseconds(100) };
        var id = Guid.NewGuid();
        PinnedTree Of(int size) => new(id, size, Digest.OfLeaf([(byte)size]));
        pin.Create(Of(0));
        Assert.Equal(Of(1), pin.Advance(Of(0), Of(1)));
        using var file = new FileStream(pin.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using (new FileStream(pin.Path + ".lock0", FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            // Reading waits for nobody. Of two that would move it, one does.
            Assert.Equal(Of(1), pin.Read());
            var moved = new PinnedTree[2];
            Parallel.For(0, 2, i => moved[i] = new Pin(folder.Path) { Patience = pin.Patience }.Advance(Of(1), Of(2 + i)));
            Assert.Equal(moved[0], moved[1]);
            Assert.Equal(moved[0], pin.Read());

            file.Write(new byte[256]);
            Assert.Equal(moved[0], pin.Read());
            Assert.Equal(Of(9), pin.Advance(moved[0], Of(9)));
        }

        Assert.Equal(Of(9), new Pin(folder.Path).Read());
    }

    [Fact]
    public void A_pin_that_many_move_at_once_is_moved_by_one_at_a_time()
    {
        using var folder = new DataFolder();
        var id = Guid.NewGuid();
        PinnedTree Of(long size) => new(id, size, Digest.OfLeaf(BitConverter.GetBytes(size)));
        new Pin(folder.Path).Create(Of(0));
        var won = new ConcurrentBag<long>();
        Parallel.For(0, 4, mover =>
        {
            var pin = new Pin(folder.Path);
            for (var current = pin.Read()!; current.Size < 200;)
            {
                var next = new PinnedTree(id, current.Size + 1, Digest.OfLeaf([(byte)mover, (byte)current.Size]));
                var now = pin.Advance(current, next);
                if (now == next)
                {
                    won.Add(next.Size);
                }

                Assert.True(now.Size > current.Size);
                current = now;
            }
        });
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), won.Order());
    }

    private static async Task ReachAsync(World world, int more, Task[] running)
    {
        for (var enough = world.Acknowledged.Count + more; world.Acknowledged.Count < enough;)
        {
            // Who has failed says why, at once.
            await Task.WhenAll(running.Where(r => r.IsCompleted));
            await Task.Delay(10, Cancel);
        }
    }

    /// <summary>A request to a node that may be gone or stand still: null when it does not answer.</summary>
    private static async Task<(int Status, string Text)?> TryAsync(World world, int node, HttpMethod method, string path, byte[]? entry = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(World.IsFullSize ? 8 : 3));
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (entry is not null)
            {
                request.Content = new ByteArrayContent(entry);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/sd-jwt");
            }

            using var response = await world.Http(node).SendAsync(request, patience.Token);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(patience.Token));
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException || (lost is OperationCanceledException && !Cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Says one thing after the other on a chain of its own, each to the next node, and again to the next until it is answered.</summary>
    private sealed class Client(World world, Party maker, string battery, int node)
    {
        private int _node = node;

        public static async Task<Client[]> ManyAsync(World world, int count)
        {
            var maker = await world.AnAsync(Role.BatteryMaker);
            return await Task.WhenAll(Enumerable.Range(0, count).Select(async i => new Client(world, maker, (await world.ABatteryOnTheMarketAsync()).Entry.Subject, i)));
        }

        public async Task WriteAsync(CancellationToken stop)
        {
            await Task.Yield();
            while (!stop.IsCancellationRequested)
            {
                var entry = world.Says.Measures(maker, battery);
                while (!await IsInAsync(entry, _node++ % world.Nodes))
                {
                    // The next node may know what the one before has committed.
                }

                world.Says.Stands(entry);
            }
        }

        private async Task<bool> IsInAsync(SignedEntry entry, int node)
        {
            if (await TryAsync(world, node, HttpMethod.Post, "/entries", Encoding.ASCII.GetBytes(entry.ToSdJwt())) is not var (status, text) || status == 503)
            {
                return false;
            }

            Assert.True(status is 200 or 201, $"{status} {text}");
            world.Acknowledged.Enqueue((entry, long.Parse(text.Split('\n')[1]["index ".Length..], CultureInfo.InvariantCulture), text));
            return true;
        }
    }

    /// <summary>Everything that <c>/checkpoint</c> said, whichever node answered.</summary>
    private sealed class CheckpointWatch(World world)
    {
        private readonly ConcurrentDictionary<string, bool> _seen = new();
        private long _largest;

        public async Task PollAsync(int poller, CancellationToken stop)
        {
            await Task.Yield();
            for (var node = poller; !stop.IsCancellationRequested; node++)
            {
                // Who asks after an answer of this size was seen must not be shown a smaller one.
                var least = Volatile.Read(ref _largest);
                if (await TryAsync(world, node % world.Nodes, HttpMethod.Get, "/checkpoint") is var (status, note) && status == 200)
                {
                    var size = (long)Of(note).Size;
                    Assert.True(size >= least, $"Node {node % world.Nodes} said {size} after {least} had been said.");
                    for (var known = least; size > known && Interlocked.CompareExchange(ref _largest, size, known) is var other && other != known; known = other)
                    {
                    }

                    _seen.TryAdd(note, true);
                }

                await Task.Delay(5, Cancel);
            }
        }

        /// <summary>Each is signed, one root a size, and each goes on from the one before.</summary>
        public async Task AcceptsAsync()
        {
            Checkpoint[] seen = [.. _seen.Keys.Select(Of).OrderBy(c => c.Size)];
            Assert.True(seen.Length > 1);
            Assert.Equal(seen.Length, seen.Select(c => c.Size).Distinct().Count());
            var tiles = world.Tiles(seen[^1].Size);
            foreach (var (before, after) in seen.Zip(seen.Skip(1)))
            {
                var (proof, fault) = await tiles.ConsistencyAsync(before.Size, after.Size, Cancel);
                Assert.True(proof is not null, fault?.Detail);
                Assert.Null(proof.Verify(before.Root, after.Root));
            }
        }

        private Checkpoint Of(string note)
        {
            var verified = SignedNote.Parse(note, out var fault)?.Verify([new NoteVerifier(world.Says.Origin, world.Says.LogKey.Key.VerifyingKey)], out fault);
            return (verified is null ? null : Checkpoint.From(verified, out fault)) ?? throw new InvalidOperationException($"{fault}: {note}");
        }
    }
}
